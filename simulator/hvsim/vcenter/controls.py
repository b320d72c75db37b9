"""What a lab may do to a vCenter beside vim25: its service, its accounts, its names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim import controls
from hvsim.errors import CommandError
from hvsim.operations import Stage
from hvsim.vcenter.server import VCenter
from hvsim.vcenter.session import normal

if TYPE_CHECKING:
    from hvsim.controls import Service
    from hvsim.operations import Steps

START = 60.0
"""Seconds that vCenter's service takes to start."""
_NAMED = (
    "VirtualMachine",
    "HostSystem",
    "Datastore",
    "ClusterComputeResource",
    "Network",
    "Datacenter",
)
"""Types whose objects can be named."""


class Vpxd:
    """vCenter's own management service; hosts and guests do not depend on it."""

    def __init__(self, vcenter: VCenter) -> None:
        self._vcenter = vcenter

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""
        if not self._vcenter.running:
            return "stopped"
        return "hung" if self._vcenter.hung else "running"

    def stop(self) -> None:
        """End it; its sessions end with it."""
        vcenter = self._vcenter
        vcenter.running = vcenter.hung = False
        vcenter.access.sessions.clear()

    def start(self) -> None:
        """Start it; it answers after a while."""
        vcenter = self._vcenter

        def steps() -> Steps:
            yield Stage("start", START)
            vcenter.running = True

        start = vcenter.world.operations.start
        start("vcenter.start", vcenter.path, steps(), foreground=False)

    def hang(self) -> None:
        """Let it answer nobody."""
        self._vcenter.hung = True


class VCenterControls:
    """A vCenter as faults and stage rules reach it."""

    def __init__(self, vcenter: VCenter) -> None:
        self._vcenter = vcenter

    def subject(self, name: str) -> str:
        """Return the path of the machine, host, datastore... with a name, UUID or identifier."""
        store = self._vcenter.store
        found = [
            store.path(known.ref)
            for kind in _NAMED
            for known in store.of_type(kind)
            if name in (known.moid, known["name"], known["config.uuid"])
        ]
        if not found:
            raise CommandError(f"nothing in vCenter {self._vcenter.name!r} is called {name!r}")
        if len(found) > 1:
            raise CommandError(f"{len(found)} objects are called {name!r}; use an identifier")
        return found[0]

    def services_on(self, server: str) -> dict[str, Service]:
        """Return vCenter's service when it runs on the server."""
        return {"vpxd": Vpxd(self._vcenter)} if self._vcenter.server.name == server else {}

    def set_account(self, user: str, *, enabled: bool) -> bool:
        """Revoke or restore an account; its open sessions go on, without privileges."""
        access = self._vcenter.access
        account = access.accounts.get(normal(user))
        if account is None:
            known = ", ".join(sorted(access.accounts))
            raise CommandError(f"no account called {user!r}; there are: {known}")
        before, account.enabled = account.enabled, enabled
        return before


controls.offer(VCenter)(VCenterControls)
