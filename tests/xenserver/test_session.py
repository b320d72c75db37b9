"""Who may log in, how long a session lasts, and what the pool keeps of it."""

from __future__ import annotations

import orjson
import pytest

import labs
from hvsim import journal
from hvsim.errors import CommandError
from hvsim.xenserver.accounts import access, role, session
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import Caller
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.spec import AccountSpec
from pooling import fault, member

both = pytest.mark.parametrize("profile", labs.PROFILES)
ACCOUNTS = [
    AccountSpec(user="root", password="secret"),
    AccountSpec(user="olga", password="pw", role="vm-operator"),
]


@pytest.fixture(name="pool")
def _pool(profile):
    return labs.small_pool(profile, accounts=ACCOUNTS)


SECRET = "secret"


def log_in(pool, user="root", password=SECRET, where="host1", **options):
    account = session.authenticate(pool, user, password)
    return session.open(pool, account, member(pool, where), **options)


def refused(function, *args, **options):
    with pytest.raises(XenError) as caught:
        function(*args, **options)
    return caught.value.description


@both
def test_root_opens_a_session_with_every_right(pool):
    ref = log_in(pool, originator="tests")
    row = pool.db.row("session", ref)
    assert row["is_local_superuser"]
    assert row["subject"] == row["this_user"] == NULL_REF
    assert row["this_host"] == labs.host(pool, "host1")
    assert row.get("originator", "tests") == "tests"
    assert row.get("rbac_permissions", []) == []
    who = session.caller(pool, ref, member(pool, "host1"))
    assert who == Caller("root", ("pool-admin",), ref, labs.host(pool, "host1"))


@both
@pytest.mark.parametrize(("user", "password"), [("root", "wrong"), ("nobody", "pw"), ("olga", "")])
def test_a_wrong_name_or_password_is_refused_alike(pool, user, password):
    error = ["SESSION_AUTHENTICATION_FAILED", user, "Authentication failure"]
    assert refused(session.authenticate, pool, user, password) == error


@both
def test_the_password_is_nowhere_in_the_journal_or_the_log(pool):
    log_in(pool)
    journal = b"".join(entry.line() for entry in pool.world.journal.entries)
    events = b"".join(event.line() for event in pool.world.log.since(0))
    assert b"session-open" in journal
    assert b"secret" not in journal + events


@pytest.mark.parametrize("profile", ["xenserver-8"])
def test_a_directory_user_has_the_permissions_of_its_role(pool):
    ref = log_in(pool, "olga", "pw")
    row = pool.db.row("session", ref)
    assert not row["is_local_superuser"]
    assert pool.db.row("subject", row["subject"])["other_config"]["subject-name"] == "olga"
    assert "vm.start" in row["rbac_permissions"]
    assert "vm.destroy" not in row["rbac_permissions"]
    assert session.caller(pool, ref, member(pool, "host1")).roles == ("vm-operator",)


@pytest.mark.parametrize("profile", ["xenserver-5.5"])
def test_before_roles_came_a_directory_user_may_do_everything(pool):
    ref = log_in(pool, "olga", "pw")
    assert session.caller(pool, ref, member(pool, "host1")).roles == ("pool-admin",)


@both
def test_a_user_whose_subject_was_removed_is_not_let_in(pool, profile):
    for ref in list(pool.db.tables["subject"]):
        pool.db.remove("subject", ref)
    error = refused(log_in, pool, "olga", "pw")
    legacy = profile == "xenserver-5.5"
    expected = "SESSION_AUTHENTICATION_FAILED" if legacy else "SESSION_AUTHORIZATION_FAILED"
    assert error[:2] == [expected, "olga"]


@both
def test_a_member_sends_to_the_master_at_login_and_with_a_good_session(pool):
    ref = log_in(pool)
    slave = member(pool, "host2")
    assert refused(log_in, pool, where="host2") == ["HOST_IS_SLAVE", "127.0.0.11"]
    assert refused(session.caller, pool, ref, slave) == ["HOST_IS_SLAVE", "127.0.0.11"]
    assert refused(session.caller, pool, "OpaqueRef:x", slave) == ["SESSION_INVALID", "OpaqueRef:x"]


@both
def test_logout_ends_a_session(pool):
    ref = log_in(pool)
    who = session.caller(pool, ref, member(pool, "host1"))
    pool.call(who, "session.logout", [])
    assert refused(session.caller, pool, ref, member(pool, "host1")) == ["SESSION_INVALID", ref]
    assert pool.db.tables["session"] == {}


@both
def test_a_session_unused_for_a_day_is_gone_and_one_in_use_is_not(pool):
    used, idle = log_in(pool), log_in(pool)
    master = member(pool, "host1")
    for _ in range(3):
        pool.world.advance(10 * 3600)
        session.caller(pool, used, master)
    assert refused(session.caller, pool, idle, master) == ["SESSION_INVALID", idle]
    assert session.caller(pool, used, master).user == "root"


@both
def test_a_local_session_is_roots_alone_and_good_on_one_host(pool):
    slave = member(pool, "host2")
    ref = log_in(pool, where="host2", local=True)
    assert session.caller(pool, ref, slave).local
    assert refused(session.caller, pool, ref, member(pool, "host3"))[0] == "SESSION_INVALID"
    failed = ["SESSION_AUTHENTICATION_FAILED", "olga", "Authentication failure"]
    assert refused(log_in, pool, "olga", "pw", "host2", local=True) == failed
    pool.call(session.caller(pool, ref, slave), "session.local_logout", [])
    assert refused(session.caller, pool, ref, slave)[0] == "SESSION_INVALID"
    assert pool.db.tables["session"] == {}


@both
def test_more_sessions_than_allowed_push_out_the_least_used(pool, profile):
    most = 200 if profile == "xenserver-5.5" else 500
    first = log_in(pool)
    pool.world.advance(1)
    for _ in range(most):
        log_in(pool)
    assert len(pool.db.tables["session"]) == most
    assert not pool.db.exists("session", first)


@both
def test_a_new_password_counts_at_once_and_only_root_may_set_it(pool):
    root = session.caller(pool, log_in(pool), member(pool, "host1"))
    pool.call(root, "session.change_password", ["", "new"])
    assert log_in(pool, password="new")
    olga = session.caller(pool, log_in(pool, "olga", "pw"), member(pool, "host1"))
    error = refused(pool.call, olga, "session.change_password", ["", "x"])
    assert error[0] == "USER_IS_NOT_LOCAL_SUPERUSER"


@both
def test_no_password_that_a_client_sends_reaches_the_journal(pool):
    root = session.caller(pool, log_in(pool), member(pool, "host1"))
    world = pool.world
    pool.call(root, "session.change_password", ["hunter1", "hunter2"])
    asked = {"pool": "pool1", "message": "session.change_password", "args": ["", "hunter3"]}
    fault(pool, "xenserver.call", **asked)
    with pytest.raises(XenError):
        pool.call(root, "pool.enable_external_auth", ["x", {"pass": "hunter4"}, "AD", "AD"])
    lines = [entry.line() for entry in world.journal.entries]
    assert b"hunter" not in b"".join(lines)
    again = labs.small_pool(pool.profile, accounts=ACCOUNTS)
    again.world.replay(journal.parse(lines), world.now)
    for one in (pool, again):
        assert session.authenticate(one, "root", "hunter3").user == "root"
        assert refused(session.authenticate, one, "root", "hunter2")
    assert again.world.log.digest == world.log.digest


def test_roles_are_given_and_taken_once():
    pool = labs.small_pool(accounts=ACCOUNTS)
    ((olga, row),) = pool.db.tables["subject"].items()
    (held,) = row["roles"]
    other = role.of(pool.model).named["read-only"]
    root = Caller()
    assert refused(pool.call, root, "subject.add_to_roles", [olga, held]) == ["ROLE_ALREADY_EXISTS"]
    assert refused(pool.call, root, "subject.add_to_roles", [olga, "x"]) == ["ROLE_NOT_FOUND"]
    pool.call(root, "subject.add_to_roles", [olga, other])
    assert pool.db.row("subject", olga)["roles"] == [held, other]
    pool.call(root, "subject.remove_from_roles", [olga, held])
    assert pool.db.row("subject", olga)["roles"] == [other]
    assert refused(pool.call, root, "subject.remove_from_roles", [olga, held]) == ["ROLE_NOT_FOUND"]


def test_a_directory_user_is_shut_out_and_let_in_again_without_a_role():
    pool = labs.small_pool(accounts=ACCOUNTS)
    ((olga, row),) = pool.db.tables["subject"].items()
    root, sid = Caller(), row["subject_identifier"]
    assert pool.call(root, "auth.get_subject_identifier", ["olga"]) == sid
    told = pool.call(root, "auth.get_subject_information_from_identifier", [sid])
    assert told == row["other_config"]
    assert pool.call(root, "auth.get_group_membership", [sid]) == []
    wanted = {"subject_identifier": sid, "other_config": {}}
    assert refused(pool.call, root, "subject.create", [wanted]) == ["SUBJECT_ALREADY_EXISTS"]
    assert "vm.start" in pool.call(root, "subject.get_permissions_name_label", [olga])
    pool.call(root, "subject.destroy", [olga])
    assert refused(log_in, pool, "olga", "pw")[0] == "SESSION_AUTHORIZATION_FAILED"
    again = pool.call(root, "subject.create", [wanted])
    assert pool.db.row("subject", again)["other_config"] == told
    assert refused(log_in, pool, "olga", "pw")[0] == "RBAC_PERMISSION_DENIED"
    (reader,) = pool.call(root, "role.get_by_name_label", ["read-only"])
    pool.call(root, "subject.add_to_roles", [again, reader])
    ref = log_in(pool, "olga", "pw")
    assert session.caller(pool, ref, member(pool, "host1")).roles == ("read-only",)


def test_the_directory_knows_its_own_alone():
    unknown = ["SUBJECT_CANNOT_BE_RESOLVED"]
    pool, root = labs.small_pool(accounts=ACCOUNTS), Caller()
    stranger = {"subject_identifier": "S-1", "other_config": {}}
    assert refused(pool.call, root, "subject.create", [stranger]) == unknown
    assert refused(pool.call, root, "auth.get_subject_identifier", ["root"]) == unknown
    lonely = labs.small_pool()
    assert refused(lonely.call, root, "auth.get_group_membership", ["S-1"]) == ["AUTH_IS_DISABLED"]


@both
def test_directory_users_can_be_listed_and_logged_out(pool):
    root = session.caller(pool, log_in(pool), member(pool, "host1"))
    ref = log_in(pool, "olga", "pw")
    sids = pool.call(root, "session.get_all_subject_identifiers", [])
    assert sids == [pool.db.row("session", ref)["auth_user_sid"]]
    pool.call(root, "session.logout_subject_identifier", sids)
    assert not pool.db.exists("session", ref)
    assert pool.db.exists("session", root.session)


@both
def test_a_revoked_account_cannot_log_in_until_it_is_restored(pool):
    fault(pool, "account.revoke", pool=pool.name, user="olga")
    assert refused(log_in, pool, "olga", "pw")[0] == "SESSION_AUTHENTICATION_FAILED"
    fault(pool, "account.restore", pool=pool.name, user="olga")
    assert log_in(pool, "olga", "pw")


@both
def test_an_account_that_is_not_there_is_said_so(pool):
    with pytest.raises(CommandError, match="no account called 'eve'"):
        pool.world.execute(
            session.SessionOpen(pool=pool.name, user="eve", host=labs.host(pool, "host1"))
        )


@both
def test_the_masters_end_ends_its_sessions(pool):
    ref = log_in(pool)
    fault(pool, "server.crash", server="host1")
    assert refused(session.caller, pool, ref, member(pool, "host1"))[0] == "SESSION_INVALID"


@both
def test_references_follow_the_seed(profile):
    first, again = (labs.small_pool(profile, accounts=ACCOUNTS) for _ in range(2))
    assert log_in(first) == log_in(again)
    assert first.world.log.digest == again.world.log.digest


def test_permissions_of_roles_grow_with_power():
    pool = labs.small_pool()
    names = [
        "read-only",
        "vm-operator",
        "vm-admin",
        "vm-power-admin",
        "pool-operator",
        "pool-admin",
    ]
    sizes = [len(access.permissions(pool, (name,))) for name in names]
    assert sizes == sorted(sizes)
    assert orjson.dumps(access.permissions(pool, ("read-only",)))


@both
@pytest.mark.parametrize(
    ("message", "args", "who"),
    [
        ("session.slave_local_login", ["guess"], "localhost"),
        ("session.slave_login", ["OpaqueRef:x", "guess"], "OpaqueRef:x"),
    ],
)
def test_nobody_outside_knows_the_pools_secret(pool, message, args, who):
    error = refused(pool.call, Caller(), message, args)
    assert error == ["SESSION_AUTHENTICATION_FAILED", who, "Pool credentials invalid"]
