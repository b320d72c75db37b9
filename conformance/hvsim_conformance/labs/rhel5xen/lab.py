"""The lab of one RHEL5-Xen check."""

from collections.abc import Sequence

from hvsim.rhel5xen.calls import call
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import HARNESS, Endpoint, Exchange, LabRequest
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.labs.rhel5xen.tool import ADDRESS, Console
from hvsim_conformance.labs.rhel5xen.world import HOSTS, PASSWORD, SITE, USER, build
from hvsim_conformance.labs.xenserver.lab import Control, Truth
from hvsim_conformance.labs.xenserver.machines import Machines
from hvsim_fakes.lab import Lab as RunningLab
from hvsim_fakes.lab import Listening


class Wire:
    """The wire log, with the suite's own client named."""

    def __init__(self, running: RunningLab) -> None:
        self._log = running.wirelog

    def mark(self) -> int:
        """Return the number of the last exchange so far."""
        return self._log.last_seq

    def since(self, mark: int) -> Sequence[Exchange]:
        """Return the exchanges after a mark."""
        return [
            Exchange(
                seen.seq,
                seen.time,
                HARNESS if seen.client.partition(":")[0] == ADDRESS else seen.client,
                seen.endpoint,
                seen.call,
                seen.is_write,
                seen.outcome,
            )
            for seen in self._log.entries(since=mark)
        ]


class Rhel5XenLab:
    """One check's own hosts, each with an SSH port of its own.

    The implementation registers all of them. :meth:`console` is the administrator at one.
    """

    def __init__(self, request: LabRequest) -> None:
        self.world = build(request.seed)
        listening = Listening(port=None, tls_port=None, control_port=0)
        self.running = RunningLab(self.world, listening).start()
        self.control = Control(self.world)
        self.truth = Truth(self.world)
        self.wire = Wire(self.running)
        self.credentials = Credentials(USER, PASSWORD)
        self.machines = Machines(self.world)
        self._consoles: dict[str, Console] = {}

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The hosts."""
        return [self.endpoint(name) for name in HOSTS]

    def endpoint(self, host: str) -> Endpoint:
        """Return the endpoint of a host by name."""
        return Endpoint(Product.RHEL5XEN, self.url(host), self.credentials, Role.VM_HOST)

    @property
    def hardware(self) -> Endpoint:
        """The door to the physical servers, for implementations of spares and backups."""
        secret = Credentials("", self.running.token)
        return Endpoint(Product.RHEL5XEN, self.running.control_url, secret, Role.HARDWARE)

    def url(self, host: str) -> str:
        """Return the URL of a host by name."""
        return self.running.member_url(SITE, host, tls=None)

    def console(self, host: str) -> Console:
        """Return the administrator's shell on a host."""
        if host not in self._consoles:
            self._consoles[host] = Console(self.url(host), self.credentials)
        return self._consoles[host]

    def begin_move(self, guest: str, source: str, target: str, *, live: bool = True) -> None:
        """Let the administrator begin to move a running guest, and not wait for the end."""
        host = self.world.product(SITE).hosts[source]
        self.world.execute(call(host, "domain.migrate", guest, target, live))

    def uuid(self, guest: str) -> str:
        """Return a guest's UUID by its name."""
        return self.truth.guest(guest).native_id

    def host_id(self, host: str) -> str:
        """Return a host's native id by its name."""
        return self.truth.host(host).native_id

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
        """Disconnect and stop listening."""
        for console in self._consoles.values():
            console.close()
        self.running.stop()
