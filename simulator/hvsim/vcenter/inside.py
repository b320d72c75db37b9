"""What happens inside guests, by the lab's own commands: no method of vim25 asks for it.

A machine is named by its name, which must be unique then, its UUID or its identifier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.operations import Stage
from hvsim.vcenter import guest, placement, power, presence
from hvsim.vcenter.methods import Call, Caller

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.vcenter.server import Inside, VCenter
    from hvsim.vcenter.values import Ref
    from hvsim.world import World

INSTALL = 60.0
"""Seconds that installing VMware Tools takes."""


def find(vcenter: VCenter, name: str) -> Ref:
    """Return a machine, or raise :class:`CommandError`."""
    machines = list(vcenter.store.of_type("VirtualMachine"))
    found = [
        vm.ref
        for vm in machines
        if name in (vm.moid, vm["name"], vm["config.uuid"], vm["config.instanceUuid"])
    ]
    if len(found) != 1:
        many = f"{len(found)} machines are" if found else "no machine is"
        raise CommandError(f"{many} called {name!r} in {vcenter.name!r}")
    return found[0]


class MachineCommand(Command, frozen=True, kw_only=True):
    """A command about one machine of a vCenter."""

    vcenter: str
    guest: str

    def find(self, world: World) -> tuple[VCenter, Ref]:
        """Return the vCenter and the machine, or raise :class:`CommandError`."""
        vcenter = world.product(self.vcenter)
        if getattr(vcenter, "store", None) is None:
            raise CommandError(f"{self.vcenter!r} is no vCenter")
        return vcenter, find(vcenter, self.guest)

    def find_running(self, world: World) -> tuple[VCenter, Ref, Inside]:
        """As :meth:`find`, for what only happens inside a guest that runs."""
        vcenter, vm = self.find(world)
        inside = vcenter.insides[vm.moid]
        if inside.power != "poweredOn":
            raise CommandError(f"guest {self.guest!r} is {inside.power}: nothing runs in it")
        return vcenter, vm, inside


@command("vcenter.guest.install-tools")
class InstallTools(MachineCommand, frozen=True, kw_only=True):
    """Install VMware Tools in a running guest (NAME-VMW-2)."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        vcenter, vm, inside = self.find_running(world)
        boots = inside.boots

        def steps() -> Steps:
            yield Stage("install", INSTALL)
            if inside.boots == boots and inside.power == "poweredOn":
                guest.installed(vcenter, vm)

        return world.operations.start(self.kind, vcenter.store.path(vm), steps())


@command("vcenter.guest.remove-tools")
class RemoveTools(MachineCommand, frozen=True, kw_only=True):
    """Remove VMware Tools from a guest."""

    def apply(self, world: World) -> None:
        """Remove them at once."""
        vcenter, vm, inside = self.find_running(world)
        inside.tools = inside.announced = False
        guest.show(vcenter, vm, alive=False)


@command("vcenter.guest.set-hostname")
class SetHostname(MachineCommand, frozen=True, kw_only=True):
    """Somebody gives the guest's system another host name; Tools report it."""

    hostname: str

    def apply(self, world: World) -> None:
        """Change what is true inside."""
        vcenter, vm = self.find(world)
        vcenter.insides[vm.moid].hostname = self.hostname
        if guest.tools_run(vcenter, vm):
            guest.show(vcenter, vm, alive=True)


@command("vcenter.guest.shutdown")
class ShutDown(MachineCommand, frozen=True, kw_only=True):
    """Somebody in the guest shuts its system down."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        vcenter, vm, _ = self.find_running(world)
        call = Call(vcenter, Caller(), self.kind)
        path = vcenter.store.path(vm)
        return world.operations.start(self.kind, path, power.shutting_down(call, vm))


@command("vcenter.guest.reboot")
class Reboot(MachineCommand, frozen=True, kw_only=True):
    """Somebody in the guest reboots its system."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        vcenter, vm, _ = self.find_running(world)
        path = vcenter.store.path(vm)
        return world.operations.start(self.kind, path, power.rebooting(vcenter, vm))


@command("vcenter.guest.hang")
class Hang(MachineCommand, frozen=True, kw_only=True):
    """The guest's system hangs until it is booted anew: its Tools answer no more."""

    def apply(self, world: World) -> None:
        """Change what is true inside; vCenter sees that the Tools are silent."""
        vcenter, vm, inside = self.find_running(world)
        inside.answers = False
        if guest.tools_run(vcenter, vm):
            guest.show(vcenter, vm, alive=False)


@command("vcenter.guest.move-outside")
class MoveOutside(MachineCommand, frozen=True, kw_only=True):
    """Somebody moves a guest between hosts without vCenter, which finds it where it is then."""

    host: str

    def apply(self, world: World) -> None:
        """Move it; refused when the host is not of the machine's vCenter."""
        vcenter, vm = self.find(world)
        hosts = {host["name"]: host.ref for host in vcenter.store.of_type("HostSystem")}
        if self.host not in hosts:
            known = ", ".join(hosts)
            raise CommandError(f"no host called {self.host!r}; there are: {known}")
        placement.register_on(vcenter, vm, hosts[self.host])


@command("vcenter.vm.orphan")
class Orphan(MachineCommand, frozen=True, kw_only=True):
    """The machine's files go from its host behind vCenter's back: it is orphaned."""

    def apply(self, world: World) -> None:
        """Show it as orphaned; only unregistering it is possible then."""
        vcenter, vm = self.find(world)
        presence.orphan(vcenter, vm)
