"""Resource pools that lose their master or get another one (POOL-*)."""

from hvsim_conformance.adapters.model import PowerAction, Status
from hvsim_conformance.checks.shared.steps import (
    expect_shown,
    expect_untouched,
    guest_id,
    look,
    place,
)
from hvsim_conformance.checks.xenserver import XenBench, check
from hvsim_conformance.checks.xenserver.masters import (
    GIVEN_UP,
    SETTLED,
    cut_master_off,
    designate,
    expect_nothing_works,
    expect_points_at,
    expect_served,
    host_statuses,
    life,
    lose_master,
    master_at,
    promote,
    register,
    statuses,
)
from hvsim_conformance.checks.xenserver.steps import (
    AFTER_HA,
    expect_true,
    inside,
    move_elsewhere,
    protect,
    switch_ha_on,
)
from hvsim_fakes.control.truth import Life

GUESTS = ("web", "db", "app", "nested")
"""Guests that run when a lab begins."""


@check("POOL-1")
def no_news_without_the_master(bench: XenBench) -> None:
    """A guest that ends on a member that lives is not known to have ended."""
    bench.enrol()
    before = bench.subject.list_guests()
    cut_master_off(bench)
    expect_points_at(bench, "beta", "alpha")
    inside(bench, "guest.shutdown", "db")
    bench.control.advance(SETTLED)
    look(bench)
    after = bench.subject.list_guests()
    same = [(one.native_id, one.host) for one in before] == [
        (one.native_id, one.host) for one in after
    ]
    bench.expect(same, "guests came, went or moved in the list though nobody could tell of it")
    shown = statuses(bench)[bench.lab.uuid("db")]
    bench.expect(shown is not Status.STOP, "the end of a guest was told by nobody, and is listed")
    fresh = [name for name, status in host_statuses(bench).items() if status is Status.NORMAL]
    bench.expect(not fresh, f"hosts {', '.join(fresh)} are listed as if they had been asked")


@check("POOL-2")
def guests_are_unknown_without_the_master(bench: XenBench) -> None:
    """All of them: those of members that live as well."""
    bench.enrol()
    lose_master(bench)
    expect_points_at(bench, "beta", "alpha")
    look(bench)
    for name in GUESTS:
        expect_shown(bench, name, None, Status.UNKNOWN)


@check("POOL-3")
def nothing_works_without_the_master(bench: XenBench) -> None:
    """Neither power nor moves nor maintenance; another pool serves on."""
    bench.enrol()
    register(bench, "single")
    bench.refresh()
    lose_master(bench)
    expect_nothing_works(bench)
    look(bench)
    expect_nothing_works(bench)
    expect_served(bench, "only", "single")


@check("POOL-4")
def guests_run_on_without_the_master(bench: XenBench) -> None:
    """Only their management is lost."""
    bench.enrol()
    lose_master(bench)
    before = [bench.lab.truth.guest(name) for name in ("db", "app", "nested")]
    bench.control.advance(GIVEN_UP)
    look(bench)
    bench.subject.power(guest_id(bench, "db"), PowerAction.OFF)
    for guest in before:
        expect_untouched(bench, guest)
        found = life(bench, guest.name)
        bench.expect(found is Life.RUNNING, f"guest {guest.name} is {found}")


@check("POOL-5")
def member_answers_with_its_emergency(bench: XenBench) -> None:
    """A service that starts and finds no master says why it serves nobody."""
    lose_master(bench)
    bench.control.perform("service.stop", "beta")
    bench.control.perform("service.start", "beta")
    bench.control.advance(SETTLED)
    codes = ("HOST_STILL_BOOTING", "HOST_MASTER_CANNOT_TALK_BACK", "INTERNAL_ERROR")
    given = bench.lab.tool_at("beta").refusal("VM.get_all")
    bench.expect(given[0] in codes, f"the member answers {given}")
    local = bench.lab.tool_at("beta").local()
    emergency = local.call("host.is_in_emergency_mode")
    bench.expect(emergency, "the member does not call it an emergency")
    again = local.refusal("VM.get_all")
    bench.expect(again == given, f"the member answers {given} and then {again}")


@check("POOL-6")
def mended_way_brings_everything_back(bench: XenBench) -> None:
    """States and operations are back after the next pass."""
    bench.enrol()
    cut_master_off(bench)
    look(bench)
    expect_shown(bench, "db", None, Status.UNKNOWN)
    bench.control.perform("link.mend", "alpha")
    bench.control.advance(SETTLED)
    bench.refresh()
    expect_served(bench, "db", "beta")


@check("POOL-7")
def another_master_brings_everything_back(bench: XenBench) -> None:
    """The implementation turns to the new master's address."""
    bench.enrol()
    lose_master(bench)
    look(bench)
    promote(bench, "beta")
    found = master_at(bench, "beta")
    bench.expect(found == "beta", f"the pool's records call {found} the master")
    expect_points_at(bench, "gamma", "beta")
    bench.refresh()
    mark = bench.wire.mark()
    expect_served(bench, "db", "beta")
    asked = {exchange.endpoint for exchange in bench.writes(mark)}
    bench.expect(asked == {"beta"}, f"the operation was sent to {', '.join(sorted(asked))}")


@check("POOL-8")
def former_master_comes_back_as_a_member(bench: XenBench) -> None:
    """It learns from the others that it has been replaced."""
    lose_master(bench)
    promote(bench, "beta")
    bench.control.perform("server.boot", "alpha")
    bench.control.advance(SETTLED + SETTLED)
    expect_points_at(bench, "alpha", "beta")
    found = master_at(bench, "beta")
    bench.expect(found == "beta", f"the pool's records call {found} the master")


@check("POOL-9")
def ha_chooses_another_master(bench: XenBench) -> None:
    """Nobody has to help: updates and operations go on."""
    bench.enrol()
    switch_ha_on(bench)
    lose_master(bench)
    bench.control.advance(AFTER_HA)
    master = _elected(bench)
    bench.expect(master in ("beta", "gamma"), f"{master} is the master")
    bench.refresh()
    expect_served(bench, "db", "beta")


@check("POOL-10")
def choice_of_a_master_takes_bounded_time(bench: XenBench) -> None:
    """Until then guests may be unknown; nothing worse, and not for long."""
    bench.enrol()
    switch_ha_on(bench)
    lose_master(bench)
    for _ in range(5):
        look(bench)
        shown = statuses(bench)[bench.lab.uuid("db")]
        told = f"during the choice guest db is listed as {shown}"
        bench.expect(shown in (Status.UNKNOWN, Status.NORMAL), told)
        bench.control.advance(AFTER_HA / 5)
    bench.refresh()
    expect_shown(bench, "db", "beta", Status.NORMAL)


@check("POOL-11")
def dead_masters_protected_guests_run_again(bench: XenBench) -> None:
    """Those that nobody protects are lost."""
    move_elsewhere(bench, "nested", "alpha")
    protect(bench, "web")
    switch_ha_on(bench)
    lose_master(bench)
    bench.control.advance(AFTER_HA)
    found = place(bench, expect_true(bench, "web", "Running"))
    bench.expect(found in ("beta", "gamma"), f"the protected guest is on {found}")
    true = life(bench, "web")
    bench.expect(true is Life.RUNNING, f"the protected guest is {true}")
    expect_true(bench, "nested", "Halted")


@check("POOL-12")
def members_know_the_new_master(bench: XenBench) -> None:
    """Who registered the old master alone is led on by the members it has seen."""
    register(bench, "alpha")
    bench.refresh()
    lose_master(bench)
    look(bench)
    promote(bench, "gamma")
    bench.refresh()
    expect_served(bench, "db", "beta")


@check("POOL-13")
def planned_change_of_master(bench: XenBench) -> None:
    """A short outage, and the pool serves as before."""
    bench.enrol()
    designate(bench, "beta")
    look(bench)
    found = master_at(bench, "beta")
    bench.expect(found == "beta", f"the pool's records call {found} the master")
    bench.refresh()
    expect_served(bench, "web", "alpha")


@check("POOL-14")
def dead_masters_guests_are_not_normal(bench: XenBench) -> None:
    """The new master's records still call them running, on a host that does not live."""
    bench.enrol()
    lose_master(bench)
    promote(bench, "beta")
    bench.control.advance(GIVEN_UP)
    tool = bench.lab.tool_at("beta")
    state = tool.call("VM.get_power_state", tool.ref("VM", "web"))
    bench.expect(state == "Running", f"the pool's record of the lost guest says {state}")
    bench.refresh()
    shown = statuses(bench).get(bench.lab.uuid("web"))
    bench.expect(shown is not Status.NORMAL, "a guest of the dead master is listed as normal")
    expect_shown(bench, "db", "beta", Status.NORMAL)


@check("POOL-15")
def lost_member_takes_only_its_own_along(bench: XenBench) -> None:
    """The others, and what runs on them, are as before."""
    bench.enrol()
    bench.control.perform("server.crash", "gamma", silence="refused")
    bench.control.advance(GIVEN_UP)
    bench.refresh()
    hosts = host_statuses(bench)
    wrong = {name: hosts[name] for name in ("alpha", "beta") if hosts[name] is not Status.NORMAL}
    bench.expect(not wrong, f"hosts that live are listed as {wrong}")
    bench.expect(hosts.get("gamma") is not Status.NORMAL, "the lost host is listed as normal")
    shown = statuses(bench).get(bench.lab.uuid("nested"))
    bench.expect(shown is not Status.NORMAL, "a guest of the lost host is listed as normal")
    expect_shown(bench, "web", "alpha", Status.NORMAL)
    expect_served(bench, "db", "beta")


def _elected(bench: XenBench) -> str:
    """Return the name of the member that the others take for the master."""
    pool = bench.lab.pool_of("beta")
    name: str = pool.master.server.name
    return master_at(bench, name)
