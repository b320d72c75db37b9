"""Power operations on guests (POWER-ALL-*) and their states (STATE-*)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG, ON, SITE, inside
from hvsim_conformance.checks.shared.managed import PowerChecks
from hvsim_conformance.checks.shared.steps import expect_shown, look

PowerChecks(SITE).register(check)

STATES = frozenset({Status.NORMAL, Status.WARNING, Status.UNKNOWN, Status.STOP, Status.ERROR})
"""All that a guest can be while SCVMM is registered (STATE-HV-1)."""


@check("STATE-ALL-3")
def out_of_reach_is_unknown(bench: HypervBench) -> None:
    """Nobody knows what became of a guest that no cluster starts anew and whose host is silent."""
    bench.enrol()
    bench.control.perform("link.cut", "delta", silence="refused")
    bench.control.advance(LONG)
    look(bench)
    expect_shown(bench, "lone", "delta", Status.UNKNOWN)


@check("STATE-HV-1")
def five_states_whatever_happens(bench: HypervBench) -> None:
    """Through life and faults, every guest is in one of them; one that runs again is normal."""
    bench.enrol()
    for what in ("save", "resume", "pause", "resume", "off", "on"):
        if what != "resume":
            inside(bench, "power-outside", "web", to=what)
        else:
            inside(bench, "power-outside", "web", to="on" if _saved(bench) else "resume")
        _expect_states(bench, f"after {what}")
    bench.control.perform("server.crash", "beta", silence="refused")
    _expect_states(bench, "with a node just dead")
    bench.control.advance(LONG)
    _expect_states(bench, "with a node dead for long")
    bench.control.perform("server.boot", "beta")
    bench.control.advance(LONG)
    _expect_states(bench, "with the node back")
    SITE.state(bench, "web", ON)
    expect_shown(bench, "web", "alpha", Status.NORMAL)


def _saved(bench: HypervBench) -> bool:
    return bench.lab.truth.guest("web").state == "Saved"


def _expect_states(bench: HypervBench, when: str) -> None:
    look(bench)
    wrong = [
        f"{guest.display_name} is {guest.status}"
        for guest in bench.subject.list_guests()
        if guest.status not in STATES
    ]
    bench.expect(not wrong, f"{when}: {', '.join(wrong)}")
