"""Guest names (NAME-XEN-*): the name labels of VMs."""

from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.name import XenNameChecks
from hvsim_conformance.checks.xenserver import check


class XenServerNames(XenNameChecks):
    """How an administrator names guests over XenAPI."""

    new_name = "renamed elsewhere"

    def rename(self, bench: AnyBench) -> str:
        """Set the label."""
        tool = bench.lab.tool
        ref = tool.ref("VM", "web")
        tool.call("VM.set_name_label", ref, self.new_name)
        kept = tool.call("VM.get_name_label", ref) != self.new_name
        bench.expect(not kept, "the pool kept the old name")
        return str(tool.call("VM.get_uuid", ref))

    def create(self, bench: AnyBench) -> str:
        """Clone another one, at home on a host."""
        tool = bench.lab.tool
        clone = tool.call("VM.clone", tool.ref("VM", "spare"), "newcomer")
        tool.call("VM.set_affinity", clone, tool.ref("host", "gamma"))
        return str(tool.call("VM.get_uuid", clone))

    def rename_newcomer(self, bench: AnyBench) -> None:
        """Set its label."""
        tool = bench.lab.tool
        tool.call("VM.set_name_label", tool.ref("VM", "newcomer"), self.new_name)


XenServerNames().register(check)
