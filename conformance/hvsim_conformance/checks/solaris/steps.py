"""Steps and expectations that the checks of Solaris zones share."""

from hvsim_conformance.adapters.model import Done, Status, Verdictable
from hvsim_conformance.checks.solaris import ZoneBench

LONG = 600.0
"""Simulated seconds in which every operation on a zone has come to its end."""
ZONE_STATES = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP})
"""All that a zone can ever be (STATE-SOL-1)."""


def guest_id(bench: ZoneBench, zone: str) -> str:
    """Return the implementation's id of a zone."""
    return bench.guest(bench.lab.uuid(zone)).id


def expect_state(bench: ZoneBench, zone: str, state: str) -> None:
    """Expect a zone's true state, in the product's word."""
    found = bench.lab.zone(zone).state
    bench.expect(found == state, f"zone {zone} is {found}, not {state}")


def expect_listed_state(bench: ZoneBench, zone: str, state: str) -> None:
    """Expect the state in which the host itself lists a zone."""
    line = bench.lab.tool.do(f"zoneadm -z {zone} list -p")
    found = line.split(":")[2]
    bench.expect(found == state, f"the host lists zone {zone} as {found}, not as {state}")


def expect_shown(bench: ZoneBench, zone: str, *statuses: Status) -> None:
    """Expect that a zone is listed with one of the statuses, under its name."""
    shown = bench.guest(bench.lab.uuid(zone))
    wanted = " or ".join(statuses)
    bench.expect(shown.status in statuses, f"zone {zone} is listed as {shown.status}, not {wanted}")


def expect_hidden(bench: ZoneBench, zone: str) -> None:
    """Expect that no guest is a zone, by its UUID or its name."""
    bench.expect_not_listed(bench.lab.uuid(zone))
    named = [guest for guest in bench.subject.list_guests() if guest.display_name == zone]
    bench.expect(not named, f"zone {zone} is listed")


def expect_carried_out(bench: ZoneBench, outcome: Verdictable) -> None:
    """Expect success, and let everything that it began come to its end."""
    bench.expect_done(outcome)
    bench.control.advance(LONG)


def expect_not_done(bench: ZoneBench, outcome: Verdictable, what: str) -> None:
    """Expect that something was not carried out."""
    bench.expect(not isinstance(outcome, Done), f"{what} should not have succeeded")
