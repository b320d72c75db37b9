"""What the checks of spare servers and of host backup share, whatever the product."""

from hvsim.hardware import Power
from hvsim_conformance.adapters.model import Done, Reason, Verdictable
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.steps import look, register_endpoint
from hvsim_conformance.labs.machines import PRIMARY


def enrol_hardware(bench: AnyBench) -> None:
    """Register the endpoints and the door to its physical servers, and refresh."""
    register_endpoint(bench, bench.lab.hardware)
    bench.enrol()


def fail_primary(bench: AnyBench) -> None:
    """Let the physical server fail whole: its hardware says so, and its system is gone."""
    bench.control.perform("hardware.fail", PRIMARY)
    bench.control.perform("server.crash", PRIMARY, silence="refused")


def take_over(bench: AnyBench) -> Verdictable:
    """Let a spare take the place of the failed primary, if a pass has not done it yet."""
    look(bench)
    if stands_in(bench) is not None:
        return Done()
    return bench.subject.switchover(PRIMARY)


def stands_in(bench: AnyBench) -> str | None:
    """Return the server that runs the primary's system in its place, if any does."""
    servers = bench.lab.world.hardware.servers.values()
    found = (one for one in servers if one.system == PRIMARY and one.power is Power.ON)
    return next((one.name for one in found if one.name != PRIMARY), None)


def expect_turned_down_or_warned(bench: AnyBench, outcome: Verdictable, why: str) -> None:
    """Expect that a spare is refused, or accepted with a warning."""
    if isinstance(outcome, Done) and outcome.value:
        bench.remark(f"{why}: accepted with the warning {outcome.value!r}")
        return
    bench.expect(not isinstance(outcome, Done), f"{why}: accepted without a warning")
    bench.expect_rejected(outcome, Reason.SPARE_NOT_ELIGIBLE)
