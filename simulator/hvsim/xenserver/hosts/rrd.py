"""Performance figures: the data sources of hosts and guests, and their present values.

Values follow from the present state alone: nothing is recorded between two questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import rules, underway
from hvsim.xenserver.messages import Call, message
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

_OPERATION: Final = "data_source_op"
_UNITS: Final = {
    "memory_total_kib": ("KiB", "Total amount of memory in use"),
    "memory_free_kib": ("KiB", "Total amount of free memory"),
    "running_vcpus": ("count", "The total number of running vCPUs"),
    "running_domains": ("count", "The total number of running domains"),
    "memory": ("B", "Memory currently allocated to VM"),
}


def values(pool: Pool, host: str) -> dict[str, float]:
    """Return what a host's data sources read now, by name."""
    row = pool.db.row("host", host)
    metrics = pool.db.row("host_metrics", row["metrics"])
    guests = [pool.db.row("VM", vm) for vm in row["resident_VMs"]]
    running = [vm for vm in guests if vm["power_state"] == "Running"]
    return {
        "memory_total_kib": metrics["memory_total"] / 1024,
        "memory_free_kib": metrics["memory_free"] / 1024,
        "running_vcpus": float(sum(vm["VCPUs_at_startup"] for vm in running)),
        "running_domains": float(len(running)),
    }


def guest_values(pool: Pool, vm: str) -> dict[str, float]:
    """Return what a guest's data sources read now; it has none while it is on no host."""
    row = pool.db.row("VM", vm)
    metrics = pool.db.tables["VM_metrics"].get(row["metrics"])
    if metrics is None or row["resident_on"] == NULL_REF:
        return {}
    return {"memory": float(metrics["memory_actual"])}


@message("host.get_data_sources")
def get_data_sources(call: Call, host: str) -> list[dict[str, Any]]:
    """Return the host's data sources as records."""
    underway.contact(call.pool, host)
    return [_record(name, value) for name, value in values(call.pool, host).items()]


@message("host.query_data_source")
def query_data_source(call: Call, host: str, data_source: str) -> float:
    """Return the present value of a data source."""
    underway.contact(call.pool, host)
    return _find(values(call.pool, host), data_source)


@message("host.record_data_source", "host.forget_data_source_archives")
def record_data_source(call: Call, host: str, data_source: str) -> None:
    """Accept for a known data source; archives are not kept."""
    _find(values(call.pool, host), data_source)


@message("VM.get_data_sources")
def get_guest_data_sources(call: Call, vm: str) -> list[dict[str, Any]]:
    """Return the data sources of a running guest as records."""
    rules.check(call, vm, _OPERATION)
    _contact(call, vm)
    return [_record(name, value) for name, value in guest_values(call.pool, vm).items()]


@message("VM.query_data_source")
def query_guest_data_source(call: Call, vm: str, data_source: str) -> float:
    """Return the present value of a data source of a guest."""
    _contact(call, vm)
    return _find(guest_values(call.pool, vm), data_source)


@message("VM.record_data_source", "VM.forget_data_source_archives")
def record_guest_data_source(call: Call, vm: str, data_source: str) -> None:
    """Accept for a known data source of a running guest; archives are not kept."""
    rules.check(call, vm, _OPERATION)
    _find(guest_values(call.pool, vm), data_source)


def _contact(call: Call, vm: str) -> None:
    underway.contact(call.pool, call.db.row("VM", vm)["resident_on"])


def _find(found: dict[str, float], name: str) -> float:
    if name not in found:
        raise XenError("INTERNAL_ERROR", f"Could not find data source {name}")
    return found[name]


def _record(name: str, value: float) -> dict[str, Any]:
    units, text = _UNITS[name]
    return {
        "name_label": name,
        "name_description": text,
        "enabled": True,
        "standard": True,
        "units": units,
        "min": 0.0,
        "max": float("inf"),
        "value": value,
    }
