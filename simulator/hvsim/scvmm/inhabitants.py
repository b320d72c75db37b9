"""The guests of a VMM server as ambient activity touches them: through VMM's own actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm import placement
from hvsim.scvmm.actions import Call, Caller
from hvsim.scvmm.errors import VmmError

if TYPE_CHECKING:
    from random import Random

    from hvsim.ambient import Resident
    from hvsim.scvmm.server import VmmServer

_RUNS: Final = {"Running": True, "PowerOff": False}


class Inhabitant:
    """One guest."""

    __slots__ = ("_vm", "_vmm", "name")

    def __init__(self, vmm: VmmServer, vm: str) -> None:
        self._vmm = vmm
        self._vm = vm
        self.name = f"{vmm.path}/VM/{vm}"

    def runs(self) -> bool | None:
        """Whether it runs; None when it is saved, busy, out of reach or gone."""
        found = self._vmm.store.find("VM", self._vm)
        if found is None or self._vm in self._vmm.locks:
            return None
        return _RUNS.get(found["Status"])

    def start(self) -> None:
        """Turn it on where it is."""
        self._call("StartVirtualMachine")

    def stop(self) -> None:
        """Shut it down; without integration services its power is cut."""
        soft = bool(self._vmm.store.get("VM", self._vm)["HasVMAdditions"])
        self._call("StopVirtualMachine", Shutdown=soft)

    def reboot(self) -> None:
        """Reset it."""
        self._call("ResetVirtualMachine")

    def migrate(self, stream: Random) -> None:
        """Move it to any other host of its cluster."""
        store = self._vmm.store
        vm = store.get("VM", self._vm)
        here = store.get("VMHost", vm["VMHostID"])
        others = [
            host.id
            for host in store.of("VMHost")
            if host is not here
            and host["HostClusterID"] == here["HostClusterID"]
            and placement.stars(self._vmm, host, vm["Memory"]) > 0
        ]
        if not others or not here["HostClusterID"]:
            raise VmmError(2911, server=here.name)
        self._call("MoveVirtualMachine", VMHost=stream.choice(others))

    def _call(self, name: str, **args: Any) -> None:
        user = f"{self._vmm.netbios}\\Administrator"
        call = Call(self._vmm, Caller(user, name, background=True), name)
        with self._vmm.world.log.caused_by(name):
            self._vmm.perform(call, {"VM": self._vm} | args)


def residents_of(vmm: VmmServer) -> list[Resident]:
    """Return the guests that VMM knows."""
    return [Inhabitant(vmm, vm.id) for vm in vmm.store.of("VM")]
