"""The lab of one Solaris check."""

from collections.abc import Sequence

from hvsim.zones.host import ZoneHost
from hvsim.zones.zone import Zone
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import Endpoint, LabRequest
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.labs.solaris.tool import Tool
from hvsim_conformance.labs.solaris.world import HOSTS, PASSWORD, build
from hvsim_conformance.labs.xenserver.lab import Control, Truth, Wire
from hvsim_conformance.labs.xenserver.machines import Machines
from hvsim_fakes.lab import Lab as RunningLab
from hvsim_fakes.lab import Listening


class SolarisLab:
    """One check's own hosts, each answering SSH at an address of its own.

    :attr:`tool` is the administrator at the first host.
    """

    def __init__(self, request: LabRequest) -> None:
        self.profile = request.profile
        self.world = build(request.profile, request.seed)
        self.running = RunningLab(self.world, Listening(tls_port=None, control_port=0)).start()
        self.control = Control(self.world)
        self.truth = Truth(self.world)
        self.wire = Wire(self.running)
        self.credentials = Credentials("root", PASSWORD)
        self.tool = self.tool_at(HOSTS[0])
        self.machines = Machines(self.world)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The hosts."""
        return [self.endpoint(name) for name in HOSTS]

    def endpoint(self, host: str) -> Endpoint:
        """Return the endpoint of a host by name."""
        return Endpoint(Product.SOLARIS, self.url(host), self.credentials, Role.VM_HOST)

    @property
    def hardware(self) -> Endpoint:
        """The door to the physical servers, for implementations of spares and backups."""
        secret = Credentials("", self.running.token)
        return Endpoint(Product.SOLARIS, self.running.control_url, secret, Role.HARDWARE)

    def url(self, host: str) -> str:
        """Return the URL (``ssh://``) of a host by name."""
        return self.running.member_url(host, host)

    def tool_at(self, host: str) -> Tool:
        """Return the administrator's shell on a host."""
        return Tool(self.url(host), "root", PASSWORD)

    def zone(self, name: str) -> Zone:
        """Return a zone of any host by its name."""
        found = [host.zones[name] for host in self._hosts() if name in host.zones]
        return found[0]

    def uuid(self, zone: str) -> str:
        """Return a zone's UUID by its name; its name while it has none."""
        return self.truth.guest(zone).native_id

    def causes(self, zone: str, since: int) -> list[str]:
        """Return what has changed a zone after an event, in order (``zone.halt/1``)."""
        ending = f"/zone/{zone}"
        events = self.world.log.since(since)
        return [event.cause for event in events if event.subject.endswith(ending)]

    def timeline(self) -> Sequence[TimelineEntry]:
        """Return commands, exchanges and events."""
        exchanges = [
            TimelineEntry(
                seen.at, Lane.WIRE, f"{seen.call} at {seen.endpoint}", seen.outcome, seen.is_write
            )
            for seen in self.wire.since(0)
        ]
        events = [
            TimelineEntry(event.time, Lane.EVENT, f"{event.kind} {event.subject}", event.cause)
            for event in self.world.log.since(0)
        ]
        return sorted([*self.control.done, *exchanges, *events], key=lambda entry: entry.at)

    def close(self) -> None:
        """Stop listening."""
        self.running.stop()

    def _hosts(self) -> list[ZoneHost]:
        products = self.world.products.values()
        return [found for found in products if isinstance(found, ZoneHost)]
