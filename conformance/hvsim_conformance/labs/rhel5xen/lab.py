"""The lab of one RHEL5-Xen check."""

from collections.abc import Sequence

from hvsim.rhel5xen.calls import call
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import Endpoint, LabRequest
from hvsim_conformance.labs.base import ProductLab
from hvsim_conformance.labs.rhel5xen.tool import Console
from hvsim_conformance.labs.rhel5xen.world import HOSTS, PASSWORD, SITE, USER, build
from hvsim_fakes.lab import Listening


class Rhel5XenLab(ProductLab):
    """One check's own hosts, each with an SSH port of its own.

    The implementation registers all of them. :meth:`console` is the administrator at one.
    """

    product = Product.RHEL5XEN

    def __init__(self, request: LabRequest) -> None:
        super().__init__(build(request.seed), Credentials(USER, PASSWORD))
        self._consoles: dict[str, Console] = {}

    def listening(self) -> Listening:
        """Return that SSH is all there is."""
        return Listening(port=None, tls_port=None, control_port=0)

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The hosts."""
        return [self.endpoint(name) for name in HOSTS]

    def endpoint(self, host: str) -> Endpoint:
        """Return the endpoint of a host by name."""
        return Endpoint(Product.RHEL5XEN, self.url(host), self.credentials, Role.VM_HOST)

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

    def close(self) -> None:
        """Disconnect and stop listening."""
        for console in self._consoles.values():
            console.close()
        super().close()
