"""VM maintenance mode (MAINT-*)."""

from hvsim_conformance.adapters.model import (
    Done,
    Failed,
    MoveMode,
    Product,
    Reason,
    Status,
    Switch,
)
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    guest_id,
    look,
    place,
)
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.masters import SETTLED, designate, register
from hvsim_conformance.checks.xenserver.steps import expect_error, expect_true, switch_ha_on

WITHOUT = frozenset({Product.RHEL5XEN, Product.SOLARIS})
"""Products that have no maintenance mode."""


@check("MAINT-TERM-1")
def it_is_called_maintenance_mode(bench: XenBench) -> None:
    """XenServer has the term; products without the feature have none."""
    terms = {one.product: one.maintenance for one in bench.subject.describe_terms()}
    given = terms.get(Product.XENSERVER)
    called = (given or "").casefold().removeprefix("vm ")
    bench.expect(called == "maintenance mode", f"XenServer's term is given as {given!r}")
    wrong = {product: term for product, term in terms.items() if product in WITHOUT and term}
    bench.expect(not wrong, f"terms are given where there is no maintenance mode: {wrong}")


@check("MAINT-XS-1")
def member_is_set_and_released(bench: XenBench) -> None:
    """The pool's record and the list follow."""
    bench.enrol()
    host = bench.host("gamma").id
    bench.expect_done(bench.subject.maintenance(host, Switch.ON))
    _expect_mode(bench, "gamma", on=True)
    bench.expect_done(bench.subject.maintenance(host, Switch.OFF))
    _expect_mode(bench, "gamma", on=False)


@check("MAINT-XS-2")
def master_is_refused(bench: XenBench) -> None:
    """The pool itself would let it happen: nothing may reach it."""
    bench.enrol()
    for move in (False, True):
        mark = bench.wire.mark()
        outcome = bench.subject.maintenance(bench.host("alpha").id, Switch.ON, move=move)
        bench.expect_refused(outcome, Reason.HOST_IS_POOL_MASTER, mark)
    _expect_mode(bench, "alpha", on=False)


@check("MAINT-XS-3")
def former_master_is_a_member(bench: XenBench) -> None:
    """What was refused works once another host is the master."""
    bench.enrol()
    refused = bench.subject.maintenance(bench.host("alpha").id, Switch.ON)
    bench.expect_rejected(refused, Reason.HOST_IS_POOL_MASTER)
    designate(bench, "beta")
    look(bench)
    bench.refresh()
    bench.expect_done(bench.subject.maintenance(bench.host("alpha").id, Switch.ON))
    _expect_mode(bench, "alpha", on=True, at="beta")
    mark = bench.wire.mark()
    outcome = bench.subject.maintenance(bench.host("beta").id, Switch.ON)
    bench.expect_refused(outcome, Reason.HOST_IS_POOL_MASTER, mark)


@check("MAINT-XS-4")
def no_planned_master_under_ha(bench: XenBench) -> None:
    """High availability has to be switched off first."""
    switch_ha_on(bench)
    tool = bench.lab.tool
    given = tool.refusal("pool.designate_new_master", tool.ref("host", "beta"))
    expect_error(bench, given, "HA_IS_ENABLED")
    bench.control.advance(SETTLED)
    (pool,) = tool.call("pool.get_all_records").values()
    bench.expect(pool["master"] == tool.ref("host", "alpha"), "the master has changed")


@check("MAINT-XS-5", needs=("maintenance_with_move",))
def guest_that_cannot_leave_is_named(bench: XenBench) -> None:
    """A guest without PV drivers stays, and the host stays in service."""
    bench.enrol()
    tool = bench.lab.tool
    beta, bare = tool.ref("host", "beta"), tool.ref("VM", "bare")
    in_the_way = tool.call("host.get_vms_which_prevent_evacuation", beta)
    bench.expect(bare in in_the_way, f"{in_the_way} are in the way, not guest bare")
    outcome = bench.subject.maintenance(bench.host("beta").id, Switch.ON, move=True)
    bench.expect_rejected(outcome, Reason.NATIVE_ERROR)
    if isinstance(outcome, Failed):
        named = bare in outcome.native_error or bench.lab.uuid("bare") in outcome.native_error
        bench.expect(named, f"the error does not name the guest: {outcome.native_error}")
    expect_true(bench, "bare", "Running", "beta")
    _expect_mode(bench, "beta", on=False)


@check("MAINT-XS-6")
def host_that_stands_alone(bench: XenBench) -> None:
    """It is its own master: setting it works, or is refused with nothing written."""
    register(bench, "single")
    bench.refresh()
    mark = bench.wire.mark()
    outcome = bench.subject.maintenance(bench.host("single").id, Switch.ON)
    if isinstance(outcome, Done):
        bench.remark("maintenance mode of a host that stands alone can be set")
        _expect_mode(bench, "single", on=True, at="single")
    else:
        bench.remark("maintenance mode of a host that stands alone is refused")
        bench.expect_refused(outcome, Reason.HOST_IS_POOL_MASTER, mark)


@check("MAINT-ALL-1")
def nothing_starts_on_a_host_in_maintenance(bench: XenBench) -> None:
    """Neither a start nor a move gets there, whoever asks."""
    bench.enrol()
    host = bench.host("gamma").id
    bench.expect_done(bench.subject.maintenance(host, Switch.ON))
    tool = bench.lab.tool
    gamma = tool.ref("host", "gamma")
    given = tool.refusal("VM.start_on", tool.ref("VM", "spare"), gamma, False, False)
    expect_error(bench, given, "HOST_DISABLED")
    given = tool.refusal("VM.pool_migrate", tool.ref("VM", "db"), gamma, {"live": "true"})
    expect_error(bench, given, "HOST_DISABLED")
    mark = bench.wire.mark()
    outcome = bench.subject.migrate(guest_id(bench, "db"), host, MoveMode.LIVE)
    expect_turned_down(bench, outcome, Reason.HOST_IN_MAINTENANCE, mark=mark)
    expect_true(bench, "db", "Running", "beta")
    _expect_mode(bench, "gamma", on=True)


@check("MAINT-RCX-1")
def set_with_move_empties_the_host(bench: XenBench) -> None:
    """Its guests run elsewhere when the one step is done."""
    bench.enrol()
    boots = bench.lab.truth.guest("nested").boots
    bench.expect_done(bench.subject.maintenance(bench.host("gamma").id, Switch.ON, move=True))
    now = expect_true(bench, "nested", "Running")
    found = place(bench, now)
    bench.expect(found in ("alpha", "beta"), f"guest nested is on {found}")
    bench.expect(now.boots == boots, "the guest was booted anew, not moved")
    _expect_mode(bench, "gamma", on=True)
    expect_shown(bench, "nested", found, Status.NORMAL)


def _expect_mode(bench: XenBench, host: str, *, on: bool, at: str = "alpha") -> None:
    """Expect a host in or out of maintenance mode, on the wire of its master and in the list."""
    tool = bench.lab.tool_at(at)
    enabled = tool.call("host.get_enabled", tool.ref("host", host))
    bench.expect(enabled is not on, f"host.enabled of {host} is {enabled}")
    bench.refresh()
    shown = bench.host(host).in_maintenance
    bench.expect(shown is on, f"host {host} is listed with in_maintenance {shown}")
