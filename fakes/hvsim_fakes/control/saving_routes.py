"""The lab as a file, and back in time."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from msgspec import Meta

from hvsim_fakes.control.api import Ask, Body, route
from hvsim_fakes.control.clock_routes import ClockState, state

LAB_FILE = "application/vnd.hvsim.lab"
"""Media type of a saved lab."""


class Rewind(Body, frozen=True, kw_only=True):
    """To which simulated second."""

    to: Annotated[float, Meta(ge=0)]


@route("GET", "/v1/save", media=LAB_FILE)
def save_lab(ask: Ask) -> Response:
    """Take the lab as one file: its scenario, seed, journal and time."""
    headers = {"Content-Disposition": 'attachment; filename="lab.hvlab"'}
    return Response(ask.lab.save(), content_type=LAB_FILE, headers=headers)


@route("POST", "/v1/restore", body=bytes, body_media=LAB_FILE, gives=ClockState)
def restore_lab(ask: Ask) -> ClockState:
    """Put a saved lab in the place of this one; every open connection ends."""
    ask.lab.restore(ask.body)
    return state(ask.world)


@route("POST", "/v1/rewind", body=Rewind, gives=ClockState)
def rewind_lab(ask: Ask) -> ClockState:
    """Go back to an earlier simulated second; what came after it is forgotten."""
    ask.lab.rewind(ask.body.to)
    return state(ask.world)
