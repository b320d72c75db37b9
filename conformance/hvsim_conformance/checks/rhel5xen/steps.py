"""Steps and expectations that the checks of RHEL5-Xen share."""

from hvsim_conformance.adapters.model import Reason, Refused, Status, Verdictable
from hvsim_conformance.checks.rhel5xen import Rhel5Bench
from hvsim_conformance.engine.lab import TrueGuest
from hvsim_conformance.labs.rhel5xen.world import SITE

LONG = 300.0
"""Simulated seconds in which every operation on a guest has come to its end."""
RUNS = frozenset({"running", "blocked"})
"""The hypervisor's words for a guest that runs."""
OFF = "shut off"


def guest_id(bench: Rhel5Bench, guest: str) -> str:
    """Return the implementation's id of a guest."""
    return bench.guest(bench.lab.uuid(guest)).id


def expect_runs(bench: Rhel5Bench, guest: str, host: str | None = None) -> TrueGuest:
    """Expect that a guest really runs, and where if ``host`` says; return the truth."""
    true = bench.lab.truth.guest(guest)
    bench.expect(true.state in RUNS, f"guest {guest} is {true.state} and does not run")
    if host is not None:
        bench.expect(true.host == host, f"guest {guest} runs on {true.host}, not on {host}")
    return true


def expect_state(bench: Rhel5Bench, guest: str, state: str) -> TrueGuest:
    """Expect a guest's true state; return the truth."""
    true = bench.lab.truth.guest(guest)
    bench.expect(true.state == state, f"guest {guest} is {true.state}, not {state}")
    return true


def expect_untouched(bench: Rhel5Bench, before: TrueGuest) -> None:
    """Expect that a guest is as it was: same state, same host, not booted anew."""
    now = bench.lab.truth.guest(before.name)
    bench.expect(now == before, f"guest {before.name} was {before} and is now {now}")


def expect_shown(bench: Rhel5Bench, guest: str, host: str | None, *statuses: Status) -> None:
    """Expect the host (unless None) and one of the statuses that the implementation lists."""
    shown = bench.guest(bench.lab.uuid(guest))
    if host is not None:
        names = {known.id: known.name for known in bench.subject.list_hosts()}
        found = names.get(shown.host or "")
        bench.expect(found == host, f"guest {guest} is listed under {found}, not under {host}")
    wanted = " or ".join(statuses)
    bench.expect(
        shown.status in statuses, f"guest {guest} is listed as {shown.status}, not as {wanted}"
    )


def expect_turned_down(
    bench: Rhel5Bench, outcome: Verdictable, *reasons: Reason, mark: int
) -> None:
    """Expect a refusal or failure for one of the reasons; a refusal must have written nothing."""
    given = getattr(outcome, "reason", None)
    bench.expect_rejected(outcome, given if given in reasons else reasons[0])
    if isinstance(outcome, Refused):
        bench.expect_no_write(mark)


def move_elsewhere(bench: Rhel5Bench, guest: str, source: str, target: str) -> None:
    """Let the administrator move a running guest, and wait until it is there."""
    bench.lab.console(source).run(f"xm migrate --live {guest} {target}")


def inside(bench: Rhel5Bench, what: str, guest: str) -> None:
    """Carry out a command inside a guest."""
    bench.lab.control.perform(f"rhel5xen.guest.{what}", SITE, guest=guest)
