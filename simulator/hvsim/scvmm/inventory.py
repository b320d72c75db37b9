"""VMM's records of hosts, clusters, host groups, networks and the library."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm import refresh

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Cluster, Host
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

ALL_HOSTS: Final = "All Hosts"
CORES: Final = 8
"""Cores of a processor, as far as a machine has that many."""
GIB: Final = 2**30


def new(vmm: VmmServer, kind: str, **fields: Any) -> Record:
    """Add a record with a new ID."""
    stamp = {"AddedTime": vmm.world.now, "ModifiedTime": vmm.world.now}
    ident = vmm.world.streams.uuid(f"{vmm.path}/{kind}")
    return vmm.store.add(kind, ident, stamp | fields)


def root_group(vmm: VmmServer) -> Record:
    """Return the group of all hosts, made at its first use."""
    found = vmm.store.of("VMHostGroup")
    if found:
        return found[0]
    return add_group(vmm, ALL_HOSTS, None)


def add_group(vmm: VmmServer, name: str, parent: Record | None) -> Record:
    """Add a host group."""
    path = name if parent is None else f"{parent['Path']}\\{name}"
    return new(
        vmm,
        "VMHostGroup",
        Name=name,
        Path=path,
        Description="",
        ParentHostGroupID=parent.id if parent else None,
        AllowUnencryptedTransfers=False,
        InheritNetworkSettings=True,
    )


def add_cluster(vmm: VmmServer, cluster: Cluster, group: str = "") -> Record:
    """Let VMM manage a failover cluster."""
    record = new(
        vmm,
        "VMHostCluster",
        Name=cluster.fqdn,
        ClusterName=cluster.name,
        Description="",
        VMHostGroupID=group or root_group(vmm).id,
        ClusterReserve=1,
        OverallState="OK",
        IPAddresses=[],
        QuorumDiskResourceName="Cluster Disk 1" if cluster.witness else None,
    )
    vmm.fabric.change_cluster(cluster, managed=record.id)
    return record


def add_host(vmm: VmmServer, host: Host, group: str = "") -> Record:
    """Let VMM manage a Hyper-V host, a node of a managed cluster with that."""
    cluster = vmm.fabric.clusters.get(host.cluster)
    record = new(
        vmm,
        "VMHost",
        **_described(vmm, host),
        VMHostGroupID=group or root_group(vmm).id,
        HostClusterID=cluster.managed if cluster else None,
    )
    vmm.fabric.change_host(host, managed=record.id)
    vmm.store.change(record, **refresh.host_view(vmm, host, maintained=False))
    _add_volume(vmm, host, record)
    _add_network(vmm, host, record)
    new(vmm, "VMMManagedComputer", Name=host.fqdn, Roles=["Host"], **_agent(vmm, host))
    return record


def _agent(vmm: VmmServer, host: Host) -> dict[str, Any]:
    return {"HostID": host.managed, "AgentVersion": vmm.release.agent, "State": "Responding"}


def _described(vmm: VmmServer, host: Host) -> dict[str, Any]:
    """Return what a host's record says of the machine and its Windows."""
    windows, server = host.windows, host.server
    cores = min(CORES, server.cpus)
    return {
        "Name": host.fqdn,
        "ComputerName": host.name,
        "DomainName": vmm.domain,
        "Description": "",
        "MaintenanceHost": False,
        "AvailableForPlacement": True,
        "OperatingSystem": windows.title,
        "OperatingSystemVersion": windows.version,
        "HyperVVersion": windows.hyperv,
        "HyperVVersionState": "UpToDate",
        "AgentVersion": vmm.release.agent,
        "VirtualizationPlatform": "HyperV",
        "LogicalProcessorCount": server.cpus,
        "PhysicalCPUCount": max(1, server.cpus // cores),
        "CoresPerCPU": cores,
        "ProcessorSpeed": 2133,
        "ProcessorModel": "Xeon",
        "ProcessorManufacturer": "Intel",
        "ProcessorFamily": "179",
        "TotalMemory": server.memory,
        "MemoryReserveMB": 2048,
        "SupportsLiveMigration": windows.live,
        "EnableLiveMigration": windows.live,
        "LiveMigrationMaximum": windows.at_once,
        "LiveStorageMigrationMaximum": 2,
        "VMPaths": [_path(host)],
        "SMBiosGUID": vmm.world.streams.uuid(f"{vmm.path}/smbios"),
        "RemoteConnectEnabled": True,
        "RemoteConnectPort": 2179,
    }


def _path(host: Host) -> str:
    clustered = bool(host.cluster) and host.windows.name != "2008"
    return (
        "C:\\ClusterStorage\\Volume1"
        if clustered
        else "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V"
    )


def _add_volume(vmm: VmmServer, host: Host, record: Record) -> None:
    disks = host.server.disks
    size = disks[0].size if disks else 500 * GIB
    shared = host.cluster and host.windows.name != "2008"
    for name, capacity, clustered in (
        ("C:\\", size, False),
        *([("C:\\ClusterStorage\\Volume1", 4096 * GIB, True)] if shared else []),
    ):
        new(
            vmm,
            "HostVolume",
            ParentID=record.id,
            Name=name,
            MountPoints=[name],
            Capacity=capacity,
            FreeSpace=capacity // 2,
            VolumeLabel="",
            FileSystem="CSVFS" if clustered else "NTFS",
            IsClustered=clustered,
            IsClusterSharedVolume=clustered,
            InUse=clustered,
            IsAvailableForPlacement=True,
        )


def _add_network(vmm: VmmServer, host: Host, record: Record) -> None:
    """Give a host its network adapter and a switch of each logical network's name."""
    logical = vmm.store.of("LogicalNetwork")
    nic = host.server.nics[0] if host.server.nics else None
    adapter = new(
        vmm,
        "VMHostNetworkAdapter",
        ParentID=record.id,
        Name="Intel(R) Ethernet 10G 2P X520 Adapter",
        ConnectionName="Ethernet",
        MacAddress=(nic.mac if nic else _mac(vmm, host)).upper(),
        IPAddresses=[host.server.address],
        IPSubnets=[],
        DHCPEnabled=False,
        MaxBandwidth=10_000,
        VLanEnabled=False,
        VLanTags=[],
        Description="",
        AvailableForPlacement=True,
        UsedForManagement=True,
        LogicalNetworkIDs=[one.id for one in logical],
    )
    switch = new(
        vmm,
        "VirtualNetwork",
        ParentID=record.id,
        Name="vSwitch",
        Description="",
        VMHostID=record.id,
        VMHostNetworkAdapterIDs=[adapter.id],
        LogicalNetworkIDs=[one.id for one in logical],
        HighlyAvailable=bool(host.cluster),
        BoundToVMHost=True,
    )
    vmm.store.change(adapter, VirtualNetworkID=switch.id)


def _mac(vmm: VmmServer, host: Host) -> str:
    octets = vmm.world.streams.fresh(f"{vmm.path}/nic/{host.name}").randbytes(5)
    return "02:" + octets.hex(":")


def add_network(vmm: VmmServer, name: str, vlan: int = 0) -> tuple[Record, Record]:
    """Add a logical network with a machine network of its name; return both."""
    logical = new(
        vmm,
        "LogicalNetwork",
        Name=name,
        Description="",
        NetworkVirtualizationEnabled=False,
        UseGRE=False,
        IsPVLAN=False,
        IsLogicalNetworkDefinitionIsolated=False,
    )
    new(
        vmm,
        "LogicalNetworkDefinition",
        Name=f"{name}_0",
        LogicalNetworkID=logical.id,
        VMHostGroupIDs=[root_group(vmm).id],
        SubnetVLans=[{"Subnet": None, "VLanID": vlan}],
    )
    machine = new(
        vmm,
        "VMNetwork",
        Name=name,
        Description="",
        LogicalNetworkID=logical.id,
        IsolationType="NoIsolation",
        IsAssigned=True,
    )
    return logical, machine


def add_library(vmm: VmmServer) -> Record:
    """Add the library server on VMM's own machine with its share; return the share."""
    server = new(
        vmm,
        "LibraryServer",
        Name=vmm.fqdn,
        ComputerName=vmm.server.name,
        Description="",
        State="Responding",
        VMHostGroupID=None,
    )
    new(
        vmm,
        "VMMManagedComputer",
        Name=vmm.fqdn,
        Roles=["VMMServer", "Library"],
        HostID=None,
        AgentVersion=vmm.release.agent,
        State="Responding",
    )
    return new(
        vmm,
        "LibraryShare",
        Name="MSSCVMMLibrary",
        Description="",
        Path=f"\\\\{vmm.fqdn}\\MSSCVMMLibrary",
        LibraryServerID=server.id,
    )
