"""Names of managed entities: symbols that paths give a meaning to are kept as escapes.

NAME-VMW-4; vSphere API reference, ManagedEntity.name: a slash is ``%2f``, a backslash ``%5c`` and
a percent sign ``%25``, unless it begins one of these escapes already (in either case).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from hvsim.vcenter.store import Store
    from hvsim.vcenter.values import Ref

_SYMBOLS: Final = {"/": "%2f", "\\": "%5c", "%": "%25"}
_ESCAPED: Final = {escape: symbol for symbol, escape in _SYMBOLS.items()}
_TO_ESCAPE: Final = re.compile(r"[/\\]|%(?!2f|5c|25)", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"%(?:2f|5c|25)", re.IGNORECASE)


def escape(name: str) -> str:
    """Return a name as vCenter keeps it; escapes in it stay as they are."""
    return _TO_ESCAPE.sub(lambda found: _SYMBOLS[found.group()], name)


def unescape(name: str) -> str:
    """Return a name with its symbols, as the inventory tree shows it (NAME-VMW-5)."""
    return _ESCAPE.sub(lambda found: _ESCAPED[found.group().lower()], name)


def same(one: str, other: str) -> bool:
    """Whether two names are the same to vCenter: escapes of either case, letters likewise."""
    return escape(one).lower() == escape(other).lower()


def child(store: Store, parent: Ref, name: str) -> Ref | None:
    """Return what has a name among the children of a folder, datacenter or pool."""
    return next((ref for ref in _children(store, parent) if _called(store, ref, name)), None)


def _children(store: Store, parent: Ref) -> list[Ref]:
    found = store.get(parent)
    if found.type == "Datacenter":
        folders = ("vmFolder", "hostFolder", "datastoreFolder", "networkFolder")
        return [found[folder] for folder in folders]
    if found.type in ("ComputeResource", "ClusterComputeResource"):
        return [*(found["host"] or ()), found["resourcePool"]]
    if found.type in ("ResourcePool", "VirtualApp"):
        return [*(found["resourcePool"] or ()), *(found["vm"] or ())]
    return list(found["childEntity"] or ())


def _called(store: Store, ref: Ref, name: str) -> bool:
    return store.exists(ref) and same(store.value(ref, "name"), name)
