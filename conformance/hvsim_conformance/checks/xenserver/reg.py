"""Registration of pools (REG-3)."""

from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.labs.xenserver.world import HOSTS


@check("REG-3")
def every_host_is_registered(bench: XenBench) -> None:
    """All hosts of the pool are taken, and all of it is listed once, in one pool."""
    ids = bench.enrol()
    bench.expect(len({*ids}) == len(HOSTS), f"the registrations are called {', '.join(ids)}")
    pools = {bench.host(host).pool for host in HOSTS}
    bench.expect(len(pools) == 1, f"the hosts are listed in {len(pools)} pools")
    for guest in ("web", "db", "nested", "spare"):
        bench.guest(bench.lab.uuid(guest))
