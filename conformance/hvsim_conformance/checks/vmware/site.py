"""How a vCenter lab shows and does what the checks shared with other products need."""

from hvsim.vcenter.values import data
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.managed import ManagedSite
from hvsim_conformance.checks.vmware.steps import LONG, OFF, ON, inside


class VmwareSite(ManagedSite):
    """A vCenter."""

    product = Product.VMWARE
    on, off = ON, OFF
    spare_on = "alpha"
    settled = LONG

    def hang(self, bench: AnyBench) -> None:
        """Let the system hang."""
        inside(bench, "hang", "web")

    def move_outside(self, bench: AnyBench) -> None:
        """Move it as an administrator at vCenter, and wait until it is there."""
        lab = bench.lab
        spec = data("VirtualMachineRelocateSpec", host=lab.named("HostSystem", "gamma"))
        task = lab.ask(lab.named("VirtualMachine", "web"), "RelocateVM_Task", spec=spec)
        bench.control.advance(LONG)
        state = lab.task_state(task)
        bench.expect(state == "success", f"the move outside ended as {state}")
        self.state(bench, "web", ON, "gamma")

    def expect_clean_shutdown(self, bench: AnyBench) -> None:
        """Expect the event of a system that ends, and none of power that is cut."""
        kinds = [event.type for event in bench.lab.vcenter.events]
        bench.expect("VmGuestShutdownEvent" in kinds, "the guest's system was not asked to end")
        bench.expect("VmStoppingEvent" not in kinds, "the guest's power was cut")


SITE = VmwareSite()
