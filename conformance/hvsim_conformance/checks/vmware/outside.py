"""Moves that another tool or DRS makes (EXT-*)."""

from typing import Any

from hvsim.vcenter.values import data
from hvsim_conformance.adapters.model import Done, PowerAction, Status, Verdictable
from hvsim_conformance.checks.shared.managed import OutsideChecks
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.site import SITE
from hvsim_conformance.checks.vmware.steps import (
    LONG,
    OFF,
    ON,
    expect_shown,
    expect_state,
    guest_id,
)

OutsideChecks(SITE).register(check)

_SOON = 5.0
"""Simulated seconds after which a task is under way."""


@check("EXT-4")
def follows_drs(bench: VmwareBench) -> None:
    """DRS empties a host for its maintenance; the implementation shows where guests went."""
    bench.enrol()
    lab = bench.lab
    automatic = data("ClusterDrsConfigInfo", enabled=True, defaultVmBehavior="fullyAutomated")
    spec = data("ClusterConfigSpecEx", drsConfig=automatic)
    cluster = lab.named("ClusterComputeResource", "c1")
    lab.ask(cluster, "ReconfigureComputeResource_Task", spec=spec, modify=True)
    bench.control.advance(LONG)
    lab.ask(lab.named("HostSystem", "alpha"), "EnterMaintenanceMode_Task", timeout=0)
    bench.control.advance(LONG)
    true = expect_state(bench, "web", ON)
    bench.expect(true.host != lab.host_id("alpha"), "DRS left the guest where it was")
    bench.refresh()
    shown = bench.guest(lab.uuid("web"))
    bench.expect(shown.host == true.host, f"the guest is listed under {shown.host}")


@check("EXT-5", variant="moved-first")
def outside_move_comes_first(bench: VmwareBench) -> None:
    """The manager's operation meets a move that is under way."""
    bench.enrol()
    guest = guest_id(bench, "web")
    bench.lab.control.hold("VirtualMachine.RelocateVM", "check")
    task = _begin_move(bench, "web", "gamma")
    bench.control.advance(_SOON)
    outcome = bench.subject.power(guest, PowerAction.OFF, force=True)
    bench.lab.control.release()
    bench.control.advance(LONG)
    _expect_consistent(bench, outcome, bench.lab.task_state(task))


@check("EXT-5", variant="moved-second")
def outside_move_comes_second(bench: VmwareBench) -> None:
    """The administrator's move meets the manager's operation."""
    bench.enrol()
    guest, tasks = guest_id(bench, "web"), []
    with bench.lab.control.amid(
        "VirtualMachine.PowerOffVM",
        "stop",
        lambda: tasks.append(_begin_move(bench, "web", "gamma")),
    ) as moment:
        outcome = bench.subject.power(guest, PowerAction.OFF, force=True)
    bench.control.advance(LONG)
    moved = bench.lab.task_state(tasks[0]) if moment.came else "error"
    _expect_consistent(bench, outcome, moved)


def _expect_consistent(bench: VmwareBench, outcome: Verdictable, moved: str) -> None:
    """Expect one winner, and that the listing is true."""
    off, gone = isinstance(outcome, Done), moved == "success"
    bench.expect(off is not gone, f"the operation ended as {outcome} and the move as {moved}")
    true = expect_state(bench, "web", OFF if off else ON, "gamma" if gone else "alpha")
    bench.refresh()
    status = Status.STOP if true.state == OFF else Status.NORMAL
    expect_shown(bench, "web", "gamma" if gone else "alpha", status)


def _begin_move(bench: VmwareBench, guest: str, host: str) -> Any:
    """Let an administrator begin to move a running guest; return the task."""
    lab = bench.lab
    spec = data("VirtualMachineRelocateSpec", host=lab.named("HostSystem", host))
    return lab.ask(lab.named("VirtualMachine", guest), "RelocateVM_Task", spec=spec)
