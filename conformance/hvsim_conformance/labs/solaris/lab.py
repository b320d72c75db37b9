"""The lab of one Solaris check."""

from collections.abc import Sequence

from hvsim.zones.host import ZoneHost
from hvsim.zones.zone import Zone
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import Endpoint, LabRequest
from hvsim_conformance.labs.base import ProductLab
from hvsim_conformance.labs.solaris.tool import Tool
from hvsim_conformance.labs.solaris.world import HOSTS, PASSWORD, build


class SolarisLab(ProductLab):
    """One check's own hosts, each answering SSH at an address of its own.

    :attr:`tool` is the administrator at the first host.
    """

    product = Product.SOLARIS

    def __init__(self, request: LabRequest) -> None:
        self.profile = request.profile
        super().__init__(build(request.profile, request.seed), Credentials("root", PASSWORD))
        self.tool = self.tool_at(HOSTS[0])

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The hosts."""
        return [self.endpoint(name) for name in HOSTS]

    def endpoint(self, host: str) -> Endpoint:
        """Return the endpoint of a host by name."""
        return Endpoint(Product.SOLARIS, self.url(host), self.credentials, Role.VM_HOST)

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

    def causes(self, zone: str, since: int) -> list[str]:
        """Return what has changed a zone after an event, in order (``zone.halt/1``)."""
        ending = f"/zone/{zone}"
        events = self.world.log.since(since)
        return [event.cause for event in events if event.subject.endswith(ending)]

    def _hosts(self) -> list[ZoneHost]:
        products = self.world.products.values()
        return [found for found in products if isinstance(found, ZoneHost)]
