"""Machines as operations name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call
    from hvsim_fakes.vcenter.rest.operations import Fields

VM: Final[Fields] = {"vm": str}
"""The parameter of operations on one machine."""
PowerState = Literal["POWERED_OFF", "POWERED_ON", "SUSPENDED"]
POWER_STATES: Final[dict[str, PowerState]] = {
    "poweredOff": "POWERED_OFF",
    "poweredOn": "POWERED_ON",
    "suspended": "SUSPENDED",
}


def machine(call: Call, identifier: str) -> ManagedObject:
    """Return a machine, or raise ``not_found``."""
    code = "com.vmware.api.vcenter.vm.not_found"
    return call.object("VirtualMachine", identifier, code, "Virtual machine")


def power_of(vm: ManagedObject) -> PowerState:
    """Return a machine's power state."""
    return POWER_STATES[vm["runtime.powerState"]]
