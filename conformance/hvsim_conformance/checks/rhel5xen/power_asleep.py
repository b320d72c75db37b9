"""Power operations on a guest that was suspended on its host's console (POWER-RH5-*)."""

from hvsim_conformance.adapters.model import PowerAction, Reason, Status
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check
from hvsim_conformance.checks.rhel5xen.steps import LONG, OFF, expect_runs, expect_state
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    expect_untouched,
    guest_id,
)


@check("POWER-RH5-1")
def suspended_guest_is_not_powered_on(bench: Rhel5Bench) -> None:
    """The host's own tools refuse as well: the guest has a domain already."""
    console = bench.lab.console("beta")
    told = console.refusal("virsh start asleep")
    bench.expect("already active" in told, f"virsh says {told!r}")
    told = console.refusal("xm create asleep")
    bench.expect("already in use" in told, f"xm says {told!r}")
    _expect_refused(bench, PowerAction.ON)


@check("POWER-RH5-2")
def suspended_guest_is_not_shut_down(bench: Rhel5Bench) -> None:
    """The host would keep the wish until the guest is resumed: nothing may reach it."""
    _expect_refused(bench, PowerAction.OFF)


@check("POWER-RH5-3")
def suspended_guest_is_not_rebooted(bench: Rhel5Bench) -> None:
    """Neither through its system nor by force."""
    _expect_refused(bench, PowerAction.REBOOT)
    _expect_refused(bench, PowerAction.REBOOT, force=True)


@check("POWER-RH5-4")
def suspended_guest_is_not_forced_off(bench: Rhel5Bench) -> None:
    """The host would destroy it: nothing may reach it."""
    _expect_refused(bench, PowerAction.OFF, force=True)


@check("POWER-RH5-5", variant="virsh")
def resumed_with_virsh(bench: Rhel5Bench) -> None:
    """What was refused works once ``virsh resume`` was given on the console."""
    _expect_resumed(bench, "virsh resume asleep")


@check("POWER-RH5-5", variant="xm")
def resumed_with_xm(bench: Rhel5Bench) -> None:
    """What was refused works once ``xm unpause`` was given on the console."""
    _expect_resumed(bench, "xm unpause asleep")


def _expect_refused(bench: Rhel5Bench, action: PowerAction, *, force: bool = False) -> None:
    bench.enrol()
    listed = bench.lab.console("beta").run("xm list asleep")
    bench.expect("--p---" in listed, f"the host does not show the guest as paused: {listed!r}")
    expect_shown(bench, "asleep", "beta", Status.STOP, Status.UNKNOWN)
    before, mark = bench.lab.truth.guest("asleep"), bench.wire.mark()
    outcome = bench.subject.power(guest_id(bench, "asleep"), action, force=force)
    expect_turned_down(bench, outcome, Reason.GUEST_SUSPENDED, mark=mark)
    bench.control.advance(LONG)
    expect_untouched(bench, before)
    _expect_no_wish(bench)


def _expect_no_wish(bench: Rhel5Bench) -> None:
    """Expect that the guest's system was told nothing that it would do once it is resumed."""
    asked = bench.lab.world.product("site").hosts["beta"].find("asleep").asked
    bench.expect(asked is None, f"the guest was asked for {asked} and will do it once resumed")


def _expect_resumed(bench: Rhel5Bench, line: str) -> None:
    bench.enrol()
    guest = guest_id(bench, "asleep")
    refused = bench.subject.power(guest, PowerAction.REBOOT)
    bench.expect_rejected(refused, Reason.GUEST_SUSPENDED)
    bench.lab.console("beta").run(line)
    bench.refresh()
    expect_shown(bench, "asleep", "beta", Status.NORMAL)
    boots = expect_runs(bench, "asleep", "beta").boots
    bench.expect_done(bench.subject.power(guest_id(bench, "asleep"), PowerAction.REBOOT))
    bench.control.advance(LONG)
    bench.expect(expect_runs(bench, "asleep").boots == boots + 1, "the guest was not rebooted")
    bench.expect_done(bench.subject.power(guest_id(bench, "asleep"), PowerAction.OFF))
    bench.control.advance(LONG)
    expect_state(bench, "asleep", OFF)
    bench.expect_done(bench.subject.power(guest_id(bench, "asleep"), PowerAction.ON))
    expect_runs(bench, "asleep", "beta")
