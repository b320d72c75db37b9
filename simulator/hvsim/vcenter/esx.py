"""What an ESX host's own agent has otherwise than a vCenter (``apiType`` ``HostAgent``).

It manages one host and its guests. Identifiers as a host has them: one of each kind.
"""

from __future__ import annotations

from typing import Final

ROOT: Final = "ha-folder-root"
HOST: Final = "ha-host"
DATACENTER: Final = "ha-datacenter"
_NAMES: Final = {
    "group-d1": ROOT,
    "datacenter-1": DATACENTER,
    "group-v1": "ha-folder-vm",
    "group-h1": "ha-folder-host",
    "group-s1": "ha-folder-datastore",
    "group-n1": "ha-folder-network",
    "domain-s1": "ha-compute-res",
    "resgroup-1": "ha-root-pool",
    "host-1": HOST,
}
WITHOUT: Final = frozenset(
    {
        "alarmManager",
        "customFieldsManager",
        "customizationSpecManager",
        "extensionManager",
        "ipPoolManager",
        "scheduledTaskManager",
        "vmCompatibilityChecker",
        "vmProvisioningChecker",
    }
)
"""Managers that only a vCenter has."""
_VCENTER_ONLY: Final = frozenset(
    {
        "AddStandaloneHost_Task",
        "CloneVM_Task",
        "CreateCluster",
        "CreateClusterEx",
        "CreateDVS_Task",
        "CreateDatacenter",
        "CreateFolder",
        "DisconnectHost_Task",
        "MarkAsTemplate",
        "MarkAsVirtualMachine",
        "MigrateVM_Task",
        "MoveIntoFolder_Task",
        "ReconnectHost_Task",
        "RelocateVM_Task",
    }
)
_OF_TYPES: Final = frozenset({("HostSystem", "Destroy_Task"), ("Folder", "Destroy_Task")})


def name(moid: str) -> str:
    """Return the identifier that a host has for what a vCenter would call ``moid``."""
    return _NAMES.get(moid) or moid.removeprefix("vm-")


def refuses(kind: str, method: str) -> bool:
    """Whether a host answers a method with ``NotSupported``, as what needs a vCenter."""
    return method in _VCENTER_ONLY or (kind, method) in _OF_TYPES
