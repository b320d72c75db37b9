"""The lab of one VMware check."""

from collections.abc import Sequence
from typing import Any

from hvsim.vcenter.methods import Caller
from hvsim.vcenter.server import VCenter
from hvsim.vcenter.values import Ref
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import Endpoint, LabRequest
from hvsim_conformance.labs.base import ProductLab
from hvsim_conformance.labs.vmware.world import AGENTS, HOST_USER, PASSWORD, USER, VCENTER, build
from hvsim_conformance.reference.vmware.connection import Connection


class VmwareLab(ProductLab):
    """One check's own vCenter; the implementation registers it as a VM management product.

    :meth:`ask` is an administrator who works at vCenter itself, past the wire.
    """

    product = Product.VMWARE

    def __init__(self, request: LabRequest) -> None:
        self.profile = request.profile
        super().__init__(build(request.profile, request.seed), Credentials(USER, PASSWORD))

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
    def alone(self) -> Sequence[Endpoint]:
        """The hosts that answer for themselves."""
        secret = Credentials(HOST_USER, PASSWORD)
        return [
            Endpoint(Product.VMWARE, self.running.member_url(name, name), secret, Role.VM_HOST)
            for name in AGENTS
        ]

    @property
    def url(self) -> str:
        """The URL of the vCenter."""
        return self.running.member_url(VCENTER, VCENTER)

    def connect(self) -> Connection:
        """Return a client of the check's own; whoever takes it closes it."""
        return Connection(self.url, self.credentials)

    def named(self, kind: str, name: str, at: str = VCENTER) -> Ref:
        """Return the object of a vim25 type that has a name, at vCenter or a host alone."""
        vcenter: VCenter = self.world.product(at)
        return next(known.ref for known in vcenter.store.of_type(kind) if known["name"] == name)

    def ask(self, this: Ref, method: str, *, at: str = VCENTER, **args: Any) -> Any:
        """Call a method of vim25 as an administrator; a task's reference is not waited for."""
        return self.world.product(at).call(Caller(USER), this, method, args)

    def task_state(self, task: Ref) -> str:
        """Return the state of a task."""
        return str(self.vcenter.store.value(task, "info.state"))
