"""Hosts that are registered by themselves, without the product that manages others, or besides it.

Guest ``on-solo`` runs on ``solo`` and ``of-solo`` is off there; ``other`` is one more such host.
"""

from hvsim_conformance.adapters.model import MoveMode, Reason, Status, Switch, Verdictable
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.managed import move
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_turned_down,
    guest_id,
    look,
    place,
    register_endpoint,
)

STATES = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP})
"""All that a guest can be while no management product is registered."""


def enrol_alone(bench: AnyBench) -> None:
    """Register the hosts that answer for themselves, and nothing else."""
    for end in bench.lab.alone:
        register_endpoint(bench, end)
    bench.refresh()
    for name in ("solo", "other"):
        bench.host(name)


def no_move_without_a_manager(bench: AnyBench) -> None:
    """Both hosts are registered, and nobody who could move a guest between them."""
    enrol_alone(bench)
    for guest, mode in (("on-solo", MoveMode.LIVE), ("of-solo", MoveMode.COLD)):
        before, mark = bench.lab.truth.guest(guest), bench.wire.mark()
        outcome = move(bench, guest, "other", mode)
        bench.expect_refused(outcome, Reason.NO_VM_MANAGER, mark)
        bench.expect(bench.lab.truth.guest(guest) == before, f"guest {guest} was touched")


def manager_and_hosts_are_registered_apart(bench: AnyBench) -> None:
    """What the manager has comes and goes with its registration, moves and maintenance with it."""
    enrol_alone(bench)
    bench.expect_not_listed(bench.lab.uuid("web"))
    managers = bench.enrol()
    bench.guest(bench.lab.uuid("on-solo"))
    web, gamma = guest_id(bench, "web"), bench.host("gamma").id
    bench.expect_done(move(bench, "web", "gamma", MoveMode.LIVE))
    bench.expect(place(bench, bench.lab.truth.guest("web")) == "gamma", "the guest did not move")
    for registration in managers:
        bench.expect_done(bench.subject.unregister(registration))
    bench.refresh()
    bench.expect_not_listed(bench.lab.uuid("web"))
    expect_shown(bench, "on-solo", "solo", Status.NORMAL)
    before, mark = bench.lab.truth.guest("web"), bench.wire.mark()
    _expect_no_manager(bench, bench.subject.migrate(web, gamma, MoveMode.LIVE), mark)
    _expect_no_manager(bench, bench.subject.maintenance(gamma, Switch.ON), mark)
    bench.expect(bench.lab.truth.guest("web") == before, "the guest was touched")
    bench.expect(not bench.lab.truth.host("gamma").in_maintenance, "the host was touched")


def expect_states(bench: AnyBench) -> None:
    """Look, and expect that guests are in one of the states of hosts alone."""
    look(bench)
    for guest in ("on-solo", "of-solo"):
        shown = bench.guest(bench.lab.uuid(guest)).status
        bench.expect(shown in STATES, f"guest {guest} is listed as {shown}")


def _expect_no_manager(bench: AnyBench, outcome: Verdictable, mark: int) -> None:
    reasons = (Reason.NO_VM_MANAGER, Reason.HOST_NOT_MANAGED, Reason.GUEST_GONE)
    expect_turned_down(bench, outcome, *reasons, mark=mark)
