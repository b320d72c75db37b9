"""The lab of one XenServer check."""

from collections.abc import Sequence

from hvsim.xenserver.pool import Pool
from hvsim_conformance.adapters.model import Credentials, Product, Role
from hvsim_conformance.engine.lab import Endpoint, LabRequest
from hvsim_conformance.labs.base import ProductLab
from hvsim_conformance.labs.xenserver.tool import Tool
from hvsim_conformance.labs.xenserver.world import PASSWORD, POOL, SOLO, build


class XenServerLab(ProductLab):
    """One check's own pools, listening on ports of their own.

    The implementation registers all hosts of the pool; the stand-alone host is registered by the
    checks that need it. :attr:`tool` is the administrator at the pool's first master.
    """

    product = Product.XENSERVER

    def __init__(self, request: LabRequest) -> None:
        self.legacy = request.profile == "xenserver-5.5"
        world = build("xenserver-5.5" if self.legacy else "xenserver-8", request.seed)
        super().__init__(world, Credentials("root", PASSWORD))
        self.tool = self.tool_at("alpha")

    @property
    def endpoints(self) -> Sequence[Endpoint]:
        """The hosts of the pool, the master first."""
        return [self.endpoint(name) for name in ("alpha", "beta", "gamma")]

    def endpoint(self, host: str) -> Endpoint:
        """Return the endpoint of a host by name."""
        return Endpoint(Product.XENSERVER, self.url(host), self.credentials, Role.VM_HOST)

    def url(self, host: str) -> str:
        """Return the URL of a host by name."""
        pool = self.pool_of(host)
        member = pool.member_on(host)
        if member is None:
            raise KeyError(host)
        return self.running.member_url(pool.name, member.host)

    def tool_at(self, host: str) -> Tool:
        """Return a fresh administrator's client at a host."""
        return Tool(self.url(host), "root", PASSWORD)

    def pool_of(self, host: str) -> Pool:
        """Return the pool that a host is in."""
        pool: Pool = self.world.product(SOLO if host == "single" else POOL)
        return pool
