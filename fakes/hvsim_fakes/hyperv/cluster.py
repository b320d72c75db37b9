"""The FailoverClusters module on the nodes of a cluster.

Names and types: its published reference. The text for a host that is no node is recalled.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.console import HypervError
from hvsim.scvmm.fabric import Node, State
from hvsim.scvmm.failover import target_for
from hvsim.scvmm.roles import Move, Pause, Resume, demand_node
from hvsim_fakes.hyperv.context import context_of
from hvsim_fakes.powershell.cmdlet import Parameter, Table
from hvsim_fakes.powershell.errors import exception_type, record
from hvsim_fakes.powershell.format.views import Column, TableView
from hvsim_fakes.powershell.format.views import register as register_view
from hvsim_fakes.powershell.host import Wait
from hvsim_fakes.powershell.objects.enums import EnumType
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType
from hvsim_fakes.powershell.objects.registry import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hvsim.scvmm.fabric import Cluster, Guest, Host
    from hvsim_fakes.hyperv.context import HostContext
    from hvsim_fakes.powershell.cmdlet import Body, Call

SPACE: Final = "Microsoft.FailoverClusters.PowerShell."
TABLE: Final = Table("FailoverClusters", SPACE.rstrip("."), "2.0.0.0")
_FAULT: Final = SPACE + "ClusterCmdletException"
exception_type(_FAULT, "System.Exception")
NODE_STATE: Final = EnumType(
    SPACE + "ClusterNodeState", {"Unknown": -1, "Up": 0, "Down": 1, "Paused": 2, "Joining": 3}
)
GROUP_STATE: Final = EnumType(
    SPACE + "ClusterGroupState",
    {"Unknown": -1, "Online": 0, "Offline": 1, "Failed": 2, "PartialOnline": 3, "Pending": 4},
)
RESOURCE_STATE: Final = EnumType(
    SPACE + "ClusterResourceState",
    {"Unknown": -1, "Inherited": 0, "Initializing": 1, "Online": 2, "Offline": 3, "Failed": 4},
)
for _states in (NODE_STATE, GROUP_STATE, RESOURCE_STATE):
    register(_states)


class Role:
    """A guest as its cluster has it."""

    def __init__(self, context: HostContext, guest: Guest) -> None:
        self.context = context
        self.guest = guest
        self.online = guest.state in (State.RUNNING, State.PAUSED)


def _node_state(host: Host) -> Any:
    return NODE_STATE["Up" if host.node == Node.ISOLATED else str(host.node)]


def _kind(name: str, shown: tuple[str, ...], **properties: Callable[[Any], Any]) -> NetType:
    made = NetType(SPACE + name, OBJECT, properties=properties, text=lambda one: str(_name(one)))
    register_view(SPACE + name, TableView(tuple(Column(one) for one in shown)))
    return made


def _name(one: Any) -> str:
    return one.guest.name if isinstance(one, Role) else str(one.name)


NODE: Final = _kind(
    "ClusterNode",
    ("Name", "State", "Type"),
    Name=_name,
    NodeName=_name,
    State=_node_state,
    Type=lambda _: "Node",
    NodeWeight=lambda _: 1,
)
CLUSTER: Final = _kind("Cluster", ("Name",), Name=_name)
GROUP: Final = _kind(
    "ClusterGroup",
    ("Name", "OwnerNode", "State"),
    Name=_name,
    OwnerNode=lambda one: NetObject(NODE, one.context.vmm.fabric.hosts[one.guest.host]),
    State=lambda one: GROUP_STATE["Online" if one.online else "Offline"],
    GroupType=lambda _: "VirtualMachine",
    Priority=lambda one: one.guest.priority,
)
RESOURCE: Final = _kind(
    "ClusterResource",
    ("Name", "State", "OwnerGroup", "ResourceType"),
    Name=lambda one: f"Virtual Machine {one.guest.name}",
    State=lambda one: RESOURCE_STATE["Online" if one.online else "Offline"],
    OwnerGroup=lambda one: NetObject(GROUP, one),
    OwnerNode=lambda one: NetObject(NODE, one.context.vmm.fabric.hosts[one.guest.host]),
    ResourceType=lambda _: "Virtual Machine",
)
_NAME: Final = Parameter("Name", "string", position=0)
_CLUSTER: Final = Parameter("Cluster", "string")


def _refuse(call: Call, error: HypervError, target: Any = None) -> None:
    texts = {
        "cluster": "The cluster service is not running. Make sure that the service is running on"
        " all nodes in the cluster.",
        "absent": f"An error occurred opening '{target}'. The object was not found.",
    }
    told = texts.get(error.reason, f"Unable to complete the operation on '{target}': {error}.")
    call.error(record(told, call.name, "NotSpecified", target, _FAULT))


def _cluster_of(call: Call) -> Cluster:
    """Return the cluster of the host, noted as read; raises :class:`HypervError`."""
    context = context_of(call)
    try:
        demand_node(context.host)
        _demand_own(call, context)
    except HypervError as error:
        context.note(call.name, error.reason, user=call.host.user)
        raise
    context.note(call.name, user=call.host.user)
    return context.vmm.fabric.clusters[context.host.cluster]


def _demand_own(call: Call, context: HostContext) -> None:
    """Raise :class:`HypervError` where ``-Cluster`` names another one than the host's."""
    cluster = context.vmm.fabric.clusters[context.host.cluster]
    wanted = str(call.get("Cluster") or cluster.name).partition(".")[0].lower()
    if wanted not in (".", "", *(one.lower() for one in (cluster.name, *cluster.nodes))):
        raise HypervError("absent", wanted)


def _nodes(call: Call) -> Iterable[Any]:
    hosts = context_of(call).vmm.fabric.hosts
    return [NetObject(NODE, hosts[name]) for name in _cluster_of(call).nodes]


def roles(call: Call) -> list[Role]:
    """Return the guests that the host's cluster has as roles, by name."""
    context, nodes = context_of(call), _cluster_of(call).nodes
    found = [g for g in context.vmm.fabric.guests.values() if g.clustered and g.host in nodes]
    return [Role(context, one) for one in sorted(found, key=lambda one: one.name.lower())]


def _getting(name: str, find: Callable[[Call], Iterable[Any]]) -> None:
    """Register a cmdlet that gives the cluster's objects, or those of a name."""

    def body(call: Call) -> Body:
        wanted = call.get("Name")
        try:
            found = list(find(call))
        except HypervError as error:
            _refuse(call, error, call.get("Cluster"))
            return
        chosen = [one for one in found if wanted is None or _matches(one, wanted)]
        if not chosen and wanted is not None:
            _refuse(call, HypervError("absent", ""), wanted)
        yield from chosen

    TABLE.cmdlet(name, _NAME, _CLUSTER)(body)


def _matches(one: NetObject, wanted: str) -> bool:
    return fnmatch.fnmatchcase(_name(one.data).lower(), wanted.lower())


_getting("Get-ClusterNode", _nodes)
_getting("Get-Cluster", lambda call: [NetObject(CLUSTER, _cluster_of(call))])
_getting("Get-ClusterGroup", lambda call: [NetObject(GROUP, one) for one in roles(call)])
_getting("Get-ClusterResource", lambda call: [NetObject(RESOURCE, one) for one in roles(call)])


@TABLE.cmdlet(
    "Move-ClusterVirtualMachineRole",
    Parameter("Name", "string", position=0),
    Parameter("Node", "string", position=1),
    Parameter("MigrationType", "string", values=("Live", "Quick")),
    Parameter("Wait", "int"),
    _CLUSTER,
)
def move_role(call: Call) -> Body:
    """Move a virtual machine to another node, live unless told otherwise."""
    context = context_of(call)
    name = call.get("Name")
    try:
        role = _role(call, name)
        begun = context.execute(
            Move(
                vmm=context.vmm.name,
                host=role.guest.host,
                guest=role.guest.guid,
                to=call.get("Node") or _best(context, role.guest),
                role=True,
                quick=str(call.get("MigrationType")).lower() == "quick",
            ),
            call.name,
            call.host.user,
        )
    except HypervError as error:
        _refuse(call, error, name)
        return
    if call.get("Wait") != 0:
        yield Wait(subject=begun)
        if isinstance(begun.error, HypervError):
            _refuse(call, begun.error, name)
            return
    yield NetObject(GROUP, Role(context, role.guest))


def _role(call: Call, name: Any) -> Role:
    """Return the role of a name; raises :class:`HypervError`."""
    for one in roles(call):
        if one.guest.name.lower() == str(name).lower():
            return one
    raise HypervError("absent", str(name))


def _node(call: Call, name: str) -> str:
    """Return the node of a name as the cluster spells it; raises :class:`HypervError`."""
    for one in _cluster_of(call).nodes:
        if one.lower() == name.partition(".")[0].lower():
            return one
    raise HypervError("absent", name)


def _best(context: HostContext, guest: Guest) -> str:
    """Return the node that a cluster would choose; raises :class:`HypervError` for none."""
    cluster = context.vmm.fabric.clusters[context.host.cluster]
    found = target_for(context.vmm, cluster, guest)
    if found is None:
        raise HypervError("memory", f"no node has room for {guest.name!r}")
    return found.name


def _on_node(call: Call, make: Callable[[str], Any]) -> Body:
    context = context_of(call)
    try:
        known = _node(call, str(call.get("Name") or context.host.name))
        begun = context.execute(make(known), call.name, call.host.user)
    except HypervError as error:
        _refuse(call, error, call.get("Name"))
        return
    if begun is not None and call.on("Wait"):
        yield Wait(subject=begun)
    yield NetObject(NODE, context.vmm.fabric.hosts[known])


@TABLE.cmdlet(
    "Suspend-ClusterNode",
    _NAME,
    _CLUSTER,
    Parameter("Drain", "switch"),
    Parameter("Wait", "switch"),
    Parameter("ForceDrain", "switch"),
)
def suspend_node(call: Call) -> Body:
    """Pause a node, with ``-Drain`` moving its roles to others."""
    vmm, drain = context_of(call).vmm.name, call.on("Drain")
    yield from _on_node(call, lambda host: Pause(vmm=vmm, host=host, drain=drain))


@TABLE.cmdlet("Resume-ClusterNode", _NAME, _CLUSTER)
def resume_node(call: Call) -> Body:
    """Let a paused node take roles again."""
    vmm = context_of(call).vmm.name
    yield from _on_node(call, lambda host: Resume(vmm=vmm, host=host))
