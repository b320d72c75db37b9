"""Power operations on suspended guests and on guests without drivers (POWER-XS-11 to -13)."""

from hvsim_conformance.adapters.model import MoveMode, PowerAction, Reason, Status
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    expect_untouched,
    guest_id,
)
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.steps import expect_error, expect_true, record

_NULL = "OpaqueRef:NULL"
_NO_DRIVERS = (Reason.NATIVE_ERROR, Reason.UNSUPPORTED_BY_PRODUCT)


@check("POWER-XS-11")
def suspended_guest_takes_no_power_operation(bench: XenBench) -> None:
    """It has to be resumed first: nothing in it runs that could shut down."""
    bench.enrol()
    tool = bench.lab.tool
    ref = tool.ref("VM", "asleep")
    for message, *more in (
        ("VM.clean_shutdown",),
        ("VM.clean_reboot",),
        ("VM.start", False, False),
    ):
        expect_error(bench, tool.refusal(message, ref, *more), "VM_BAD_POWER_STATE")
    before = bench.lab.truth.guest("asleep")
    guest = guest_id(bench, "asleep")
    for action in PowerAction:
        mark = bench.wire.mark()
        outcome = bench.subject.power(guest, action)
        expect_turned_down(bench, outcome, Reason.GUEST_SUSPENDED, mark=mark)
        expect_untouched(bench, before)


@check("POWER-XS-12")
def suspended_guest_is_forced_off(bench: XenBench) -> None:
    """It is halted then, and what its memory held is lost."""
    tool = bench.lab.tool
    tool.call("VM.suspend", tool.ref("VM", "db"))
    image = record(bench, "db")["suspend_VDI"]
    bench.expect(image in tool.call("VDI.get_all"), "the suspended guest has no image")
    bench.enrol()
    outcome = bench.subject.power(guest_id(bench, "db"), PowerAction.OFF, force=True)
    bench.expect_done(outcome)
    expect_true(bench, "db", "Halted")
    bench.expect(record(bench, "db")["suspend_VDI"] == _NULL, "the guest still names an image")
    bench.expect(image not in tool.call("VDI.get_all"), "the image is still there")
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)


@check("POWER-XS-13")
def guest_without_drivers_is_only_forced(bench: XenBench) -> None:
    """Nothing in it hears a wish; its power can be cut."""
    bench.enrol()
    _expect_native_refusals(bench)
    before = bench.lab.truth.guest("bare")
    guest, gamma = guest_id(bench, "bare"), bench.host("gamma").id
    for action in (PowerAction.OFF, PowerAction.REBOOT):
        mark = bench.wire.mark()
        outcome = bench.subject.power(guest, action)
        expect_turned_down(bench, outcome, *_NO_DRIVERS, mark=mark)
        expect_untouched(bench, before)
    mark = bench.wire.mark()
    outcome = bench.subject.migrate(guest, gamma, MoveMode.LIVE)
    expect_turned_down(bench, outcome, *_NO_DRIVERS, mark=mark)
    expect_untouched(bench, before)
    bench.expect_done(bench.subject.power(guest, PowerAction.OFF, force=True))
    expect_true(bench, "bare", "Halted")


def _expect_native_refusals(bench: XenBench) -> None:
    tool = bench.lab.tool
    ref, gamma = tool.ref("VM", "bare"), tool.ref("host", "gamma")
    code = "OPERATION_NOT_ALLOWED" if bench.lab.legacy else "VM_LACKS_FEATURE"
    for message, *more in (
        ("VM.clean_shutdown",),
        ("VM.clean_reboot",),
        ("VM.suspend",),
        ("VM.pool_migrate", gamma, {"live": "true"}),
    ):
        expect_error(bench, tool.refusal(message, ref, *more), code)
