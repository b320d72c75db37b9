"""States of guests (STATE-XEN-1, STATE-ALL-1 to -3)."""

from collections.abc import Iterator

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.state import StateChecks
from hvsim_conformance.checks.shared.steps import guest_id
from hvsim_conformance.checks.xenserver import check
from hvsim_conformance.checks.xenserver.steps import begin_move, expect_true, inside
from hvsim_conformance.labs.xenserver.world import HOSTS

_DAY = 3600.0


class XenServerStates(StateChecks):
    """What happens in a pool."""

    states = frozenset({Status.NORMAL, Status.UNKNOWN, Status.STOP, Status.ERROR})
    running = ("web", "db", "app", "nested")
    hosts = HOSTS
    settled = _DAY
    faults = (
        (("storage.lose", "shared"), ("storage.return", "shared"), {}, "storage lost"),
        (("link.cut", "beta"), ("link.mend", "beta"), {}, "member cut off"),
        (("server.crash", "gamma"), ("server.boot", "gamma"), {}, "member dead"),
        (("service.stop", "alpha"), ("service.start", "alpha"), {}, "master's service down"),
        (("link.cut", "alpha"), ("link.mend", "alpha"), {}, "master cut off"),
    )

    def expect_runs(self, bench: AnyBench, guest: str) -> None:
        """Ask the pool."""
        expect_true(bench, guest, "Running")

    def force_off(self, bench: AnyBench) -> None:
        """Shut it down hard."""
        tool = bench.lab.tool
        tool.call("VM.hard_shutdown", tool.ref("VM", "db"))
        expect_true(bench, "db", "Halted")

    def operations(self, bench: AnyBench) -> Iterator[str]:
        """Work over XenAPI."""
        tool = bench.lab.tool
        guest = tool.ref("VM", "db")
        yield f"started: {bench.subject.power(guest_id(bench, 'spare'), PowerAction.ON)}"
        tool.call("VM.pause", guest)
        yield "paused"
        tool.call("VM.unpause", guest)
        tool.call("VM.suspend", guest)
        yield "suspended"
        tool.call("VM.resume", guest, False, False)
        tool.call("VM.clean_reboot", guest)
        yield "resumed and rebooted"
        bench.lab.control.hold("VM.pool_migrate", "transfer")
        begin_move(bench, "db", "gamma")
        bench.control.advance(_DAY)
        yield "in the middle of a move"
        bench.lab.control.release()
        bench.control.advance(_DAY)
        yield "moved"
        tool.call("VM.hard_shutdown", guest)
        yield "forced off"

    def insides(self, bench: AnyBench) -> Iterator[str]:
        """Hang and crash."""
        inside(bench, "guest.hang", "web")
        yield "hung"
        inside(bench, "guest.crash", "app")
        bench.control.advance(1.5)
        yield "crashing"
        bench.control.advance(_DAY)
        yield "crashed"


XenServerStates().register(check, "STATE-XEN-1")
