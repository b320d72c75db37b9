"""Appliances: guests started and stopped together, in order.

Source: xapi's ``xapi_vm_appliance``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import Refusal
from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import rules
from hvsim.xenserver.messages import Call, handler_of, message
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.pool import Pool

OPERATIONS: Final = ("start", "clean_shutdown", "hard_shutdown", "shutdown")


@marks.allows("VM_appliance")
def allowed(pool: Pool, ref: str) -> list[str]:
    """Return the operations allowed on an appliance now."""
    return [] if marks.busy_with(pool.db.row("VM_appliance", ref)) else list(OPERATIONS)


@message("VM_appliance.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Make an appliance without guests; return its reference."""
    named = {name: args.get(name, "") for name in ("name_label", "name_description")}
    ref = call.db.add("VM_appliance", named)
    marks.refresh(call.pool, "VM_appliance", ref)
    return ref


@message("VM_appliance.destroy")
def destroy(call: Call, ref: str) -> None:
    """Remove an appliance; its guests stay."""
    guests = call.db.row("VM_appliance", ref)["VMs"]
    for vm in guests:
        call.db.change("VM", vm, appliance=NULL_REF)
        rules.refresh(call.pool, vm)
    call.db.remove("VM_appliance", ref)


@message("VM.set_appliance")
def set_appliance(call: Call, vm: str, value: str) -> None:
    """Put a guest into an appliance, or take it out (``OPERATION_NOT_ALLOWED``)."""
    row = call.db.row("VM", vm)
    unfit = row["is_control_domain"] or row["is_a_template"] or row["is_a_snapshot"]
    if unfit and call.db.exists("VM_appliance", value):
        text = "Control domains, templates and snapshots cannot be assigned to appliances."
        raise XenError("OPERATION_NOT_ALLOWED", text)
    call.db.change("VM", vm, appliance=value)
    rules.refresh(call.pool, vm)


@message("VM_appliance.start")
def start(call: Call, ref: str, paused: bool) -> Operation:
    """Start an appliance's guests, lowest order first."""
    wanted = "Paused" if paused else "Running"
    return _run(call, ref, "start", _steps(call, ref, "VM.start", (paused, False), wanted))


@message("VM_appliance.clean_shutdown", "VM_appliance.hard_shutdown", "VM_appliance.shutdown")
def stop(call: Call, ref: str) -> Operation:
    """Stop an appliance's guests, highest order first."""
    name = call.message.removeprefix("VM_appliance.")
    return _run(call, ref, name, _steps(call, ref, f"VM.{name}", (), "Halted"))


def _run(call: Call, ref: str, name: str, steps: Steps) -> Operation:
    busy = marks.busy_with(call.db.row("VM_appliance", ref))
    if busy is not None:
        raise XenError("OTHER_OPERATION_IN_PROGRESS", "VM_appliance", ref, *busy)
    return marks.run(call, ("VM_appliance", ref), [("VM_appliance", ref, name)], steps)


def _steps(call: Call, ref: str, each: str, args: tuple[bool, ...], wanted: str) -> Steps:
    rows = {vm: call.db.row("VM", vm) for vm in call.db.row("VM_appliance", ref)["VMs"]}
    targets = [vm for vm, row in rows.items() if row["power_state"] != wanted]
    orders = sorted({rows[vm]["order"] for vm in targets}, reverse=wanted == "Halted")
    for order in orders:
        yield from _together(call, each, args, [vm for vm in targets if rows[vm]["order"] == order])
    failed = [vm for vm in targets if call.db.row("VM", vm)["power_state"] != wanted]
    if failed:
        raise XenError("OPERATION_PARTIALLY_FAILED", each, *failed)


def _together(call: Call, each: str, args: tuple[bool, ...], guests: list[str]) -> Steps:
    handler = handler_of(each)
    if handler is None:
        raise XenError("NOT_IMPLEMENTED", each)
    begun = []
    for vm in guests:
        # One guest that cannot does not keep the others from it.
        try:
            begun.append(handler(Call(call.pool, call.caller, each), vm, *args))
        except XenError:
            continue
    for operation in begun:
        try:
            yield operation
        except Refusal:
            continue
