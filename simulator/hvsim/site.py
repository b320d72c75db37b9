"""What a scenario says about the physical datacentre: servers, storage, segments.

Sizes are bytes; a scenario file may write them as ``"64 GiB"``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from hvsim.hardware import Disk, Nic, Partition, Power, Segment, Server, SharedStorage
from hvsim.inventory import spare_address

if TYPE_CHECKING:
    from hvsim.hardware import Hardware
    from hvsim.inventory import Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey

GIB = 2**30

Bytes = Annotated[int, msgspec.Meta(ge=1)]
Vlan = Annotated[int, msgspec.Meta(ge=-1, le=4094)]


class PartitionSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A partition; ``role`` is ``host``, ``swap``, ``guest`` or ``data``."""

    name: str
    role: str = "data"
    size: Bytes = 10 * GIB
    content: str = ""


class DiskSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A disk; the first one of a server is its boot disk."""

    name: str
    size: Bytes = 256 * GIB
    partitions: list[PartitionSpec] = msgspec.field(default_factory=list)


class NicSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A network interface, plugged into a segment; its MAC address is generated if not given."""

    name: str
    segment: str
    mac: str = ""


class ServerSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A physical server; a pool's host of the same name runs on it."""

    name: str
    address: str
    cpus: Annotated[int, msgspec.Meta(ge=1)] = 8
    memory: Bytes = 64 * GIB
    model: str = "generic"
    bios: str = "1.0"
    raid: str = "none"
    san_boot: bool = False
    io_virtualisation: bool = False
    power: Power = Power.ON
    disks: list[DiskSpec] = msgspec.field(default_factory=list)
    nics: list[NicSpec] = msgspec.field(default_factory=list)


class SharedStorageSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Shared storage; a pool's storage of the same name lies on it."""

    name: str
    size: Bytes = 2048 * GIB
    protocol: str = "nfs"


class SegmentSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A network segment; a pool's network whose bridge has the name is attached to it."""

    name: str
    vlan: Vlan = -1
    up: bool = True


class Site(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The described part of the physical datacentre."""

    server: list[ServerSpec] = msgspec.field(default_factory=list)
    storage: list[SharedStorageSpec] = msgspec.field(default_factory=list)
    segment: list[SegmentSpec] = msgspec.field(default_factory=list)


def examine(site: Site, survey: Survey) -> None:
    """Declare the site's names and references. Raises ``InputError`` for what cannot be."""
    for index, segment in enumerate(site.segment):
        survey.declare("segment", segment.name, ("segment", index, "name"))
    for index, storage in enumerate(site.storage):
        survey.declare("storage", storage.name, ("storage", index, "name"))
    for index, server in enumerate(site.server):
        _examine_server(server, ("server", index), survey)


def _examine_server(server: ServerSpec, path: Path, survey: Survey) -> None:
    survey.declare("server", server.name, (*path, "name"))
    survey.declare_address(server.address, (*path, "address"))
    for index, nic in enumerate(server.nics):
        place = (*path, "nics", index)
        survey.declare("interface", nic.name, (*place, "name"), server.name)
        survey.expect("segment", nic.segment, (*place, "segment"))
        if nic.mac:
            survey.declare("MAC address", nic.mac.lower(), (*place, "mac"))
    for index, disk in enumerate(server.disks):
        _examine_disk(disk, (*path, "disks", index), server.name, survey)


def _examine_disk(disk: DiskSpec, path: Path, server: str, survey: Survey) -> None:
    survey.declare("disk", disk.name, (*path, "name"), server)
    for index, partition in enumerate(disk.partitions):
        place = (*path, "partitions", index)
        survey.declare("partition", partition.name, (*place, "name"), f"{server}/{disk.name}")
    used = sum(partition.size for partition in disk.partitions)
    if used > disk.size:
        sentence = f"expected partitions of at most {disk.size} bytes in all, not {used}"
        raise survey.document.error((*path, "partitions"), sentence)


def build(site: Site, hardware: Hardware, inventory: Inventory) -> None:
    """Make the machines, and the spare servers that the inventory counts."""
    for segment in site.segment:
        hardware.segments[segment.name] = Segment(segment.name, segment.vlan, segment.up)
    for storage in site.storage:
        made = SharedStorage(storage.name, storage.size, storage.protocol)
        hardware.storages[storage.name] = made
    for server in site.server:
        hardware.servers[server.name] = _server(server, inventory)
    for number in range(inventory.spec.servers):
        spare = _spare(number)
        hardware.servers.setdefault(spare.name, spare)


def _server(spec: ServerSpec, inventory: Inventory) -> Server:
    return Server(
        spec.name,
        spec.address,
        cpus=spec.cpus,
        memory=spec.memory,
        model=spec.model,
        bios=spec.bios,
        raid=spec.raid,
        san_boot=spec.san_boot,
        io_virtualisation=spec.io_virtualisation,
        disks=[_disk(disk) for disk in spec.disks],
        nics=[
            Nic(nic.name, nic.mac.lower() or inventory.mac(spec.name, number), nic.segment)
            for number, nic in enumerate(spec.nics)
        ],
        power=spec.power,
    )


def _disk(spec: DiskSpec) -> Disk:
    partitions = [
        Partition(part.name, part.role, part.size, part.content) for part in spec.partitions
    ]
    return Disk(spec.name, spec.size, partitions)


def _spare(number: int) -> Server:
    name = f"spare{number + 1}"
    disk = Disk("disk1", 256 * GIB, [Partition("host", "host", 4 * GIB)])
    return Server(
        name,
        spare_address(number),
        san_boot=True,
        io_virtualisation=True,
        disks=[disk],
        power=Power.OFF,
    )
