"""Records of virtual machines: what they hold, where they are found, what was not made by VMM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.errors import VmmError
from hvsim.scvmm.fabric import State

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

CPU_TYPE: Final = "3.60 GHz Xeon (2 MB L2 cache)"
"""The processor that VMM takes for the usual one, as real answers show it."""


def on(vmm: VmmServer, host: str) -> list[Record]:
    """Return the machines that VMM takes to be on a host."""
    return [vm for vm in vmm.store.of("VM") if vm["VMHostID"] == host]


def host_behind(vmm: VmmServer, record: Record) -> Host:
    """Return the host behind a ``VMHost`` record."""
    for host in vmm.fabric.hosts.values():
        if host.managed == record.id:
            return host
    raise VmmError(801, kind="VMHost", name=record.name)


def fields(vmm: VmmServer, name: str, **given: Any) -> dict[str, Any]:
    """Return the fields of a new machine's record."""
    now = vmm.world.now
    base: dict[str, Any] = {
        "Name": name,
        "Description": "",
        "Status": "UnderCreation",
        "VirtualMachineState": "PowerOff",
        "VMHostID": None,
        "LibraryServerID": None,
        "CloudID": None,
        "Owner": f"{vmm.netbios}\\Administrator",
        "Tag": "(none)",
        "ComputerName": None,
        "OperatingSystem": "Unknown",
        "CPUCount": 1,
        "CPUType": CPU_TYPE,
        "Memory": 1024,
        "DynamicMemoryEnabled": False,
        "DynamicMemoryMinimumMB": 512,
        "DynamicMemoryMaximumMB": 1_048_576,
        "MemoryAssignedMB": 0,
        "Generation": 1,
        "CreationTime": now,
        "AddedTime": now,
        "ModifiedTime": now,
        "Location": "",
        "VMCPath": "",
        "IsHighlyAvailable": False,
        "ClusterPriority": 2000,
        "HeartbeatEnabled": True,
        "DataExchangeEnabled": True,
        "TimeSynchronizationEnabled": True,
        "BackupEnabled": True,
        "OperatingSystemShutdownEnabled": True,
        "HasVMAdditions": True,
        "LastRestoredCheckpointID": None,
        "StartAction": "NeverAutoTurnOnVM",
        "StopAction": "SaveVM",
        "DelayStartSeconds": 0,
        "CheckpointType": "Production",
        "MostRecentTaskID": None,
        "MostRecentTaskUIState": None,
    }
    return base | given


def located(host: Host, name: str, guid: str, *, shared: bool, path: str = "") -> dict[str, Any]:
    """Return the fields that say where a machine's files lie."""
    root = path or folder_of(host, shared=shared)
    place = f"{root}\\{name}"
    suffix = "vmcx" if host.windows.name == "2019" else "xml"
    return {"Location": place, "VMCPath": f"{place}\\Virtual Machines\\{guid.upper()}.{suffix}"}


def folder_of(host: Host, *, shared: bool) -> str:
    """Return the folder of virtual machines on a host, or on its cluster's shared volume."""
    if shared and host.windows.name != "2008":
        return "C:\\ClusterStorage\\Volume1"
    return "C:\\ProgramData\\Microsoft\\Windows\\Hyper-V"


def discover(vmm: VmmServer, guest: Guest) -> Record:
    """Take in a guest that was made without VMM, as its refreshers do."""
    host = vmm.fabric.hosts[guest.host]
    word = {State.RUNNING: "Running", State.SAVED: "Saved", State.PAUSED: "Paused"}.get(
        State(guest.state), "PowerOff"
    )
    made = fields(
        vmm,
        guest.name,
        Status=word,
        VirtualMachineState=word,
        VMId=guest.guid,
        BiosGuid=vmm.world.streams.uuid(f"{vmm.path}/bios"),
        VMHostID=host.managed,
        Memory=guest.memory,
        CPUCount=guest.cpus,
        IsHighlyAvailable=guest.clustered,
        OperatingSystem=guest.system or "Unknown",
        Description="",
        **located(host, guest.name, guest.guid, shared=guest.shared),
    )
    return vmm.store.add("VM", vmm.world.streams.uuid(f"{vmm.path}/vm"), made)


def demand_status(vm: Record, *allowed: str) -> None:
    """Refuse (error 1730) what VMM does not offer for the status that it shows."""
    if vm["Status"] not in allowed:
        raise VmmError(1730)
