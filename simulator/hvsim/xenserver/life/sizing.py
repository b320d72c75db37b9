"""Memory and processors of guests: what may be set, and when.

Facts from xapi's ``xapi_vm`` and its table of operations and power states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.operations import Stage
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import memory, rules, underway
from hvsim.xenserver.messages import Call, message

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.life.guests import Work

MIB = 2**20
BALLOON = 2.0
"""Seconds until a guest's balloon driver has reached a new target."""
_VCPU_RULE = "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max"


@message("VM.set_memory_dynamic_range")
def set_memory_dynamic_range(call: Call, vm: str, least: int, most: int) -> None:
    """Set between what sizes the guest may be squeezed."""
    rules.check(call, vm, "changing_dynamic_range")
    _set_range(call, vm, memory_dynamic_min=least, memory_dynamic_max=most)


@message("VM.set_memory_dynamic_min")
def set_memory_dynamic_min(call: Call, vm: str, value: int) -> None:
    """Set the least size the guest may be squeezed to."""
    set_memory_dynamic_range(call, vm, value, call.db.row("VM", vm)["memory_dynamic_max"])


@message("VM.set_memory_dynamic_max")
def set_memory_dynamic_max(call: Call, vm: str, value: int) -> None:
    """Set the size the guest has when there is room."""
    set_memory_dynamic_range(call, vm, call.db.row("VM", vm)["memory_dynamic_min"], value)


@message("VM.set_memory_static_range")
def set_memory_static_range(call: Call, vm: str, least: int, most: int) -> None:
    """Set the bounds that hold from one boot to the next."""
    rules.check(call, vm, "changing_static_range")
    _set_range(call, vm, memory_static_min=least, memory_static_max=most)


@message("VM.set_memory_static_min")
def set_memory_static_min(call: Call, vm: str, value: int) -> None:
    """Set the lower bound that holds from one boot to the next."""
    set_memory_static_range(call, vm, value, call.db.row("VM", vm)["memory_static_max"])


@message("VM.set_memory_static_max")
def set_memory_static_max(call: Call, vm: str, value: int) -> None:
    """Set the upper bound; on XenServer 5.5 at any time, in force at the next boot."""
    if call.pool.has("static-maximum-any-time"):
        call.db.row("VM", vm)
        call.db.change("VM", vm, memory_static_max=value)
        return
    set_memory_static_range(call, vm, call.db.row("VM", vm)["memory_static_min"], value)


@message("VM.set_memory_limits")
def set_memory_limits(  # noqa: PLR0917 - the wire's arguments
    call: Call, vm: str, static_min: int, static_max: int, dynamic_min: int, dynamic_max: int
) -> None:
    """Set all four bounds of a halted guest at once."""
    rules.check(call, vm, "changing_memory_limits")
    _set_range(
        call,
        vm,
        memory_static_min=static_min,
        memory_static_max=static_max,
        memory_dynamic_min=dynamic_min,
        memory_dynamic_max=dynamic_max,
        memory_target=dynamic_min,
    )


@message("VM.set_memory")
def set_memory(call: Call, vm: str, value: int) -> None:
    """Give a halted guest exactly ``value`` bytes."""
    least = call.db.row("VM", vm)["memory_static_min"]
    set_memory_limits(call, vm, least, value, value, value)


@message("VM.set_memory_target_live")
def set_memory_target_live(call: Call, vm: str, target: int) -> None:
    """Ask a running guest to shrink or grow; today's release accepts this and does nothing."""
    rules.check(call, vm, "changing_memory_live")
    if call.pool.has("memory-target-ignored"):
        return
    if not agrees_to_balloon(call.db.row("VM", vm)):
        raise XenError("BALLOONING_DISABLED")
    call.db.change("VM", vm, memory_target=target // 4096 * 4096)
    memory.settle(call.pool, call.db.row("VM", vm)["resident_on"])


@message("VM.wait_memory_target_live")
def wait_memory_target_live(call: Call, vm: str) -> Operation:
    """Wait until a running guest has reached its target."""

    def prepare(work: Work) -> Steps:
        del work
        return _ballooning(call, vm)

    return underway.run(call, vm, "awaiting_memory_live", prepare)


@message("VM.get_cooperative")
def get_cooperative(call: Call, vm: str) -> bool:
    """Return whether the guest follows its target: a deprecated call that always says so."""
    call.db.row("VM", vm)
    return True


@message("VM.maximise_memory")
def maximise_memory(call: Call, vm: str, total: int, approximate: bool) -> int:
    """Return the most memory, in whole MiB, that the guest could have out of ``total`` bytes."""
    del approximate
    overhead = int(call.db.row("VM", vm)["memory_overhead"])
    return max(0, total - overhead) // MIB * MIB


@message("VM.compute_memory_overhead")
def compute_memory_overhead(call: Call, vm: str) -> int:
    """Return the bytes that a host keeps for the guest beside its own memory."""
    return int(call.db.row("VM", vm)["memory_overhead"])


@message("VM.set_VCPUs_max")
def set_vcpus_max(call: Call, vm: str, value: int) -> None:
    """Set the most processors a halted guest may have."""
    rules.check(call, vm, "changing_VCPUs")
    if value < max(1, call.db.row("VM", vm)["VCPUs_at_startup"]):
        raise XenError("INVALID_VALUE", _VCPU_RULE, str(value))
    call.db.change("VM", vm, VCPUs_max=value)
    rules.refresh(call.pool, vm)


@message("VM.set_VCPUs_at_startup")
def set_vcpus_at_startup(call: Call, vm: str, value: int) -> None:
    """Set how many processors the guest starts with."""
    row = call.db.row("VM", vm)
    if row["is_control_domain"] and row["domid"] == 0:
        raise XenError("OPERATION_NOT_ALLOWED", "set_VCPUs_at_startup is not allowed on dom0")
    if not 1 <= value <= row["VCPUs_max"]:
        raise XenError("INVALID_VALUE", _VCPU_RULE, str(value))
    call.db.change("VM", vm, VCPUs_at_startup=value)


@message("VM.set_VCPUs_number_live")
def set_vcpus_number_live(call: Call, vm: str, number: int) -> None:
    """Change the number of processors of a running guest."""
    rules.check(call, vm, "changing_VCPUs_live")
    row = call.db.row("VM", vm)
    if not 1 <= number <= row["VCPUs_max"]:
        rule = "VCPU values must satisfy: 0 < VCPUs ≤ VCPUs_max"
        raise XenError("INVALID_VALUE", rule, str(number))
    call.db.change("VM", vm, VCPUs_at_startup=number)
    if call.db.exists("VM_metrics", row["metrics"]):
        call.db.change("VM_metrics", row["metrics"], VCPUs_number=number)


@message("VM.set_HVM_shadow_multiplier")
def set_hvm_shadow_multiplier(call: Call, vm: str, value: float) -> None:
    """Set how much more memory than usual a halted guest's page tables get."""
    rules.check(call, vm, "changing_shadow_memory")
    _set_multiplier(call, vm, value)


@message("VM.set_shadow_multiplier_live")
def set_shadow_multiplier_live(call: Call, vm: str, value: float) -> None:
    """Set how much more memory than usual a running guest's page tables get."""
    rules.check(call, vm, "changing_shadow_memory_live")
    _set_multiplier(call, vm, value)


@message("VM.add_to_VCPUs_params_live")
def add_to_vcpus_params_live(call: Call, vm: str, key: str, value: str) -> None:
    """Refuse: no release implements it."""
    del call, vm, key, value
    raise XenError("NOT_IMPLEMENTED", "add_to_VCPUs_params_live")


def agrees_to_balloon(row: Row) -> bool:
    """Whether the guest's bounds leave it anything to give back."""
    return bool(row["memory_dynamic_min"] < row["memory_dynamic_max"])


def _set_multiplier(call: Call, vm: str, value: float) -> None:
    if value < 1.0:
        raise XenError("INVALID_VALUE", "HVM_shadow_multiplier", str(value))
    call.db.change("VM", vm, HVM_shadow_multiplier=value)


def _set_range(call: Call, vm: str, **bounds: int) -> None:
    row = call.db.row("VM", vm)
    _check_order({**row, **bounds})
    if row["power_state"] == "Running" and "memory_dynamic_min" in bounds:
        _check_room(call, row, bounds["memory_dynamic_min"])
    call.db.change("VM", vm, **bounds)
    if row["power_state"] == "Running" and "memory_dynamic_max" in bounds:
        _balloon(call, vm, bounds["memory_dynamic_max"])


def _check_order(row: Row) -> None:
    names = ("memory_static_min", "memory_dynamic_min", "memory_dynamic_max", "memory_static_max")
    bounds = [row[name] for name in names]
    ordered = bounds == sorted(bounds) and bounds[0] >= 0
    if row["is_control_domain"] and not (ordered and bounds[1] == bounds[3]):
        raise XenError("MEMORY_CONSTRAINT_VIOLATION_MAXPIN", "control domain")
    if not ordered:
        raise XenError("MEMORY_CONSTRAINT_VIOLATION_ORDER")


def _check_room(call: Call, row: Row, least: int) -> None:
    """Refuse to promise a running guest more than its host has (in KiB, unlike elsewhere)."""
    more = least - row["memory_dynamic_min"]
    there = memory.available(call.pool, row["resident_on"])
    if more > there:
        raise XenError("HOST_NOT_ENOUGH_FREE_MEMORY", str(more // 1024), str(there // 1024))


def _balloon(call: Call, vm: str, target: int) -> None:
    call.db.change("VM", vm, memory_target=target)
    row = call.db.row("VM", vm)
    if call.db.exists("VM_metrics", row["metrics"]):
        call.db.change("VM_metrics", row["metrics"], memory_actual=target)
    memory.settle(call.pool, row["resident_on"])


def _ballooning(call: Call, vm: str) -> Steps:
    yield Stage("balloon", BALLOON, 0.9)
    row = call.db.row("VM", vm)
    call.db.change("VM_metrics", row["metrics"], memory_actual=row["memory_target"])
