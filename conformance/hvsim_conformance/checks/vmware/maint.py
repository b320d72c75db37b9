"""Maintenance mode (MAINT-VMW-*)."""

from hvsim_conformance.adapters.model import Switch
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import LONG


@check("MAINT-VMW-1")
def set_and_released(bench: VmwareBench) -> None:
    """A host on which nothing runs takes the mode and gives it back."""
    bench.enrol()
    host = bench.host("gamma").id
    for switch in (Switch.ON, Switch.OFF):
        bench.expect_done(bench.subject.maintenance(host, switch))
        true = bench.lab.truth.host("gamma").in_maintenance
        wanted = switch is Switch.ON
        bench.expect(true is wanted, f"after {switch} the host's mode is {true}")
        bench.refresh()
        shown = bench.host("gamma").in_maintenance
        bench.expect(shown is wanted, f"after {switch} the host's mode is listed as {shown}")


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
