"""Events as they travel: their record, and the batches they come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.xenserver import xmlwriter
from hvsim_fakes.xenserver.codec import Special

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.model import Model


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``snapshot`` is the record as it is now, absent when the object is gone.

    ``timestamp`` is text as the release writes it.
    """

    id: int
    timestamp: str
    cls: str
    operation: str
    ref: str
    snapshot: Row | None = None

    def plain(self) -> dict[str, Any]:
        """Return the event JSON-ready."""
        fields: dict[str, Any] = {
            "id": str(self.id),
            "timestamp": self.timestamp,
            "class": self.cls.lower(),
            "operation": self.operation,
            "ref": self.ref,
        }
        if self.snapshot is not None:
            fields["snapshot"] = self.snapshot
        return fields

    def xml(self, model: Model) -> bytes:
        """Return the event as a ``<value>``."""
        members = [
            ("id", xmlwriter.string(str(self.id))),
            ("timestamp", xmlwriter.string(self.timestamp)),
            ("class", xmlwriter.string(self.cls.lower())),
            ("operation", xmlwriter.string(self.operation)),
            ("ref", xmlwriter.string(self.ref)),
        ]
        if self.snapshot is not None:
            members.append(("snapshot", xmlwriter.record_writer(model, self.cls)(self.snapshot)))
        return xmlwriter.struct(members)


class EventList(Special):
    """What ``event.next`` returns."""

    def __init__(self, model: Model, events: list[Event]) -> None:
        self._model = model
        self.events = events

    def plain(self) -> list[dict[str, Any]]:
        """See :class:`Special`."""
        return [event.plain() for event in self.events]

    def xml(self) -> bytes:
        """See :class:`Special`."""
        return xmlwriter.array(event.xml(self._model) for event in self.events)


class EventBatch(EventList):
    """What ``event.from`` returns: events, how many objects of each class exist, a token."""

    def __init__(
        self, model: Model, events: list[Event], counts: dict[str, int], token: str
    ) -> None:
        super().__init__(model, events)
        self.counts = counts
        self.token = token

    def plain(self) -> dict[str, Any]:  # type: ignore[override]  # a batch is a struct, not a list
        """See :class:`Special`."""
        return {
            "events": super().plain(),
            "valid_ref_counts": self.counts,
            "token": self.token,
        }

    def xml(self) -> bytes:
        """See :class:`Special`."""
        counts = (
            (cls, b"<value><i4>%d</i4></value>" % count) for cls, count in self.counts.items()
        )
        return xmlwriter.struct(
            (
                ("events", super().xml()),
                ("valid_ref_counts", xmlwriter.struct(counts)),
                ("token", xmlwriter.string(self.token)),
            )
        )
