"""Where a guest may run, and which host is chosen for it.

Facts from xapi's ``xapi_vm_helpers`` and ``vm_placement``: the order of the checks, the home
server first, else a draw that favours hosts with much free memory and shuns the master.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import memory
from hvsim.xenserver.life.traits import booted_hvm
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.database import Row
    from hvsim.xenserver.pool import Pool

Ranking: TypeAlias = "Callable[[Pool, str, str], int]"
"""(pool, host, guest) -> how desirable a host is; below 0 when it is out of the question."""

_RESOLUTION = 1000
"""Steps in which today's release ranks hosts whose guests must shrink."""


def check(pool: Pool, vm: str, host: str, *, with_memory: bool = True) -> None:
    """Raise the first error that keeps the guest from running on a host.

    Args:
        with_memory: whether the host's free memory counts.

    Raises:
        XenError: ``INVALID_VALUE``, ``VALUE_NOT_SUPPORTED``, ``MEMORY_CONSTRAINT_VIOLATION``,
            ``HOST_NOT_LIVE``, ``HOST_DISABLED``, ``VM_REQUIRES_SR``, ``VM_REQUIRES_NETWORK``,
            ``VM_HVM_REQUIRED``, ``HOST_NOT_ENOUGH_FREE_MEMORY`` [needed, available].
    """
    row = pool.db.row("VM", vm)
    _check_basics(pool, row)
    check_live(pool, host)
    here = row["power_state"] == "Running" and row["resident_on"] == host
    if pool.has("disabled-host-keeps-nobody") or not (here or row["is_control_domain"]):
        check_enabled(pool, host)
    check_storage(pool, vm, host)
    _check_networks(pool, vm, host)
    if booted_hvm(pool.db, row) and not _supports_hvm(pool, host):
        raise XenError("VM_HVM_REQUIRED", vm)
    if with_memory:
        _check_memory(pool, vm, host)


def check_live(pool: Pool, host: str) -> None:
    """Raise ``HOST_NOT_LIVE`` for a host that is marked as lost."""
    if not is_live(pool, host):
        raise XenError("HOST_NOT_LIVE")


def check_enabled(pool: Pool, host: str) -> None:
    """Raise ``HOST_DISABLED`` for a host that takes no guests."""
    if not pool.db.row("host", host)["enabled"]:
        raise XenError("HOST_DISABLED", host)


def is_live(pool: Pool, host: str) -> bool:
    """Whether the pool holds a host for alive (``host_metrics.live``)."""
    metrics = pool.db.tables["host_metrics"].get(pool.db.row("host", host)["metrics"])
    return metrics is not None and bool(metrics["live"])


def check_storage(pool: Pool, vm: str, host: str) -> None:
    """Raise ``VM_REQUIRES_SR`` for the first repository of the guest that a host has not."""
    there = attached_storages(pool, host)
    for storage in storages_of(pool, vm):
        if storage not in there:
            raise XenError("VM_REQUIRES_SR", vm, storage)


def storages_of(pool: Pool, vm: str) -> list[str]:
    """Return the repositories of the guest's disks, and of its image while it is suspended."""
    row = pool.db.row("VM", vm)
    disks = [_disk(pool, vbd) for vbd in row["VBDs"]]
    if row["power_state"] == "Suspended":
        disks.append(row["suspend_VDI"])
    known = pool.db.tables["VDI"]
    return list(dict.fromkeys(known[disk]["SR"] for disk in disks if disk in known))


def attached_storages(pool: Pool, host: str) -> frozenset[str]:
    """Return the repositories that a host is attached to."""
    links = pool.db.tables["PBD"]
    plugged = (links[ref] for ref in pool.db.row("host", host)["PBDs"])
    return frozenset(link["SR"] for link in plugged if link["currently_attached"])


def possible_hosts(pool: Pool, vm: str) -> list[str]:
    """Return the hosts that the guest could be started on now."""
    return [host for host in pool.db.tables["host"] if fits(pool, vm, host)]


def fits(pool: Pool, vm: str, host: str, *, with_memory: bool = True) -> bool:
    """Whether the guest could run on a host now."""
    try:
        check(pool, vm, host, with_memory=with_memory)
    except XenError:
        return False
    return True


def choose(pool: Pool, vm: str) -> str:
    """Return the host that the guest will be started on.

    Raises:
        XenError: ``NO_HOSTS_AVAILABLE``. Today's release tries a host without enough memory
            before it gives up, which fails with ``HOST_NOT_ENOUGH_FREE_MEMORY``.
    """
    reported = pool.has("placement-by-reported-memory")
    found = _draw_by_report(pool, vm) if reported else _draw(pool, vm, with_memory=True)
    if found is not None:
        return found
    cramped = None if reported else _draw(pool, vm, with_memory=False)
    if cramped is None:
        raise XenError("NO_HOSTS_AVAILABLE")
    _check_memory(pool, vm, cramped)
    return cramped


def approve(pool: Pool, vm: str, host: str) -> None:
    """Let those who plan for failures forbid that the guest comes to a host."""
    for forbid in pool.guests.placement_checks:
        forbid(pool, vm, host)


def _draw_by_report(pool: Pool, vm: str) -> str | None:
    home: str = pool.db.row("VM", vm)["affinity"]
    if pool.db.exists("host", home) and fits(pool, vm, home):
        return home
    candidates = [host for host in pool.db.tables["host"] if host != home and _open(pool, host)]
    candidates.sort(key=lambda host: -_free_as_reported(pool, host))
    return _pick(pool, vm, candidates, with_memory=True)


def _draw(pool: Pool, vm: str, *, with_memory: bool) -> str | None:
    remaining = [host for host in pool.db.tables["host"] if not _evacuating(pool, host)]
    for ranking in (_as_home, _with_all_static, _with_all_dynamic, _when_squeezed):
        values = {host: ranking(pool, host, vm) for host in remaining}
        within = [host for host in remaining if values[host] >= 0]
        within.sort(key=lambda host: -values[host])
        found = _pick(pool, vm, within, with_memory=with_memory)
        if found is not None:
            return found
        remaining = [host for host in remaining if values[host] < 0]
    return None if with_memory else _pick(pool, vm, remaining, with_memory=False)


def _pick(pool: Pool, vm: str, hosts: list[str], *, with_memory: bool) -> str | None:
    """Draw hosts, the first ones more often, until one fits."""
    remaining = list(hosts)
    stream = pool.world.streams.stream(f"{pool.path}/VM/{vm}")
    while remaining:
        host = remaining.pop(int(len(remaining) * stream.random() ** 2))
        if fits(pool, vm, host, with_memory=with_memory):
            return host
    return None


def _as_home(pool: Pool, host: str, vm: str) -> int:
    home = pool.db.row("VM", vm)["affinity"]
    return _when_squeezed(pool, host, vm) if host == home else -1


def _with_all_static(pool: Pool, host: str, vm: str) -> int:
    return _shun_master(pool, host, _left(pool, host, vm, "memory_static_max"))


def _with_all_dynamic(pool: Pool, host: str, vm: str) -> int:
    return _shun_master(pool, host, _left(pool, host, vm, "memory_dynamic_max"))


def _when_squeezed(pool: Pool, host: str, vm: str) -> int:
    left_at_most = _left(pool, host, vm, "memory_dynamic_max")
    left_at_least = _left(pool, host, vm, "memory_dynamic_min")
    if left_at_most >= 0:
        return _RESOLUTION
    if left_at_least < 0:
        return -1
    return _RESOLUTION * left_at_least // (left_at_least - left_at_most)


def _left(pool: Pool, host: str, vm: str, field: str) -> int:
    guests = pool.db.tables["VM"]
    all_of_them = [guests[ref] for ref in dict.fromkeys([*memory.claims(pool, host), vm])]
    taken = sum(int(row[field]) + int(row["memory_overhead"]) for row in all_of_them)
    return memory.total(pool, host) - taken


def _shun_master(pool: Pool, host: str, value: int) -> int:
    biased = pool.row.get("coordinator_bias", True) and host == pool.row["master"]
    return (value - 1) // 2 if biased else value


def _free_as_reported(pool: Pool, host: str) -> int:
    metrics = pool.db.tables["host_metrics"][pool.db.row("host", host)["metrics"]]
    free: int = metrics["memory_free"]
    return free // 2 if host == pool.row["master"] else free


def _open(pool: Pool, host: str) -> bool:
    return bool(pool.db.row("host", host)["enabled"]) and is_live(pool, host)


def _evacuating(pool: Pool, host: str) -> bool:
    return "evacuate" in pool.db.row("host", host)["current_operations"].values()


def _check_basics(pool: Pool, row: Row) -> None:
    most, first = row["VCPUs_max"], row["VCPUs_at_startup"]
    if most < 1:
        raise XenError("INVALID_VALUE", "VCPUs_max", str(most))
    if first < 1:
        raise XenError("INVALID_VALUE", "VCPUs-at-startup", str(first))
    if first > most:
        why = "value greater than VCPUs-max"
        raise XenError("VALUE_NOT_SUPPORTED", "VCPUs-at-startup", str(first), why)
    if pool.has("static-range-judged") and not _coercible(row):
        raise XenError("MEMORY_CONSTRAINT_VIOLATION")
    if row["HVM_shadow_multiplier"] < 1.0:
        raise XenError("INVALID_VALUE", "HVM_shadow_multiplier", str(row["HVM_shadow_multiplier"]))


def _coercible(row: Row) -> bool:
    return bool(row["memory_static_min"] <= row["memory_static_max"])


def _disk(pool: Pool, vbd: str) -> str:
    row = pool.db.tables["VBD"].get(vbd)
    return NULL_REF if row is None or row["empty"] else row["VDI"]


def _check_networks(pool: Pool, vm: str, host: str) -> None:
    interfaces = pool.db.tables["VIF"]
    for vif in pool.db.row("VM", vm)["VIFs"]:
        network = interfaces[vif]["network"]
        if not _has_network(pool, network, host):
            raise XenError("VM_REQUIRES_NETWORK", vm, network)


def _has_network(pool: Pool, network: str, host: str) -> bool:
    row = pool.db.tables["network"].get(network)
    if row is None:
        return False
    if row["PIFs"]:
        return any(pool.db.tables["PIF"][pif]["host"] == host for pif in row["PIFs"])
    guests = pool.db.tables["VM"]
    users = [guests[pool.db.tables["VIF"][vif]["VM"]] for vif in row["VIFs"]]
    hosts = [user["resident_on"] for user in users if user["power_state"] == "Running"]
    # A network without an interface of its own stays on the host where it is first used.
    return not hosts or host in hosts


def _supports_hvm(pool: Pool, host: str) -> bool:
    return any("hvm" in text for text in pool.db.row("host", host)["capabilities"])


def _check_memory(pool: Pool, vm: str, host: str) -> None:
    need = memory.needed(pool, pool.db.row("VM", vm))
    there = memory.available(pool, host, vm)
    if there < need:
        raise XenError("HOST_NOT_ENOUGH_FREE_MEMORY", str(need), str(there))
