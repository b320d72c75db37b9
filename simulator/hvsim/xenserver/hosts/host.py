"""Messages about hosts: enabled or not, up or down, and what they tell of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.hardware import Power
from hvsim.operations import Stage
from hvsim.xenserver import task
from hvsim.xenserver.availability import failover, liveset
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import host_rules, residents, service
from hvsim.xenserver.life import memory, power, underway
from hvsim.xenserver.mastery import membership
from hvsim.xenserver.mastery.transition import here
from hvsim.xenserver.messages import Call, message

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.pool import Member, Pool

_POWER_OFF: Final = 10.0
"""Seconds between the answer to a shutdown and the end of the machine's power."""
_STOP_GUESTS: Final = 60.0
"""Seconds that guests left on a host get to shut down before it does (a lab's own figure)."""
_FIRMWARE: Final = 5.0
"""Seconds that a restarting machine is without power (a lab's own figure)."""
_WAKE: Final = 5.0
"""Seconds from the order to the power of a machine (a lab's own figure)."""


@message("host.disable")
def disable(call: Call, host: str, auto_enable: bool = True) -> None:
    """Let no guest come to a host; it is never asked whether the host is the master.

    Raises:
        XenError: ``HA_OPERATION_WOULD_BREAK_FAILOVER_PLAN``; ``HOST_OFFLINE``.
    """
    row = call.db.row("host", host)
    failover.assert_kept(call.pool, failover.Change(disable=(host,)))
    underway.contact(call.pool, host)
    if row["enabled"]:
        member = call.pool.members[host]
        member.kept_disabled = True
        member.auto_enable = auto_enable
        call.db.change("host", host, enabled=False)
    host_rules.refresh(call.pool, host)


@message("host.enable")
def enable(call: Call, host: str) -> None:
    """Let guests come to a host again.

    Raises:
        XenError: ``HOST_STILL_BOOTING``, ``HOST_DISABLED_UNTIL_REBOOT`` [host], what another
            operation on the host forbids.
    """
    row = call.db.row("host", host)
    if not call.pool.legacy:
        host_rules.check(call.pool, host, "enable")
    underway.contact(call.pool, host)
    if row["enabled"]:
        return
    member = call.pool.members[host]
    if member.startup is not None and not member.startup.done:
        raise XenError("HOST_STILL_BOOTING")
    if member.disabled_until_reboot:
        raise XenError("HOST_DISABLED_UNTIL_REBOOT", host)
    member.kept_disabled = False
    member.auto_enable = True
    call.db.change("host", host, enabled=True)
    host_rules.refresh(call.pool, host)
    if call.pool.row["ha_enabled"] and call.pool.row["ha_overcommitted"]:
        failover.update_status(call.pool)


@message("host.shutdown")
def shutdown(call: Call, host: str) -> None:
    """Shut a disabled host down; it is marked as lost at once and goes ten seconds later."""
    _go_down(call, host, "shutdown", again=False)


@message("host.reboot")
def reboot(call: Call, host: str) -> None:
    """Restart a disabled host; it comes back, and enables itself, when it has started."""
    _go_down(call, host, "reboot", again=True)


@message("host.power_on")
def power_on(call: Call, host: str) -> Operation:
    """Give power to a host that is down, by its remote power card.

    Raises:
        XenError: ``HOST_IS_LIVE``; ``HOST_POWER_ON_MODE_DISABLED`` while no card is set up.
    """
    call.db.row("host", host)
    host_rules.begin(call, host, "power_on")
    operation = task.start(call, f"{call.pool.path}/host/{host}", _wake(call, host))
    operation.on_done.insert(0, lambda _: host_rules.end(call, host))
    return operation


@message("host.set_power_on_mode")
def set_power_on_mode(
    call: Call, host: str, power_on_mode: str, power_on_config: dict[str, str]
) -> None:
    """Say how a host can be powered on from afar."""
    call.db.change("host", host, power_on_mode=power_on_mode, power_on_config=dict(power_on_config))
    host_rules.refresh(call.pool, host)


@message("host.declare_dead")
def declare_dead(call: Call, host: str) -> None:
    """Give up a host that does not answer: its guests count as halted.

    Raises:
        XenError: ``HOST_IS_LIVE`` [host].
    """
    _assert_dead(call.pool, host)
    for vm in residents.of(call.pool, host):
        power.force_halted(call.pool, vm)
    call.db.change("host", host, enabled=False)
    host_rules.refresh(call.pool, host)


@message("host.destroy")
def destroy(call: Call, host: str) -> None:
    """Forget a host that does not answer.

    Raises:
        XenError: ``HOST_IS_LIVE``, ``HA_IS_ENABLED``, ``HOST_HAS_RESIDENT_VMS``.
    """
    _assert_dead(call.pool, host)
    if call.pool.row["ha_enabled"]:
        raise XenError("HA_IS_ENABLED")
    if residents.of(call.pool, host):
        raise XenError("HOST_HAS_RESIDENT_VMS", host)
    forget(call.pool, host)


def forget(pool: Pool, host: str) -> None:
    """Remove a host's row and the rows that make no sense without it."""
    row = pool.db.row("host", host)
    for vm in list(row["resident_VMs"]):
        pool.db.remove("VM", vm)
    pool.db.remove("host", host)
    for cls in ("PBD", "PIF", "host_cpu"):
        for ref, other in list(pool.db.tables[cls].items()):
            if other["host"] == host:
                pool.db.remove(cls, ref)
    for cls, interface in (("VLAN", "untagged_PIF"), ("Bond", "master")):
        for ref, other in list(pool.db.tables[cls].items()):
            if not pool.db.exists("PIF", other[interface]):
                pool.db.remove(cls, ref)
    if pool.db.exists("host_metrics", row["metrics"]):
        pool.db.remove("host_metrics", row["metrics"])


@message("host.is_in_emergency_mode")
def is_in_emergency_mode(call: Call) -> bool:
    """Return whether the host that the call was made to is in emergency mode."""
    return here(call).emergency is not None


@message("host.local_assert_healthy")
def local_assert_healthy(call: Call) -> None:
    """Raise the error that the host answers in emergency mode, if it is in it."""
    member = here(call)
    if member.emergency is not None:
        raise member.emergency


@message("host.ha_xapi_healthcheck")
def ha_xapi_healthcheck(call: Call) -> bool:
    """Return true: the service that answers is alive."""
    del call
    return True


@message("host.restart_agent")
def restart_agent(call: Call, host: str) -> None:
    """Restart a host's management service a second after the answer."""
    call.db.row("host", host)
    underway.contact(call.pool, host)
    membership.restart_service(call.pool, call.pool.members[host], 1.0)


@message("host.shutdown_agent")
def shutdown_agent(call: Call) -> None:
    """End the management service of the host that the call was made to, a second later."""
    member = here(call)

    def steps() -> Steps:
        yield Stage("fuse", 1.0)
        membership.stop_service(call.pool, member)

    call.world.operations.start("xapi.stop", service.subject(call.pool, member), steps())


@message("host.compute_free_memory")
def compute_free_memory(call: Call, host: str) -> int:
    """Return the bytes that a host could give to another guest."""
    call.db.row("host", host)
    return memory.available(call.pool, host)


@message("host.compute_memory_overhead")
def compute_memory_overhead(call: Call, host: str) -> int:
    """Return the bytes that the hypervisor keeps of a host's memory."""
    overhead: int = call.db.row("host", host)["memory_overhead"]
    return overhead


@message("host.get_uncooperative_resident_VMs", "host.get_uncooperative_domains")
def get_uncooperative(call: Call, host: str) -> list[str]:
    """Return nothing, as XenServer has since it gave up judging guests so."""
    call.db.row("host", host)
    return []


@message("host.get_servertime", "host.get_server_localtime")
def get_servertime(call: Call, host: str) -> str:
    """Return the date on a host; lab hosts live by UTC."""
    call.db.row("host", host)
    return stamp(call.world)


@message("host.get_management_interface")
def get_management_interface(call: Call, host: str) -> str:
    """Return the interface a host is managed by."""
    for ref in call.db.row("host", host)["PIFs"]:
        if call.db.row("PIF", ref)["management"]:
            return str(ref)
    raise XenError("INTERNAL_ERROR", "Not_found")


@message("host.get_log", "host.dmesg_clear")
def get_log(call: Call, host: str) -> None:
    """Refuse as XenServer does: these were never written."""
    call.db.row("host", host)
    raise XenError("NOT_IMPLEMENTED", call.message.rpartition(".")[2])


@message("host.set_hostname_live")
def set_hostname_live(call: Call, host: str, hostname: str) -> None:
    """Rename a host's system.

    Raises:
        XenError: ``HOST_NAME_INVALID`` [reason].
    """
    call.db.row("host", host)
    underway.contact(call.pool, host)
    if not hostname or len(hostname) > 63 or not hostname.replace("-", "a").isalnum():
        raise XenError("HOST_NAME_INVALID", "hostname is not valid")
    call.db.change("host", host, hostname=hostname)


@message("host.call_plugin")
def call_plugin(call: Call, host: str, plugin: str, fn: str, args: dict[str, str]) -> str:
    """Refuse with ``XENAPI_MISSING_PLUGIN``: lab hosts have no plug-ins installed."""
    del fn, args
    call.db.row("host", host)
    raise XenError("XENAPI_MISSING_PLUGIN", plugin)


def _assert_dead(pool: Pool, host: str) -> None:
    row = pool.db.row("host", host)
    marked_live = pool.db.row("host_metrics", row["metrics"])["live"]
    member = pool.members.get(host)
    answers = member is not None and member.answers() is None
    if host == pool.row["master"] or (marked_live and answers):
        raise XenError("HOST_IS_LIVE", host)


def _go_down(call: Call, host: str, op: str, *, again: bool) -> None:
    pool = call.pool
    call.db.row("host", host)
    host_rules.check(pool, host, op)
    underway.contact(pool, host)
    member = pool.members[host]
    if pool.has("host-goes-down-empty"):
        _assert_empty(pool, host)
    if member.armed and pool.has("ha-blind-host-stays-up"):
        _assert_sighted(pool, member)
    member.shutting_down = True
    member.disabled_until_reboot = True
    _mark_going(call, host)
    service.set_live(pool, host, live=False)
    steps = _power_off(pool, member, again=again)
    call.world.operations.start("xapi.poweroff", service.subject(pool, member), steps)


def _assert_empty(pool: Pool, host: str) -> None:
    for vm in residents.of(pool, host):
        if pool.db.row("VM", vm)["power_state"] == "Running":
            raise XenError("HOST_IN_USE", host, "vm", vm)


def _assert_sighted(pool: Pool, member: Member) -> None:
    if not liveset.has_statefile(pool, member):
        raise XenError("HA_LOST_STATEFILE")


def _mark_going(call: Call, host: str) -> None:
    """Keep a task on the host's row until it is back, so that nothing else is begun on it."""
    text = "Host is rebooting" if call.message.endswith("reboot") else "Host is shutting down"
    ref = call.db.add(
        "task",
        {
            "name_label": text,
            "name_description": text,
            "created": stamp(call.world),
            "status": "pending",
            "resident_on": host,
            "subtask_of": call.task,
        },
    )
    current = call.db.row("host", host)["current_operations"]
    call.db.change("host", host, current_operations={**current, ref: "shutdown"})
    host_rules.refresh(call.pool, host)


def _power_off(pool: Pool, member: Member, *, again: bool) -> Steps:
    hardware = pool.world.hardware
    name = member.server.name
    yield Stage("power-off", _POWER_OFF)
    if residents.of(pool, member.host):
        yield Stage("stop-guests", _STOP_GUESTS)
        for vm in residents.of(pool, member.host):
            residents.halt(pool, vm)
    if member.server.power is Power.ON:
        hardware.shut_down(name)
    if again and member.server.power is Power.OFF:
        yield Stage("firmware", _FIRMWARE)
        hardware.boot(name)


def _wake(call: Call, host: str) -> Steps:
    yield Stage("wake", _WAKE, 1.0)
    server = call.pool.members[host].server
    if server.power is Power.OFF:
        call.world.hardware.boot(server.name)
