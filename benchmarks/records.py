"""VM.get_all_records end to end, against encoding the same records with the usual libraries."""

from __future__ import annotations

import statistics
import xmlrpc.client
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks import client
from benchmarks.lab import pool_of
from benchmarks.measure import Result, interleaved
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from collections.abc import Iterator

JSON_GOAL = 2.0
XML_GOAL = 5.0


def run(sizes: tuple[int, ...] = (1_000, 10_000)) -> Iterator[Result]:
    for size in sizes:
        yield from _size(size)


def _size(size: int) -> Iterator[Result]:
    pool = pool_of(size, addressed=True)
    rounds = 9 if size <= 1_000 else 5
    with Lab(pool.world, Listening(tls_port=None, control_port=None)) as lab:
        session = client.Client(lab.url()).call("session.login_with_password", *lab.credentials())
        records = pool.db.tables["VM"]
        wire = _as_sent(records)
        # Each server measurement is taken right beside its peer's.
        for kind, peer in (
            ("json", lambda: orjson.dumps(records)),
            ("xml", lambda: xmlrpc.client.dumps((wire,), methodresponse=True)),
        ):
            (alone,) = interleaved([peer], 3 if kind == "xml" and size > 1_000 else 7)
            for changing in ("", next(iter(records))):
                fetched = client.run("fetch", lab.url(), session, kind, rounds, changing)
                what = "one VM changes before each" if changing else "unchanged"
                title = (
                    f"{size:,} VM records, {kind.upper()}, {fetched['bytes'] / 1e6:.1f} MB, {what}"
                )
                yield _judge(kind, title, statistics.median(fetched["times"]), alone)


def _judge(kind: str, name: str, ours: float, peer: float) -> Result:
    if kind == "json":
        figure = f"{ours * 1e3:.1f} ms; orjson {peer * 1e3:.1f} ms: {ours / peer:.2f}x"
        return Result(name, figure, f"<= {JSON_GOAL}x orjson", ours <= JSON_GOAL * peer)
    figure = f"{ours * 1e3:.1f} ms; xmlrpc {peer * 1e3:.0f} ms: {peer / ours:.1f}x faster"
    return Result(name, figure, f">= {XML_GOAL}x xmlrpc", peer >= XML_GOAL * ours)


def _as_sent(records: dict[str, Any]) -> dict[str, Any]:
    """Return the records as xmlrpc.client has to be given them: whole numbers are strings."""

    def convert(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: convert(item) for key, item in value.items()}
        if isinstance(value, list):
            return [convert(item) for item in value]
        return str(value) if type(value) is int else value

    converted: dict[str, Any] = convert(records)
    return converted
