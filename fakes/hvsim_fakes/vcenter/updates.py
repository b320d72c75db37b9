"""``PropertyCollector``: filters, and waiting for changes of what they are about.

An update is computed from what its client knows (the version it names) and what is now, in one
step under the world's lock; so no change can fall between a first answer and the next one. Nothing
polls: who waits is woken by the topics of the objects its filters are about.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.store import Changes
from hvsim_fakes.vcenter.context import Context, Written, local
from hvsim_fakes.vcenter.filters import NOTHING, Filter, Known, Update, missing_set

if TYPE_CHECKING:
    from hvsim.vcenter.values import Data, Ref
    from hvsim_fakes.vcenter.scope import Scope, WireSession

MOST: Final = 100
"""Objects in one answer of ``WaitForUpdatesEx`` when its client sets no limit."""
_REMEMBERED: Final = 64
"""Versions of a collector that a client may go back to."""


@dataclass(frozen=True, slots=True)
class Position:
    """What a collector's client knows at one version: up to where, and of which filters."""

    generation: int
    known: dict[str, Known]


@dataclass(frozen=True, slots=True)
class Rest:
    """What did not fit into a truncated answer: the parts left, and where they lead."""

    parts: list[FilterPart]
    position: Position


@dataclass(frozen=True, slots=True)
class FilterPart:
    """What one filter has to tell."""

    ref: Ref
    updates: list[Update]
    missing: list[Ref]


_START: Final = Position(0, {})


@dataclass(slots=True)
class Collector:
    """The state of one property collector of a session.

    Attributes:
        cancelled: counts the calls that end a wait.
        changed: counts the filters that came.
        topic: what wakes its waiters when the collector itself changes.
    """

    topic: str
    filters: dict[str, Filter] = field(default_factory=dict)
    count: int = 0
    cancelled: int = 0
    changed: int = 0
    positions: dict[str, Position] = field(default_factory=dict)
    order: deque[str] = field(default_factory=deque)
    rests: dict[str, Rest] = field(default_factory=dict)

    def next_version(self, position: Position) -> str:
        """Remember what a client knows; return the version that stands for it."""
        name = self._number()
        self.positions[name] = position
        self.order.append(name)
        if len(self.order) > _REMEMBERED:
            self.positions.pop(self.order.popleft(), None)
        return name

    def truncated_version(self, rest: Rest) -> str:
        """Remember what is left to tell; return the version to ask for it with, once."""
        name = self._number()
        self.rests = {name: rest}
        return name

    def _number(self) -> str:
        self.count += 1
        return str(self.count)


@dataclass(slots=True)
class LocalCollector:
    """A further property collector of a session."""

    ref: Ref

    def properties(self, scope: Scope) -> dict[str, Any]:
        """See :class:`~hvsim_fakes.vcenter.scope.Local`."""
        return {"filter": list(scope.session.filters.get(self.ref.moid, ()))}


def collector_of(context: Context, this: Ref) -> Collector:
    """Return the state of a property collector; raise ``ManagedObjectNotFound`` for another's."""
    session: WireSession = context.session
    if this.moid != "propertyCollector":
        context.scope.local(this)
    found = session.collectors.get(this.moid)
    if found is None:
        topic = f"{context.vcenter.path}/session/{session.key}/{this.moid}"
        found = session.collectors[this.moid] = Collector(topic)
    return cast("Collector", found)


@local("PropertyCollector.CreatePropertyCollector")
def create_collector(context: Context, this: Ref) -> Ref:
    """Create a further collector, with filters and waits of its own."""
    return context.session.add(LocalCollector(context.session.new_ref("PropertyCollector")))


@local("PropertyCollector.DestroyPropertyCollector")
def destroy_collector(context: Context, this: Ref) -> None:
    """Destroy a collector and its filters; who waits gets ``RequestCanceled``."""
    collector = collector_of(context, this)
    if this.moid == "propertyCollector":
        raise VimFault("NotSupported")
    for found in list(collector.filters.values()):
        _forget(context, collector, found)
    collector.cancelled += 1
    context.session.collectors.pop(this.moid, None)
    context.session.objects.pop(this.moid, None)
    context.world.log.wake((collector.topic,))


@local("PropertyCollector.CreateFilter")
def create_filter(
    context: Context,
    this: Ref,
    spec: Data,
    partialUpdates: bool,
) -> Ref:
    """Create a filter; it counts from the next wait on."""
    collector = collector_of(context, this)
    ref = context.session.new_ref("PropertyFilter")
    made = Filter(ref, this, spec, context.version, partial=partialUpdates)
    made.selected(context.scope)
    context.session.add(made)
    collector.filters[ref.moid] = made
    context.session.filters.setdefault(this.moid, []).append(ref)
    collector.changed += 1
    context.world.log.wake((collector.topic,))
    return ref


@local("PropertyFilter.DestroyPropertyFilter")
def destroy_filter(context: Context, this: Ref) -> None:
    """Destroy a filter; who waits on its collector gets ``RequestCanceled``."""
    found = cast("Filter", context.scope.local(this))
    collector = collector_of(context, found.collector)
    _forget(context, collector, found)
    collector.cancelled += 1
    context.world.log.wake((collector.topic,))


@local("PropertyCollector.CancelWaitForUpdates")
def cancel_wait(context: Context, this: Ref) -> None:
    """End the waits under way on a collector with ``RequestCanceled``."""
    collector = collector_of(context, this)
    collector.cancelled += 1
    context.world.log.wake((collector.topic,))


@local("PropertyCollector.WaitForUpdatesEx", locked=False)
def wait_ex(context: Context, this: Ref, version: str = "", options: Data | None = None) -> Written:
    """Return what changed since a version; nothing when the time is up first."""
    seconds = options["maxWaitSeconds"] if options is not None else None
    most = options["maxObjectUpdates"] if options is not None else None
    if seconds is not None and seconds < 0:
        raise bad_argument("options.maxWaitSeconds")
    if most is not None and most <= 0:
        raise bad_argument("options.maxObjectUpdates")
    return _Wait(context, this, version, MOST if most is None else most).result(seconds)


@local("PropertyCollector.WaitForUpdates", locked=False)
def wait(context: Context, this: Ref, version: str = "") -> Written:
    """Return what changed since a version, whole, as soon as there is something."""
    return _Wait(context, this, version, None).result(None)


@local("PropertyCollector.CheckForUpdates", locked=False)
def check(context: Context, this: Ref, version: str = "") -> Written:
    """Return what changed since a version, whole; nothing when nothing did."""
    return _Wait(context, this, version, None).result(0)


class _Wait:
    """One call that waits for an update."""

    def __init__(self, context: Context, this: Ref, version: str, most: int | None) -> None:
        self._context = context
        self._this = this
        self._version = version
        self._most = most
        self._collector = Collector("")
        self._before = _START
        self._cancelled = 0
        self._changed = 0
        self._looked = (-1, -1)
        self._parts: list[FilterPart] = []
        self._after = _START
        self._rest: Rest | None = None
        self._written: Written | None = None

    def result(self, seconds: float | None) -> Written:
        """Return the ``UpdateSet``; nothing when none came in time.

        Raises:
            VimFault: ``InvalidCollectorVersion``, ``RequestCanceled``.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        context = self._context
        with context.world.access():
            topics = self._begin()
            if self._ready():
                return self._answer()
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if left == 0.0 or not context.world.park(topics, self._woken, left, context.gone):
                return Written()
            if self._written is not None:
                return self._written
            with context.world.access():
                self._demand_wanted()
                if self._ready():
                    return self._answer()
                topics = self._topics()

    def _begin(self) -> tuple[str, ...]:
        self._collector = collector_of(self._context, self._this)
        self._cancelled = self._collector.cancelled
        if self._version:
            self._rest = self._collector.rests.pop(self._version, None)
            found = self._collector.positions.get(self._version)
            if self._rest is None and found is None:
                raise VimFault("InvalidCollectorVersion")
            self._before = found or _START
        return self._topics()

    def _topics(self) -> tuple[str, ...]:
        collector, scope = self._collector, self._context.scope
        self._changed = collector.changed
        found = {collector.topic: None, f"{scope.vcenter.path}/session/{scope.session.key}": None}
        for one in collector.filters.values():
            found |= dict.fromkeys(one.topics(scope))
        return tuple(found)

    def _woken(self) -> bool:
        """Whether there is an answer, or a reason to look closer. Under the lock."""
        if self._over() or self._collector.changed != self._changed:
            return True
        if self._ready():
            # At once, so that who waits in a crowd takes the lock once.
            self._written = self._answer()
        return self._written is not None

    def _over(self) -> bool:
        collector, vcenter = self._collector, self._context.vcenter
        return (
            collector.cancelled != self._cancelled
            or self._context.session.key not in vcenter.access.sessions
        )

    def _demand_wanted(self) -> None:
        if self._context.session.key not in self._context.vcenter.access.sessions:
            raise VimFault("NotAuthenticated", object=self._this, privilegeId="System.View")
        if self._collector.cancelled != self._cancelled:
            raise VimFault("RequestCanceled")

    def _ready(self) -> bool:
        """Whether there is something to tell; it is then at hand. Under the lock."""
        if self._rest is not None or self._parts:
            return True
        store = self._context.vcenter.store
        looked = (store.generation, self._context.session.views)
        if self._looked == looked and self._collector.changed == self._changed:
            return False
        self._looked = looked
        self._compare()
        return bool(self._parts)

    def _compare(self) -> None:
        store, before = self._context.vcenter.store, self._before
        changes = store.changes_since(before.generation) if before.known else Changes(0)
        known: dict[str, Known] = {}
        self._parts = []
        for moid, one in self._collector.filters.items():
            past = before.known.get(moid, NOTHING)
            told, missing, known[moid] = one.compare(self._context, past, changes)
            if told or missing:
                self._parts.append(FilterPart(one.ref, told, missing))
        # What came of the look stands for later ones, unless there was something to tell.
        self._after = Position(store.generation, known)
        if not self._parts and self._version:
            self._before = self._after

    def _answer(self) -> Written:
        parts, after = self._parts, self._after
        if self._rest is not None:
            parts, after = self._rest.parts, self._rest.position
        now, later = _cut(parts, self._most)
        if later:
            name = self._collector.truncated_version(Rest(later, after))
        else:
            name = self._collector.next_version(after)
        return _update_set(name, now, truncated=bool(later))


def _cut(parts: list[FilterPart], most: int | None) -> tuple[list[FilterPart], list[FilterPart]]:
    """Return the parts that fit into one answer, and what is left."""
    if most is None:
        return parts, []
    now: list[FilterPart] = []
    for index, part in enumerate(parts):
        if len(part.updates) > most:
            now.append(FilterPart(part.ref, part.updates[:most], part.missing))
            left = FilterPart(part.ref, part.updates[most:], [])
            return [p for p in now if p.updates or p.missing], [left, *parts[index + 1 :]]
        now.append(part)
        most -= len(part.updates)
    return now, []


def _update_set(version: str, parts: list[FilterPart], *, truncated: bool) -> Written:
    written = [f"<returnval><version>{version}</version>"]
    for part in parts:
        written.append(f'<filterSet><filter type="PropertyFilter">{part.ref.moid}</filter>')
        written.extend(update.written() for update in part.updates)
        written.append(missing_set(part.missing))
        written.append("</filterSet>")
    written.append("<truncated>true</truncated></returnval>" if truncated else "</returnval>")
    return Written("".join(written).encode(errors="replace"))


def _forget(context: Context, collector: Collector, found: Filter) -> None:
    found.destroyed = True
    collector.filters.pop(found.ref.moid, None)
    context.session.objects.pop(found.ref.moid, None)
    refs = context.session.filters.get(found.collector.moid, [])
    if found.ref in refs:
        refs.remove(found.ref)
