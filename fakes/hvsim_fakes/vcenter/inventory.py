"""What lies in what, as views and searches see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from hvsim.vcenter.values import Ref
from hvsim_fakes.vcenter import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.vcenter.store import ManagedObject, Store

_CHILDREN: Final[dict[str, tuple[str, ...]]] = {
    "Folder": ("childEntity",),
    "StoragePod": ("childEntity",),
    "Datacenter": ("vmFolder", "hostFolder", "datastoreFolder", "networkFolder"),
    "ComputeResource": ("host", "resourcePool"),
    "ClusterComputeResource": ("host", "resourcePool"),
    "ResourcePool": ("resourcePool", "vm"),
    "VirtualApp": ("resourcePool", "vm"),
    "HostSystem": (),
}
_OF_HOST: Final = ("vm", "datastore", "network")
_STRUCTURE: Final = frozenset(name for names in _CHILDREN.values() for name in names) | {"parent"}


class Inventory:
    """The tree of a vCenter's objects; ``version`` counts its changes.

    All methods are called under the world's lock.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen = store.generation
        self._version = 0
        self._members: dict[tuple[str, tuple[str, ...], bool], tuple[int, list[Ref]]] = {}

    @property
    def version(self) -> int:
        """How often the tree has changed so far."""
        if self._seen != self._store.generation:
            changes = self._store.changes_since(self._seen)
            self._seen = self._store.generation
            if changes.removed or any(
                change.created or any(path in _STRUCTURE for path in change.paths)
                for change in changes.changed
            ):
                self._version += 1
        return self._version

    def members(self, container: Ref, types: tuple[str, ...], *, recursive: bool) -> list[Ref]:
        """Return what lies in a container, of certain types (of all when there are none)."""
        key = (container.moid, types, recursive)
        version = self.version
        kept = self._members.get(key)
        if kept is not None and kept[0] == version:
            return kept[1]
        found = [
            ref
            for ref in self._inside(container, recursive=recursive)
            if not types or any(registry.is_a(ref.type, wanted) for wanted in types)
        ]
        if len(self._members) > 256:
            self._members.clear()
        self._members[key] = (version, found)
        return found

    def _inside(self, container: Ref, *, recursive: bool) -> Iterator[Ref]:
        root = self._store.objects.get(container.moid)
        if root is None:
            return
        seen: set[str] = {root.moid}
        names = _OF_HOST if root.type == "HostSystem" else _CHILDREN.get(root.type, ())
        waiting = list(reversed(_refs(root, names)))
        while waiting:
            ref = waiting.pop()
            if ref.moid in seen:
                continue
            seen.add(ref.moid)
            yield ref
            found = self._store.objects.get(ref.moid) if recursive else None
            if found is not None and found.type in _CHILDREN:
                waiting.extend(reversed(_refs(found, _CHILDREN[found.type])))

    def children(self, ref: Ref) -> list[Ref]:
        """Return what lies directly in an entity."""
        found = self._store.objects.get(ref.moid)
        return [] if found is None else _refs(found, _CHILDREN.get(found.type, ()))


def _refs(found: ManagedObject, names: tuple[str, ...]) -> list[Ref]:
    refs: list[Ref] = []
    for name in names:
        value = found.properties.get(name)
        if isinstance(value, Ref):
            refs.append(value)
        elif value:
            refs.extend(value)
    return refs


_inventories: WeakKeyDictionary[Store, Inventory] = WeakKeyDictionary()


def inventory_of(store: Store) -> Inventory:
    """Return the tree of a vCenter's objects."""
    found = _inventories.get(store)
    if found is None:
        found = _inventories[store] = Inventory(store)
    return found
