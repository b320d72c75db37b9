"""Spare servers shared by physical servers and guests (SPARE-*).

No guest runs on the standby; HA brings guests of failed hosts of its cluster there.
"""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.spare import STANDBY, SpareChecks
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import LONG, ON, expect_shown, expect_state


class VmwareSpares(SpareChecks):
    """How vCenter does it."""

    running = ("web", "db", "bare")
    busy = ("web", "alpha")
    settled = LONG

    def make_standby(self, bench: AnyBench) -> None:
        """Expect that HA counts on it: the cluster stands the failure of a host."""
        store = bench.lab.vcenter.store
        cluster = bench.lab.named("ClusterComputeResource", "c1")
        das = store.value(cluster, "configurationEx.dasConfig")
        bench.expect(das["enabled"], "the cluster has no HA")
        bench.expect(das["failoverLevel"] >= 1, "the cluster stands the failure of no host")

    def moves_in(self, bench: AnyBench) -> None:
        """Let its host die."""
        bench.control.perform("server.crash", "beta", silence="refused")
        bench.control.advance(LONG)

    def expect_runs(self, bench: AnyBench, guest: str, host: str | None = None) -> None:
        """Ask the machines."""
        expect_state(bench, guest, ON, host)

    def expect_in_service(self, bench: AnyBench) -> None:
        """Expect a host that guests can run on, besides."""
        true = bench.lab.truth.host(STANDBY)
        bench.expect(true.alive and not true.in_maintenance, f"the standby is {true}")
        super().expect_in_service(bench)


SPARES = VmwareSpares()
SPARES.register(check)


@check("SPARE-4")
def guests_of_a_failed_host_come_to_the_standby(bench: VmwareBench) -> None:
    """HA starts them there, and there they are listed."""
    bench.enrol()
    expect_shown(bench, "db", "beta", Status.NORMAL)
    SPARES.moves_in(bench)
    expect_state(bench, "db", ON, STANDBY)
    bench.refresh()
    expect_shown(bench, "db", STANDBY, Status.NORMAL)
