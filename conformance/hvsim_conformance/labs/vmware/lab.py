"""The lab of one VMware check."""

from collections.abc import Sequence
from typing import Any

from hvsim.vcenter.methods import Caller
from hvsim.vcenter.server import VCenter
from hvsim.vcenter.values import Ref
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import Endpoint, LabRequest
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.labs.vmware.world import PASSWORD, USER, VCENTER, build
from hvsim_conformance.labs.xenserver.lab import Control, Truth, Wire
from hvsim_conformance.reference.vmware.connection import Connection
from hvsim_fakes.lab import Lab as RunningLab
from hvsim_fakes.lab import Listening


class VmwareLab:
    """One check's own vCenter; the implementation registers it as a VM management product.

    :meth:`ask` is an administrator who works at vCenter itself, past the wire.
    """

    def __init__(self, request: LabRequest) -> None:
        self.profile = request.profile
        self.world = build(request.profile, request.seed)
        self.running = RunningLab(self.world, Listening(tls_port=None, control_port=0)).start()
        self.control = Control(self.world)
        self.truth = Truth(self.world)
        self.wire = Wire(self.running)
        self.credentials = Credentials(USER, PASSWORD)

    @property
    def vcenter(self) -> VCenter:
        """The simulated vCenter."""
        found: VCenter = self.world.product(VCENTER)
        return found

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The vCenter."""
        return [Endpoint(Product.VMWARE, self.url, self.credentials, Role.VM_MANAGER)]

    @property
    def hardware(self) -> Endpoint:
        """The door to the physical servers, for implementations of spares and backups."""
        secret = Credentials("", self.running.token)
        return Endpoint(Product.VMWARE, self.running.control_url, secret, Role.HARDWARE)

    @property
    def url(self) -> str:
        """The URL of the vCenter."""
        return self.running.member_url(VCENTER, VCENTER)

    def connect(self) -> Connection:
        """Return a client of the check's own; whoever takes it closes it."""
        return Connection(self.url, self.credentials)

    def named(self, kind: str, name: str) -> Ref:
        """Return the object of a vim25 type that has a name."""
        found = [known.ref for known in self.vcenter.store.of_type(kind) if known["name"] == name]
        return found[0]

    def ask(self, this: Ref, method: str, **args: Any) -> Any:
        """Call a method of vim25 as an administrator; a task's reference is not waited for."""
        return self.vcenter.call(Caller(USER), this, method, args)

    def task_state(self, task: Ref) -> str:
        """Return the state of a task."""
        return str(self.vcenter.store.value(task, "info.state"))

    def uuid(self, guest: str) -> str:
        """Return a guest's instance UUID by its name."""
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
        """Stop listening."""
        self.running.stop()
