"""The ground truth about RHEL5-Xen hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.site import Site
from hvsim_fakes.control.truth import (
    Life,
    TrueGuest,
    TrueHost,
    TrueManager,
    insides_of,
    of_product,
)

if TYPE_CHECKING:
    from hvsim.rhel5xen.domain import Domain
    from hvsim.rhel5xen.site import Host

_LIVES = {
    State.RUNNING: Life.RUNNING,
    State.BLOCKED: Life.RUNNING,
    State.PAUSED: Life.PAUSED,
    State.SHUTDOWN: Life.STOPPED,
    State.CRASHED: Life.STOPPED,
    State.DYING: Life.STOPPED,
}


@insides_of.register
def _insides_of(_: Site) -> str:
    return "rhel5xen.guest."


@of_product.register(Site)
def of_site(site: Site) -> TrueManager:
    """Return the truth about a site's hosts and guests."""
    return TrueManager(
        name=site.name,
        product="rhel5xen",
        profile=site.profile,
        native={},
        hosts=[_host(host) for host in site.hosts.values()],
        guests=[_guest(site, uuid, name) for uuid, name in _known(site).items()],
    )


def _host(host: Host) -> TrueHost:
    return TrueHost(
        name=host.name,
        native_id=host.name,
        server=host.server.name,
        address=host.server.address,
        alive=host.server.runs_own_system and host.up,
        answers=host.answers(),
        maintenance=False,
        native={
            "xend": host.xend.state,
            "libvirtd": host.libvirtd.state,
            "free_memory": host.free,
            "domains": {str(found.id): found.name for found in host.domains.values()},
        },
    )


def _known(site: Site) -> dict[str, str]:
    """Return every guest's name by UUID: what files define, and what only runs."""
    found: dict[str, str] = {}
    for host in site.hosts.values():
        for name, known in host.definitions().items():
            found.setdefault(known.config.uuid, name)
    for host in site.hosts.values():
        for domain in host.guests:
            found[domain.uuid] = domain.config.name
    return found


def _guest(site: Site, uuid: str, name: str) -> TrueGuest:
    where = _where(site, uuid)
    defined = [
        host.name
        for host in site.hosts.values()
        if any(known.config.uuid == uuid for known in host.definitions().values())
    ]
    host, domain = where if where is not None else (None, None)
    native: dict[str, Any] = {
        "power_state": "shut off" if domain is None else str(domain.state),
        "defined_on": defined,
        "domain": None if domain is None else domain.shown(),
    }
    return TrueGuest(
        name=name,
        native_id=uuid,
        state=_life(domain),
        host=None if host is None else host.name,
        home=defined[0] if defined else None,
        inside={
            "boot": site.boots.get(uuid, 0),
            "hung": domain is not None and domain.hung,
            "booted": domain is not None and domain.booted,
        },
        native=native,
    )


def _where(site: Site, uuid: str) -> tuple[Host, Domain] | None:
    """Return where a guest really is: what only receives its memory is not it yet."""
    found = [(host, dom) for host, dom in site.domains_of(uuid) if dom.busy != "restore"]
    return found[0] if found else None


def _life(domain: Domain | None) -> Life:
    if domain is None:
        return Life.STOPPED
    if domain.busy in ("save", "migrate") and domain.state is State.SHUTDOWN:
        return Life.SUSPENDED
    return Life.HUNG if domain.hung and domain.alive else _LIVES[domain.state]
