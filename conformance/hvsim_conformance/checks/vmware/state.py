"""The grades of health of guests (STATE-VMW-1)."""

from hvsim.vcenter.alarm import MANAGER
from hvsim.vcenter.values import Ref, data
from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import LONG, ON

_GRADES = {"yellow": {Status.WARNING}, "red": {Status.ERROR, Status.FATAL}}
"""What a guest that runs is by the grade that vCenter gives it."""


@check("STATE-VMW-1")
def grades_of_health(bench: VmwareBench) -> None:
    """A guest that runs is normal, a warning or an error, as alarms of vCenter have it."""
    bench.enrol()
    _expect_graded(bench, "green", {Status.NORMAL})
    for grade, statuses in _GRADES.items():
        alarm = _raise_alarm(bench, grade)
        _expect_graded(bench, grade, statuses)
        bench.lab.ask(alarm, "RemoveAlarm")
        _expect_graded(bench, "green", {Status.NORMAL})


def _raise_alarm(bench: VmwareBench, grade: str) -> Ref:
    """Let an administrator define an alarm that a guest sets off by running; return it."""
    runs = data(
        "StateAlarmExpression",
        operator="isEqual",
        type="VirtualMachine",
        statePath="runtime.powerState",
        **{grade: ON},
    )
    spec = data("AlarmSpec", name=grade, description="", enabled=True, expression=runs)
    web = bench.lab.named("VirtualMachine", "web")
    made: Ref = bench.lab.ask(MANAGER, "CreateAlarm", entity=web, spec=spec)
    return made


def _expect_graded(bench: VmwareBench, grade: str, statuses: set[Status]) -> None:
    bench.control.advance(LONG)
    lab = bench.lab
    found = lab.vcenter.store.value(lab.named("VirtualMachine", "web"), "overallStatus")
    bench.expect(found == grade, f"vCenter grades the guest {found}, not {grade}")
    bench.refresh()
    shown = bench.guest(lab.uuid("web")).status
    wanted = " or ".join(sorted(statuses))
    bench.expect(shown in statuses, f"graded {grade}, it is listed as {shown}, not as {wanted}")
