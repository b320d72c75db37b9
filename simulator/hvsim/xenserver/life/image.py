"""Images of suspended guests: the disks that hold their memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.storage import vbd

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool


def storage_for(pool: Pool, vm: str) -> str:
    """Return the repository that the guest's image would go to.

    Raises:
        XenError: ``VM_NO_SUSPEND_SR`` when there is none.
    """
    row = pool.db.row("VM", vm)
    host = pool.db.tables["host"].get(row["resident_on"], {})
    wishes = (
        row.get("suspend_SR", NULL_REF),
        pool.row["suspend_image_SR"],
        host.get("suspend_image_sr", NULL_REF),
    )
    found: str | None = next((ref for ref in wishes if pool.db.exists("SR", ref)), None)
    if found is not None:
        return found
    raise XenError("VM_NO_SUSPEND_SR", vm)


def store(pool: Pool, vm: str, storage: str) -> None:
    """Make the disk that holds the guest's memory and remember it in ``VM.suspend_VDI``."""
    row = pool.db.row("VM", vm)
    size = row["memory_static_max"] * 11 // 10
    disk = pool.db.add(
        "VDI",
        {
            "name_label": "Suspend image",
            "name_description": "Suspend image",
            "SR": storage,
            "type": "suspend",
            "virtual_size": size,
            "physical_utilisation": row["memory_target"],
            "managed": True,
            "location": pool.world.streams.uuid(f"{pool.path}/location"),
            "sm_config": {"_sm_vm_hint": row["uuid"]},
        },
    )
    _account(pool, storage, size, row["memory_target"])
    pool.db.change("VM", vm, suspend_VDI=disk)


def discard(pool: Pool, vm: str) -> None:
    """Drop the guest's image, if it has one."""
    disk = pool.db.row("VM", vm)["suspend_VDI"]
    pool.db.change("VM", vm, suspend_VDI=NULL_REF)
    row = pool.db.tables["VDI"].get(disk)
    if row is not None:
        _account(pool, row["SR"], -row["virtual_size"], -row["physical_utilisation"])
        for ref in row["VBDs"]:
            # A client may have looked into an image as into any disk.
            vbd.lose_disk(pool, ref)
        pool.db.remove("VDI", disk)


def _account(pool: Pool, storage: str, allocated: int, used: int) -> None:
    row = pool.db.row("SR", storage)
    pool.db.change(
        "SR",
        storage,
        virtual_allocation=row["virtual_allocation"] + allocated,
        physical_utilisation=row["physical_utilisation"] + used,
    )
