"""Performance figures as the product hands them out: ``/rrd_updates``, ``/vm_rrd``, ``/host_rrd``.

Source: Citrix XenServer "RRDs" developer notes. Only what the simulation knows is told: the
memory of hosts and of the guests that run on the asked host, as it is now. There is no history,
so every archive holds one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import orjson

from hvsim.xenserver.dates import LAB_BEGINS
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.xenserver.database import Database, Row
    from hvsim.xenserver.pool import Pool

STEP: Final = 5
"""Seconds between the product's samples."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what of (``host`` or ``vm``), whose, its name, and its present value."""

    owner: str
    uuid: str
    name: str
    value: float


def epoch(pool: Pool) -> int:
    """Return the simulated time as seconds since 1970, on a sample's boundary."""
    now = int(LAB_BEGINS.timestamp() + pool.world.now)
    return now - now % STEP


def host_figures(pool: Pool, host: str) -> list[Figure]:
    """Return a host's own figures. Under the world's lock."""
    row = pool.db.row("host", host)
    metrics = pool.db.tables["host_metrics"].get(row["metrics"])
    if metrics is None:
        return []
    return [
        Figure("host", row["uuid"], "memory_total_kib", metrics["memory_total"] // 1024),
        Figure("host", row["uuid"], "memory_free_kib", metrics["memory_free"] // 1024),
    ]


def guest_figures(db: Database, row: Row) -> list[Figure]:
    """Return a running guest's figures; none of a guest that does not run."""
    metrics = db.tables["VM_metrics"].get(row["metrics"])
    if metrics is None or row["resident_on"] == NULL_REF:
        return []
    return [Figure("vm", row["uuid"], "memory", metrics["memory_actual"])]


def resident_figures(pool: Pool, host: str) -> list[Figure]:
    """Return the figures of all guests on a host. Under the world's lock."""
    rows = pool.db.tables["VM"].values()
    return [
        figure
        for row in rows
        if row["resident_on"] == host
        for figure in guest_figures(pool.db, row)
    ]


def updates_xml(figures: list[Figure], start: int, at: int) -> bytes:
    """Return an update document: a legend and one row of values."""
    legend = "".join(f"<entry>{escape(_legend(figure))}</entry>" for figure in figures)
    values = "".join(f"<v>{figure.value}</v>" for figure in figures)
    rows = f"<row><t>{at}</t>{values}</row>" if figures and start <= at else ""
    return (
        f"<xport><meta><start>{start}</start><step>{STEP}</step><end>{at}</end>"
        f"<rows>{1 if rows else 0}</rows><columns>{len(figures)}</columns>"
        f"<legend>{legend}</legend></meta><data>{rows}</data></xport>"
    ).encode()


def updates_json(figures: list[Figure], start: int, at: int) -> bytes:
    """Return the same as JSON."""
    rows = [{"t": at, "values": [figure.value for figure in figures]}]
    if not figures or start > at:
        rows = []
    meta = {
        "start": start,
        "step": STEP,
        "end": at,
        "rows": len(rows),
        "columns": len(figures),
        "legend": [_legend(figure) for figure in figures],
    }
    return orjson.dumps({"meta": meta, "data": rows})


def archive(figures: list[Figure], at: int) -> bytes:
    """Return a round-robin database of one sample."""
    sources = "".join(
        f"<ds><name>{escape(f.name)}</name><type>GAUGE</type><minimal_heartbeat>300.0000"
        f"</minimal_heartbeat><min>0.0</min><max>Infinity</max><last_ds>{f.value}</last_ds>"
        "<value>0.0</value><unknown_sec>0</unknown_sec></ds>"
        for f in figures
    )
    values = "".join(f"<v>{f.value}</v>" for f in figures)
    rows = f"<row>{values}</row>" if figures else ""
    return (
        f"<rrd><version>0003</version><step>{STEP}</step><lastupdate>{at}</lastupdate>{sources}"
        "<rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><params><xff>0.5000</xff></params>"
        f"<database>{rows}</database></rra></rrd>"
    ).encode()


def _legend(figure: Figure) -> str:
    return f"AVERAGE:{figure.owner}:{figure.uuid}:{figure.name}"
