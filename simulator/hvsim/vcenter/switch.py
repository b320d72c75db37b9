"""Distributed switches and their port groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.dvs import member_of
from hvsim.vcenter.entity import above, common
from hvsim.vcenter.inventory import attach
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

_PORTS: Final = 8


def add_switch(vcenter: VCenter, folder: Ref, name: str, hosts: list[Ref]) -> Ref:
    """Add a distributed switch that hosts are members of."""
    store = vcenter.store
    ref = Ref("VmwareDistributedVirtualSwitch", store.new_moid("dvs-"))
    uuid = vcenter.world.streams.uuid(f"{vcenter.path}/dvs")
    product = data(
        "DistributedVirtualSwitchProductSpec",
        name="DVS",
        vendor="VMware, Inc.",
        version=vcenter.choices.switch_version,
        forwardingClass="etherswitch",
    )
    config = _configuration(vcenter, name, uuid, product, hosts)
    summary = data(
        "DVSSummary",
        name=name,
        uuid=uuid,
        numPorts=_PORTS * len(hosts),
        productInfo=product,
        hostMember=list(hosts),
        vm=[],
        host=list(hosts),
        portgroupName=[],
        numHosts=len(hosts),
    )
    properties: dict[str, Any] = {
        "uuid": uuid,
        "capability": data("DVSCapability", dvsOperationSupported=True),
        "summary": summary,
        "config": config,
        "networkResourcePool": [],
        "portgroup": [],
    }
    store.add(ref.type, ref.moid, common(name, folder) | properties)
    store.append(folder, "childEntity", ref)
    _add_uplinks(vcenter, ref, name)
    return ref


def _configuration(vcenter: VCenter, name: str, uuid: str, product: Data, hosts: list[Ref]) -> Data:
    """Return what a new switch is set up as."""
    return data(
        "VMwareDVSConfigInfo",
        uuid=uuid,
        name=name,
        numStandalonePorts=0,
        numPorts=_PORTS * len(hosts),
        maxPorts=2**31 - 1,
        uplinkPortPolicy=data("DVSNameArrayUplinkPortPolicy", uplinkPortName=["Uplink 1"]),
        linkDiscoveryProtocolConfig=data(
            "LinkDiscoveryProtocolConfig", protocol="cdp", operation="listen"
        ),
        ipfixConfig=data(
            "VMwareIpfixConfig",
            activeFlowTimeout=60,
            idleFlowTimeout=15,
            samplingRate=4096,
            internalFlowsOnly=False,
        ),
        healthCheckConfig=[
            data(kind, enable=False, interval=0)
            for kind in ("VMwareDVSVlanMtuHealthCheckConfig", "VMwareDVSTeamingHealthCheckConfig")
        ],
        multicastFilteringMode="legacyFiltering",
        defaultPortConfig=_port(0),
        host=[member_of(host) for host in hosts],
        productInfo=product,
        configVersion="1",
        contact=data("DVSContactInfo"),
        createTime=now(vcenter.world),
        networkResourceManagementEnabled=True,
        uplinkPortgroup=[],
        maxMtu=1500,
    )


def _add_uplinks(vcenter: VCenter, switch: Ref, name: str) -> None:
    """Add the port group of a switch's uplinks, which every switch has from the beginning."""
    number = switch.moid.rpartition("-")[2]
    ref = add_port_group(vcenter, switch, f"{name}-DVUplinks-{number}", 0, ports=_PORTS)
    vcenter.store.change(ref, "tag", [data("Tag", key="SYSTEM/DVS.UPLINKPG")])
    vcenter.store.change(ref, "config.uplink", value=True)
    trunk = data(
        "VmwareDistributedVirtualSwitchTrunkVlanSpec",
        inherited=False,
        vlanId=[data("NumericRange", start=0, end=4094)],
    )
    vcenter.store.change(ref, "config.defaultPortConfig.vlan", trunk)
    vcenter.store.change(switch, "config.uplinkPortgroup", [ref])
    center = above(vcenter.store, switch, "Datacenter")
    if center is not None:
        vcenter.store.append(center, "network", ref)


def add_port_group(
    vcenter: VCenter, switch: Ref, name: str, vlan: int, ports: int = 128, *, nsx: str = ""
) -> Ref:
    """Add a port group to a distributed switch; ``nsx`` is a logical switch that it is for."""
    store = vcenter.store
    ref = Ref("DistributedVirtualPortgroup", store.new_moid("dvportgroup-"))
    folder = store.value(switch, "parent")
    hosts = store.value(switch, "summary.hostMember") or []
    config = data(
        "DVPortgroupConfigInfo",
        key=ref.moid,
        name=name,
        numPorts=ports,
        distributedVirtualSwitch=switch,
        defaultPortConfig=_port(vlan),
        type="earlyBinding",
        policy=data(
            "VMwareDVSPortgroupPolicy",
            blockOverrideAllowed=True,
            shapingOverrideAllowed=False,
            vendorConfigOverrideAllowed=False,
            livePortMovingAllowed=False,
            portConfigResetAtDisconnect=True,
            vlanOverrideAllowed=False,
            uplinkTeamingOverrideAllowed=False,
            securityPolicyOverrideAllowed=False,
            networkResourcePoolOverrideAllowed=False,
            ipfixOverrideAllowed=False,
            trafficFilterOverrideAllowed=False,
        ),
        configVersion="1",
        autoExpand=True,
        backingType="nsx" if nsx else "standard",
        logicalSwitchUuid=nsx or None,
    )
    summary = data("NetworkSummary", network=ref, name=name, accessible=True, ipPoolName="")
    properties = {
        "summary": summary,
        "key": ref.moid,
        "config": config,
        "portKeys": [],
        "host": list(hosts),
        "vm": [],
    }
    store.add(ref.type, ref.moid, common(name, folder) | properties)
    store.append(folder, "childEntity", ref)
    store.append(switch, "portgroup", ref)
    store.append(switch, "summary.portgroupName", name)
    for host in hosts:
        attach(store, host, "network", ref)
    return ref


def _port(vlan: int) -> Data:
    """Return what a port does that is set up no further."""
    return data(
        "VMwareDVSPortSetting",
        vlan=data("VmwareDistributedVirtualSwitchVlanIdSpec", inherited=False, vlanId=vlan),
        blocked=_choice(value=False),
        ipfixEnabled=_choice(value=False),
        securityPolicy=data(
            "DVSSecurityPolicy",
            inherited=False,
            allowPromiscuous=_choice(value=False),
            macChanges=_choice(value=False),
            forgedTransmits=_choice(value=False),
        ),
        macManagementPolicy=data(
            "DVSMacManagementPolicy",
            inherited=False,
            allowPromiscuous=False,
            macChanges=False,
            forgedTransmits=False,
            macLearningPolicy=data(
                "DVSMacLearningPolicy",
                inherited=False,
                enabled=False,
                allowUnicastFlooding=True,
                limit=4096,
                limitPolicy="DROP",
            ),
        ),
        uplinkTeamingPolicy=data(
            "VmwareUplinkPortTeamingPolicy",
            inherited=False,
            policy=data("StringPolicy", inherited=False, value="loadbalance_srcid"),
            reversePolicy=_choice(value=True),
            notifySwitches=_choice(value=True),
            rollingOrder=_choice(value=False),
            uplinkPortOrder=data(
                "VMwareUplinkPortOrderPolicy",
                inherited=False,
                activeUplinkPort=["Uplink 1"],
                standbyUplinkPort=[],
            ),
        ),
    )


def _choice(*, value: bool) -> Data:
    return data("BoolPolicy", inherited=False, value=value)
