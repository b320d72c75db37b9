"""Which operation a guest allows: in which power state, beside which other, with what inside.

Facts from xapi: the release of June 2009 (XenServer 5.5) and today's, ``xapi_vm_lifecycle``.
The judgement is a function of a guest's traits alone, so that ten thousand guests share a few
lists of allowed operations.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life.traits import VM, Traits, of
from hvsim.xenserver.life.vm_operations import (
    CONTROL_DOMAIN_OPERATIONS,
    FEATURES,
    FOR_CONTROL_DOMAINS,
    HALTED,
    LEGACY_CONTROL_DOMAIN_OPERATIONS,
    LEGACY_LISTED,
    LEGACY_STATES,
    LEGACY_TEMPLATE_OPERATIONS,
    LIVE,
    MOVES,
    NEEDS_DRIVERS,
    OLDEST_MOVABLE_DRIVERS,
    PAIRS,
    RUNNING,
    SAVES,
    SNAPSHOT_OPERATIONS,
    STATES,
    SUSPENDED,
    TEMPLATE_OPERATIONS,
    UNLISTED,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

Fault: TypeAlias = tuple[str, ...]
"""An error's code and parameters; :data:`VM` stands for the guest's reference."""


def check(call: Call, vm: str, op: str, *, strict: bool = True) -> None:
    """Raise the error that the product refuses ``op`` on the guest with, if it does.

    Args:
        strict: False lets a caller force what needs the guest's help (``pool_migrate``).
    """
    fault = error(call.pool, vm, op, strict=strict)
    if fault is not None:
        raise fault


def error(pool: Pool, vm: str, op: str, *, strict: bool = True) -> XenError | None:
    """Return the first error that forbids ``op`` on the guest now, or None."""
    row = pool.db.row("VM", vm)
    fault = judge(of(pool, row), op, strict=strict)
    if fault is None:
        return None
    if fault[0] == "OTHER_OPERATION_IN_PROGRESS":
        return _busy(vm, row["current_operations"])
    return XenError(*(vm if part == VM else part for part in fault))


def refresh(pool: Pool, vm: str) -> None:
    """Set what the guest and its devices allow to what its present state allows."""
    row = pool.db.row("VM", vm)
    pool.db.change("VM", vm, allowed_operations=allowed(of(pool, row)))
    marks.refresh_devices(pool, vm)


@marks.allows("VM")
def _allowed_on(pool: Pool, vm: str) -> list[str]:
    return allowed(of(pool, pool.db.row("VM", vm)))


@lru_cache(maxsize=4096)
def allowed(traits: Traits) -> list[str]:
    """Return the operations such a guest allows, in the product's order; shared, never changed."""
    listed = LEGACY_LISTED if traits.legacy else _listed(traits.operations)
    return [op for op in listed if judge(traits, op, strict=True) is None]


def judge(traits: Traits, op: str, *, strict: bool) -> Fault | None:
    """Return the first fault of ``op`` in the order that the product looks for them."""
    for look in _LEGACY_ORDER if traits.legacy else _ORDER:
        fault = look(traits, op, strict)
        if fault is not None:
            return fault
    return None


def states_of(traits: Traits, op: str) -> tuple[str, ...]:
    """Return the power states that ``op`` starts from."""
    if traits.legacy:
        return LEGACY_STATES.get(op, ())
    states = STATES.get(op, ())
    if op in FOR_CONTROL_DOMAINS and traits.control_domain:
        return (*states, RUNNING)
    if op in ("clone", "copy") and (traits.snapshot or traits.clones_suspended):
        return (*states, SUSPENDED)
    return states


@lru_cache(maxsize=8)
def _listed(operations: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(op for op in reversed(operations) if op not in UNLISTED)


def _busy(vm: str, current: dict[str, str]) -> XenError:
    tasks, ops = list(current), list(current.values())
    if len(ops) == 1:
        return XenError("OTHER_OPERATION_IN_PROGRESS", "VM", vm, ops[0], tasks[0])
    return XenError("OTHER_OPERATION_IN_PROGRESS", "VM", vm, _braced(ops), _braced(tasks))


def _braced(items: list[str]) -> str:
    return "{" + ",".join(items) + "}"


def _blocked(traits: Traits, op: str, _strict: bool) -> Fault | None:
    reasons: dict[str, str] = dict(traits.blocked)
    return ("OPERATION_BLOCKED", VM, reasons[op]) if op in reasons else None


def _power_state(traits: Traits, op: str, _strict: bool) -> Fault | None:
    states = states_of(traits, op)
    if traits.power_state in states:
        return None
    if traits.under_way and traits.has("busy-hides-power-state"):
        return None
    return _bad_state(states, traits.power_state)


def _bad_state(states: tuple[str, ...], actual: str) -> Fault:
    return ("VM_BAD_POWER_STATE", VM, ", ".join(states).lower(), actual.lower())


def _concurrency(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if not traits.under_way or may_join(traits, op):
        return None
    return ("OTHER_OPERATION_IN_PROGRESS",)


def may_join(traits: Traits, op: str) -> bool:
    """Whether ``op`` may begin beside what is under way."""
    current = traits.under_way
    snapshots = {"snapshot"} if traits.legacy else {"snapshot", "checkpoint"}
    for peaceful in ({"clone", "copy", "export"}, {"get_boot_record"}, snapshots):
        if op in peaceful and peaceful.issuperset(current):
            return True
    if traits.has("force-interrupts"):
        if op == "hard_shutdown":
            return op not in current
        if op == "hard_reboot":
            return not {"hard_shutdown", "hard_reboot"}.intersection(current)
    return not traits.legacy and (current, op) in PAIRS


def _template(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if not traits.template or (traits.snapshot and not traits.legacy):
        return None
    permitted = LEGACY_TEMPLATE_OPERATIONS if traits.legacy else TEMPLATE_OPERATIONS
    removals = ("destroy",) if traits.legacy else ("destroy", "migrate_send")
    if op in permitted or (op in removals and not traits.default_template):
        return None
    return ("VM_IS_TEMPLATE", VM, op)


def _snapshot(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if not traits.snapshot or op in SNAPSHOT_OPERATIONS:
        return None
    return ("VM_IS_SNAPSHOT", VM, op)


def _wrong_kind(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if op == "provision" and not traits.template:
        return ("PROVISION_ONLY_ALLOWED_ON_TEMPLATE",)
    if op == "revert" and not traits.snapshot:
        return ("REVERT_ONLY_ALLOWED_ON_SNAPSHOT",)
    return None


def _immobile(traits: Traits, op: str, strict: bool) -> Fault | None:
    if op in MOVES and traits.immobile and strict:
        return ("VM_IS_IMMOBILE", VM)
    return None


def _nested(traits: Traits, op: str, strict: bool) -> Fault | None:
    if op == "changing_dynamic_range" and traits.nested_virt and strict:
        return ("VM_IS_USING_NESTED_VIRT", VM)
    return None


def _control_domain(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if traits.legacy:
        if traits.control_domain and op not in LEGACY_CONTROL_DOMAIN_OPERATIONS:
            return ("OPERATION_NOT_ALLOWED", "Operations on domain 0 are not allowed")
        return None
    if traits.domain_zero and op in ("changing_VCPUs", "destroy"):
        return ("OPERATION_NOT_ALLOWED", "This operation is not allowed on dom0")
    if traits.control_domain and op not in CONTROL_DOMAIN_OPERATIONS:
        text = "This operation is not allowed on a control domain"
        return ("OPERATION_NOT_ALLOWED", text)
    return None


def _drivers(traits: Traits, op: str, strict: bool) -> Fault | None:
    if traits.has("drivers-missing-not-allowed"):
        return _old_drivers(traits, op)
    return _features(traits, op, strict=strict)


def _old_drivers(traits: Traits, op: str) -> Fault | None:
    if traits.power_state != RUNNING or op not in NEEDS_DRIVERS:
        return None
    moves = op in ("suspend", "pool_migrate")
    if traits.hvm and traits.drivers is None:
        text = f"{op} not possible for HVM domains (are PV drivers installed?)"
        return ("OPERATION_NOT_ALLOWED", text)
    if traits.rhel3 and (op == "changing_VCPUs_live" or (moves and traits.smp)):
        return ("OPERATION_NOT_ALLOWED", f"{op} not possible for SMP RHEL 3 linux guests")
    return _drivers_version(traits) if moves else None


def _drivers_version(traits: Traits) -> Fault | None:
    if traits.drivers is None:
        return ("VM_MISSING_PV_DRIVERS", VM)
    if int(traits.drivers[0]) < OLDEST_MOVABLE_DRIVERS:
        return ("VM_OLD_PV_DRIVERS", VM, *traits.drivers)
    return None


def _features(traits: Traits, op: str, *, strict: bool) -> Fault | None:
    live = traits.power_state in LIVE
    if op in MOVES and live and traits.cannot_suspend:
        return ("VM_NON_SUSPENDABLE", VM, traits.cannot_suspend)
    if not live or traits.drivers is not None or not traits.hvm:
        return None
    needed = FEATURES.get(op, ("feature-suspend",) if op in MOVES else ())
    if op == "changing_VCPUs_live":
        needed, strict = ("feature-vcpu-hotplug",), True
    lacking = bool(needed) and not any(name in traits.features for name in needed)
    return ("VM_LACKS_FEATURE", VM) if lacking and strict else None


def _no_quiesce(_traits: Traits, op: str, _strict: bool) -> Fault | None:
    if op == "snapshot_with_quiesce":
        return ("VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED", VM)
    return None


def _reset_on_boot(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if (op in SAVES and traits.resets_disks) or (op == "pool_migrate" and traits.caches_disks):
        return ("VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION",)
    return None


def _hardware(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if op in MOVES and traits.pci:
        return ("VM_HAS_PCI_ATTACHED", VM)
    off = traits.power_state == HALTED and op == "migrate_send"
    asleep = traits.power_state == SUSPENDED and op == "checkpoint"
    if op in MOVES and traits.vgpu and not off and not asleep:
        return ("VM_HAS_VGPU", VM)
    if op in MOVES | {"snapshot"} and traits.vusb:
        return ("VM_HAS_VUSBS", VM)
    return None


def _membership(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if op == "make_into_template":
        for code, ref in traits.belongs_to:
            return (code, VM, ref)
    return None


def _services(traits: Traits, op: str, _strict: bool) -> Fault | None:
    if op == "query_services" and not traits.system_domain:
        return ("NOT_SYSTEM_DOMAIN", VM)
    if op == "create_vtpm" and traits.vtpms:
        return ("VTPM_MAX_AMOUNT_REACHED", str(traits.vtpms))
    return None


def _legacy_clone(traits: Traits, op: str, _strict: bool) -> Fault | None:
    asleep = traits.power_state == SUSPENDED
    if asleep and op in ("clone", "copy") and not traits.clones_suspended:
        return _bad_state((HALTED,), SUSPENDED)
    return None


_ORDER: tuple[Callable[[Traits, str, bool], Fault | None], ...] = (
    _blocked, _power_state, _concurrency, _template, _snapshot, _wrong_kind, _immobile, _nested,
    _control_domain, _drivers, _no_quiesce, _reset_on_boot, _hardware, _membership, _services,
)  # fmt: skip
_LEGACY_ORDER: tuple[Callable[[Traits, str, bool], Fault | None], ...] = (
    _blocked, _power_state, _concurrency, _template, _wrong_kind, _control_domain,
    _drivers, _legacy_clone,
)  # fmt: skip
