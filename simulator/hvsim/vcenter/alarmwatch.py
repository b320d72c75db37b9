"""Which alarms are concerned by what: kept beside them, so that a change finds them at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hvsim.vcenter.values import Ref


@dataclass(slots=True)
class Watch:
    """What alarms look at.

    Attributes:
        states: alarms by an entity's type and a property that they look at.
        events: alarms by the type of an event.
    """

    states: dict[tuple[str, str], list[Ref]] = field(default_factory=dict)
    events: dict[str, list[Ref]] = field(default_factory=dict)
