"""What a lab may do to a pool beside XenAPI: its members' xapi, its accounts, its names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim import controls
from hvsim.errors import CommandError
from hvsim.xenserver.accounts import access
from hvsim.xenserver.hosts import heartbeat
from hvsim.xenserver.mastery import membership
from hvsim.xenserver.pool import Pool

if TYPE_CHECKING:
    from hvsim.controls import Service
    from hvsim.xenserver.pool import Member

_NAMED = ("VM", "host", "SR", "network", "VDI", "pool")
"""Classes whose objects can be named, first match first."""


class Xapi:
    """A member's management service."""

    def __init__(self, pool: Pool, member: Member) -> None:
        self._pool = pool
        self._member = member

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""
        if not self._member.running:
            return "stopped"
        return "hung" if self._member.hung else "running"

    def stop(self) -> None:
        """End it."""
        membership.stop_service(self._pool, self._member)

    def start(self) -> None:
        """Start it; it takes its role by itself."""
        membership.start_service(self._pool, self._member)

    def hang(self) -> None:
        """Let it answer nobody, and report to no master."""
        self._member.hung = True
        heartbeat.fell_silent(self._pool, self._member)


class PoolControls:
    """A pool as faults and stage rules reach it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def subject(self, name: str) -> str:
        """Return the path of the guest, host, storage... with a name, UUID or reference."""
        found = [
            f"{self._pool.path}/{cls}/{ref}"
            for cls in _NAMED
            for ref, row in self._pool.db.tables[cls].items()
            if name in (ref, row.get("uuid"), row.get("name_label"))
        ]
        if not found:
            raise CommandError(f"nothing in pool {self._pool.name!r} is called {name!r}")
        if len(found) > 1:
            raise CommandError(
                f"{len(found)} objects in pool {self._pool.name!r} are called {name!r}; use a UUID"
            )
        return found[0]

    def services_on(self, server: str) -> dict[str, Service]:
        """Return xapi when the server is a member of the pool."""
        member = self._pool.member_on(server)
        return {} if member is None else {"xapi": Xapi(self._pool, member)}

    def set_account(self, user: str, *, enabled: bool) -> bool:
        """Revoke or restore an account; its open sessions go on, as XenServer's do."""
        account = self._pool.access.accounts.get(user)
        if account is None:
            known = ", ".join(sorted(self._pool.access.accounts))
            raise CommandError(f"no account called {user!r}; there are: {known}")
        before = account.enabled
        access.set_enabled(self._pool, user, enabled=enabled)
        return before


controls.offer(Pool)(PoolControls)
