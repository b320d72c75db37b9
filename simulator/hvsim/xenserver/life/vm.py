"""Guests as records: made, removed, and what devices they can still get.

Source: xapi's ``xapi_vm`` and ``xapi_vm_helpers``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import rules
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.networking import vif
from hvsim.xenserver.storage import device_names, vbd

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

_ASLEEP = ("suspend_VDI", "last_booted_record", "last_boot_CPU_flags")
"""What only a guest made suspended may bring along."""


@message("VM.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Make a guest without devices, halted; return its reference.

    Hardly anything is judged before it starts, as in the product. One made suspended must
    bring its image and the record it was booted with (``VM_BAD_POWER_STATE``).
    """
    settable = {field.name for field in call.pool.model.classes["VM"].constructor_fields}
    fields = {name: value for name, value in args.items() if name in settable}
    asleep = args.get("power_state") == "Suspended"
    if asleep and not all(args.get(name) not in ("", {}, NULL_REF, None) for name in _ASLEEP):
        raise XenError("VM_BAD_POWER_STATE", call.db.new_ref("VM"), "halted", "suspended")
    if not asleep:
        fields = {name: value for name, value in fields.items() if name not in _ASLEEP}
    kind = fields.get("domain_type", "unspecified")
    if kind == "unspecified":
        kind = "hvm" if fields.get("HVM_boot_policy") else "pv"
    own = {
        "power_state": "Suspended" if asleep else "Halted",
        "domain_type": kind,
        "domid": -1,
        "metrics": call.db.add("VM_metrics", {}),
        "other_config": {"mac_seed": new_seed(call.pool), **fields.get("other_config", {})},
    }
    vm = call.db.add("VM", {**fields, **own})
    rules.refresh(call.pool, vm)
    return vm


@message("VM.destroy")
def destroy(call: Call, vm: str) -> None:
    """Remove a guest with its devices; its disks stay.

    Raises:
        XenError: what the guest's state forbids; ``VM_IS_TEMPLATE`` of a default template.
    """
    rules.check(call, vm, "destroy")
    row = call.db.row("VM", vm)
    if row["other_config"].get("default_template") == "true":
        raise XenError("VM_CANNOT_DELETE_DEFAULT_TEMPLATE", vm)
    for child in row.get("children", []):
        call.db.change("VM", child, parent=row["parent"])
    remove(call.pool, vm)


def remove(pool: Pool, vm: str) -> None:
    """Take a guest out of the database with everything that is only its own."""
    row = pool.db.row("VM", vm)
    for ref in row["VBDs"]:
        vbd.drop(pool, ref)
    for ref in row["VIFs"]:
        vif.drop(pool, ref)
    for ref in row["consoles"]:
        pool.db.remove("console", ref)
    for cls, ref in (("VM_metrics", row["metrics"]), ("VM_guest_metrics", row["guest_metrics"])):
        if pool.db.exists(cls, ref):
            pool.db.remove(cls, ref)
    for ref in row["blobs"].values():
        if pool.db.exists("blob", ref):
            pool.db.remove("blob", ref)
    pool.db.remove("VM", vm)
    pool.insides.pop(vm, None)
    pool.migration_modes.pop(vm, None)


@message("VM.get_allowed_VBD_devices")
def get_allowed_vbd_devices(call: Call, vm: str) -> list[str]:
    """Return the numbers of the disk devices that a guest can still get."""
    return device_names.free_disks(call.pool, call.db.row("VM", vm))


@message("VM.get_allowed_VIF_devices")
def get_allowed_vif_devices(call: Call, vm: str) -> list[str]:
    """Return the numbers of the interfaces that a guest can still get."""
    return device_names.free_interfaces(call.pool, call.db.row("VM", vm))


def new_seed(pool: Pool) -> str:
    """Return a fresh seed for the MAC addresses of a guest."""
    return pool.world.streams.uuid(f"{pool.path}/mac_seed")
