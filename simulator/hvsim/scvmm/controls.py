"""What a lab may do to a VMM server beside its cmdlets: services, accounts, names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim import controls
from hvsim.errors import CommandError
from hvsim.scvmm import failover, refresh
from hvsim.scvmm.server import VmmServer

if TYPE_CHECKING:
    from hvsim.controls import Service
    from hvsim.scvmm.fabric import Host

START: Final = 60.0
"""Seconds that VMM's service takes to start."""
_NAMED: Final = ("VM", "VMHost", "VMHostCluster", "VMTemplate", "VMHostGroup", "Cloud")


@dataclass(slots=True)
class VmmService:
    """VMM's own service; WinRM on its machine goes on answering."""

    vmm: VmmServer

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""
        return self.vmm.service

    def stop(self) -> None:
        """End it; the jobs under way fail."""
        self.vmm.service = "stopped"
        failover.fail_jobs(self.vmm)

    def start(self) -> None:
        """Start it; it answers after a while."""
        failover.start_service(self.vmm, START)

    def hang(self) -> None:
        """Let it answer nobody."""
        self.vmm.service = "hung"


@dataclass(slots=True)
class WinRm:
    """The WS-Management service of VMM's machine."""

    vmm: VmmServer

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""
        return self.vmm.winrm

    def stop(self) -> None:
        """End it; connections are refused."""
        self._become("stopped")

    def start(self) -> None:
        """Start it."""
        self._become("running")

    def hang(self) -> None:
        """Let it answer nobody."""
        self._become("hung")

    def _become(self, state: str) -> None:
        self.vmm.winrm = state
        for tell in self.vmm.observers:
            tell()


@dataclass(slots=True)
class HostService:
    """A service of a Hyper-V host: VMM's agent, Hyper-V's own, or the cluster service."""

    vmm: VmmServer
    host: Host
    field: str

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""
        found: str = getattr(self.host, self.field)
        return found

    def stop(self) -> None:
        """End it; guests run on, unless it is the cluster service."""
        if self.field == "clussvc":
            failover.stop_service(self.vmm, self.host)
        else:
            self._become("stopped")

    def start(self) -> None:
        """Start it."""
        if self.field == "clussvc":
            failover.start_cluster_service(self.vmm, self.host)
        else:
            self._become("running")

    def hang(self) -> None:
        """Let it answer nobody; a cluster service that hangs counts as stopped."""
        if self.field == "clussvc":
            failover.stop_service(self.vmm, self.host)
        else:
            self._become("hung")

    def _become(self, state: str) -> None:
        self.vmm.fabric.change_host(self.host, **{self.field: state})
        refresh.notice_host(self.vmm, self.host)


class VmmControls:
    """A VMM server as faults and stage rules reach it."""

    def __init__(self, vmm: VmmServer) -> None:
        self._vmm = vmm

    def subject(self, name: str) -> str:
        """Return the path of the machine, host, template... with a name or an ID."""
        store = self._vmm.store
        found = [
            store.path(one)
            for kind in _NAMED
            for one in store.of(kind)
            if name in (one.id, one.name, one["ComputerName"] if kind == "VMHost" else one.name)
        ]
        if not found:
            raise CommandError(f"nothing in {self._vmm.name!r} is called {name!r}")
        if len(found) > 1:
            raise CommandError(f"{len(found)} objects are called {name!r}; use an ID")
        return found[0]

    def services_on(self, server: str) -> dict[str, Service]:
        """Return VMM's services on its machine, those of Hyper-V hosts on theirs."""
        found: dict[str, Service] = {}
        if self._vmm.server.name == server:
            found |= {"vmmservice": VmmService(self._vmm), "winrm": WinRm(self._vmm)}
        host = self._vmm.fabric.host_on(server)
        if host is not None:
            found["vmmagent"] = HostService(self._vmm, host, "agent")
            found["vmms"] = HostService(self._vmm, host, "hyperv")
            if host.cluster:
                found["clussvc"] = HostService(self._vmm, host, "clussvc")
        return found

    def set_account(self, user: str, *, enabled: bool) -> bool:
        """Revoke or restore an account; return whether it was enabled."""
        account = self._vmm.account(user)
        if account is None:
            known = ", ".join(sorted(self._vmm.accounts))
            raise CommandError(f"no account called {user!r}; there are: {known}")
        before, account.enabled = account.enabled, enabled
        return before


controls.offer(VmmServer)(VmmControls)
