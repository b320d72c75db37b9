"""Moves within a pool (MIG-XS-*, MIG-ALL-1)."""

from hvsim_conformance.adapters.errors import OperationUnsupportedError
from hvsim_conformance.adapters.model import Failed, Guest, MoveMode, Reason, Status, Verdictable
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    expect_untouched,
    guest_id,
)
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.steps import (
    LONG,
    begin_move,
    expect_error,
    expect_true,
    record,
)

_LIVE = {"live": "true"}
_MOVE = "VM.pool_migrate"
_MOVES = "VM.*migrate*"
"""The operations with which an implementation may move a running guest."""


@check("MIG-XS-1")
def pool_is_enough(bench: XenBench) -> None:
    """No management product is registered, and a guest moves from host to host."""
    bench.enrol()
    bench.expect_done(_move(bench, "web", "gamma", MoveMode.LIVE))
    expect_true(bench, "web", "Running", "gamma")
    bench.refresh()
    expect_shown(bench, "web", "gamma", Status.NORMAL)


@check("MIG-XS-2")
def guest_is_seen_suspended_on_its_way(bench: XenBench) -> None:
    """The pool shows it suspended for a while; the move is none the worse for it."""
    bench.enrol()
    seen: list[str] = []
    with bench.lab.control.amid(
        _MOVES, "transfer", lambda: seen.append(record(bench, "db")["power_state"])
    ):
        outcome = _move(bench, "db", "gamma", MoveMode.LIVE)
    bench.expect_done(outcome)
    if seen:
        bench.expect(seen == ["Suspended"], f"on its way the guest was {seen[0]}")
    else:
        bench.remark("the implementation moved the guest without the pool's own live move")
    expect_true(bench, "db", "Running", "gamma")
    bench.refresh()
    expect_shown(bench, "db", "gamma", Status.NORMAL)


@check("MIG-XS-3")
def no_error_in_the_middle(bench: XenBench) -> None:
    """Whoever looks while the guest sleeps on its way finds no error, and it normal again."""
    bench.enrol()
    bench.lab.control.hold(_MOVE, "transfer")
    begin_move(bench, "db", "gamma")
    bench.control.advance(LONG)
    state = record(bench, "db")["power_state"]
    bench.expect(state == "Suspended", f"in the middle the pool says {state}")
    bench.refresh()
    found = [guest.status for guest in _listed(bench, "db")]
    wrong = {*found} - {Status.STOP, Status.UNKNOWN, Status.NORMAL}
    bench.expect(not wrong, f"in the middle of its move the guest is listed as {found}")
    bench.lab.control.release()
    bench.control.advance(LONG)
    bench.refresh()
    expect_shown(bench, "db", "gamma", Status.NORMAL)


@check("MIG-XS-4")
def disabled_host_takes_no_guest(bench: XenBench) -> None:
    """The pool says so, and nobody enables the host to get around it."""
    bench.enrol()
    tool = bench.lab.tool
    gamma = tool.ref("host", "gamma")
    tool.call("host.disable", gamma)
    bench.refresh()
    before = bench.lab.truth.guest("web")
    error = tool.refusal(_MOVE, tool.ref("VM", "web"), gamma, _LIVE)
    expect_error(bench, error, "HOST_DISABLED")
    mark = bench.wire.mark()
    outcome = _move(bench, "web", "gamma", MoveMode.LIVE)
    expect_turned_down(bench, outcome, Reason.HOST_IN_MAINTENANCE, mark=mark)
    expect_untouched(bench, before)
    bench.expect(not tool.call("host.get_enabled", gamma), "the host was enabled for the move")


@check("MIG-XS-5", variant="halted")
def cold_move_of_a_halted_guest(bench: XenBench) -> None:
    """Its home server changes, and nothing else."""
    _expect_new_home(bench, "spare", "Halted")


@check("MIG-XS-5", variant="suspended")
def cold_move_of_a_suspended_guest(bench: XenBench) -> None:
    """Its home server changes, and nothing else."""
    _expect_new_home(bench, "asleep", "Suspended")


@check("MIG-XS-6")
def guest_without_drivers_stays(bench: XenBench) -> None:
    """The pool refuses, and the guest is not stopped to get around it."""
    bench.enrol()
    tool = bench.lab.tool
    code = "OPERATION_NOT_ALLOWED" if bench.lab.legacy else "VM_LACKS_FEATURE"
    ref, gamma = tool.ref("VM", "bare"), tool.ref("host", "gamma")
    expect_error(bench, tool.refusal(_MOVE, ref, gamma, _LIVE), code)
    before = bench.lab.truth.guest("bare")
    mark = bench.wire.mark()
    outcome = _move(bench, "bare", "gamma", MoveMode.LIVE)
    reasons = (Reason.NATIVE_ERROR, Reason.UNSUPPORTED_BY_PRODUCT)
    expect_turned_down(bench, outcome, *reasons, mark=mark)
    expect_untouched(bench, before)


@check("MIG-XS-7")
def target_dies_at_the_last_moment(bench: XenBench) -> None:
    """The source has let go, the target is dead: the guest is off, and the move has failed."""
    bench.enrol()
    control = bench.lab.control
    with control.amid(
        _MOVES, "resume", lambda: control.perform("server.crash", "gamma", silence="refused")
    ) as moment:
        outcome = _move(bench, "db", "gamma", MoveMode.LIVE)
    if not moment.came:
        raise OperationUnsupportedError("it moves guests without the pool's own live move")
    bench.expect(isinstance(outcome, Failed), f"the move should have failed: {outcome}")
    expect_true(bench, "db", "Halted")
    bench.refresh()
    expect_shown(bench, "db", None, Status.STOP)


@check("MIG-ALL-1", variant="live")
def live_move_keeps_the_guest(bench: XenBench) -> None:
    """The same guest runs on, under one host."""
    _expect_kept(bench, "db", MoveMode.LIVE)


@check("MIG-ALL-1", variant="cold")
def cold_move_keeps_the_guest(bench: XenBench) -> None:
    """The same guest stays off, under one host."""
    _expect_kept(bench, "spare", MoveMode.COLD)


def _move(bench: XenBench, guest: str, host: str, mode: MoveMode) -> Verdictable:
    return bench.subject.migrate(guest_id(bench, guest), bench.host(host).id, mode)


def _listed(bench: XenBench, guest: str) -> list[Guest]:
    uuid = bench.lab.uuid(guest)
    return [found for found in bench.subject.list_guests() if found.native_id == uuid]


def _expect_new_home(bench: XenBench, guest: str, state: str) -> None:
    bench.enrol()
    before, disks = record(bench, guest), bench.lab.tool.call("VDI.get_all_records")
    _expect_native_cold_move(bench, guest)
    bench.expect_done(_move(bench, guest, "alpha", MoveMode.COLD))
    after = record(bench, guest)
    alpha = bench.lab.tool.ref("host", "alpha")
    bench.expect(after["affinity"] == alpha, f"its home server is {after['affinity']}")
    bench.expect(after["power_state"] == state, f"the guest is {after['power_state']} now")
    kept = ("VBDs", "suspend_VDI", "resident_on")
    changed = [name for name in kept if before[name] != after[name]]
    bench.expect(not changed, f"the move changed {', '.join(changed)} of the guest")
    now = bench.lab.tool.call("VDI.get_all_records")
    bench.expect(now == disks, "the move changed disks")


def _expect_kept(bench: XenBench, guest: str, mode: MoveMode) -> None:
    bench.enrol()
    before, shown = bench.lab.truth.guest(guest), bench.guest(bench.lab.uuid(guest))
    bench.expect_done(_move(bench, guest, "alpha", mode))
    bench.refresh()
    after = bench.lab.truth.guest(guest)
    identity = (after.native_id, after.state, after.boots)
    expected = (before.native_id, before.state, before.boots)
    bench.expect(identity == expected, f"the guest was {before} and is now {after}")
    expect_shown(bench, guest, "alpha", shown.status)
    listed = _listed(bench, guest)[0]
    same = (listed.id, listed.display_name) == (shown.id, shown.display_name)
    bench.expect(same, f"the guest was listed as {shown} and is now {listed}")


def _expect_native_cold_move(bench: XenBench, guest: str) -> None:
    """Expect that 5.5 gives a guest that is off a home for a move; today's pool moves no such."""
    tool = bench.lab.tool
    ref, beta = tool.ref("VM", guest), tool.ref("host", "beta")
    if bench.lab.legacy:
        tool.call(_MOVE, ref, beta, {})
    else:
        expect_error(bench, tool.refusal(_MOVE, ref, beta, {}), "VM_BAD_POWER_STATE")
        tool.call("VM.set_affinity", ref, beta)
    home = tool.call("VM.get_affinity", ref)
    bench.expect(home == beta, f"the pool's own cold move made {home} the home server")
