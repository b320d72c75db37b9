"""The shape of a host's virtual switches and port groups, and what its adapters are used for."""

from __future__ import annotations

from typing import Final

from hvsim.vcenter.values import Data, data

SWITCH_KEY: Final = "key-vim.host.VirtualSwitch-"
GROUP_KEY: Final = "key-vim.host.PortGroup-"
NIC_KEY: Final = "key-vim.host.PhysicalNic-"
_RESERVED_PORTS: Final = 8
NIC_TYPES: Final = {
    "faultToleranceLogging": False,
    "management": True,
    "vSphereBackupNFC": False,
    "vSphereProvisioning": False,
    "vSphereReplication": False,
    "vSphereReplicationNFC": False,
    "vmotion": True,
    "vsan": True,
}
"""What an adapter may be used for, and whether several may."""
_SELECTED: Final = ("management", "vmotion")
POLICY: Final = data(
    "HostNetworkPolicy",
    security=data(
        "HostNetworkSecurityPolicy", allowPromiscuous=False, macChanges=False, forgedTransmits=False
    ),
    nicTeaming=data(
        "HostNicTeamingPolicy",
        policy="loadbalance_srcid",
        reversePolicy=True,
        notifySwitches=True,
        rollingOrder=False,
        failureCriteria=data("HostNicFailureCriteria", checkBeacon=False),
    ),
    offloadPolicy=data("HostNetOffloadCapabilities", csumOffload=True, tcpSegmentation=True),
    shapingPolicy=data("HostNetworkTrafficShapingPolicy", enabled=False),
)
"""What a new switch of a host does with its traffic."""


_OWN: Final = data(
    "HostNetworkPolicy",
    security=data("HostNetworkSecurityPolicy"),
    nicTeaming=data("HostNicTeamingPolicy", failureCriteria=data("HostNicFailureCriteria")),
    offloadPolicy=data("HostNetOffloadCapabilities"),
    shapingPolicy=data("HostNetworkTrafficShapingPolicy"),
)
"""What a port group has of its own as long as it takes everything from its switch: nothing."""


def switch(name: str, cards: list[str], groups: list[str], spec: Data) -> Data:
    """Return a virtual switch with network cards (``vmnic0``) and port groups, by their names."""
    ports = int(spec["numPorts"] or 128)
    return data(
        "HostVirtualSwitch",
        name=name,
        key=SWITCH_KEY + name,
        numPorts=ports,
        numPortsAvailable=max(0, ports - _RESERVED_PORTS),
        mtu=spec["mtu"] or 1500,
        pnic=[NIC_KEY + card for card in cards],
        portgroup=[GROUP_KEY + group for group in groups],
        spec=spec.having(numPorts=ports, policy=spec["policy"] or POLICY),
    )


def port_group(spec: Data) -> Data:
    """Return a port group of a specification."""
    policy = _OWN.having(**(spec["policy"].fields if spec["policy"] else {}))
    return data(
        "HostPortGroup",
        key=GROUP_KEY + spec["name"],
        port=[],
        vswitch=SWITCH_KEY + spec["vswitchName"],
        computedPolicy=_over(POLICY, policy),
        spec=spec.having(policy=policy),
    )


def _over(base: Data, own: Data) -> Data:
    """Return a policy with what another one says of its own in its place."""
    changes = {
        name: _over(base[name], value) if isinstance(value, Data) and base[name] else value
        for name, value in own.fields.items()
    }
    return base.having(**changes)


def bridge(cards: list[str]) -> Data | None:
    """Return what bonds network cards to a switch; None without any."""
    return data("HostVirtualSwitchBondBridge", nicDevice=cards) if cards else None


def usage(card: Data) -> Data:
    """Return what a fresh host's first adapter is used for."""
    return data(
        "HostVirtualNicManagerInfo",
        netConfig=[
            data(
                "VirtualNicManagerNetConfig",
                nicType=kind,
                multiSelectAllowed=several,
                selectedVnic=[f"{kind}.{card['key']}"] if kind in _SELECTED else [],
            )
            for kind, several in NIC_TYPES.items()
        ],
    )
