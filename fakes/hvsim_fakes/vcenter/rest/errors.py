"""Errors of the vSphere Automation API, made of what vim25 and the tagging service refuse with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.tagging import TaggingRefusal
from hvsim_fakes.vcenter.rest.structures import ERRORS, LocalizableMessage

if TYPE_CHECKING:
    from hvsim.errors import HvsimError
    from hvsim.vcenter.values import Data

_STATUS: Final = {
    "concurrent_change": 409,
    "error": 500,
    "internal_server_error": 500,
    "not_found": 404,
    "operation_not_found": 404,
    "service_unavailable": 503,
    "timed_out": 504,
    "unauthenticated": 401,
    "unauthorized": 403,
}
"""HTTP statuses of standard errors; 400 for every other."""
CHALLENGE: Final = 'Basic realm="VAPI endpoint"'
_FAULTS: Final = {
    "AlreadyConnected": "already_exists",
    "AlreadyExists": "already_exists",
    "ConcurrentAccess": "concurrent_change",
    "CpuHotPlugNotSupported": "not_allowed_in_current_state",
    "DuplicateName": "already_exists",
    "HostNotConnected": "resource_inaccessible",
    "HostNotReachable": "resource_inaccessible",
    "InsufficientFailoverResourcesFault": "unable_to_allocate_resource",
    "InsufficientMemoryResourcesFault": "unable_to_allocate_resource",
    "InsufficientResourcesFault": "unable_to_allocate_resource",
    "InvalidArgument": "invalid_argument",
    "InvalidDatastore": "invalid_argument",
    "InvalidDatastorePath": "invalid_argument",
    "InvalidLogin": "unauthenticated",
    "InvalidName": "invalid_argument",
    "InvalidPowerState": "not_allowed_in_current_state",
    "InvalidState": "not_allowed_in_current_state",
    "ManagedObjectNotFound": "not_found",
    "MemoryHotPlugNotSupported": "not_allowed_in_current_state",
    "NoCompatibleHost": "unable_to_allocate_resource",
    "NoPermission": "unauthorized",
    "NotAuthenticated": "unauthenticated",
    "NotFound": "not_found",
    "NotSupported": "unsupported",
    "ResourceInUse": "resource_in_use",
    "TaskInProgress": "resource_busy",
    "Timedout": "timed_out",
    "ToolsUnavailable": "service_unavailable",
}
"""Standard errors that vim25's faults become; ``error`` for every other."""


class VapiError(Exception):
    """A standard error (``not_found``) with its messages, the outermost first."""

    def __init__(self, name: str, *messages: LocalizableMessage) -> None:
        self.name = name
        self.messages = list(messages)
        super().__init__(f"{name}: {[one.default_message for one in messages]}")

    @property
    def full_name(self) -> str:
        """Its canonical name."""
        return ERRORS + self.name

    @property
    def status(self) -> int:
        """Its HTTP status."""
        return _STATUS.get(self.name, 400)

    @property
    def discriminator(self) -> str:
        """Its name among the values of ``error_type``."""
        return self.name.upper()

    @property
    def challenge(self) -> str | None:
        """How a client is to authenticate; None unless that is what is wrong."""
        return CHALLENGE if self.name == "unauthenticated" else None


def error(name: str, code: str, text: str, *arguments: str) -> VapiError:
    """Return an error with one message; ``%s`` in its text stands for its arguments."""
    return VapiError(name, message(code, text, *arguments))


def message(code: str, text: str, *arguments: str) -> LocalizableMessage:
    """Return a message; ``%s`` in its text stands for its arguments."""
    shown = text % arguments if arguments else text
    return LocalizableMessage(id=code, default_message=shown, args=list(arguments))


def unauthenticated() -> VapiError:
    """Return the error of who has no session."""
    code = "com.vmware.vapi.endpoint.method.authentication.required"
    return error("unauthenticated", code, "Authentication required.")


def invalid_login() -> VapiError:
    """Return the error of who gave a wrong name or password."""
    code = "com.vmware.vapi.endpoint.method.authentication.required"
    return error("unauthenticated", code, "Authentication required.")


def unauthorized() -> VapiError:
    """Return the error of who lacks a privilege."""
    return error("unauthorized", "vapi.security.authorization.invalid", "Unable to authorize user")


def invalid_input(detail: str) -> VapiError:
    """Return the error about input that does not fit the operation."""
    return VapiError(
        "invalid_argument",
        message("vapi.method.input.invalid", "Invalid input to method"),
        message("vapi.data.invalid", "%s", detail),
    )


def from_vim(fault: VimFault, *outer: LocalizableMessage) -> VapiError:
    """Return a vim25 fault as this API reports it, below messages of the operation's own."""
    name = _FAULTS.get(fault.name, "error")
    if name == "unauthorized":
        return unauthorized()
    return VapiError(name, *outer, _summary(fault))


def _summary(fault: VimFault) -> LocalizableMessage:
    return LocalizableMessage(id=f"vmsg.{fault.name}.summary", default_message=fault.message)


def from_refusal(refusal: HvsimError) -> VapiError:
    """Return whatever the simulated product refused with as this API reports it."""
    if isinstance(refusal, VimFault):
        return from_vim(refusal)
    if isinstance(refusal, TaggingRefusal):
        return error(refusal.error, refusal.code, refusal.text, *refusal.arguments)
    return error("error", "com.vmware.vapi.std.errors.error", "%s", str(refusal))


def internal() -> VapiError:
    """Return the error of a fault of the service itself."""
    code = "vapi.method.invoke.exception"
    return error("internal_server_error", code, "Error in method invocation")


def of_data(fault: Data, text: str) -> VapiError:
    """Return a fault that a task keeps as this API reports it."""
    return from_vim(VimFault(fault.type, msg=text, **fault.fields))
