"""How VMM's objects are shown when a script asks for nothing else.

Lists of what the console's own views show first; those of other kinds show all properties.
"""

from __future__ import annotations

from hvsim_fakes.powershell.format.views import ListView, register
from hvsim_fakes.scvmm.objects import SPACE

_MACHINE = (
    "Name",
    "Description",
    "VMHost",
    "Owner",
    "Status",
    "VirtualMachineState",
    "HostName",
    "ComputerName",
    "OperatingSystem",
    "CPUCount",
    "Memory",
    "IsHighlyAvailable",
    "Location",
    "ID",
)
_HOST = (
    "Name",
    "ComputerName",
    "Description",
    "OverallState",
    "CommunicationState",
    "VMHostGroup",
    "HostCluster",
    "ClusterNodeStatus",
    "MaintenanceHost",
    "AvailableForPlacement",
    "OperatingSystem",
    "VirtualizationPlatform",
    "TotalMemory",
    "AvailableMemory",
    "VMs",
    "ID",
)
_CLUSTER = ("Name", "ClusterName", "Nodes", "VMHostGroup", "ClusterReserve", "OverallState", "ID")
_JOB = (
    "Name",
    "Status",
    "Progress",
    "StartTime",
    "EndTime",
    "ResultName",
    "ResultObjectType",
    "Owner",
    "ErrorInfo",
    "ID",
)
register(f"{SPACE}VM", ListView(_MACHINE))
register(f"{SPACE}Host", ListView(_HOST))
register(f"{SPACE}HostCluster", ListView(_CLUSTER))
register(f"{SPACE}Task", ListView(_JOB))
