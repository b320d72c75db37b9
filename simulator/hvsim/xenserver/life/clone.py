"""Guests made from guests: clones, full copies, and what snapshots share with them.

Source: xapi's ``xapi_vm_clone``: disks first, then the record, then the devices; whatever was
made so far goes when a step fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import Refusal
from hvsim.operations import Stage
from hvsim.xenserver import alerts, marks
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import record_text, rules, underway
from hvsim.xenserver.life.vm import new_seed
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import EPOCH, NULL_REF
from hvsim.xenserver.networking import vif
from hvsim.xenserver.storage import backend, vbd, vdi

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.life.guests import Work
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

SNAPSHOTS: Final = frozenset({"snapshot", "snapshot_with_quiesce", "checkpoint"})

FRESH: Final[dict[str, Any]] = {
    "uuid": "",
    "allowed_operations": [],
    "current_operations": {},
    "blocked_operations": {},
    "is_default_template": False,
    "resident_on": NULL_REF,
    "scheduled_to_be_resident_on": NULL_REF,
    "domid": -1,
    "domarch": "",
    "suspend_VDI": NULL_REF,
    "transportable_snapshot_id": "",
    "ha_always_run": False,
    "protection_policy": NULL_REF,
    "snapshot_schedule": NULL_REF,
    "appliance": NULL_REF,
    "groups": [],
    "start_delay": 0,
    "shutdown_delay": 0,
    "order": 0,
    "suspend_SR": NULL_REF,
    "version": 0,
    "requires_reboot": False,
    "pending_guidances": [],
    "blobs": {},
    "VBDs": [],
    "VIFs": [],
    "consoles": [],
    "crash_dumps": [],
    "snapshots": [],
    "children": [],
    "VTPMs": [],
    "VGPUs": [],
    "VUSBs": [],
    "attached_PCIs": [],
}
"""What a guest made from another does not take over."""


@dataclass(slots=True)
class Plan:
    """How a guest is made from another.

    Attributes:
        operation: ``clone``, ``copy``, ``snapshot``, ``snapshot_with_quiesce``, ``checkpoint``.
        storage: where copies of disks go; the null reference keeps each in its repository.
        ignored: disks that a snapshot leaves out.
        state: power state of the source at the call, where it differs meanwhile (a checkpoint).
    """

    operation: str
    name: str
    storage: str = NULL_REF
    ignored: Sequence[str] = ()
    state: str = ""
    made: list[str] = field(default_factory=list)

    @property
    def is_snapshot(self) -> bool:
        """Whether the new guest is a snapshot of the other."""
        return self.operation in SNAPSHOTS


@message("VM.clone")
def clone(call: Call, vm: str, new_name: str) -> Operation:
    """Clone a guest or template; the operation gives the new one's reference.

    Raises:
        XenError: what the guest's state forbids, and the storage of its disks.
    """
    return _run(call, vm, Plan("clone", new_name))


@message("VM.copy")
def copy(call: Call, vm: str, new_name: str, sr: str) -> Operation:
    """Copy a guest or template with all its data to ``sr``, or beside the original.

    Raises:
        XenError: ``OPERATION_NOT_ALLOWED`` for a repository of ISO images, and as ``VM.clone``.
    """
    known = call.db.exists("SR", sr)
    if known and call.db.row("SR", sr)["content_type"] == "iso":
        raise XenError("OPERATION_NOT_ALLOWED", "Cannot copy a VM's disks to an ISO SR")
    return _run(call, vm, Plan("copy", new_name, sr if known else NULL_REF))


def _run(call: Call, vm: str, plan: Plan) -> Operation:
    def prepare(_work: Work) -> Steps:
        check(call.pool, vm, plan)
        return _duplicating(call, vm, plan)

    return underway.run(call, vm, plan.operation, prepare)


def _duplicating(call: Call, vm: str, plan: Plan) -> Steps:
    new = yield from duplicating(call, vm, plan)
    if plan.operation == "clone":
        uuid = call.db.row("VM", new)["uuid"]
        alerts.about_guest(call.pool, vm, "VM_CLONED", f"cloned (new uuid: {uuid})")
    return new


def disks(pool: Pool, vm: str, ignored: Sequence[str] = ()) -> list[tuple[str, str]]:
    """Return (VBD, disk) of the disks of a guest that can be duplicated: no CDs, no empties."""
    found = []
    for ref in pool.db.row("VM", vm)["VBDs"]:
        row = pool.db.row("VBD", ref)
        if not row["empty"] and row["type"] != "CD" and row["VDI"] not in ignored:
            found.append((ref, row["VDI"]))
    return found


def check(pool: Pool, vm: str, plan: Plan) -> None:
    """Raise why a guest's disks cannot be duplicated now."""
    for _, disk in disks(pool, vm, plan.ignored):
        if plan.operation == "copy":
            vdi.require_copyable(pool, disk)
        else:
            vdi.require_duplicable(pool, disk, "snapshot" if plan.is_snapshot else "clone")


def duplicating(call: Call, vm: str, plan: Plan) -> Steps:
    """Make a guest from another, a part of steps; gives the new guest's reference."""
    try:
        targets = yield from _disks(call, vm, plan)
        new = _record(call, vm, plan)
        _devices(call.pool, vm, new, plan, targets)
        image = call.db.row("VM", vm)["suspend_VDI"]
        if call.db.exists("VDI", image) and plan.operation != "snapshot":
            saved = vdi.duplicate(call.pool, image, as_snapshot=plan.is_snapshot)
            call.db.change("VM", new, suspend_VDI=saved)
    except Refusal:
        for disk in plan.made:
            if call.db.exists("VDI", disk):
                vdi.drop(call.pool, disk)
        raise
    if plan.is_snapshot and "parent" in call.db.row("VM", vm):
        call.db.change("VM", vm, parent=new)
    if vm in call.pool.insides:
        call.pool.insides[new] = dict(call.pool.insides[vm])
    rules.refresh(call.pool, new)
    return new


def _disks(call: Call, vm: str, plan: Plan) -> Steps:
    found = disks(call.pool, vm, plan.ignored)
    total = sum(call.db.row("VDI", disk)["virtual_size"] for _, disk in found) or 1
    targets: dict[str, str] = {}
    done = 0
    for ref, disk in found:
        size = call.db.row("VDI", disk)["virtual_size"]
        span = (done / total, (done + size) / total)
        if plan.operation == "copy":
            yield from _copying(call, disk, plan, span)
        else:
            yield Stage("disk", vdi.CLONE_SECONDS, span[1])
            plan.made.append(vdi.duplicate(call.pool, disk, as_snapshot=plan.is_snapshot))
        targets[ref] = plan.made[-1]
        done += size
    if not found:
        yield Stage("record", 0.1)
    return targets


def _copying(call: Call, disk: str, plan: Plan, span: tuple[float, float]) -> Steps:
    row = call.db.row("VDI", disk)
    to = row["SR"] if plan.storage == NULL_REF else plan.storage
    plan.made.append(vdi.copy_target(call.pool, disk, to))
    target = plan.made[-1]
    marks.begin(call, "VDI", disk, "copy")
    marks.begin(call, "VDI", target, "copy")
    try:
        yield from backend.copying(vdi.amount(call.pool, disk), begin=span[0], end=span[1])
        vdi.fill(call.pool, disk, target)
    finally:
        marks.end(call, "VDI", disk)
        marks.end(call, "VDI", target)


def _record(call: Call, vm: str, plan: Plan) -> str:
    row = call.db.row("VM", vm)
    asleep = row["power_state"] == "Suspended" and plan.operation != "snapshot"
    fields = {
        **row,
        **FRESH,
        "name_label": plan.name,
        "power_state": "Suspended" if asleep else "Halted",
        "other_config": _other_config(call.pool, row, plan),
        "is_a_template": plan.is_snapshot or row["is_a_template"],
        "is_a_snapshot": plan.is_snapshot,
        "metrics": _copy_row(call.pool, "VM_metrics", row["metrics"]),
        "guest_metrics": _copy_row(call.pool, "VM_guest_metrics", row["guest_metrics"]),
        "parent": row.get("parent", NULL_REF) if plan.is_snapshot else NULL_REF,
        **_snapshot_fields(call.pool, vm, plan),
    }
    if row.get("generation_id"):
        high, low = (call.pool.world.streams.number(f"{call.pool.path}/genid") for _ in range(2))
        fields["generation_id"] = f"{high}:{low}"
    return call.db.add("VM", fields)


def _snapshot_fields(pool: Pool, vm: str, plan: Plan) -> dict[str, Any]:
    if not plan.is_snapshot:
        return {
            "snapshot_of": NULL_REF,
            "snapshot_time": EPOCH,
            "snapshot_info": {},
            "snapshot_metadata": "",
        }
    row = pool.db.row("VM", vm)
    return {
        "snapshot_of": vm,
        "snapshot_time": stamp(pool.world),
        "snapshot_info": {
            "power-state-at-snapshot": plan.state or row["power_state"],
            "disk-snapshot-type": "crash_consistent",
        },
        "snapshot_metadata": record_text.write(row),
    }


def _other_config(pool: Pool, row: Row, plan: Plan) -> dict[str, str]:
    left_out = ("default_template", "xensource_internal")
    kept = {key: value for key, value in row["other_config"].items() if key not in left_out}
    if not plan.is_snapshot:
        kept["mac_seed"] = new_seed(pool)
    if row["is_a_template"]:
        kept.setdefault("base_template_name", row["name_label"])
    return kept


def _copy_row(pool: Pool, cls: str, ref: str) -> str:
    if not pool.db.exists(cls, ref):
        return NULL_REF if cls == "VM_guest_metrics" else pool.db.add(cls, {})
    return pool.db.add(cls, {**pool.db.row(cls, ref), "uuid": ""})


def _devices(pool: Pool, vm: str, new: str, plan: Plan, targets: dict[str, str]) -> None:
    row = pool.db.row("VM", vm)
    for ref in row["VBDs"]:
        if pool.db.row("VBD", ref)["VDI"] not in plan.ignored:
            copy_vbd(pool, ref, new, targets.get(ref))
    for ref in row["VIFs"]:
        vif.copy(pool, ref, new, keep_mac=plan.is_snapshot)


def copy_vbd(pool: Pool, ref: str, vm: str, target: str | None) -> str:
    """Give a guest a block device like another's, with ``target`` for its disk if there is one.

    The guest owns the disks made for it: they go with it when a client removes both.
    """
    row = pool.db.row("VBD", ref)
    disk = row["VDI"] if target is None else target
    asleep = pool.db.row("VM", vm)["power_state"] == "Suspended"
    other = {**row["other_config"], "owner": ""} if row["type"] == "Disk" else row["other_config"]
    fields = {
        **row,
        "VM": vm,
        "VDI": disk,
        "empty": row["empty"] or disk == NULL_REF,
        "currently_attached": row["currently_attached"] and asleep,
        "other_config": other,
    }
    return vbd.add(pool, fields)
