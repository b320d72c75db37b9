"""Guest names (NAME-HV-*)."""

from hvsim_conformance.adapters.model import PowerAction
from hvsim_conformance.checks.hyperv import HypervBench, check
from hvsim_conformance.checks.hyperv.steps import LONG
from hvsim_conformance.checks.shared.steps import guest_id


@check("NAME-HV-1")
def never_started_under_its_hyperv_name(bench: HypervBench) -> None:
    """Its system has a host name that nobody has been told."""
    bench.enrol()
    _expect_name(bench, "new", "new")


@check("NAME-HV-2")
def started_once_under_its_host_name(bench: HypervBench) -> None:
    """Others that have run are, and this one is after its first start."""
    bench.enrol()
    _expect_name(bench, "web", "web.example")
    bench.expect_done(bench.subject.power(guest_id(bench, "new"), PowerAction.ON))
    bench.control.advance(LONG)
    bench.refresh()
    _expect_name(bench, "new", "new.example")


def _expect_name(bench: HypervBench, guest: str, name: str) -> None:
    shown = bench.guest(bench.lab.uuid(guest)).display_name
    bench.expect(shown == name, f"guest {guest} is listed as {shown!r}, not as {name!r}")
