"""Saving, restoring and moving domains."""

from __future__ import annotations

import pytest

from hvsim.commands import decode
from hvsim.rhel5xen.calls import call
from hvsim.rhel5xen.errors import XendError
from rhel5labs import host_of, site_of, states, world_of

LONG = 600.0


def _migrate(world, *, live: bool, to: str = "beta"):
    return world.execute(call(host_of(world), "domain.migrate", "web", to, live))


def _hold(world, stage: str, operation: str = "domain.migrate") -> None:
    rule = {"kind": "stage.hold", "name": "hold", "operation": operation, "stage": stage}
    world.execute(decode(rule))


@pytest.mark.parametrize("to", ["beta", "127.0.77.12"])
def test_live_move_keeps_the_guest_running(to):
    world = world_of()
    boots = dict(site_of(world).boots)
    uuid = host_of(world).find("web").uuid
    _hold(world, "copy")
    operation = _migrate(world, live=True, to=to)
    world.advance(LONG)
    assert states(world)["alpha"]["migrating-web"] == "blocked"
    assert states(world)["beta"]["web"] == "paused"
    world.execute(decode({"kind": "stage.release", "name": "hold"}))
    world.advance(LONG)
    assert operation.error is None
    assert "web" not in states(world)["alpha"]
    assert states(world)["beta"]["web"] == "blocked"
    assert host_of(world, "beta").find("web").uuid == uuid
    assert site_of(world).boots == boots
    assert "web" in host_of(world).definitions()
    assert "web" not in host_of(world, "beta").definitions()


def test_move_without_live_stands_still():
    world = world_of()
    _hold(world, "copy")
    _migrate(world, live=False)
    world.advance(LONG)
    assert states(world)["alpha"]["migrating-web"] == "shutdown"


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("stage", ["connect", "copy", "suspend", "arrive"])
def test_failed_move_leaves_the_guest_where_it_was(stage, live):
    world = world_of()
    fail = {"kind": "operation.fail-next", "operation": "domain.migrate", "stage": stage}
    world.execute(decode({**fail, "error": ["xc_save", "broke"]}))
    operation = _migrate(world, live=live)
    world.advance(LONG)
    assert str(operation.error) == "xc_save broke"
    assert states(world)["alpha"]["web"] == "blocked"
    assert "web" not in states(world)["beta"]


def test_target_dies_at_the_last_moment():
    world = world_of()
    _hold(world, "arrive")
    operation = _migrate(world, live=True)
    world.advance(LONG)
    world.execute(decode({"kind": "server.crash", "server": "beta"}))
    world.advance(LONG)
    assert operation.error is not None
    assert states(world)["alpha"]["web"] == "blocked"


def test_destroying_either_side_ends_the_move():
    for host, name in (("alpha", "migrating-web"), ("beta", "web")):
        world = world_of()
        _hold(world, "copy")
        operation = _migrate(world, live=True)
        world.advance(LONG)
        world.execute(call(host_of(world, host), "domain.destroy", name))
        world.advance(LONG)
        assert operation.error is not None
        assert "web" not in states(world)["beta"]
        assert states(world)["alpha"].get("web") == (None if host == "alpha" else "blocked")


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"kind": "service.stop", "server": "beta", "service": "xend"}, "Connection refused"),
        ({"kind": "server.crash", "server": "beta"}, "Connection timed out"),
        ({"kind": "server.crash", "server": "beta", "silence": "refused"}, "Connection refused"),
    ],
)
def test_target_that_does_not_answer(change, text):
    world = world_of()
    world.execute(decode(change))
    operation = _migrate(world, live=True)
    world.advance(LONG)
    assert text in str(operation.error)
    assert states(world)["alpha"]["web"] == "blocked"


def test_unknown_target_and_closed_relocation():
    world = world_of()
    with pytest.raises(XendError, match="Name or service not known"):
        _migrate(world, live=True, to="nowhere")
    host_of(world, "beta").relocation = False
    operation = _migrate(world, live=True)
    world.advance(LONG)
    assert "Connection refused" in str(operation.error)


def test_local_disk_or_no_room_fails_the_move():
    for guests in (
        [{"name": "web", "state": "running", "shared": False}],
        [
            {"name": "web", "state": "running", "memory": 4 * 2**30},
            {"name": "big", "state": "running", "host": "beta", "memory": 7 * 2**30},
        ],
    ):
        world = world_of(guests)
        operation = _migrate(world, live=True)
        world.advance(LONG)
        assert "xc_save" in str(operation.error)
        assert states(world)["alpha"]["web"] == "blocked"


def test_save_and_restore_keep_the_boot():
    world = world_of()
    alpha = host_of(world)
    boots = dict(site_of(world).boots)
    operation = world.execute(call(alpha, "domain.save", "web", "/var/lib/xen/save/web"))
    world.advance(0.5)
    assert "migrating-web" in states(world)["alpha"]
    world.advance(LONG)
    assert operation.error is None
    assert "web" not in states(world)["alpha"]
    world.execute(call(alpha, "domain.restore", "/var/lib/xen/save/web"))
    world.advance(LONG)
    assert states(world)["alpha"]["web"] == "blocked"
    assert site_of(world).boots == boots
    with pytest.raises(XendError, match="already in use"):
        world.execute(call(alpha, "domain.restore", "/var/lib/xen/save/web"))


def test_restore_of_what_is_no_saved_guest():
    world = world_of()
    alpha = host_of(world)
    for content, text in (
        (b"", "not a valid guest state file"),
        (b"LinuxGuestRecord", "config parse"),
        (b"LinuxGuestRecord\0\0\0\5{{{{{", "config parse"),
    ):
        alpha.system.files.write("/root/x", content)
        with pytest.raises(XendError, match=text):
            world.execute(call(alpha, "domain.restore", "/root/x"))
    with pytest.raises(XendError, match="No such file"):
        world.execute(call(alpha, "domain.restore", "/root/none"))
