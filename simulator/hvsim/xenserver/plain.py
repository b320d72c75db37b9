"""Classes that are data alone: made from a client's record and removed, with nothing behind them.

Source: xapi's ``xapi_secret``, ``xapi_vmss`` and ``xapi_vm_appliance``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call


@message("secret.create", "VMSS.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Keep a client's record; return its reference."""
    cls = call.message.partition(".")[0]
    settable = {field.name for field in call.pool.model.classes[cls].constructor_fields}
    fields = {name: value for name, value in args.items() if name in settable}
    return call.db.add(cls, fields)


@message("secret.destroy", "crashdump.destroy", "console.destroy")
def destroy(call: Call, ref: str) -> None:
    """Throw a record away."""
    call.db.remove(call.message.partition(".")[0], ref)


@message("VMSS.destroy")
def destroy_schedule(call: Call, ref: str) -> None:
    """Throw a snapshot schedule away that no guest follows (``VMSS_HAS_VM``)."""
    if call.db.row("VMSS", ref)["VMs"]:
        raise XenError("VMSS_HAS_VM")
    call.db.remove("VMSS", ref)


@message(
    "VMSS.set_retained_snapshots",
    "VMSS.set_frequency",
    "VMSS.set_schedule",
    "VMSS.set_last_run_time",
    "VMSS.set_type",
)
def set_schedule_field(call: Call, ref: str, value: Any) -> None:
    """Set a field of a snapshot schedule."""
    call.db.change("VMSS", ref, **{call.message.removeprefix("VMSS.set_"): value})
