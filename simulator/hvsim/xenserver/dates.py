"""Dates as XenAPI writes them, on the lab's calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hvsim.clock import LAB_BEGINS

if TYPE_CHECKING:
    from hvsim.world import World


def stamp(world: World, ahead: float = 0.0) -> str:
    """Return the present simulated date, or one ``ahead`` seconds from it, to the second."""
    return date_at(world.now + ahead)


def date_at(seconds: float) -> str:
    """Return the date at a simulated time in seconds as ``YYYYMMDDThh:mm:ssZ``."""
    return (LAB_BEGINS + timedelta(seconds=int(seconds))).strftime("%Y%m%dT%H:%M:%SZ")


def unix_text(seconds: float) -> str:
    """Return a simulated time in seconds as ``other_config`` keeps times: whole, with a stop."""
    return f"{int(LAB_BEGINS.timestamp() + seconds)}."


def seconds_of(date: str) -> float:
    """Return the simulated seconds of a date that :func:`date_at` wrote."""
    when = datetime.strptime(date, "%Y%m%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return (when - LAB_BEGINS).total_seconds()
