"""Errors as each release puts them on the wire.

The simulated product raises :class:`~hvsim.xenserver.errors.XenError` with the parameters of
the current release. XenServer 5.5 had other parameters for some codes, and lacked some.
Source: xapi's error declarations of June 2009 against today's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from hvsim.xenserver.errors import XenError

Description: TypeAlias = list[str]
"""Code, then parameters: ``ErrorDescription`` of a failure."""

_Shape: TypeAlias = Callable[[tuple[str, ...]], Description]


def describe(error: XenError, profile: str) -> Description:
    """Return an error's code and parameters as the profile's release orders them."""
    shape = _SHAPES.get(profile, {}).get(error.code)
    return error.description if shape is None else shape(error.params)


def _other_operation(params: tuple[str, ...]) -> Description:
    """Make ``[class, ref, operation, task]`` into ``[class.operation, ref]``."""
    if len(params) < 3:
        return ["OTHER_OPERATION_IN_PROGRESS", *params]
    cls, ref, operation = params[:3]
    return ["OTHER_OPERATION_IN_PROGRESS", f"{cls}.{operation}", ref]


def _memory_2009(params: tuple[str, ...]) -> Description:
    """Say what is there before what is needed; an evacuation names the guest alone."""
    return ["HOST_NOT_ENOUGH_FREE_MEMORY", *reversed(params)]


def _bare(code: str) -> _Shape:
    return lambda _: [code]


def _first_only(code: str) -> _Shape:
    return lambda params: [code, *params[:1]]


def _old_drivers_2009(params: tuple[str, ...]) -> Description:
    """Drivers' age was told with the micro version: ``[vm, major, minor, micro]``."""
    return ["VM_OLD_PV_DRIVERS", *params, *["0"] * (4 - len(params))]


def _old_drivers_now(params: tuple[str, ...]) -> Description:
    return ["VM_OLD_PV_DRIVERS", *params[:3]]


_DOM0_TEXTS: Final = (
    "This operation is not allowed on a control domain",
    "This operation is not allowed on dom0",
)


def _operation_not_allowed(params: tuple[str, ...]) -> Description:
    text = "Operations on domain 0 are not allowed"
    return ["OPERATION_NOT_ALLOWED", *(text if p in _DOM0_TEXTS else p for p in params)]


_SHAPES: Final[dict[str, dict[str, _Shape]]] = {
    "xenserver-5.5": {
        "OTHER_OPERATION_IN_PROGRESS": _other_operation,
        "VM_IS_TEMPLATE": _first_only("VM_IS_TEMPLATE"),
        "VM_OLD_PV_DRIVERS": _old_drivers_2009,
        "OPERATION_NOT_ALLOWED": _operation_not_allowed,
        "HOST_NOT_ENOUGH_FREE_MEMORY": _memory_2009,
        "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT": _bare("VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT"),
        "HOST_EVACUATE_VM_NOT_HA_PROTECTED": _first_only("HOST_NOT_ENOUGH_FREE_MEMORY"),
    },
    "xenserver-8": {"VM_OLD_PV_DRIVERS": _old_drivers_now},
}
