"""Rows of control domains, templates and guests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim.errors import InputError
from hvsim.xenserver.construction.build_host import CONTROL_DOMAIN_MEMORY
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.release import PV_DRIVERS

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool
    from hvsim.xenserver.spec import GuestSpec

PLATFORM = {"nx": "true", "acpi": "1", "apic": "true", "pae": "true", "viridian": "true"}
HVM_BOOT = {"order": "cdn"}
_LIVE_STATES = frozenset({"Running", "Paused"})

TEMPLATES = (
    ("Other install media", True, 0),
    ("Debian Bookworm 12", True, 8),
    ("Red Hat Enterprise Linux 5 (64-bit)", False, 8),
    ("Windows Server 2008 (64-bit)", True, 24),
)
"""Default templates: name, whether fully virtualised, disk in GiB (0: none)."""


@dataclass(frozen=True, slots=True)
class Places:
    """What a guest's specification may refer to: name to reference."""

    hosts: dict[str, str]
    storages: dict[str, str]
    networks: dict[str, str]


def add_control_domain(pool: Pool, host: str) -> str:
    """Add a host's control domain; return its reference."""
    row = pool.db.row("host", host)
    ref = pool.db.add(
        "VM",
        {
            **_machine_fields(CONTROL_DOMAIN_MEMORY, 4, hvm=False),
            "name_label": f"Control domain on host: {row['name_label']}",
            "name_description": "The domain that drives the host's devices and its other domains",
            "power_state": "Running",
            "is_control_domain": True,
            "domid": 0,
            "resident_on": host,
            "affinity": host,
            "metrics": _metrics(pool, CONTROL_DOMAIN_MEMORY, 4, running=True, hvm=False),
        },
    )
    pool.db.change("host", host, control_domain=ref)
    return ref


def add_templates(pool: Pool) -> None:
    """Add the default templates."""
    for name, hvm, gib in TEMPLATES:
        disk = f'<disk device="0" size="{gib * 2**30}" sr="" bootable="true" type="system"/>'
        disks = f"<provision>{disk}</provision>" if gib else "<provision></provision>"
        other = {"default_template": "true", "linux_template": "true", "disks": disks}
        pool.db.add(
            "VM",
            {
                **_machine_fields(512 * 2**20, 1, hvm=hvm),
                "name_label": name,
                "is_a_template": True,
                "is_default_template": True,
                "other_config": other,
                "allowed_operations": ["changing_NVRAM", "clone", "copy", "provision", "export"],
                "metrics": NULL_REF,
            },
        )


def add_guest(pool: Pool, spec: GuestSpec, places: Places) -> str:
    """Add a guest with disk, interface, metrics and, where tools run, guest metrics.

    Raises:
        InputError: when it refers to a host, storage or network that is not in the pool.
    """
    home = _find(places.hosts, spec.home, "host", spec) if spec.home else NULL_REF
    resident = _resident(spec, places)
    live = spec.power_state in _LIVE_STATES
    vm = pool.db.add(
        "VM",
        {
            **_machine_fields(spec.memory, spec.vcpus, hvm=spec.hvm),
            **_protection(pool, spec),
            "uuid": spec.uuid,
            "name_label": spec.name,
            "power_state": spec.power_state,
            "affinity": home,
            "resident_on": resident,
            "domid": pool.world.streams.number(f"{resident}/domid") if live else -1,
            "metrics": _metrics(pool, spec.memory, spec.vcpus, running=live, hvm=spec.hvm),
            "guest_metrics": _guest_metrics(pool, spec) if live and spec.tools else NULL_REF,
        },
    )
    _add_disk(pool, vm, spec, places, live=live)
    _add_interface(pool, vm, spec, places, live=live)
    if live:
        pool.db.add(
            "console", {"protocol": "rfb", "VM": vm, "location": _console_url(pool, resident, vm)}
        )
    pool.insides[vm] = build_inside(spec)
    if spec.migration is not None:
        pool.migration_modes[vm] = spec.migration
    return vm


def build_inside(spec: GuestSpec) -> dict[str, Any]:
    """Return what is true inside the guest, whatever its rows say."""
    return {
        "hostname": spec.hostname or spec.name,
        "os_name": spec.os_name,
        "address": spec.address,
        "tools": spec.tools,
        "hung": False,
    }


def _machine_fields(memory: int, vcpus: int, *, hvm: bool) -> dict[str, Any]:
    boot = {"HVM_boot_policy": "BIOS order", "HVM_boot_params": HVM_BOOT}
    return {
        "memory_target": memory,
        "memory_static_max": memory,
        "memory_dynamic_max": memory,
        "memory_dynamic_min": memory,
        "memory_static_min": memory // 2,
        "VCPUs_max": vcpus,
        "VCPUs_at_startup": vcpus,
        "actions_after_shutdown": "destroy",
        "actions_after_reboot": "restart",
        "actions_after_crash": "restart",
        "HVM_shadow_multiplier": 1.0,
        "PV_bootloader": "" if hvm else "pygrub",
        "platform": PLATFORM,
        "domid": -1,
        "domain_type": "hvm" if hvm else "pv",
        **(boot if hvm else {}),
    }


def _protection(pool: Pool, spec: GuestSpec) -> dict[str, Any]:
    """Return the restart fields in the release's own spelling (5.5 numbered its priorities)."""
    protected = spec.restart_priority == "restart"
    running = spec.power_state in _LIVE_STATES
    priority: str = spec.restart_priority
    always = protected and running
    if pool.has("ha-numbered-priorities"):
        priority, always = "1" if protected else priority, bool(priority)
    return {
        "ha_restart_priority": priority,
        "ha_always_run": always,
        "order": spec.order,
    }


def _resident(spec: GuestSpec, places: Places) -> str:
    if spec.power_state not in _LIVE_STATES:
        return NULL_REF
    if spec.host is None:
        return (
            _find(places.hosts, spec.home, "host", spec)
            if spec.home
            else next(iter(places.hosts.values()))
        )
    return _find(places.hosts, spec.host, "host", spec)


def _metrics(pool: Pool, memory: int, vcpus: int, *, running: bool, hvm: bool) -> str:
    fields = {
        "memory_actual": memory if running else 0,
        "VCPUs_number": vcpus if running else 0,
        "hvm": hvm,
        "current_domain_type": ("hvm" if hvm else "pv") if running else "unspecified",
        "last_updated": stamp(pool.world),
    }
    if running:
        fields["start_time"] = stamp(pool.world)
    return pool.db.add("VM_metrics", fields)


def _guest_metrics(pool: Pool, spec: GuestSpec) -> str:
    return pool.db.add("VM_guest_metrics", guest_metrics_fields(pool, build_inside(spec)))


def guest_metrics_fields(pool: Pool, inside: dict[str, Any]) -> dict[str, Any]:
    """Return what a guest's agent reports of its inside."""
    address = inside["address"]
    return {
        "os_version": {
            "name": inside["os_name"],
            "uname": "",
            "distro": "",
            "major": "",
            "minor": "",
        },
        "PV_drivers_version": PV_DRIVERS[pool.profile],
        "PV_drivers_up_to_date": True,
        "PV_drivers_detected": True,
        "networks": {"0/ip": address, "0/ipv4/0": address} if address else {},
        "other": {"feature-suspend": "1", "feature-shutdown": "1", "feature-reboot": "1"},
        "last_updated": stamp(pool.world),
        "live": True,
        "can_use_hotplug_vbd": "yes",
        "can_use_hotplug_vif": "yes",
    }


def _add_disk(pool: Pool, vm: str, spec: GuestSpec, places: Places, *, live: bool) -> None:
    if spec.disk <= 0:
        return
    storage = (
        _find(places.storages, spec.storage, "storage", spec)
        if spec.storage
        else next(iter(places.storages.values()))
    )
    disk = pool.db.add(
        "VDI",
        {
            "name_label": f"{spec.name} disk 0",
            "SR": storage,
            "virtual_size": spec.disk,
            "physical_utilisation": spec.disk // 4,
            "type": "system",
            "managed": True,
            "location": pool.world.streams.uuid(f"{pool.path}/location"),
        },
    )
    sr = pool.db.row("SR", storage)
    sr["virtual_allocation"] += spec.disk
    sr["physical_utilisation"] += spec.disk // 4
    pool.db.add(
        "VBD",
        {
            "VM": vm,
            "VDI": disk,
            "device": "xvda",
            "userdevice": "0",
            "bootable": True,
            "mode": "RW",
            "type": "Disk",
            "unpluggable": True,
            "currently_attached": live,
        },
    )


def _add_interface(pool: Pool, vm: str, spec: GuestSpec, places: Places, *, live: bool) -> None:
    network = (
        _find(places.networks, spec.network, "network", spec)
        if spec.network
        else next(iter(places.networks.values()))
    )
    number = pool.world.streams.number(f"{pool.path}/mac")
    tail = ":".join(f"{number >> shift & 255:02x}" for shift in (16, 8, 0))
    pool.db.add(
        "VIF",
        {
            "VM": vm,
            "network": network,
            "device": "0",
            "MAC": f"0a:00:00:{tail}",
            "MTU": 1500,
            "currently_attached": live,
            "locking_mode": "network_default",
        },
    )


def _console_url(pool: Pool, host: str, vm: str) -> str:
    address = pool.db.row("host", host)["address"]
    return f"https://{address}/console?ref={vm}"


def _find(known: dict[str, str], name: str | None, noun: str, spec: GuestSpec) -> str:
    if name is None or name not in known:
        there = ", ".join(sorted(known))
        raise InputError(
            f"guest {spec.name!r}: expected a {noun} of the pool ({there}), not {name!r}"
        )
    return known[name]
