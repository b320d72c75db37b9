"""The endpoint over plain HTTP: pages, headers, statistics, and what is written to the log."""

import base64
import logging
from xml.etree import ElementTree as ET

import orjson
import pytest

from hvsim_fakes.server import Request
from hvsim_fakes.xenserver import endpoint as module
from hvsim_fakes.xenserver import statistics
from labs import vm
from xenserver_wire.wire import Wire, failure


@pytest.fixture
def wire():
    return Wire()


@pytest.fixture
def session(wire):
    return wire.login()


def headers(response):
    return {name.lower(): value for name, value in response.header_items()}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", b""),
        ("/", b"<methodCall><methodName>session.logout</methodName></methodCall>"),
        ("/RPC2", b"\x00garbage"),
        ("/", b'<!DOCTYPE x [<!ENTITY a "b">]><methodCall/>'),
        ("/jsonrpc", b"garbage"),
        ("/jsonrpc", b'{"jsonrpc":"2.0","method":"session.login_with_password"}'),
    ],
)
def test_unreadable_calls_get_an_http_error(wire, path, body):
    response = wire.post(body, path)
    assert response.status == 500
    assert headers(response)["content-type"] == "text/html"
    assert b"Additional information" in response.body
    assert b"Traceback" not in response.body


def test_the_documented_complaint_about_a_call_without_params(wire):
    body = b"<methodCall><methodName>session.logout</methodName></methodCall>"
    text = b"Xmlrpc.Parse_error(&quot;close_tag&quot;, &quot;open_tag&quot;, _)"
    assert text in wire.post(body).body


@pytest.mark.parametrize("path", ["/", "/RPC2", "/xmlrpc", "/anything"])
def test_xml_is_taken_on_any_path(wire, path):
    import xmlrpc.client

    body = xmlrpc.client.dumps(("root", "password"), "session.login_with_password").encode()
    response = wire.post(body, path)
    assert response.status == 200
    assert headers(response)["content-type"] == "text/xml"
    assert headers(response)["access-control-allow-origin"] == "*"


def test_json_is_taken_on_its_own_path(wire):
    call = {"jsonrpc": "2.0", "id": 1, "method": "host.get_all", "params": ["x"]}
    response = wire.post(orjson.dumps(call), "/jsonrpc")
    assert headers(response)["content-type"] == "application/json"
    assert orjson.loads(response.body)["error"]["message"] == "SESSION_INVALID"


def test_browsers_may_ask_first(wire):
    request = Request("OPTIONS", "/", headers={"access-control-request-headers": "X-Mine"})
    response = wire.master(request)
    assert response.status == 200
    assert headers(response)["access-control-allow-headers"] == "X-Mine, X-Requested-With"


def test_pages(wire):
    assert b"XenServer" in wire.get("/").body
    assert wire.get("/nothing").status == 404
    assert wire.get("/<script>").body.count(b"<script>") == 0
    assert wire.get("/export").status == 501
    assert wire.master(Request("PUT", "/import")).status == 501
    assert wire.master(Request("PUT", "/")).status == 403
    assert wire.master(Request("DELETE", "/")).status == 501
    assert wire.master(Request("CONNECT", "/console")).status == 501


def test_statistics_want_credentials(wire, session):
    assert wire.get("/rrd_updates").status == 401
    assert headers(wire.get("/rrd_updates"))["www-authenticate"] == 'Basic realm="rrd_updates"'
    assert wire.get("/rrd_updates", "session_id=x").status == 401
    assert wire.get("/rrd_updates", f"session_id={session}&start=0").status == 200
    assert wire.get("/rrd_updates", "start=0", cookie=f"session_id={session}").status == 200
    basic = base64.b64encode(b"root:password").decode()
    assert wire.get("/rrd_updates", "start=0", authorization=f"Basic {basic}").status == 200
    wrong = base64.b64encode(b"root:wrong").decode()
    assert wire.get("/rrd_updates", authorization=f"Basic {wrong}").status == 401
    assert wire.get("/rrd_updates", authorization="Basic \xff").status == 401


def test_a_member_tells_its_own_statistics_to_sessions_of_the_pool(wire, session):
    asked = f"session_id={session}&start=0&host=true"
    legends = [legend(wire.get("/rrd_updates", asked, endpoint=e).body) for e in both(wire)]
    uuids = [
        wire.pool.db.row("host", ref)["uuid"] for ref in (wire.pool.master.host, wire.slave_ref)
    ]
    for told, uuid in zip(legends, uuids, strict=True):
        assert {name.split(":")[2] for name in told if ":host:" in name} == {uuid}
    assert not set(legends[0]) & set(legends[1])
    basic = base64.b64encode(b"root:password").decode()
    refused = wire.get("/rrd_updates", "start=0", wire.slave, authorization=f"Basic {basic}")
    assert refused.status == 401


def test_statistics_tell_what_is_known(wire, session):
    text = wire.get("/rrd_updates", f"session_id={session}&start=0&host=true").body
    xport = ET.fromstring(text)  # noqa: S314 - our own answer
    names = legend(text)
    values = [v.text for v in xport.iter("v")]
    row = wire.pool.db.row("host", wire.pool.master.host)
    metrics = wire.pool.db.row("host_metrics", row["metrics"])
    known = dict(zip(names, values, strict=True))
    total = known[f"AVERAGE:host:{row['uuid']}:memory_total_kib"]
    assert int(total) == metrics["memory_total"] // 1024
    web = wire.pool.db.row("VM", vm(wire.pool, "web"))
    assert int(known[f"AVERAGE:vm:{web['uuid']}:memory"]) > 0
    assert int(xport.find("meta/columns").text) == len(names)
    asked = f"session_id={session}&start=0&host=true"
    told = orjson.loads(wire.get("/rrd_updates", f"{asked}&json=true").body)
    assert told["meta"]["legend"] == names
    assert told["data"][0]["values"] == values
    by_header = wire.get("/rrd_updates", asked, accept="application/json")
    assert orjson.loads(by_header.body) == told


def test_an_update_covers_what_is_asked_for(wire, session):
    wire.pool.world.advance(10_000)
    last = statistics.epoch(wire.pool)

    def meta(**asked):
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        body = wire.get("/rrd_updates", f"session_id={session}&json&{query}").body
        return {name: value for name, value in orjson.loads(body)["meta"].items() if value}

    recent = meta(start=last - 7)
    assert (recent["start"], recent["step"], recent["end"]) == (str(last - 5), "5", str(last))
    assert meta(start=-7) == recent
    assert meta(start=last - 7, interval=60)["step"] == "60"
    assert meta(start=last - 3600)["step"] == "60"
    assert meta(start=0)["step"] == str(24 * 3600)
    assert meta(start=last)["rows"] == "0"
    uuid = wire.pool.db.row("VM", vm(wire.pool, "web"))["uuid"]
    only = meta(start=0, vm_uuid=uuid)["legend"]
    assert {name.split(":")[2] for name in only} == {uuid}


def test_an_update_that_cannot_be_made(wire, session):
    credentials = f"session_id={session}"
    assert wire.get("/rrd_updates", credentials).status == 400
    assert wire.get("/rrd_updates", f"{credentials}&start=soon").status == 500
    assert wire.get("/rrd_updates", f"{credentials}&start=0&vm_uuid=x").status == 500
    assert wire.get("/rrd_updates", f"{credentials}&start=0&cf=LAST").status == 500


@pytest.mark.parametrize(
    ("profile", "kinds"),
    [("xenserver-5.5", {"AVERAGE", "MIN", "MAX"}), ("xenserver-8", {"AVERAGE"})],
)
def test_the_older_release_keeps_extremes_as_well(profile, kinds):
    wire = Wire(profile)
    asked = f"session_id={wire.login()}&start=0"
    names = legend(wire.get("/rrd_updates", asked).body)
    assert {name.split(":")[0] for name in names} == kinds
    assert wire.get("/rrd_updates", f"{asked}&cf=MIN").status == (200 if "MIN" in kinds else 500)
    averages = [name for name in names if name.startswith("AVERAGE")]
    assert legend(wire.get("/rrd_updates", f"{asked}&cf=AVERAGE").body) == averages


def test_archives(wire, session):
    row = wire.pool.db.row("VM", vm(wire.pool, "web"))
    for path, query in (("/vm_rrd", f"&uuid={row['uuid']}"), ("/host_rrd", "")):
        body = wire.get(path, f"session_id={session}{query}").body
        assert ET.fromstring(body).findtext("step") == "5"  # noqa: S314 - our own answer
    assert wire.get("/vm_rrd", f"session_id={session}&uuid=x").status == 404
    assert wire.get("/vm_rrd", f"session_id={session}").status == 400


def test_the_archive_of_a_guest_is_with_its_host(wire, session):
    db = wire.pool.db
    there = next(
        ref for ref, row in db.tables["VM"].items() if row["resident_on"] == wire.slave_ref
    )
    query = f"session_id={session}&uuid={db.row('VM', there)['uuid']}"
    moved = wire.get("/vm_rrd", query)
    address = db.row("host", wire.slave_ref)["address"]
    assert (moved.status, headers(moved)["location"]) == (
        302,
        f"http://{address}:80/vm_rrd?{query}",
    )
    assert wire.get("/vm_rrd", query, endpoint=wire.slave).status == 200
    halted = f"session_id={session}&uuid={db.row('VM', vm(wire.pool, 'spare'))['uuid']}"
    back = wire.get("/vm_rrd", halted, endpoint=wire.slave)
    assert headers(back)["location"].startswith(f"http://{wire.pool.master.server.address}:80/")
    assert wire.get("/vm_rrd", halted).status == 200


def legend(body):
    return [entry.text for entry in ET.fromstring(body).iter("entry")]  # noqa: S314 - our own answer


def both(wire):
    return wire.master, wire.slave


def test_emergency_answers_in_json_carry_a_bare_error(wire):
    from hvsim.xenserver.errors import XenError

    wire.pool.master.emergency = XenError("HOST_STILL_BOOTING")
    assert wire.json("host.get_all", "x") == {
        "jsonrpc": "2.0",
        "error": ["HOST_STILL_BOOTING"],
        "id": 0,
    }


def test_a_fault_of_the_simulators_own_is_an_internal_error(wire, session, monkeypatch, caplog):
    def broken(*_):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(module.Dispatcher, "_carry_out", broken)
    with caplog.at_level(logging.CRITICAL):
        description = failure(wire.xml, "VM.get_all", session)
    assert description == ["INTERNAL_ERROR", "hvsim failed at this call; its log has the details"]


def test_every_exchange_is_logged(wire, session):
    mark = wire.log.last_seq
    guest = vm(wire.pool, "web")
    wire.xml("VM.get_name_label", session, guest)
    wire.xml("VM.set_name_label", session, guest, "n")
    failure(wire.xml, "VM.set_name_label", session, "x", "n")
    failure(wire.xml, "wombat.dig", session)
    wire.post(b"garbage")
    entries = wire.log.entries(since=mark)
    assert [(e.call, e.is_write, e.outcome) for e in entries] == [
        ("VM.get_name_label", False, "ok"),
        ("VM.set_name_label", True, "ok"),
        ("VM.set_name_label", True, "HANDLE_INVALID"),
        ("wombat.dig", False, "MESSAGE_METHOD_UNKNOWN"),
        ("(unreadable)", False, "INTERNAL_ERROR"),
    ]
    assert entries[1].params == {"self": guest, "value": "n"}
    assert {e.endpoint for e in entries} == {wire.pool.master.server.name}


def test_reads_sessions_tasks_and_events_are_no_writes(wire, session):
    mark = wire.log.last_seq
    wire.xml("VM.get_all_records", session)
    wire.xml("event.from", session, ["*"], "", 0.0)
    wire.xml("event.register", session, ["vm"])
    failure(wire.xml, "task.destroy", session, "x")
    wire.xml("session.slave_local_login_with_password", "root", "password")
    wire.xml("session.logout", session)
    assert not wire.log.wrote(since=mark)


def test_no_secret_is_logged(wire, session):
    failure(wire.xml, "session.login_with_password", "root", "hunter2")
    failure(wire.xml, "session.slave_local_login_with_password", "root", "hunter2")
    wire.xml("session.get_record", session, session)
    wire.xml("session.change_password", session, "hunter2", "hunter2")
    text = repr(wire.log.entries())
    assert "hunter2" not in text
    assert "'password'" not in text
    assert session not in text
