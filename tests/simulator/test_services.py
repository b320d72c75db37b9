from __future__ import annotations

import pytest

from hvsim import commands, modules
from hvsim.errors import CommandError
from hvsim.hardware import Silence
from hvsim.operations import State
from hvsim.xenserver.accounts import access
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import Caller
from labs import PROFILES, small_pool, vm

modules.load()


@pytest.fixture(params=PROFILES)
def pool(request):
    return small_pool(request.param)


def give(pool, kind, /, **fields):
    return pool.world.execute(commands.decode({"kind": kind, **fields}))


def test_a_stopped_service_refuses_and_its_guests_run_on(pool):
    member = pool.member_on("host2")
    give(pool, "service.stop", server="host2")
    assert member.answers() is Silence.REFUSED
    assert pool.db.row("VM", vm(pool, "db"))["power_state"] == "Running"
    give(pool, "service.start", server="host2", service="xapi")
    pool.world.advance(300)
    assert member.answers() is None


def test_a_hung_service_answers_nobody_until_it_is_started_anew(pool):
    member, told = pool.member_on("host2"), []
    member.observers.append(lambda: told.append(member.answers()))
    give(pool, "service.hang", server="host2")
    assert told == [Silence.DROPPED]
    give(pool, "service.start", server="host2")
    assert member.answers() is Silence.REFUSED
    pool.world.advance(300)
    assert member.answers() is None
    assert not member.hung


def test_a_hung_masters_restart_takes_its_role_again(pool):
    give(pool, "service.hang", server="host1")
    give(pool, "service.stop", server="host1")
    give(pool, "service.start", server="host1")
    pool.world.advance(300)
    assert pool.master.answers() is None


@pytest.mark.parametrize(
    ("first", "then", "sentence"),
    [
        ("service.stop", "service.stop", "service 'xapi' on server 'host2' is already stopped"),
        ("service.stop", "service.hang", "service 'xapi' on server 'host2' is stopped"),
        ("service.hang", "service.hang", "service 'xapi' on server 'host2' is hung"),
        (None, "service.start", "service 'xapi' on server 'host2' is already running"),
        ("server.crash", "service.start", "server 'host2' is off, and its services with it"),
    ],
)
def test_what_cannot_be_done_to_a_service(pool, first, then, sentence):
    if first:
        give(pool, first, server="host2")
    with pytest.raises(CommandError, match=sentence):
        give(pool, then, server="host2")


def test_unknown_services(pool):
    with pytest.raises(CommandError, match="no service 'sshd' on server 'host2'; there are: xapi"):
        give(pool, "service.stop", server="host2", service="sshd")


def test_a_revoked_account_cannot_log_in_until_restored(pool):
    give(pool, "account.revoke", pool="pool1", user="root")
    password = pool.access.accounts["root"].password
    with pytest.raises(XenError, match="SESSION_AUTHENTICATION_FAILED"):
        access.authenticate(pool, "root", password)
    give(pool, "account.restore", pool="pool1", user="root")
    assert access.authenticate(pool, "root", password).user == "root"
    states = [(e.before, e.after) for e in pool.world.log.since(0) if e.kind == "account"]
    assert states == [
        ({"enabled": True}, {"enabled": False}),
        ({"enabled": False}, {"enabled": True}),
    ]
    with pytest.raises(CommandError, match="no account called 'nobody'; there are: root"):
        give(pool, "account.revoke", pool="pool1", user="nobody")


def start(pool, name):
    operation = pool.call(Caller(), "VM.start", [vm(pool, name), False, False])
    pool.world.advance(600)
    return operation


def test_the_next_operations_fail_as_the_product_tells_it(pool):
    give(
        pool,
        "operation.fail-next",
        operation="VM.start",
        error=["SR_BACKEND_FAILURE_46", "", "The VDI is not available", ""],
    )
    failed = start(pool, "spare")
    assert isinstance(failed.error, XenError)
    assert failed.error.code == "SR_BACKEND_FAILURE_46"
    assert failed.error.params == ("", "The VDI is not available", "")
    assert pool.db.row("VM", vm(pool, "spare"))["current_operations"] == {}
    assert start(pool, "spare").state is State.SUCCEEDED


def test_a_rule_for_one_guest_by_name(pool):
    give(pool, "stage.override", name="slow", on="pool1/spare", seconds=10_000)
    assert start(pool, "lost").state is State.SUCCEEDED
    assert start(pool, "spare").state is State.RUNNING
    give(pool, "stage.release", name="slow")


def test_hold_and_release(pool):
    give(pool, "stage.hold", name="freeze", operation="VM.start", times=1)
    held = start(pool, "spare")
    assert held.state is State.RUNNING
    assert start(pool, "lost").state is State.SUCCEEDED
    give(pool, "stage.release", name="freeze")
    pool.world.advance(600)
    assert held.state is State.SUCCEEDED


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"on": "web"}, "on: expected '<pool>/<name>', not 'web'"),
        ({"on": "pool1/nobody"}, "nothing in pool 'pool1' is called 'nobody'"),
        ({"on": "pool9/web"}, "no pool or manager called 'pool9'"),
        ({"on": "pool1/web", "subject": "x"}, "expected either 'on' or 'subject', not both"),
    ],
)
def test_rules_for_what_is_not_there(pool, fields, sentence):
    with pytest.raises(CommandError, match=sentence):
        give(pool, "stage.hold", name="x", **fields)
