"""What VMM refuses with: its own error numbers, texts and recommended actions.

A number marked as recalled stands as somebody remembered it: no page at hand confirms it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from hvsim.errors import Refusal
from hvsim.operations import Cancelled, Forced


@dataclass(frozen=True, slots=True)
class Text:
    """An error as VMM tells it.

    Attributes:
        problem: the sentence, with fields in braces.
        action: what VMM recommends.
        category: PowerShell's category of the error record.
        recalled: whether the number or the wording is from memory only.
    """

    problem: str
    action: str = "Resolve the issue and then try the operation again."
    category: str = "InvalidOperation"
    recalled: bool = False


_READ: Final = "ReadError"
TEXTS: Final[dict[int, Text]] = {
    640: Text(
        "The virtual machine must be in either the Poweroff or Stored state before VMM can perform"
        " the specified hardware changes.",
        "Turn off the virtual machine or store it to the library, and then try the operation"
        " again.",
        _READ,
    ),
    801: Text(
        "VMM cannot find {kind} object {name}.",
        "Ensure the library object is valid, and then try the operation again.",
        _READ,
    ),
    802: Text(
        "The '{kind}' '{name}' is already in use by another '{other}'.",
        "Wait for the object to become available, and then try the operation again.",
        _READ,
    ),
    1604: Text(
        "You cannot contact the Virtual Machine Manager server. The credentials provided have"
        " insufficient privileges on {name}.",
        "Ensure that your account has access to the Virtual Machine Manager server {name}, and"
        " then try the operation again.",
        "PermissionDenied",
        recalled=True,
    ),
    1602: Text(
        "Unable to connect to the Virtual Machine Manager server {name}. The Virtual Machine"
        " Manager service on that server did not respond.",
        "Verify that Virtual Machine Manager has been installed on the server and that the Virtual"
        " Machine Manager service is running. Then try to connect again.",
        "ObjectNotFound",
        recalled=True,
    ),
    1612: Text(
        "The connection to the Virtual Machine Manager server {name} was lost.",
        "Ensure the server is running, and try the operation again.",
        "ConnectionError",
        recalled=True,
    ),
    1730: Text(
        "The selected action could not be completed because the virtual machine is not in a state"
        " in which the action is valid.",
        "Update the virtual machine status, and then try the operation again.",
    ),
    2602: Text(
        "Unable to perform the job because one or more of the selected objects are locked by"
        " another job.",
        "To find out which job is locking the object, in the Jobs view, group by Status, and find"
        " the running or canceling job for the object. When the job is complete, try again.",
        "ResourceBusy",
    ),
    2606: Text(
        "Unable to perform the job because one of the selected objects is not available: {name}.",
        recalled=True,
    ),
    2904: Text(
        "VMM could not find the specified path {name} on the {server} server.",
        "Ensure that you have specified a valid path, and then try the operation again.",
        "ObjectNotFound",
    ),
    2910: Text(
        "VMM does not have appropriate permissions to access the resource {name} on the {server}"
        " server.",
        "Ensure that Virtual Machine Manager has the appropriate rights to perform this action.",
        "PermissionDenied",
    ),
    2911: Text(
        "Insufficient resources are available on the {server} server to complete this operation.",
        "Ensure that there is enough memory on the server, and then try the operation again.",
        "ResourceUnavailable",
    ),
    2912: Text(
        "An internal error has occurred trying to contact an agent on the {server} server.",
        "Ensure the agent is installed and running. Ensure the WS-Management service is installed"
        " and running, then restart the agent.",
        "ConnectionError",
    ),
    2916: Text(
        "VMM is unable to complete the request. The connection to the agent {server} was lost.",
        "Ensure that the WS-Management service and the agent are installed and running and that a"
        " firewall is not blocking HTTP traffic, and then try the operation again.",
        "ConnectionError",
    ),
    2923: Text(
        "VMM is unable to complete the requested operation because the server {server} is not"
        " responding.",
        "Ensure the server is powered on and reachable, and then try the operation again.",
        "ConnectionError",
        recalled=True,
    ),
    3124: Text("The job was canceled by {user}.", "None.", "OperationStopped", recalled=True),
    10209: Text(
        "The virtual machine {name} cannot be moved to the host {server}: it is there already.",
        recalled=True,
    ),
    10608: Text(
        "Cannot create a highly available virtual machine because Virtual Machine Manager could"
        " not locate or access {name}.",
        "Ensure that the host is a node of a failover cluster, and then try the operation again.",
        recalled=True,
    ),
    10698: Text(
        "Virtual Machine Manager cannot locate the highly available resource of {name}.",
        "Refresh the virtual machine, and then try the operation again.",
        recalled=True,
    ),
    12700: Text(
        "VMM cannot complete the host operation on the {server} server because of the error:"
        " {detail}",
        recalled=True,
    ),
    12711: Text(
        "VMM cannot complete the WMI operation on the server {server} because of an error:"
        " {detail}",
    ),
    13226: Text(
        "The host {server} cannot be used: it is in maintenance mode or not available for"
        " placement.",
        "Make the host available for placement, and then try the operation again.",
        recalled=True,
    ),
    13926: Text(
        "Host cluster {name} was not fully refreshed because not all of the nodes could be"
        " contacted.",
        "Ensure that all the nodes are online and reachable, and then refresh the cluster.",
    ),
    23234: Text(
        "The refresh of virtual machines on the host {server} is incomplete: an object is locked.",
    ),
    23801: Text(
        "No connection to the destination host {server} could be established for the migration.",
        recalled=True,
    ),
    23008: Text(
        "The VM {name} cannot be migrated to host {server} due to incompatibility issues. {detail}",
        recalled=True,
    ),
    25001: Text(
        "A {kind} called {name} exists already.",
        "Specify another name, and then try the operation again.",
        "ResourceExists",
        recalled=True,
    ),
    25006: Text(
        "The {kind} {name} cannot be removed: it is used by {other}.",
        recalled=True,
    ),
    50002: Text(
        "The value {name} of the parameter {parameter} is not valid.",
        "Specify another value, and then try the operation again.",
        "InvalidArgument",
        recalled=True,
    ),
    50003: Text(
        "The operation {name} is not supported by this version of Virtual Machine Manager.",
        category="NotImplemented",
        recalled=True,
    ),
}
"""By number. Confirmed by pages of the maker or by a client's recorded answers: those not marked
as recalled."""


class VmmError(Refusal):
    """An error of VMM's, by its number.

    Args:
        number: what ``Error ID`` shows.
        detail: what ``Detailed Error`` shows, usually nothing.
        fields: what the text names.
    """

    def __init__(self, number: int, /, *, detailed: str = "", **fields: Any) -> None:
        self.number = number
        self.detailed = detailed
        self.fields = fields
        text = TEXTS.get(number, Text("{detail}"))
        self.category = text.category
        self.problem = _filled(text.problem, fields)
        self.action = _filled(text.action, fields)
        super().__init__(f"{self.problem} (Error ID: {number}, Detailed Error: {detailed})")


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "NO_PARAM"


def _filled(text: str, fields: dict[str, Any]) -> str:
    return text.format_map(_Known(fields))


def as_vmm(error: BaseException, user: str = "") -> VmmError:
    """Return an error as VMM reports it."""
    if isinstance(error, VmmError):
        return error
    if isinstance(error, Cancelled):
        return VmmError(3124, user=user or "a user")
    return VmmError(12700, server="VMM", detail=str(error))


def _forced(code: str, *params: str) -> Refusal:
    """Return an error that the lab asks for; its parameters are ``field=value`` or a detail."""
    fields = dict(part.partition("=")[::2] for part in params if "=" in part)
    rest = " ".join(part for part in params if "=" not in part)
    number = int(code) if code.isdigit() else 12700
    return VmmError(number, **({"detail": rest} | fields))


Forced.vocabularies["scvmm"] = _forced
