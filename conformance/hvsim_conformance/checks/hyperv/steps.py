"""Steps and expectations that the checks of Hyper-V share."""

from typing import Any

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.managed import ManagedSite
from hvsim_conformance.labs.hyperv.world import VMM

LONG = 900.0
"""Simulated seconds in which every operation has ended, and a cluster has met a failure."""
ON, OFF, SAVED = "Running", "Off", "Saved"


def inside(bench: AnyBench, what: str, guest: str, **fields: Any) -> None:
    """Carry out a command inside a guest, or on its host past VMM."""
    bench.control.perform(f"scvmm.guest.{what}", VMM, guest=guest, **fields)


def move_outside(bench: AnyBench, guest: str, host: str) -> None:
    """Let an administrator move a guest with the cluster's own tool."""
    inside(bench, "move-outside", guest, host=host)


class HypervSite(ManagedSite):
    """How a VMM lab shows and does what shared checks need."""

    product = Product.HYPERV
    on, off = ON, OFF
    spare_on = "gamma"
    settled = LONG

    def hang(self, bench: AnyBench) -> None:
        """Let the system hang."""
        inside(bench, "hang", "web")

    def move_outside(self, bench: AnyBench) -> None:
        """Use the cluster's own tool."""
        move_outside(bench, "web", "gamma")

    def expect_clean_shutdown(self, bench: AnyBench) -> None:
        """Expect a job that asks the system, and none that cuts the power."""
        names = [job.name for job in bench.lab.vmm.store.of("Job")]
        bench.expect("Shut down virtual machine" in names, "the guest was not asked to end")
        bench.expect("Stop virtual machine" not in names, "the guest's power was cut")


SITE = HypervSite()
