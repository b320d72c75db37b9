"""Datastore clusters: folders whose datastores count together (vSphere API, StoragePod)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import customfield, entity
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import Store


def add_pod(vcenter: VCenter, folder: Ref, name: str) -> Ref:
    """Add a datastore cluster without datastores; Storage DRS is off."""
    store = vcenter.store
    properties = entity.common(name, folder) | {
        "childType": ["Datastore"],
        "childEntity": [],
        "summary": data("StoragePodSummary", name=name, capacity=0, freeSpace=0),
        "podStorageDrsEntry": _entry(),
    }
    ref = store.add("StoragePod", store.new_moid("group-p"), properties)
    customfield.offer(store, ref)
    store.append(folder, "childEntity", ref)
    return ref


def _entry() -> Data:
    configuration = data(
        "StorageDrsPodConfigInfo",
        enabled=False,
        ioLoadBalanceEnabled=False,
        defaultVmBehavior="manual",
        loadBalanceInterval=480,
        defaultIntraVmAffinity=True,
    )
    drs = data("StorageDrsConfigInfo", podConfig=configuration, vmConfig=[])
    return data("PodStorageDrsEntry", storageDrsConfig=drs, recommendation=[], drsFault=[])


@method("Folder.CreateStoragePod")
def create(call: Call, this: Ref, name: str) -> Ref:
    """Make a datastore cluster in a folder of datastores."""
    if "StoragePod" not in call.store.value(this, "childType"):
        raise VimFault("NotSupported")
    return add_pod(call.vcenter, this, entity.free_name(call.store, this, name))


def count(store: Store, pod: Ref) -> None:
    """Bring a datastore cluster's summary up to what lies in it; leave other things alone."""
    if store.get(pod).type != "StoragePod":
        return
    members = store.value(pod, "childEntity") or ()
    room = {
        field: sum(store.value(ref, f"summary.{field}") for ref in members)
        for field in ("capacity", "freeSpace")
    }
    store.change(pod, "summary", store.value(pod, "summary").having(**room))
