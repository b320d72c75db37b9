"""The guests of a pool as ambient activity touches them: through XenAPI's own messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import Call, Caller, handler_of

if TYPE_CHECKING:
    from random import Random

    from hvsim.ambient import Resident
    from hvsim.xenserver.pool import Pool

_SOMEBODY: Final = Caller(background=True)
_RUNS: Final = {"Running": True, "Halted": False}


class Inhabitant:
    """One guest."""

    __slots__ = ("_pool", "_vm", "name")

    def __init__(self, pool: Pool, vm: str) -> None:
        self._pool = pool
        self._vm = vm
        self.name = f"{pool.path}/VM/{vm}"

    def runs(self) -> bool | None:
        """Whether it runs; None when it is paused, suspended, busy or gone."""
        row = self._pool.db.tables["VM"].get(self._vm)
        if row is None or row["current_operations"]:
            return None
        return _RUNS.get(row["power_state"])

    def start(self) -> None:
        """Start it where the pool finds room."""
        self._call("VM.start", False, False)

    def stop(self) -> None:
        """Shut it down."""
        self._call("VM.clean_shutdown")

    def reboot(self) -> None:
        """Reboot it."""
        self._call("VM.clean_reboot")

    def migrate(self, stream: Random) -> None:
        """Move it, live, to any other enabled host."""
        here = self._pool.db.row("VM", self._vm)["resident_on"]
        hosts = self._pool.db.tables["host"].items()
        others = [ref for ref, row in hosts if row["enabled"] and ref != here]
        if not others:
            raise XenError("NO_HOSTS_AVAILABLE")
        self._call("VM.pool_migrate", stream.choice(others), {"live": "true"})

    def _call(self, message: str, *args: Any) -> None:
        handler = handler_of(message)
        if handler is None:
            raise XenError("NOT_IMPLEMENTED", message)
        call = Call(self._pool, _SOMEBODY, message)
        with self._pool.world.log.caused_by(message):
            handler(call, self._vm, *args)


def residents_of(pool: Pool) -> list[Resident]:
    """Return the pool's guests, without templates, snapshots and control domains."""
    return [
        Inhabitant(pool, ref)
        for ref, row in pool.db.tables["VM"].items()
        if not (row["is_a_template"] or row["is_control_domain"])
    ]
