"""What the master does under high availability at each look: dead hosts, guests to start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Cancelled, Operation, Stage
from hvsim.xenserver import alerts
from hvsim.xenserver.availability import agility, binpack, failover, liveset
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import residents, service
from hvsim.xenserver.life import memory, placement, protection
from hvsim.xenserver.messages import Call, Caller, handler_of

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.xenserver.pool import Pool

LOOK: Final = 20.0
"""Seconds between two looks of the master at the set of live hosts."""
RETRY: Final = 120.0
"""Seconds before a guest that could not be started is tried again."""
_STARTUP: Final = 1800.0
"""Seconds a new master waits at most for the live hosts to enable themselves."""


def look_soon(pool: Pool, after: float = LOOK) -> None:
    """Let the master look at its guests and hosts at its next turn, or after so many seconds.

    Looking again and again for guests that find no room must not make a lab's time run.
    """
    pending = pool.lookout.look
    if pending is not None and not pending.done:
        if pending.due is None or pending.due <= pool.world.now + after:
            return
        pool.world.operations.interrupt(pending, Cancelled("an earlier look is due"))
    pool.lookout.look = pool.world.operations.start(
        "ha.monitor", liveset.subject_of(pool), _look(pool, after), foreground=after <= LOOK
    )


def master_came(pool: Pool) -> None:
    """Begin anew under a new master, once the live hosts have enabled themselves."""
    if pool.row["ha_enabled"]:
        subject = liveset.subject_of(pool)
        pool.world.operations.start("ha.startup", subject, _await_members(pool))


def guest_stopped(pool: Pool, vm: str, reason: str) -> None:
    """Look again after a guest stopped by itself: a protected one is started (POWER-XS-8)."""
    del vm, reason
    if pool.row["ha_enabled"]:
        look_soon(pool)


def hold_off(pool: Pool, seconds: float) -> None:
    """Let the master start no guests for ``seconds``."""
    pool.lookout.held_until = pool.world.now + seconds
    if pool.row["ha_enabled"]:
        look_soon(pool)


def hypothetical(
    pool: Pool, failed_hosts: list[str], failed_vms: list[str]
) -> dict[str, dict[str, str]]:
    """Return where lost guests would go: guest -> {"host": ref} or {"error_code": code}."""
    hosts = [
        host
        for host in pool.db.tables["host"]
        if host not in failed_hosts and placement.is_live(pool, host)
    ]
    need = {vm: memory.needed(pool, pool.db.row("VM", vm)) for vm in failed_vms}
    placed = binpack.place({host: memory.available(pool, host) for host in hosts}, need)
    found: dict[str, dict[str, str]] = {}
    for vm in failed_vms:
        if vm in placed:
            found[vm] = {"host": placed[vm]}
        else:
            found[vm] = {"error_code": _why_not(pool, vm)}
    return found


def _why_not(pool: Pool, vm: str) -> str:
    try:
        agility.assert_agile(pool, vm)
    except XenError as error:
        return error.code
    return "HOST_NOT_ENOUGH_FREE_MEMORY"


def _await_members(pool: Pool) -> Steps:
    waited = 0.0
    while waited < _STARTUP:
        yield Stage("await-members", LOOK)
        waited += LOOK
        live = [member.host for member in liveset.alive(pool)]
        if all(pool.db.row("host", host)["enabled"] for host in live):
            break
    _act(pool)


def _look(pool: Pool, after: float) -> Steps:
    yield Stage("monitor", after)
    while pool.world.now < pool.lookout.held_until:
        if pool.lookout.look is not None:
            # A client may hold it off for centuries; a clock must not jump through them.
            pool.lookout.look.foreground = False
        yield Stage("held-off", LOOK)
    pool.lookout.look = None
    _act(pool)


def _act(pool: Pool) -> None:
    """One look: mark the dead, halt their guests, start what must run."""
    if not pool.row["ha_enabled"] or service.serving(pool) is None:
        return
    _judge_hosts(pool)
    failover.update_status(pool)
    if not _start_protected(pool):
        _start_best_effort(pool)


def _judge_hosts(pool: Pool) -> None:
    live = {member.host: None for member in liveset.alive(pool)}
    for host in list(pool.db.tables["host"]):
        if host in live:
            _seen(pool, host)
        else:
            _lost(pool, host)
    uuids = [pool.db.row("host", host)["uuid"] for host in live]
    for host in live:
        pool.db.change(
            "host", host, ha_network_peers=uuids, ha_statefiles=pool.row["ha_statefiles"]
        )


def _seen(pool: Pool, host: str) -> None:
    if not pool.members[host].shutting_down:
        service.set_live(pool, host, live=True)


def _lost(pool: Pool, host: str) -> None:
    member = pool.members.get(host)
    fell = residents.halt_all(pool, host)
    for vm in fell:
        if pool.db.row("VM", vm)["ha_restart_priority"] == protection.BEST_EFFORT:
            pool.lookout.fallen[vm] = None
    if not placement.is_live(pool, host):
        return
    row = pool.db.row("host", host)
    if member is None or not member.shutting_down:
        text = f"Server '{row['name_label']}' has failed"
        alerts.create(pool, "HA_HOST_FAILED", "Host", row["uuid"], text)
    service.set_live(pool, host, live=False)
    pool.db.change("host", host, ha_statefiles=[], ha_network_peers=[])


def _start_protected(pool: Pool) -> bool:
    """Start the halted protected guests; return whether there are any."""
    halted = [
        vm
        for vm in failover.protected(pool)
        if pool.db.row("VM", vm)["power_state"] == "Halted" and vm not in pool.guests.work
    ]
    if not halted:
        pool.lookout.failed.clear()
        return False
    plan, complete = failover.restart_plan(pool)
    groups = failover.in_order(pool, halted)
    steps = _start_groups(pool, groups, plan if complete else {})
    pool.world.operations.start("ha.restart", liveset.subject_of(pool), steps)
    return True


def _start_groups(pool: Pool, groups: list[list[str]], plan: dict[str, str]) -> Steps:
    """Start guests group by group, each when the one before has started or failed."""
    again = False
    for group in groups:
        started = [(vm, _try_start(pool, vm, plan.get(vm))) for vm in group]
        for vm, operation in started:
            if operation is not None and (yield from _succeeded(operation)):
                pool.lookout.failed.pop(vm, None)
            else:
                again = True
                _alert_failure(pool, vm)
    _start_best_effort(pool)
    if again:
        look_soon(pool, RETRY)


def _try_start(pool: Pool, vm: str, host: str | None) -> Operation | None:
    """Start a guest where planned, else anywhere; None when it is refused or was just tried."""
    now = pool.world.now
    if now - pool.lookout.tried.get(vm, -RETRY) < RETRY:
        return None
    pool.lookout.tried[vm] = now
    for target in dict.fromkeys((host, None)):
        try:
            return start(pool, vm, target)
        except XenError as error:
            if error.code == "HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN":
                failover.update_status(pool)
    return None


def start(pool: Pool, vm: str, host: str | None) -> Operation:
    """Start a guest on a host, or where there is room.

    Raises:
        XenError: what the start is refused with.
    """
    name = "VM.start" if host is None else "VM.start_on"
    handler: Any = handler_of(name)
    call = Call(pool, Caller(), name)
    where = () if host is None else (host,)
    started: Operation = handler(call, vm, *where, False, True)
    return started


def _succeeded(operation: Operation) -> Steps:
    try:
        yield operation
    except Exception:  # noqa: BLE001 - why it failed stands in the guest's own task
        return False
    return True


def _alert_failure(pool: Pool, vm: str) -> None:
    if vm not in pool.lookout.failed and pool.db.exists("VM", vm):
        pool.lookout.failed[vm] = None
        uuid = pool.db.row("VM", vm)["uuid"]
        alerts.create(pool, "HA_PROTECTED_VM_RESTART_FAILED", "VM", uuid, "")


def _start_best_effort(pool: Pool) -> None:
    """Try the fallen best-effort guests once, after the protected ones."""
    fallen, pool.lookout.fallen = list(pool.lookout.fallen), {}
    for vm in fallen:
        if pool.db.exists("VM", vm) and pool.db.row("VM", vm)["power_state"] == "Halted":
            try:
                start(pool, vm, None)
            except XenError:
                continue
