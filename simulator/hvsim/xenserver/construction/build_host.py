"""Rows of hosts, their interfaces and storage, as a freshly installed pool has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.dates import stamp, unix_text
from hvsim.xenserver.release import SOFTWARE

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool
    from hvsim.xenserver.spec import HostSpec, StorageSpec

CONTROL_DOMAIN_MEMORY = 2 * 2**30
"""Bytes that a host's control domain keeps for itself."""


def pool_fields(name: str) -> dict[str, Any]:
    """Return the pool row's fields (its master follows when there is one)."""
    return {
        "name_label": name,
        "ha_allow_overcommit": False,
        "ha_cluster_stack": "xhad",
        "redo_log_vdi": "OpaqueRef:NULL",
        "ha_reboot_vm_on_internal_shutdown": True,
        "tls_verification_enabled": True,
        "migration_compression": False,
        "coordinator_bias": True,
    }


def add_host(pool: Pool, spec: HostSpec) -> str:
    """Add a host with its metrics and processors; return its reference."""
    started = unix_text(pool.world.now)
    major, minor = pool.model.api_version
    metrics = pool.db.add(
        "host_metrics",
        {
            "memory_total": spec.memory,
            "memory_free": spec.memory - CONTROL_DOMAIN_MEMORY,
            "live": True,
            "last_updated": stamp(pool.world),
        },
    )
    ref = pool.db.add(
        "host",
        {
            "name_label": spec.name,
            "hostname": spec.name,
            "address": spec.address,
            "enabled": True,
            "metrics": metrics,
            "API_version_major": major,
            "API_version_minor": minor,
            "API_version_vendor": "XenSource",
            "software_version": SOFTWARE[pool.profile],
            "capabilities": [
                "xen-3.0-x86_64",
                "xen-3.0-x86_32p",
                "hvm-3.0-x86_32",
                "hvm-3.0-x86_64",
            ],
            "sched_policy": "credit",
            "supported_bootloaders": ["pygrub", "eliloader"],
            "cpu_info": {
                "cpu_count": str(spec.cpus),
                "socket_count": "1",
                "vendor": "GenuineIntel",
            },
            "memory_overhead": 0,
            "edition": "enterprise",
            "other_config": dict.fromkeys(("boot_time", "agent_start_time"), started),
            "tls_verification_enabled": True,
            "power_on_mode": "",
            "virtual_hardware_platform_versions": [0, 1, 2],
        },
    )
    for number in range(spec.cpus):
        pool.db.add("host_cpu", _processor(ref, number))
    return ref


def add_pif(pool: Pool, host: str, network: str, number: int, spec: HostSpec) -> str:
    """Add a host's physical interface on a network; number 0 is the management interface."""
    metrics = pool.db.add("PIF_metrics", {"carrier": True, "speed": 1000, "duplex": True})
    managed = {"management": True, "IP": spec.address, "netmask": "255.255.255.0"}
    return pool.db.add(
        "PIF",
        {
            "device": f"eth{number}",
            "network": network,
            "host": host,
            "MAC": mac_of(spec.address, number),
            "MTU": 1500,
            "VLAN": -1,
            "physical": True,
            "currently_attached": True,
            "managed": True,
            "metrics": metrics,
            "ip_configuration_mode": "Static" if number == 0 else "None",
            **(managed if number == 0 else {}),
        },
    )


LIBRARY: Final = "iso"
"""Type, and kind of content, of a repository of CD images."""
IMAGE_SIZE: Final = 650 * 2**20
"""Bytes of a CD's image."""


def add_storage(pool: Pool, spec: StorageSpec, hosts: list[str]) -> str:
    """Add a storage repository, attached to ``hosts``; return its reference."""
    ref = pool.db.add(
        "SR",
        {
            "name_label": spec.name,
            "type": spec.type,
            "content_type": LIBRARY if spec.type == LIBRARY else "user",
            "shared": spec.shared,
            "physical_size": spec.size,
            "allowed_operations": SR_OPERATIONS,
        },
    )
    config = _device_config(spec)
    for host in hosts:
        fields = {"host": host, "SR": ref, "currently_attached": True}
        pool.db.add("PBD", fields | {"device_config": config})
    for image in spec.images:
        _add_image(pool, ref, image)
    return ref


def _device_config(spec: StorageSpec) -> dict[str, str]:
    if not spec.shared:
        return {"device": "/dev/sda3"}
    if spec.type == LIBRARY:
        return {"location": f"storage.lab:/export/{spec.name}"}
    return {"server": "storage.lab", "serverpath": f"/export/{spec.name}"}


def _add_image(pool: Pool, library: str, name: str) -> None:
    """Add a CD's image, as a scan of the library finds it: named like its file."""
    image = {
        "name_label": name,
        "SR": library,
        "virtual_size": IMAGE_SIZE,
        "physical_utilisation": IMAGE_SIZE,
        "type": "user",
        "read_only": True,
        "managed": True,
        "location": name,
    }
    pool.db.add("VDI", image)
    sr = pool.db.row("SR", library)
    sr["virtual_allocation"] += IMAGE_SIZE
    sr["physical_utilisation"] += IMAGE_SIZE


SR_OPERATIONS = [
    "vdi_create", "vdi_introduce", "vdi_clone", "vdi_snapshot", "vdi_resize", "vdi_destroy",
    "vdi_mirror", "scan", "update", "unplug", "plug", "pbd_create",
]  # fmt: skip
"""``SR.allowed_operations`` of a repository that is attached and idle."""


def mac_of(address: str, number: int) -> str:
    """Return a locally administered MAC address made from an IPv4 address and a number."""
    octets = [int(part) for part in address.split(".")]
    return "02:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}".format(number, *octets)


def settle_memory(pool: Pool, host: str) -> None:
    """Set a host's free memory to what its resident domains leave."""
    row = pool.db.row("host", host)
    metrics = pool.db.row("host_metrics", row["metrics"])
    guests = pool.db.tables["VM"]
    # While rows are gathered in bulk the host's own list is not up to date yet.
    used = sum(vm["memory_target"] for vm in guests.values() if vm["resident_on"] == host)
    pool.db.change("host_metrics", row["metrics"], memory_free=metrics["memory_total"] - used)


def _processor(host: str, number: int) -> dict[str, Any]:
    return {
        "host": host,
        "number": number,
        "vendor": "GenuineIntel",
        "speed": 2400,
        "modelname": "Intel(R) Xeon(R) CPU",
        "family": 6,
        "model": 63,
        "stepping": "2",
        "flags": "fpu vme de pse tsc msr pae mce cx8 apic",
    }
