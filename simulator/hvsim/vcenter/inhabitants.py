"""The guests of a vCenter as ambient activity touches them: through vim25's own methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import guest, placement
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, Caller
from hvsim.vcenter.values import data

if TYPE_CHECKING:
    from random import Random

    from hvsim.ambient import Resident
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Ref

_SOMEBODY: Final = Caller("Administrator", background=True)
_RUNS: Final = {"poweredOn": True, "poweredOff": False}


class Inhabitant:
    """One guest."""

    __slots__ = ("_vcenter", "_vm", "name")

    def __init__(self, vcenter: VCenter, vm: Ref) -> None:
        self._vcenter = vcenter
        self._vm = vm
        self.name = f"{vcenter.path}/VirtualMachine/{vm.moid}"

    def runs(self) -> bool | None:
        """Whether it runs; None when it is suspended, busy, out of reach or gone."""
        store = self._vcenter.store
        if not store.exists(self._vm) or self._vm.moid in self._vcenter.locks:
            return None
        runtime = store.value(self._vm, "runtime")
        if runtime["connectionState"] != "connected":
            return None
        return _RUNS.get(runtime["powerState"])

    def start(self) -> None:
        """Start it where it is registered."""
        self._call("PowerOnVM_Task")

    def stop(self) -> None:
        """Shut it down; without Tools its power is cut."""
        soft = guest.tools_run(self._vcenter, self._vm)
        self._call("ShutdownGuest" if soft else "PowerOffVM_Task")

    def reboot(self) -> None:
        """Reboot it; without Tools it is reset."""
        soft = guest.tools_run(self._vcenter, self._vm)
        self._call("RebootGuest" if soft else "ResetVM_Task")

    def migrate(self, stream: Random) -> None:
        """Move it, live, to any other host of its cluster that may run it."""
        here = self._vcenter.store.value(self._vm, "runtime.host")
        others = placement.candidates(self._vcenter, self._vm, but=here)
        if not others:
            raise VimFault("NoCompatibleHost")
        spec = data("VirtualMachineRelocateSpec", host=stream.choice(others))
        self._call("RelocateVM_Task", spec=spec)

    def _call(self, name: str, **args: Any) -> None:
        call = Call(self._vcenter, _SOMEBODY, name)
        with self._vcenter.world.log.caused_by(name):
            self._vcenter.perform(call, self._vm, args)


def residents_of(vcenter: VCenter) -> list[Resident]:
    """Return the vCenter's guests, without templates."""
    found = vcenter.store.of_type("VirtualMachine")
    return [Inhabitant(vcenter, vm.ref) for vm in found if not vm["config.template"]]
