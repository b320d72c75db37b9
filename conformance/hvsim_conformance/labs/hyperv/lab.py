"""The lab of one Hyper-V check."""

from collections.abc import Sequence
from typing import Any

from hvsim.operations import Operation
from hvsim.scvmm.actions import Caller
from hvsim.scvmm.server import VmmServer
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import Endpoint, LabRequest
from hvsim_conformance.labs.base import ProductLab
from hvsim_conformance.labs.hyperv.world import ALONE, PASSWORD, USER, VMM, build


class HypervLab(ProductLab):
    """One check's own VMM server; the implementation registers it as a VM management product.

    :meth:`ask` is an administrator who works at VMM itself, past the wire.
    """

    product = Product.HYPERV

    def __init__(self, request: LabRequest) -> None:
        self.profile = request.profile
        world = build(request.profile, request.seed)
        super().__init__(world, Credentials(USER, PASSWORD))

    @property
    def vmm(self) -> VmmServer:
        """The simulated VMM server."""
        found: VmmServer = self.world.product(VMM)
        return found

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The VMM server."""
        return [Endpoint(Product.HYPERV, self.url, self.credentials, Role.VM_MANAGER)]

    @property
    def alone(self) -> Sequence[Endpoint]:
        """The hosts that VMM does not manage, each by itself."""
        return [
            Endpoint(
                Product.HYPERV,
                self.running.member_url(VMM, name),
                self.credentials,
                Role.VM_HOST,
            )
            for name in ALONE
        ]

    @property
    def url(self) -> str:
        """The URL of WinRM on the VMM server's machine."""
        return self.running.member_url(VMM, VMM)

    def ask(self, action: str, guest: str, **args: Any) -> Operation:
        """Begin an action of VMM's on a guest as an administrator; return its operation."""
        job = self.vmm.call(Caller(USER), action, {"VM": self.uuid(guest), **args})
        return self.vmm.jobs[str(job)]

    def rest(self, host: str) -> None:
        """Let the administrator put a host into maintenance mode; its guests are saved."""
        job = self.vmm.call(Caller(USER), "DisableVMHost", {"VMHost": self.host_id(host)})
        self.end(self.vmm.jobs[str(job)])

    def end(self, operation: Operation) -> None:
        """Let simulated time pass until an operation has ended."""
        self.control.settle(operation)
