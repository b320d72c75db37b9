"""Modules of a cluster: sets of its machines, that solutions put there for DRS.

Known of govmomi's client (``vapi/cluster``); the service is internal to vCenter. DRS does not heed
them here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import entity
from hvsim.vcenter.tagging import Module, TaggingRefusal

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter


def find(vcenter: VCenter, identifier: str) -> Module:
    """Return a module, or raise ``not_found``."""
    found = vcenter.tagging.modules.get(identifier)
    if found is None:
        code = "com.vmware.vcenter.cluster.modules.not_found"
        raise TaggingRefusal("not_found", code, "Module %s does not exist", identifier)
    return found


def create_module(vcenter: VCenter, cluster: str) -> str:
    """Make a module in a cluster; return its identifier."""
    identifier = vcenter.world.streams.uuid(f"{vcenter.path}/module")
    vcenter.tagging.modules[identifier] = Module(identifier, cluster)
    _note(vcenter, "add", identifier, {"cluster": cluster})
    return identifier


def delete_module(vcenter: VCenter, identifier: str) -> None:
    """Take a module away."""
    find(vcenter, identifier)
    del vcenter.tagging.modules[identifier]
    _note(vcenter, "del", identifier, None)


def add_members(vcenter: VCenter, identifier: str, machines: list[str]) -> bool:
    """Add machines of the module's cluster; return whether all of them could be."""
    module = find(vcenter, identifier)
    if any(moid in module.members or not _fits(vcenter, module, moid) for moid in machines):
        return False
    module.members |= dict.fromkeys(machines)
    _note(vcenter, "mod", identifier, {"added": list(machines)})
    return True


def remove_members(vcenter: VCenter, identifier: str, machines: list[str]) -> bool:
    """Remove machines; return whether all of them were members."""
    module = find(vcenter, identifier)
    if any(moid not in module.members for moid in machines):
        return False
    for moid in machines:
        module.members.pop(moid, None)
    _note(vcenter, "mod", identifier, {"removed": list(machines)})
    return True


def _fits(vcenter: VCenter, module: Module, moid: str) -> bool:
    """Whether there is such a machine in a module's cluster."""
    found = vcenter.store.objects.get(moid)
    if found is None or found.type != "VirtualMachine":
        return False
    compute = entity.compute_of(vcenter.store, found["runtime.host"])
    return compute is not None and compute.moid == module.cluster


def _note(vcenter: VCenter, kind: str, identifier: str, after: object) -> None:
    subject = f"{vcenter.path}/module/{identifier}"
    vcenter.world.log.append(kind, subject, None, after, (f"{vcenter.path}/tagging",))
