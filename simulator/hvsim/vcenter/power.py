"""Power of virtual machines: on, off, reset, suspend, and what their Tools are asked to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.vcenter import admission, event, guest, ha, placement, task
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Ref, data

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter

START: Final = 3.0
STOP: Final = 2.0
RESET: Final = 1.0
SHUTDOWN: Final = 15.0
"""Seconds a guest's own shutdown takes."""
MIB: Final = 2**20


def require(vcenter: VCenter, vm: Ref, *states: str) -> str:
    """Return a machine's power state; refuse one that is not among ``states`` or not connected."""
    runtime = vcenter.store.value(vm, "runtime")
    if runtime["connectionState"] != "connected":
        raise unreachable(vcenter, vm)
    if vcenter.store.value(vm, "config.template") and "poweredOn" not in states:
        raise VimFault("NotSupported", msg="The virtual machine is a template.")
    state: str = runtime["powerState"]
    if states and state not in states:
        raise VimFault(
            "InvalidPowerState",
            requestedState=None if len(states) > 1 else states[0],
            existingState=state,
        )
    return state


def unreachable(vcenter: VCenter, vm: Ref) -> VimFault:
    """Return the fault of what is asked of a machine that is not connected."""
    store = vcenter.store
    host = store.value(vm, "runtime.host")
    state = store.value(vm, "runtime.connectionState")
    if state == "disconnected" and store.exists(host):
        lost = store.value(host, "runtime.connectionState") == "notResponding"
        return VimFault("HostNotReachable" if lost else "HostNotConnected")
    return VimFault("InvalidState", msg=f"The virtual machine is {state}.")


def host_of(vcenter: VCenter, vm: Ref) -> Ref:
    """Return the host that a machine is registered on."""
    found: Ref = vcenter.store.value(vm, "runtime.host")
    return found


def post(call: Call, vm: Ref, kind: str, text: str) -> None:
    """Post an event about a machine in the chain of its task."""
    name = call.store.value(vm, "name")
    host = call.store.value(host_of(call.vcenter, vm), "name")
    event.post(
        call.vcenter,
        kind,
        vm,
        text.format(vm=name, host=host),
        user=call.caller.user,
        chain=task.chain(call, vm),
    )


@method("VirtualMachine.PowerOnVM_Task")
def power_on(call: Call, this: Ref, host: Ref | None = None) -> Ref:
    """Power a machine on, or resume it when it is suspended; ``host`` moves it there first."""
    return task.start(call, this, powering_on(call, this, host))


def powering_on(call: Call, vm: Ref, host: Ref | None) -> Steps:
    """Power a machine on (steps)."""
    vcenter, store = call.vcenter, call.store
    if store.value(vm, "config.template"):
        raise VimFault("NotSupported", msg="The virtual machine is a template.")
    if require(vcenter, vm) == "poweredOn":
        raise VimFault("InvalidPowerState", requestedState="poweredOn", existingState="poweredOn")
    target = placement.for_power_on(vcenter, vm, host)
    if target != host_of(vcenter, vm):
        placement.register_on(vcenter, vm, target)
    placement.admit(vcenter, vm, target)
    admission.require(vcenter, vm)
    post(call, vm, "VmStartingEvent", "{vm} on host {host} is starting")
    resumed = store.value(vm, "runtime.powerState") == "suspended"
    yield Stage("start", START, 0.9)
    require(vcenter, vm, "poweredOff", "suspended")
    placement.require_host(vcenter, target)
    turn_on(vcenter, vm, boots=not resumed)
    kind = "VmResumingEvent" if resumed else "VmPoweredOnEvent"
    post(call, vm, kind, "{vm} on {host} is powered on")


def turn_on(vcenter: VCenter, vm: Ref, *, boots: bool = True) -> None:
    """Let a machine run from now on, and vCenter see it."""
    inside = vcenter.insides[vm.moid]
    inside.power = "poweredOn"
    guest.note_power(vcenter, vm, "poweredOn")
    ha.protect(vcenter, vm)
    if boots:
        guest.booting(vcenter, vm)
    elif inside.tools and inside.answers:
        guest.show(vcenter, vm, alive=True)
    _tell(vcenter, vm)


def _tell(vcenter: VCenter, vm: Ref) -> None:
    for tell in vcenter.on_power:
        tell(host_of(vcenter, vm))


def turn_off(vcenter: VCenter, vm: Ref, state: str = "poweredOff") -> None:
    """Let a machine run no more, and vCenter see it."""
    vcenter.insides[vm.moid].power = state
    guest.note_power(vcenter, vm, state)
    ha.protect(vcenter, vm)
    placement.note_idle(vcenter, host_of(vcenter, vm))
    _tell(vcenter, vm)


@method("VirtualMachine.PowerOffVM_Task")
def power_off(call: Call, this: Ref) -> Ref:
    """Cut a machine's power."""
    return task.start(call, this, powering_off(call, this))


def powering_off(call: Call, vm: Ref) -> Steps:
    """Cut a machine's power (steps)."""
    require(call.vcenter, vm, "poweredOn", "suspended")
    post(call, vm, "VmStoppingEvent", "{vm} on host {host} is stopping")
    yield Stage("stop", STOP, 0.9)
    require(call.vcenter, vm, "poweredOn", "suspended")
    turn_off(call.vcenter, vm)
    post(call, vm, "VmPoweredOffEvent", "{vm} on {host} is powered off")


@method("VirtualMachine.ResetVM_Task")
def reset(call: Call, this: Ref) -> Ref:
    """Reset a running machine."""

    def steps() -> Steps:
        require(call.vcenter, this, "poweredOn")
        yield Stage("reset", RESET, 0.9)
        require(call.vcenter, this, "poweredOn")
        turn_on(call.vcenter, this)
        post(call, this, "VmResettingEvent", "{vm} on {host} is reset")

    return task.start(call, this, steps())


@method("VirtualMachine.SuspendVM_Task")
def suspend(call: Call, this: Ref) -> Ref:
    """Write a running machine's memory to disk and stop it."""

    def steps() -> Steps:
        require(call.vcenter, this, "poweredOn")
        post(call, this, "VmSuspendingEvent", "{vm} on {host} is being suspended")
        yield Stage("save", memory_seconds(call.vcenter, this), 0.9)
        require(call.vcenter, this, "poweredOn")
        turn_off(call.vcenter, this, "suspended")
        post(call, this, "VmSuspendedEvent", "{vm} on {host} is suspended")

    return task.start(call, this, steps())


def memory_seconds(vcenter: VCenter, vm: Ref) -> float:
    """Return the seconds that copying a machine's memory takes."""
    memory: int = vcenter.store.value(vm, "config.hardware.memoryMB")
    return 1.0 + memory * MIB / vcenter.choices.bandwidth


@method("VirtualMachine.ShutdownGuest")
def shut_down_guest(call: Call, this: Ref) -> None:
    """Ask the guest to shut down; it does so in its own time, without a task."""
    _require_tools(call, this)
    post(call, this, "VmGuestShutdownEvent", "Guest OS shut down for {vm} on {host}")
    _in_guest(call, this, "shutdown", shutting_down(call, this))


@method("VirtualMachine.RebootGuest")
def reboot_guest(call: Call, this: Ref) -> None:
    """Ask the guest to reboot."""
    _require_tools(call, this)
    post(call, this, "VmGuestRebootEvent", "Guest OS reboot for {vm} on {host}")
    _in_guest(call, this, "reboot", rebooting(call.vcenter, this))


@method("VirtualMachine.StandbyGuest")
def stand_by_guest(call: Call, this: Ref) -> None:
    """Ask the guest to go to standby, which suspends the machine."""
    _require_tools(call, this)
    post(call, this, "VmGuestStandbyEvent", "Guest OS standby for {vm} on {host}")

    def steps() -> Steps:
        boots = call.vcenter.insides[this.moid].boots
        yield Stage("standby", memory_seconds(call.vcenter, this))
        if _runs_since(call.vcenter, this, boots):
            turn_off(call.vcenter, this, "suspended")
            post(call, this, "VmSuspendedEvent", "{vm} on {host} is suspended")

    _in_guest(call, this, "standby", steps())


def _require_tools(call: Call, vm: Ref) -> None:
    require(call.vcenter, vm, "poweredOn")
    if not guest.tools_run(call.vcenter, vm):
        raise VimFault("ToolsUnavailable")


def _in_guest(call: Call, vm: Ref, what: str, steps: Steps) -> None:
    call.world.operations.start(
        f"VirtualMachine.{what}",
        call.store.path(vm),
        steps,
        foreground=not call.caller.background,
    )


def shutting_down(call: Call, vm: Ref) -> Steps:
    """Let a guest's system shut down (steps)."""
    vcenter = call.vcenter
    boots = vcenter.insides[vm.moid].boots
    yield Stage("shutdown", SHUTDOWN)
    if _runs_since(vcenter, vm, boots):
        ended_itself(vcenter, vm)


def ended_itself(vcenter: VCenter, vm: Ref) -> None:
    """Let a guest's system end by itself; vCenter sees it while the host is connected."""
    if vcenter.store.value(vm, "runtime.connectionState") != "connected":
        vcenter.insides[vm.moid].power = "poweredOff"
        return
    vcenter.store.change(vm, "runtime.cleanPowerOff", value=True)
    turn_off(vcenter, vm)
    name = vcenter.store.value(vm, "name")
    event.post(vcenter, "VmPoweredOffEvent", vm, f"{name} is powered off")


def rebooting(vcenter: VCenter, vm: Ref) -> Steps:
    """Let a guest's system shut down and boot again (steps)."""
    inside = vcenter.insides[vm.moid]
    boots = inside.boots
    yield Stage("shutdown", SHUTDOWN)
    if _runs_since(vcenter, vm, boots):
        guest.show(vcenter, vm, alive=False)
        guest.booting(vcenter, vm)


def _runs_since(vcenter: VCenter, vm: Ref, boots: int) -> bool:
    inside = vcenter.insides.get(vm.moid)
    if inside is None or not inside.answers:
        return False
    return inside.power == "poweredOn" and inside.boots == boots


@method("VirtualMachine.AnswerVM")
def answer(call: Call, this: Ref, questionId: str, answerChoice: str) -> None:
    """Answer a machine's question: none has one."""
    raise VimFault("InvalidState" if call.store.exists(this) else "ManagedObjectNotFound")


@method("Datacenter.PowerOnMultiVM_Task")
def power_on_many(call: Call, this: Ref, vm: list[Ref], option: list[object] | None = None) -> Ref:
    """Power several machines on, each by a task of its own."""
    del option
    single = Call(call.vcenter, call.caller, "PowerOnVM_Task")

    def steps() -> Steps:
        attempts = [
            data("ClusterAttemptedVmInfo", vm=ref, task=power_on(single, ref)) for ref in vm
        ]
        return data("ClusterPowerOnVmResult", attempted=attempts)
        yield

    return task.start(call, this, steps(), locks=())
