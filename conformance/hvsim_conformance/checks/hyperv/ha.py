"""The failover cluster (HA-HV-*)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG, ON, SITE
from hvsim_conformance.checks.shared.steps import expect_shown, look, place


@check("HA-HV-1")
def the_failover_cluster_is_the_feature(bench: HypervBench) -> None:
    """It is named so, and hosts show which one they are of."""
    term = SITE.terms(bench).high_availability
    bench.expect("failover cluster" in (term or "").casefold(), f"it is called {term!r}")
    bench.enrol()
    pools = {host.name: host.pool for host in bench.subject.list_hosts()}
    bench.expect(pools["alpha"], "a node is listed in no cluster")
    together = pools["alpha"] == pools["beta"] == pools["gamma"]
    bench.expect(together, f"nodes of one cluster are listed as {pools}")
    bench.expect(pools["delta"] != pools["alpha"], "a host of no cluster is listed in it")


@check("HA-HV-2")
def clustered_guests_restart_and_others_do_not(bench: HypervBench) -> None:
    """A node dies; the implementation shows guests where they run then."""
    bench.enrol()
    before = SITE.state(bench, "db", ON, "beta")
    bench.control.perform("server.crash", "beta", silence="refused")
    bench.control.advance(LONG)
    after = SITE.state(bench, "db", ON)
    bench.expect(after.host != before.host, "the guest was not started on another node")
    bench.expect(after.boots == before.boots + 1, f"it was started {after.boots} times")
    plain = bench.lab.truth.guest("plain")
    bench.expect(place(bench, plain) == "beta", "a guest that is not clustered has moved")
    look(bench)
    expect_shown(bench, "db", place(bench, after), Status.NORMAL)
    expect_shown(bench, "plain", "beta", Status.UNKNOWN)
