"""``com.vmware.vcenter.vm.power``: a machine switched by its hardware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.faults import VimFault
from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.identity import VM, PowerState, machine, power_of
from hvsim_fakes.vcenter.rest.operations import Route, operation, reading
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

POWER: Final = "com.vmware.vcenter.vm.power"
_PATH: Final = "/vcenter/vm/{vm}/power"
_CODE: Final = "com.vmware.api.vcenter.vm.power"
_WORDS: Final[dict[PowerState, str]] = {
    "POWERED_OFF": "powered off",
    "POWERED_ON": "powered on",
    "SUSPENDED": "suspended",
}


class PowerInfo(Structure):
    """A machine's power; ``clean_power_off`` is set when it is off."""

    vapi = "com.vmware.vcenter.vm.power.info"
    state: PowerState
    clean_power_off: bool | None = None


@operation(f"{POWER}.get", reading(_PATH), takes=VM)
def get(call: Call, vm: str) -> PowerInfo:
    """Return a machine's power."""
    found = machine(call, vm)
    state = power_of(found)
    clean = bool(found["runtime.cleanPowerOff"]) if state == "POWERED_OFF" else None
    return PowerInfo(state=state, clean_power_off=clean)


def _action(name: str) -> Route:
    return Route("POST", _PATH, action=name, old_path=f"{_PATH}/{name}")


@operation(
    f"{POWER}.start",
    _action("start"),
    takes=VM,
    privilege="VirtualMachine.Interact.PowerOn",
    is_write=True,
    locked=False,
)
def start(call: Call, vm: str) -> None:
    """Power a machine on, or resume it."""
    _switch(call, vm, "PowerOnVM_Task", already="POWERED_ON")


@operation(
    f"{POWER}.stop",
    _action("stop"),
    takes=VM,
    privilege="VirtualMachine.Interact.PowerOff",
    is_write=True,
    locked=False,
)
def stop(call: Call, vm: str) -> None:
    """Cut a machine's power."""
    _switch(call, vm, "PowerOffVM_Task", already="POWERED_OFF")


@operation(
    f"{POWER}.suspend",
    _action("suspend"),
    takes=VM,
    privilege="VirtualMachine.Interact.Suspend",
    is_write=True,
    locked=False,
)
def suspend(call: Call, vm: str) -> None:
    """Suspend a running machine."""
    _switch(call, vm, "SuspendVM_Task", already="SUSPENDED", impossible=("POWERED_OFF",))


@operation(
    f"{POWER}.reset",
    _action("reset"),
    takes=VM,
    privilege="VirtualMachine.Interact.Reset",
    is_write=True,
    locked=False,
)
def reset(call: Call, vm: str) -> None:
    """Reset a running machine."""
    _switch(call, vm, "ResetVM_Task", impossible=("POWERED_OFF", "SUSPENDED"))


def _switch(
    call: Call,
    vm: str,
    method: str,
    *,
    already: PowerState | None = None,
    impossible: tuple[PowerState, ...] = (),
) -> None:
    """Carry a power operation out and wait for its end.

    Args:
        already: the state that it leads to.
        impossible: the states in which it is not allowed.
    """
    with call.world.access():
        found = machine(call, vm)
        state = power_of(found)
        if state == already:
            raise _refused(
                "already_in_desired_state", found, f"already_{state.lower()}", "already "
            )
        if state in impossible:
            raise _refused("not_allowed_in_current_state", found, state.lower())
    try:
        call.carry_out(found.ref, method)
    except VimFault as fault:
        code = f"{_CODE}.{method.removesuffix('VM_Task').lower()}_failed"
        raise errors.from_vim(fault, errors.message(code, "The power operation failed.")) from fault


def _refused(name: str, vm: ManagedObject, code: str, already: str = "") -> errors.VapiError:
    state = _WORDS[power_of(vm)]
    return errors.VapiError(
        name,
        errors.message(f"{_CODE}.{code}", f"Virtual machine is {already}{state}."),
        errors.message(
            "vmsg.InvalidPowerState.summary",
            "The attempted operation cannot be performed in the current state "
            f"({state.capitalize()}).",
        ),
    )
