"""Guest names (NAME-XEN-*)."""

from hvsim_conformance.adapters.model import Done
from hvsim_conformance.checks.xenserver import XenBench, check

NEW_NAME = "renamed elsewhere"


@check("NAME-XEN-1")
def registered_under_its_xen_name(bench: XenBench) -> None:
    """Every guest that belongs to a host is listed under its name label."""
    bench.enrol()
    for name in ("web", "db", "spare"):
        shown = bench.guest(bench.lab.uuid(name)).display_name
        bench.expect(shown == name, f"guest {name} is listed as {shown!r}")


@check("NAME-XEN-2")
def rename_elsewhere_leaves_the_name(bench: XenBench) -> None:
    """The name changes on the pool and not in the manager."""
    bench.enrol()
    uuid = _rename(bench)
    _expect_name(bench, uuid, "web")


@check("NAME-XEN-3")
def refresh_keeps_the_old_name(bench: XenBench) -> None:
    """A refresh reads the new name and still shows the old one."""
    bench.enrol()
    uuid = _rename(bench)
    bench.refresh()
    _expect_name(bench, uuid, "web")


@check("NAME-XEN-4")
def registering_again_brings_the_new_name(bench: XenBench) -> None:
    """The name is taken anew with a new registration."""
    ids = bench.enrol()
    uuid = _rename(bench)
    for registration in ids:
        outcome = bench.subject.unregister(registration)
        bench.expect(isinstance(outcome, Done), f"unregister did not succeed: {outcome}")
    bench.enrol()
    _expect_name(bench, uuid, NEW_NAME)


@check("NAME-XEN-5")
def later_guest_keeps_its_first_name(bench: XenBench) -> None:
    """A guest that is created after registration is named when it is first seen."""
    bench.enrol()
    tool = bench.lab.tool
    clone = tool.call("VM.clone", tool.ref("VM", "spare"), "newcomer")
    tool.call("VM.set_affinity", clone, tool.ref("host", "gamma"))
    bench.refresh()
    uuid = tool.call("VM.get_uuid", clone)
    _expect_name(bench, uuid, "newcomer")
    tool.call("VM.set_name_label", clone, NEW_NAME)
    bench.refresh()
    _expect_name(bench, uuid, "newcomer")


def _rename(bench: XenBench) -> str:
    tool = bench.lab.tool
    ref = tool.ref("VM", "web")
    tool.call("VM.set_name_label", ref, NEW_NAME)
    bench.expect(tool.call("VM.get_name_label", ref) == NEW_NAME, "the pool kept the old name")
    return str(tool.call("VM.get_uuid", ref))


def _expect_name(bench: XenBench, uuid: str, name: str) -> None:
    shown = bench.guest(uuid).display_name
    bench.expect(shown == name, f"the guest is listed as {shown!r}, not as {name!r}")
