"""Moves that another tool or DRS makes (EXT-*)."""

from typing import Any

from hvsim.vcenter.values import data
from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import (
    LONG,
    OFF,
    ON,
    expect_shown,
    expect_state,
    guest_id,
)


@check("EXT-1")
def acts_on_the_right_guest(bench: VmwareBench) -> None:
    """A guest that was moved meanwhile is operated on, or nothing is."""
    bench.enrol()
    _move(bench, "web", "gamma")
    others = [bench.lab.truth.guest(name) for name in ("db", "bare", "lone")]
    bench.subject.power(guest_id(bench, "web"), PowerAction.OFF, force=True)
    bench.control.advance(LONG)
    now = [bench.lab.truth.guest(name) for name in ("db", "bare", "lone")]
    bench.expect(now == others, "another guest was operated on")
    bench.refresh()
    true = bench.lab.truth.guest("web")
    expect_shown(bench, "web", "gamma", Status.STOP if true.state == OFF else Status.NORMAL)


@check("EXT-2")
def refresh_shows_the_new_host(bench: VmwareBench) -> None:
    """The implementation follows a move that it did not make."""
    bench.enrol()
    expect_shown(bench, "web", "alpha", Status.NORMAL)
    _move(bench, "web", "gamma")
    bench.refresh()
    expect_shown(bench, "web", "gamma", Status.NORMAL)


@check("EXT-3")
def operates_after_the_refresh(bench: VmwareBench) -> None:
    """Once it knows the new place, everything works there."""
    bench.enrol()
    _move(bench, "web", "gamma")
    bench.refresh()
    bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.OFF, force=True))
    expect_state(bench, "web", OFF, "gamma")


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


def _move(bench: VmwareBench, guest: str, host: str) -> Any:
    """Let an administrator move a running guest, and wait until it is there."""
    lab = bench.lab
    spec = data("VirtualMachineRelocateSpec", host=lab.named("HostSystem", host))
    task = lab.ask(lab.named("VirtualMachine", guest), "RelocateVM_Task", spec=spec)
    bench.control.advance(LONG)
    state = lab.task_state(task)
    bench.expect(state == "success", f"the move outside ended as {state}")
    expect_state(bench, guest, ON, host)
