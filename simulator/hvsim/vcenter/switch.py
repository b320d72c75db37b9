"""Distributed switches and their port groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.entity import common
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
        version="8.0.0" if vcenter.profile == "vsphere-8" else "4.0.0",
        forwardingClass="etherswitch",
    )
    config = data(
        "VMwareDVSConfigInfo",
        uuid=uuid,
        name=name,
        numStandalonePorts=0,
        numPorts=_PORTS * len(hosts),
        maxPorts=2**31 - 1,
        uplinkPortPolicy=data("DVSNameArrayUplinkPortPolicy", uplinkPortName=["Uplink 1"]),
        defaultPortConfig=_port(0),
        host=[],
        productInfo=product,
        configVersion="1",
        contact=data("DVSContactInfo"),
        createTime=now(vcenter.world),
        networkResourceManagementEnabled=True,
        maxMtu=1500,
    )
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
    return ref


def add_port_group(vcenter: VCenter, switch: Ref, name: str, vlan: int, ports: int = 128) -> Ref:
    """Add a port group to a distributed switch."""
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
        ),
        configVersion="1",
        autoExpand=True,
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
    spec = data("VmwareDistributedVirtualSwitchVlanIdSpec", inherited=False, vlanId=vlan)
    return data("VMwareDVSPortSetting", vlan=spec)
