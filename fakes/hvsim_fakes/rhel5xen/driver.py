"""What libvirt's Xen driver does on a host: for ``virsh`` there and for remote clients."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from hvsim.rhel5xen import definitions
from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.errors import Fault, XendError
from hvsim.rhel5xen.lifecycle import packed
from hvsim_fakes.rhel5xen import domain_xml
from hvsim_fakes.rhel5xen.actor import tell_xend
from hvsim_fakes.rhel5xen.libvirt_error import Code, LibvirtError, Origin

if TYPE_CHECKING:
    from hvsim.rhel5xen.configuration import Configuration
    from hvsim.rhel5xen.domain import Domain
    from hvsim.rhel5xen.site import Host
    from hvsim_fakes.rhel5xen.actor import Actor

BLOCKED, PAUSED, SHUTOFF = 2, 3, 5
_STATES: Final = {
    State.RUNNING: 1,
    State.BLOCKED: BLOCKED,
    State.PAUSED: PAUSED,
    State.SHUTDOWN: 4,
    State.CRASHED: 6,
    State.DYING: 4,
}
LIVE, PERSIST_DEST, UNDEFINE_SOURCE, PAUSED_MOVE = 1, 8, 16, 32
_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A guest as the driver sees it; ``id`` -1 and ``state`` 5 while it has no domain.

    Memory in KiB, ``cpu_time`` in nanoseconds.
    """

    name: str
    uuid: str
    id: int
    state: int
    maxmem: int
    memory: int
    vcpus: int
    cpu_time: int
    config: Configuration

    @property
    def active(self) -> bool:
        """Whether it has a domain."""
        return self.id >= 0


class XenDriver:
    """The driver on one host.

    Every method raises :class:`LibvirtError`.
    """

    def __init__(self, host: Host, actor: Actor) -> None:
        self.host = host
        self._actor = actor

    # -- looking -----------------------------------------------------------------------------

    def active(self) -> list[Seen]:
        """Return the domains, Domain-0 first, by number."""
        self._demand_xend()
        with self._actor.world.access():
            return [self._seen(domain) for domain in self.host.domains.values()]

    def inactive(self) -> list[Seen]:
        """Return the guests in the host's files that no domain has the name of."""
        with self._actor.world.access():
            taken = {domain.name for domain in self.host.domains.values()}
            return [
                _defined(known.config)
                for name, known in self.host.definitions().items()
                if name not in taken
            ]

    def by_name(self, name: str) -> Seen:
        """Return a guest by its name."""
        self._demand_xend()
        with self._actor.world.access():
            for domain in self.host.domains.values():
                if domain.name == name:
                    return self._seen(domain)
            known = self.host.definition(name)
        if known is None:
            raise LibvirtError(Code.NO_DOMAIN, "xenUnifiedDomainLookupByName")
        return _defined(known.config)

    def by_id(self, number: int) -> Seen:
        """Return a domain by its number."""
        self._demand_xend()
        with self._actor.world.access():
            if number in self.host.domains:
                return self._seen(self.host.domains[number])
        raise LibvirtError(Code.NO_DOMAIN, "xenUnifiedDomainLookupByID")

    def by_uuid(self, uuid: str) -> Seen:
        """Return a guest by its UUID (with dashes)."""
        self._demand_xend()
        with self._actor.world.access():
            domain = self.host.by_uuid(uuid)
            if domain is not None:
                return self._seen(domain)
            for known in self.host.definitions().values():
                if known.config.uuid == uuid:
                    return _defined(known.config)
        raise LibvirtError(Code.NO_DOMAIN, "xenUnifiedDomainLookupByUUID")

    def xml(self, seen: Seen) -> str:
        """Return a guest's description."""
        return domain_xml.render(seen.config, seen.id, seen.memory, seen.maxmem, seen.vcpus)

    def starts_with_host(self, seen: Seen) -> bool:
        """Whether a guest starts with its host."""
        with self._actor.world.access():
            defined = self.host.definition(seen.name) is not None
            return defined and definitions.starts_with_host(self.host, seen.name)

    def persistent(self, seen: Seen) -> bool:
        """Whether the host has a file of a guest."""
        with self._actor.world.access():
            return self.host.definition(seen.name) is not None

    # -- doing -------------------------------------------------------------------------------

    def start(self, seen: Seen) -> Seen:
        """Start a guest from its file."""
        self._demand_xend()
        if seen.active:
            # The old driver tells no reason.
            raise LibvirtError(Code.OPERATION_INVALID, f"domain {seen.name} is already active")
        self._post("domain.start", seen.name)
        return self.by_name(seen.name)

    def create(self, xml: str) -> Seen:
        """Start a guest of which there is no file."""
        config = domain_xml.parse(xml)
        self._post("domain.create", packed(config))
        return self.by_name(config.name)

    def define(self, xml: str) -> Seen:
        """Write a guest's file."""
        config = domain_xml.parse(xml)
        self._post("guest.define", packed(config))
        return self.by_name(config.name)

    def undefine(self, seen: Seen) -> None:
        """Remove a guest's file."""
        if seen.active:
            raise LibvirtError(Code.INVALID_ARG, "not inactive domain", Origin.XENXM)
        self._post("guest.undefine", seen.name)

    def shutdown(self, seen: Seen, reason: str = "poweroff") -> None:
        """Tell a guest's system to end."""
        self._demand_active(seen)
        self._post("domain.shutdown", seen.name, reason)

    def destroy(self, seen: Seen) -> None:
        """End a guest as it stands."""
        self._demand_active(seen)
        self._post("domain.destroy", seen.name)

    def suspend(self, seen: Seen) -> None:
        """Take a guest's processors away."""
        self._demand_active(seen)
        self._post("domain.pause", seen.name)

    def resume(self, seen: Seen) -> None:
        """Give a guest its processors back."""
        self._demand_active(seen)
        self._post("domain.unpause", seen.name)

    def save(self, seen: Seen, path: str) -> None:
        """Write a domain to a file and end it."""
        self._demand_active(seen)
        self._post("domain.save", seen.name, path)

    def restore(self, path: str) -> None:
        """Bring a domain back from a file."""
        self._demand_xend()
        self._post("domain.restore", path)

    def set_memory(self, seen: Seen, kib: int) -> None:
        """Let a domain have so much memory."""
        self._demand_active(seen)
        self._post("domain.set-memory", seen.name, _mib(kib))

    def set_maximum(self, seen: Seen, kib: int) -> None:
        """Say how much memory a domain may have at most."""
        self._demand_active(seen)
        self._post("domain.set-maximum", seen.name, _mib(kib))

    def set_vcpus(self, seen: Seen, count: int) -> None:
        """Bring so many processors of a domain online."""
        self._demand_active(seen)
        most = seen.config.vcpus
        if count > most:
            raise LibvirtError(
                Code.INVALID_ARG,
                f"requested vcpus is greater than max allowable vcpus for the domain:"
                f" {count} > {most}",
                Origin.XEND,
            )
        self._post("domain.set-vcpus", seen.name, count)

    def set_autostart(self, seen: Seen, *, on: bool) -> None:
        """Let a guest start with its host, or not."""
        self._post("guest.set-autostart", seen.name, on)

    def migrate(self, seen: Seen, uri: str, flags: int) -> None:
        """Move a domain to the host that a URI or address names."""
        known = LIVE | PERSIST_DEST | UNDEFINE_SOURCE
        if flags & PAUSED_MOVE or seen.state == PAUSED:
            text = "xenDaemonDomainMigrate: xend cannot migrate paused domains"
            raise LibvirtError(Code.OPERATION_INVALID, text, Origin.XEND)
        if flags & ~known:
            text = "xenDaemonDomainMigrate: unsupported flag"
            raise LibvirtError(Code.OPERATION_INVALID, text, Origin.XEND)
        self._demand_active(seen)
        self._post("domain.migrate", seen.name, _destination(uri), bool(flags & LIVE))
        if flags & UNDEFINE_SOURCE and self.persistent(seen):
            self._post("guest.undefine", seen.name)

    # -- helpers -----------------------------------------------------------------------------

    def _seen(self, domain: Domain) -> Seen:
        return Seen(
            domain.name,
            domain.uuid,
            domain.id,
            _STATES[domain.state],
            domain.maxmem * 1024,
            domain.memory * 1024,
            domain.vcpus,
            int(domain.cpu_time(self._actor.world.now) * 1e9),
            domain.config.renamed(domain.name),
        )

    def _post(self, message: str, *args: Any) -> None:
        try:
            tell_xend(self._actor, self.host, message, *args)
        except XendError as error:
            raise _told(error) from None

    def _demand_active(self, seen: Seen) -> None:
        self._demand_xend()
        if not seen.active:
            text = f"Domain {seen.name} isn't running."
            raise LibvirtError(Code.OPERATION_INVALID, text, Origin.XEND)

    def _demand_xend(self) -> None:
        if self.host.xend.state == "stopped":
            raise _told(XendError("", Fault.NO_DAEMON))


def _told(error: XendError) -> LibvirtError:
    if error.fault is Fault.NO_DAEMON:
        return LibvirtError(Code.INTERNAL_ERROR, "failed to connect to xend", Origin.XEND)
    if error.fault is Fault.NO_DOMAIN:
        return LibvirtError(Code.NO_DOMAIN, f"{error.text}", Origin.XEND)
    text = f"xend_post: error from xen daemon: (xend.err {error.text!r})"
    return LibvirtError(Code.POST_FAILED, text, Origin.XEND)


def _defined(config: Configuration) -> Seen:
    return Seen(
        config.name,
        config.uuid,
        -1,
        SHUTOFF,
        config.maxmem * 1024,
        config.memory * 1024,
        config.vcpus,
        0,
        config,
    )


def _mib(kib: int) -> int:
    return max(1, kib // 1024)


def _destination(uri: str) -> str:
    """Return the host that ``xenmigr://host[:port]/``, ``host:port`` or ``host`` names."""
    try:
        parts = urlsplit(uri) if "//" in uri else urlsplit(f"//{uri}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        text = "xenDaemonDomainMigrate: invalid port number"
        raise LibvirtError(Code.INVALID_ARG, text, Origin.XEND) from None
    if parts.scheme not in ("", "xenmigr"):
        text = "xenDaemonDomainMigrate: only xenmigr:// migrations are supported by Xen"
        raise LibvirtError(Code.INVALID_ARG, text, Origin.XEND)
    if not host or not _HOST.fullmatch(host):
        text = "xenDaemonDomainMigrate: a hostname must be specified in the URI"
        raise LibvirtError(Code.INVALID_ARG, text, Origin.XEND)
    return host
