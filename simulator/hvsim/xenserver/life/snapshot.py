"""Snapshots of guests: taken while they run, with their memory or without, and gone back to.

Source: xapi's ``xapi_vm_snapshot`` and its message forwarding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import Refusal
from hvsim.operations import Stage
from hvsim.xenserver import alerts, marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import clone, domain, image, record_text, rules, suspension, underway
from hvsim.xenserver.messages import Call, handler_of, message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.networking import vif
from hvsim.xenserver.storage import vbd, vdi

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.life.guests import Work
    from hvsim.xenserver.pool import Pool

_LEFT: Final = frozenset({
    "uuid", "suspend_VDI", "power_state", "parent", "current_operations", "allowed_operations",
    "metrics", "guest_metrics", "resident_on", "domid", "protection_policy", "snapshot_schedule",
    "scheduled_to_be_resident_on", "snapshots", "tags", "affinity", "groups", "consoles", "VBDs",
    "VIFs", "VGPUs", "VUSBs", "VTPMs", "attached_PCIs", "children",
})  # fmt: skip
"""Fields of a guest that going back to a snapshot leaves as they are."""


@message("VM.snapshot")
def snapshot(call: Call, vm: str, new_name: str, ignore_vdis: list[str] | None = None) -> Operation:
    """Snapshot a guest's disks in whatever state it is; gives the snapshot's reference.

    Raises:
        XenError: what the guest's state forbids; ``SR_OPERATION_NOT_SUPPORTED`` and the like of
            the storage that its disks lie on.
    """
    plan = clone.Plan("snapshot", new_name, ignored=ignore_vdis or ())

    def prepare(_work: Work) -> Steps:
        clone.check(call.pool, vm, plan)
        return _snapshotting(call, vm, plan)

    return underway.run(call, vm, "snapshot", prepare)


@message("VM.snapshot_with_quiesce")
def snapshot_with_quiesce(call: Call, vm: str, new_name: str) -> None:
    """Refuse: no guest here has the agent of Windows' shadow copies that this needs.

    Raises:
        XenError: ``VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED`` (5.5: ``VM_SNAPSHOT_FAILED``), or
            what the guest's state forbids.
    """
    del new_name
    rules.check(call, vm, "snapshot")
    if call.pool.legacy:
        raise XenError("VM_SNAPSHOT_FAILED", "Quiesce snapshot not supported")
    raise XenError("VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED", vm, "")


@message("VM.checkpoint")
def checkpoint(call: Call, vm: str, new_name: str) -> Operation:
    """Snapshot a guest's disks and memory; a running one stands still meanwhile.

    Raises:
        XenError: as ``VM.snapshot``; ``VM_NO_SUSPEND_SR``.
    """
    plan = clone.Plan("checkpoint", new_name, state=call.db.row("VM", vm)["power_state"])

    def prepare(work: Work) -> Steps:
        clone.check(call.pool, vm, plan)
        if plan.state == domain.SUSPENDED:
            return _snapshotting(call, vm, plan)
        host = call.db.row("VM", vm)["resident_on"]
        work.hosts.append(host)
        underway.contact(call.pool, host)
        return _checkpointing(call, vm, plan, image.storage_for(call.pool, vm))

    return underway.run(call, vm, "checkpoint", prepare)


@message("VM.revert")
def revert(call: Call, snapshot: str) -> Operation:
    """Put a guest back to a snapshot of it; one that is gone is made anew.

    A guest that is not halted is shut down by force first.

    Raises:
        XenError: ``REVERT_ONLY_ALLOWED_ON_SNAPSHOT``, ``OTHER_OPERATION_IN_PROGRESS``;
            ``VM_REVERT_FAILED`` [snapshot, guest] when the storage fails under it.
    """
    vm = call.db.row("VM", snapshot)["snapshot_of"]

    def prepare(work: Work) -> Steps:
        guest = vm if call.db.exists("VM", vm) else _revive(call.pool, snapshot)
        rules.check(call, guest, "reverting")
        marks.begin(call, "VM", guest, "reverting")
        work.undo.append(lambda: marks.end(call, "VM", guest))
        return _reverting(call, snapshot, guest)

    return underway.run(call, snapshot, "revert", prepare)


def _snapshotting(call: Call, vm: str, plan: clone.Plan) -> Steps:
    new = yield from clone.duplicating(call, vm, plan)
    verb = "checkpointed" if plan.operation == "checkpoint" else "snapshotted"
    alerts.about_guest(call.pool, vm, f"VM_{verb.upper()}", f"{verb}, snapshot name: {plan.name}")
    return new


def _checkpointing(call: Call, vm: str, plan: clone.Plan, storage: str) -> Steps:
    yield Stage("freeze", suspension.FREEZE, 0.05)
    yield Stage("save", suspension.seconds_to_copy(call, vm), 0.4)
    image.store(call.pool, vm, storage)
    # The domain keeps its host: nobody may take its memory before it goes on.
    domain.set_state(call.pool, vm, domain.SUSPENDED)
    try:
        new = yield from _snapshotting(call, vm, plan)
        yield Stage("restore", suspension.seconds_to_copy(call, vm), 0.95)
    finally:
        image.discard(call.pool, vm)
        domain.set_state(call.pool, vm, plan.state)
    return new


def _reverting(call: Call, snapshot: str, vm: str) -> Steps:
    if call.db.row("VM", vm)["power_state"] != domain.HALTED:
        yield _shut_down(call, vm)
    yield Stage("fields", 0.1, 0.1)
    _restore_fields(call.pool, snapshot, vm)
    found = clone.disks(call.pool, snapshot)
    try:
        _clear_devices(
            call.pool, vm, {call.db.row("VDI", disk)["snapshot_of"] for _, disk in found}
        )
        yield Stage("disks", vdi.CLONE_SECONDS * max(1, len(found)), 0.6)
        _restore_devices(call.pool, snapshot, vm)
    except XenError as error:
        domain.vanish(call.pool, vm)
        if error.code in ("SR_BACKEND_FAILURE_44", "SR_BACKEND_FAILURE_109"):
            raise
        raise XenError("VM_REVERT_FAILED", snapshot, vm) from None
    except Refusal:
        domain.vanish(call.pool, vm)
        raise
    alerts.about_guest(
        call.pool, vm, "VM_SNAPSHOT_REVERTED",
        f"reverted to snapshot: {call.db.row('VM', snapshot)['name_label']}",
    )  # fmt: skip


def _shut_down(call: Call, vm: str) -> Any:
    stop = handler_of("VM.hard_shutdown")
    if stop is None:
        raise XenError("NOT_IMPLEMENTED", "VM.hard_shutdown")
    return stop(Call(call.pool, call.caller, "VM.hard_shutdown"), vm)


def _restore_fields(pool: Pool, snapshot: str, vm: str) -> None:
    text = pool.db.row("VM", snapshot)["snapshot_metadata"]
    fields = {name: value for name, value in record_text.read(text).items() if name not in _LEFT}
    pool.db.change("VM", vm, **{**fields, "ha_always_run": False})


def _clear_devices(pool: Pool, vm: str, replaced: set[str]) -> None:
    """Take a guest's devices; disks that have no part in the snapshot are left lying."""
    row = pool.db.row("VM", vm)
    for ref in row["VBDs"]:
        disk = pool.db.row("VBD", ref)["VDI"]
        vbd.drop(pool, ref)
        if disk in replaced:
            vdi.drop(pool, disk)
    for ref in row["VIFs"]:
        vif.drop(pool, ref)
    image.discard(pool, vm)


def _restore_devices(pool: Pool, snapshot: str, vm: str) -> None:
    row = pool.db.row("VM", snapshot)
    pool.db.change("VM", vm, power_state=row["power_state"], parent=snapshot)
    targets = {ref: _restore_disk(pool, disk) for ref, disk in clone.disks(pool, snapshot)}
    if pool.db.exists("VDI", row["suspend_VDI"]):
        saved = vdi.duplicate(pool, row["suspend_VDI"], as_snapshot=False)
        pool.db.change("VM", vm, suspend_VDI=saved)
    for ref in row["VBDs"]:
        clone.copy_vbd(pool, ref, vm, targets.get(ref))
    for ref in row["VIFs"]:
        vif.copy(pool, ref, vm, keep_mac=True)
    domain.set_state(pool, vm, row["power_state"])


def _restore_disk(pool: Pool, disk: str) -> str:
    """Clone a snapshot's disk; every snapshot of the disk it replaces is now the clone's."""
    replaced = pool.db.row("VDI", disk)["snapshot_of"]
    new = vdi.duplicate(pool, disk, as_snapshot=False)
    for ref, row in list(pool.db.tables["VDI"].items()):
        if row["snapshot_of"] == replaced and replaced != NULL_REF:
            pool.db.change("VDI", ref, snapshot_of=new)
    return new


def _revive(pool: Pool, snapshot: str) -> str:
    """Make the guest of a snapshot anew, without devices; return its reference."""
    row = pool.db.row("VM", snapshot)
    fields = record_text.read(row["snapshot_metadata"])
    gone = row["snapshot_of"]
    own = {**clone.FRESH, "metrics": pool.db.add("VM_metrics", {}), "guest_metrics": NULL_REF}
    own |= {"uuid": fields["uuid"], "power_state": domain.HALTED}
    vm = pool.db.add("VM", {**fields, **own})
    for ref, other in list(pool.db.tables["VM"].items()):
        if other["snapshot_of"] == gone:
            pool.db.change("VM", ref, snapshot_of=vm)
    return vm
