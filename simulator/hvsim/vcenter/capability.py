"""What virtual machines, hosts and datastores can do, as vim25 lists it: shared constants."""

from __future__ import annotations

from typing import Final

from hvsim.vcenter.values import Data

_VM_CAN: Final = [
    "snapshotOperationsSupported",
    "multipleSnapshotsSupported",
    "snapshotConfigSupported",
    "poweredOffSnapshotsSupported",
    "memorySnapshotsSupported",
    "revertToSnapshotSupported",
    "quiescedSnapshotsSupported",
    "cpuFeatureMaskSupported",
    "s1AcpiManagementSupported",
    "settingScreenResolutionSupported",
    "toolsAutoUpdateSupported",
    "swapPlacementSupported",
    "toolsSyncTimeSupported",
    "virtualMmuUsageSupported",
    "diskSharesSupported",
    "bootOptionsSupported",
    "bootRetryOptionsSupported",
    "settingVideoRamSizeSupported",
    "settingDisplayTopologySupported",
    "changeTrackingSupported",
    "multipleCoresPerSocketSupported",
    "hostBasedReplicationSupported",
    "memoryReservationLockSupported",
    "featureRequirementSupported",
    "seSparseDiskSupported",
    "nestedHVSupported",
    "vPMCSupported",
]
_VM_CANNOT: Final = [
    "disableSnapshotsSupported",
    "lockSnapshotsSupported",
    "consolePreferencesSupported",
    "vmNpivWwnSupported",
    "npivWwnOnNonRdmVmSupported",
    "vmNpivWwnDisableSupported",
    "vmNpivWwnUpdateSupported",
    "recordReplaySupported",
    "guestAutoLockSupported",
    "poweredOnMonitorTypeChangeSupported",
]
_HOST_CAN: Final = [
    "recursiveResourcePoolsSupported",
    "cpuMemoryResourceConfigurationSupported",
    "rebootSupported",
    "shutdownSupported",
    "vmotionSupported",
    "sanSupported",
    "nfsSupported",
    "iscsiSupported",
    "vlanTaggingSupported",
    "nicTeamingSupported",
    "highGuestMemSupported",
    "maintenanceModeSupported",
    "suspendedRelocateSupported",
    "restrictedSnapshotRelocateSupported",
    "perVmSwapFiles",
    "localSwapDatastoreSupported",
    "unsharedSwapVMotionSupported",
    "preAssignedPCIUnitNumbersSupported",
    "screenshotSupported",
    "scaledScreenshotSupported",
    "storageVMotionSupported",
    "vmotionWithStorageVMotionSupported",
    "hbrNicSelectionSupported",
    "vrNfcNicSelectionSupported",
    "cloneFromSnapshotSupported",
    "deltaDiskBackingsSupported",
    "perVMNetworkTrafficShapingSupported",
    "virtualExecUsageSupported",
    "storageIORMSupported",
    "snapshotRelayoutSupported",
    "vmfsDatastoreMountCapable",
    "eightPlusHostVmfsSharedAccessSupported",
    "nestedHVSupported",
    "vPMCSupported",
    "featureCapabilitiesSupported",
    "latencySensitivitySupported",
    "accel3dSupported",
    "provisioningNicSelectionSupported",
]
_HOST_CANNOT: Final = [
    "standbySupported",
    "datastorePrincipalSupported",
    "backgroundSnapshotsSupported",
    "recordReplaySupported",
    "ftSupported",
    "smpFtSupported",
    "tpmSupported",
    "vStorageCapable",
    "interVMCommunicationThroughVMCISupported",
]


def _capability(kind: str, can: list[str], cannot: list[str]) -> Data:
    return Data(kind, dict.fromkeys(can, True) | dict.fromkeys(cannot, False))


VM: Final = _capability("VirtualMachineCapability", _VM_CAN, _VM_CANNOT)
HOST: Final = _capability("HostCapability", _HOST_CAN, _HOST_CANNOT)
DATASTORE: Final = _capability(
    "DatastoreCapability",
    [
        "directoryHierarchySupported",
        "rawDiskMappingsSupported",
        "perFileThinProvisioningSupported",
        "storageIORMSupported",
    ],
    ["nativeSnapshotSupported"],
)
