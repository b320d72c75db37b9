"""The grades of health of guests (STATE-VMW-1)."""

from hvsim_conformance.adapters.model import Status
from hvsim_conformance.checks.vmware import VmwareBench, check

_GRADES = {
    "green": {Status.NORMAL},
    "yellow": {Status.WARNING},
    "red": {Status.ERROR, Status.FATAL},
}
"""What a guest that runs is by the grade that vCenter gives it."""


@check("STATE-VMW-1")
def grades_of_health(bench: VmwareBench) -> None:
    """A guest that runs is normal, a warning or an error, as vCenter sees it."""
    bench.enrol()
    lab = bench.lab
    web = lab.named("VirtualMachine", "web")
    for grade, statuses in _GRADES.items():
        with lab.world.access():
            lab.vcenter.store.change(web, "overallStatus", grade)
        bench.refresh()
        shown = bench.guest(lab.uuid("web")).status
        wanted = " or ".join(sorted(statuses))
        bench.expect(shown in statuses, f"graded {grade}, it is listed as {shown}, not as {wanted}")
