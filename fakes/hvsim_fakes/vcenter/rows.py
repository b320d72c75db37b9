"""Keeps whole objects written as XML, so that a large answer is a join of bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from hvsim.vcenter.values import Data, data
from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.registry import Field
from hvsim_fakes.vcenter.writer import escape, writer_for

if TYPE_CHECKING:
    from hvsim.vcenter.store import Store
    from hvsim_fakes.vcenter.paths import Path
    from hvsim_fakes.vcenter.scope import Scope, Seen
    from hvsim_fakes.vcenter.selection import Plan

LIMIT: Final = 256 * 1024 * 1024
"""Bytes of rows kept for one vCenter; beyond it they are dropped and begun anew."""
TAG: Final = "objects"
"""What rows are called in the answers that most clients ask for."""
READ: Final = "System.Read"
"""What reading an entity needs, where its properties say nothing else."""
_VALUES: Final = 1024
"""Single values kept."""
_FAULT: Final = Field("fault", "LocalizedMethodFault", "data")


class Rows:
    """Written values of a vCenter's objects. All methods are called under the world's lock.

    A value is never changed in place, so one that is still the same object is written the same.
    """

    def __init__(self) -> None:
        self._rows: dict[tuple[object, ...], dict[str, tuple[int, bytes]]] = {}
        self._values: dict[tuple[str, str, str], tuple[Any, str]] = {}
        self._size = 0

    def row(self, scope: Scope, seen: Seen, plan: Plan, version: str) -> bytes:
        """Return an ``ObjectContent`` for the API version of a client.

        It is an element called :data:`TAG`; :func:`content` takes that off.
        """
        stamp, moid = seen.stamp, seen.ref.moid
        kept = self._rows.get(plan.key)
        if kept is None:
            kept = self._rows[plan.key] = {}
        known = kept.get(moid)
        if known is not None and known[0] == stamp and scope.plain:
            return known[1]
        content, whole = self._written(scope, seen, plan, version)
        if stamp is not None and whole and scope.plain:
            self._keep(kept, moid, stamp, content)
        return content

    def kept(self, scope: Scope, plan: Plan) -> dict[str, tuple[int, bytes]]:
        """Return the rows written before that a user may read, by identifier, with generations."""
        return self._rows.get(plan.key, {}) if scope.plain else {}

    def value(self, seen: Seen, path: Path, version: str) -> str:
        """Return the ``val`` element of what is at a path; empty when nothing is.

        A few are kept: a crowd that waits for one object is told the same.
        """
        value = path.of(seen.properties)
        if seen.stamp is None or not isinstance(value, Data | list):
            return _write(value, path, version)
        key = (seen.ref.moid, path.text, version)
        known = self._values.get(key)
        if known is not None and known[0] is value:
            return known[1]
        written = _write(value, path, version)
        if len(self._values) >= _VALUES:
            self._values.clear()
        self._values[key] = (value, written)
        return written

    def _written(self, scope: Scope, seen: Seen, plan: Plan, version: str) -> tuple[bytes, bool]:
        obj = f'<obj type="{seen.ref.type}">{escape(seen.ref.moid)}</obj>'
        parts = [f"<{TAG}>", obj]
        missing: list[str] = []
        for path in plan.paths:
            refused = _refusal(scope, seen, path, version)
            if refused:
                missing.append(refused)
                continue
            value = _write(scope.value(seen, path), path, version)
            if value:
                parts.append(f"<propSet><name>{escape(path.text)}</name>{value}</propSet>")
        whole = "".join((*parts, *missing, f"</{TAG}>"))
        return whole.encode(errors="replace"), not missing

    def _keep(self, kept: dict[str, tuple[int, bytes]], moid: str, stamp: int, row: bytes) -> None:
        self._size += len(row)
        if self._size > LIMIT:
            self._rows.clear()
            self._size = len(row)
        kept[moid] = (stamp, row)


def readable(scope: Scope, seen: Seen, path: Path) -> bool:
    """Whether a user may read what is at a path of an object."""
    needed = privilege_of(seen.ref.type, path.property)
    return not needed or scope.may_on(needed, seen.ref)


def content(row: bytes) -> bytes:
    """Return a row without the element that it is."""
    return row[len(TAG) + 2 : -len(TAG) - 3]


def _write(value: Any, path: Path, version: str) -> str:
    return writer_for(version).typed("val", value, path.field)


def _refusal(scope: Scope, seen: Seen, path: Path, version: str) -> str:
    """Return a ``missingSet`` entry for a property that the user may not read; else nothing."""
    needed = privilege_of(seen.ref.type, path.property)
    if not needed or scope.may_on(needed, seen.ref):
        return ""
    fault = data("NoPermission", object=seen.ref, privilegeId=needed)
    told = data("LocalizedMethodFault", fault=fault, localizedMessage="")
    written = writer_for(version).element(_FAULT, told)
    return f"<missingSet><path>{escape(path.text)}</path>{written}</missingSet>"


def privilege_of(type_name: str, name: str) -> str:
    """Return what is needed to read a property; empty when nothing is."""
    known = registry.shape(type_name)
    field = known.fields.get(name) if known is not None else None
    if field is None:
        return ""
    return field.privilege or (READ if registry.is_a(type_name, "ManagedEntity") else "")


_caches: WeakKeyDictionary[Store, Rows] = WeakKeyDictionary()


def rows_of(store: Store) -> Rows:
    """Return the written values of a vCenter, shared by all its clients."""
    found = _caches.get(store)
    if found is None:
        found = _caches[store] = Rows()
    return found
