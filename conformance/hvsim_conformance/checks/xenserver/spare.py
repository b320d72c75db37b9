"""Spare servers shared by physical servers and guests (SPARE-*).

An administrator empties the standby, and HA brings guests of failed hosts there.
"""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.spare import STANDBY, SpareChecks
from hvsim_conformance.checks.shared.steps import expect_shown
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.masters import life
from hvsim_conformance.checks.xenserver.steps import (
    AFTER_HA,
    expect_true,
    move_elsewhere,
    protect,
    switch_ha_on,
)
from hvsim_fakes.control.truth import Life


class XenServerSpares(SpareChecks):
    """How XenServer does it."""

    running = ("web", "db", "nested")
    busy = ("nested", STANDBY)
    settled = AFTER_HA

    def clear(self, bench: AnyBench) -> None:
        """Move the only guest away."""
        move_elsewhere(bench, "nested", "alpha")

    def make_standby(self, bench: AnyBench) -> None:
        """Protect a guest of ``beta`` and let the pool stand the failure of a host."""
        protect(bench, "db")
        switch_ha_on(bench)
        tool = bench.lab.tool
        most = int(tool.call("pool.ha_compute_max_host_failures_to_tolerate"))
        bench.expect(most >= 1, f"the pool stands the failure of {most} hosts")
        (pool,) = tool.call("pool.get_all")
        tool.call("pool.set_ha_host_failures_to_tolerate", pool, "1")

    def moves_in(self, bench: AnyBench) -> None:
        """Let its host die."""
        bench.control.perform("server.crash", "beta", silence="refused")
        bench.control.advance(AFTER_HA)

    def expect_runs(self, bench: AnyBench, guest: str, host: str | None = None) -> None:
        """Look past the pool's records, unless they say where it is."""
        if host is not None:
            expect_true(bench, guest, "Running", host)
        bench.expect(life(bench, guest) is Life.RUNNING, f"guest {guest} is {life(bench, guest)}")

    def expect_in_service(self, bench: AnyBench) -> None:
        """Expect a host that takes guests, besides."""
        tool = bench.lab.tool
        enabled = tool.call("host.get_enabled", tool.ref("host", STANDBY))
        bench.expect(enabled, "the standby takes no guests")
        super().expect_in_service(bench)


SPARES = XenServerSpares()
SPARES.register(check)


@check("SPARE-4")
def guests_of_a_failed_host_come_to_the_standby(bench: XenBench) -> None:
    """HA starts them there, and there they are listed."""
    SPARES.clear(bench)
    bench.enrol()
    SPARES.make_standby(bench)
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.NORMAL)
    SPARES.moves_in(bench)
    expect_true(bench, "db", "Running", STANDBY)
    bench.refresh()
    expect_shown(bench, "db", STANDBY, Status.NORMAL)
