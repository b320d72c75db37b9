"""vCenter's refusals, in vim25's own fault types."""

from __future__ import annotations

from typing import Any, Final

from hvsim.errors import Refusal
from hvsim.operations import Cancelled, Forced
from hvsim.vcenter.values import Data, Ref, data

_MESSAGES: Final = {
    "AlreadyExists": "The specified key, name, or identifier '{name}' already exists.",
    "DuplicateName": "The name '{name}' already exists.",
    "HostNotConnected": "Unable to communicate with the remote host, since it is disconnected.",
    "InsufficientResourcesFault": "The operation failed due to insufficient resources.",
    "InvalidArgument": "A specified parameter was not correct: {invalidProperty}",
    "InvalidLogin": "Cannot complete login due to an incorrect user name or password.",
    "InvalidPowerState": (
        "The attempted operation cannot be performed in the current state ({existingState})."
    ),
    "InvalidProperty": "The property '{name}' is not valid.",
    "InvalidState": "The operation is not allowed in the current state.",
    "ManagedObjectNotFound": (
        "The object '{obj}' has already been deleted or has not been completely created"
    ),
    "NoPermission": "Permission to perform this operation was denied.",
    "NotAuthenticated": "The session is not authenticated.",
    "NotFound": "The object or item referred to could not be found.",
    "NotSupported": "The operation is not supported on the object.",
    "RequestCanceled": "The task was canceled by a user.",
    "TaskInProgress": "The operation is not allowed: another task is already in progress.",
    "Timedout": "Operation timed out.",
    "ToolsUnavailable": (
        "Cannot complete operation because VMware Tools is not running in this virtual machine."
    ),
}


class VimFault(Refusal):
    """A fault vCenter answers a call with, or ends a task with.

    Args:
        name: the fault's vim25 type, e.g. ``InvalidPowerState``.
        fields: what is set of its fields, as vim25 names them. ``msg`` is no field but the text
            that clients show; each common fault has one already.
    """

    def __init__(self, name: str, /, *, msg: str | None = None, **fields: Any) -> None:
        self.name = name
        self.fields = {key: value for key, value in fields.items() if value is not None}
        self.message = _message(name, self.fields) if msg is None else msg
        told = ", ".join(f"{key}={value}" for key, value in self.fields.items())
        super().__init__(f"{name}({told})" if told else name)

    @property
    def fault(self) -> Data:
        """The fault as a data object."""
        return Data(self.name, self.fields)

    @property
    def localized(self) -> Data:
        """The fault as tasks and events keep it (``LocalizedMethodFault``)."""
        return data("LocalizedMethodFault", fault=self.fault, localizedMessage=self.message)


def not_found(ref: Ref) -> VimFault:
    """Return the fault about an object that is not there (any more)."""
    return VimFault("ManagedObjectNotFound", obj=ref)


def bad_argument(name: str) -> VimFault:
    """Return the fault about a parameter or a field of one, by its path."""
    return VimFault("InvalidArgument", invalidProperty=name)


def as_fault(error: BaseException) -> VimFault:
    """Return an error as vCenter reports it; anything unforeseen is a ``SystemError``."""
    if isinstance(error, VimFault):
        return error
    if isinstance(error, Cancelled):
        return VimFault("RequestCanceled")
    return VimFault("SystemError", reason="", msg="A general system error occurred: " + str(error))


def _message(name: str, fields: dict[str, Any]) -> str:
    text = _MESSAGES.get(name)
    if text is None:
        return f"A fault of type {name} occurred."
    try:
        return text.format(**fields)
    except KeyError:
        return text.partition(":")[0]


def _forced(name: str, *params: str) -> VimFault:
    """Return a fault that the lab asks for; a parameter is its message."""
    return VimFault(name, msg=params[0] if params else None)


Forced.vocabularies["vcenter"] = _forced
