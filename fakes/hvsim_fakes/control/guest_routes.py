"""Short cuts to what somebody does inside a guest, and the truth about guests and hosts."""

from __future__ import annotations

from typing import Any

from hvsim.commands import decode, kinds
from hvsim.errors import CommandError
from hvsim_fakes.control.api import Ask, Query, route
from hvsim_fakes.control.command_routes import CommandDone, carry_out
from hvsim_fakes.control.problems import Problem
from hvsim_fakes.control.truth import Truth, truth

_PREFIX = "guest."


class TruthQuery(Query, frozen=True, kw_only=True):
    """About which pool or manager; about all of them when not given."""

    manager: str | None = None


@route("GET", "/v1/truth", query=TruthQuery, gives=Truth)
def get_truth(ask: Ask) -> Truth:
    """Read what is really so, in neutral words and each product's own."""
    try:
        return truth(ask.world, ask.query.manager)
    except CommandError as error:
        raise Problem(404, str(error)) from None


@route("GET", "/v1/guest-actions", gives=list[str])
def list_guest_actions(ask: Ask) -> list[str]:  # noqa: ARG001 - every handler takes the request
    """List what can be done inside a guest."""
    return [kind.removeprefix(_PREFIX) for kind in kinds() if kind.startswith(_PREFIX)]


@route("POST", "/v1/guests/{pool}/{guest}/{action}", body=dict[str, Any], gives=CommandDone)
def act_inside_guest(ask: Ask) -> CommandDone:
    """Do something inside a guest (by name or uuid), for example ``shutdown``."""
    kind = _PREFIX + ask.place["action"]
    if kind not in kinds():
        raise Problem(404, f"Nothing called {ask.place['action']!r} can be done inside a guest.")
    fields = {"kind": kind, "pool": ask.place["pool"], "guest": ask.place["guest"]}
    try:
        item = decode({**ask.body, **fields})
    except CommandError as error:
        raise Problem(400, str(error)) from None
    return carry_out(ask.world, item)
