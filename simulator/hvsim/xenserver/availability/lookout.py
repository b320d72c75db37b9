"""What a master remembers of hosts and guests under high availability, between two looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hvsim.operations import Operation


@dataclass(slots=True)
class Lookout:
    """A pool's memory of it; see :mod:`hvsim.xenserver.availability.recovery`.

    Attributes:
        look: the next look, when one is due.
        held_until: simulated seconds until which no guest is started.
        tried: when the start of each protected guest was last tried.
        failed: protected guests whose failure was alerted.
        fallen: best-effort guests that fell with their host and were not tried yet.
    """

    look: Operation | None = None
    held_until: float = 0.0
    tried: dict[str, float] = field(default_factory=dict)
    failed: dict[str, None] = field(default_factory=dict)
    fallen: dict[str, None] = field(default_factory=dict)
