"""Guest names (NAME-XEN-*): of domains, and of the files of those that are off."""

from hvsim_conformance.checks.rhel5xen import check
from hvsim_conformance.checks.shared import AnyBench
from hvsim_conformance.checks.shared.name import XenNameChecks


class Rhel5Names(XenNameChecks):
    """How an administrator names guests on the console."""

    new_name = "renamed"

    def rename(self, bench: AnyBench) -> str:
        """Rename the domain and its file."""
        console = bench.lab.console("alpha")
        uuid = str(console.run("virsh domuuid web")).strip()
        new = self.new_name
        console.run(
            f"xm rename web {new} && sed -e 's/^name = .*/name = \"{new}\"/' /etc/xen/web"
            f" > /etc/xen/{new} && rm /etc/xen/web"
        )
        listed = console.run("virsh list --all")
        bench.expect(new in listed, "the host kept the old name")
        return uuid

    def create(self, bench: AnyBench) -> str:
        """Define it by the description of another one, and start it."""
        console = bench.lab.console("gamma")
        console.run(
            "virsh dumpxml spare | grep -v uuid | sed -e s/spare/newcomer/ > /tmp/new.xml"
            " && virsh define /tmp/new.xml && virsh start newcomer"
        )
        return str(console.run("virsh domuuid newcomer")).strip()

    def rename_newcomer(self, bench: AnyBench) -> None:
        """Rename the domain."""
        bench.lab.console("gamma").run(f"xm rename newcomer {self.new_name}")


Rhel5Names().register(check)
