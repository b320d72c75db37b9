"""Power operations on guests (POWER-ALL-*)."""

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.shared.steps import expect_shown, guest_id
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.steps import expect_true, inside


@check("POWER-ALL-1")
def power_on(bench: XenBench) -> None:
    """A stopped guest is started and runs."""
    bench.enrol()
    bench.expect_done(bench.subject.power(guest_id(bench, "spare"), PowerAction.ON))
    expect_true(bench, "spare", "Running")
    bench.refresh()
    expect_shown(bench, "spare", None, Status.NORMAL)


@check("POWER-ALL-2")
def shutdown_through_the_system(bench: XenBench) -> None:
    """The guest's own system shuts down; the pool's alerts tell it from a cut."""
    bench.enrol()
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.OFF))
    uuid = expect_true(bench, "db", "Halted").native_id
    alerts = bench.lab.tool.call("message.get_all_records").values()
    told = [
        alert["body"]
        for alert in alerts
        if (alert["name"], alert["obj_uuid"]) == ("VM_SHUTDOWN", uuid)
    ]
    bench.expect(told, "the pool has no alert of the shutdown")
    forced = [body for body in told if "forcibly" in body]
    bench.expect(not forced, f"the guest's power was cut: {forced}")
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)


@check("POWER-ALL-3")
def forced_off_without_help(bench: XenBench) -> None:
    """A guest whose system does not react is off all the same."""
    bench.enrol()
    guest = guest_id(bench, "db")
    inside(bench, "guest.hang", "db", listens=False)
    bench.expect_done(bench.subject.power(guest, PowerAction.OFF, force=True))
    expect_true(bench, "db", "Halted")
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.STOP)


@check("POWER-ALL-4")
def reboot_once(bench: XenBench) -> None:
    """The guest boots one more time and runs."""
    bench.enrol()
    boots = expect_true(bench, "db", "Running").boots
    bench.expect_done(bench.subject.power(guest_id(bench, "db"), PowerAction.REBOOT))
    more = expect_true(bench, "db", "Running").boots - boots
    bench.expect(more == 1, f"the guest was started {more} times, not once")
    bench.refresh()
    expect_shown(bench, "db", None, Status.NORMAL)
