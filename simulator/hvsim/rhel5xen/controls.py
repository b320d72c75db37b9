"""What a lab may do to RHEL5-Xen hosts beside their own commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim import controls
from hvsim.errors import CommandError
from hvsim.rhel5xen.site import Site

if TYPE_CHECKING:
    from hvsim.controls import Service
    from hvsim.rhel5xen.site import Daemon, Host
    from hvsim.world import World


def site_of(world: World, name: str) -> Site:
    """Return a site by its name, or raise :class:`CommandError`."""
    found = world.product(name)
    if not isinstance(found, Site):
        raise CommandError(f"{name!r} has no RHEL5-Xen hosts")
    return found


def guest_uuid(site: Site, name: str) -> str:
    """Return the UUID of the guest with a name or UUID, running or only defined.

    Raises:
        CommandError: when there is none, or several have that name.
    """
    found: dict[str, None] = {}
    for host in site.hosts.values():
        configs = [
            *(dom.config for dom in host.guests),
            *(known.config for known in host.definitions().values()),
        ]
        for config in configs:
            if name in (config.name, config.uuid):
                found[config.uuid] = None
    if not found:
        raise CommandError(f"no guest in {site.name!r} is called {name!r}")
    if len(found) > 1:
        raise CommandError(f"{len(found)} guests in {site.name!r} are called {name!r}; use a UUID")
    return next(iter(found))


class HostDaemon:
    """A service of a host."""

    def __init__(self, host: Host, daemon: Daemon) -> None:
        self._host = host
        self._daemon = daemon

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""
        return self._daemon.state

    def stop(self) -> None:
        """End it; domains run on."""
        self._become("stopped")

    def start(self) -> None:
        """Start it."""
        self._become("running")

    def hang(self) -> None:
        """Let it live and answer nobody."""
        self._become("hung")

    def _become(self, state: str) -> None:
        self._daemon.state = state
        self._host.tell()
        # Who waits for its answer looks again.
        self._host.world.log.wake((self._host.path,))


class SiteControls:
    """A site as faults and stage rules reach it."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def subject(self, name: str) -> str:
        """Return the path of the host with a name, or of the guest with a name or UUID."""
        host = self._site.hosts.get(name)
        return self._site.subject(guest_uuid(self._site, name)) if host is None else host.path

    def services_on(self, server: str) -> dict[str, Service]:
        """Return a host's services."""
        host = self._site.host_on(server)
        if host is None:
            return {}
        daemons = {"xend": host.xend, "libvirtd": host.libvirtd, "sshd": host.sshd}
        return {name: HostDaemon(host, daemon) for name, daemon in daemons.items()}

    def set_account(self, user: str, *, enabled: bool) -> bool:
        """Lock or unlock an account on every host; return whether it could log in."""
        before = False
        for host in self._site.hosts.values():
            if user not in host.system.accounts and user not in self._site.locked:
                known = ", ".join(sorted(host.system.accounts))
                raise CommandError(f"no account called {user!r}; there are: {known}")
            before = self._switch(host, user, enabled=enabled) or before
        return before

    def _switch(self, host: Host, user: str, *, enabled: bool) -> bool:
        locked = self._site.locked.setdefault(user, {})
        before = user in host.system.accounts
        if before and not enabled:
            locked[host.name] = host.system.accounts.pop(user)
        elif enabled and host.name in locked:
            host.system.accounts[user] = locked.pop(host.name)
        return before


controls.offer(Site)(SiteControls)
