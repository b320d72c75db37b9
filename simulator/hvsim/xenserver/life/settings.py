"""Settings of a guest that the product guards by hand, though most only fill a field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.accounts import role
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import rules
from hvsim.xenserver.life.vm_operations import HALTED
from hvsim.xenserver.messages import Call, message
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row

_BOOT_POLICY: Final = "BIOS order"
"""Boot policy of a guest that is made fully virtualised."""


@message("VM.set_other_config", "VM.set_platform")
def set_map(call: Call, vm: str, value: dict[str, str]) -> None:
    """Replace a map, where the caller may touch what changes."""
    field = call.message.removeprefix("VM.set_")
    role.demand_change(call, f"VM.{field}", call.db.row("VM", vm)[field], value)
    _set(call, vm, **{field: value})


@message("VM.set_actions_after_crash")
def set_actions_after_crash(call: Call, vm: str, value: str) -> None:
    """Replace the field as it is."""
    _set(call, vm, actions_after_crash=value)


@message("VM.set_NVRAM")
def set_nvram(call: Call, vm: str, value: dict[str, str]) -> None:
    """Replace the firmware's variables of a halted guest."""
    rules.check(call, vm, "changing_NVRAM")
    _set(call, vm, NVRAM=value)


@message("VM.set_start_delay", "VM.set_shutdown_delay", "VM.set_order")
def set_order(call: Call, vm: str, value: int) -> None:
    """Set the guest's place or pause (seconds) in an ordered start or shutdown."""
    field = call.message.removeprefix("VM.set_")
    if value < 0:
        raise XenError("INVALID_VALUE", f"{field} must be non-negative", str(value))
    _set(call, vm, **{field: value})


@message("VM.set_has_vendor_device")
def set_has_vendor_device(call: Call, vm: str, value: bool) -> None:
    """Say whether a halted guest's system gets its drivers from its vendor's update service."""
    state = call.db.row("VM", vm)["power_state"]
    if state != HALTED:
        raise XenError("VM_BAD_POWER_STATE", vm, "halted", state.lower())
    _set(call, vm, has_vendor_device=value)


@message("VM.set_domain_type")
def set_domain_type(call: Call, vm: str, value: str) -> None:
    """Set how the guest is virtualised; the older boot policy follows."""
    if value == "unspecified":
        raise XenError("INVALID_VALUE", "domain_type", value)
    policy = _BOOT_POLICY if value == "hvm" else ""
    _set(call, vm, domain_type=value, HVM_boot_policy=policy)


@message("VM.set_HVM_boot_policy")
def set_boot_policy(call: Call, vm: str, value: str) -> None:
    """Set the boot policy; today the kind of virtualisation follows."""
    _set(call, vm, HVM_boot_policy=value, domain_type="hvm" if value else "pv")


@message("VM.set_snapshot_schedule")
def set_snapshot_schedule(call: Call, vm: str, value: str) -> None:
    """Put the guest under a schedule of snapshots, or (null) under none."""
    row = call.db.row("VM", vm)
    if value not in (NULL_REF, ""):
        _check_schedule(call, vm, row, value)
    _set(call, vm, snapshot_schedule=value or NULL_REF)


def _check_schedule(call: Call, vm: str, row: Row, schedule: str) -> None:
    if not call.db.exists("VMSS", schedule) or row["is_control_domain"]:
        raise XenError("INVALID_VALUE", schedule)
    if row["is_a_template"]:
        raise XenError("VM_IS_TEMPLATE", vm)


def _set(call: Call, vm: str, **fields: Any) -> None:
    call.db.row("VM", vm)
    call.db.change("VM", vm, **fields)
    rules.refresh(call.pool, vm)
