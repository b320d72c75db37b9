"""Guest names (NAME-XEN-*)."""

from hvsim_conformance.adapters.model import Done
from hvsim_conformance.checks.rhel5xen import Rhel5Bench, check

NEW_NAME = "renamed"


@check("NAME-XEN-1")
def registered_under_its_xen_name(bench: Rhel5Bench) -> None:
    """Every guest is listed under its domain's name, or its file's if it is off."""
    bench.enrol()
    for name in ("web", "db", "spare"):
        shown = bench.guest(bench.lab.uuid(name)).display_name
        bench.expect(shown == name, f"guest {name} is listed as {shown!r}")


@check("NAME-XEN-2")
def rename_elsewhere_leaves_the_name(bench: Rhel5Bench) -> None:
    """The name changes on the host and not in the manager."""
    bench.enrol()
    uuid = _rename(bench)
    _expect_name(bench, uuid, "web")


@check("NAME-XEN-3")
def refresh_keeps_the_old_name(bench: Rhel5Bench) -> None:
    """A refresh reads the new name and still shows the old one."""
    bench.enrol()
    uuid = _rename(bench)
    bench.refresh()
    _expect_name(bench, uuid, "web")


@check("NAME-XEN-4")
def registering_again_brings_the_new_name(bench: Rhel5Bench) -> None:
    """The name is taken anew with a new registration."""
    ids = bench.enrol()
    uuid = _rename(bench)
    for registration in ids:
        outcome = bench.subject.unregister(registration)
        bench.expect(isinstance(outcome, Done), f"unregister did not succeed: {outcome}")
    bench.enrol()
    _expect_name(bench, uuid, NEW_NAME)


@check("NAME-XEN-5")
def later_guest_keeps_its_first_name(bench: Rhel5Bench) -> None:
    """A guest that is created after registration is named when it is first seen."""
    bench.enrol()
    console = bench.lab.console("gamma")
    console.run(
        "virsh dumpxml spare | grep -v uuid | sed -e s/spare/newcomer/ > /tmp/new.xml"
        " && virsh define /tmp/new.xml && virsh start newcomer"
    )
    bench.refresh()
    uuid = console.run("virsh domuuid newcomer").strip()
    _expect_name(bench, uuid, "newcomer")
    console.run(f"xm rename newcomer {NEW_NAME}")
    bench.refresh()
    _expect_name(bench, uuid, "newcomer")


def _rename(bench: Rhel5Bench) -> str:
    """Rename a guest, its domain and its file."""
    console = bench.lab.console("alpha")
    uuid = console.run("virsh domuuid web").strip()
    console.run(
        f"xm rename web {NEW_NAME} && sed -e 's/^name = .*/name = \"{NEW_NAME}\"/' /etc/xen/web"
        f" > /etc/xen/{NEW_NAME} && rm /etc/xen/web"
    )
    listed = console.run("virsh list --all")
    bench.expect(NEW_NAME in listed, "the host kept the old name")
    return uuid


def _expect_name(bench: Rhel5Bench, uuid: str, name: str) -> None:
    shown = bench.guest(uuid).display_name
    bench.expect(shown == name, f"the guest is listed as {shown!r}, not as {name!r}")
