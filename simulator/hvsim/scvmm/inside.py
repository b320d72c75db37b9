"""What happens inside guests and on hosts without VMM, by the lab's own commands.

A machine is named by its name, which must be unique then, by its ID or by Hyper-V's GUID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.operations import Stage
from hvsim.scvmm import guests
from hvsim.scvmm.fabric import State
from hvsim.scvmm.server import VmmServer, find

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.scvmm.fabric import Guest
    from hvsim.world import World


def guest_called(vmm: VmmServer, name: str) -> Guest:
    """Return a guest, or raise :class:`CommandError`."""
    record = vmm.store.find("VM", name)
    wanted = (name, record["VMId"] if record else name)
    found = [one for one in vmm.fabric.guests.values() if one.name in wanted or one.guid in wanted]
    if len(found) != 1:
        many = f"{len(found)} guests are" if found else "no guest is"
        raise CommandError(f"{many} called {name!r} in {vmm.name!r}")
    return found[0]


class GuestCommand(Command, frozen=True, kw_only=True):
    """A command about one guest of the hosts of a VMM server."""

    vmm: str
    guest: str

    def find(self, world: World) -> tuple[VmmServer, Guest]:
        """Return the VMM server and the guest, or raise :class:`CommandError`."""
        vmm = find(world, self.vmm)
        return vmm, guest_called(vmm, self.guest)

    def find_running(self, world: World) -> tuple[VmmServer, Guest]:
        """As :meth:`find`, for what only happens inside a guest that runs."""
        vmm, guest = self.find(world)
        if guest.state != State.RUNNING:
            raise CommandError(f"guest {self.guest!r} is {guest.state}: nothing runs in it")
        return vmm, guest


@command("scvmm.guest.install-services")
class InstallServices(GuestCommand, frozen=True, kw_only=True):
    """Install integration services in a running guest: its name is exchanged at once."""

    def apply(self, world: World) -> None:
        """Install them."""
        vmm, guest = self.find_running(world)
        vmm.fabric.change(guest, services=True)
        guests.report(vmm, guest)


@command("scvmm.guest.remove-services")
class RemoveServices(GuestCommand, frozen=True, kw_only=True):
    """Remove integration services from a guest."""

    def apply(self, world: World) -> None:
        """Remove them at once."""
        vmm, guest = self.find_running(world)
        vmm.fabric.change(guest, services=False, reported="")
        vmm.fabric.outside(guest)


@command("scvmm.guest.set-hostname")
class SetHostname(GuestCommand, frozen=True, kw_only=True):
    """Somebody gives the guest's system another host name."""

    hostname: str

    def apply(self, world: World) -> None:
        """Change what is true inside; a running guest with services tells its host."""
        vmm, guest = self.find(world)
        vmm.fabric.change(guest, hostname=self.hostname)
        if guest.state == State.RUNNING and guest.services and guest.reported:
            guests.report(vmm, guest)


@command("scvmm.guest.shutdown")
class ShutDown(GuestCommand, frozen=True, kw_only=True):
    """Somebody in the guest shuts its system down."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        vmm, guest = self.find_running(world)
        boots = guest.boots

        def steps() -> Steps:
            yield Stage("shutdown", guests.SHUTDOWN)
            if guest.boots == boots and guest.state == State.RUNNING:
                guests.turn_off(vmm, guest)
                vmm.fabric.outside(guest)

        return world.operations.start(self.kind, vmm.fabric.subject(guest), steps())


@command("scvmm.guest.reboot")
class Reboot(GuestCommand, frozen=True, kw_only=True):
    """Somebody in the guest reboots its system."""

    def apply(self, world: World) -> Operation:
        """Begin."""
        vmm, guest = self.find_running(world)
        boots = guest.boots

        def steps() -> Steps:
            yield Stage("shutdown", guests.SHUTDOWN)
            if guest.boots == boots and guest.state == State.RUNNING:
                guests.turn_on(vmm, guest)

        return world.operations.start(self.kind, vmm.fabric.subject(guest), steps())


@command("scvmm.guest.hang")
class Hang(GuestCommand, frozen=True, kw_only=True):
    """The guest's system hangs until it is booted anew."""

    def apply(self, world: World) -> None:
        """Change what is true inside."""
        vmm, guest = self.find_running(world)
        vmm.fabric.change(guest, answers=False)


@command("scvmm.guest.move-outside")
class MoveOutside(GuestCommand, frozen=True, kw_only=True):
    """Somebody moves a guest between hosts with the cluster's own tools (EXT-1)."""

    host: str

    def apply(self, world: World) -> None:
        """Move it at once; VMM finds out in its own time."""
        vmm, guest = self.find(world)
        target = vmm.fabric.host(self.host)
        here = vmm.fabric.hosts[guest.host]
        if guest.clustered and target.cluster != here.cluster:
            raise CommandError(f"host {self.host!r} is not of the guest's cluster {here.cluster!r}")
        vmm.fabric.change(guest, host=target.name)
        vmm.fabric.outside(guest)


@command("scvmm.guest.power-outside")
class PowerOutside(GuestCommand, frozen=True, kw_only=True):
    """Somebody turns a guest on or off, saves or pauses it with Hyper-V's own console."""

    to: Literal["on", "off", "save", "pause", "resume"]

    def apply(self, world: World) -> None:
        """Do it at once; VMM finds out in its own time."""
        vmm, guest = self.find(world)
        if self.to == "on":
            guests.start(vmm, guest)
        elif self.to == "off":
            guests.turn_off(vmm, guest)
        elif self.to == "save":
            guests.save(vmm, guest)
        else:
            state = State.PAUSED if self.to == "pause" else State.RUNNING
            if guest.state not in (State.PAUSED, State.RUNNING):
                raise CommandError(f"guest {self.guest!r} is {guest.state}: it cannot be paused")
            vmm.fabric.change(guest, state=state)
        vmm.fabric.outside(guest)


@command("scvmm.guest.rename-outside")
class RenameOutside(GuestCommand, frozen=True, kw_only=True):
    """Somebody renames a guest with Hyper-V's own console."""

    name: str

    def apply(self, world: World) -> None:
        """Rename it; VMM finds out at its next heavy refresh."""
        vmm, guest = self.find(world)
        vmm.fabric.change(guest, name=self.name)
        vmm.fabric.outside(guest)


@command("scvmm.guest.remove-outside")
class RemoveOutside(GuestCommand, frozen=True, kw_only=True):
    """Somebody removes a guest with Hyper-V's own console: VMM shows it as missing then."""

    def apply(self, world: World) -> None:
        """Remove it; refused while it runs."""
        vmm, guest = self.find(world)
        if guest.state in (State.RUNNING, State.PAUSED):
            raise CommandError(f"guest {self.guest!r} is {guest.state}: it cannot be removed")
        vmm.fabric.outside(guest)
        vmm.fabric.remove(guest)
