"""What a new machine is made from, and the vim25 configuration that it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.values import Data, data
from hvsim_fakes.vcenter.rest import errors, making, systems
from hvsim_fakes.vcenter.rest.hardware import CpuUpdateSpec, MemoryUpdateSpec
from hvsim_fakes.vcenter.rest.making import (
    CdromCreateSpec,
    DiskCreateSpec,
    EthernetCreateSpec,
    NvmeCreateSpec,
    SataCreateSpec,
)
from hvsim_fakes.vcenter.rest.placement import PlacementSpec
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.rest.call import Call

_MEMORY: Final = 2_048
"""MiB of a machine of whose memory nothing is said."""
_STANDARD: Final = (
    data("VirtualIDEController", key=200, busNumber=0),
    data("VirtualIDEController", key=201, busNumber=1),
    data("ParaVirtualSCSIController", key=1000, busNumber=0),
)
"""The controllers that every new machine has."""


class CreateSpec(Structure):
    """What a machine is made from."""

    vapi = "com.vmware.vcenter.VM.create_spec"
    guest_OS: str  # noqa: N815 - the API's name
    name: str | None = None
    placement: PlacementSpec | None = None
    hardware_version: str | None = None
    cpu: CpuUpdateSpec | None = None
    memory: MemoryUpdateSpec | None = None
    disks: list[DiskCreateSpec] | None = None
    nics: list[EthernetCreateSpec] | None = None
    cdroms: list[CdromCreateSpec] | None = None
    sata_adapters: list[SataCreateSpec] | None = None
    nvme_adapters: list[NvmeCreateSpec] | None = None
    boot: Any = None
    boot_devices: Any = None
    floppies: Any = None
    parallel_ports: Any = None
    serial_ports: Any = None
    scsi_adapters: Any = None
    storage_policy: Any = None


NOT_MADE: Final = (
    "boot",
    "boot_devices",
    "floppies",
    "parallel_ports",
    "serial_ports",
    "scsi_adapters",
    "storage_policy",
)
"""Fields of what a machine is made from that are not heeded."""


def changes_of(call: Call, spec: CreateSpec) -> dict[str, Any]:
    """Return the fields of vim25's configuration that a specification sets, but for its name."""
    guest_id = systems.guest_id_of(spec.guest_OS)
    if guest_id is None:
        raise errors.invalid_input(f"{spec.guest_OS} is no guest operating system")
    cpu, memory = spec.cpu or CpuUpdateSpec(), spec.memory or MemoryUpdateSpec()
    return {
        "guestId": guest_id,
        "version": spec.hardware_version and spec.hardware_version.lower().replace("_", "-"),
        "numCPUs": cpu.count or 1,
        "numCoresPerSocket": cpu.cores_per_socket,
        "cpuHotAddEnabled": cpu.hot_add_enabled,
        "cpuHotRemoveEnabled": cpu.hot_remove_enabled,
        "memoryMB": memory.size_MiB or _MEMORY,
        "memoryHotAddEnabled": memory.hot_add_enabled,
        "deviceChange": [
            data("VirtualDeviceConfigSpec", operation="add", device=device)
            for device in _devices(call, spec)
        ],
    }


def _devices(call: Call, spec: CreateSpec) -> list[Data]:
    """Return the devices of a new machine; one disk when nothing is said of disks."""
    there = list(_STANDARD)

    def add(device: Data) -> None:
        # Negative keys stand for those that devices get when they are made.
        there.append(device.having(key=-1 - len(there)))

    for sata in spec.sata_adapters or ():
        add(making.sata_adapter(there, sata))
    for nvme in spec.nvme_adapters or ():
        add(making.nvme_adapter(there, nvme))
    for disk in [DiskCreateSpec()] if spec.disks is None else spec.disks:
        add(making.disk(there, disk))
    for drive in spec.cdroms or ():
        add(making.drive(there, drive))
    for card in spec.nics or ():
        add(making.card(call, card))
    return there[len(_STANDARD) :]
