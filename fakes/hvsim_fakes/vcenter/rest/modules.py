"""Modules of clusters: an internal service that solutions use, known of govmomi's client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter import tagging_module
from hvsim_fakes.vcenter.rest.compute import cluster_of
from hvsim_fakes.vcenter.rest.operations import Fields, Route, operation, reading
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.rest.call import Call

MODULES: Final = "com.vmware.vcenter.cluster.modules"
MEMBERS: Final = f"{MODULES}.vm.members"
_PATH: Final = "/vcenter/cluster/modules"
_ONE: Final = f"{_PATH}/{{module}}"
_MEMBERS: Final = f"{_PATH}/vm/{{module}}/members"
_MODULE: Final[Fields] = {"module": str}
_EDIT: Final = "Host.Inventory.EditCluster"


class CreateSpec(Structure):
    """What a module is made from."""

    vapi = "com.vmware.vcenter.cluster.modules.create_spec"
    cluster: str


class Summary(Structure):
    """A module in a list."""

    vapi = "com.vmware.vcenter.cluster.modules.summary"
    cluster: str
    module: str


class ListResult(Structure):
    """All modules."""

    vapi = "com.vmware.vcenter.cluster.modules.list_result"
    summaries: list[Summary]


class Members(Structure):
    """The machines of a module."""

    vapi = "com.vmware.vcenter.cluster.modules.vm.members.info"
    vms: list[str]


class Status(Structure):
    """Whether a change could be made."""

    vapi = "com.vmware.vcenter.cluster.modules.vm.members.status"
    success: bool


@operation(f"{MODULES}.list", reading(_PATH), is_global=True)
def list_modules(call: Call) -> ListResult:
    """Return all modules."""
    known = call.vcenter.tagging.modules.values()
    return ListResult(summaries=[Summary(cluster=one.cluster, module=one.id) for one in known])


@operation(
    f"{MODULES}.create",
    Route("POST", _PATH, old_path=_PATH, body="spec", status=201),
    takes={"spec": CreateSpec},
    privilege=_EDIT,
    is_write=True,
)
def create(call: Call, spec: CreateSpec) -> str:
    """Make a module in a cluster; return its identifier."""
    made: str = call.tag("create_module", cluster=cluster_of(call, spec.cluster).moid)
    return made


@operation(
    f"{MODULES}.delete",
    Route("DELETE", _ONE, old_path=_ONE),
    takes=_MODULE,
    privilege=_EDIT,
    is_global=True,
    is_write=True,
)
def delete(call: Call, module: str) -> None:
    """Take a module away."""
    call.tag("delete_module", identifier=module)


@operation(f"{MEMBERS}.get", reading(_MEMBERS), takes=_MODULE, is_global=True)
def members(call: Call, module: str) -> Members:
    """Return the machines of a module that are still there."""
    found = tagging_module.find(call.vcenter, module)
    return Members(vms=[moid for moid in found.members if call.store.exists(moid)])


def _change(name: str) -> Route:
    return Route("POST", _MEMBERS, action=name, old_path=_MEMBERS, old_action=name)


@operation(
    f"{MEMBERS}.add",
    _change("add"),
    takes=_MODULE | {"vms": list[str]},
    privilege=_EDIT,
    is_global=True,
    is_write=True,
)
def add(call: Call, module: str, vms: list[str]) -> Status:
    """Add machines of its cluster to a module, all or none."""
    return Status(success=call.tag("add_members", identifier=module, machines=vms))


@operation(
    f"{MEMBERS}.remove",
    _change("remove"),
    takes=_MODULE | {"vms": list[str]},
    privilege=_EDIT,
    is_global=True,
    is_write=True,
)
def remove(call: Call, module: str, vms: list[str]) -> Status:
    """Remove machines from a module, all or none."""
    return Status(success=call.tag("remove_members", identifier=module, machines=vms))
