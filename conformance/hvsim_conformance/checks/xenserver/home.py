"""Home servers (HOME-XS-*): which host shows a guest that does not run."""

from hvsim_conformance.adapters.model import MoveMode, PowerAction, Status
from hvsim_conformance.checks.xenserver import XenBench, check


@check("HOME-XS-1")
def homeless_guest_disappears_when_off(bench: XenBench) -> None:
    """Without a home server nothing ties a halted guest to a host."""
    bench.enrol()
    uuid = _switch_off(bench, "app")
    _expect_no_home(bench, uuid)
    tool = bench.lab.tool
    row = tool.call("VM.get_record", tool.ref("VM", "app"))
    bench.expect(
        (row["power_state"], row["resident_on"]) == ("Halted", "OpaqueRef:NULL"),
        f"the pool's record says {row['power_state']} on {row['resident_on']}",
    )


@check("HOME-XS-2")
def guest_stays_under_its_home_server(bench: XenBench) -> None:
    """A guest with a home server stays listed there, as stopped."""
    bench.enrol()
    uuid = _switch_off(bench, "db")
    _expect_at(bench, uuid, "beta", Status.STOP)


@check("HOME-XS-3")
def new_home_server_brings_it_back(bench: XenBench) -> None:
    """Setting a home server is enough."""
    bench.enrol()
    uuid = bench.lab.uuid("lost")
    _expect_no_home(bench, uuid)
    tool = bench.lab.tool
    tool.call("VM.set_affinity", tool.ref("VM", "lost"), tool.ref("host", "gamma"))
    bench.refresh()
    _expect_at(bench, uuid, "gamma", Status.STOP)


@check("HOME-XS-4")
def start_brings_it_back(bench: XenBench) -> None:
    """Whoever starts it, it is back on the host it runs on."""
    bench.enrol()
    uuid = bench.lab.uuid("lost")
    _expect_no_home(bench, uuid)
    tool = bench.lab.tool
    ref = tool.ref("VM", "lost")
    tool.call("VM.start", ref, False, False)
    bench.refresh()
    host = tool.call("host.get_name_label", tool.call("VM.get_resident_on", ref))
    _expect_at(bench, uuid, host, Status.NORMAL)


@check("HOME-XS-5")
def running_guest_needs_no_home(bench: XenBench) -> None:
    """Where it runs is enough."""
    bench.enrol()
    _expect_at(bench, bench.lab.uuid("app"), "beta", Status.NORMAL)


@check("HOME-XS-6")
def suspended_guest_without_home_disappears(bench: XenBench) -> None:
    """A suspended guest is as homeless as a halted one."""
    bench.enrol()
    _expect_at(bench, bench.lab.uuid("app"), "beta", Status.NORMAL)
    tool = bench.lab.tool
    ref = tool.ref("VM", "app")
    tool.call("VM.suspend", ref)
    resident = tool.call("VM.get_resident_on", ref)
    bench.expect(resident == "OpaqueRef:NULL", f"the suspended guest is resident on {resident}")
    bench.refresh()
    _expect_no_home(bench, bench.lab.uuid("app"))


@check("HOME-XS-7")
def host_that_stands_alone_keeps_its_guests(bench: XenBench) -> None:
    """The rule is one of pools: a host alone shows what is off as well."""
    end = bench.lab.endpoint("single")
    bench.expect_done(bench.subject.register(end.kind, end.address, end.credentials, end.role))
    bench.refresh()
    uuid = _switch_off(bench, "only")
    _expect_at(bench, uuid, "single", Status.STOP)


@check("HOME-XS-8")
def cold_move_gives_a_home(bench: XenBench) -> None:
    """A cold move of a halted guest makes the target its home server."""
    bench.enrol()
    uuid = bench.lab.uuid("spare")
    target = bench.host("beta")
    bench.expect_done(bench.subject.migrate(bench.guest(uuid).id, target.id, MoveMode.COLD))
    bench.refresh()
    _expect_at(bench, uuid, "beta", Status.STOP)


def _switch_off(bench: XenBench, name: str) -> str:
    uuid = bench.lab.uuid(name)
    bench.expect_done(bench.subject.power(bench.guest(uuid).id, PowerAction.OFF))
    bench.refresh()
    return uuid


def _expect_no_home(bench: XenBench, uuid: str) -> None:
    """Expect that no host shows the guest: it is not listed, or listed without a host."""
    found = [guest for guest in bench.subject.list_guests() if guest.native_id == uuid]
    shown = [guest.host for guest in found if guest.host is not None]
    bench.expect(not shown, f"the guest is shown under host {', '.join(map(str, shown))}")


def _expect_at(bench: XenBench, uuid: str, host: str, status: Status) -> None:
    guest = bench.guest(uuid)
    known = {found.id: found.name for found in bench.subject.list_hosts()}
    shown = known.get(guest.host or "")
    bench.expect(shown == host, f"the guest is shown under {shown}, not under {host}")
    bench.expect(guest.status is status, f"the guest is {guest.status}, not {status}")
