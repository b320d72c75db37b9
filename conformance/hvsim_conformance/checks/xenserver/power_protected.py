"""Power operations on guests that HA restarts (POWER-XS-1 to -10)."""

from hvsim_conformance.adapters.model import PowerAction, Reason, Status
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    expect_untouched,
    guest_id,
)
from hvsim_conformance.checks.xenserver import NEW, OLD, XenBench, check
from hvsim_conformance.checks.xenserver.steps import (
    AFTER_HA,
    LONG,
    expect_error,
    expect_true,
    expose,
    inside,
    protect,
    record,
    switch_ha_on,
)


@check("POWER-XS-1", profiles=OLD)
def protected_guest_is_not_shut_down(bench: XenBench) -> None:
    """The pool refuses, and whoever manages it finds no way around that."""
    _expect_kept_running(bench, "VM.clean_shutdown", force=False)


@check("POWER-XS-2", profiles=OLD)
def protected_guest_is_not_forced_off(bench: XenBench) -> None:
    """Force changes nothing."""
    _expect_kept_running(bench, "VM.hard_shutdown", force=True)


@check("POWER-XS-3", profiles=OLD)
def protected_guest_is_not_suspended(bench: XenBench) -> None:
    """A suspended guest would not run either."""
    _protect_db(bench)
    before = bench.lab.truth.guest("db")
    tool = bench.lab.tool
    error = tool.refusal("VM.suspend", tool.ref("VM", "db"))
    expect_error(bench, error, "VM_IS_PROTECTED")
    expect_untouched(bench, before)


@check("POWER-XS-4")
def protected_guest_is_rebooted(bench: XenBench) -> None:
    """A reboot leaves it running, so HA has nothing against it."""
    _protect_db(bench)
    bench.enrol()
    boots = bench.lab.truth.guest("db").boots
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.REBOOT))
    bench.expect(expect_true(bench, "db", "Running").boots == boots + 1, "it was not rebooted once")
    bench.refresh()
    expect_shown(bench, "db", None, Status.NORMAL)


@check("POWER-XS-5")
def guest_without_its_protection_is_shut_down(bench: XenBench) -> None:
    """The administrator takes the protection away, and nothing is in the way any more."""
    _protect_db(bench)
    bench.enrol()
    expose(bench, "db")
    _expect_shut_down(bench)


@check("POWER-XS-6")
def priority_without_ha_is_no_protection(bench: XenBench) -> None:
    """The pool's HA is off: the guest's priority is only a note."""
    protect(bench, "db")
    bench.enrol()
    _expect_shut_down(bench)


@check("POWER-XS-7")
def best_effort_is_no_protection(bench: XenBench) -> None:
    """Such a guest is shut down and stays so."""
    protect(bench, "db", "best-effort")
    switch_ha_on(bench)
    bench.enrol()
    _expect_shut_down(bench)
    bench.control.advance(AFTER_HA)
    expect_true(bench, "db", "Halted")


@check("POWER-XS-8")
def protected_guest_that_stops_itself_is_started(bench: XenBench) -> None:
    """It is halted for a moment, then HA starts it again."""
    _protect_db(bench)
    boots = bench.lab.truth.guest("db").boots
    inside(bench, "guest.shutdown", "db")
    bench.control.advance(30.0)
    state = record(bench, "db")["power_state"]
    bench.expect(state == "Halted", f"just after its end the guest is {state}")
    bench.control.advance(AFTER_HA)
    bench.expect(expect_true(bench, "db", "Running").boots == boots + 1, "it was not started once")


@check("POWER-XS-9", profiles=NEW)
def protected_guest_is_shut_down_for_good(bench: XenBench) -> None:
    """The pool gives the protection up by itself and leaves the guest off."""
    _protect_db(bench)
    bench.enrol()
    _expect_shut_down(bench)
    always = record(bench, "db")["ha_always_run"]
    bench.expect(not always, "the guest is still to be restarted")
    bench.control.advance(AFTER_HA)
    expect_true(bench, "db", "Halted")


@check("POWER-XS-10", profiles=NEW)
def pool_may_let_guests_stop_themselves(bench: XenBench) -> None:
    """With the pool's switch off, a guest that shuts itself down rests."""
    _protect_db(bench)
    tool = bench.lab.tool
    pool = next(iter(tool.call("pool.get_all")))
    tool.call("pool.set_ha_reboot_vm_on_internal_shutdown", pool, False)
    inside(bench, "guest.shutdown", "db")
    bench.control.advance(LONG + AFTER_HA)
    expect_true(bench, "db", "Halted")


def _protect_db(bench: XenBench) -> None:
    protect(bench, "db")
    switch_ha_on(bench)


def _expect_kept_running(bench: XenBench, message: str, *, force: bool) -> None:
    _protect_db(bench)
    tool = bench.lab.tool
    expect_error(bench, tool.refusal(message, tool.ref("VM", "db")), "VM_IS_PROTECTED")
    bench.enrol()
    before = bench.lab.truth.guest("db")
    guest, mark = guest_id(bench, "db"), bench.wire.mark()
    outcome = bench.subject.power(guest, PowerAction.OFF, force=force)
    expect_turned_down(bench, outcome, Reason.GUEST_HA_PROTECTED, mark=mark)
    expect_untouched(bench, before)
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.NORMAL)


def _expect_shut_down(bench: XenBench) -> None:
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.OFF))
    expect_true(bench, "db", "Halted")
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)
