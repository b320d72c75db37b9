"""Connections of hosts to storage repositories.

Source: xapi's ``xapi_pbd``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.xenserver import alerts, marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.storage import backend, sr_rules

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Member, Pool

ATTACH_SECONDS: Final = 2.0
"""How long a host takes to connect to a repository, or let it go."""


@message("PBD.create")
def create(call: Call, args: dict[str, Any]) -> str:
    """Describe how a host reaches a repository; return the reference. It is not plugged yet.

    Raises:
        XenError: ``PBD_EXISTS``; ``INVALID_VALUE`` for keys the product keeps to itself.
    """
    host, sr = args["host"], args["SR"]
    call.db.row("host", host)
    return add(call.pool, host, sr, args.get("device_config", {}), args.get("other_config", {}))


def add(
    pool: Pool, host: str, sr: str, config: dict[str, str], other: dict[str, str] | None = None
) -> str:
    """Enter a connection, not attached; return its reference."""
    for ref in pool.db.row("SR", sr)["PBDs"]:
        if pool.db.row("PBD", ref)["host"] == host:
            raise XenError("PBD_EXISTS", sr, host, ref)
    if "SRmaster" in config:
        text = "This key is for internal use only"
        raise XenError("VALUE_NOT_SUPPORTED", "SRmaster", config["SRmaster"], text)
    fields = {"host": host, "SR": sr, "device_config": config, "other_config": other or {}}
    ref = pool.db.add("PBD", {**fields, "currently_attached": False})
    marks.refresh(pool, "SR", sr)
    return ref


@message("PBD.destroy")
def destroy(call: Call, pbd: str) -> None:
    """Forget how a host reaches a repository, once it is unplugged."""
    row = call.db.row("PBD", pbd)
    if row["currently_attached"]:
        raise XenError("OPERATION_NOT_ALLOWED", "PBD is currently attached")
    call.db.remove("PBD", pbd)
    marks.refresh(call.pool, "SR", row["SR"])


@message("PBD.plug")
def plug(call: Call, pbd: str) -> Operation | None:
    """Connect a host to a repository; nothing happens when it is connected.

    Raises:
        XenError: ``SR_NOT_SHARABLE`` when another host has a repository of one host;
            ``SR_BACKEND_FAILURE_73`` and the like where the host finds no storage.
    """
    row = call.db.row("PBD", pbd)
    sr = row["SR"]
    sr_rules.check(call.pool, sr, "plug")
    if row["currently_attached"]:
        return None
    others = [other for other in backend.pbds(call.db, sr) if other["host"] != row["host"]]
    if others and not call.db.row("SR", sr)["shared"]:
        raise XenError("SR_NOT_SHARABLE", sr, others[0]["host"])
    require_storage(call.pool, pbd)

    def steps() -> Steps:
        yield Stage("plug", ATTACH_SECONDS)
        require_storage(call.pool, pbd)
        attach(call.pool, pbd)

    return marks.run(call, ("PBD", pbd), [("SR", sr, "plug")], steps())


@message("PBD.unplug")
def unplug(call: Call, pbd: str) -> Operation | None:
    """Disconnect a host from a repository that none of its guests uses.

    Raises:
        XenError: ``VDI_IN_USE`` [disks]; ``HA_IS_ENABLED`` while a statefile lies there;
            ``HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED`` for a protected guest's storage.
    """
    row = call.db.row("PBD", pbd)
    sr_rules.check(call.pool, row["SR"], "unplug")
    if not row["currently_attached"]:
        return None
    _require_unprotected(call.pool, row["host"], row["SR"])
    used = _disks_in_use(call.pool, row["host"], row["SR"])
    if used:
        raise XenError("VDI_IN_USE", *used)

    def steps() -> Steps:
        yield Stage("unplug", ATTACH_SECONDS)
        detach(call.pool, pbd)

    return marks.run(call, ("PBD", pbd), [("SR", row["SR"], "unplug")], steps())


@message("PBD.set_device_config")
def set_device_config(call: Call, pbd: str, value: dict[str, str]) -> None:
    """Describe a host's way to a repository anew (heeded when it is next plugged)."""
    call.db.change("PBD", pbd, device_config=value)


def attach(pool: Pool, pbd: str) -> None:
    """Note that a host is connected to a repository now."""
    pool.db.change("PBD", pbd, currently_attached=True)
    refresh(pool, pool.db.row("PBD", pbd)["SR"])


def detach(pool: Pool, pbd: str) -> None:
    """Note that a host is not connected to a repository any more."""
    pool.db.change("PBD", pbd, currently_attached=False)
    refresh(pool, pool.db.row("PBD", pbd)["SR"])


def plug_all(pool: Pool, member: Member) -> None:
    """Connect a host to its storage as its service starts; what cannot be plugged is told.

    A path that is lost later does not change ``PBD.currently_attached``: only a plug that fails
    shows it.
    """
    rebooted, member.unplugged = member.unplugged, False
    host = pool.db.tables["host"].get(member.host)
    failed = False
    for ref in host["PBDs"] if host is not None else ():
        if rebooted or not pool.db.row("PBD", ref)["currently_attached"]:
            failed |= not _plugged(pool, ref)
    if failed and host is not None:
        alerts.create(pool, "PBD_PLUG_FAILED_ON_SERVER_START", "Host", host["uuid"], "")


def _plugged(pool: Pool, pbd: str) -> bool:
    try:
        require_storage(pool, pbd)
    except XenError:
        if pool.db.row("PBD", pbd)["currently_attached"]:
            detach(pool, pbd)
        return False
    attach(pool, pbd)
    return True


def refresh(pool: Pool, sr: str) -> None:
    """Bring what a repository and its disks allow up to date."""
    marks.refresh(pool, "SR", sr)
    for vdi in pool.db.row("SR", sr)["VDIs"]:
        marks.refresh(pool, "VDI", vdi)


def require_storage(pool: Pool, pbd: str) -> None:
    """Raise unless the host of a connection finds the storage that it describes."""
    row = pool.db.row("PBD", pbd)
    kind = pool.db.row("SR", row["SR"])["type"]
    found = backend.locate(pool, row["host"], kind, row["device_config"])
    server = pool.members[row["host"]].server.name if row["host"] in pool.members else ""
    if found is not None and not found.reached_by(server):
        raise backend.unreachable(kind)


def _require_unprotected(pool: Pool, host: str, sr: str) -> None:
    if not pool.row["ha_enabled"]:
        return
    disks = set(pool.db.row("SR", sr)["VDIs"])
    if pool.db.row("host", host)["enabled"] and not pool.row["ha_allow_overcommit"]:
        for vm in pool.db.tables["VM"].values():
            keeps = vm["ha_always_run"] and vm["ha_restart_priority"] not in ("", "best-effort")
            if keeps and any(pool.db.row("VBD", vbd)["VDI"] in disks for vbd in vm["VBDs"]):
                raise XenError("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", sr)
    if disks.intersection(pool.row["ha_statefiles"]):
        raise XenError("HA_IS_ENABLED")


def _disks_in_use(pool: Pool, host: str, sr: str) -> list[str]:
    found = []
    for vm in pool.db.row("host", host)["resident_VMs"]:
        for ref in pool.db.row("VM", vm)["VBDs"]:
            vbd = pool.db.row("VBD", ref)
            if vbd["currently_attached"] and not vbd["empty"]:
                disk = pool.db.row("VDI", vbd["VDI"])
                if disk["SR"] == sr and disk["type"] != "metadata":
                    found.append(vbd["VDI"])
    return found
