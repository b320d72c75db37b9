"""Names of Xen guests (NAME-XEN-*), whatever the product."""

from typing import ClassVar

from hvsim_conformance.adapters.model import Done
from hvsim_conformance.checks.shared import AnyBench, Registrar


class XenNameChecks:
    """The bodies of NAME-XEN-1 to NAME-XEN-5; a product says how a guest is renamed there."""

    new_name: ClassVar[str]
    """What guest ``web``, and later another one, is renamed to."""

    def register(self, check: Registrar) -> None:
        """Register all of them."""
        bodies = (
            self.registered_under_its_xen_name,
            self.rename_elsewhere_leaves_the_name,
            self.refresh_keeps_the_old_name,
            self.registering_again_brings_the_new_name,
            self.later_guest_keeps_its_first_name,
        )
        for number, body in enumerate(bodies, 1):
            check(f"NAME-XEN-{number}")(body)

    def rename(self, bench: AnyBench) -> str:
        """Let the administrator rename guest ``web``; return its native id."""
        raise NotImplementedError

    def create(self, bench: AnyBench) -> str:
        """Let the administrator create a guest ``newcomer``; return its native id."""
        raise NotImplementedError

    def rename_newcomer(self, bench: AnyBench) -> None:
        """Let the administrator rename that one."""
        raise NotImplementedError

    def registered_under_its_xen_name(self, bench: AnyBench) -> None:
        """Every guest that belongs to a host is listed under the name that its host has for it."""
        bench.enrol()
        for name in ("web", "db", "spare"):
            _expect_name(bench, bench.lab.uuid(name), name)

    def rename_elsewhere_leaves_the_name(self, bench: AnyBench) -> None:
        """The name changes on the host and not in the manager."""
        bench.enrol()
        _expect_name(bench, self.rename(bench), "web")

    def refresh_keeps_the_old_name(self, bench: AnyBench) -> None:
        """A refresh reads the new name and still shows the old one."""
        bench.enrol()
        uuid = self.rename(bench)
        bench.refresh()
        _expect_name(bench, uuid, "web")

    def registering_again_brings_the_new_name(self, bench: AnyBench) -> None:
        """The name is taken anew with a new registration."""
        ids = bench.enrol()
        uuid = self.rename(bench)
        for registration in ids:
            outcome = bench.subject.unregister(registration)
            bench.expect(isinstance(outcome, Done), f"unregister did not succeed: {outcome}")
        bench.enrol()
        _expect_name(bench, uuid, self.new_name)

    def later_guest_keeps_its_first_name(self, bench: AnyBench) -> None:
        """A guest that is created after registration is named when it is first seen."""
        bench.enrol()
        uuid = self.create(bench)
        bench.refresh()
        _expect_name(bench, uuid, "newcomer")
        self.rename_newcomer(bench)
        bench.refresh()
        _expect_name(bench, uuid, "newcomer")


def _expect_name(bench: AnyBench, uuid: str, name: str) -> None:
    shown = bench.guest(uuid).display_name
    bench.expect(shown == name, f"the guest is listed as {shown!r}, not as {name!r}")
