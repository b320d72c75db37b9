"""Spare servers shared by physical servers and guests (SPARE-*).

No guest runs on the standby, and only the administrator brings one there: there is no HA.
"""

from hvsim_conformance.checks.rhel5xen import check
from hvsim_conformance.checks.rhel5xen.steps import LONG, expect_runs, move_elsewhere
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.spare import STANDBY, SpareChecks


class Rhel5Spares(SpareChecks):
    """How RHEL5-Xen does it."""

    running = ("web", "db", "app")
    busy = ("web", "alpha")
    settled = LONG

    def moves_in(self, bench: AnyBench) -> None:
        """Move it by hand."""
        move_elsewhere(bench, "db", "beta", STANDBY)

    def expect_runs(self, bench: AnyBench, guest: str, host: str | None = None) -> None:
        """Ask the hypervisors."""
        expect_runs(bench, guest, host)


Rhel5Spares().register(check)
