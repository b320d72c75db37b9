"""Events, the journal and the wire log through the control plane."""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
from typing import Any

from control_api import Api
from hvsim_fakes.lab import Lab, Listening
from labs import small_pool


def frame(stream: http.client.HTTPResponse) -> dict[str, str]:
    """Read one server-sent event that is not a comment."""
    fields: dict[str, str] = {}
    while line := stream.readline().decode().rstrip("\n"):
        name, _, value = line.partition(": ")
        fields[name] = value
    return fields


def back_up(api: Api, image: str) -> Any:
    return api.post("/v1/servers/host1/backup", {"image": image}).data


def test_events_come_as_json_lines_after_a_generation(api: Api) -> None:
    start = api.get("/v1/lab").data["generation"]
    done = back_up(api, "first")
    assert done["generation"] == start + 1
    back_up(api, "second")
    answer = api.get(f"/v1/events?since={start}")
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["hvsim-generation"] == str(start + 2)
    kinds = [(event["kind"], event["subject"]) for event in answer.lines]
    assert kinds == [("backup", "server/host1")] * 2
    assert answer.lines[0]["after"]["image"] == "first"
    assert len(api.get(f"/v1/events?since={start}&limit=1").lines) == 1
    assert api.get(f"/v1/events?since={start + 2}").lines == []


def test_events_no_longer_kept_are_410(api: Api) -> None:
    oldest = int(api.get("/v1/events").headers["hvsim-oldest"])
    answer = api.get(f"/v1/events?since={oldest - 5}")
    assert answer.status == 410
    assert answer.data["oldest"] == oldest


def test_the_event_stream_tells_what_happens(api: Api) -> None:
    start = api.get("/v1/lab").data["generation"]
    connection, stream = api.open("GET", "/v1/events/stream")
    assert stream.status == 200
    assert stream.getheader("Content-Type") == "text/event-stream"
    assert frame(stream) == {"retry": "1000"}
    back_up(api, "seen")
    seen = frame(stream)
    assert (seen["event"], seen["id"]) == ("backup", str(start + 1))
    assert json.loads(seen["data"])["after"]["image"] == "seen"
    connection.close()


def test_the_event_stream_takes_up_where_a_reader_left(api: Api) -> None:
    start = api.get("/v1/lab").data["generation"]
    back_up(api, "one")
    back_up(api, "two")
    connection, stream = api.open(
        "GET", "/v1/events/stream?since=0", **{"Last-Event-ID": str(start + 1)}
    )
    frame(stream)
    assert json.loads(frame(stream)["data"])["after"]["image"] == "two"
    connection.close()


def test_a_stopping_lab_ends_its_streams() -> None:
    lab = Lab(small_pool().world, Listening(port=None, tls_port=None)).start()
    connection, stream = Api(lab).open("GET", "/v1/events/stream")
    frame(stream)
    stopper = threading.Thread(target=lab.stop)
    stopper.start()
    # Whether the last chunk is sent before the port closes is a race that nobody has to win.
    with contextlib.suppress(http.client.IncompleteRead, ConnectionResetError):
        assert stream.read() == b""
    stopper.join(timeout=10)
    assert not stopper.is_alive()
    connection.close()


def test_the_journal_gives_the_commands(api: Api) -> None:
    back_up(api, "one")
    api.post("/v1/clock/advance", {"seconds": 5})
    back_up(api, "two")
    first, second = api.get("/v1/journal").lines
    assert (first["kind"], first["time"], first["image"]) == ("server.backup", 0.0, "one")
    assert (second["time"], second["image"]) == (5.0, "two")
    assert api.get("/v1/journal?since=1").lines == [second]


def test_the_wire_log_is_asked_by_span_and_fact(api: Api) -> None:
    log = api.lab.wirelog
    for call, is_write in (("VM.get_all", False), ("VM.start", True)):
        log.record(
            time=1.0,
            product="xenserver",
            endpoint="host1",
            client="c",
            call=call,
            is_write=is_write,
        )
    page = api.get("/v1/wirelog").data
    assert page["last"] == 2
    assert [one["call"] for one in page["exchanges"]] == ["VM.get_all", "VM.start"]
    writes = api.get("/v1/wirelog?writes=true").data["exchanges"]
    assert [one["call"] for one in writes] == ["VM.start"]
    assert api.get("/v1/wirelog?since=2").data["exchanges"] == []
    assert api.get("/v1/wirelog?endpoint=host2").data["exchanges"] == []
