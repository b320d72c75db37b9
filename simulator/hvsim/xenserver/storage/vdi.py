"""Virtual disks: made, copied, grown and removed.

Sources: xapi's ``xapi_vdi`` and its message forwarding; the storage managers' own rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.operations import Stage
from hvsim.xenserver import marks
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import EPOCH, NULL_REF
from hvsim.xenserver.storage import backend, sr_rules, vbd, vdi_rules
from hvsim.xenserver.storage.hotplug import bad_power

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

CLONE_SECONDS = 1.0
"""How long a storage manager takes to snapshot or clone one disk: it copies no data."""

_KEPT = (
    "name_label", "name_description", "type", "sharable", "other_config", "xenstore_data", "tags",
    "on_boot", "allow_caching",
)  # fmt: skip
"""Fields that a snapshot or clone takes over."""


@message("VDI.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Make an empty disk; return its reference.

    Raises:
        XenError: ``SR_OPERATION_NOT_SUPPORTED``, ``SR_HAS_NO_PBDS``, ``VDI_INCOMPATIBLE_TYPE``,
            ``SR_BACKEND_FAILURE_79`` (size), ``SR_BACKEND_FAILURE_44`` (space), ``_47`` (path).
    """
    sr = args["SR"]
    call.db.row("SR", sr)
    if args.get("type") == "cbt_metadata":
        raise XenError("VDI_INCOMPATIBLE_TYPE", "", "cbt_metadata")
    sr_rules.check(call.pool, sr, "vdi_create")
    backend.carrier(call.pool, sr)
    return add(call.pool, sr, {"type": "user", **args})


def add(pool: Pool, sr: str, fields: dict[str, Any]) -> str:
    """Make an empty disk where its repository was found able to; return its reference.

    Args:
        fields: fields of the row; ``virtual_size`` (bytes) is rounded as the repository does.
    """
    row = pool.db.row("SR", sr)
    size = backend.rounded(row, fields["virtual_size"])
    taken = backend.footprint(row, size)
    backend.require_space(row, taken)
    return record(pool, sr, {**fields, "virtual_size": size, "physical_utilisation": taken})


def record(pool: Pool, sr: str, fields: dict[str, Any]) -> str:
    """Enter a disk into the database and its repository's accounts; return its reference."""
    uuid = fields.get("uuid") or pool.db.new_uuid("VDI")
    own: dict[str, Any] = {
        "uuid": uuid,
        "SR": sr,
        "location": fields.get("location") or uuid,
        "managed": True,
        "missing": False,
        "allowed_operations": [],
        "current_operations": {},
    }
    ref = pool.db.add("VDI", {**fields, **own})
    backend.account(pool, sr, fields["virtual_size"], fields["physical_utilisation"])
    marks.refresh(pool, "VDI", ref)
    return ref


@message("VDI.destroy")
def destroy(call: Call, vdi: str) -> None:
    """Remove a disk and the VBDs that name it.

    Raises:
        XenError: ``VDI_IN_USE`` while a guest uses it, ``SR_HAS_NO_PBDS``, ``VDI_NOT_MANAGED``, and
            what the storage or the disk's kind forbids.
    """
    row = call.db.row("VDI", vdi)
    sr_rules.check(call.pool, row["SR"], "vdi_destroy")
    vdi_rules.check(call.pool, vdi, "destroy")
    backend.carrier(call.pool, row["SR"])
    _require_managed(vdi, row)
    drop(call.pool, vdi)


def drop(pool: Pool, vdi: str) -> None:
    """Take a disk out of the database with its VBDs and its share of the repository."""
    row = pool.db.row("VDI", vdi)
    for ref in row["VBDs"]:
        vbd.drop(pool, ref)
    if row["type"] == "suspend":
        for vm, guest in pool.db.tables["VM"].items():
            if guest["suspend_VDI"] == vdi:
                pool.db.change("VM", vm, suspend_VDI=NULL_REF)
    pool.db.remove("VDI", vdi)
    backend.account(pool, row["SR"], -row["virtual_size"], -row["physical_utilisation"])
    if not backend.pbds(pool.db, row["SR"]):
        marks.refresh(pool, "SR", row["SR"])


@message("VDI.snapshot")
def snapshot(call: Call, vdi: str, driver_params: dict[str, str] | None = None) -> Operation:
    """Snapshot a disk, in use or not; the operation gives the snapshot's reference."""
    del driver_params
    return _duplicate(call, vdi, "snapshot")


@message("VDI.clone")
def clone(call: Call, vdi: str, driver_params: dict[str, str] | None = None) -> Operation:
    """Clone a disk; the operation gives the clone's reference."""
    del driver_params
    return _duplicate(call, vdi, "clone")


def require_duplicable(pool: Pool, vdi: str, operation: str) -> None:
    """Raise why a disk cannot be snapshotted (``snapshot``) or cloned (``clone``) now."""
    row = pool.db.row("VDI", vdi)
    sr_rules.check(pool, row["SR"], f"vdi_{operation}")
    vdi_rules.check(pool, vdi, operation)
    backend.carrier(pool, row["SR"])
    _require_managed(vdi, row)


def duplicate(pool: Pool, vdi: str, *, as_snapshot: bool) -> str:
    """Snapshot or clone a disk at once; return the new disk's reference."""
    row = pool.db.row("VDI", vdi)
    sr = pool.db.row("SR", row["SR"])
    # The new disk begins as differences from the old one, whatever the type.
    taken = backend.footprint({**sr, "type": "nfs"}, row["virtual_size"])
    backend.require_space(sr, taken)
    fields = {name: row[name] for name in _KEPT if name in row}
    fields |= {"virtual_size": row["virtual_size"], "physical_utilisation": taken}
    if as_snapshot:
        fields |= {"is_a_snapshot": True, "snapshot_of": vdi, "snapshot_time": stamp(pool.world)}
    else:
        fields |= {"is_a_snapshot": False, "snapshot_of": NULL_REF, "snapshot_time": EPOCH}
    return record(pool, row["SR"], fields)


@message("VDI.copy")
def copy(
    call: Call, vdi: str, sr: str = NULL_REF, base_vdi: str = NULL_REF, into_vdi: str = NULL_REF
) -> Operation:
    """Copy a disk's content into a new disk of ``sr``, or into ``into_vdi``.

    Raises:
        XenError: ``VDI_IN_USE`` while a guest writes it, ``VDI_READONLY`` and ``VDI_TOO_SMALL``
            of the target, and as ``VDI.create`` of ``sr``.
    """
    del base_vdi  # A copy of the differences alone comes out the same.
    require_copyable(call.pool, vdi)
    made = not call.db.exists("VDI", into_vdi)
    target = copy_target(call.pool, vdi, sr) if made else into_vdi
    if not made:
        _require_receivable(call.pool, vdi, into_vdi)

    def steps() -> Steps:
        yield from backend.copying(amount(call.pool, vdi))
        fill(call.pool, vdi, target)
        return target

    def undo() -> None:
        if made and call.db.exists("VDI", target):
            drop(call.pool, target)

    doing = [("VDI", vdi, "copy"), ("VDI", target, "copy")]
    return marks.run(call, ("VDI", vdi), doing, steps(), undo)


def require_copyable(pool: Pool, vdi: str) -> None:
    """Raise why a disk cannot be copied now."""
    row = pool.db.row("VDI", vdi)
    vdi_rules.check(pool, vdi, "copy")
    backend.carrier(pool, row["SR"])
    _require_managed(vdi, row)


def copy_target(pool: Pool, vdi: str, sr: str) -> str:
    """Make the empty disk that a copy goes to; return its reference."""
    row = pool.db.row("VDI", vdi)
    sr_rules.check(pool, sr, "vdi_create")
    backend.carrier(pool, sr)
    fields = {name: row[name] for name in _KEPT if name in row}
    return add(pool, sr, {**fields, "virtual_size": row["virtual_size"]})


def amount(pool: Pool, vdi: str) -> int:
    """Return the bytes that a copy of a disk moves: what is in it, not what it could hold."""
    row = pool.db.row("VDI", vdi)
    return int(min(row["physical_utilisation"], row["virtual_size"]))


def fill(pool: Pool, vdi: str, target: str) -> None:
    """Account for a copied disk's content at its new place."""
    row = pool.db.row("VDI", target)
    grown = max(row["physical_utilisation"], pool.db.row("VDI", vdi)["physical_utilisation"])
    added = grown - row["physical_utilisation"]
    backend.require_space(pool.db.row("SR", row["SR"]), added)
    pool.db.change("VDI", target, physical_utilisation=grown)
    backend.account(pool, row["SR"], 0, added)


@message("VDI.resize")
def resize(call: Call, vdi: str, size: int) -> None:
    """Grow a disk that nobody uses to ``size`` bytes (``SR_BACKEND_FAILURE_79`` to shrink)."""
    _resize(call, vdi, size, "resize")


@message("VDI.resize_online")
def resize_online(call: Call, vdi: str, size: int) -> None:
    """Grow a disk in use; no storage manager shipped with the product can."""
    _resize(call, vdi, size, "resize_online")


@message("VDI.introduce")
def introduce(  # noqa: PLR0917 - the message has them
    call: Call,
    uuid: str,
    name_label: str,
    name_description: str,
    SR: str,  # noqa: N803 - the parameter's own name
    type: str,  # noqa: A002 - the parameter's own name
    sharable: bool,
    read_only: bool,
    other_config: dict[str, str],
    location: str,
    *_later: Any,
) -> str:
    """Enter a disk that lies in a repository already; return its reference.

    Raises:
        XenError: ``SR_OPERATION_NOT_SUPPORTED`` of a repository that finds its disks itself,
            ``LOCATION_NOT_UNIQUE``.
    """
    sr_rules.check(call.pool, SR, "vdi_introduce")
    backend.carrier(call.pool, SR)
    for other in call.db.row("SR", SR)["VDIs"]:
        if call.db.row("VDI", other)["location"] == location:
            raise XenError("LOCATION_NOT_UNIQUE", SR, location)
    fields = {
        "uuid": uuid,
        "name_label": name_label,
        "name_description": name_description,
        "type": type,
        "sharable": sharable,
        "read_only": read_only,
        "other_config": other_config,
        "location": location,
        "virtual_size": 0,
        "physical_utilisation": 0,
    }
    return record(call.pool, SR, fields)


@message("VDI.update")
def update(call: Call, vdi: str) -> None:
    """Ask the storage for the disk's present facts; the database always has them here."""
    backend.carrier(call.pool, call.db.row("VDI", vdi)["SR"])


@message("VDI.forget")
def forget(call: Call, vdi: str) -> None:
    """Take a disk out of the database and leave it in its repository.

    What named it goes as well, and drives are left empty: xapi's garbage collector (``db_gc``)
    sees to that within half a minute, here it is done at once.
    """
    vdi_rules.check(call.pool, vdi, "forget")
    row = call.db.row("VDI", vdi)
    for ref in row["VBDs"]:
        vbd.lose_disk(call.pool, ref)
    call.db.remove("VDI", vdi)
    backend.account(call.pool, row["SR"], -row["virtual_size"], -row["physical_utilisation"])


@message("VDI.set_name_label")
def set_name_label(call: Call, vdi: str, value: str) -> None:
    """Name a disk (``SR_HAS_NO_PBDS`` unless its storage can note it)."""
    backend.carrier(call.pool, call.db.row("VDI", vdi)["SR"])
    call.db.change("VDI", vdi, name_label=value)


@message("VDI.set_name_description")
def set_name_description(call: Call, vdi: str, value: str) -> None:
    """Describe a disk (``SR_HAS_NO_PBDS`` unless its storage can note it)."""
    backend.carrier(call.pool, call.db.row("VDI", vdi)["SR"])
    call.db.change("VDI", vdi, name_description=value)


@message("VDI.set_sharable", "VDI.set_read_only")
def set_by_storage_only(call: Call, vdi: str, value: bool) -> None:
    """Refuse: only a storage manager's own session may set these."""
    del value
    call.db.row("VDI", vdi)
    raise XenError("PERMISSION_DENIED", "")


@message("VDI.set_on_boot")
def set_on_boot(call: Call, vdi: str, value: str) -> None:
    """Say whether a disk keeps what is written (``persist``) or forgets it (``reset``)."""
    row = call.db.row("VDI", vdi)
    _require_halted_users(call.pool, row)
    sr_rules.check(call.pool, row["SR"], "vdi_set_on_boot")
    vdi_rules.check(call.pool, vdi, "set_on_boot")
    backend.carrier(call.pool, row["SR"])
    kept = {name: text for name, text in row["sm_config"].items() if name != "on_boot"}
    noted = {**kept, "on_boot": value} if value == "reset" else kept
    call.db.change("VDI", vdi, on_boot=value, sm_config=noted)
    marks.refresh(call.pool, "VDI", vdi)


@message("VDI.set_allow_caching")
def set_allow_caching(call: Call, vdi: str, value: bool) -> None:
    """Let hosts cache a disk, while every guest that has it is halted."""
    _require_halted_users(call.pool, call.db.row("VDI", vdi))
    call.db.change("VDI", vdi, allow_caching=value)


@message("VDI.revert")
def revert(call: Call, snapshot: str) -> None:
    """Put a disk back to its snapshot; no storage manager shipped with the product can."""
    sr_rules.check(call.pool, call.db.row("VDI", snapshot)["SR"], "vdi_revert")


def _duplicate(call: Call, vdi: str, operation: str) -> Operation:
    require_duplicable(call.pool, vdi, operation)

    def steps() -> Steps:
        yield Stage(operation, CLONE_SECONDS)
        return duplicate(call.pool, vdi, as_snapshot=operation == "snapshot")

    sr = call.db.row("VDI", vdi)["SR"]
    doing = [("SR", sr, f"vdi_{operation}"), ("VDI", vdi, operation)]
    return marks.run(call, ("VDI", vdi), doing, steps())


def _resize(call: Call, vdi: str, size: int, operation: str) -> None:
    row = call.db.row("VDI", vdi)
    sr_rules.check(call.pool, row["SR"], "vdi_resize")
    vdi_rules.check(call.pool, vdi, operation)
    backend.carrier(call.pool, row["SR"])
    _require_managed(vdi, row)
    if size < row["virtual_size"]:
        raise backend.failure(79, "shrinking not allowed")
    sr = call.db.row("SR", row["SR"])
    now = backend.rounded(sr, size)
    added = backend.footprint(sr, now) - backend.footprint(sr, row["virtual_size"])
    backend.require_space(sr, added)
    grown, used = now - row["virtual_size"], row["physical_utilisation"] + added
    call.db.change("VDI", vdi, virtual_size=now, physical_utilisation=used)
    backend.account(call.pool, row["SR"], grown, added)


def _require_managed(vdi: str, row: Row) -> None:
    if not row["managed"]:
        raise XenError("VDI_NOT_MANAGED", vdi)


def _require_receivable(pool: Pool, vdi: str, target: str) -> None:
    size, row = pool.db.row("VDI", vdi)["virtual_size"], pool.db.row("VDI", target)
    if row["read_only"]:
        raise XenError("VDI_READONLY", target)
    if row["virtual_size"] < size:
        raise XenError("VDI_TOO_SMALL", target, str(size))


def _require_halted_users(pool: Pool, row: Row) -> None:
    for ref in row["VBDs"]:
        vm = pool.db.row("VBD", ref)["VM"]
        state = pool.db.row("VM", vm)["power_state"]
        if state != "Halted":
            raise bad_power(vm, state, "halted")
