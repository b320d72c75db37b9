"""The services of a host, and its firewall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.hosts import part
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, data

if TYPE_CHECKING:
    from hvsim.vcenter.values import Ref

_POLICIES: Final = ("on", "off", "automatic")
_SERVICES: Final = (
    ("DCUI", "Direct Console UI", True, "on"),
    ("TSM", "ESXi Shell", False, "off"),
    ("TSM-SSH", "SSH", False, "off"),
    ("ntpd", "NTP Daemon", True, "on"),
    ("vpxa", "VMware vCenter Agent", True, "on"),
)
_RULES: Final[tuple[tuple[str, str, str | None, bool, str], ...]] = (
    ("sshServer", "SSH Server", "TSM-SSH", True, "inbound tcp 22"),
    ("ntpClient", "NTP Client", "ntpd", True, "outbound udp 123"),
    ("vSphereClient", "vSphere Web Client", None, True, "inbound tcp 443"),
    ("vpxHeartbeats", "VMware vCenter Agent", "vpxa", True, "outbound udp 902"),
    ("vMotion", "vMotion", None, True, "inbound tcp 8000"),
    ("nfsClient", "NFS Client", None, False, "outbound tcp 2049"),
    ("snmp", "SNMP Server", None, False, "inbound udp 161"),
    ("syslog", "syslog", None, False, "outbound udp 514"),
)
"""Key, label, service, whether it is open, and what is allowed, of sets of rules."""


def _service(key: str, label: str, running: bool, policy: str) -> Data:
    return data(
        "HostService",
        key=key,
        label=label,
        required=False,
        uninstallable=False,
        running=running,
        policy=policy,
    )


def _ruleset(key: str, label: str, service: str | None, enabled: bool, allowed: str) -> Data:
    direction, protocol, port = allowed.split()
    rule = data(
        "HostFirewallRule",
        port=int(port),
        direction=direction,
        portType="dst",
        protocol=protocol,
    )
    return data(
        "HostFirewallRuleset",
        key=key,
        label=label,
        required=False,
        rule=[rule],
        service=service,
        enabled=enabled,
        allowedHosts=data("HostFirewallRulesetIpList", allIp=True),
    )


INSTALLED: Final = data("HostServiceInfo", service=[_service(*facts) for facts in _SERVICES])
"""The services that a host has when it is installed."""
FIREWALL: Final = data(
    "HostFirewallInfo",
    defaultPolicy=data("HostFirewallDefaultPolicy", incomingBlocked=True, outgoingBlocked=True),
    ruleset=[_ruleset(*facts) for facts in _RULES],
)
"""Its firewall: what no rule opens is closed."""


@method("HostServiceSystem.StartService")
def start(call: Call, this: Ref, id: str) -> None:
    """Start a service; one that runs is refused with ``InvalidState``."""
    if _found(call, this, id)["running"]:
        raise VimFault("InvalidState")
    _set_service(call, this, id, running=True)


@method("HostServiceSystem.StopService")
def stop(call: Call, this: Ref, id: str) -> None:
    """Stop a service; one that does not run is refused with ``InvalidState``."""
    if not _found(call, this, id)["running"]:
        raise VimFault("InvalidState")
    _set_service(call, this, id, running=False)


@method("HostServiceSystem.RestartService")
def restart(call: Call, this: Ref, id: str) -> None:
    """Restart a service."""
    if not _found(call, this, id)["running"]:
        raise VimFault("InvalidState")


@method("HostServiceSystem.UpdateServicePolicy")
def set_policy(call: Call, this: Ref, id: str, policy: str) -> None:
    """Set when a service starts."""
    _found(call, this, id)
    if policy not in _POLICIES:
        raise VimFault("InvalidArgument", invalidProperty="policy")
    _set_service(call, this, id, policy=policy)


@method("HostServiceSystem.RefreshServices", "HostFirewallSystem.RefreshFirewall")
def refresh(call: Call, this: Ref) -> None:
    """Read again what is always as it is."""
    part.host_of(call, this)


def _found(call: Call, this: Ref, key: str) -> Data:
    part.host_of(call, this)
    known: list[Data] = call.store.value(this, "serviceInfo.service")
    found = next((service for service in known if service["key"] == key), None)
    if found is None:
        raise VimFault("NotFound")
    return found


def _set_service(call: Call, this: Ref, key: str, **changes: Any) -> None:
    known: list[Data] = call.store.value(this, "serviceInfo.service")
    after = [one.having(**changes) if one["key"] == key else one for one in known]
    part.show(call, this, "serviceInfo", "service", data("HostServiceInfo", service=after))


@method("HostFirewallSystem.EnableRuleset")
def open_ports(call: Call, this: Ref, id: str) -> None:
    """Open what a set of rules names."""
    _set_rules(call, this, id, enabled=True)


@method("HostFirewallSystem.DisableRuleset")
def close_ports(call: Call, this: Ref, id: str) -> None:
    """Close what a set of rules names."""
    _set_rules(call, this, id, enabled=False)


@method("HostFirewallSystem.UpdateRuleset")
def restrict(call: Call, this: Ref, id: str, spec: Data) -> None:
    """Set from where what a set of rules names may be reached."""
    _set_rules(call, this, id, allowedHosts=spec["allowedHosts"])


@method("HostFirewallSystem.UpdateDefaultPolicy")
def set_default(call: Call, this: Ref, defaultPolicy: Data) -> None:
    """Set what becomes of what no rule is about."""
    info: Data = call.store.value(this, "firewallInfo")
    before: Data = info["defaultPolicy"]
    _show_firewall(call, this, info.having(defaultPolicy=before.having(**defaultPolicy.fields)))


def _set_rules(call: Call, this: Ref, key: str, **changes: Any) -> None:
    info: Data = call.store.value(this, "firewallInfo")
    if all(one["key"] != key for one in info["ruleset"]):
        raise VimFault("NotFound")
    after = [one.having(**changes) if one["key"] == key else one for one in info["ruleset"]]
    _show_firewall(call, this, info.having(ruleset=after))


def _show_firewall(call: Call, this: Ref, info: Data) -> None:
    part.show(call, this, "firewallInfo", "firewall", info)
