"""Calls a pool the way tests like to: by names, and to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import labs
from hvsim import commands
from hvsim.operations import Operation
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import load_all

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

load_all()


def call(pool: Pool, name: str, *args: Any) -> Any:
    """Begin a call; return its value or operation.

    Arguments that only later releases know are left off.
    """
    facts = pool.model.message(name)
    known = len(facts.params) if facts is not None and facts.kind != "create" else len(args)
    return pool.call(labs.ROOT, name, list(args[:known]))


def finish(pool: Pool, operation: Any, seconds: float = 5000.0) -> Any:
    """Let an operation come to its end; return its value or raise its error."""
    if not isinstance(operation, Operation):
        return operation
    until = pool.world.now + seconds
    while not operation.done and pool.world.now < until and pool.world.advance_to_next():
        pass
    assert operation.done, f"{operation.id} still does {operation.stage}"
    if operation.error is not None:
        raise operation.error
    return operation.value


def do(pool: Pool, name: str, *args: Any) -> Any:
    """Call and let it come to its end."""
    return finish(pool, call(pool, name, *args))


def refusal(pool: Pool, name: str, *args: Any) -> list[str]:
    """Return the error of a call that is refused or fails: code and parameters."""
    try:
        do(pool, name, *args)
    except XenError as error:
        return error.description
    raise AssertionError(f"{name} succeeded")


def inside(pool: Pool, kind: str, guest: str, **fields: Any) -> Any:
    """Let something happen inside a guest."""
    asked = {"kind": kind, "pool": pool.name, "guest": guest} | fields
    return pool.world.execute(commands.decode(asked))


def state(pool: Pool, vm: str) -> str:
    return pool.db.row("VM", vm)["power_state"]


def where(pool: Pool, vm: str) -> str:
    """Return the name of the host that a guest is on, or nothing."""
    host = pool.db.tables["host"].get(pool.db.row("VM", vm)["resident_on"])
    return "" if host is None else host["name_label"]


def set_row(pool: Pool, vm: str, **fields: Any) -> None:
    """Change a guest's fields behind the product's back."""
    with pool.world.access():
        pool.db.change("VM", vm, **fields)


def history(pool: Pool, vm: str, field: str) -> list[Any]:
    """Return the values that a field of a guest took, in order."""
    subject = f"{pool.path}/VM/{vm}"
    events = pool.world.log.since(0)
    return [e.after[field] for e in events if e.subject == subject and field in (e.after or {})]


def alerts(pool: Pool) -> list[str]:
    return [row["name"] for row in pool.db.tables["message"].values()]
