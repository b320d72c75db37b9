"""What happened during a check, in simulated time."""

from dataclasses import dataclass
from enum import StrEnum


class Lane(StrEnum):
    """Who acted: the suite (calls and commands), a wire, or the simulated world."""

    COMMAND = "command"
    WIRE = "wire"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry; `at` is simulated seconds since the lab's beginning."""

    at: float
    lane: Lane
    text: str
    detail: str = ""
    is_write: bool = False
