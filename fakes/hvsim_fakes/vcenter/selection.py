"""Which objects, and which of their properties, a property filter is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.values import Data, Ref
from hvsim_fakes.vcenter import paths, registry

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.paths import Path
    from hvsim_fakes.vcenter.scope import Scope, Seen


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked about objects of one type; ``key`` tells plans apart."""

    type: str
    paths: tuple[Path, ...]
    whole: bool
    key: tuple[object, ...]


class Question:
    """The properties a filter specification asks for, by type of object.

    Raises:
        VimFault: ``InvalidProperty``; ``InvalidArgument`` for an unknown type.
    """

    def __init__(self, prop_set: list[Data], version: str) -> None:
        self._specs = prop_set
        self._version = version
        self._plans: dict[str, Plan | None] = {}
        for spec in prop_set:
            self._check(spec)

    def plan(self, type_name: str) -> Plan | None:
        """Return what is asked about objects of a type; None when nothing is."""
        if type_name not in self._plans:
            self._plans[type_name] = self._planned(type_name)
        return self._plans[type_name]

    def _check(self, spec: Data) -> None:
        known = registry.shape(spec["type"])
        if known is None or (known.kind != "managed" and spec["type"] != "ManagedObject"):
            raise bad_argument("specSet.propSet.type")
        # With ``all`` the paths count for nothing, and clients leave strange ones there.
        for text in () if spec["all"] else spec["pathSet"] or ():
            paths.path(spec["type"], text)

    def _planned(self, type_name: str) -> Plan | None:
        fitting = [spec for spec in self._specs if registry.is_a(type_name, spec["type"])]
        if not fitting:
            return None
        if any(spec["all"] for spec in fitting):
            found = paths.all_paths(type_name, self._version)
            return Plan(type_name, found, whole=True, key=(type_name, self._version))
        texts = tuple(dict.fromkeys(text for spec in fitting for text in spec["pathSet"] or ()))
        asked = tuple(paths.path(type_name, text) for text in texts)
        return Plan(type_name, asked, whole=False, key=(type_name, self._version, texts))


@dataclass(slots=True)
class Selected:
    """The objects that a filter is about.

    Attributes:
        objects: by identifier, in the order they were met.
        missing: those the client named that are not there.
        followed: properties that led from one to the next: a change may lead elsewhere.
    """

    objects: dict[str, Seen] = field(default_factory=dict)
    missing: list[Ref] = field(default_factory=list)
    followed: set[str] = field(default_factory=set)


def select(scope: Scope, spec: Data) -> Selected:
    """Return the objects of a filter specification. Under the world's lock.

    Raises:
        VimFault: ``ManagedObjectNotFound`` for an object that the client named, unless it asked
            for missing ones to be reported; ``InvalidArgument`` for an unknown selection.
    """
    lenient = bool(spec["reportMissingObjectsInResults"])
    walk = _Walk(scope, Selected())
    for start in spec["objectSet"] or ():
        found = scope.find(start["obj"])
        if found is None:
            if not lenient:
                scope.get(start["obj"])
            walk.selected.missing.append(start["obj"])
            continue
        walk.begin(found, start)
    return walk.selected


class _Walk:
    """Goes from object to object as traversal specifications say."""

    def __init__(self, scope: Scope, selected: Selected) -> None:
        self._scope = scope
        self.selected = selected
        self._named: dict[str, Data] = {}
        self._been: set[tuple[str, int]] = set()

    def begin(self, found: Seen, start: Data) -> None:
        """Go on from an object that the client named."""
        chosen: list[Data] = start["selectSet"] or []
        self._named = {}
        _collect(chosen, self._named)
        if not start["skip"]:
            self.selected.objects.setdefault(found.ref.moid, found)
        self._visit(found, chosen)

    def _visit(self, found: Seen, chosen: list[Data]) -> None:
        if not chosen:
            return
        waiting = [(found, chosen)]
        while waiting:
            at, selections = waiting.pop()
            for selection in selections:
                waiting.extend(self._follow(at, self._resolved(selection)))

    def _resolved(self, selection: Data) -> Data:
        if selection.type == "TraversalSpec":
            return selection
        named = self._named.get(selection["name"] or "")
        if named is None:
            raise bad_argument("selectSet.name")
        return named

    def _follow(self, at: Seen, traversal: Data) -> list[tuple[Seen, list[Data]]]:
        if not registry.is_a(at.ref.type, traversal["type"]):
            return []
        mark = (at.ref.moid, id(traversal))
        if mark in self._been:
            return []
        self._been.add(mark)
        path = paths.path(at.ref.type, traversal["path"])
        self.selected.followed.add(path.property)
        further: list[Data] = traversal["selectSet"] or []
        objects, skip = self.selected.objects, bool(traversal["skip"])
        plain = self._scope.plain
        onward = []
        for ref in _references(path.of(at.properties)):
            seen = objects.get(ref.moid) or self._scope.find(ref)
            if seen is None or not (plain or self._scope.sees(ref)):
                continue
            if not skip:
                objects.setdefault(ref.moid, seen)
            if further:
                onward.append((seen, further))
        # Taken from the end: what comes first is to be gone on from first.
        onward.reverse()
        return onward


def _collect(selections: list[Data], named: dict[str, Data]) -> None:
    for selection in selections:
        if selection.type == "TraversalSpec":
            if selection["name"]:
                named[selection["name"]] = selection
            _collect(selection["selectSet"] or [], named)


def _references(value: Any) -> list[Ref]:
    if isinstance(value, Ref):
        return [value]
    if isinstance(value, list):
        return [item for item in value if isinstance(item, Ref)]
    if value is None:
        return []
    raise VimFault("InvalidProperty", name="path")
