"""Steps and expectations that do not depend on the product."""

from hvsim_conformance.adapters.model import Reason, Refused, Status, Verdictable
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.engine.lab import Endpoint, TrueGuest


def register_endpoint(bench: AnyBench, end: Endpoint) -> str:
    """Register an endpoint; it must succeed. Return the registration's id."""
    return bench.expect_done(
        bench.subject.register(end.kind, end.address, end.credentials, end.role)
    )


def look(bench: AnyBench) -> None:
    """Ask for an inventory pass, which may well fail when something is down."""
    bench.subject.refresh()


def guest_id(bench: AnyBench, guest: str) -> str:
    """Return the implementation's id of a guest."""
    return bench.guest(bench.lab.uuid(guest)).id


def place(bench: AnyBench, guest: TrueGuest) -> str | None:
    """Return the name of the host that a guest is really on."""
    return next((host.name for host in bench.truth.hosts() if host.native_id == guest.host), None)


def expect_untouched(bench: AnyBench, before: TrueGuest) -> None:
    """Expect that a guest is as it was: same state, same host, not booted anew."""
    now = bench.lab.truth.guest(before.name)
    bench.expect(now == before, f"guest {before.name} was {before} and is now {now}")


def expect_shown(bench: AnyBench, guest: str, host: str | None, *statuses: Status) -> None:
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


def expect_turned_down(bench: AnyBench, outcome: Verdictable, *reasons: Reason, mark: int) -> None:
    """Expect a refusal or failure for one of the reasons; a refusal must have written nothing."""
    given = getattr(outcome, "reason", None)
    bench.expect_rejected(outcome, given if given in reasons else reasons[0])
    if isinstance(outcome, Refused):
        bench.expect_no_write(mark)
