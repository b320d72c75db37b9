"""Operations on the pool as a whole: which of them may run now (releases since 8.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.xenserver import task
from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

BLOCKING: Final = {
    "ha_enable": "HA_ENABLE_IN_PROGRESS",
    "ha_disable": "HA_DISABLE_IN_PROGRESS",
    "cluster_create": "CLUSTER_CREATE_IN_PROGRESS",
    "designate_new_master": "DESIGNATE_NEW_MASTER_IN_PROGRESS",
    "tls_verification_enable": "TLS_VERIFICATION_ENABLE_IN_PROGRESS",
    "configure_repositories": "CONFIGURE_REPOSITORIES_IN_PROGRESS",
    "sync_updates": "SYNC_UPDATES_IN_PROGRESS",
    "apply_updates": "APPLY_UPDATES_IN_PROGRESS",
}
"""Operations that exclude each other, with the error that says which one runs."""


def check(pool: Pool, op: str) -> None:
    """Raise why an operation on the pool may not begin now, if it may not."""
    if pool.legacy:
        return
    current = pool.row["current_operations"]
    for ref, doing in current.items():
        if doing in BLOCKING and op in BLOCKING:
            raise XenError(BLOCKING[doing])
        raise XenError("OTHER_OPERATION_IN_PROGRESS", "pool", pool.ref, doing, ref)
    if op == "ha_enable" and pool.row["ha_enabled"]:
        raise XenError("HA_IS_ENABLED")
    if op == "ha_disable" and not pool.row["ha_enabled"]:
        raise XenError("HA_NOT_ENABLED")


def mark(call: Call, op: str) -> None:
    """Note that the call's task does ``op`` to the pool."""
    current = call.pool.row["current_operations"]
    _set(call.pool, {**current, task.of(call): op})


def unmark(call: Call) -> None:
    """Note that the call's task is done with the pool."""
    current = call.pool.row["current_operations"]
    _set(call.pool, {ref: op for ref, op in current.items() if ref != call.task})


def refresh(pool: Pool) -> None:
    """Bring ``pool.allowed_operations`` up to date."""
    _set(pool, pool.row["current_operations"])


def _set(pool: Pool, current: dict[str, str]) -> None:
    if pool.legacy:
        return
    pool.db.change("pool", pool.ref, current_operations=current)
    known = pool.model.enums["pool_allowed_operations"]
    allowed = [op for op in known if _allowed(pool, op)]
    pool.db.change("pool", pool.ref, allowed_operations=allowed)


def _allowed(pool: Pool, op: str) -> bool:
    try:
        check(pool, op)
    except XenError:
        return False
    return True
