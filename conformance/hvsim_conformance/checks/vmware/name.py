"""Guest names (NAME-VMW-*)."""

from hvsim_conformance.adapters.model import PowerAction
from hvsim_conformance.checks.vmware import VmwareBench, check
from hvsim_conformance.checks.vmware.steps import (
    LONG,
    OFF,
    expect_name,
    expect_state,
    guest_id,
    inside,
)
from hvsim_conformance.reference.vmware.connection import vim

SYMBOLS = "shop/eu\\100%"
ESCAPED = "shop%2feu%5c100%25"


@check("NAME-VMW-1")
def without_tools_the_machines_name(bench: VmwareBench) -> None:
    """The guest has a host name that nobody reports."""
    bench.enrol()
    expect_name(bench, "bare", "bare")


@check("NAME-VMW-2")
def tools_change_nothing_before_the_restart(bench: VmwareBench) -> None:
    """Tools are installed, and the guest is not restarted."""
    bench.enrol()
    inside(bench, "install-tools", "bare")
    bench.refresh()
    if bench.lab.profile == "vsphere-8":
        bench.remark("today's Tools report the host name as soon as they run")
        expect_name(bench, "bare", "bare", "bare.example")
        return
    expect_name(bench, "bare", "bare")


@check("NAME-VMW-3")
def with_tools_the_host_name(bench: VmwareBench) -> None:
    """Tools are installed, and the guest was restarted once."""
    bench.enrol()
    expect_name(bench, "web", "web.example")
    inside(bench, "install-tools", "bare")
    bench.expect_done(bench.subject.power(guest_id(bench, "bare"), PowerAction.REBOOT))
    bench.control.advance(LONG)
    bench.refresh()
    expect_name(bench, "bare", "bare.example")


@check("NAME-VMW-4")
def symbols_travel_as_escapes(bench: VmwareBench) -> None:
    """A slash, a backslash and a percent sign are kept as escapes, and escapes as they are."""
    bench.enrol()
    uuid = bench.lab.uuid("bare")
    connection = bench.lab.connect()
    try:
        bare = bench.lab.named("VirtualMachine", "bare")
        machine = connection.reference(vim.VirtualMachine, bare.moid)
        for given in (SYMBOLS, ESCAPED):
            connection.finish(machine.Rename_Task(given))
            names = [machine.name, machine.summary.config.name]
            bench.expect(names == [ESCAPED, ESCAPED], f"the wire shows the names {names}")
    finally:
        connection.close()
    bench.refresh()
    shown = bench.guest(uuid).display_name
    bench.expect(shown == ESCAPED, f"the guest is listed as {shown!r}, not as {ESCAPED!r}")


@check("NAME-VMW-6")
def off_under_either_name(bench: VmwareBench) -> None:
    """The guest has Tools and is powered off."""
    bench.enrol()
    bench.expect_done(bench.subject.power(guest_id(bench, "web"), PowerAction.OFF))
    expect_state(bench, "web", OFF)
    bench.refresh()
    expect_name(bench, "web", "web", "web.example")
