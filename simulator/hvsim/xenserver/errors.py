"""XenServer's refusals, in XenAPI's own error vocabulary."""

from __future__ import annotations

from typing import Final

from hvsim.errors import Refusal
from hvsim.operations import Forced, InternalError


class XenError(Refusal):
    """An error XenServer answers with.

    Args:
        code: the API's error code, e.g. ``VM_BAD_POWER_STATE``.
        params: its parameters as the current release orders them; older releases' shapes are
            made where the error is put on the wire.
    """

    def __init__(self, code: str, *params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(": ".join((code, ", ".join(params))) if params else code)

    @property
    def description(self) -> list[str]:
        """Code and parameters in one list, as tasks and emergency states keep them."""
        return [self.code, *self.params]


Forced.vocabularies["xenserver"] = XenError


UNFORESEEN: Final = XenError("INTERNAL_ERROR", "hvsim failed at this call; its log has the details")
"""What a client is told of a fault of the simulator itself."""


def as_xen_error(error: BaseException) -> XenError:
    """Return the error as XenServer reports it; anything unforeseen is an internal error."""
    if isinstance(error, XenError):
        return error
    if isinstance(error, InternalError):
        return UNFORESEEN
    return XenError("INTERNAL_ERROR", str(error))
