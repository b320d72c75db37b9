"""The shape of an ESX host: its properties when it joins a vCenter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import capability
from hvsim.vcenter.entity import common
from hvsim.vcenter.hosts import options, services, settings, storage, switches
from hvsim.vcenter.values import Data, Ref, data, date_at

if TYPE_CHECKING:
    from hvsim.hardware import Server

MHZ: Final = 2600
_CPU: Final = "Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz"
_MANAGERS: Final = {
    "datastoreSystem": "HostDatastoreSystem",
    "storageSystem": "HostStorageSystem",
    "networkSystem": "HostNetworkSystem",
    "vmotionSystem": "HostVMotionSystem",
    "virtualNicManager": "HostVirtualNicManager",
    "serviceSystem": "HostServiceSystem",
    "firewallSystem": "HostFirewallSystem",
    "hostAccessManager": "HostAccessManager",
    "powerSystem": "HostPowerSystem",
    "advancedOption": "OptionManager",
    "autoStartManager": "HostAutoStartManager",
    "dateTimeSystem": "HostDateTimeSystem",
    "firmwareSystem": "HostFirmwareSystem",
    "certificateManager": "HostCertificateManager",
}
STACK: Final = "defaultTcpipStack"
PRODUCTS: Final = {
    "vsphere-4": ("4.1.0", "260247"),
    "vsphere-8": ("8.0.3", "24022510"),
}


_AUTO_START: Final = data(
    "HostAutoStartManagerConfig",
    defaults=data(
        "AutoStartDefaults",
        enabled=False,
        startDelay=120,
        stopDelay=120,
        waitForHeartbeat=False,
        stopAction="PowerOff",
    ),
    powerInfo=[],
)
_STACKS: Final = data(
    "HostRuntimeInfoNetworkRuntimeInfo",
    netStackInstanceRuntimeInfo=[
        data(
            "HostRuntimeInfoNetStackInstanceRuntimeInfo",
            netStackInstanceKey=STACK,
            state="active",
            vmknicKeys=["vmk0"],
            currentIpV6Enabled=False,
        )
    ],
)


def managers_of(moid: str) -> dict[str, Ref]:
    """Return the objects that manage parts of a host, by their name in ``configManager``."""
    number = moid.rpartition("-")[2]
    return {field: Ref(kind, f"{field}-{number}") for field, kind in sorted(_MANAGERS.items())}


def properties(
    server: Server,
    ref: Ref,
    parent: Ref,
    *,
    uuid: str,
    profile: str,
    networks: list[tuple[str, int]],
) -> dict[str, Any]:
    """Return the properties of a connected host on a physical server.

    Args:
        networks: name and VLAN of the port groups of its own switch.
    """
    product = about(profile)
    runtime = data(
        "HostRuntimeInfo",
        connectionState="connected",
        powerState="poweredOn",
        standbyMode="none",
        inMaintenanceMode=False,
        inQuarantineMode=False,
        bootTime=date_at(-86_400.0),
        networkRuntimeInfo=_STACKS,
    )
    return common(server.name, parent) | {
        "runtime": runtime,
        "summary": _summary(server, ref, uuid, runtime, product),
        "hardware": _hardware(server, uuid),
        "capability": capability.HOST,
        "licensableResource": data(
            "HostLicensableResourceInfo",
            resource=[data("KeyAnyValue", key="numCpuPackages", value=_packages(server))],
        ),
        "configManager": Data("HostConfigManager", dict(managers_of(ref.moid))),
        "config": _config(server, ref, product, networks),
        "vm": [],
        "datastore": [],
        "network": [],
        "datastoreBrowser": Ref("HostDatastoreBrowser", f"datastoreBrowser-{ref.moid}"),
    }


def about(profile: str) -> Data:
    """Return what a host's own software says of itself."""
    version, build = PRODUCTS[profile]
    return data(
        "AboutInfo",
        name="VMware ESXi",
        fullName=f"VMware ESXi {version} build-{build}",
        vendor="VMware, Inc.",
        version=version,
        build=build,
        localeVersion="INTL",
        localeBuild="000",
        osType="vmnix-x86",
        productLineId="embeddedEsx",
        apiType="HostAgent",
        apiVersion={"vsphere-4": "4.1", "vsphere-8": "8.0.3.0"}[profile],
        licenseProductName="VMware ESX Server",
        licenseProductVersion=f"{version.partition('.')[0]}.0",
    )


def _packages(server: Server) -> int:
    return max(1, server.cpus // 8)


def _summary(server: Server, ref: Ref, uuid: str, runtime: Data, product: Data) -> Data:
    hardware = data(
        "HostHardwareSummary",
        vendor="hvsim",
        model=server.model,
        uuid=uuid,
        memorySize=server.memory,
        cpuModel=_CPU,
        cpuMhz=MHZ,
        numCpuPkgs=_packages(server),
        numCpuCores=server.cpus,
        numCpuThreads=server.cpus,
        numNics=max(1, len(server.nics)),
        numHBAs=1,
    )
    return data(
        "HostListSummary",
        host=ref,
        hardware=hardware,
        runtime=runtime,
        config=data(
            "HostConfigSummary",
            name=server.name,
            port=443,
            product=product,
            vmotionEnabled=True,
            faultToleranceEnabled=False,
        ),
        quickStats=data(
            "HostListSummaryQuickStats", overallCpuUsage=0, overallMemoryUsage=0, uptime=86_400
        ),
        overallStatus="green",
        rebootRequired=False,
        managementServerIp=server.address,
    )


def _hardware(server: Server, uuid: str) -> Data:
    hz = MHZ * 1_000_000
    packages = _packages(server)
    each = server.cpus // packages
    return data(
        "HostHardwareInfo",
        systemInfo=data("HostSystemInfo", vendor="hvsim", model=server.model, uuid=uuid),
        cpuInfo=data(
            "HostCpuInfo",
            numCpuPackages=packages,
            numCpuCores=server.cpus,
            numCpuThreads=server.cpus,
            hz=hz,
        ),
        cpuPkg=[
            data(
                "HostCpuPackage",
                index=number,
                vendor="intel",
                hz=hz,
                busHz=100_000_000,
                description=_CPU,
                threadId=list(range(number * each, (number + 1) * each)),
            )
            for number in range(packages)
        ],
        memorySize=server.memory,
        smcPresent=False,
        biosInfo=data("HostBIOSInfo", biosVersion=server.bios, releaseDate=date_at(-31_536_000.0)),
    )


def _config(server: Server, ref: Ref, product: Data, networks: list[tuple[str, int]]) -> Data:
    address = server.address
    card = data(
        "HostVirtualNic",
        device="vmk0",
        key="key-vim.host.VirtualNic-vmk0",
        portgroup="Management Network",
        spec=data(
            "HostVirtualNicSpec",
            ip=data("HostIpConfig", dhcp=False, ipAddress=address, subnetMask="255.255.255.0"),
            mac=server.nics[0].mac if server.nics else mac_of(server.address),
            mtu=1500,
            netStackInstanceKey=STACK,
        ),
    )
    return data(
        "HostConfigInfo",
        host=ref,
        product=product,
        hyperThread=data("HostHyperThreadScheduleInfo", available=True, active=True, config=True),
        network=_network(server, networks, card),
        storageDevice=storage.devices(server),
        vmotion=data(
            "HostVMotionInfo",
            ipConfig=data("HostIpConfig", dhcp=False, ipAddress=address),
        ),
        service=services.INSTALLED,
        firewall=services.FIREWALL,
        autoStart=_AUTO_START,
        option=options.HOST_VALUES,
        dateTimeInfo=data(
            "HostDateTimeInfo",
            timeZone=data(
                "HostDateTimeSystemTimeZone", key="UTC", name="UTC", description="UTC", gmtOffset=0
            ),
            ntpConfig=data("HostNtpConfig", server=[], configFile=[]),
        ),
        lockdownMode="lockdownDisabled",
        adminDisabled=False,
        featureCapability=[],
        powerSystemCapability=settings.POWER,
        powerSystemInfo=settings.BALANCED,
    )


def _network(server: Server, networks: list[tuple[str, int]], card: Data) -> Data:
    devices = [nic.name for nic in server.nics] or ["vmnic0"]
    names = data("HostDnsConfig", dhcp=False, hostName=server.name, domainName="", address=[])
    routes = data("HostIpRouteConfig")
    groups = [
        data("HostPortGroupSpec", name=name, vlanId=vlan, vswitchName="vSwitch0")
        for name, vlan in networks
    ]
    spec = data("HostVirtualSwitchSpec", numPorts=128, bridge=switches.bridge(devices))
    return data(
        "HostNetworkInfo",
        vswitch=[switches.switch("vSwitch0", devices, [name for name, _ in networks], spec)],
        proxySwitch=[],
        portgroup=[switches.port_group(group) for group in groups],
        pnic=[
            data(
                "PhysicalNic",
                key=f"key-vim.host.PhysicalNic-{name}",
                device=name,
                pci=f"0000:0{number}:00.0",
                driver="igb",
                spec=data("PhysicalNicSpec"),
                wakeOnLanSupported=True,
                mac=next((n.mac for n in server.nics if n.name == name), mac_of(server.address)),
            )
            for number, name in enumerate(devices)
        ],
        vnic=[card],
        dnsConfig=names,
        ipRouteConfig=routes,
        ipV6Enabled=False,
        atBootIpV6Enabled=False,
        netStackInstance=[
            data(
                "HostNetStackInstance",
                key=STACK,
                name=STACK,
                dnsConfig=names,
                ipRouteConfig=routes,
                requestedMaxNumberOfConnections=11_000,
                congestionControlAlgorithm="newreno",
                ipV6Enabled=False,
            )
        ],
    )


def mac_of(address: str) -> str:
    """Return a locally administered MAC address made of an IPv4 address."""
    return "02:50:" + ":".join(f"{int(part):02x}" for part in address.split("."))
