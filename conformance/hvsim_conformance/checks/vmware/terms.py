"""What moves and maintenance are called, and what is meant by it (MIG-TERM-*, MAINT-*)."""

from hvsim.vcenter.values import data
from hvsim_conformance.adapters.model import MoveMode, Product, Terms
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import LONG, OFF, ON, expect_state, move


@check("MIG-TERM-1")
def live_is_with_power_on(bench: VmwareBench) -> None:
    """The guest arrives without having been off: nothing booted it anew."""
    bench.expect(_terms(bench).live_move, "there is no term for a live move")
    bench.enrol()
    before = expect_state(bench, "db", ON)
    bench.expect_done(move(bench, "db", "gamma", MoveMode.LIVE))
    boots = expect_state(bench, "db", ON, "gamma").boots - before.boots
    bench.expect(boots == 0, f"the guest was started {boots} times on its way")


@check("MIG-TERM-2")
def cold_is_with_power_off(bench: VmwareBench) -> None:
    """The guest was off, is off, and was never on."""
    bench.expect(_terms(bench).cold_move, "there is no term for a cold move")
    bench.enrol()
    before = expect_state(bench, "spare", OFF)
    bench.expect_done(move(bench, "spare", "gamma", MoveMode.COLD))
    boots = expect_state(bench, "spare", OFF, "gamma").boots - before.boots
    bench.expect(boots == 0, f"the guest was started {boots} times on its way")


@check("MAINT-TERM-1")
def maintenance_mode_has_its_name(bench: VmwareBench) -> None:
    """VMware calls it maintenance mode."""
    term = _terms(bench).maintenance
    bench.expect(term is not None, "there is no term for maintenance mode")
    bench.expect("maintenance" in (term or "").casefold(), f"it is called {term!r}")


@check("MAINT-ALL-1")
def nothing_comes_to_a_resting_host(bench: VmwareBench) -> None:
    """The endpoint refuses to start a guest on such a host, or to move one there."""
    lab = bench.lab
    gamma = lab.named("HostSystem", "gamma")
    spare, web = (lab.named("VirtualMachine", name) for name in ("spare", "web"))
    place = data("VirtualMachineRelocateSpec", host=gamma)
    lab.ask(spare, "RelocateVM_Task", spec=place)
    bench.control.advance(LONG)
    lab.ask(gamma, "EnterMaintenanceMode_Task", timeout=0)
    bench.control.advance(LONG)
    bench.expect(lab.truth.host("gamma").in_maintenance, "the host is not in maintenance mode")
    for task in (
        lab.ask(spare, "PowerOnVM_Task"),
        lab.ask(web, "RelocateVM_Task", spec=place),
    ):
        bench.control.advance(LONG)
        state = lab.task_state(task)
        bench.expect(state == "error", f"the task ended as {state}")
    expect_state(bench, "spare", OFF)
    expect_state(bench, "web", ON, "alpha")


def _terms(bench: VmwareBench) -> Terms:
    found = [one for one in bench.subject.describe_terms() if one.product is Product.VMWARE]
    bench.expect(len(found) == 1, f"there are {len(found)} sets of terms of VMware, not one")
    return found[0]
