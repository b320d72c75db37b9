"""Steps and expectations that the checks of RHEL5-Xen share."""

from hvsim_conformance.checks.rhel5xen import Rhel5Bench
from hvsim_conformance.engine.lab import TrueGuest
from hvsim_conformance.labs.rhel5xen.world import SITE

LONG = 300.0
"""Simulated seconds in which every operation on a guest has come to its end."""
RUNS = frozenset({"running", "blocked"})
"""The hypervisor's words for a guest that runs."""
OFF = "shut off"


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


def move_elsewhere(bench: Rhel5Bench, guest: str, source: str, target: str) -> None:
    """Let the administrator move a running guest, and wait until it is there."""
    bench.lab.console(source).run(f"xm migrate --live {guest} {target}")


def inside(bench: Rhel5Bench, what: str, guest: str) -> None:
    """Carry out a command inside a guest."""
    bench.lab.control.perform(f"rhel5xen.guest.{what}", SITE, guest=guest)
