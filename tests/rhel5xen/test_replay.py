"""The same commands give the same log, and what is broken stays broken alike."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hvsim import saved, scenario
from hvsim.commands import decode
from hvsim.errors import HvsimError, InputError
from hvsim.rhel5xen.calls import call
from hvsim.rhel5xen.configuration import Unreadable, parse, render
from rhel5labs import data, world_of

NAMES = st.sampled_from(["web", "asleep", "spare", "db", "migrating-web", "1", "9", "Domain-0"])
HOSTS = st.sampled_from(["alpha", "beta"])
MESSAGES = st.one_of(
    st.tuples(
        st.sampled_from(
            ["domain.start", "domain.destroy", "domain.pause", "domain.unpause", "guest.undefine"]
        ),
        NAMES.map(lambda name: (name,)),
    ),
    st.tuples(
        st.just("domain.shutdown"), st.tuples(NAMES, st.sampled_from(["poweroff", "reboot"]))
    ),
    st.tuples(st.just("domain.migrate"), st.tuples(NAMES, HOSTS, st.booleans())),
    st.tuples(st.just("domain.save"), st.tuples(NAMES, st.just("/root/save"))),
    st.tuples(st.just("domain.restore"), st.just(("/root/save",))),
    st.tuples(st.just("domain.set-memory"), st.tuples(NAMES, st.integers(-1, 9000))),
    st.tuples(st.just("domain.rename"), st.tuples(NAMES, st.sampled_from(["web", "new", ""]))),
)
STEPS = st.lists(st.tuples(HOSTS, MESSAGES, st.floats(0, 40)), max_size=25)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_any_run_replays_to_the_same_log(steps):
    world = world_of()
    site = world.product("site")
    for host, (message, args), pause in steps:
        with contextlib.suppress(HvsimError):
            world.execute(call(site.hosts[host], message, *args))
        world.advance(pause)
        _expect_sound(site)
    again = saved.restore(saved.parse(saved.save(world)), world.clock)
    assert again.log.digest == world.log.digest
    assert not [event for event in world.log.since(0) if event.kind == "crash"]


def _expect_sound(site):
    for host in site.hosts.values():
        assert host.free >= 0
        names = [domain.name for domain in host.domains.values()]
        assert len(set(names)) == len(names)
        uuids = [domain.uuid for domain in host.domains.values()]
        assert len(set(uuids)) == len(uuids)


def test_ambient_activity_keeps_going():
    made = data()
    made["activity"] = {"stops": 20.0, "reboots": 20.0, "migrations": 20.0}
    world = scenario.build(scenario.from_data(made))
    world.advance(86_400.0)
    kinds = {event.cause.split("/")[0] for event in world.log.since(0)}
    assert {"domain.migrate", "guest.boot", "guest.end", "domain.create"} <= kinds
    again = scenario.build(scenario.from_data(made))
    again.advance(86_400.0)
    assert again.log.digest == world.log.digest


@given(st.text(max_size=300))
def test_any_text_is_a_configuration_or_unreadable(text):
    try:
        made = parse(text, "x")
    except Unreadable:
        return
    assert made.memory > 0


def test_configurations_survive_their_files():
    alpha = world_of().product("site").hosts["alpha"]
    for known in alpha.definitions().values():
        assert parse(render(known.config), "other") == known.config


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"guests": [{"name": "a/b"}]}, "name"),
        ({"guests": [{"name": "auto"}]}, "no other use"),
        ({"guests": [{"name": "a", "host": "gamma"}]}, "gamma"),
        ({"guests": [{"name": "a"}, {"name": "a"}]}, "once"),
        ({"hosts": []}, "at least one host"),
        ({"guests": [{"name": "a", "state": "running", "memory": 2**40}]}, "dom0_min_mem"),
        ({"behaviours": {"paused-is-destroyed": False}}, "cannot be switched"),
        ({"guests": [{"name": "a", "uuid": "X"}]}, "UUID"),
    ],
)
def test_what_a_scenario_may_not_say(change, text):
    made = data()
    made["rhel5xen"][0].update(change)
    with pytest.raises(InputError, match=text):
        scenario.build(scenario.from_data(made))


def test_unknown_hosts_and_messages_are_refused():
    world = world_of()
    for fields in (
        {"site": "other", "host": "alpha", "message": "domain.start", "args": []},
        {"site": "site", "host": "gamma", "message": "domain.start", "args": []},
        {"site": "site", "host": "alpha", "message": "domain.fly", "args": []},
        {"site": "site", "host": "alpha", "message": "domain.start", "args": []},
        {"site": "site", "host": "alpha", "message": "domain.start", "args": [1, 2, 3, 4]},
    ):
        with pytest.raises(HvsimError):
            world.execute(decode({"kind": "rhel5xen.call", **fields}))


def test_accounts_are_revoked_and_restored():
    world = world_of()
    accounts = world.product("site").hosts["alpha"].system.accounts
    world.execute(decode({"kind": "account.revoke", "pool": "site", "user": "root"}))
    assert "root" not in accounts
    world.execute(decode({"kind": "account.restore", "pool": "site", "user": "root"}))
    assert "root" in accounts
