"""Alerts: the rows of class ``message`` by which a pool tells what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver.dates import stamp

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

LEGACY: Final = {
    "HA_STATEFILE_LOST": 10,
    "HA_NETWORK_BONDING_ERROR": 10,
    "HA_POOL_OVERCOMMITTED": 1,
    "HA_HOST_FAILED": 10,
    "HOST_CLOCK_SKEW_DETECTED": 10,
    "HA_HEARTBEAT_APPROACHING_TIMEOUT": 1,
    "HA_STATEFILE_APPROACHING_TIMEOUT": 1,
    "HA_XAPI_HEALTHCHECK_APPROACHING_TIMEOUT": 1,
    "HA_POOL_DROP_IN_PLAN_EXISTS_FOR": 1,
    "HA_PROTECTED_VM_RESTART_FAILED": 1,
    "HA_HOST_WAS_FENCED": 1,
    "IP_CONFIGURED_PIF_CAN_UNPLUG": 1,
    "VM_STARTED": 1,
    "VM_SHUTDOWN": 1,
    "VM_REBOOTED": 1,
    "VM_SUSPENDED": 1,
    "VM_RESUMED": 1,
    "VM_CRASHED": 1,
    "VM_CLONED": 1,
    "HOST_SYNC_DATA_FAILED": 1,
    "POOL_MASTER_TRANSITION": 1,
    "PBD_PLUG_FAILED_ON_SERVER_START": 1,
    "ALARM": 1,
}
"""Alerts that XenServer 5.5 sends, with their priorities: there a greater number weighs more."""

_WARNING: Final = 3
"""Priority of an alert that the data model does not list; there 1 is the most urgent."""


def create(pool: Pool, name: str, cls: str, uuid: str, body: str) -> str | None:
    """Add an alert about an object; return its reference, None if the release has no such alert.

    Args:
        name: the alert's name, e.g. ``VM_MIGRATED``.
        cls: class of the object as alerts spell it (``VM``, ``Host``, ``Pool``, ``SR``).
        uuid: UUID of the object, in ``obj_uuid``.
        body: the text; clients show it as it is.
    """
    if pool.legacy and name not in LEGACY:
        return None
    priority = LEGACY[name] if pool.legacy else pool.model.alerts.get(name, _WARNING)
    return pool.db.add(
        "message",
        {
            "name": name,
            "priority": priority,
            "cls": cls,
            "obj_uuid": uuid,
            "timestamp": stamp(pool.world),
            "body": body,
        },
    )


def about_guest(pool: Pool, vm: str, name: str, what: str) -> None:
    """Alert about a guest: its name (today its UUID too), then ``what`` happened to it."""
    row = pool.db.row("VM", vm)
    uuid = "" if pool.legacy else f" (uuid: {row['uuid']})"
    create(pool, name, "VM", row["uuid"], f"VM '{row['name_label']}'{uuid} {what}")


def named(pool: Pool, host: str) -> str:
    """Return a host as the texts of alerts name it."""
    row = pool.db.row("host", host)
    return f"{row['name_label']} (uuid: {row['uuid']})"
