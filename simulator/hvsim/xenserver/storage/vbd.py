"""Block devices: a guest's disks and drives, given and taken, running or not.

Source: xapi's ``xapi_vbd`` and ``xapi_vbd_helpers``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.storage import backend, device_names, vbd_rules
from hvsim.xenserver.storage.hotplug import bad_power

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

PLUG_SECONDS: Final = 1.0
"""How long a running guest takes to find, or let go, a block device."""

_USABLE: Final = frozenset(
    {"system", "user", "ephemeral", "suspend", "crashdump", "metadata", "rrd", "pvs_cache"}
)
_MIGRATING: Final = frozenset({"pool_migrate", "migrate_send"})


@message("VBD.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Give a guest a disk or a drive; return the reference. A running one must still plug it.

    Raises:
        XenError: ``VBD_CDS_MUST_BE_READONLY``, ``VBD_NOT_REMOVABLE_MEDIA``, ``VDI_READONLY``,
            ``OTHER_OPERATION_IN_PROGRESS`` during a migration, ``INVALID_DEVICE``,
            ``DEVICE_ALREADY_EXISTS``, ``HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED``.
    """
    vm, kind = args["VM"], args.get("type", "Disk")
    row = call.db.row("VM", vm)
    empty = bool(args.get("empty"))
    vdi = NULL_REF if empty else args["VDI"]
    _require_fitting(call.pool, vdi, kind, args.get("mode", "RW"), empty=empty)
    _require_still(vm, row)
    name = _device(call.pool, row, args.get("userdevice", "autodetect"), kind)
    if not empty:
        _require_agile(call.pool, row, vdi)
    asleep = row["power_state"] == "Suspended"
    return add(
        call.pool,
        {
            **args,
            "VDI": vdi,
            "userdevice": name,
            "empty": empty,
            "device": args.get("device", "") if asleep else "",
            "currently_attached": bool(args.get("currently_attached")) and asleep,
        },
    )


def add(pool: Pool, fields: dict[str, Any]) -> str:
    """Enter a block device with its metrics; return its reference."""
    metrics = pool.db.add("VBD_metrics", {}) if "VBD_metrics" in pool.db.tables else NULL_REF
    own = {"metrics": metrics, "allowed_operations": [], "current_operations": {}}
    ref = pool.db.add("VBD", {"unpluggable": True, **fields, **own, "uuid": ""})
    marks.refresh(pool, "VBD", ref)
    if fields["VDI"] in pool.db.tables["VDI"]:
        marks.refresh(pool, "VDI", fields["VDI"])
    return ref


@message("VBD.destroy")
def destroy(call: Call, vbd: str) -> None:
    """Take a block device away from a guest that does not have it attached."""
    row = call.db.row("VBD", vbd)
    if row["currently_attached"]:
        guest = call.db.row("VM", row["VM"])["uuid"]
        text = f"VBD '{row['uuid']}' still attached to '{guest}'"
        raise XenError("OPERATION_NOT_ALLOWED", text)
    drop(call.pool, vbd)


def drop(pool: Pool, vbd: str) -> None:
    """Take a block device and its metrics out of the database."""
    row = pool.db.row("VBD", vbd)
    if row["metrics"] in pool.db.tables.get("VBD_metrics", {}):
        pool.db.remove("VBD_metrics", row["metrics"])
    pool.db.remove("VBD", vbd)
    marks.refresh(pool, "VDI", row["VDI"])


def lose_disk(pool: Pool, vbd: str) -> None:
    """Let a block device's disk go: a drive is then empty, a disk's device goes with it."""
    if pool.db.row("VBD", vbd)["type"] == "CD":
        pool.db.change("VBD", vbd, VDI=NULL_REF, empty=True)
    else:
        drop(pool, vbd)


@message("VBD.plug")
def plug(call: Call, vbd: str) -> Operation:
    """Attach a block device to its running guest.

    Raises:
        XenError: what forbids it now, ``VDI_IN_USE`` among it; ``SR_NOT_ATTACHED`` (5.5:
            ``SR_HAS_NO_PBDS``) where the guest's host is not connected to the storage.
    """
    vbd_rules.check(call.pool, vbd, "plug")
    row = call.db.row("VBD", vbd)
    guest = call.db.row("VM", row["VM"])
    read_only_disk = row["type"] != "CD" and row["mode"] == "RO"
    if guest["HVM_boot_policy"] and read_only_disk and not call.pool.legacy:
        raise XenError("DISK_VBD_MUST_BE_READWRITE_FOR_HVM", vbd)
    if not row["empty"]:
        require_reachable(call.pool, row["VDI"], guest["resident_on"])
    return _change(call, vbd, "plug", attached=True)


@message("VBD.unplug", "VBD.unplug_force")
def unplug(call: Call, vbd: str) -> Operation:
    """Detach a block device from its running guest."""
    operation = call.message.removeprefix("VBD.")
    vbd_rules.check(call.pool, vbd, operation)
    return _change(call, vbd, operation, attached=False)


@message("VBD.insert")
def insert(call: Call, vbd: str, vdi: str) -> None:
    """Put a medium into an empty drive."""
    call.db.row("VDI", vdi)
    vbd_rules.check(call.pool, vbd, "insert")
    row = call.db.row("VBD", vbd)
    if not call.db.row("VDI", vdi)["managed"]:
        raise XenError("VDI_NOT_MANAGED", vdi)
    refused = vbd_rules.sharing_problem(call.pool, vbd, {**row, "VDI": vdi})
    if refused is not None:
        raise refused
    guest = call.db.row("VM", row["VM"])
    _require_agile(call.pool, guest, vdi)
    if guest["power_state"] in ("Running", "Paused"):
        require_reachable(call.pool, vdi, guest["resident_on"])
    call.db.change("VBD", vbd, VDI=vdi, empty=False)
    marks.refresh_device(call.pool, vbd)


@message("VBD.eject")
def eject(call: Call, vbd: str) -> None:
    """Take the medium out of a drive."""
    vbd_rules.check(call.pool, vbd, "eject")
    vdi = call.db.row("VBD", vbd)["VDI"]
    call.db.change("VBD", vbd, VDI=NULL_REF, empty=True)
    marks.refresh_device(call.pool, vbd)
    marks.refresh(call.pool, "VDI", vdi)


@message("VBD.assert_attachable")
def assert_attachable(call: Call, vbd: str) -> None:
    """Raise why a block device could not be attached now."""
    vbd_rules.check(call.pool, vbd, "attach")


@message("VBD.set_mode")
def set_mode(call: Call, vbd: str, value: str) -> None:
    """Make a halted guest's block device read-only (``RO``) or not (``RW``)."""
    vm = call.db.row("VBD", vbd)["VM"]
    state = call.db.row("VM", vm)["power_state"]
    if state != "Halted":
        raise bad_power(vm, state, "halted")
    call.db.change("VBD", vbd, mode=value)


def hold(call: Call, vm: str, host: str) -> Callable[[], None]:
    """Mark a guest's devices as being attached, so that no other takes its disks meanwhile.

    Returns:
        What takes the marks away.

    Raises:
        XenError: ``VDI_IN_USE``, ``VDI_READONLY``, ``OTHER_OPERATION_IN_PROGRESS`` of a device or
            its disk; ``SR_BACKEND_FAILURE_47`` where the host's path to a disk is cut.
    """
    vbds = list(call.db.row("VM", vm)["VBDs"])
    for ref in vbds:
        vbd_rules.check(call.pool, ref, "attach")
        row = call.db.row("VBD", ref)
        if not row["empty"] and call.db.exists("VDI", row["VDI"]):
            require_reachable(call.pool, row["VDI"], host)
    for ref in vbds:
        marks.begin(call, "VBD", ref, "attach")

    def let_go() -> None:
        for ref in vbds:
            marks.end(call, "VBD", ref)

    return let_go


def require_disks(pool: Pool, vm: str, host: str) -> None:
    """Raise unless a host can attach every disk of a guest, and its image if it is suspended.

    Whether the host is *connected* to their storage has been judged before: what is left is a
    path that was lost, which no record shows.
    """
    row = pool.db.row("VM", vm)
    disks = [pool.db.row("VBD", ref)["VDI"] for ref in row["VBDs"]]
    for vdi in (*disks, row["suspend_VDI"]):
        if pool.db.exists("VDI", vdi):
            require_reachable(pool, vdi, host)


def require_reachable(pool: Pool, vdi: str, host: str) -> None:
    """Raise unless a host is connected to a disk's storage, with a working path."""
    sr = pool.db.row("VDI", vdi)["SR"]
    for pbd in backend.pbds(pool.db, sr):
        if pbd["host"] == host:
            if not backend.reaches(pool, sr, pbd):
                raise backend.failure(47)
            return
    raise XenError("SR_HAS_NO_PBDS" if pool.legacy else "SR_NOT_ATTACHED", sr)


def _change(call: Call, vbd: str, operation: str, *, attached: bool) -> Operation:
    def steps() -> Steps:
        yield Stage(operation, PLUG_SECONDS)
        if call.db.exists("VBD", vbd):
            _set_attached(call.pool, vbd, attached=attached)

    return marks.run(call, ("VBD", vbd), [("VBD", vbd, operation)], steps())


def _set_attached(pool: Pool, vbd: str, *, attached: bool) -> None:
    row = pool.db.row("VBD", vbd)
    guest = pool.db.row("VM", row["VM"])
    if guest["power_state"] != "Running":
        raise bad_power(row["VM"], guest["power_state"])
    hvm = bool(guest["HVM_boot_policy"])
    name = device_names.linux_name(pool, row["userdevice"], hvm=hvm)
    pool.db.change("VBD", vbd, currently_attached=attached, device=name)
    marks.refresh_device(pool, vbd)


def _require_fitting(pool: Pool, vdi: str, kind: str, mode: str, *, empty: bool) -> None:
    if not empty:
        disk = pool.db.row("VDI", vdi)
        if disk["type"] not in _USABLE:
            raise XenError("VDI_INCOMPATIBLE_TYPE", vdi, disk["type"])
    if kind == "CD" and mode != "RO":
        raise XenError("VBD_CDS_MUST_BE_READONLY")
    if kind != "CD" and empty:
        raise XenError("VBD_NOT_REMOVABLE_MEDIA", "in constructor")
    if mode == "RW" and pool.db.row("VDI", vdi)["read_only"]:
        raise XenError("VDI_READONLY", vdi)


def _require_still(vm: str, row: Row) -> None:
    for ref, operation in row["current_operations"].items():
        if operation in _MIGRATING:
            raise XenError("OTHER_OPERATION_IN_PROGRESS", "VM", vm, operation, ref)


def _require_agile(pool: Pool, vm: Row, vdi: str) -> None:
    sr = pool.db.row("VDI", vdi)["SR"]
    protected = vm["ha_always_run"] and vm["ha_restart_priority"] not in ("", "best-effort")
    strict = pool.row["ha_enabled"] and not pool.row["ha_allow_overcommit"]
    if protected and strict and not pool.db.row("SR", sr)["shared"]:
        raise XenError("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", sr)


def _device(pool: Pool, vm: Row, name: str, kind: str) -> str:
    if kind == "Floppy" and not vm["HVM_boot_policy"]:
        text = "VBD of type 'floppy' is not supported on PV domain"
        raise XenError("NOT_IMPLEMENTED", text)
    if not device_names.is_valid(name, kind):
        raise XenError("INVALID_DEVICE", name)
    if name == "autodetect":
        free = ["fda", "fdb"] if kind == "Floppy" else device_names.free_disks(pool, vm)
        if not free:
            raise XenError("INVALID_DEVICE", name)
        return free[0]
    used: set[device_names.Device] = set()
    for ref in vm["VBDs"]:
        vbd = pool.db.row("VBD", ref)
        used |= device_names.readings(vbd["device"]) | device_names.readings(vbd["userdevice"])
    if device_names.readings(name) & used:
        raise XenError("DEVICE_ALREADY_EXISTS", name)
    return name
