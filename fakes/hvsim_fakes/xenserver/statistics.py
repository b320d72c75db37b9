"""Performance figures as the product hands them out: ``/rrd_updates``, ``/vm_rrd``, ``/host_rrd``.

Source: xapi's ``rrdd_http_handler``, ``rrd_updates`` and ``rrd``. Only what the simulation knows
is told, of hosts and of the guests that run on the asked host, as it is now. There is no history,
so every archive holds one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import orjson

from hvsim.clock import LAB_BEGINS
from hvsim.xenserver.hosts import rrd

if TYPE_CHECKING:
    from collections.abc import Collection

    from hvsim.xenserver.pool import Pool

STEP: Final = 5
"""Seconds between the product's samples."""
CONSOLIDATIONS: Final = ("AVERAGE", "MIN", "MAX")
_ARCHIVES: Final = ((120, 1), (120, 12), (168, 720), (366, 17_280))
"""Rows of each archive, and samples that make one row."""
_PROLOGUE: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_DIGITS: Final = ".15g"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what of (``host`` or ``vm``), whose, its name, and its present value."""

    owner: str
    uuid: str
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Window:
    """The part of an archive that an update covers, in seconds since 1970.

    ``first`` and ``last`` are the ends of its first and its newest row.
    """

    first: int
    step: int
    last: int


def epoch(pool: Pool) -> int:
    """Return the simulated time as seconds since 1970, on a sample's boundary."""
    now = int(LAB_BEGINS.timestamp() + pool.world.now)
    return now - now % STEP


def window(start: int, interval: int, at: int) -> Window:
    """Choose the archive for an update: the finest that still holds ``start``.

    Args:
        start: seconds since 1970; below zero, seconds before ``at``.
        interval: the longest archive rows wanted are at least this many seconds.
    """
    if start < 0:
        start += at
    enough = [(rows, samples) for rows, samples in _ARCHIVES if samples >= interval // STEP]
    holding = [samples for rows, samples in enough if start > at - rows * samples * STEP]
    step = STEP * (holding[0] if holding else _ARCHIVES[-1][1])
    return Window(start - start % step + step, step, at - at % step)


def host_figures(pool: Pool, host: str) -> list[Figure]:
    """Return a host's own figures. Under the world's lock."""
    uuid = pool.db.row("host", host)["uuid"]
    return [Figure("host", uuid, name, value) for name, value in rrd.values(pool, host).items()]


def guest_figures(pool: Pool, vm: str) -> list[Figure]:
    """Return a running guest's figures; none of a guest that does not run."""
    uuid = pool.db.row("VM", vm)["uuid"]
    return [Figure("vm", uuid, name, value) for name, value in rrd.guest_values(pool, vm).items()]


def resident_figures(pool: Pool, host: str, only: Collection[str] = ()) -> list[Figure]:
    """Return the figures of the guests on a host. Under the world's lock.

    Args:
        only: uuids of those that are wanted; every guest when there are none.
    """
    return [
        figure
        for ref, row in pool.db.tables["VM"].items()
        if row["resident_on"] == host and (not only or row["uuid"] in only)
        for figure in guest_figures(pool, ref)
    ]


def updates_xml(figures: list[Figure], kinds: tuple[str, ...], part: Window) -> bytes:
    """Return an update document: a legend and at most one row of values.

    Args:
        kinds: consolidation functions; each figure has a column for each.
    """
    legend = "".join(f"<entry>{escape(name)}</entry>" for name in _legend(figures, kinds))
    values = "".join(f"<v>{value}</v>" for value in _values(figures, kinds))
    rows = f"<row><t>{part.last}</t>{values}</row>" if _is_there(part) else ""
    return (
        f"{_PROLOGUE}<xport><meta><start>{part.first}</start><step>{part.step}</step>"
        f"<end>{part.last}</end><rows>{1 if rows else 0}</rows>"
        f"<columns>{len(figures) * len(kinds)}</columns>"
        f"<legend>{legend}</legend></meta><data>{rows}</data></xport>"
    ).encode()


def updates_json(figures: list[Figure], kinds: tuple[str, ...], part: Window) -> bytes:
    """Return the same as JSON, where every number is text."""
    row = {"t": str(part.last), "values": _values(figures, kinds)}
    rows = [row] if _is_there(part) else []
    meta = {
        "start": str(part.first),
        "step": str(part.step),
        "end": str(part.last),
        "rows": str(len(rows)),
        "columns": str(len(figures) * len(kinds)),
        "legend": _legend(figures, kinds),
    }
    return orjson.dumps({"meta": meta, "data": rows})


def archive(figures: list[Figure], at: int) -> bytes:
    """Return a round-robin database of one sample."""
    sources = "".join(
        f"<ds><name>{escape(f.name)}</name><type>GAUGE</type><minimal_heartbeat>300"
        f"</minimal_heartbeat><min>0.0</min><max>Infinity</max><last_ds>{_text(f.value)}</last_ds>"
        "<value>0.0</value><unknown_sec>0</unknown_sec></ds>"
        for f in figures
    )
    unknown = (
        "<ds><primary_value>0.0</primary_value><secondary_value>0.0</secondary_value>"
        "<value>0.0</value><unknown_datapoints>0</unknown_datapoints></ds>"
    )
    values = "".join(f"<v>{_text(f.value)}</v>" for f in figures)
    rows = f"<row>{values}</row>" if figures else ""
    return (
        f"{_PROLOGUE}<rrd><version>0003</version><step>{STEP}</step>"
        f"<lastupdate>{at}</lastupdate>{sources}"
        "<rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><params><xff>0.5</xff></params>"
        f"<cdp_prep>{unknown * len(figures)}</cdp_prep>"
        f"<database>{rows}</database></rra></rrd>"
    ).encode()


def _is_there(part: Window) -> bool:
    return part.first <= part.last


def _legend(figures: list[Figure], kinds: tuple[str, ...]) -> list[str]:
    """Name the columns: all figures of one owner for one function, then for the next."""
    owners = dict.fromkeys((f.owner, f.uuid) for f in figures)
    return [
        f"{kind}:{f.owner}:{f.uuid}:{f.name}"
        for owner in owners
        for kind in kinds
        for f in figures
        if (f.owner, f.uuid) == owner
    ]


def _values(figures: list[Figure], kinds: tuple[str, ...]) -> list[str]:
    """Return the columns' values; with one sample all functions agree."""
    values = {f"{f.owner}:{f.uuid}:{f.name}": _text(f.value) for f in figures}
    return [values[name.partition(":")[2]] for name in _legend(figures, kinds)]


def _text(value: float) -> str:
    return format(value, _DIGITS) if value else "0.0"
