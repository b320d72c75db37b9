"""Builds a VMM server, its hosts and their guests from what a scenario says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.errors import InputError
from hvsim.hardware import Disk, Nic, Partition, Server, SharedStorage
from hvsim.scvmm import devices, failover, inventory, machines, refresh
from hvsim.scvmm.fabric import Cluster, Guest, Host, State
from hvsim.scvmm.release import WINDOWS
from hvsim.scvmm.server import Account, VmmServer
from hvsim.scvmm.spec import AccountTable, HostTable, NetworkTable

if TYPE_CHECKING:
    from hvsim.scvmm.spec import ClusterTable, GuestTable, TemplateTable, VmmTable
    from hvsim.scvmm.store import Record
    from hvsim.world import World

ADMINISTRATOR: Final = AccountTable(user="Administrator", password="hvsim")  # noqa: S106 - a lab's
DEFAULT_NETWORK: Final = NetworkTable(name="Production")
_PRIORITIES: Final = {"none": 0, "low": 1000, "medium": 2000, "high": 3000}
MIB: Final = 2**20
_SEGMENT: Final = "lan"
_AGES: Final = 86_400.0
"""Seconds that described machines are old."""


def build_vmm(world: World, table: VmmTable, hosts: dict[str, HostTable]) -> VmmServer:
    """Build a VMM server with its hosts, clusters and guests.

    Args:
        hosts: the table's hosts by name, with address, CPUs and memory filled in; ``""`` is the
            machine that VMM itself runs on.
    """
    vmm = VmmServer(world, table.name, table.profile, _server(world, hosts[""]), table.domain)
    vmm.behaviours.switch_all(table.behaviours)
    vmm.bandwidth = table.bandwidth
    for account in table.accounts or [ADMINISTRATOR]:
        made = Account(account.user, account.password, account.role)
        vmm.accounts[account.user.lower()] = made
    inventory.root_group(vmm)
    for network in table.networks or [DEFAULT_NETWORK]:
        inventory.add_network(vmm, network.name, network.vlan)
    _add_library(vmm, table)
    _add_hosts(vmm, table, hosts)
    _add_clouds(vmm, table)
    for guest in table.described_guests:
        _add_guest(vmm, guest)
    for host in vmm.fabric.hosts.values():
        refresh.show_host(vmm, host)
    refresh.watch(vmm)
    failover.observe(vmm)
    return vmm


def _server(world: World, host: HostTable) -> Server:
    """Return the physical server of a host's name, made if the scenario describes none."""
    found = world.hardware.servers.get(host.name)
    if found is None:
        address = host.address or "127.0.0.1"
        octets = "".join(f":{int(part):02x}" for part in address.split("."))
        found = world.hardware.servers[host.name] = Server(
            host.name,
            address,
            cpus=host.cpus or 8,
            memory=host.memory or 64 * 2**30,
            disks=_disks(),
            nics=[Nic("Ethernet", f"00:15{octets}", _SEGMENT)],
        )
    return found


def _disks() -> list[Disk]:
    """Return the disks of a machine; Windows has no partition to swap to (BACKUP-HV-2)."""
    size = 256 * 2**30
    system = [
        Partition("host", "host", 60 * 2**30, "windows"),
        Partition("guests", "guest", 130 * 2**30),
        Partition("data", "data", 50 * 2**30),
    ]
    second = [Partition("guests", "guest", size // 2), Partition("data", "data", size // 2)]
    return [Disk("disk1", size, system), Disk("disk2", size, second)]


def _add_hosts(vmm: VmmServer, table: VmmTable, hosts: dict[str, HostTable]) -> None:
    for spec in table.clusters:
        _add_cluster(vmm, spec, hosts)
    for one in table.hosts:
        host = _add_host(vmm, one, hosts[one.name], one.windows or vmm.release.windows)
        if one.managed:
            inventory.add_host(vmm, host, _group(vmm, one.group))


def _add_cluster(vmm: VmmServer, spec: ClusterTable, hosts: dict[str, HostTable]) -> None:
    names = [one.name for one in spec.host_tables]
    cluster = Cluster(
        spec.name, f"{spec.name}.{vmm.domain}", names, list(names), witness=spec.witness
    )
    vmm.fabric.clusters[spec.name] = cluster
    managed = any(one.managed for one in spec.host_tables)
    storage = f"{spec.name}-csv"
    vmm.world.hardware.storages.setdefault(storage, SharedStorage(storage, 4096 * 2**30, "fc"))
    if managed:
        inventory.add_cluster(vmm, cluster, _group(vmm, spec.group))
    for one in spec.host_tables:
        windows = one.windows or spec.windows or vmm.release.windows
        _add_host(vmm, one, hosts[one.name], windows, spec.name)
    # Not before all nodes are there: a node's record tells what the others say of it.
    for one in spec.host_tables if managed else ():
        group = _group(vmm, one.group or spec.group)
        inventory.add_host(vmm, vmm.fabric.hosts[one.name], group)


def _add_host(
    vmm: VmmServer, spec: HostTable, filled: HostTable, windows: str, cluster: str = ""
) -> Host:
    host = Host(
        spec.name,
        f"{spec.name}.{vmm.domain}",
        _server(vmm.world, filled),
        WINDOWS[windows],
        cluster=cluster,
    )
    vmm.fabric.hosts[spec.name] = host
    return host


def _group(vmm: VmmServer, path: str) -> str:
    """Return the ID of a host group below the root, made with those above it if need be."""
    at = inventory.root_group(vmm)
    for name in filter(None, path.split("\\")):
        below = f"{at['Path']}\\{name}"
        known = (one for one in vmm.store.of("VMHostGroup") if one["Path"] == below)
        at = next(known, None) or inventory.add_group(vmm, name, at)
    return at.id


def _add_clouds(vmm: VmmServer, table: VmmTable) -> None:
    for name in table.clouds:
        inventory.new(
            vmm,
            "Cloud",
            Name=name,
            Description="",
            VMHostGroupIDs=[inventory.root_group(vmm).id],
            LogicalNetworkIDs=[one.id for one in vmm.store.of("LogicalNetwork")],
        )


def _add_library(vmm: VmmServer, table: VmmTable) -> None:
    share = inventory.add_library(vmm)
    for name in ("Remote Storage", "Local Storage"):
        inventory.new(vmm, "StorageClassification", Name=name, Description="")
    inventory.new(
        vmm,
        "UserRole",
        Name="Administrator",
        Description="Administrator User Role",
        UserRoleProfile="Administrator",
        Members=[f"{vmm.netbios}\\{one.user}" for one in table.accounts or [ADMINISTRATOR]],
    )
    for iso in table.isos:
        inventory.new(
            vmm,
            "ISO",
            Name=iso.name,
            Description="",
            Size=iso.size,
            SharePath=f"{share['Path']}\\ISOs\\{iso.name}.iso",
            LibraryShareID=share.id,
            Release="",
            Enabled=True,
        )
    for template in table.templates:
        _add_template(vmm, template, share)


def _add_template(vmm: VmmServer, spec: TemplateTable, share: Record) -> None:
    template = inventory.new(
        vmm,
        "VMTemplate",
        Name=spec.name,
        Description="",
        CPUCount=spec.vcpus,
        CPUType=machines.CPU_TYPE,
        Memory=spec.memory // MIB,
        DynamicMemoryEnabled=False,
        DynamicMemoryMinimumMB=512,
        DynamicMemoryMaximumMB=1_048_576,
        Generation=spec.generation,
        OperatingSystem=spec.os_name,
        IsHighlyAvailable=spec.highly_available,
        Owner=f"{vmm.netbios}\\Administrator",
        ComputerName="*",
        Status="Normal",
        Location=f"{share['Path']}\\VHDs",
    )
    devices.add_disk(vmm, template, spec.name, spec.disk, LibraryShareID=share.id)
    devices.add(vmm, "VirtualDVDDrive", template.id, Name=spec.name)
    devices.build(vmm, template, "VirtualNetworkAdapter", _network(vmm, None))


def _network(vmm: VmmServer, name: str | None) -> dict[str, str | None]:
    """Return what connects an adapter to a network; the first one when none is named."""
    found = vmm.store.named("VMNetwork", name) if name else vmm.store.of("VMNetwork")[0]
    if found is None:
        raise InputError(f"no network called {name!r}")
    return {"VMNetworkID": found.id, "LogicalNetworkID": found["LogicalNetworkID"]}


def _add_guest(vmm: VmmServer, spec: GuestTable) -> None:
    streams = vmm.world.streams
    if not vmm.fabric.hosts:
        raise InputError(f"guest {spec.name!r} has no host to be on")
    host = vmm.fabric.hosts[spec.host or next(iter(vmm.fabric.hosts))]
    clustered = bool(host.cluster) if spec.highly_available is None else spec.highly_available
    if clustered and not host.cluster:
        raise InputError(f"guest {spec.name!r}: host {host.name!r} belongs to no cluster")
    state = State(spec.state)
    started = spec.started or state is not State.OFF
    hostname = spec.hostname or f"{spec.name}.{vmm.domain}"
    guest = Guest(
        streams.uuid(f"{vmm.path}/guid"),
        spec.name,
        host.name,
        state=state,
        memory=max(32, spec.memory // MIB),
        cpus=spec.vcpus,
        clustered=clustered,
        online=clustered and state in (State.RUNNING, State.PAUSED),
        priority=_PRIORITIES[spec.priority],
        services=spec.services,
        hostname=hostname,
        address=spec.address,
        system=spec.os_name,
        reported=hostname if state is State.RUNNING and spec.services else "",
        boots=int(started),
        disk=spec.disk,
        shared=clustered,
        start_action=spec.start_action,
        generation=spec.generation,
        since=-_AGES,
    )
    vmm.fabric.add(guest)
    if host.managed and not spec.unknown:
        _take_in(vmm, spec, guest, host)


def _take_in(vmm: VmmServer, spec: GuestTable, guest: Guest, host: Host) -> None:
    """Let VMM know a guest as it has known it for a while."""
    word = refresh.WORDS[State(guest.state)]
    fields = machines.fields(
        vmm,
        guest.name,
        Status=word,
        VirtualMachineState=word,
        VMId=guest.guid,
        BiosGuid=vmm.world.streams.uuid(f"{vmm.path}/bios"),
        VMHostID=host.managed,
        OperatingSystem=spec.os_name,
        CPUCount=guest.cpus,
        Memory=guest.memory,
        MemoryAssignedMB=guest.memory if guest.state == State.RUNNING else 0,
        Generation=spec.generation,
        IsHighlyAvailable=guest.clustered,
        ClusterPriority=guest.priority,
        HasVMAdditions=guest.services,
        ComputerName=guest.hostname if guest.boots and guest.services else None,
        StartAction=guest.start_action,
        CreationTime=-_AGES,
        AddedTime=-_AGES,
        ModifiedTime=-_AGES,
        **machines.located(host, guest.name, guest.guid, shared=guest.shared),
    )
    vm = vmm.store.add("VM", vmm.world.streams.uuid(f"{vmm.path}/vm"), fields)
    if spec.disk:
        name = f"{guest.name}_disk_1"
        devices.add_disk(vmm, vm, name, spec.disk, OperatingSystem=spec.os_name)
    iso = vmm.store.named("ISO", spec.iso) if spec.iso else None
    connection = {"ISOID": iso.id, "Connection": "ISO"} if iso else {}
    devices.add(vmm, "VirtualDVDDrive", vm.id, Name=guest.name, **connection)
    addresses = {"IPv4Addresses": [spec.address]} if spec.address else {}
    network = _network(vmm, spec.network) | _switch(vmm, host) | addresses
    devices.build(vmm, vm, "VirtualNetworkAdapter", network)


def _switch(vmm: VmmServer, host: Host) -> dict[str, str]:
    switches = vmm.store.parts("VirtualNetwork", host.managed)
    return {"VirtualNetworkID": switches[0].id} if switches else {}
