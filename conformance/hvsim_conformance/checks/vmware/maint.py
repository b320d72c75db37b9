"""Maintenance mode (MAINT-*)."""

from hvsim.vcenter.values import data
from hvsim_conformance.adapters.model import Reason, Switch
from hvsim_conformance.checks.shared.managed import MaintenanceChecks
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.site import SITE
from hvsim_conformance.checks.vmware.steps import LONG, OFF, ON, expect_state

CHECKS = MaintenanceChecks(SITE)
check("MAINT-TERM-1")(CHECKS.has_its_name)
check("MAINT-VMW-1")(CHECKS.set_and_released)


@check("MAINT-RCX-1")
def there_is_no_maintenance_with_move(bench: VmwareBench) -> None:
    """Nothing is asked of vCenter, and the guest stays where it is."""
    bench.enrol()
    mark = bench.wire.mark()
    outcome = bench.subject.maintenance(bench.host("alpha").id, Switch.ON, move=True)
    bench.expect_refused(outcome, Reason.UNSUPPORTED_BY_PRODUCT, mark)
    bench.expect(not bench.lab.truth.host("alpha").in_maintenance, "the mode is set")
    expect_state(bench, "web", ON, "alpha")


@check("MAINT-VMW-2")
def stays_in_progress_while_guests_run(bench: VmwareBench) -> None:
    """The endpoint's task runs until the last guest is off or elsewhere."""
    lab = bench.lab
    task = lab.ask(lab.named("HostSystem", "alpha"), "EnterMaintenanceMode_Task", timeout=0)
    bench.control.advance(10 * LONG)
    state = lab.task_state(task)
    bench.expect(state == "running", f"with a running guest the task is {state}")
    bench.expect(not lab.truth.host("alpha").in_maintenance, "the host is in maintenance mode")
    lab.ask(lab.named("VirtualMachine", "web"), "PowerOffVM_Task")
    bench.control.advance(LONG)
    state = lab.task_state(task)
    bench.expect(state == "success", f"without a running guest the task is {state}")
    bench.expect(lab.truth.host("alpha").in_maintenance, "the host is not in maintenance mode")


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
