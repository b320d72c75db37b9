"""What the checks of pools and masters do to a pool, and how they see that it serves again."""

from hvsim_conformance.adapters.model import MoveMode, PowerAction, Reason, Status, Switch
from hvsim_conformance.checks.shared.steps import expect_shown, guest_id, register_endpoint
from hvsim_conformance.checks.xenserver import XenBench
from hvsim_conformance.checks.xenserver.steps import expect_true
from hvsim_conformance.engine.checks import CheckFailed
from hvsim_fakes.control.truth import Life, truth

SETTLED = 120.0
"""Simulated seconds in which services have restarted and taken up their roles."""
GIVEN_UP = 700.0
"""Simulated seconds after which every release counts a silent host as lost."""


def lose_master(bench: XenBench) -> None:
    """Let the master's machine die; connections to it are refused."""
    bench.control.perform("server.crash", "alpha", silence="refused")


def cut_master_off(bench: XenBench) -> None:
    """Cut the way to the master, which itself runs on."""
    bench.control.perform("link.cut", "alpha", silence="refused")


def promote(bench: XenBench, host: str) -> None:
    """Make a member the master though the old one is gone, as an administrator would."""
    bench.lab.tool_at(host).local().call("pool.emergency_transition_to_master")
    bench.control.advance(SETTLED)
    bench.lab.tool_at(host).call("pool.recover_slaves")
    bench.control.advance(SETTLED)


def designate(bench: XenBench, host: str) -> None:
    """Let the master hand its place over to a member, and wait until the pool has settled."""
    tool = bench.lab.tool
    tool.call("pool.designate_new_master", tool.ref("host", host))
    bench.control.advance(SETTLED)


def master_at(bench: XenBench, member: str) -> str:
    """Return the name of the master in the pool's records, asked at a member."""
    tool = bench.lab.tool_at(member)
    (row,) = tool.call("pool.get_all_records").values()
    return str(tool.call("host.get_name_label", row["master"]))


def expect_points_at(bench: XenBench, member: str, master: str) -> None:
    """Expect that a member sends whoever logs in there to its master."""
    given = bench.lab.tool_at(member).refusal("VM.get_all")
    expected = ["HOST_IS_SLAVE", bench.lab.url(master).partition("//")[2].partition(":")[0]]
    bench.expect(given == expected, f"{member} answers {given}, not {expected}")


def life(bench: XenBench, guest: str) -> Life:
    """Return what a guest really does, whatever the pool's records say."""
    guests = [one for manager in truth(bench.lab.world).managers for one in manager.guests]
    return next(one.state for one in guests if one.name == guest)


def statuses(bench: XenBench) -> dict[str, Status]:
    """Return what is shown of every guest, by native id."""
    return {guest.native_id: guest.status for guest in bench.subject.list_guests()}


def host_statuses(bench: XenBench) -> dict[str, Status]:
    """Return what is shown of every host, by name."""
    return {host.name: host.status for host in bench.subject.list_hosts()}


def register(bench: XenBench, *hosts: str) -> None:
    """Register single hosts by name."""
    for end in map(bench.lab.endpoint, hosts):
        register_endpoint(bench, end)


def expect_served(bench: XenBench, guest: str, host: str) -> None:
    """Expect that a running guest and its host are normal, and that the guest can be rebooted."""
    expect_shown(bench, guest, host, Status.NORMAL)
    shown = bench.host(host).status
    bench.expect(shown is Status.NORMAL, f"host {host} is listed as {shown}, not as normal")
    boots = bench.lab.truth.guest(guest).boots
    bench.expect_done(bench.subject.power(guest_id(bench, guest), PowerAction.REBOOT))
    now = expect_true(bench, guest, "Running").boots
    bench.expect(now == boots + 1, f"guest {guest} has booted {now} times, not {boots + 1}")


def expect_nothing_works(bench: XenBench) -> None:
    """Expect that every kind of operation on the pool fails, and changes nothing."""
    subject, before = bench.subject, bench.truth.guests()
    guest, host = guest_id(bench, "db"), bench.host("gamma").id
    outcomes = {
        "power": subject.power(guest, PowerAction.OFF),
        "migrate": subject.migrate(guest, host, MoveMode.LIVE),
        "maintenance": subject.maintenance(host, Switch.ON),
    }
    for name, outcome in outcomes.items():
        try:
            bench.expect_rejected(outcome, Reason.POOL_MASTER_LOST)
        except CheckFailed:
            raise CheckFailed(f"{name} succeeded without a master") from None
    bench.expect(bench.truth.guests() == before, "guests have changed")
