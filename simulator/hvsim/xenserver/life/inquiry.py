"""What clients ask of a guest without changing it, and small settings with rules of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.xenserver import generic
from hvsim.xenserver.availability import agility
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import domain, placement, rules
from hvsim.xenserver.messages import Call, message

if TYPE_CHECKING:
    from hvsim.xenserver.database import Row


@message("VM.assert_operation_valid")
def assert_operation_valid(call: Call, vm: str, op: str) -> None:
    """Raise what the operation would be refused with now."""
    rules.check(call, vm, op)


@message("VM.update_allowed_operations")
def update_allowed_operations(call: Call, vm: str) -> None:
    """Work out ``allowed_operations`` again, and drop what ended without leaving the guest."""
    call.db.row("VM", vm)
    domain.refresh(call.pool, vm)


@message("VM.assert_can_boot_here")
def assert_can_boot_here(call: Call, vm: str, host: str) -> None:
    """Raise what keeps the guest from starting on a host."""
    call.db.row("VM", vm)
    call.db.row("host", host)
    placement.check(call.pool, vm, host)


@message("VM.get_possible_hosts")
def get_possible_hosts(call: Call, vm: str) -> list[str]:
    """Return the hosts that the guest could be started on."""
    call.db.row("VM", vm)
    return placement.possible_hosts(call.pool, vm)


@message("VM.get_boot_record")
def get_boot_record(call: Call, vm: str) -> Row:
    """Return the guest's record as it was booted; settings do not change before the next boot."""
    return call.db.row("VM", vm)


@message("VM.assert_agile")
def assert_agile(call: Call, vm: str) -> None:
    """Raise what ties the guest to one host."""
    agility.assert_agile(call.pool, vm)


@message("VM.send_sysrq", "VM.send_trigger")
def send_key(call: Call, vm: str, key: str) -> None:
    """Refuse: no release implements it."""
    del key
    call.db.row("VM", vm)
    raise XenError("NOT_IMPLEMENTED", call.message.removeprefix("VM."))


@message(
    "VM.set_blocked_operations",
    "VM.add_to_blocked_operations",
    "VM.remove_from_blocked_operations",
)
def block_operations(call: Call, vm: str, *args: Any) -> None:
    """Forbid operations on the guest, or lift that; what it allows follows."""
    if call.message == "VM.set_blocked_operations":
        call.db.row("VM", vm)
        call.db.change("VM", vm, blocked_operations=args[0])
    elif call.message == "VM.add_to_blocked_operations":
        generic.add_to(call.db, "VM", "blocked_operations", vm, *args)
    else:
        generic.remove_from(call.db, "VM", "blocked_operations", vm, *args)
    rules.refresh(call.pool, vm)
