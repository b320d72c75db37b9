"""The service content: the managers that every vCenter has, and what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import esx, shape_host
from hvsim.vcenter.entity import common
from hvsim.vcenter.hosts import options
from hvsim.vcenter.server import SERVICE_INSTANCE, VERSIONS
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

ROOT: Final = Ref("Folder", "group-d1")
_BUILDS: Final = {"vsphere-4": "259021", "vsphere-8": "24022515"}
MANAGERS: Final = {
    "propertyCollector": ("PropertyCollector", "propertyCollector"),
    "viewManager": ("ViewManager", "ViewManager"),
    "setting": ("OptionManager", "VpxSettings"),
    "userDirectory": ("UserDirectory", "UserDirectory"),
    "sessionManager": ("SessionManager", "SessionManager"),
    "authorizationManager": ("AuthorizationManager", "AuthorizationManager"),
    "perfManager": ("PerformanceManager", "PerfMgr"),
    "scheduledTaskManager": ("ScheduledTaskManager", "ScheduledTaskManager"),
    "alarmManager": ("AlarmManager", "AlarmManager"),
    "eventManager": ("EventManager", "EventManager"),
    "taskManager": ("TaskManager", "TaskManager"),
    "extensionManager": ("ExtensionManager", "ExtensionManager"),
    "customizationSpecManager": ("CustomizationSpecManager", "CustomizationSpecManager"),
    "customFieldsManager": ("CustomFieldsManager", "CustomFieldsManager"),
    "licenseManager": ("LicenseManager", "LicenseManager"),
    "searchIndex": ("SearchIndex", "SearchIndex"),
    "fileManager": ("FileManager", "FileManager"),
    "virtualDiskManager": ("VirtualDiskManager", "virtualDiskManager"),
    "ovfManager": ("OvfManager", "OvfManager"),
    "dvSwitchManager": ("DistributedVirtualSwitchManager", "DVSManager"),
    "guestOperationsManager": ("GuestOperationsManager", "guestOperationsManager"),
    "ipPoolManager": ("IpPoolManager", "IpPoolManager"),
    "storageResourceManager": ("StorageResourceManager", "StorageResourceManager"),
    "vmProvisioningChecker": ("VirtualMachineProvisioningChecker", "ProvChecker"),
    "vmCompatibilityChecker": ("VirtualMachineCompatibilityChecker", "CompatChecker"),
}


def build(vcenter: VCenter) -> None:
    """Add the service instance, its managers and the root folder to an empty vCenter."""
    store = vcenter.store
    left_out = esx.WITHOUT if vcenter.agent else ()
    refs = {field: Ref(*facts) for field, facts in MANAGERS.items() if field not in left_out}
    about = shape_host.about(vcenter.profile) if vcenter.agent else _about(vcenter)
    content = Data(
        "ServiceContent", {"rootFolder": vcenter.root, "about": about} | dict(refs.items())
    )
    store.add(
        "ServiceInstance",
        SERVICE_INSTANCE.moid,
        {"content": content, "capability": _capability()},
    )
    shown = _shown(vcenter)
    for field, ref in refs.items():
        store.add(ref.type, ref.moid, shown.get(field, {}))
    types = ["Folder", "Datacenter"]
    root = common(esx.ROOT if vcenter.agent else "Datacenters", None) | {
        "childType": types,
        "childEntity": [],
    }
    store.add("Folder", store.new_moid("group-d"), root)


def _about(vcenter: VCenter) -> Data:
    version = VERSIONS[vcenter.profile][1]
    build_number = _BUILDS[vcenter.profile]
    return data(
        "AboutInfo",
        name="VMware vCenter Server",
        fullName=f"VMware vCenter Server {version} build-{build_number}",
        vendor="VMware, Inc.",
        version=version,
        build=build_number,
        localeVersion="INTL",
        localeBuild="000",
        osType="win32-x86" if vcenter.profile == "vsphere-4" else "linux-x64",
        productLineId="vpx",
        apiType="VirtualCenter",
        apiVersion=vcenter.choices.api_version,
        instanceUuid=vcenter.world.streams.uuid(f"{vcenter.path}/instance"),
        licenseProductName="VMware VirtualCenter Server",
        licenseProductVersion=f"{version.partition('.')[0]}.0",
    )


def _capability() -> Data:
    return data(
        "Capability",
        provisioningSupported=True,
        multiHostSupported=True,
        userShellAccessSupported=False,
        supportedEVCMode=[],
        networkBackupAndRestoreSupported=True,
    )


def _shown(vcenter: VCenter) -> dict[str, dict[str, Any]]:
    """Return the properties of the managers that have some."""
    return {
        "sessionManager": {
            "sessionList": [],
            "message": "",
            "messageLocaleList": ["en"],
            "supportedLocaleList": ["en"],
            "defaultLocale": "en",
        },
        "authorizationManager": {
            "roleList": [],
            "privilegeList": [],
            "description": data("AuthorizationDescription", privilege=[], privilegeGroup=[]),
        },
        "eventManager": {"maxCollector": 1000},
        "taskManager": {"recentTask": [], "maxCollector": 1000},
        "customFieldsManager": {"field": []},
        "extensionManager": {"extensionList": []},
        "setting": {
            "setting": _settings(vcenter),
            "supportedOption": options.definitions(options.VCENTER),
        },
        "licenseManager": {
            "licenses": [],
            "licensedEdition": "",
            "source": _licence_source(),
            "sourceAvailable": True,
            "evaluation": data("LicenseManagerEvaluationInfo", properties=[]),
        },
        "scheduledTaskManager": {"scheduledTask": []},
        "perfManager": {"perfCounter": [], "historicalInterval": []},
        "viewManager": {"viewList": []},
        "propertyCollector": {"filter": []},
        "userDirectory": {"domainList": ["vsphere.local"]},
        "customizationSpecManager": {"info": [], "encryptionKey": []},
    }


def _licence_source() -> Data:
    return data("LocalLicenseSource", licenseKeys="")


def _settings(vcenter: VCenter) -> list[Data]:
    address = vcenter.server.address
    own: dict[str, str | int | bool] = {
        "VirtualCenter.InstanceName": vcenter.name,
        "VirtualCenter.ManagedIP": address,
    }
    if vcenter.profile != "vsphere-4":
        own["config.vpxd.sso.sts.uri"] = f"https://{address}/sts/STSService/vsphere.local"
    return options.values(own | options.VCENTER)
