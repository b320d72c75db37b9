"""The inventory's parts: folders, datacenters, clusters, hosts, datastores and networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import capability, customfield, shape_host
from hvsim.vcenter.entity import common
from hvsim.vcenter.hosts import options, settings, storage, switches
from hvsim.vcenter.server import Machine
from hvsim.vcenter.shape import allocation
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from hvsim.hardware import Server
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import Store

_FOLDERS: Final = {
    "vmFolder": ("group-v", "vm", ["Folder", "VirtualMachine", "VirtualApp"]),
    "hostFolder": ("group-h", "host", ["Folder", "ComputeResource"]),
    "datastoreFolder": ("group-s", "datastore", ["Folder", "Datastore", "StoragePod"]),
    "networkFolder": ("group-n", "network", ["Folder", "Network", "DistributedVirtualSwitch"]),
}
MEMORY_MIB: Final = 2**20
POOLS: Final = ("ResourcePool", "VirtualApp")
"""Types of what machines draw their resources from."""


def add_folder(store: Store, parent: Ref, name: str) -> Ref:
    """Add a folder of its parent's kind."""
    types = store.value(parent, "childType")
    prefix = next((p for p, _, kinds in _FOLDERS.values() if kinds == types), "group-d")
    moid = store.new_moid(prefix)
    ref = store.add("Folder", moid, common(name, parent) | {"childType": types, "childEntity": []})
    customfield.offer(store, ref)
    store.append(parent, "childEntity", ref)
    return ref


def add_datacenter(store: Store, parent: Ref, name: str) -> Ref:
    """Add a datacenter with its four folders."""
    ref = Ref("Datacenter", store.new_moid("datacenter-"))
    folders = {}
    for field, (prefix, title, types) in _FOLDERS.items():
        made = common(title, ref) | {"childType": types, "childEntity": []}
        folders[field] = store.add("Folder", store.new_moid(prefix), made)
    parts = {"datastore": [], "network": [], "configuration": data("DatacenterConfigInfo")}
    store.add(ref.type, ref.moid, common(name, parent) | folders | parts)
    store.append(parent, "childEntity", ref)
    customfield.offer(store, ref)
    return ref


def add_compute(vcenter: VCenter, folder: Ref, name: str, *, cluster: bool) -> Ref:
    """Add a cluster without hosts, or the resource of one standalone host, with its root pool."""
    store = vcenter.store
    kind = "ClusterComputeResource" if cluster else "ComputeResource"
    ref = Ref(kind, store.new_moid("domain-c" if cluster else "domain-s"))
    environment = Ref("EnvironmentBrowser", f"envbrowser-{ref.moid}")
    store.add(environment.type, environment.moid, {"datastoreBrowser": None})
    properties = common(name, folder) | {
        "resourcePool": add_pool(store, ref, ref, "Resources"),
        "host": [],
        "datastore": [],
        "network": [],
        "environmentBrowser": environment,
        "summary": summary_of(cluster=cluster),
        "summaryEx": summary_of(cluster=True) if cluster else None,
        "configurationEx": data("ComputeResourceConfigInfo", vmSwapPlacement="vmDirectory"),
    }
    store.add(kind, ref.moid, properties)
    store.append(folder, "childEntity", ref)
    customfield.offer(store, ref)
    return ref


def summary_of(*, cluster: bool) -> Any:
    """Return the summary of a cluster or a standalone host's resource that has no host yet."""
    fields: dict[str, Any] = {
        "totalCpu": 0,
        "totalMemory": 0,
        "numCpuCores": 0,
        "numCpuThreads": 0,
        "effectiveCpu": 0,
        "effectiveMemory": 0,
        "numHosts": 0,
        "numEffectiveHosts": 0,
        "overallStatus": "green",
    }
    if cluster:
        more = {"currentFailoverLevel": 0, "numVmotions": 0, "currentBalance": 0}
        return data("ClusterComputeResourceSummary", **fields, **more)
    return data("ComputeResourceSummary", **fields)


def add_pool(store: Store, parent: Ref, owner: Ref, name: str, kind: str = "ResourcePool") -> Ref:
    """Add a resource pool below a compute resource or another pool."""
    config = data(
        "ResourceConfigSpec",
        cpuAllocation=allocation(4000, expandable=True),
        memoryAllocation=allocation(163_840, expandable=True),
    )
    usage = data(
        "ResourcePoolResourceUsage",
        reservationUsed=0,
        reservationUsedForVm=0,
        unreservedForPool=0,
        unreservedForVm=0,
        overallUsage=0,
        maxUsage=0,
    )
    runtime = data("ResourcePoolRuntimeInfo", memory=usage, cpu=usage, overallStatus="green")
    summary = data("ResourcePoolSummary", name=name, config=config, runtime=runtime)
    properties = common(name, parent) | {
        "summary": summary.having(configuredMemoryMB=0),
        "runtime": runtime,
        "owner": owner,
        "resourcePool": [],
        "vm": [],
        "config": config,
        "childConfiguration": [],
    }
    prefix = "resgroup-v" if kind == "VirtualApp" else "resgroup-"
    ref = store.add(kind, store.new_moid(prefix), properties)
    if parent.type in POOLS:
        store.append(parent, "resourcePool", ref)
    return ref


def add_host(vcenter: VCenter, compute: Ref, server: Server) -> Ref:
    """Add a connected host on a physical server to a cluster or a standalone resource."""
    store = vcenter.store
    ref = Ref("HostSystem", store.new_moid("host-"))
    networks = [("VM Network", 0), ("Management Network", 0)]
    properties = shape_host.properties(
        server,
        ref,
        compute,
        uuid=vcenter.world.streams.uuid(f"{vcenter.path}/host"),
        profile=vcenter.profile,
        networks=networks,
    )
    store.add(ref.type, ref.moid, properties)
    for field, manager in shape_host.managers_of(ref.moid).items():
        store.add(manager.type, manager.moid, _managed(store, ref, field))
    store.add("HostDatastoreBrowser", f"datastoreBrowser-{ref.moid}", {"datastore": []})
    store.append(compute, "host", ref)
    customfield.offer(store, ref)
    vcenter.machines[ref.moid] = Machine(server)
    count(vcenter, compute)
    return ref


def call_host(store: Store, host: Ref, hostname: str) -> None:
    """Let a host's own system call itself something (``name`` or ``name.domain``)."""
    name, _, domain = hostname.partition(".")
    network: Data = store.value(host, "config.network")
    known = network["dnsConfig"].having(hostName=name, domainName=domain)
    stacks = [stack.having(dnsConfig=known) for stack in network["netStackInstance"]]
    _show_network(store, host, network.having(dnsConfig=known, netStackInstance=stacks))


def address_host(store: Store, host: Ref, address: str) -> None:
    """Let the management interface of a host have an address of its own system's."""
    network: Data = store.value(host, "config.network")
    first, *others = network["vnic"]
    spec: Data = first["spec"]
    card = first.having(spec=spec.having(ip=spec["ip"].having(ipAddress=address)))
    _show_network(store, host, network.having(vnic=[card, *others]))
    manager = store.value(host, "configManager")["virtualNicManager"]
    store.change(manager, "info", switches.usage(card))


def _show_network(store: Store, host: Ref, network: Data) -> None:
    store.change(host, "config.network", network)
    manager = store.value(host, "configManager")["networkSystem"]
    store.change_many(manager, {"networkInfo": network, "dnsConfig": network["dnsConfig"]})


def _managed(store: Store, host: Ref, field: str) -> dict[str, Any]:
    """Return what one of a host's managers shows."""
    config = store.value(host, "config")
    shown: dict[str, dict[str, Any]] = {
        "serviceSystem": {"serviceInfo": config["service"]},
        "networkSystem": {
            "networkInfo": config["network"],
            "networkConfig": data("HostNetworkConfig"),
            "dnsConfig": config["network"]["dnsConfig"],
        },
        "storageSystem": {
            "storageDeviceInfo": config["storageDevice"],
            "fileSystemVolumeInfo": data(
                "HostFileSystemVolumeInfo", volumeTypeList=["VMFS", "NFS"], mountInfo=[]
            ),
        },
        "dateTimeSystem": {"dateTimeInfo": config["dateTimeInfo"]},
        "virtualNicManager": {"info": switches.usage(config["network"]["vnic"][0])},
        "advancedOption": {
            "setting": options.HOST_VALUES,
            "supportedOption": options.HOST_DEFINITIONS,
        },
        "firewallSystem": {"firewallInfo": config["firewall"]},
        "hostAccessManager": {"lockdownMode": config["lockdownMode"]},
        "powerSystem": {"capability": settings.POWER, "info": settings.BALANCED},
        "autoStartManager": {"config": config["autoStart"]},
        "datastoreSystem": {
            "datastore": [],
            "capabilities": data(
                "HostDatastoreSystemCapabilities",
                nfsMountCreationRequired=True,
                nfsMountCreationSupported=True,
                localDatastoreSupported=False,
                vmfsExtentExpansionSupported=True,
            ),
        },
    }
    return shown.get(field, {})


def count(vcenter: VCenter, compute: Ref) -> None:
    """Bring a cluster's summary up to what its hosts are."""
    store = vcenter.store
    hosts = [store.get(ref) for ref in store.value(compute, "host")]
    effective = [host for host in hosts if is_effective(host)]
    machines = [host["hardware.cpuInfo.numCpuCores"] for host in hosts]
    sizes = {
        "totalCpu": sum(machines) * shape_host.MHZ,
        "totalMemory": sum(host["hardware.memorySize"] for host in hosts),
        "numCpuCores": sum(machines),
        "numCpuThreads": sum(machines),
        "effectiveCpu": sum(h["hardware.cpuInfo.numCpuCores"] for h in effective) * shape_host.MHZ,
        "effectiveMemory": sum(h["hardware.memorySize"] for h in effective) // MEMORY_MIB,
        "numHosts": len(hosts),
        "numEffectiveHosts": len(effective),
    }
    summary = store.value(compute, "summary")
    store.change(compute, "summary", summary.having(**sizes))


def is_effective(host: Any) -> bool:
    """Whether guests can run on a host: it is connected and not in maintenance mode."""
    connected: bool = host["runtime.connectionState"] == "connected"
    return connected and not host["runtime.inMaintenanceMode"]


def add_datastore(
    vcenter: VCenter,
    datacenter: Ref,
    name: str,
    hosts: list[Ref],
    *,
    kind: str,
    size: int,
    folder: Ref | None = None,
) -> Ref:
    """Add a datastore that some hosts mount; in the datacenter's own folder of such by default."""
    store = vcenter.store
    folder = folder or store.value(datacenter, "datastoreFolder")
    ref = Ref("Datastore", store.new_moid("datastore-"))
    uuid = vcenter.world.streams.uuid(f"{vcenter.path}/datastore")
    url = f"ds:///vmfs/volumes/{uuid}/"
    browser = Ref("HostDatastoreBrowser", f"datastoreBrowser-{ref.moid}")
    store.add(browser.type, browser.moid, {"datastore": [ref]})
    common_info = {
        "name": name,
        "url": url,
        "freeSpace": size,
        "maxFileSize": 2**46,
        "maxMemoryFileSize": 2**46,
        "timestamp": now(vcenter.world),
    }
    properties = common(name, folder) | {
        "info": _store_info(kind, common_info, uuid, size),
        "summary": data(
            "DatastoreSummary",
            datastore=ref,
            name=name,
            url=url,
            capacity=size,
            freeSpace=size,
            uncommitted=0,
            accessible=True,
            multipleHostAccess=len(hosts) > 1,
            type=kind,
            maintenanceMode="normal",
        ),
        "host": [mount(host, url) for host in hosts],
        "vm": [],
        "browser": browser,
        "capability": capability.DATASTORE,
    }
    store.add(ref.type, ref.moid, properties)
    store.append(folder, "childEntity", ref)
    store.append(datacenter, "datastore", ref)
    for host in hosts:
        attach(store, host, "datastore", ref)
    return ref


def _store_info(kind: str, fields: dict[str, Any], uuid: str, size: int) -> Any:
    if kind == "NFS":
        volume = data(
            "HostNasVolume",
            type="NFS",
            name=fields["name"],
            capacity=size,
            remoteHost="storage.example",
            remotePath=f"/export/{fields['name']}",
        )
        return data("NasDatastoreInfo", **fields, nas=volume)
    volume = data(
        "HostVmfsVolume",
        type="VMFS",
        name=fields["name"],
        capacity=size,
        blockSizeMb=1,
        maxBlocks=63 * 2**20,
        majorVersion=6,
        version="6.82",
        uuid=uuid,
        extent=[data("HostScsiDiskPartition", diskName=f"naa.{uuid[:8]}", partition=1)],
        vmfsUpgradable=False,
    )
    limits = {"maxPhysicalRDMFileSize": 2**46, "maxVirtualRDMFileSize": 2**46}
    return data("VmfsDatastoreInfo", **fields, **limits, vmfs=volume)


def mount(host: Ref, url: str) -> Any:
    """Return how a host has mounted a datastore."""
    info = data(
        "HostMountInfo", path=url[5:], accessMode="readWrite", mounted=True, accessible=True
    )
    return data("DatastoreHostMount", key=host, mountInfo=info)


def attach(store: Store, host: Ref, part: str, ref: Ref) -> None:
    """List a datastore or network at a host and at the compute resource it belongs to."""
    store.append(host, part, ref)
    store.append(store.value(host, "parent"), part, ref)
    if part == "datastore":
        managers: Data = store.value(host, "configManager")
        store.append(managers["datastoreSystem"], "datastore", ref)
        volumes = "fileSystemVolumeInfo.mountInfo"
        store.append(managers["storageSystem"], volumes, storage.mounted(store, ref))


def add_network(
    vcenter: VCenter,
    datacenter: Ref,
    name: str,
    hosts: list[Ref],
    folder: Ref | None = None,
    *,
    opaque: str = "",
) -> Ref:
    """Add a network that is a port group of the hosts' own switches.

    Args:
        folder: where it lies; the datacenter's own folder of networks by default.
        opaque: NSX's identifier of a logical switch that it is instead.
    """
    store = vcenter.store
    folder = folder or store.value(datacenter, "networkFolder")
    ref = Ref("OpaqueNetwork" if opaque else "Network", store.new_moid("network-"))
    summary = data("NetworkSummary", network=ref, name=name, accessible=True, ipPoolName="")
    if opaque:
        identity = {"opaqueNetworkId": opaque, "opaqueNetworkType": "nsx.LogicalSwitch"}
        summary = data("OpaqueNetworkSummary", **summary.fields, **identity)
    properties = {"summary": summary, "host": list(hosts), "vm": []}
    store.add(ref.type, ref.moid, common(name, folder) | properties)
    store.append(folder, "childEntity", ref)
    store.append(datacenter, "network", ref)
    for host in hosts:
        attach(store, host, "network", ref)
    return ref
