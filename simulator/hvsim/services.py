"""Faults of management services and accounts as commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim import controls
from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.hardware import Power

if TYPE_CHECKING:
    from hvsim.controls import Service
    from hvsim.world import World


class _ServiceFault(Command, frozen=True, kw_only=True):
    """A management service of a server; ``service`` may be left out when there is only one."""

    server: str
    service: str | None = None

    def find(self, world: World) -> tuple[str, Service]:
        """Return the service's name and the service; refused when the server is off."""
        if world.hardware.server(self.server).power is Power.OFF:
            raise CommandError(f"server {self.server!r} is off, and its services with it")
        there = _services_on(world, self.server)
        if self.service is None and len(there) == 1:
            return next(iter(there.items()))
        if self.service not in there:
            known = ", ".join(there) or "none"
            wanted = "service" if self.service is None else f"service {self.service!r}"
            raise CommandError(f"no {wanted} on server {self.server!r}; there are: {known}")
        return self.service, there[self.service]

    def note(self, world: World, name: str, before: str, after: str) -> None:
        """Log what becomes of the service."""
        subject = f"server/{self.server}/service/{name}"
        world.log.append("service", subject, {"state": before}, {"state": after}, ("hardware",))


@command("service.stop")
class ServiceStop(_ServiceFault, frozen=True, kw_only=True):
    """End a management service; the server and its guests run on."""

    def apply(self, world: World) -> None:
        """Stop it; refused when it is stopped."""
        name, service = self.find(world)
        before = service.state
        if before == "stopped":
            raise CommandError(f"service {name!r} on server {self.server!r} is already stopped")
        self.note(world, name, before, "stopped")
        service.stop()


@command("service.start")
class ServiceStart(_ServiceFault, frozen=True, kw_only=True):
    """Start a management service that was stopped; one that hangs is ended first."""

    def apply(self, world: World) -> None:
        """Start it; refused when it runs."""
        name, service = self.find(world)
        before = service.state
        if before == "running":
            raise CommandError(f"service {name!r} on server {self.server!r} is already running")
        self.note(world, name, before, "starting")
        if before == "hung":
            service.stop()
        service.start()


@command("service.hang")
class ServiceHang(_ServiceFault, frozen=True, kw_only=True):
    """Let a management service live and answer nobody."""

    def apply(self, world: World) -> None:
        """Hang it; refused unless it runs."""
        name, service = self.find(world)
        before = service.state
        if before != "running":
            raise CommandError(f"service {name!r} on server {self.server!r} is {before}")
        self.note(world, name, before, "hung")
        service.hang()


@command("account.revoke")
class AccountRevoke(Command, frozen=True, kw_only=True):
    """Let nobody log in to a pool or manager with an account any more."""

    pool: str
    user: str

    def apply(self, world: World) -> None:
        """Revoke it; nothing changes for a revoked one."""
        _set_account(world, self.pool, self.user, enabled=False)


@command("account.restore")
class AccountRestore(Command, frozen=True, kw_only=True):
    """Let an account log in again."""

    pool: str
    user: str

    def apply(self, world: World) -> None:
        """Restore it; nothing changes for one that was not revoked."""
        _set_account(world, self.pool, self.user, enabled=True)


def _services_on(world: World, server: str) -> dict[str, Service]:
    found: dict[str, Service] = {}
    for name in world.products:
        found |= controls.of(world, name).services_on(server)
    return found


def _set_account(world: World, product: str, user: str, *, enabled: bool) -> None:
    before = controls.of(world, product).set_account(user, enabled=enabled)
    subject = f"{product}/account/{user}"
    world.log.append("account", subject, {"enabled": before}, {"enabled": enabled})
