"""RHEL5-Xen hosts: each with its own domains and its own guests' files; they form no pool."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from hvsim.behaviours import Chosen
from hvsim.files import FileError, Kind
from hvsim.hardware import Silence
from hvsim.rhel5xen.behaviours import PRODUCT
from hvsim.rhel5xen.configuration import Configuration, Unreadable, parse
from hvsim.rhel5xen.domain import ALIVE, Domain, State
from hvsim.rhel5xen.errors import Fault, XendError, no_domain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.hardware import Server
    from hvsim.systems import Account, System
    from hvsim.world import World

MIB: Final = 2**20
FOLDER: Final = "/etc/xen"
"""Where the files of a host's guests lie."""
AUTO: Final = "/etc/xen/auto"
"""Links to the files of the guests that start with their host."""
DOM0_LEAST: Final = 256
"""MiB that Domain-0 keeps when it makes room for guests (dom0-min-mem)."""
_NOT_GUESTS: Final = ("xend-config", "xend-pci", "xmexample", "qemu-ifup", "xm-config", ".")
"""How names in the folder begin that stand for no guest."""


def is_guest_file(name: str) -> bool:
    """Whether a file of that name in the folder may stand for a guest."""
    return name not in ("auto", "scripts") and not name.startswith(_NOT_GUESTS)


@dataclass(slots=True)
class Daemon:
    """A service of a host: ``running``, ``stopped`` or ``hung``."""

    state: str = "running"


@dataclass(frozen=True, slots=True)
class Definition:
    """A guest as a host's file defines it."""

    path: str
    config: Configuration


@dataclass(slots=True)
class Host:
    """One host.

    Attributes:
        site: the product instance it belongs to: only the lab sees them as belonging together.
        memory: MiB of the machine, of which guests and Domain-0 have theirs.
        domains: those that exist, Domain-0 too, by number.
        up: whether its system has come up since its machine has power.
        relocation: whether its xend takes domains from other hosts.
    """

    site: Site
    name: str
    server: Server
    system: System
    memory: int
    relocation: bool = True
    domains: dict[int, Domain] = field(default_factory=dict)
    up: bool = True
    xend: Daemon = field(default_factory=Daemon)
    libvirtd: Daemon = field(default_factory=Daemon)
    sshd: Daemon = field(default_factory=Daemon)
    observers: list[Callable[[], None]] = field(default_factory=list, repr=False)
    """Told, under the world's lock, whenever what a caller sees may have changed."""
    _next: int = 0
    _read: dict[str, tuple[bytes, Configuration | None]] = field(default_factory=dict, repr=False)

    @property
    def world(self) -> World:
        """The simulated datacentre."""
        return self.site.world

    @property
    def path(self) -> str:
        """Its place in subjects of events."""
        return f"{self.site.path}/host/{self.name}"

    @property
    def guests(self) -> list[Domain]:
        """Its domains without Domain-0, by number."""
        return [found for number, found in self.domains.items() if number]

    @property
    def free(self) -> int:
        """MiB that no domain has."""
        return self.memory - sum(found.memory for found in self.domains.values())

    def answers(self) -> Silence | None:
        """Return None when its SSH server answers, else what a caller sees."""
        unreachable = self.server.reachable()
        if unreachable is not None:
            return unreachable
        if not self.up or not self.server.runs_own_system or self.sshd.state == "stopped":
            return Silence.REFUSED
        return Silence.DROPPED if self.sshd.state == "hung" else None

    def demand_xend(self) -> None:
        """Refuse when xend does not run."""
        if self.xend.state == "stopped":
            raise XendError("No such file or directory", Fault.NO_DAEMON)

    def tell(self) -> None:
        """Let those know who follow whether it answers."""
        for observer in self.observers:
            observer()

    # -- domains -----------------------------------------------------------------------------

    def subject(self, domain: Domain) -> str:
        """Return the path of a domain's guest, the same on every host of the site."""
        return self.site.subject(domain.uuid) if domain.id else f"{self.path}/Domain-0"

    def find(self, asked: str | int) -> Domain:
        """Return a domain by its name, else by its number; raises :class:`XendError`."""
        text = str(asked)
        for domain in self.domains.values():
            if domain.name == text:
                return domain
        if text.isascii() and text.isdigit() and len(text) < 10 and int(text) in self.domains:
            return self.domains[int(text)]
        raise no_domain(asked)

    def by_uuid(self, uuid: str) -> Domain | None:
        """Return the domain of a guest, or None when it has none here."""
        return next((found for found in self.domains.values() if found.uuid == uuid), None)

    def holds(self, domain: Domain) -> bool:
        """Whether a domain still exists here."""
        return self.domains.get(domain.id) is domain

    def add(self, config: Configuration, state: State, memory: int | None = None) -> Domain:
        """Make a domain with the next free number."""
        number, self._next = self._next, self._next + 1
        domain = Domain(
            number,
            config.name,
            config,
            config.memory if memory is None else memory,
            config.maxmem,
            config.vcpus,
            state,
            self.world.now,
            since=self.world.now if state in ALIVE else None,
        )
        self.domains[number] = domain
        self._log("add", domain, None, domain.shown())
        return domain

    def change(self, domain: Domain, **fields: Any) -> None:
        """Change a domain and log what is different then."""
        now, before = self.world.now, domain.shown()
        domain.cpu, domain.since = domain.cpu_time(now), None
        for name, value in fields.items():
            setattr(domain, name, value)
        domain.since = now if domain.alive else None
        after = domain.shown()
        changed = [key for key, value in after.items() if before[key] != value]
        if changed and self.holds(domain):
            self._log(
                "mod",
                domain,
                {key: before[key] for key in changed},
                {key: after[key] for key in changed},
            )

    def remove(self, domain: Domain) -> None:
        """Let a domain be gone."""
        if self.holds(domain):
            del self.domains[domain.id]
            self._log("del", domain, domain.shown(), None)

    def restart_numbers(self) -> None:
        """Count domains from 0 again, as after a boot."""
        self._next = 0

    def _log(self, kind: str, domain: Domain, before: Any, after: Any) -> None:
        subject = f"{self.path}/domain/{domain.id}"
        if before is not None or after is not None:
            self.world.log.append(
                kind, subject, before, after, (self.site.path, self.path, self.subject(domain))
            )

    # -- definitions -------------------------------------------------------------------------

    def definitions(self) -> dict[str, Definition]:
        """Return the guests that its files define, by name, in order of their files' names.

        Files that cannot be used are passed over, as libvirt does.
        """
        found: dict[str, Definition] = {}
        for name, content in self._files():
            config = self._parsed(name, content)
            if config is not None and config.name not in found:
                found[config.name] = Definition(f"{FOLDER}/{name}", config)
        return found

    def definition(self, name: str) -> Definition | None:
        """Return the definition of a guest, or None; looks at the file of its name first."""
        try:
            node = self.system.files.find(FOLDER).children.get(name)
        except FileError:
            return None
        if node is not None and node.kind is Kind.FILE and is_guest_file(name):
            config = self._parsed(name, node.content)
            if config is not None and config.name == name:
                return Definition(f"{FOLDER}/{name}", config)
        return self.definitions().get(name)

    def defined(self, name: str) -> Definition:
        """Return a definition; raises :class:`XendError` when there is none of that name."""
        found = self.definition(name)
        if found is None:
            raise no_domain(name)
        return found

    def identified(self, config: Configuration) -> Configuration:
        """Return a configuration with a UUID: its own, or one for its name on this host."""
        if config.uuid:
            return config
        stream = self.world.streams.fresh(f"{self.path}/uuid/{config.name}")
        digits = f"{stream.getrandbits(128):032x}"
        uuid = f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        return replace(config, uuid=uuid)

    def _files(self) -> Iterator[tuple[str, bytearray]]:
        try:
            folder = self.system.files.find(FOLDER)
        except FileError:
            return
        for name in sorted(folder.children):
            node = folder.children[name]
            if node.kind is Kind.FILE and is_guest_file(name):
                yield name, node.content

    def _parsed(self, name: str, content: bytearray) -> Configuration | None:
        known = self._read.get(name)
        if known is None or known[0] != content:
            text = bytes(content)
            known = self._read[name] = (text, self._parse(name, text))
        return known[1]

    def _parse(self, name: str, content: bytes) -> Configuration | None:
        try:
            return self.identified(parse(content.decode(), name))
        except (Unreadable, UnicodeDecodeError):
            return None


class Site:
    """Hosts that a lab sets up together; nothing in the product joins them.

    Args:
        name: its name in the lab.
        profile: ``rhel5-xen``.
        bandwidth: bytes a second that copying a domain's memory takes.
    """

    def __init__(self, world: World, name: str, profile: str, bandwidth: int) -> None:
        self.world = world
        self.name = name
        self.profile = profile
        self.bandwidth = bandwidth
        self.path = f"{PRODUCT}/{name}"
        self.hosts: dict[str, Host] = {}
        self.behaviours = Chosen(PRODUCT, profile)
        self.boots: dict[str, int] = {}
        """How often each guest's system has come up, by its UUID."""
        self.storages: dict[str, str] = {}
        """Shared storage that guests' disks lie on, by the beginning of their paths."""
        self.locked: dict[str, dict[str, Account]] = {}
        """Accounts that were revoked, by user and host."""
        world.products[name] = self

    def has(self, behaviour: str) -> bool:
        """Whether the hosts show a behaviour of :mod:`hvsim.rhel5xen.behaviours`."""
        return behaviour in self.behaviours

    def subject(self, uuid: str) -> str:
        """Return the path of a guest."""
        return f"{self.path}/guest/{uuid}"

    def host(self, name: str) -> Host:
        """Return a host; its name was judged before."""
        return self.hosts[name]

    def host_on(self, server: str) -> Host | None:
        """Return the host that runs on a server, or None."""
        return next((host for host in self.hosts.values() if host.server.name == server), None)

    def domains_of(self, uuid: str) -> list[tuple[Host, Domain]]:
        """Return a guest's domains with their hosts: two while it is copied, else one or none."""
        hosts = self.hosts.values()
        return [(host, dom) for host in hosts for dom in host.guests if dom.uuid == uuid]


def host_at(world: World, address: str) -> Host | None:
    """Return the host of any site with a name or address, or None when nobody has that one."""
    sites = [found for found in world.products.values() if isinstance(found, Site)]
    for host in (host for site in sites for host in site.hosts.values()):
        if address in (host.server.address, host.name, host.system.nodename):
            return host
    return None
