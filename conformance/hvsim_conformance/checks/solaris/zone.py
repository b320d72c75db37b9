"""Which zones are shown, and as what (ZONE-*, NAME-SOL-1)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.solaris import ZoneBench, check
from hvsim_conformance.checks.solaris.steps import (
    LONG,
    expect_hidden,
    expect_listed_state,
    expect_shown,
    expect_state,
)


@check("ZONE-1")
def configured_is_hidden(bench: ZoneBench) -> None:
    """The host lists the zone with -c; the implementation does not."""
    expect_listed_state(bench, "bare", "configured")
    bench.enrol()
    expect_hidden(bench, "bare")


@check("ZONE-2", variant="damaged")
def incomplete_is_hidden(bench: ZoneBench) -> None:
    """The zone's installation was broken off."""
    expect_listed_state(bench, "torn", "incomplete")
    bench.enrol()
    expect_hidden(bench, "torn")


@check("ZONE-2", variant="uninstalling")
def uninstalling_is_hidden(bench: ZoneBench) -> None:
    """The zone was a guest and is being removed."""
    bench.enrol()
    expect_shown(bench, "db", Status.STOP)
    bench.lab.control.hold("zone.uninstall", "remove")
    bench.control.perform("zone.uninstall", "sun", zone="db")
    expect_listed_state(bench, "db", "incomplete")
    bench.refresh()
    expect_hidden(bench, "db")


@check("ZONE-3")
def installed_is_stop(bench: ZoneBench) -> None:
    """A system is there and does not run."""
    expect_listed_state(bench, "db", "installed")
    bench.enrol()
    expect_shown(bench, "db", Status.STOP)
    expect_shown(bench, "store", Status.STOP)


@check("ZONE-4")
def ready_is_not_normal(bench: ZoneBench) -> None:
    """The platform is up and no process runs."""
    expect_listed_state(bench, "poised", "ready")
    bench.enrol()
    expect_shown(bench, "poised", Status.STOP, Status.UNKNOWN)


@check("ZONE-5")
def running_is_normal(bench: ZoneBench) -> None:
    """Found running, and booted since."""
    bench.enrol()
    expect_shown(bench, "web", Status.NORMAL)
    bench.lab.tool.do("zoneadm -z db boot")
    bench.refresh()
    expect_shown(bench, "db", Status.NORMAL)


@check("ZONE-6", variant="down")
def stuck_in_down(bench: ZoneBench) -> None:
    """The kernel cannot take the zone down."""
    expect_listed_state(bench, "dead", "down")
    bench.enrol()
    expect_shown(bench, "dead", Status.NORMAL, Status.UNKNOWN, Status.STOP)


@check("ZONE-6", variant="shutting-down")
def shutting_down(bench: ZoneBench) -> None:
    """The zone is on its way down."""
    bench.enrol()
    bench.lab.control.hold("zone.halt", "processes")
    bench.control.perform("zone.halt", "sun", zone="web")
    expect_listed_state(bench, "web", "shutting_down")
    bench.refresh()
    expect_shown(bench, "web", Status.NORMAL, Status.UNKNOWN, Status.STOP)


@check("ZONE-7")
def installed_zone_appears(bench: ZoneBench) -> None:
    """Not while it is being installed, and at the next refresh afterwards."""
    bench.enrol()
    bench.lab.control.hold("zone.install", "copy")
    bench.control.perform("zone.install", "sun", zone="bare")
    expect_listed_state(bench, "bare", "incomplete")
    bench.refresh()
    expect_hidden(bench, "bare")
    bench.lab.control.release()
    bench.control.advance(LONG)
    expect_state(bench, "bare", "installed")
    bench.refresh()
    expect_shown(bench, "bare", Status.STOP)


@check("ZONE-8", variant="uninstall")
def uninstalled_zone_disappears(bench: ZoneBench) -> None:
    """Its configuration stays."""
    _expect_gone(bench, "zoneadm -z db uninstall -F")


@check("ZONE-8", variant="detach")
def detached_zone_disappears(bench: ZoneBench) -> None:
    """What lies in it stays where it is."""
    _expect_gone(bench, "zoneadm -z db detach")


@check("ZONE-8", variant="global")
def global_zone_is_no_guest(bench: ZoneBench) -> None:
    """The host lists it among the zones, with ID 0."""
    listed = bench.lab.tool.do("zoneadm list -p").splitlines()[0]
    bench.expect(listed.startswith("0:global:running:"), f"the host lists {listed!r} first")
    bench.enrol()
    wrong = [guest for guest in bench.subject.list_guests() if guest.display_name == "global"]
    bench.expect(not wrong, "the global zone is listed as a guest")
    guests = len(bench.subject.list_guests())
    bench.expect(guests == _GUESTS, f"{guests} guests are listed, not {_GUESTS}")


@check("NAME-SOL-1")
def name_is_the_zones(bench: ZoneBench) -> None:
    """The system inside has another node name from the beginning, or gets one."""
    bench.enrol()
    _expect_named(bench, "web", "db", "mail")
    inside = bench.lab.tool.do("zlogin web uname -n").strip()
    bench.expect(inside == "shop", f"the zone calls itself {inside!r}, not 'shop'")
    bench.control.perform("zone.inside-nodename", "sun", zone="mail", nodename="post")
    bench.refresh()
    _expect_named(bench, "web", "db", "mail")


_GUESTS = 6
"""web, mail, db, poised and dead on the one host, store on the other."""


def _expect_gone(bench: ZoneBench, line: str) -> None:
    bench.enrol()
    expect_shown(bench, "db", Status.STOP)
    uuid = bench.lab.uuid("db")
    bench.lab.tool.do(line)
    expect_listed_state(bench, "db", "configured")
    bench.refresh()
    bench.expect_not_listed(uuid)
    expect_hidden(bench, "db")


def _expect_named(bench: ZoneBench, *zones: str) -> None:
    for zone in zones:
        shown = bench.guest(bench.lab.uuid(zone)).display_name
        bench.expect(shown == zone, f"zone {zone} is listed as {shown!r}")
