"""report.html: one page that needs nothing else, with a timeline in simulated time per check."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

import hvsim
from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.run import Run
from hvsim_conformance.engine.summary import Count, Summary
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.engine.verdict import CheckResult, Verdict
from hvsim_conformance.reports.text import legal

WIDTH = 900
"""Width of a timeline's drawing, in pixels."""
_LANES = {Lane.COMMAND: 14, Lane.WIRE: 38, Lane.EVENT: 62}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of counts."""

    profile: str
    area: str
    must: Count
    should: Count
    may: Count


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of a timeline as a dot in its drawing."""

    x: float
    y: int
    entry: TimelineEntry


def render(run: Run, summary: Summary) -> str:
    """Return the page."""
    return _template().render(
        run=run,
        summary=summary,
        version=hvsim.__version__,
        rows=tuple(rows(summary)),
        results=sorted(run.results, key=_attention),
        marks=marks,
        lanes=_LANES,
        width=WIDTH,
    )


def rows(summary: Summary) -> Iterator[Row]:
    """Yield the counts per profile and area, in the order of the catalogue."""
    for profile, area in dict.fromkeys((s.profile, s.area) for s in summary.standings):
        counts = (summary.count(level, profile, area) for level in Level)
        row = Row(profile, area, *counts)
        if row.must.total or row.should.total or row.may.total:
            yield row


def marks(timeline: Iterable[TimelineEntry]) -> tuple[Mark, ...]:
    """Return a dot for every entry, spread over the width by simulated time."""
    entries = tuple(timeline)
    if not entries:
        return ()
    first = min(entry.at for entry in entries)
    span = max(entry.at for entry in entries) - first or 1.0
    return tuple(
        Mark(8 + (WIDTH - 16) * (entry.at - first) / span, _LANES[entry.lane], entry)
        for entry in entries
    )


def _attention(result: CheckResult) -> int:
    """Return the place of a result on the page: what needs attention comes first."""
    order = (Verdict.ERROR, Verdict.FAIL, Verdict.KNOWN_FAILURE, Verdict.UNSUPPORTED, Verdict.PASS)
    return order.index(result.verdict) if result.verdict in order else len(order)


def _legal(value: object) -> object:
    """Return what the page prints; markup made by the template itself stays as it is."""
    return legal(value) if type(value) is str else value


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("hvsim_conformance.reports"),
        autoescape=True,
        finalize=_legal,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html")
