"""Guests as ambient activity touches them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.rhel5xen import lifecycle, relocation
from hvsim.rhel5xen.errors import XendError, no_domain

if TYPE_CHECKING:
    from random import Random

    from hvsim.ambient import Resident
    from hvsim.rhel5xen.domain import Domain
    from hvsim.rhel5xen.site import Host, Site


class Inhabitant:
    """One guest."""

    __slots__ = ("_site", "_uuid", "name")

    def __init__(self, site: Site, uuid: str) -> None:
        self._site = site
        self._uuid = uuid
        self.name = site.subject(uuid)

    def runs(self) -> bool | None:
        """Whether it runs; None when it is paused, busy, or defined nowhere."""
        found = self._site.domains_of(self._uuid)
        if not found:
            return False if self._defined() is not None else None
        _, domain = found[0]
        quiet = len(found) == 1 and domain.alive and domain.booted and domain.busy is None
        return True if quiet and domain.asked is None else None

    def start(self) -> None:
        """Start it where its file lies."""
        found = self._defined()
        if found is None:
            raise no_domain(self._uuid)
        host, name = found
        _demand_up(host)
        lifecycle.start(host, name)

    def stop(self) -> None:
        """Shut it down."""
        host, domain = self._domain()
        lifecycle.shutdown(host, domain.name)

    def reboot(self) -> None:
        """Reboot it."""
        host, domain = self._domain()
        lifecycle.shutdown(host, domain.name, "reboot")

    def migrate(self, stream: Random) -> None:
        """Move it, live, to any other host that is up."""
        host, domain = self._domain()
        others = [found for found in self._site.hosts.values() if found.up and found is not host]
        if not others:
            raise XendError("can't connect: Name or service not known")
        relocation.migrate(host, domain.name, stream.choice(others).server.address, True)

    def _domain(self) -> tuple[Host, Domain]:
        found = self._site.domains_of(self._uuid)
        if not found:
            raise no_domain(self._uuid)
        return found[0]

    def _defined(self) -> tuple[Host, str] | None:
        for host in self._site.hosts.values():
            for name, known in host.definitions().items():
                if known.config.uuid == self._uuid:
                    return host, name
        return None


def _demand_up(host: Host) -> None:
    host.demand_xend()
    if not host.up:
        raise XendError(f"host {host.name} is down")


def residents_of(site: Site) -> list[Resident]:
    """Return the guests of a site's hosts."""
    uuids = {
        known.config.uuid: None
        for host in site.hosts.values()
        for known in host.definitions().values()
    }
    return [Inhabitant(site, uuid) for uuid in uuids]
