"""The privileges that roles are made of, by group: those of vim25's methods, and their kin.

Names are those of the vSphere API reference.
"""

from __future__ import annotations

from typing import Final

SYSTEM: Final = ("System.Anonymous", "System.Read", "System.View")
"""What every role that is made has."""

_GROUPS: Final[dict[str, str]] = {
    "Alarm": "Acknowledge Create Delete DisableActions Edit SetStatus ToggleEnableOnEntity",
    "Authorization": "ModifyPermissions ModifyRoles ReassignRolePermissions",
    "Certificate": "Manage",
    "Cryptographer": "ManageKeyServers ManageKeys RegisterHost RegisterVM",
    "DVPortgroup": "Create Delete Modify PolicyOp ScopeOp",
    "DVSwitch": "Create Delete HostOp Modify Move PolicyOp PortConfig PortSetting"
    " ResourceManagement Vspan",
    "Datacenter": "Create Delete IpPoolConfig IpPoolQueryAllocations IpPoolReleaseIp Move"
    " Reconfigure Rename",
    "Datastore": "AllocateSpace Browse Config Delete DeleteFile FileManagement Move Rename"
    " UpdateVirtualMachineFiles UpdateVirtualMachineMetadata",
    "DirectPathProfileManager": "Manage",
    "Extension": "Register Unregister Update",
    "Folder": "Create Delete Move Rename",
    "Global": "CancelTask CapacityPlanning Diagnostics DisableMethods EnableMethods GlobalTag"
    " Health Licenses LogEvent ManageCustomFields Proxy ScriptAction ServiceManagers"
    " SetCustomField Settings SystemTag VCServer",
    "HealthUpdateProvider": "Register Unregister Update",
    "Host.Cim": "CimInteraction",
    "Host.Config": "AdvancedConfig AuthenticationStore AutoStart Connection DateTime Firmware"
    " HyperThreading Image Maintenance Memory NetService Network Nvdimm Patch PciPassthru"
    " Power ProductLocker Quarantine Resources Settings Snmp Storage SystemManagement",
    "Host.Inventory": "AddHostToCluster AddStandaloneHost CreateCluster DeleteCluster EditCluster"
    " MoveCluster MoveHost RemoveHostFromCluster RenameCluster",
    "Host.Local": "CreateVM DeleteVM ManageUserGroups ReconfigVM",
    "InventoryService.Tagging": "AttachTag CreateCategory CreateTag DeleteCategory DeleteTag"
    " EditCategory EditTag ModifyUsedByForCategory ModifyUsedByForTag ObjectAttachable",
    "Network": "Assign Config Delete Move",
    "Performance": "ModifyIntervals",
    "Profile": "Clear Create Delete Edit Export View",
    "Resource": "ApplyRecommendation AssignVAppToPool AssignVMToPool ColdMigrate CreatePool"
    " DeletePool EditPool HotMigrate MovePool QueryVMotion RenamePool",
    "ScheduledTask": "Create Delete Edit Run",
    "Sessions": "GlobalMessage ImpersonateUser TerminateSession ValidateSession",
    "StoragePod": "Config",
    "System": "Anonymous Read View",
    "Task": "Create Update",
    "TenantManager": "Query Update",
    "VApp": "ApplicationConfig AssignResourcePool AssignVApp AssignVM Clone Create Delete Export"
    " ExtractOvfEnvironment Import InstanceConfig ManagedByConfig Move PowerOff PowerOn Rename"
    " ResourceConfig Suspend Unregister",
    "VirtualMachine.Config": "AddExistingDisk AddNewDisk AddRemoveDevice AdvancedConfig Annotation"
    " CPUCount ChangeTracking DiskExtend DiskLease EditDevice HostUSBDevice ManagedBy Memory"
    " MksControl QueryFTCompatibility QueryUnownedFiles RawDevice ReloadFromPath RemoveDisk"
    " Rename ResetGuestInfo Resource Settings SwapPlacement ToggleForkParent"
    " UpgradeVirtualHardware",
    "VirtualMachine.GuestOperations": "Execute Modify ModifyAliases Query QueryAliases",
    "VirtualMachine.Interact": "AnswerQuestion Backup ConsoleInteract CreateScreenshot"
    " CreateSecondary DefragmentAllDisks DeviceConnection DisableSecondary DnD EnableSecondary"
    " GuestControl MakePrimary Pause PowerOff PowerOn PutUsbScanCodes Record Replay Reset"
    " SESparseMaintenance SetCDMedia SetFloppyMedia Suspend TerminateFaultTolerantVM"
    " ToolsInstall TurnOffFaultTolerance",
    "VirtualMachine.Inventory": "Create CreateFromExisting Delete Move Register Unregister",
    "VirtualMachine.Provisioning": "Clone CloneTemplate CreateTemplateFromVM Customize"
    " DeployTemplate DiskRandomAccess DiskRandomRead FileRandomAccess GetVmFiles MarkAsTemplate"
    " MarkAsVM ModifyCustSpecs PromoteDisks PutVmFiles ReadCustSpecs",
    "VirtualMachine.State": "CreateSnapshot RemoveSnapshot RenameSnapshot RevertToSnapshot",
}

PRIVILEGES: Final = tuple(
    f"{group}.{name}" for group, names in _GROUPS.items() for name in names.split()
)
"""Every privilege there is."""
KNOWN: Final = frozenset(PRIVILEGES)
