"""High availability (HA-VMW-*)."""

from hvsim_conformance.adapters.model import Product, Status
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import LONG, ON, expect_state


@check("HA-VMW-1")
def named_and_configured(bench: VmwareBench) -> None:
    """The feature has its name, and the cluster says that it is on."""
    found = [one for one in bench.subject.describe_terms() if one.product is Product.VMWARE]
    bench.expect(len(found) == 1, f"there are {len(found)} sets of terms of VMware, not one")
    term = found[0].high_availability
    bench.expect(term, "there is no term for high availability")
    bench.expect("VMware HA" in (term or ""), f"high availability is called {term!r}")
    cluster = bench.lab.named("ClusterComputeResource", "c1")
    on = bench.lab.vcenter.store.value(cluster, "configurationEx.dasConfig.enabled")
    bench.expect(on is True, f"the cluster's HA is {on}")


@check("HA-VMW-2")
def restarted_elsewhere(bench: VmwareBench) -> None:
    """A host of the cluster dies; the implementation shows its guest where it runs then."""
    bench.enrol()
    before = expect_state(bench, "web", ON, "alpha")
    bench.control.perform("server.crash", "alpha")
    bench.control.advance(LONG)
    after = expect_state(bench, "web", ON)
    bench.expect(after.host != before.host, "the guest was not restarted on another host")
    bench.expect(after.boots == before.boots + 1, f"it was started {after.boots} times")
    bench.refresh()
    shown = bench.guest(bench.lab.uuid("web"))
    bench.expect(shown.host == after.host, f"it is listed under {shown.host}")
    bench.expect(shown.status is Status.NORMAL, f"it is listed as {shown.status}")
