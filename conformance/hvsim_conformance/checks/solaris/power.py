"""Power operations on zones (POWER-SOL-1, POWER-ALL-*)."""

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.solaris import ZoneBench, check
from hvsim_conformance.checks.solaris.steps import (
    expect_carried_out,
    expect_shown,
    expect_state,
    guest_id,
)


@check("POWER-ALL-1")
def power_on(bench: ZoneBench) -> None:
    """An installed zone is booted and runs."""
    bench.enrol()
    _power(bench, "db", PowerAction.ON)
    expect_state(bench, "db", "running")
    bench.refresh()
    expect_shown(bench, "db", Status.NORMAL)


@check("POWER-ALL-2")
def shutdown_through_the_system(bench: ZoneBench) -> None:
    """The scripts of an orderly shutdown ran; a halt does without them."""
    bench.enrol()
    causes = _power(bench, "web", PowerAction.OFF)
    expect_state(bench, "web", "installed")
    orderly = any(cause.startswith("zone.shutdown/") for cause in causes)
    bench.expect(orderly, f"the zone was not shut down in order, but by {causes}")
    bench.refresh()
    expect_shown(bench, "web", Status.STOP)


@check("POWER-ALL-3")
def forced_off_without_help(bench: ZoneBench) -> None:
    """The zone's own system would not have come to the end of its scripts."""
    bench.enrol()
    bench.lab.control.hold("zone.shutdown", "scripts")
    causes = _power(bench, "web", PowerAction.OFF, force=True)
    expect_state(bench, "web", "installed")
    bench.expect(
        any(cause.startswith("zone.halt/") for cause in causes),
        f"the zone was not halted, but stopped by {causes}",
    )
    bench.refresh()
    expect_shown(bench, "web", Status.STOP)


@check("POWER-ALL-4")
def reboot_once(bench: ZoneBench) -> None:
    """The zone boots one more time, and runs."""
    bench.enrol()
    before = bench.lab.zone("web").boots
    _power(bench, "web", PowerAction.REBOOT)
    more = bench.lab.zone("web").boots - before
    bench.expect(more == 1, f"the zone was booted {more} times, not once")
    expect_state(bench, "web", "running")
    bench.refresh()
    expect_shown(bench, "web", Status.NORMAL)


@check("POWER-SOL-1", variant="on")
def boot(bench: ZoneBench) -> None:
    """Booting leads to running, from installed and from ready."""
    bench.enrol()
    for zone in ("db", "poised"):
        _power(bench, zone, PowerAction.ON)
        expect_state(bench, zone, "running")


@check("POWER-SOL-1", variant="off")
def halt(bench: ZoneBench) -> None:
    """Switching off leads to installed; nothing that could be resumed is left."""
    bench.enrol()
    _power(bench, "web", PowerAction.OFF)
    expect_state(bench, "web", "installed")
    _power(bench, "mail", PowerAction.OFF, force=True)
    expect_state(bench, "mail", "installed")


@check("POWER-SOL-1", variant="reboot")
def reboot(bench: ZoneBench) -> None:
    """Rebooting leads to running, with force too."""
    bench.enrol()
    for force in (False, True):
        before = bench.lab.zone("web").boots
        _power(bench, "web", PowerAction.REBOOT, force=force)
        more = bench.lab.zone("web").boots - before
        bench.expect(more == 1, f"the zone was booted {more} times, not once")
        expect_state(bench, "web", "running")


@check("POWER-SOL-1", variant="no-suspend")
def nothing_suspends(bench: ZoneBench) -> None:
    """The host has no command that suspends a zone."""
    for word in ("suspend", "pause", "save", "resume"):
        answer = bench.lab.tool.run(f"zoneadm -z web {word}")
        bench.expect(answer.status == 2, f"zoneadm {word}: exit {answer.status}, not 2")
        expect_state(bench, "web", "running")
    bench.enrol()
    expect_shown(bench, "web", Status.NORMAL)
    _power(bench, "web", PowerAction.OFF)
    expect_state(bench, "web", "installed")


def _power(bench: ZoneBench, zone: str, action: PowerAction, *, force: bool = False) -> list[str]:
    """Carry out a power operation; return what changed the zone meanwhile."""
    guest = guest_id(bench, zone)
    since = bench.lab.world.log.generation
    expect_carried_out(bench, bench.subject.power(guest, action, force=force))
    return bench.lab.causes(zone, since)
