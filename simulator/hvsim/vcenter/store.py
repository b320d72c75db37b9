"""A vCenter's managed objects: properties of plain values, every change logged.

Property names and types are those of vim25. A path is a property's name, or goes on with names of
fields inside it (``runtime.powerState``).
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.faults import not_found
from hvsim.vcenter.occupancy import Occupancy
from hvsim.vcenter.values import Data, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hvsim.events import EventLog

_NUMBERED: Final = re.compile(r"(.*?)(\d{1,15})")
_REMEMBERED: Final = 100_000
"""Removed objects remembered for readers of changes."""

_VM_CONFIG: Final = ("guestId", "guestFullName", "uuid", "instanceUuid", "annotation", "template")
_VM_GUEST: Final = (
    "guestId",
    "guestFullName",
    "toolsStatus",
    "toolsVersionStatus",
    "toolsVersionStatus2",
    "toolsRunningStatus",
    "hostName",
    "ipAddress",
)
_MIRRORS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "VirtualMachine": (
        ("runtime", "summary.runtime"),
        ("overallStatus", "summary.overallStatus"),
        ("name", "config.name"),
        ("name", "summary.config.name"),
        *((f"config.{name}", f"summary.config.{name}") for name in _VM_CONFIG),
        *((f"guest.{name}", f"summary.guest.{name}") for name in _VM_GUEST),
        ("config.hardware.memoryMB", "summary.config.memorySizeMB"),
        ("config.hardware.numCPU", "summary.config.numCpu"),
        ("config.files.vmPathName", "summary.config.vmPathName"),
    ),
    "HostSystem": (
        ("runtime", "summary.runtime"),
        ("overallStatus", "summary.overallStatus"),
        ("name", "summary.config.name"),
    ),
    "Datastore": (("name", "summary.name"), ("name", "info.name")),
    "Network": (("name", "summary.name"),),
    "OpaqueNetwork": (("name", "summary.name"),),
    "StoragePod": (("name", "summary.name"),),
    "VirtualApp": (("name", "summary.name"),),
    "DistributedVirtualPortgroup": (("name", "summary.name"), ("name", "config.name")),
    "VmwareDistributedVirtualSwitch": (("name", "summary.name"), ("name", "config.name")),
    "ClusterComputeResource": (
        ("overallStatus", "summary.overallStatus"),
        ("overallStatus", "summaryEx.overallStatus"),
        ("summary", "summaryEx"),
    ),
    "ComputeResource": (("overallStatus", "summary.overallStatus"),),
    "ResourcePool": (
        ("name", "summary.name"),
        ("config", "summary.config"),
        ("runtime", "summary.runtime"),
        ("overallStatus", "runtime.overallStatus"),
    ),
}
"""What vim25 shows in two places: by type, the path that leads and the one that follows it."""


class ManagedObject:
    """One managed object.

    Attributes:
        ref: what refers to it; ``type`` and ``moid`` are its parts.
        properties: by name; a property that is not set is not there.
        modified: generation of each path's last change, oldest first; the properties that it was
            created with are not in it.
        created: generation of its creation.
    """

    __slots__ = ("created", "modified", "moid", "properties", "ref", "type")

    def __init__(self, ref: Ref, properties: dict[str, Any]) -> None:
        self.ref = ref
        self.type = ref.type
        self.moid = ref.moid
        self.properties = properties
        self.modified: dict[str, int] = {}
        self.created = 0

    def get(self, path: str) -> Any:
        """Return the value at a path; None when it, or what it lies in, is not set."""
        name, rest = _steps(path)
        value = self.properties.get(name)
        for step in rest:
            value = value.fields.get(step) if isinstance(value, Data) else None
        return value

    def __getitem__(self, path: str) -> Any:
        return self.get(path)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an object: ``paths`` that changed, or that it is new since."""

    object: ManagedObject
    paths: tuple[str, ...]
    created: bool


@dataclass(slots=True)
class Changes:
    """What happened since a generation, up to ``generation``; each object once.

    ``removed`` holds objects that were there at that generation and are gone.
    """

    generation: int
    changed: list[Change] = field(default_factory=list)
    removed: list[Ref] = field(default_factory=list)


class Store:
    """The managed objects of one vCenter, by identifier.

    Args:
        name: the vCenter's path in event subjects (``vcenter/vc1``).
        naming: gives identifiers as they are to be; as a vCenter's by default.
    """

    def __init__(
        self, name: str, log: EventLog, naming: Callable[[str], str] | None = None
    ) -> None:
        self.name = name
        self._naming = naming
        self.objects: dict[str, ManagedObject] = {}
        self.by_type: dict[str, dict[str, ManagedObject]] = {}
        self.modified: dict[str, int] = {}
        """Generation of each object's last change by identifier, oldest first."""
        self._watched: dict[tuple[str, str], Callable[[Ref], object]] = {}
        self._watched_types: frozenset[str] = frozenset()
        self.occupancy = Occupancy()
        """What running machines take of their hosts."""
        self._log = log
        self._counts: dict[str, int] = {}
        self._removed: deque[tuple[int, int, Ref]] = deque(maxlen=_REMEMBERED)

    @property
    def generation(self) -> int:
        """The world's generation counter."""
        return self._log.generation

    def new_moid(self, prefix: str) -> str:
        """Return the next identifier with a prefix (``vm-``): ``vm-21``."""
        count = self._counts[prefix] = self._counts.get(prefix, 0) + 1
        made = f"{prefix}{count}"
        return made if self._naming is None else self._naming(made)

    def reserve(self, moid: str) -> None:
        """Let no new identifier be the same as one that is in use, or below it."""
        found = _NUMBERED.fullmatch(moid)
        if found is not None:
            known = self._counts.get(found[1], 0)
            self._counts[found[1]] = max(known, int(found[2]))

    def add(self, type_name: str, moid: str, properties: dict[str, Any]) -> Ref:
        """Add an object; properties that are None are not set."""
        if moid in self.objects:
            raise AssertionError(f"there are two objects called {moid!r}")
        ref = Ref(type_name, moid)
        kept = {name: value for name, value in properties.items() if value is not None}
        made = self.objects[moid] = ManagedObject(ref, kept)
        self.by_type.setdefault(type_name, {})[moid] = made
        made.created = self._note("add", made, None, kept)
        if type_name == "VirtualMachine":
            self.occupancy.note(moid, kept, kept)
        self.modified[moid] = made.created
        return ref

    def get(self, ref: Ref | str) -> ManagedObject:
        """Return an object; raise ``ManagedObjectNotFound`` when there is none. Read only."""
        moid = ref if isinstance(ref, str) else ref.moid
        found = self.objects.get(moid)
        if found is None or not (found.ref is ref or isinstance(ref, str) or _fits(found, ref)):
            raise not_found(ref if isinstance(ref, Ref) else Ref("ManagedObject", ref))
        return found

    def exists(self, ref: Ref | str | None) -> bool:
        """Whether there is such an object."""
        return ref is not None and (ref if isinstance(ref, str) else ref.moid) in self.objects

    def value(self, ref: Ref | str, path: str) -> Any:
        """Return the value at a path of an object; None when it is not set."""
        return self.get(ref).get(path)

    def of_type(self, type_name: str) -> Iterator[ManagedObject]:
        """Give the objects of one type, oldest first."""
        yield from list(self.by_type.get(type_name, {}).values())

    def change(self, ref: Ref | str, path: str, value: Any) -> bool:
        """Set what is at a path (None unsets it); return whether that changed anything.

        What vim25 shows a second time elsewhere (``summary.runtime``) follows by itself.
        """
        return self.change_many(ref, {path: value})

    def change_many(self, ref: Ref | str, changes: dict[str, Any]) -> bool:
        """Set what is at several paths as one change; return whether that changed anything."""
        found = self.get(ref)
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        paths: dict[str, None] = {}
        for path, value in changes.items():
            old = found.get(path)
            if _differs(old, value):
                _set(found, path, value)
                before[path], after[path], paths[path] = old, value, None
                _mirror(found, path, value, paths)
        if after:
            # What follows by itself is not told: the log is long enough.
            self._touch(found, before, after, paths)
            if found.type == "VirtualMachine":
                self.occupancy.note(found.moid, found.properties, after)
            if found.type in self._watched_types:
                self._tell(found, after)
        return bool(after)

    def watch(self, watched: dict[tuple[str, str], Callable[[Ref], object]]) -> None:
        """Tell of objects after changes of properties, by type and property; replaces the last."""
        self._watched = watched
        self._watched_types = frozenset(kind for kind, _ in watched)

    def _tell(self, found: ManagedObject, paths: Iterable[str]) -> None:
        for name in dict.fromkeys(path.partition(".")[0] for path in paths):
            told = self._watched.get((found.type, name))
            if told is not None:
                told(found.ref)

    def supersede(self, ref: Ref, name: str, value: Any) -> None:
        """Set a property whose value always changes; the log does not repeat the one before.

        Nothing happens when there is no such object.
        """
        found = self.objects.get(ref.moid)
        if found is not None:
            found.properties[name] = value
            self._touch(found, None, {name: value})

    def append(self, ref: Ref | str, path: str, item: Any) -> None:
        """Put an item at the end of a list, unless it is in it."""
        items = self.value(ref, path) or []
        if item in items:
            return
        if "." in path:
            self.change(ref, path, [*items, item])
        else:
            self.edit_list(ref, path, added=item)

    def discard(self, ref: Ref | str, path: str, item: Any) -> None:
        """Take an item out of a list, if it is in it."""
        items = self.value(ref, path) or []
        if item not in items:
            return
        if "." in path:
            self.change(ref, path, [other for other in items if other != item])
        else:
            self.edit_list(ref, path, removed=(item,))

    def edit_list(
        self, ref: Ref | str, name: str, *, added: Any = None, removed: Sequence[Any] = ()
    ) -> None:
        """Take items that are in a property's list out of it, and put a new one at its end.

        The log tells the items alone: some lists are long, and change with every task.
        """
        found = self.get(ref)
        items = list(found.properties.get(name) or ())
        for item in removed:
            del items[items.index(item)]
        if added is not None:
            items.append(added)
        found.properties[name] = items
        before = {f"{name}[]": list(removed)} if removed else None
        self._touch(found, before, None if added is None else {f"{name}[]": [added]}, (name,))

    def remove(self, ref: Ref | str) -> None:
        """Remove an object; raise ``ManagedObjectNotFound`` when there is none."""
        found = self.get(ref)
        del self.objects[found.moid]
        del self.by_type[found.type][found.moid]
        del self.modified[found.moid]
        self.occupancy.forget(found.moid)
        generation = self._note("del", found, {"name": found.get("name")}, None)
        self._removed.append((generation, found.created, found.ref))

    def changes_since(self, generation: int) -> Changes:
        """Return what changed after ``generation``, oldest change first."""
        found = Changes(self.generation)
        for moid in reversed(self.modified):
            if self.modified[moid] <= generation:
                break
            known = self.objects[moid]
            found.changed.append(
                Change(known, _paths_since(known, generation), known.created > generation)
            )
        found.changed.reverse()
        for at, created, ref in reversed(self._removed):
            if at <= generation:
                break
            if created <= generation:
                found.removed.append(ref)
        found.removed.reverse()
        return found

    def remembers(self, generation: int) -> bool:
        """Whether :meth:`changes_since` still knows every object removed after ``generation``."""
        full = len(self._removed) == self._removed.maxlen
        return not full or self._removed[0][0] <= generation

    def topics(self, ref: Ref) -> tuple[str, ...]:
        """Return what a change of an object wakes: waiters of its type, itself and the vCenter."""
        return (f"{self.name}/{ref.type}", f"{self.name}/{ref.moid}", self.name)

    def path(self, ref: Ref | str) -> str:
        """Return an object's path in event subjects."""
        found = self.get(ref)
        return f"{self.name}/{found.type}/{found.moid}"

    def _touch(
        self, found: ManagedObject, before: Any, after: Any, paths: Iterable[str] = ()
    ) -> None:
        """Log a change of the paths in ``after`` (of ``paths`` when they are given)."""
        generation = self._note("mod", found, before, after)
        # Taken out first, so that both orders are those of changes.
        for path in paths or after:
            found.modified.pop(path, None)
            found.modified[path] = generation
        del self.modified[found.moid]
        self.modified[found.moid] = generation

    def _note(self, kind: str, found: ManagedObject, before: Any, after: Any) -> int:
        subject = f"{self.name}/{found.type}/{found.moid}"
        topics = self.topics(found.ref) if self._log.awaited else ()
        return self._log.append(kind, subject, before, after, topics)


def _paths_since(known: ManagedObject, generation: int) -> tuple[str, ...]:
    found = []
    for path in reversed(known.modified):
        if known.modified[path] <= generation:
            break
        found.append(path)
    return tuple(reversed(found))


@cache
def _steps(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the property that a path begins with, and the fields that it goes on with."""
    name, *rest = path.split(".")
    return name, tuple(rest)


def _differs(old: Any, new: Any) -> bool:
    return old is not new and (old != new or type(old) is not type(new))


def _set(found: ManagedObject, path: str, value: Any) -> None:
    name, rest = _steps(path)
    placed = _placed(found.properties.get(name), rest, value) if rest else value
    if placed is None:
        found.properties.pop(name, None)
    else:
        found.properties[name] = placed


def _mirror(found: ManagedObject, path: str, value: Any, paths: dict[str, None]) -> None:
    """Let what vim25 shows a second time follow a change, adding to the paths that changed."""
    for leads, follows, within in _followers(found.type, path):
        if found.get(within) is None:
            continue
        led = found.get(leads) if leads else value
        if _differs(found.get(follows), led):
            _set(found, follows, led)
            paths[follows] = None


@cache
def _followers(type_name: str, path: str) -> tuple[tuple[str, str, str], ...]:
    """Return what follows a change at a path.

    By entry: where to read the value (empty: it is the changed one), where to set it, and what
    has to be there for that.
    """
    found = []
    for leads, follows in _MIRRORS.get(type_name, ()):
        if path == leads or path.startswith(f"{leads}."):
            found.append(("", follows + path[len(leads) :]))
        elif leads.startswith(f"{path}."):
            found.append((leads, follows))
    return tuple((leads, to, to.rpartition(".")[0] or to) for leads, to in found)


def _placed(into: Any, steps: tuple[str, ...], value: Any) -> Data:
    """Return a copy of a data object with what lies at the end of ``steps`` replaced."""
    if not isinstance(into, Data):
        raise TypeError(f"there is no data object to set {'.'.join(steps)!r} in")
    name, *rest = steps
    return into.having(**{name: _placed(into[name], tuple(rest), value) if rest else value})


def _fits(found: ManagedObject, ref: Ref) -> bool:
    """Whether an object is what a reference says; clients may name a type that it derives from."""
    return found.type == ref.type or ref.type in _BASES.get(found.type, ())


_BASES: Final[dict[str, tuple[str, ...]]] = {
    "ClusterComputeResource": ("ComputeResource", "ManagedEntity"),
    "DistributedVirtualPortgroup": ("Network", "ManagedEntity"),
    "OpaqueNetwork": ("Network", "ManagedEntity"),
    "StoragePod": ("Folder", "ManagedEntity"),
    "VmwareDistributedVirtualSwitch": ("DistributedVirtualSwitch", "ManagedEntity"),
    "VirtualApp": ("ResourcePool", "ManagedEntity"),
}
