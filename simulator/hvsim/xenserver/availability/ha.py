"""High availability as a pool sees it: switched on and off, planned for, asked about.

What the daemon does is in :mod:`hvsim.xenserver.availability.xhad`, the plan in
:mod:`hvsim.xenserver.availability.failover`, what the master does in
:mod:`hvsim.xenserver.availability.recovery`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.hardware import Power
from hvsim.operations import Stage
from hvsim.xenserver import task
from hvsim.xenserver.availability import failover, liveset, recovery, xhad
from hvsim.xenserver.availability.restart_priority import valid
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import placement, underway
from hvsim.xenserver.mastery import pool_rules
from hvsim.xenserver.mastery.transition import here
from hvsim.xenserver.messages import Call, message

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.pool import Pool

_STATEFILE: Final = 4 * 2**20
_METADATA: Final = 256 * 2**20
_DISKS: Final = (
    ("Statefile for HA", "ha_statefile", _STATEFILE),
    ("Metadata for HA", "redo_log", _METADATA),
)


@message("pool.enable_ha")
def enable_ha(call: Call, heartbeat_srs: list[str], configuration: dict[str, str]) -> Operation:
    """Switch high availability on, with its state file on shared storage.

    Raises:
        XenError: ``HA_IS_ENABLED``; ``HOST_OFFLINE`` [host] when one is not live;
            ``CANNOT_CREATE_STATE_FILE`` when no storage can hold the state file. The number of
            hosts is never looked at.
    """
    pool = call.pool
    pool_rules.check(pool, "ha_enable")
    if pool.row["ha_enabled"]:
        raise XenError("HA_IS_ENABLED")
    for ref, row in call.db.tables["PIF"].items():
        if row.get("disallow_unplug") and not row["currently_attached"]:
            raise XenError("REQUIRED_PIF_IS_UNPLUGGED", ref)
    for host in call.db.tables["host"]:
        if not placement.is_live(pool, host):
            raise XenError("HOST_OFFLINE", host)
    storages = heartbeat_srs or [sr for sr in call.db.tables["SR"] if _can_hold(pool, sr)]
    if not storages:
        raise XenError("CANNOT_CREATE_STATE_FILE")
    if not _can_hold(pool, storages[0]):
        raise XenError("SR_HAS_NO_PBDS", storages[0])
    pool_rules.mark(call, "ha_enable")
    steps = _enable(call, storages[0], configuration)
    operation = task.start(call, liveset.subject_of(pool), steps)
    operation.on_done.insert(0, lambda _: pool_rules.unmark(call))
    return operation


@message("pool.disable_ha")
def disable_ha(call: Call) -> Operation:
    """Switch high availability off on every host.

    Raises:
        XenError: ``HA_NOT_ENABLED``.
    """
    if not call.pool.row["ha_enabled"]:
        raise XenError("HA_NOT_ENABLED")
    pool_rules.check(call.pool, "ha_disable")
    pool_rules.mark(call, "ha_disable")
    operation = task.start(call, liveset.subject_of(call.pool), _disable(call.pool))
    operation.on_done.insert(0, lambda _: pool_rules.unmark(call))
    return operation


@message("host.emergency_ha_disable")
def emergency_ha_disable(call: Call, soft: bool = False) -> None:
    """Disarm one host, for good unless ``soft``; the pool is not asked.

    Raises:
        XenError: ``HA_NOT_ENABLED``.
    """
    member = here(call)
    if not member.armed:
        raise XenError("HA_NOT_ENABLED")
    member.in_liveset = False
    if not soft:
        member.armed = False
    if member.host == call.pool.row["master"]:
        switch_off(call.pool)


@message("pool.set_ha_host_failures_to_tolerate")
def set_ha_host_failures_to_tolerate(call: Call, pool: str, value: int) -> None:
    """Say how many host failures the pool shall stand.

    Raises:
        XenError: ``INVALID_VALUE``; ``HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN``.
    """
    row = call.db.row("pool", pool)
    if value < 0:
        raise XenError("INVALID_VALUE", "ha_host_failures_to_tolerate", str(value))
    if row["ha_plan_exists_for"] > 0:
        failover.assert_kept(call.pool, failover.Change(failures=value))
    call.db.change("pool", pool, ha_host_failures_to_tolerate=value)
    failover.update_status(call.pool)


@message("pool.ha_failover_plan_exists")
def ha_failover_plan_exists(call: Call, n: int) -> bool:
    """Return whether the protected guests can be kept running through ``n`` failures."""
    return failover.exists(call.pool, n)


@message("pool.ha_compute_max_host_failures_to_tolerate")
def ha_compute_max_host_failures_to_tolerate(call: Call) -> int:
    """Return the most failures the pool can stand now, and note it while HA is on."""
    most = failover.max_failures(call.pool)
    row = call.pool.row
    if row["ha_enabled"]:
        over = row["ha_host_failures_to_tolerate"] > most
        call.db.change("pool", call.pool.ref, ha_overcommitted=over)
        failover.drop_to(call.pool, most)
    return most


@message("pool.ha_compute_hypothetical_max_host_failures_to_tolerate")
def ha_compute_hypothetical_max(call: Call, configuration: dict[str, str]) -> int:
    """Return the most failures the pool could stand with the guests of ``configuration``.

    Args:
        configuration: guest -> restart priority.

    Raises:
        XenError: ``INVALID_VALUE`` for a priority the release does not know.
    """
    known = valid(call)
    for priority in configuration.values():
        if priority not in known:
            raise XenError("INVALID_VALUE", "ha_restart_priority", priority)
    unprotected = ("best-effort", "")
    guests = [vm for vm, priority in configuration.items() if priority not in unprotected]
    for vm in guests:
        call.db.row("VM", vm)
    return failover.max_failures(call.pool, guests)


@message("pool.ha_compute_vm_failover_plan")
def ha_compute_vm_failover_plan(
    call: Call, failed_hosts: list[str], failed_vms: list[str]
) -> dict[str, dict[str, str]]:
    """Return for each lost guest the host it would go to, or the error that forbids it."""
    return recovery.hypothetical(call.pool, failed_hosts, failed_vms)


@message("pool.ha_prevent_restarts_for")
def ha_prevent_restarts_for(call: Call, seconds: int) -> None:
    """Let the master start no guests for some seconds; 0 ends that."""
    recovery.hold_off(call.pool, float(seconds))


@message("pool.ha_schedule_plan_recomputation")
def ha_schedule_plan_recomputation(call: Call) -> None:
    """Judge the failover plan again at the master's next look."""
    if call.pool.row["ha_enabled"]:
        recovery.look_soon(call.pool)


def switch_on(pool: Pool, sr: str, configuration: dict[str, str]) -> None:
    """Arm every host, at once."""
    disks = [_disk(pool, sr, *facts) for facts in _DISKS]
    pool.db.change(
        "pool",
        pool.ref,
        ha_enabled=True,
        ha_statefiles=disks[:1],
        ha_configuration=dict(configuration),
        ha_plan_exists_for=0,
        ha_cluster_stack="xhad",
    )
    for member in pool.members.values():
        member.armed = member.in_liveset = True
    _show_peers(pool)
    failover.update_status(pool)
    pool_rules.refresh(pool)


def switch_off(pool: Pool) -> None:
    """Disarm every host that can be reached, at once."""
    pool.db.change("pool", pool.ref, ha_enabled=False, ha_plan_exists_for=0, ha_overcommitted=False)
    for member in pool.members.values():
        member.in_liveset = False
        if member.server.power is Power.ON:
            member.armed = False
    for host in pool.db.tables["host"]:
        pool.db.change("host", host, ha_statefiles=[], ha_network_peers=[])
    pool_rules.refresh(pool)


def watch(pool: Pool) -> None:
    """Follow the pool's storage paths, masters and guests from now on."""
    xhad.watch(pool)
    pool.on_master.append(recovery.master_came)
    pool.guests.on_stopped.append(recovery.guest_stopped)
    pool.guests.placement_checks.append(failover.check_placement)


def _enable(call: Call, sr: str, configuration: dict[str, str]) -> Steps:
    hosts = len(call.db.tables["host"])
    yield Stage("create-statefile", 3.0, 0.1)
    for host in list(call.db.tables["host"]):
        yield Stage("preconfigure", 1.0)
        underway.contact(call.pool, host)
    yield Stage("join-liveset", 10.0 + hosts, 0.8)
    for host in list(call.db.tables["host"]):
        underway.contact(call.pool, host)
    switch_on(call.pool, sr, configuration)
    yield Stage("synchronise-database", 2.0, 1.0)


def _disable(pool: Pool) -> Steps:
    yield Stage("invalidate-statefile", 2.0, 0.3)
    switch_off(pool)
    yield Stage("stop-daemons", 5.0, 1.0)


def _can_hold(pool: Pool, sr: str) -> bool:
    """Whether a repository can hold the state file: shared, attached everywhere, with room."""
    row = pool.db.row("SR", sr)
    links = [pool.db.row("PBD", ref) for ref in row["PBDs"]]
    attached = {link["host"] for link in links if link["currently_attached"]}
    room = row["physical_size"] - row["physical_utilisation"]
    everywhere = attached >= set(pool.db.tables["host"])
    return bool(row["shared"] and everywhere and room >= _STATEFILE + _METADATA)


def _disk(pool: Pool, sr: str, name: str, kind: str, size: int) -> str:
    if kind not in pool.model.enums["vdi_type"]:
        kind = "metadata"  # as 5.5 calls what is a redo log now
    for ref in pool.db.row("SR", sr)["VDIs"]:
        if pool.db.row("VDI", ref)["type"] == kind:
            return str(ref)
    return pool.db.add(
        "VDI",
        {
            "name_label": name,
            "name_description": "Used for storage heartbeating" if "State" in name else "",
            "SR": sr,
            "virtual_size": size,
            "physical_utilisation": size,
            "type": kind,
            "sharable": True,
            "managed": True,
            "sm_config": {"type": "raw"} if kind == "ha_statefile" else {},
            "location": pool.world.streams.uuid(f"{pool.path}/location"),
        },
    )


def _show_peers(pool: Pool) -> None:
    uuids = [row["uuid"] for row in pool.db.tables["host"].values()]
    statefiles = pool.row["ha_statefiles"]
    for host in pool.db.tables["host"]:
        pool.db.change("host", host, ha_statefiles=statefiles, ha_network_peers=uuids)
