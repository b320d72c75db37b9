"""What of VMM's objects is kept as JSON: an inventory shows the same parts again and again.

A kept text stands under everything that it shows: the record's own revision where what it refers
to is shown by its name alone, the lab's generation where more of that is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from hvsim_fakes.powershell.objects.nettype import NetType

if TYPE_CHECKING:
    from hvsim.scvmm.server import VmmServer

    Kept = tuple[dict[Any, bytes], Any]

_CACHES: Final[WeakKeyDictionary[VmmServer, dict[Any, bytes]]] = WeakKeyDictionary()
_NAMED: Final = {
    "VirtualHardDisk": ("LibraryShare", "LibraryServer"),
    "VirtualDVDDrive": ("ISO",),
    "VirtualNetworkAdapter": (
        *("VMNetwork", "LogicalNetwork", "VMSubnet", "PortClassification", "VirtualNetwork"),
        "LogicalSwitch",
    ),
    "VMCheckpoint": ("VM",),
}
"""For each kind that is kept, the kinds whose names its objects show beside hosts' and jobs'."""


def cache_of(vmm: VmmServer) -> dict[Any, bytes]:
    """Return what is kept of a VMM server."""
    return _CACHES.setdefault(vmm, {})


class RecordType(NetType):
    """The type of objects that show a record."""

    def fragment(self, data: Any, levels: int) -> Kept | None:
        """See :meth:`NetType.fragment`."""
        record, vmm = data.record, data.vmm
        names = _NAMED.get(record.kind)
        if names is None or levels > 0:
            return cache_of(vmm), (record.id, vmm.world.log.generation)
        changed = tuple(vmm.store.modified.get(kind, 0) for kind in names)
        return cache_of(vmm), (record.id, record.revision, changed)


class PlainType(NetType):
    """The type of objects that show facts, which never change."""

    def fragment(self, data: Any, levels: int) -> Kept | None:
        """See :meth:`NetType.fragment`."""
        if data.kind not in ("OperatingSystem", "CPUType"):
            return None
        facts = (data.name, data.facts.get("Description"), str(data.facts.get("Version")))
        at = data.vmm.world.log.generation if levels > 0 else 0
        return cache_of(data.vmm), (data.kind, facts, at)


class ConnectionType(NetType):
    """The type of connections to a VMM server."""

    def fragment(self, data: Any, levels: int) -> Kept | None:  # noqa: ARG002 - all the same
        """See :meth:`NetType.fragment`."""
        return cache_of(data), (data.service, data.world.log.generation)
