"""Moving guests from host to host while they run.

Facts from xapi's ``xapi_vm_migrate``. A running guest is seen to move in one of three ways
(decision 1 of the behaviours):

``live``
    its memory is copied while it runs; it stands still for less than a second;
``frozen``
    its power state stays ``Running`` but it stands still while its memory is copied;
``visible-suspend``
    it is suspended, copied and resumed, and everybody can see its power state say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.errors import Refusal
from hvsim.operations import Cancelled, Stage
from hvsim.xenserver import alerts
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import agent, domain, placement, rules, underway
from hvsim.xenserver.life.suspension import seconds_to_copy
from hvsim.xenserver.messages import Call, message
from hvsim.xenserver.storage import vbd

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.life.guests import Work

LIVE, FROZEN, VISIBLE = "live", "frozen", "visible-suspend"

PREPARE: Final = 1.0
"""Seconds until the target has built a domain and attached the guest's disks."""
STANDSTILL: Final = 0.3
"""Seconds that the last pass of a live copy takes, the guest standing still."""
HANDOVER: Final = 0.3
"""Seconds until the target has let the guest go on."""


@message("VM.pool_migrate")
def pool_migrate(call: Call, vm: str, host: str, options: dict[str, str]) -> Operation | None:
    """Move a guest to another host of the pool.

    Args:
        options: ``live`` (5.5: false unless given), ``force`` (today: skips the rules that need
            the guest's help).

    Raises:
        XenError: what the rules, :func:`placement.check` or the host's state refuse with.
    """
    row = call.db.row("VM", vm)
    call.db.row("host", host)
    if call.pool.has("cold-move-sets-home"):
        placement.check_storage(call.pool, vm, host)
        if row["power_state"] in (domain.HALTED, domain.SUSPENDED):
            _move_cold(call, vm, host)
            return None
    return _begin(call, vm, host, "pool_migrate", options)


@message("VM.migrate_send")
def migrate_send(  # noqa: PLR0917 - the wire's arguments
    call: Call,
    vm: str,
    dest: dict[str, str],
    live: bool,
    vdi_map: dict[str, str],
    vif_map: dict[str, str],
    options: dict[str, str],
    vgpu_map: dict[str, str] | None = None,
    vdi_format_map: dict[str, str] | None = None,
) -> Operation:
    """Move a running guest within the pool, its disks staying where they are.

    Raises:
        XenError: ``NOT_IMPLEMENTED`` for another pool, for disks that change their repository
            and for a guest that does not run.
    """
    del live, vgpu_map, vdi_format_map
    host = _permitted(call, vm, dest, options)
    running = call.db.row("VM", vm)["power_state"] == domain.RUNNING
    if not running or vif_map or _moves_disks(call, vdi_map):
        raise XenError("NOT_IMPLEMENTED", "VM.migrate_send")
    return _begin(call, vm, host, "migrate_send", options)


@message("VM.assert_can_migrate")
def assert_can_migrate(  # noqa: PLR0917 - the wire's arguments
    call: Call,
    vm: str,
    dest: dict[str, str],
    live: bool,
    vdi_map: dict[str, str],
    vif_map: dict[str, str],
    options: dict[str, str],
    vgpu_map: dict[str, str] | None = None,
) -> None:
    """Raise what :func:`migrate_send` would refuse with."""
    del live, vif_map, vgpu_map
    host = _permitted(call, vm, dest, options)
    if _moves_disks(call, vdi_map):
        raise XenError("NOT_IMPLEMENTED", "VM.assert_can_migrate")
    placement.check(call.pool, vm, host)


def mode_of(call: Call, vm: str, options: dict[str, str]) -> str:
    """Return how this move will be seen: the guest's mode, else the lab's, else the release's."""
    pool = call.pool
    usual = VISIBLE if pool.has("migration-visible-suspend") else LIVE
    mode = pool.migration_modes.get(vm) or pool.default_migration or usual
    wanted_live = options.get("live", "false").lower() == "true"
    if mode == LIVE and not wanted_live and pool.has("migration-not-live-by-default"):
        return FROZEN
    return mode


def _strict(call: Call, options: dict[str, str]) -> bool:
    forced = options.get("force", "") == "true"
    return not (forced and call.pool.has("migration-may-be-forced"))


def _move_cold(call: Call, vm: str, host: str) -> None:
    """Make the target the home server of a guest that does not run (MIG-XS-5, HOME-XS-8)."""
    placement.check_enabled(call.pool, host)
    call.db.change("VM", vm, affinity=host)


def _permitted(call: Call, vm: str, dest: dict[str, str], options: dict[str, str]) -> str:
    """Return the host that a guest may be sent to; another pool's is not implemented."""
    host = dest.get("host", "")
    if not call.db.exists("host", host):
        raise XenError("NOT_IMPLEMENTED", call.message)
    rules.check(call, vm, "migrate_send", strict=_strict(call, options))
    return host


def _moves_disks(call: Call, vdi_map: dict[str, str]) -> bool:
    return any(call.db.row("VDI", disk)["SR"] != target for disk, target in vdi_map.items())


def _begin(call: Call, vm: str, host: str, op: str, options: dict[str, str]) -> Operation:
    def prepare(work: Work) -> Steps:
        source = call.db.row("VM", vm)["resident_on"]
        placement.check(call.pool, vm, host)
        underway.reserve(call.pool, vm, host, work, "vm_migrate")
        underway.contact(call.pool, source)
        _reach_target(call, host)
        work.hosts.append(source)
        return _Move(call, vm, source, host).steps(mode_of(call, vm, options))

    return underway.run(call, vm, op, prepare, strict=_strict(call, options))


def _reach_target(call: Call, host: str) -> None:
    """Let the source connect to the target; it has one error for all that can go wrong."""
    if call.pool.members[host].answers() is not None:
        raise XenError("HOST_OFFLINE", host)


class _Move:
    """One guest on its way."""

    def __init__(self, call: Call, vm: str, source: str, target: str) -> None:
        self.call = call
        self.pool = call.pool
        self.vm = vm
        self.source = source
        self.target = target
        self.past_return = False
        """Whether the source's domain has ended, so that a failure costs the guest its life."""

    def steps(self, mode: str) -> Steps:
        try:
            yield Stage("prepare", PREPARE, 0.05)
            vbd.require_disks(self.pool, self.vm, self.target)
            yield from self._copy(mode)
        except Refusal as error:
            raise self._failure(error) from error
        finally:
            self._thaw()
        self._tell()
        return self.vm if self.call.message == "VM.migrate_send" else None

    def _copy(self, mode: str) -> Steps:
        if mode == VISIBLE:
            yield from self._copy_suspended()
        elif mode == FROZEN:
            yield from self._copy_frozen()
        else:
            yield from self._copy_live()

    def _copy_live(self) -> Steps:
        yield Stage("copy", seconds_to_copy(self.call, self.vm), 0.9)
        self._freeze()
        yield Stage("suspend", STANDSTILL, 0.95)
        self.past_return = True
        yield Stage("resume", HANDOVER, 0.99)
        domain.move(self.pool, self.vm, self.target)

    def _copy_frozen(self) -> Steps:
        self._freeze()
        yield Stage("suspend", STANDSTILL, 0.1)
        yield Stage("transfer", seconds_to_copy(self.call, self.vm), 0.95)
        self.past_return = True
        yield Stage("resume", HANDOVER, 0.99)
        domain.move(self.pool, self.vm, self.target)

    def _copy_suspended(self) -> Steps:
        self._freeze()
        yield Stage("suspend", STANDSTILL, 0.1)
        self.past_return = True
        domain.sleep(self.pool, self.vm)
        # Other parts look at the reservation to see where a sleeping guest is bound for.
        self.pool.db.change("VM", self.vm, scheduled_to_be_resident_on=self.target)
        seconds = seconds_to_copy(self.call, self.vm)
        yield Stage("transfer", max(seconds, self.pool.guests.shortest_sleep), 0.95)
        yield Stage("resume", HANDOVER, 0.99)
        domain.wake(self.pool, self.vm, self.target, domain.RUNNING)
        agent.go_on(self.pool, self.vm)

    def _freeze(self) -> None:
        agent.inside(self.pool, self.vm)["frozen"] = True
        agent.fell_silent(self.pool, self.vm)

    def _thaw(self) -> None:
        known = agent.inside(self.pool, self.vm)
        before, known["frozen"] = known.get("frozen"), False
        if before and self.pool.db.exists("VM", self.vm):
            agent.speaks(self.pool, self.vm)

    def _failure(self, error: Refusal) -> Refusal:
        """Return what the caller is told; a guest past the point of no return ends halted."""
        if self.past_return and self.pool.db.exists("VM", self.vm):
            domain.vanish(self.pool, self.vm)
            for tell in self.pool.guests.on_stopped:
                tell(self.pool, self.vm, "migration")
        if isinstance(error, Cancelled):
            return error
        if isinstance(error, XenError) and error.params != (self.target,):
            return error
        return XenError("VM_MIGRATE_FAILED", self.vm, self.source, self.target, str(error))

    def _tell(self) -> None:
        source, target = (_spelt(self.call, host) for host in (self.source, self.target))
        text = f"migrated from host {source} to host {target}"
        alerts.about_guest(self.pool, self.vm, "VM_MIGRATED", text)


def _spelt(call: Call, host: str) -> str:
    row = call.db.row("host", host)
    return f"'{row['name_label']}' (uuid: {row['uuid']})"
