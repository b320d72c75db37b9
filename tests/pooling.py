"""Faults and members, as tests of pools and hosts like to name them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import labs
from hvsim import commands, modules
from hvsim.xenserver.messages import Caller

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Member, Pool

modules.load()


def member(pool: Pool, name: str) -> Member:
    return next(m for m in pool.members.values() if m.server.name == name)


def fault(pool: Pool, kind: str, /, **fields: Any) -> Any:
    return pool.world.execute(commands.decode({"kind": kind} | fields))


def on_member(pool: Pool, name: str, message: str, *args: Any) -> Any:
    """Call an emergency message on one member by a local session."""
    caller = Caller(host=member(pool, name).host, local=True)
    return pool.call(caller, message, list(args))


def live(pool: Pool, name: str) -> bool:
    metrics = pool.db.row("host", labs.host(pool, name))["metrics"]
    return bool(pool.db.row("host_metrics", metrics)["live"])


def enabled(pool: Pool, name: str) -> bool:
    return bool(pool.db.row("host", labs.host(pool, name))["enabled"])


def master(pool: Pool) -> str:
    return str(pool.db.row("host", pool.row["master"])["name_label"])


def roles(pool: Pool) -> dict[str, str]:
    return {m.server.name: str(m.role) for m in pool.members.values()}


def settle(pool: Pool, seconds: float = 300.0) -> None:
    """Let so much time pass that restarts under way have ended."""
    pool.world.advance(seconds)


def faults_of_simulator(pool: Pool) -> list[Any]:
    return [e for e in pool.world.log.since(0) if e.kind == "crash" and e.subject == "simulator"]
