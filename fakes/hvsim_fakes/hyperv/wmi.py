r"""WMI of Windows Server 2008 and 2008 R2, which have no Hyper-V module: virtual machines alone.

``Get-WmiObject -Namespace root\virtualization -Class Msvm_ComputerSystem`` gives the host and its
machines; ``RequestStateChange`` operates them. States and return values: the published
reference of ``Msvm_ComputerSystem``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.console import HypervError
from hvsim.scvmm.fabric import State
from hvsim_fakes.hyperv.context import context_of
from hvsim_fakes.hyperv.shapes import Machine
from hvsim_fakes.powershell.cmdlet import Parameter, Table
from hvsim_fakes.powershell.errors import exception_type, record
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, method

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Body, Call

TABLE: Final = Table("Microsoft.PowerShell.Management", "Microsoft.PowerShell.Commands")
_FAULT: Final = "System.Management.ManagementException"
exception_type(_FAULT, "System.SystemException")
_STATES: Final = {State.RUNNING: 2, State.OFF: 3, State.PAUSED: 32768, State.SAVED: 32769}
_STARTED: Final = 4096
_INVALID_STATE: Final = 32775
_INVALID_PARAMETER: Final = 32773
_FAILED: Final = 32768


def _wanted(one: Machine, number: int) -> str | None:
    """Return what a requested state asks of a machine; None when there is no such state."""
    if number == 2 and one.guest.state == State.PAUSED:
        return "resume"
    known = {2: "start", 3: "turn-off", 10: "reset", 11: "reset", 32768: "pause", 32769: "save"}
    return known.get(number)


def _request(one: Machine, number: int) -> NetObject:
    """Begin a change of state; the return value tells whether it was begun."""
    to = _wanted(one, int(number))
    if to is None:
        return NetObject(_RESULT, _INVALID_PARAMETER)
    try:
        one.context.operate(one.guest, to, "Msvm_ComputerSystem.RequestStateChange")
    except HypervError as error:
        return NetObject(_RESULT, _INVALID_STATE if error.reason == "state" else _FAILED)
    return NetObject(_RESULT, _STARTED)


_RESULT: Final = NetType(
    "System.Management.ManagementBaseObject",
    OBJECT,
    properties={"__CLASS": lambda _: "__PARAMETERS", "ReturnValue": lambda value: value},
)
_MACHINE: Final = NetType(
    "System.Management.ManagementObject",
    OBJECT,
    properties={
        "__CLASS": lambda _: "Msvm_ComputerSystem",
        "Caption": lambda _: "Virtual Machine",
        "Description": lambda _: "Microsoft Virtual Machine",
        "ElementName": lambda one: one.guest.name,
        "Name": lambda one: one.guest.guid.upper(),
        "EnabledState": lambda one: _STATES[State(one.guest.state)],
        "HealthState": lambda _: 5,
    },
    methods=[method("RequestStateChange", _request, "RequestedState:System.Int32")],
)
_HOST: Final = NetType(
    "System.Management.ManagementObject",
    OBJECT,
    properties={
        "__CLASS": lambda _: "Msvm_ComputerSystem",
        "Caption": lambda _: "Hosting Computer System",
        "Description": lambda _: "Microsoft Hosting Computer System",
        "ElementName": lambda one: one.host.name.upper(),
        "Name": lambda one: one.host.name.upper(),
        "EnabledState": lambda _: 2,
        "HealthState": lambda _: 5,
    },
)


@TABLE.cmdlet(
    "Get-WmiObject",
    Parameter("Class", "string", position=0, mandatory=True),
    Parameter("Namespace", "string", default="root\\cimv2"),
    aliases=("gwmi",),
    class_name="Microsoft.PowerShell.Commands.GetWmiObjectCommand",
)
def get_wmi_object(call: Call) -> Body:
    """Give the host and its virtual machines; other classes are invalid."""
    context = context_of(call)
    space, kind = str(call.get("Namespace")).lower(), str(call.get("Class"))
    if (space, kind.lower()) != ("root\\virtualization", "msvm_computersystem"):
        context.note(call.name, "invalid class", user=call.host.user)
        call.error(_fault(f'Invalid class "{kind}"', "GetWMIManagementException", "InvalidType"))
        return
    try:
        guests = context.guests()
    except HypervError as error:
        context.note(call.name, error.reason, user=call.host.user)
        call.error(
            _fault("Provider load failure ", "GetWMIManagementException", "InvalidOperation")
        )
        return
    context.note(call.name, user=call.host.user)
    yield NetObject(_HOST, context)
    for guest in guests:
        yield NetObject(_MACHINE, Machine(context, guest))


def _fault(text: str, ident: str, category: str) -> Any:
    return record(text, ident, category, None, _FAULT)
