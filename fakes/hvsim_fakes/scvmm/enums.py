"""VMM's enumerations, by the short names that the property tables use.

Numbers read in real answers or in code that mirrors them: ``VMStatus``, ``ObjectType``,
``OverallState`` 0, 2 and 8, ``CommunicationState`` 0, ``HyperVState`` 3, ``ClusterNode`` 3,
``VHDType`` 1 and 3, ``VHDFormat`` 2, ``BusType`` 1 (IDE), ``AddressType``, ``Platform`` 2,
``TaskUIState`` 3 and 5, ``Accessibility``. The others are recalled.
"""

from __future__ import annotations

from typing import Final

from hvsim_fakes.powershell.objects.enums import EnumType
from hvsim_fakes.powershell.objects.registry import register

_SPACE: Final = "Microsoft.VirtualManager.Utils."


def _enum(name: str, words: str, *, start: int = 0, space: str = _SPACE) -> EnumType:
    """Return an enumeration of words, each ``Name`` or ``Name=number``; counted otherwise."""
    members: dict[str, int] = {}
    at = start
    for word in words.split():
        key, equals, number = word.partition("=")
        at = int(number) if equals else at
        members[key] = at
        at += 1
    kind = EnumType(space + name, members)
    register(kind)
    return kind


ENUMS: Final = {
    "VMStatus": _enum(
        "VMComputerSystemState",
        "Running PowerOff PoweringOff Saved Saving Restoring Paused DiscardSavedState=10 Starting"
        " MergingDrives Deleting DiscardingDrives=80 Pausing UnderCreation=100 CreationFailed"
        " Stored UnderTemplateCreation TemplateCreationFailed CustomizationFailed UnderUpdate"
        " UpdateFailed UnderMigration=200 MigrationFailed CreatingCheckpoint=210"
        " DeletingCheckpoint RecoveringCheckpoint CheckpointFailed InitializingCheckpointOperation"
        " FinishingCheckpointOperation Missing=220 HostNotResponding Unsupported"
        " IncompleteVMConfig UnsupportedSharedFiles UnsupportedCluster P2VCreationFailed=240"
        " V2VCreationFailed=250",
    ),
    "OverallState": _enum(
        "ComputerOverallState",
        "OK Limited NeedsAttention Adding Removing Updating Pending NotResponding"
        " InMaintenanceMode",
    ),
    "CommunicationState": _enum(
        "CommunicationState", "Responding NotResponding Connecting AccessDenied NoConnection"
    ),
    "ComputerState": _enum(
        "ComputerState", "NotResponding=1 Responding AccessDenied Adding Removing Updating Pending"
    ),
    "HyperVState": _enum(
        "VirtualServerState", "Unknown NotInstalled Stopped Running Starting Stopping"
    ),
    "HyperVVersionState": _enum("VirtualServerVersionState", "UpToDate UpgradeAvailable Unknown"),
    "ClusterNode": _enum(
        "ClusterNodeStatus", "NotClustered Down Paused Running Joining Isolated Unknown"
    ),
    "Platform": _enum("VirtualizationPlatform", "Unknown VirtualServer HyperV VMWareESX=8"),
    "TaskState": _enum(
        "TaskState", "NotStarted Running Completed Failed Canceled SucceedWithInfo Canceling"
    ),
    "TaskUIState": _enum("TaskUIState", "None Running Canceled Failed SucceedWithInfo Completed"),
    "BusType": _enum("BusType", "SCSI IDE"),
    "VHDType": _enum("VHDType", "None DynamicallyExpanding FixedSize Differencing Linked"),
    "VHDFormat": _enum("VHDFormatType", "Unknown VHD VHDX VHDSet"),
    "VolumeType": _enum("VolumeType", "None Boot System BootAndSystem"),
    "AddressType": _enum("EthernetAddressType", "Dynamic Static"),
    "AdapterType": _enum("VirtualNetworkAdapterType", "None Emulated Synthetic"),
    "DriveConnection": _enum("DriveConnection", "None ISO HostDrive"),
    "ObjectState": _enum("LibraryObjectState", "Normal Missing"),
    "Accessibility": _enum("Accessibility", "Public Internal"),
    "StartAction": _enum(
        "VMStartAction",
        "NeverAutoTurnOnVM AlwaysAutoTurnOnVM TurnOnVMIfRunningWhenVSStopped",
    ),
    "StopAction": _enum("VMStopAction", "SaveVM TurnOffVM ShutdownGuestOS"),
    "CheckpointType": _enum("CheckpointType", "Disabled Production ProductionOnly Standard"),
    "UserRoleProfile": _enum(
        "ProfileType", "Administrator=1 DelegatedAdmin ReadOnlyAdmin TenantAdmin SelfServiceUser"
    ),
    "Isolation": _enum("VMNetworkIsolationType", "NoIsolation WindowsNetworkVirtualization VLAN"),
    "ShareState": _enum("ComputerState2", "NotResponding=1 Responding"),
    "Capability": _enum("FabricCapabilityType", "HyperV=2 ESX=8"),
    "Compatibility": _enum("CompatibilityType", "General SQLApplicationHost WebApplicationHost"),
    "Bandwidth": _enum("MinimumBandwidthMode", "Weight Absolute None Default"),
    "Template": _enum("VMTemplateStatus", "Normal Missing"),
    "Architecture": _enum("OSArchitecture", "x86=0 amd64=1"),
}

OBJECT_TYPES: Final = {
    "VM": 1,
    "VMTemplate": 3,
    "VirtualHardDisk": 4,
    "VirtualNetworkAdapter": 8,
    "VMHost": 9,
    "HostVolume": 10,
    "VMHostNetworkAdapter": 12,
    "LibraryServer": 18,
    "VirtualDVDDrive": 27,
    "OperatingSystem": 29,
    "CPUType": 38,
    "UserRole": 43,
    "VMCheckpoint": 46,
    "LogicalNetwork": 63,
    "VMSubnet": 173,
}
"""``ObjectType`` of each kind, as real answers show it (that of VMs and templates recalled)."""
OBJECT_TYPE: Final = EnumType(_SPACE + "CarmineObjectType", {"Unknown": 0, **OBJECT_TYPES})
register(OBJECT_TYPE)
