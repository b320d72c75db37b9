"""What xend does to a domain in each state: the whole table."""

from __future__ import annotations

import pytest

from hvsim.operations import Operation
from hvsim.rhel5xen.calls import call
from hvsim.rhel5xen.errors import Fault, XendError
from rhel5labs import MIB, host_of, site_of, states, world_of

LONG = 600.0

STATES = ("running", "paused", "ended", "crashed", "off")
DONE, NO_DOMAIN = "done", "no domain"
TABLE = {
    # message: what it comes to in each state of STATES, and the guest's state afterwards
    "domain.start": (
        ("in use", "blocked"),
        ("in use", "paused"),
        ("in use", "shutdown"),
        ("in use", "crashed"),
        (DONE, "blocked"),
    ),
    "domain.shutdown": (
        (DONE, None),
        (DONE, "paused"),
        ("cannot be shutdown", "shutdown"),
        ("cannot be shutdown", "crashed"),
        (NO_DOMAIN, None),
    ),
    "domain.reboot": (
        (DONE, "blocked"),
        (DONE, "paused"),
        ("cannot be shutdown", "shutdown"),
        ("cannot be shutdown", "crashed"),
        (NO_DOMAIN, None),
    ),
    "domain.destroy": (
        (DONE, None),
        (DONE, None),
        (DONE, None),
        (DONE, None),
        (NO_DOMAIN, None),
    ),
    "domain.pause": (
        (DONE, "paused"),
        (DONE, "paused"),
        ("not started", "shutdown"),
        ("not started", "crashed"),
        (NO_DOMAIN, None),
    ),
    "domain.unpause": (
        (DONE, "blocked"),
        (DONE, "blocked"),
        ("not started", "shutdown"),
        ("not started", "crashed"),
        (NO_DOMAIN, None),
    ),
    "domain.save": (
        (DONE, None),
        ("not running", "paused"),
        ("not running", "shutdown"),
        ("not running", "crashed"),
        (NO_DOMAIN, None),
    ),
    "domain.migrate": (
        (DONE, None),
        ("not running", "paused"),
        ("not running", "shutdown"),
        ("not running", "crashed"),
        (NO_DOMAIN, None),
    ),
}
ARGUMENTS = {
    "domain.save": ("/var/lib/xen/save/web",),
    "domain.migrate": ("beta", True),
    "domain.reboot": ("reboot",),
}


def _world(state: str):
    keep = {"on_poweroff": "preserve", "on_crash": "preserve"}
    first = {"running": "running", "paused": "paused", "off": "off"}.get(state, "running")
    kept = keep if state in ("ended", "crashed") else {}
    world = world_of([{"name": "web", "state": first, **kept}])
    if state == "ended":
        world.execute(call(host_of(world), "domain.shutdown", "web"))
    elif state == "crashed":
        from hvsim.commands import decode

        world.execute(decode({"kind": "rhel5xen.guest.crash", "site": "site", "guest": "web"}))
    world.advance(LONG)
    return world


def _attempt(world, message: str) -> str:
    name = "domain.shutdown" if message == "domain.reboot" else message
    try:
        value = world.execute(call(host_of(world), name, "web", *ARGUMENTS.get(message, ())))
    except XendError as error:
        return NO_DOMAIN if error.fault is Fault.NO_DOMAIN else error.text
    world.advance(LONG)
    if isinstance(value, Operation):
        assert value.done
        return DONE if value.error is None else str(value.error)
    return DONE


@pytest.mark.parametrize("message", TABLE)
@pytest.mark.parametrize("state", STATES)
def test_message_in_state(message, state):
    world = _world(state)
    outcome, after = TABLE[message][STATES.index(state)]
    assert outcome in _attempt(world, message)
    assert states(world)["alpha"].get("web") == after


def test_what_domain_0_refuses():
    world = world_of()
    for name, *args in (
        ("domain.shutdown",),
        ("domain.destroy",),
        ("domain.pause",),
        ("domain.unpause",),
        ("domain.save", "/root/x"),
        ("domain.migrate", "beta"),
    ):
        with pytest.raises(XendError):
            world.execute(call(host_of(world), name, "Domain-0", *args))


def test_paused_guest_shuts_down_once_it_is_unpaused():
    world = world_of()
    alpha = host_of(world)
    world.execute(call(alpha, "domain.shutdown", "asleep"))
    world.advance(LONG)
    assert states(world)["alpha"]["asleep"] == "paused"
    world.execute(call(alpha, "domain.unpause", "asleep"))
    world.advance(LONG)
    assert "asleep" not in states(world)["alpha"]


def test_reboot_keeps_identity_and_counts():
    world = world_of()
    alpha, site = host_of(world), site_of(world)
    before = alpha.find("web")
    boots = site.boots[before.uuid]
    world.execute(call(alpha, "domain.shutdown", "web", "reboot"))
    world.advance(LONG)
    after = alpha.find("web")
    assert after.uuid == before.uuid
    assert after.id > before.id
    assert (after.restarts, site.boots[after.uuid]) == (1, boots + 1)


def test_restart_loop_is_broken():
    world = world_of([{"name": "web", "state": "running"}])
    alpha = host_of(world)
    from hvsim.rhel5xen import insides

    with world.access():
        insides.crash(alpha, alpha.find("web"))
    world.advance(insides.CLEAR + insides.BUILD + 1)
    assert alpha.find("web").restarts == 1
    with world.access():
        insides.crash(alpha, alpha.find("web"))
    world.advance(LONG)
    assert states(world)["alpha"] == {}


def test_rename_restart_sets_the_dead_domain_aside():
    world = world_of([{"name": "web", "state": "running", "on_crash": "rename-restart"}])
    world.execute(_inside("crash", "web"))
    world.advance(LONG)
    names = sorted(states(world)["alpha"])
    assert names[0].startswith("Domain-")
    assert names[1] == "web"


def test_hung_guest_hears_nothing_and_is_destroyed():
    world = world_of()
    alpha = host_of(world)
    world.execute(_inside("hang", "web"))
    world.execute(call(alpha, "domain.shutdown", "web"))
    world.advance(LONG)
    assert states(world)["alpha"]["web"] == "blocked"
    world.execute(call(alpha, "domain.destroy", "web"))
    assert "web" not in states(world)["alpha"]


def test_memory_comes_from_domain_0_until_it_has_no_more():
    big = 6144 * MIB
    world = world_of([{"name": "one", "memory": big}, {"name": "two", "memory": big}])
    alpha = host_of(world)
    world.execute(call(alpha, "domain.start", "one"))
    world.advance(LONG)
    assert alpha.find(0).memory == 8192 - 6144
    with pytest.raises(XendError, match="dom0_min_mem is 262144"):
        world.execute(call(alpha, "domain.start", "two"))
    world.execute(call(alpha, "domain.set-memory", "one", 1000))
    assert (alpha.find("one").memory, alpha.free) == (1000, 5144)


def test_host_loses_all_and_starts_what_is_automatic():
    world = world_of([{"name": "web", "state": "running"}, {"name": "mail", "autostart": True}])
    from hvsim.commands import decode

    world.execute(decode({"kind": "server.crash", "server": "alpha"}))
    alpha = host_of(world)
    assert (alpha.domains, str(alpha.answers())) == ({}, "dropped")
    world.execute(decode({"kind": "server.boot", "server": "alpha"}))
    assert str(alpha.answers()) == "refused"
    world.advance(LONG)
    assert (states(world)["alpha"], alpha.answers()) == ({"mail": "blocked"}, None)


def _inside(what: str, guest: str):
    from hvsim.commands import decode

    return decode({"kind": f"rhel5xen.guest.{what}", "site": "site", "guest": guest})
