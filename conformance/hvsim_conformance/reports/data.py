"""results.json: a run as data, valid for the shipped schema, and readable again."""

from dataclasses import asdict
from typing import Any

import orjson

import hvsim
from hvsim_conformance import schemas
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.run import Run
from hvsim_conformance.engine.summary import Summary
from hvsim_conformance.engine.timeline import Lane, TimelineEntry
from hvsim_conformance.engine.verdict import CheckResult, Remark, Verdict


class ResultsError(ValueError):
    """A file that is no results.json; the message is one line."""


def render(run: Run, summary: Summary) -> bytes:
    """Return the document; it ends with a newline."""
    document = {
        "format": 1,
        "suite": f"hvsim {hvsim.__version__}",
        "headline": summary.headline,
        "exit_code": summary.exit_code,
        "counts": {
            level.value: {"passed": counted.passed, "total": counted.total}
            for level, counted in ((level, summary.count(level)) for level in Level)
        },
        **asdict(run),
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def parse(content: bytes) -> Run:
    """Return the run that a document tells of; raises ResultsError."""
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as problem:
        raise ResultsError(f"not JSON: {problem}") from problem
    if wrong := schemas.complaint(document, "results"):
        raise ResultsError(wrong)
    fields = {name: document[name] for name in Run.__slots__ if name != "results"}
    return Run(**fields, results=tuple(_result(entry) for entry in document["results"]))


def _result(entry: dict[str, Any]) -> CheckResult:
    return CheckResult(
        **{
            **entry,
            "level": Level(entry["level"]),
            "product": Product(entry["product"]),
            "verdict": Verdict(entry["verdict"]),
            "remarks": tuple(Remark(**remark) for remark in entry["remarks"]),
            "timeline": tuple(_moment(moment) for moment in entry["timeline"]),
        }
    )


def _moment(entry: dict[str, Any]) -> TimelineEntry:
    return TimelineEntry(**{**entry, "lane": Lane(entry["lane"])})
