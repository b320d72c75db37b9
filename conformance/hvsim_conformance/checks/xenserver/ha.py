"""High availability of XenServer (HA-XS-*)."""

import re

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.checks.shared.steps import place
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.steps import (
    AFTER_HA,
    expect_error,
    expect_true,
    protect,
    record,
    switch_ha_on,
)

_NAME = re.compile(r"\bHA\b|\bhigh[- ]availability\b", re.IGNORECASE)
_OTHERS = re.compile(r"vmware|vsphere|hyper-?v|failover cluster", re.IGNORECASE)
_HOST_GIVEN_UP = 700.0
"""Simulated seconds after which a silent host counts as lost, in either release."""


@check("HA-XS-1")
def it_is_called_ha(bench: XenBench) -> None:
    """The pool's and the guests' records show it, and the implementation names it."""
    protect(bench, "db")
    protect(bench, "app", "best-effort")
    switch_ha_on(bench)
    pool = next(iter(bench.lab.tool.call("pool.get_all_records").values()))
    bench.expect(pool["ha_enabled"], "the pool's record does not show that HA is on")
    bench.expect("ha_host_failures_to_tolerate" in pool, "the pool has no number of failures")
    given = {name: record(bench, name)["ha_restart_priority"] for name in ("db", "app", "bare")}
    word = "1" if bench.lab.legacy else "restart"
    wanted = {"db": word, "app": "best-effort", "bare": ""}
    bench.expect(given == wanted, f"the restart priorities are {given}")
    _expect_named(bench)


@check("HA-XS-2")
def dead_host_with_ha(bench: XenBench) -> None:
    """The protected guest and the best-effort one run elsewhere, the third is lost."""
    protect(bench, "db")
    protect(bench, "app", "best-effort")
    switch_ha_on(bench)
    bench.lab.control.perform("server.crash", "beta", silence="refused")
    bench.control.advance(AFTER_HA)
    for name in ("db", "app"):
        host = place(bench, expect_true(bench, name, "Running"))
        bench.expect(host in ("alpha", "gamma"), f"guest {name} is on {host}")
        boots = bench.lab.truth.guest(name).boots
        bench.expect(boots == 1, f"guest {name} was started {boots} times")
    bench.control.advance(AFTER_HA)
    expect_true(bench, "bare", "Halted")


@check("HA-XS-3", variant="reset")
def dead_host_without_ha(bench: XenBench) -> None:
    """Its guests stand in the records as they were, until somebody resets them."""
    tool = bench.lab.tool
    ref, beta = tool.ref("VM", "db"), tool.ref("host", "beta")
    expect_error(bench, tool.refusal("VM.power_state_reset", ref), "HOST_IS_LIVE")
    bench.lab.control.perform("server.crash", "beta", silence="refused")
    bench.control.advance(_HOST_GIVEN_UP)
    row = record(bench, "db")
    shown = (row["power_state"], row["resident_on"])
    bench.expect(shown == ("Running", beta), f"the pool's record says {shown}")
    expect_error(bench, tool.refusal("VM.start", ref, False, False), "VM_BAD_POWER_STATE")
    tool.call("VM.power_state_reset", ref)
    expect_true(bench, "db", "Halted")


@check("HA-XS-3", variant="return")
def dead_host_comes_back(bench: XenBench) -> None:
    """The host itself knows that its guests are gone."""
    control = bench.lab.control
    control.perform("server.crash", "beta", silence="refused")
    control.advance(_HOST_GIVEN_UP)
    expect_true(bench, "db", "Running", "beta")
    control.perform("server.boot", "beta")
    control.advance(_HOST_GIVEN_UP)
    expect_true(bench, "db", "Halted")


def _expect_named(bench: XenBench) -> None:
    terms = [found for found in bench.subject.describe_terms() if found.product is _PRODUCT]
    bench.expect(len(terms) == 1, f"there are {len(terms)} sets of terms of XenServer, not one")
    name = terms[0].high_availability or ""
    named = _NAME.search(name) and not _OTHERS.search(name)
    bench.expect(named, f"the implementation calls the feature {name!r}")


_PRODUCT = Product.XENSERVER
