"""Property filters: what their clients know of the objects, and what has changed since."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import Data, Ref, data
from hvsim_fakes.vcenter import registry, rows
from hvsim_fakes.vcenter.inventory import inventory_of
from hvsim_fakes.vcenter.paths import Path, concerns, path
from hvsim_fakes.vcenter.selection import Plan, Question, Selected, select
from hvsim_fakes.vcenter.writer import escape, writer_for

if TYPE_CHECKING:
    from hvsim.vcenter.store import Changes, Store
    from hvsim_fakes.vcenter.context import Context
    from hvsim_fakes.vcenter.scope import Scope, Seen

_FAULT: Final = registry.Field("fault", "LocalizedMethodFault", "data")


@dataclass(frozen=True, slots=True)
class Known:
    """What a filter's client was told of, at one version.

    Attributes:
        objects: identifiers of the objects it knows.
        values: what it knows of those that change without the store noticing.
        missing: objects it knows to be missing.
    """

    objects: dict[str, Ref] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: tuple[Ref, ...] = ()


NOTHING: Final = Known()


@dataclass(frozen=True, slots=True)
class Update:
    """One object's part of an update: ``enter``, ``modify`` or ``leave``, and what changed."""

    kind: str
    ref: Ref
    changes: str = ""

    def written(self) -> str:
        """Return it as an ``objectSet`` element."""
        obj = f'<obj type="{self.ref.type}">{escape(self.ref.moid)}</obj>'
        return f"<objectSet><kind>{self.kind}</kind>{obj}{self.changes}</objectSet>"


class Filter:
    """One property filter of a session's property collector.

    Args:
        collector: the collector it was created on.
        partial: whether the client wants changes inside a property told by themselves.
    """

    def __init__(
        self, ref: Ref, collector: Ref, spec: Data, version: str, *, partial: bool
    ) -> None:
        self.ref = ref
        self.collector = collector
        self.spec = spec
        self.partial = partial
        self.destroyed = False
        self._version = version
        self._question = Question(spec["propSet"] or [], version)
        self._selected = Selected()
        self._members: dict[str, Ref] = {}
        self._dynamic: tuple[str, ...] = ()
        self._generation = -1
        self._tree = (-1, -1)

    def properties(self, scope: Scope) -> dict[str, Any]:
        """See :class:`~hvsim_fakes.vcenter.scope.Local`."""
        del scope
        return {"spec": self.spec, "partialUpdates": self.partial}

    def selected(self, scope: Scope) -> Selected:
        """Return its objects as they now are. Under the world's lock."""
        store = scope.vcenter.store
        generation = store.generation
        tree = (inventory_of(store).version, scope.session.views)
        if self._leads_elsewhere(generation, tree, store):
            try:
                self._select(scope)
            except VimFault:
                if self._generation < 0:
                    raise
                # What the client named is gone: its objects leave.
                self._selected, self._members, self._dynamic = Selected(), {}, ()
        self._generation, self._tree = generation, tree
        return self._selected

    def _select(self, scope: Scope) -> None:
        kept = self._selected = select(scope, self.spec)
        plan = self._question.plan
        kept.objects = {m: seen for m, seen in kept.objects.items() if plan(seen.ref.type)}
        self._dynamic = tuple(m for m, seen in kept.objects.items() if seen.stamp is None)
        if kept.objects.keys() != self._members.keys():
            self._members = {moid: seen.ref for moid, seen in kept.objects.items()}

    def topics(self, scope: Scope) -> tuple[str, ...]:
        """Return what wakes whoever waits for a change of its objects."""
        selected = self.selected(scope)
        store = scope.vcenter.store
        if selected.followed or len(selected.objects) > 32 or selected.missing:
            return (store.name,)
        if self._dynamic:
            return (store.name,)
        return tuple(f"{store.name}/{moid}" for moid in selected.objects)

    def compare(
        self, context: Context, before: Known, changes: Changes
    ) -> tuple[list[Update], list[Ref], Known]:
        """Return what to tell a client who knows ``before``, what is missing, what it then knows.

        ``changes`` are those since ``before``. Under the world's lock.
        """
        selected = self.selected(context.scope)
        told = [] if before is NOTHING else self._changed(context, selected, before, changes)
        if before.objects is not self._members:
            told += self._moved(context, selected, before)
        missing = [ref for ref in selected.missing if ref not in before.missing]
        return told, missing, self._known(selected)

    def _moved(self, context: Context, selected: Selected, before: Known) -> list[Update]:
        """Return who came and who left."""
        told: list[Update] = []
        for moid, seen in selected.objects.items():
            if moid not in before.objects:
                told += self._enter(context, seen)
        left = (ref for moid, ref in before.objects.items() if moid not in selected.objects)
        return told + [Update("leave", ref) for ref in left]

    def _enter(self, context: Context, seen: Seen) -> list[Update]:
        plan = self._question.plan(seen.ref.type)
        if plan is None:
            return []
        present = context.scope.find(seen.ref) or seen
        parts = []
        for one in plan.paths:
            if not rows.readable(context.scope, present, one):
                continue
            value = context.rows.value(present, one, self._version)
            if value:
                parts.append(_assigned(one.text, value))
        return [Update("enter", seen.ref, "".join(parts))]

    def _changed(
        self, context: Context, selected: Selected, before: Known, changes: Changes
    ) -> list[Update]:
        told: list[Update] = []
        for change in changes.changed:
            moid = change.object.moid
            if moid in selected.objects and moid in before.objects and not change.created:
                told += self._modified(context, change.object.ref, change.paths)
        for moid, values in before.values.items():
            seen = context.scope.find(before.objects[moid]) if moid in before.objects else None
            if seen is not None and moid in selected.objects:
                told += self._recomputed(context, seen, values)
        return told

    def _modified(self, context: Context, ref: Ref, changed: tuple[str, ...]) -> list[Update]:
        plan = self._question.plan(ref.type)
        seen = context.scope.find(ref)
        if plan is None or seen is None or seen.stamp is None:
            return []
        parts = [
            _assigned(one.text, context.rows.value(seen, one, self._version))
            for one in self._told(plan, changed)
            if rows.readable(context.scope, seen, one)
        ]
        return [Update("modify", ref, "".join(parts))] if parts else []

    def _told(self, plan: Plan, changed: tuple[str, ...]) -> list[Path]:
        """Return the paths to tell of: those asked for, or in partial updates what lies within."""
        found: dict[str, Path] = {}
        for one in plan.paths:
            for text in changed:
                if not concerns(text, one.text):
                    continue
                inner = text if self.partial and text.startswith(one.text) else one.text
                if inner not in found:
                    found[inner] = one if inner == one.text else path(plan.type, inner)
        return list(found.values())

    def _recomputed(self, context: Context, seen: Seen, values: dict[str, Any]) -> list[Update]:
        plan = self._question.plan(seen.ref.type)
        parts = [
            _assigned(one.text, context.rows.value(seen, one, self._version))
            for one in (plan.paths if plan else ())
            if one.of(seen.properties) != values.get(one.text)
            and rows.readable(context.scope, seen, one)
        ]
        return [Update("modify", seen.ref, "".join(parts))] if parts else []

    def _known(self, selected: Selected) -> Known:
        values = {}
        for moid in self._dynamic:
            seen = selected.objects[moid]
            plan = self._question.plan(seen.ref.type)
            paths = plan.paths if plan is not None else ()
            values[moid] = {one.text: one.of(seen.properties) for one in paths}
        return Known(self._members, values, tuple(selected.missing))

    def _leads_elsewhere(self, generation: int, tree: tuple[int, int], store: Store) -> bool:
        """Whether other objects may be selected than were before."""
        kept = self._selected
        if self._dynamic or self._generation < 0:
            return True
        if tree != self._tree and (kept.followed or kept.missing):
            return True
        if generation == self._generation:
            return False
        changes = store.changes_since(self._generation)
        if any(ref.moid in kept.objects for ref in changes.removed):
            return True
        followed = kept.followed - {"view"}
        return bool(followed or kept.missing) and any(
            change.created or any(text.partition(".")[0] in followed for text in change.paths)
            for change in changes.changed
        )


def missing_set(refs: list[Ref]) -> str:
    """Return ``missingSet`` elements of a filter's update."""
    return "".join(_missing(ref) for ref in refs)


def _missing(ref: Ref) -> str:
    fault = data(
        "LocalizedMethodFault",
        fault=data("ManagedObjectNotFound", obj=ref),
        localizedMessage="",
    )
    written = writer_for(str(registry.version_named("8.0.3.0"))).element(_FAULT, fault)
    return f'<missingSet><obj type="{ref.type}">{escape(ref.moid)}</obj>{written}</missingSet>'


def _assigned(name: str, value: str) -> str:
    return f"<changeSet><name>{escape(name)}</name><op>assign</op>{value}</changeSet>"
