"""What has happened: events, wire exchanges and the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import orjson
from flask import Response
from flask import request as http_request
from msgspec import Meta

from hvsim_fakes.control.api import NDJSON, Ask, Facts, Query, route
from hvsim_fakes.control.problems import Problem
from hvsim_fakes.wirelog import WireLogOverrunError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.events import Event
    from hvsim.world import World

Number = Annotated[int, Meta(ge=0)]
_PATIENCE = 10.0
"""Seconds of silence after which an event stream sends a comment, to notice who has gone."""
_LOOK = 1.0
_STREAM = "text/event-stream"


class SinceQuery(Query, frozen=True, kw_only=True):
    """After which one, and how many at most."""

    since: Number = 0
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 10_000


class StreamQuery(Query, frozen=True, kw_only=True):
    """After which generation; from now on when not given."""

    since: Number | None = None


class WireQuery(Query, frozen=True, kw_only=True):
    """Which exchanges: a span of numbers, and facts that have to match."""

    since: Number = 0
    until: Number | None = None
    product: str | None = None
    endpoint: str | None = None
    client: str | None = None
    call: str | None = None
    writes: bool | None = None
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 10_000


class WireExchange(Facts, frozen=True, kw_only=True):
    """One exchange on a simulated product's wire; ``time`` is simulated seconds."""

    seq: int
    time: float
    product: str
    endpoint: str
    client: str
    call: str
    is_write: bool
    outcome: str
    params: dict[str, Any]


class WirePage(Facts, frozen=True, kw_only=True):
    """Exchanges, and the number of the last one there is."""

    last: int
    exchanges: list[WireExchange]


@route("GET", "/v1/events", query=SinceQuery, media=NDJSON)
def get_events(ask: Ask) -> Response:
    """Read events after a generation as JSON lines, oldest first.

    The headers ``Hvsim-Generation`` and ``Hvsim-Oldest`` give the newest and the oldest kept.
    """
    with ask.world.access():
        log = ask.world.log
        found = log.since(ask.query.since, ask.query.limit)
        oldest, newest = log.oldest, log.generation
    if 0 < ask.query.since < oldest - 1:
        raise Problem(410, f"Events before {oldest} are no longer kept.", oldest=oldest)
    headers = {"Hvsim-Generation": str(newest), "Hvsim-Oldest": str(oldest)}
    lines = b"".join(orjson.dumps(facts(event)) + b"\n" for event in found)
    return Response(lines, content_type=NDJSON, headers=headers)


@route("GET", "/v1/events/stream", query=StreamQuery, media=_STREAM)
def stream_events(ask: Ask) -> Response:
    """Follow events as they happen (server-sent events; ``id`` is the generation)."""
    since = ask.query.since
    last_seen = http_request.headers.get("Last-Event-ID", "")
    if last_seen.isdecimal():
        since = int(last_seen)
    with ask.world.access():
        start = ask.world.log.generation if since is None else since
    headers = {"Cache-Control": "no-store"}
    return Response(_stream(ask, ask.world, start), content_type=_STREAM, headers=headers)


@route("GET", "/v1/wirelog", query=WireQuery, gives=WirePage)
def get_wirelog(ask: Ask) -> WirePage:
    """Read exchanges on the wires, oldest first."""
    query: WireQuery = ask.query
    log = ask.lab.wirelog
    try:
        found = log.entries(
            query.since,
            query.until,
            product=query.product,
            endpoint=query.endpoint,
            client=query.client,
            call=query.call,
            is_write=query.writes,
        )
    except WireLogOverrunError as error:
        raise Problem(410, f"{error}.", oldest=log.dropped + 1) from None
    exchanges = [
        WireExchange(**{name: getattr(one, name) for name in WireExchange.__struct_fields__})
        for one in found[: query.limit]
    ]
    return WirePage(last=log.last_seq, exchanges=exchanges)


@route("GET", "/v1/journal", query=SinceQuery, media=NDJSON)
def get_journal(ask: Ask) -> Response:
    """Read the commands carried out so far, as JSON lines."""
    with ask.world.access():
        entries = ask.world.journal.entries[ask.query.since :][: ask.query.limit]
    return Response(b"".join(entry.line() for entry in entries), content_type=NDJSON)


def facts(event: Event) -> dict[str, Any]:
    """Return an event as a JSON-ready object."""
    return msgspec.structs.asdict(event)


def _stream(ask: Ask, world: World, seen: int) -> Iterator[bytes]:
    yield b"retry: 1000\n\n"
    silence = 0.0
    # Not World.park: somebody who only looks on is no client that a clock may jump for.
    with world.log.waiter(("*",)) as waiter:
        while ask.lab.world is world and not _gone(ask):
            with world.access():
                found = world.log.since(seen)
            if found:
                seen, silence = found[-1].generation, 0.0
                yield b"".join(_frame(event) for event in found)
            elif silence >= _PATIENCE:
                silence = 0.0
                yield b": still here\n\n"
            elif not waiter.wait(_LOOK):
                silence += _LOOK


def _gone(ask: Ask) -> bool:
    return ask.lab.stopping or (ask.connection is not None and ask.connection.closed())


def _frame(event: Event) -> bytes:
    data = orjson.dumps(facts(event)).decode()
    return f"id: {event.generation}\nevent: {event.kind}\ndata: {data}\n\n".encode()
