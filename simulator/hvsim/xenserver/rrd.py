"""Performance figures: the data sources of a host, and their present values.

Values follow from the host's state alone: nothing is recorded between two questions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver import underway
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import Call, message

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

_UNITS: Final = {
    "memory_total_kib": ("KiB", "Total amount of memory in use"),
    "memory_free_kib": ("KiB", "Total amount of free memory"),
    "running_vcpus": ("count", "The total number of running vCPUs"),
    "running_domains": ("count", "The total number of running domains"),
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


@message("host.get_data_sources")
def get_data_sources(call: Call, host: str) -> list[dict[str, Any]]:
    """Return the host's data sources as records."""
    underway.contact(call.pool, host)
    return [_record(name, value) for name, value in values(call.pool, host).items()]


@message("host.query_data_source")
def query_data_source(call: Call, host: str, data_source: str) -> float:
    """Return the present value of a data source."""
    underway.contact(call.pool, host)
    return _find(call.pool, host, data_source)


@message("host.record_data_source", "host.forget_data_source_archives")
def record_data_source(call: Call, host: str, data_source: str) -> None:
    """Accept for a known data source; archives are not kept."""
    _find(call.pool, host, data_source)


def _find(pool: Pool, host: str, name: str) -> float:
    found = values(pool, host)
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
