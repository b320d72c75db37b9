"""States of guests (STATE-XEN-1, STATE-ALL-1 to -3)."""

from collections.abc import Iterator

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.rhel5xen import check
from hvsim_conformance.checks.rhel5xen.steps import LONG, OFF, expect_runs, expect_state, inside
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.state import StateChecks
from hvsim_conformance.checks.shared.steps import guest_id
from hvsim_conformance.labs.rhel5xen.world import HOSTS


class Rhel5States(StateChecks):
    """What happens on the consoles of RHEL5-Xen."""

    states = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP, Status.ERROR})
    running = ("web", "db", "app")
    hosts = HOSTS
    settled = LONG
    faults = (
        (("link.cut", "beta"), ("link.mend", "beta"), {}, "host cut off"),
        (("service.stop", "beta"), ("service.start", "beta"), {"service": "xend"}, "no xend"),
        (("server.crash", "gamma"), ("server.boot", "gamma"), {}, "dead host"),
    )

    def expect_runs(self, bench: AnyBench, guest: str) -> None:
        """Ask the hypervisors."""
        expect_runs(bench, guest)

    def force_off(self, bench: AnyBench) -> None:
        """Destroy the domain."""
        bench.lab.console("beta").run("xm destroy db")
        expect_state(bench, "db", OFF)

    def operations(self, bench: AnyBench) -> Iterator[str]:
        """Work with ``xm`` and ``virsh``."""
        console = bench.lab.console("beta")
        yield f"started: {bench.subject.power(guest_id(bench, 'spare'), PowerAction.ON)}"
        console.run("virsh suspend db")
        yield "suspended"
        console.run("virsh resume db && xm save app /var/lib/xen/save/app")
        yield "resumed, and another one saved"
        console.run("xm restore /var/lib/xen/save/app && xm reboot db")
        bench.control.advance(13.0)
        yield "restored, and another one in the middle of a reboot"
        bench.control.advance(LONG)
        for live in (True, False):
            bench.lab.control.hold("domain.migrate", "copy")
            bench.lab.begin_move("app", "beta", "gamma", live=live)
            bench.control.advance(LONG)
            yield f"in the middle of a move, {'live' if live else 'standing still'}"
            bench.lab.control.release()
            bench.control.advance(LONG)
            bench.lab.console("gamma").run("xm migrate --live app beta")
            yield "moved there and back"
        console.run("xm destroy db")
        yield "forced off"

    def insides(self, bench: AnyBench) -> Iterator[str]:
        """Hang and crash."""
        inside(bench, "hang", "web")
        yield "hung"
        inside(bench, "crash", "app")
        yield "crashed, just now"
        bench.control.advance(LONG)
        yield "crashed"


Rhel5States().register(check, "STATE-XEN-1")
