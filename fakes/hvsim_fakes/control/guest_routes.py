"""Short cuts to what somebody does inside a guest, and the truth about guests and hosts."""

from __future__ import annotations

from typing import Any

from hvsim.commands import decode, kinds
from hvsim.errors import CommandError
from hvsim_fakes.control.api import Ask, Query, route
from hvsim_fakes.control.command_routes import CommandDone, carry_out
from hvsim_fakes.control.problems import Problem
from hvsim_fakes.control.truth import Truth, insides_of, truth


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


@route("GET", "/v1/guest-actions", gives=dict[str, list[str]])
def list_guest_actions(ask: Ask) -> dict[str, list[str]]:
    """List what can be done inside the guests of each pool or manager."""
    with ask.world.access():
        begins = {name: insides_of(product) for name, product in ask.world.products.items()}
    return {
        name: [kind.removeprefix(begin) for kind in kinds() if kind.startswith(begin)]
        for name, begin in begins.items()
    }


@route("POST", "/v1/guests/{manager}/{guest}/{action}", body=dict[str, Any], gives=CommandDone)
def act_inside_guest(ask: Ask) -> CommandDone:
    """Do something inside a guest (by name or uuid), for example ``shutdown``."""
    manager, guest, action = (ask.place[part] for part in ("manager", "guest", "action"))
    kind = _kind(ask, manager, action)
    # A command inside a guest names its pool or manager first, then the guest.
    first, second = kinds()[kind].__struct_fields__[:2]
    try:
        item = decode({**ask.body, "kind": kind, first: manager, second: guest})
    except CommandError as error:
        raise Problem(400, str(error)) from None
    return carry_out(ask.world, item)


def _kind(ask: Ask, manager: str, action: str) -> str:
    try:
        with ask.world.access():
            kind = insides_of(ask.world.product(manager)) + action
    except CommandError as error:
        raise Problem(404, str(error)) from None
    if kind not in kinds():
        raise Problem(404, f"Nothing called {action!r} can be done inside a guest of {manager}.")
    return kind
