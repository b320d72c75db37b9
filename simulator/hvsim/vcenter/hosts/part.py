"""A host's managers and the host: which belongs to which, and what both show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.vcenter import esx
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import Ref

if TYPE_CHECKING:
    from hvsim.vcenter.methods import Call
    from hvsim.vcenter.server import VCenter


def host_of(call: Call, manager: Ref) -> Ref:
    """Return the host that a manager is a part of.

    Raises:
        VimFault: when vCenter cannot reach the host, which carries its managers' methods out.
    """
    moid = esx.HOST if call.vcenter.agent else f"host-{manager.moid.rpartition('-')[2]}"
    host = Ref("HostSystem", moid)
    state = call.store.value(host, "runtime.connectionState")
    if state != "connected":
        raise VimFault("HostNotConnected" if state == "disconnected" else "HostNotReachable")
    return host


def manager_of(vcenter: VCenter, host: Ref, field: str) -> Ref:
    """Return a host's manager by its name in ``configManager``."""
    found: Ref = vcenter.store.value(host, f"configManager.{field}")
    return found


def show(call: Call, manager: Ref, shown: str, kept: str, value: Any) -> None:
    """Set what a manager shows at ``shown`` and its host's configuration at ``kept``."""
    call.store.change(manager, shown, value)
    call.store.change(host_of(call, manager), f"config.{kept}", value)
