"""event.from tells the present state, event.next every change."""

import hashlib

import pytest

from hvsim_fakes.xenserver.eventfrom import make_token, parse_token
from labs import vm
from xenserver_wire.wire import Wire, failure, parked, told


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def session(wire):
    return wire.login()


@pytest.fixture
def web(wire):
    return vm(wire.pool, "web")


def poll(wire, session, classes=("*",), token="", timeout=0.0):
    return wire.xml("event.from", session, list(classes), token, timeout)


def change(wire, ref, **fields):
    with wire.pool.world.access():
        wire.pool.db.change("VM", ref, **fields)


def test_the_empty_token_tells_everything(wire, session):
    batch = poll(wire, session)
    tables = wire.pool.db.tables
    events = {cls for cls, facts in wire.pool.model.classes.items() if facts.events}
    expected = {ref for cls in events if cls in tables for ref in tables[cls]}
    assert {event["ref"] for event in batch["events"]} == expected
    assert {event["operation"] for event in batch["events"]} == {"add"}
    assert {event["class"] for event in batch["events"]} <= {cls.lower() for cls in events}


def test_an_event_carries_the_record(wire, session, web):
    batch = poll(wire, session, [f"VM/{web}"])
    (event,) = batch["events"]
    assert event["snapshot"] == wire.xml("VM.get_record", session, web)
    assert event["timestamp"] == "0.0"
    assert event["class"] == "vm"
    assert event["id"].isdigit()


def test_reference_counts_are_true_integers(wire, session):
    counts = poll(wire, session, ["vm"])["valid_ref_counts"]
    assert counts["vm"] == len(wire.pool.db.tables["VM"])
    assert set(counts) == {cls.lower() for cls in wire.pool.db.tables if cls != "message"}
    answer = wire.json("event.from", session, ["vm"], "", 0.0)["result"]
    assert answer["valid_ref_counts"] == counts


def test_nothing_new_is_told_at_the_end_of_the_time(wire, session):
    token = poll(wire, session)["token"]
    batch = poll(wire, session, token=token)
    assert batch["events"] == []
    assert parse_token(batch["token"]) >= parse_token(token)


def test_changes_collapse_into_one_event_with_the_present_record(wire, session, web):
    token = poll(wire, session)["token"]
    change(wire, web, power_state="Suspended")
    change(wire, web, power_state="Running", name_label="last")
    batch = poll(wire, session, ["vm"], token)
    assert told(batch) == [("mod", "vm", web)]
    assert batch["events"][0]["snapshot"]["name_label"] == "last"


def test_what_came_and_went_is_never_told(wire, session):
    token = poll(wire, session)["token"]
    with wire.pool.world.access():
        ref = wire.pool.db.add("VM", {"name_label": "brief"})
        wire.pool.db.remove("VM", ref)
    assert poll(wire, session, ["vm"], token)["events"] == []


def test_created_changed_and_deleted(wire, session, web):
    token = poll(wire, session)["token"]
    lost = vm(wire.pool, "lost")
    with wire.pool.world.access():
        wire.pool.db.remove("VM", lost)
        new = wire.pool.db.add("VM", {"name_label": "new"})
    change(wire, web, name_label="x")
    batch = poll(wire, session, ["vm"], token)
    assert told(batch) == [("add", "vm", new), ("mod", "vm", web), ("del", "vm", lost)]
    assert "snapshot" not in batch["events"][2]


@pytest.mark.parametrize("classes", [["vm"], ["VM"], ["*"], ["host", "vm"], ["vm/{web}"]])
def test_subscriptions_that_match(wire, session, web, classes):
    token = poll(wire, session)["token"]
    change(wire, web, name_label="x")
    assert told(poll(wire, session, [c.format(web=web) for c in classes], token)) == [
        ("mod", "vm", web)
    ]


@pytest.mark.parametrize("classes", [["host"], ["vm/OpaqueRef:other"], [], ["wombat"], ["session"]])
def test_subscriptions_that_do_not_match(wire, session, web, classes):
    token = poll(wire, session)["token"]
    change(wire, web, name_label="x")
    assert poll(wire, session, classes, token)["events"] == []


@pytest.mark.parametrize("token", ["x", "1", "1,2,3", ",", "a,b", " "])
def test_bad_tokens(wire, session, token):
    assert failure(poll, wire, session, ["vm"], token) == ["EVENT_FROM_TOKEN_PARSE_FAILURE", token]


def test_all_after_a_class_is_the_object(wire, session):
    assert poll(wire, session, ["vm/a/b"])["events"] == []


def test_tokens_sort_as_text():
    tokens = [make_token(n) for n in (9, 10, 123_456)]
    assert tokens == sorted(tokens)
    assert [parse_token(t) for t in tokens] == [9, 10, 123_456]


def test_a_waiting_call_wakes_for_its_event(wire, session, web):
    token = poll(wire, session)["token"]
    with parked(wire, lambda: poll(wire, session, ["vm"], token, 60.0)) as result:
        change(wire, web, name_label="woken")
        assert told(result()) == [("mod", "vm", web)]


def test_a_waiting_call_sleeps_through_other_events(wire, session, web):
    token = poll(wire, session)["token"]
    host = wire.pool.master.host
    with parked(wire, lambda: poll(wire, session, [f"vm/{web}"], token, 60.0)) as result:
        with wire.pool.world.access():
            wire.pool.db.change("host", host, name_label="other")
        change(wire, vm(wire.pool, "db"), name_label="other")
        change(wire, web, name_label="mine")
        assert told(result()) == [("mod", "vm", web)]


def test_a_session_that_ends_meanwhile(wire, session):
    token = poll(wire, session)["token"]
    other = wire.login()
    with parked(wire, lambda: failure(poll, wire, session, ["vm"], token, 60.0)) as result:
        wire.xml("session.logout", session)
        assert result() == ["SESSION_INVALID", session]
    assert wire.xml("VM.get_all", other)


def test_an_injected_event_is_told_from_its_own_token(wire, session):
    pool = wire.pool.ref
    token = wire.xml("event.inject", session, "pool", pool)
    assert ("mod", "pool", pool) in told(poll(wire, session, ["pool"], token))


def test_injecting_names_the_object_exactly(wire, session, web):
    assert failure(wire.xml, "event.inject", session, "vm", web) == ["HANDLE_INVALID", "vm", web]
    assert failure(wire.xml, "event.inject", session, "VM", "x") == ["HANDLE_INVALID", "VM", "x"]


def test_next_wants_a_registration_and_keeps_the_session_secret(wire, session):
    digest = hashlib.md5(session.encode()).hexdigest()  # noqa: S324 - what the product shows
    assert failure(wire.xml, "event.next", session) == [
        "SESSION_NOT_REGISTERED",
        f"trackid={digest}",
    ]
    old = Wire("xenserver-5.5")
    named = old.login()
    assert failure(old.xml, "event.next", named) == ["SESSION_NOT_REGISTERED", named]


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_next_tells_every_change_with_the_record_of_its_time(profile):
    wire = Wire(profile)
    session, web = wire.login(), vm(wire.pool, "web")
    wire.xml("event.register", session, ["VM"])
    change(wire, web, name_label="one")
    change(wire, web, name_label="two", power_state="Paused")
    events = wire.xml("event.next", session)
    assert [event["snapshot"]["name_label"] for event in events] == ["one", "two"]
    assert [event["snapshot"]["power_state"] for event in events] == ["Running", "Paused"]
    assert [int(event["id"]) for event in events] == sorted(int(event["id"]) for event in events)
    assert float(events[0]["timestamp"]) > 0


def test_next_tells_relations_as_they_were(wire, session, web):
    before = wire.pool.db.row("VM", web)["VBDs"]
    wire.xml("event.register", session, ["vm"])
    with wire.pool.world.access():
        vbd = wire.pool.db.add("VBD", {"VM": web})
        wire.pool.db.remove("VBD", vbd)
    events = wire.xml("event.next", session)
    assert [event["snapshot"]["VBDs"] for event in events] == [[*before, vbd], before]


def test_next_tells_creation_and_end(wire, session):
    wire.xml("event.register", session, ["vm"])
    with wire.pool.world.access():
        kept = wire.pool.db.add("VM", {"name_label": "kept"})
        brief = wire.pool.db.add("VM", {"name_label": "brief"})
        wire.pool.db.remove("VM", brief)
    events = wire.xml("event.next", session)
    assert [(e["operation"], e["ref"]) for e in events] == [("add", kept), ("del", brief)]
    assert events[0]["snapshot"]["name_label"] == "kept"
    assert "snapshot" not in events[1]


def test_next_waits(wire, session, web):
    wire.xml("event.register", session, ["vm"])
    with parked(wire, lambda: wire.xml("event.next", session)) as result:
        change(wire, web, name_label="woken")
        (event,) = result()
        assert event["ref"] == web


def test_next_begins_at_registration_and_tells_once(wire, session, web):
    change(wire, web, name_label="before")
    wire.xml("event.register", session, ["vm"])
    change(wire, web, name_label="first")
    assert len(wire.xml("event.next", session)) == 1
    change(wire, web, name_label="second")
    (event,) = wire.xml("event.next", session)
    assert event["snapshot"]["name_label"] == "second"


def test_unregistered_classes_are_not_told(wire, session, web):
    wire.xml("event.register", session, ["vm", "host"])
    wire.xml("event.unregister", session, ["vm"])
    change(wire, web, name_label="x")
    with wire.pool.world.access():
        wire.pool.db.change("host", wire.slave_ref, name_label="h")
    assert {event["class"] for event in wire.xml("event.next", session)} == {"host"}


def test_an_old_release_drops_events_for_a_slow_listener():
    wire = Wire("xenserver-5.5")
    session, web = wire.login(), vm(wire.pool, "web")
    wire.xml("event.register", session, ["vm"])
    for number in range(501):
        change(wire, web, name_label=str(number))
    assert failure(wire.xml, "event.next", session) == ["EVENTS_LOST"]
    change(wire, web, name_label="after")
    (event,) = wire.xml("event.next", session)
    assert event["snapshot"]["name_label"] == "after"


def test_next_of_a_session_that_ends(wire, session):
    wire.xml("event.register", session, ["vm"])
    with parked(wire, lambda: failure(wire.xml, "event.next", session)) as result:
        wire.xml("session.logout", session)
        assert result() == ["SESSION_INVALID", session]


def test_current_id_grows(wire, session, web):
    before = int(wire.xml("event.get_current_id", session))
    change(wire, web, name_label="x")
    assert int(wire.xml("event.get_current_id", session)) > before


def test_alerts_are_told_too(wire, session):
    from hvsim.xenserver import alerts

    token = poll(wire, session)["token"]
    with wire.pool.world.access():
        ref = alerts.create(wire.pool, "VM_STARTED", "VM", "u", "text")
    batch = poll(wire, session, ["message"], token)
    assert told(batch) == [("add", "message", ref)]
    assert batch["events"][0]["snapshot"]["name"] == "VM_STARTED"
    assert wire.xml("message.get_all_records", session)[ref]["priority"] == "5"
