"""Leaving a pool: the host goes back to the state of a fresh installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.operations import Stage
from hvsim.xenserver import task
from hvsim.xenserver.availability import liveset
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import host, residents, service
from hvsim.xenserver.life import underway
from hvsim.xenserver.mastery import pool_rules
from hvsim.xenserver.messages import Call, message
from hvsim.xenserver.storage import vbd

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.pool import Pool


@message("pool.eject")
def eject(call: Call, ref: str) -> Operation:
    """Take a host out of the pool; its local storage is lost.

    Raises:
        XenError: ``HA_IS_ENABLED``; ``OPERATION_NOT_ALLOWED`` ["VM resident on host"];
            ``INTERNAL_ERROR`` for the master, which cannot leave.
    """
    call.db.row("host", ref)
    pool_rules.check(call.pool, "eject")
    underway.contact(call.pool, ref)
    if call.pool.row["ha_enabled"]:
        raise XenError("HA_IS_ENABLED")
    if ref == call.pool.row["master"]:
        raise XenError("INTERNAL_ERROR", "Xapi_pool.Cannot_eject_master")
    if residents.of(call.pool, ref):
        raise XenError("OPERATION_NOT_ALLOWED", "VM resident on host")
    pool_rules.mark(call, "eject")
    operation = task.start(call, liveset.subject_of(call.pool), _leave(call.pool, ref))
    operation.on_done.insert(0, lambda _: pool_rules.unmark(call))
    return operation


@message("pool.get_license_state")
def get_license_state(call: Call, ref: str) -> dict[str, str]:
    """Return the edition that every host of the pool has, and when its licence ends."""
    call.db.row("pool", ref)
    editions = sorted({row["edition"] for row in call.db.tables["host"].values()})
    return {"edition": editions[0], "expiry": "never"}


def _leave(pool: Pool, ref: str) -> Steps:
    yield Stage("unplug-storage", 3.0, 0.5)
    _forget_local_storage(pool, ref)
    yield Stage("reset-networking", 2.0, 0.9)
    member = pool.members.pop(ref)
    host.forget(pool, ref)
    service.end(pool, member)


def _forget_local_storage(pool: Pool, ref: str) -> None:
    for link in list(pool.db.row("host", ref)["PBDs"]):
        storage = pool.db.row("PBD", link)["SR"]
        row = pool.db.row("SR", storage)
        if len(row["PBDs"]) == 1:
            for disk in list(row["VDIs"]):
                for link_to in pool.db.row("VDI", disk)["VBDs"]:
                    vbd.lose_disk(pool, link_to)
                pool.db.remove("VDI", disk)
            pool.db.remove("SR", storage)
        pool.db.remove("PBD", link)
