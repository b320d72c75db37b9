"""What a lab may do to a host with zones beside its commands: its SSH service, its accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim import controls
from hvsim.errors import CommandError
from hvsim.zones.host import ZoneHost

if TYPE_CHECKING:
    from hvsim.controls import Service


class Ssh:
    """The service that answers at the host's address."""

    def __init__(self, host: ZoneHost) -> None:
        self._host = host

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""
        return self._host.ssh

    def stop(self) -> None:
        """End it."""
        self._host.set_ssh("stopped")

    def start(self) -> None:
        """Start it."""
        self._host.set_ssh("running")

    def hang(self) -> None:
        """Let it answer nobody."""
        self._host.set_ssh("hung")


class HostControls:
    """A host as faults and stage rules reach it."""

    def __init__(self, host: ZoneHost) -> None:
        self._host = host

    def subject(self, name: str) -> str:
        """Return the path of the zone with a name or UUID."""
        for zone in self._host.zones.values():
            if name == zone.name or (zone.uuid and name == zone.uuid):
                return self._host.subject(zone)
        raise CommandError(f"no zone on {self._host.name!r} is called {name!r}")

    def services_on(self, server: str) -> dict[str, Service]:
        """Return the SSH service when the server is the host's."""
        return {"ssh": Ssh(self._host)} if server == self._host.server.name else {}

    def set_account(self, user: str, *, enabled: bool) -> bool:
        """Lock or unlock an account; sessions that are open go on."""
        account = self._host.system.accounts.get(user)
        if account is None:
            known = ", ".join(sorted(self._host.system.accounts))
            raise CommandError(f"no account called {user!r}; there are: {known}")
        locked = self._host.locked
        before = user not in locked
        if enabled and user in locked:
            account.password, account.keys = locked.pop(user)
        elif not enabled and user not in locked:
            locked[user] = (account.password, account.keys)
            account.password, account.keys = None, ()
        return before


controls.offer(ZoneHost)(HostControls)
