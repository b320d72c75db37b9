"""What happens inside guests, by the lab's own commands: no call of the product asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.rhel5xen import insides
from hvsim.rhel5xen.controls import guest_uuid, site_of

if TYPE_CHECKING:
    from hvsim.rhel5xen.domain import Domain
    from hvsim.rhel5xen.site import Host
    from hvsim.world import World


class XenGuestCommand(Command, frozen=True, kw_only=True):
    """A command inside a guest of a site, by its name or UUID."""

    site: str
    guest: str

    def find(self, world: World) -> tuple[Host, Domain]:
        """Return the host and the domain; refused unless the guest's system is up."""
        site = site_of(world, self.site)
        for host, domain in site.domains_of(guest_uuid(site, self.guest)):
            if domain.alive and domain.booted and not domain.hung:
                return host, domain
        raise CommandError(f"nothing runs in guest {self.guest!r}")


@command("rhel5xen.guest.shutdown")
class ShutDown(XenGuestCommand, frozen=True, kw_only=True):
    """Somebody in the guest shuts its system down."""

    def apply(self, world: World) -> None:
        """Begin."""
        _ask(*self.find(world), "poweroff")


@command("rhel5xen.guest.reboot")
class Reboot(XenGuestCommand, frozen=True, kw_only=True):
    """Somebody in the guest reboots its system."""

    def apply(self, world: World) -> None:
        """Begin."""
        _ask(*self.find(world), "reboot")


@command("rhel5xen.guest.crash")
class Crash(XenGuestCommand, frozen=True, kw_only=True):
    """The guest's system crashes; ``on_crash`` of its file decides what becomes of it."""

    def apply(self, world: World) -> None:
        """Let it crash."""
        insides.crash(*self.find(world))


@command("rhel5xen.guest.hang")
class Hang(XenGuestCommand, frozen=True, kw_only=True):
    """The guest's system hangs: it hears no wish until it is destroyed and started anew."""

    def apply(self, world: World) -> None:
        """Let it hang; nothing shows on its host."""
        host, domain = self.find(world)
        insides.rest(host, domain)
        host.change(domain, hung=True)
        subject = host.subject(domain)
        world.log.append("inside", subject, {"hung": False}, {"hung": True}, (subject,))


def _ask(host: Host, domain: Domain, reason: str) -> None:
    host.change(domain, asked=reason)
    insides.settle(host, domain)
