"""Domains: what appears in the rows when a guest starts, sleeps, moves or ends.

Facts from xapi's ``force_state_reset``: a halted guest has no host, no domain and no attached
device; a suspended one has no host and no domain, and keeps its devices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver.dates import stamp
from hvsim.xenserver.life import memory, rules
from hvsim.xenserver.life.traits import booted_hvm
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

HALTED, PAUSED, RUNNING, SUSPENDED = "Halted", "Paused", "Running", "Suspended"


def appear(pool: Pool, vm: str, host: str, state: str) -> None:
    """Give the guest a fresh domain on a host, in the power state ``Running`` or ``Paused``."""
    _start_metrics(pool, vm)
    _set_devices(pool, vm, attached=True)
    _settle_on(pool, vm, host, state)


def wake(pool: Pool, vm: str, host: str, state: str) -> None:
    """Give a suspended guest a domain that goes on where the old one stopped."""
    _revive_metrics(pool, vm)
    _settle_on(pool, vm, host, state)


def move(pool: Pool, vm: str, host: str) -> None:
    """Let the guest's domain go on, on another host, at once and without a change of state."""
    source = pool.db.row("VM", vm)["resident_on"]
    _settle_on(pool, vm, host, RUNNING)
    memory.settle(pool, source)


def sleep(pool: Pool, vm: str) -> None:
    """Take the domain of a guest whose image has been saved."""
    _leave(pool, vm, SUSPENDED)


def vanish(pool: Pool, vm: str) -> None:
    """Take the guest's domain, if it has one, and leave the guest halted."""
    _set_devices(pool, vm, attached=False)
    _end_metrics(pool, vm)
    pool.db.change("VM", vm, requires_reboot=False)
    _leave(pool, vm, HALTED)


def set_state(pool: Pool, vm: str, state: str) -> None:
    """Change the power state of a guest that keeps its domain."""
    pool.db.change("VM", vm, power_state=state)
    refresh(pool, vm)


def forget_guest_metrics(pool: Pool, vm: str) -> None:
    """Drop what the guest's agent reported: it may not hold after the next boot."""
    metrics = pool.db.row("VM", vm)["guest_metrics"]
    pool.db.change("VM", vm, guest_metrics=NULL_REF)
    if pool.db.exists("VM_guest_metrics", metrics):
        pool.db.remove("VM_guest_metrics", metrics)


def _settle_on(pool: Pool, vm: str, host: str, state: str) -> None:
    pool.db.change(
        "VM",
        vm,
        power_state=state,
        resident_on=host,
        scheduled_to_be_resident_on=NULL_REF,
        domid=pool.world.streams.number(f"{host}/domid"),
    )
    _show_console(pool, vm, host)
    memory.settle(pool, host)
    refresh(pool, vm)


def _leave(pool: Pool, vm: str, state: str) -> None:
    host = pool.db.row("VM", vm)["resident_on"]
    for console in pool.db.row("VM", vm)["consoles"]:
        pool.db.remove("console", console)
    pool.db.change(
        "VM",
        vm,
        power_state=state,
        resident_on=NULL_REF,
        scheduled_to_be_resident_on=NULL_REF,
        domid=-1,
    )
    memory.settle(pool, host)
    refresh(pool, vm)


def refresh(pool: Pool, vm: str) -> None:
    """Work out again what the guest, its disks and its interfaces allow."""
    rules.refresh(pool, vm)


def _set_devices(pool: Pool, vm: str, *, attached: bool) -> None:
    row = pool.db.row("VM", vm)
    for vbd in row["VBDs"]:
        pool.db.change("VBD", vbd, currently_attached=attached)
    for vif in row["VIFs"]:
        pool.db.change("VIF", vif, currently_attached=attached)


def _show_console(pool: Pool, vm: str, host: str) -> None:
    consoles = pool.db.row("VM", vm)["consoles"]
    url = f"https://{pool.db.row('host', host)['address']}/console?ref={vm}"
    if not consoles:
        pool.db.add("console", {"protocol": "rfb", "VM": vm, "location": url})
    for console in consoles:
        pool.db.change("console", console, location=url)


def _metrics(pool: Pool, vm: str) -> str:
    ref: str = pool.db.row("VM", vm)["metrics"]
    if not pool.db.exists("VM_metrics", ref):
        ref = pool.db.add("VM_metrics", {})
        pool.db.change("VM", vm, metrics=ref)
    return ref


def _start_metrics(pool: Pool, vm: str) -> None:
    row = pool.db.row("VM", vm)
    target = memory.given(pool, row)
    pool.db.change("VM", vm, memory_target=target)
    hvm = _boots_hvm(pool, vm)
    now = stamp(pool.world)
    pool.db.change(
        "VM_metrics",
        _metrics(pool, vm),
        memory_actual=target,
        VCPUs_number=row["VCPUs_at_startup"],
        start_time=now,
        last_updated=now,
        hvm=hvm,
        current_domain_type="hvm" if hvm else "pv",
    )


def _boots_hvm(pool: Pool, vm: str) -> bool:
    row = pool.db.row("VM", vm)
    kind = row.get("domain_type", "unspecified")
    return bool(row["HVM_boot_policy"]) if kind == "unspecified" else kind == "hvm"


def _revive_metrics(pool: Pool, vm: str) -> None:
    row = pool.db.row("VM", vm)
    pool.db.change(
        "VM_metrics",
        _metrics(pool, vm),
        memory_actual=row["memory_target"],
        VCPUs_number=row["VCPUs_at_startup"],
        current_domain_type="hvm" if booted_hvm(pool.db, row) else "pv",
        last_updated=stamp(pool.world),
    )


def _end_metrics(pool: Pool, vm: str) -> None:
    row = pool.db.row("VM", vm)
    if pool.db.exists("VM_metrics", row["metrics"]):
        pool.db.change(
            "VM_metrics",
            row["metrics"],
            memory_actual=0,
            VCPUs_number=0,
            current_domain_type="unspecified",
            last_updated=stamp(pool.world),
        )
    if pool.db.exists("VM_guest_metrics", row["guest_metrics"]):
        pool.db.change("VM_guest_metrics", row["guest_metrics"], live=False)
