"""What a pool knows of its guests beside their rows: work under way, and who listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Operation
    from hvsim.xenserver.pool import Pool


@dataclass(slots=True)
class Work:
    """One operation on a guest under way.

    Attributes:
        op: the operation, as ``VM.current_operations`` names it.
        task: reference of its task.
        hosts: references of the hosts it needs alive; their death fails it.
        operation: the simulated operation, once begun.
        undo: called at its end, last added first, however it ended.
    """

    op: str
    task: str
    hosts: list[str] = field(default_factory=list)
    operation: Operation | None = None
    undo: list[Callable[[], None]] = field(default_factory=list)


class Guests:
    """Work under way on a pool's guests, reservations of memory, and listeners.

    Attributes:
        work: by guest, oldest first.
        reserved: guest -> host that keeps memory for it (``scheduled_to_be_resident_on``).
        on_stopped: called with (pool, guest, reason) after a guest has stopped that may have to
            run; the reason is ``shutdown``, ``crash`` or ``migration`` (one that
            failed past the point of no return).
        placement_checks: called with (pool, guest, host) before a guest is placed on a host;
            raise :class:`~hvsim.xenserver.errors.XenError` to forbid it (HA's failover plan).
        shortest_sleep: the least seconds that a guest migrating in the mode ``visible-suspend``
            is seen suspended, so that pollers and event readers cannot miss it.
        watched: whether the machines' changes are followed for the pool's work.
    """

    def __init__(self) -> None:
        self.work: dict[str, list[Work]] = {}
        self.reserved: dict[str, str] = {}
        self.on_stopped: list[Callable[[Pool, str, str], None]] = []
        self.placement_checks: list[Callable[[Pool, str, str], None]] = []
        self.shortest_sleep = 5.0
        self.watched = False
