"""Datastores that a host mounts and lets go, and the guests that it starts by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import entity, inventory
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.hosts import part
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, data

if TYPE_CHECKING:
    from hvsim.vcenter.values import Ref

_SHARE = 1024 * 2**30
"""Bytes that a share of a file server which no scenario describes has."""


@method("HostDatastoreSystem.CreateNasDatastore")
def mount_share(call: Call, this: Ref, spec: Data) -> Ref:
    """Mount a share of a file server; a share that other hosts have is the same datastore."""
    store, host = call.store, part.host_of(call, this)
    name, share = spec["localPath"], (spec["remoteHost"], spec["remotePath"])
    if not all((name, *share)):
        raise bad_argument("spec")
    center = entity.datacenter_of(store, host)
    for ref in store.value(host, "datastore") or ():
        if store.value(ref, "name") == name:
            raise VimFault("DuplicateName", name=name, object=ref)
        if _share_of(call, ref) == share:
            raise VimFault("AlreadyExists", name=name)
    stores: list[Ref] = center["datastore"]
    known = next((ref for ref in stores if _share_of(call, ref) == share), None)
    if known is not None:
        _mount(call, known, host)
        return known
    entity.free_name(store, center["datastoreFolder"], name)
    made = inventory.add_datastore(call.vcenter, center.ref, name, [host], kind="NFS", size=_SHARE)
    store.change(made, "info.nas.remoteHost", share[0])
    store.change(made, "info.nas.remotePath", share[1])
    return made


def _share_of(call: Call, datastore: Ref) -> tuple[str, str] | None:
    nas: Data | None = call.store.value(datastore, "info")["nas"]
    return (nas["remoteHost"], nas["remotePath"]) if nas is not None else None


def _mount(call: Call, datastore: Ref, host: Ref) -> None:
    store = call.store
    mount = inventory.mount(host, store.value(datastore, "summary.url"))
    store.change(datastore, "host", [*store.value(datastore, "host"), mount])
    store.change(datastore, "summary.multipleHostAccess", value=True)
    inventory.attach(store, host, "datastore", datastore)


@method("HostDatastoreSystem.RemoveDatastore")
def unmount(call: Call, this: Ref, datastore: Ref) -> None:
    """Let a host do without a datastore that none of its guests lies on."""
    store, host = call.store, part.host_of(call, this)
    mounts = store.value(datastore, "host") or []
    if datastore not in (store.value(host, "datastore") or ()):
        raise VimFault("NotFound")
    if any(store.value(vm, "runtime.host") == host for vm in store.value(datastore, "vm") or ()):
        raise VimFault("ResourceInUse", type="Datastore", name=store.value(datastore, "name"))
    left = [mount for mount in mounts if mount["key"] != host]
    if not left and store.value(datastore, "vm"):
        raise VimFault("ResourceInUse", type="Datastore", name=store.value(datastore, "name"))
    store.change(datastore, "host", left)
    _forget(call, host, datastore)
    if not left:
        center = entity.datacenter_of(store, host)
        store.discard(center.ref, "datastore", datastore)
        store.discard(store.value(datastore, "parent"), "childEntity", datastore)
        store.remove(store.value(datastore, "browser"))
        store.remove(datastore)


def _forget(call: Call, host: Ref, datastore: Ref) -> None:
    store = call.store
    store.discard(host, "datastore", datastore)
    store.discard(part.manager_of(call.vcenter, host, "datastoreSystem"), "datastore", datastore)
    system = part.manager_of(call.vcenter, host, "storageSystem")
    name = store.value(datastore, "info")["name"]
    volumes = store.value(system, "fileSystemVolumeInfo.mountInfo") or ()
    left = [one for one in volumes if one["volume"]["name"] != name]
    store.change(system, "fileSystemVolumeInfo.mountInfo", left)
    compute: Ref = store.value(host, "parent")
    hosts: list[Ref] = store.value(compute, "host")
    if not any(datastore in (store.value(ref, "datastore") or ()) for ref in hosts):
        store.discard(compute, "datastore", datastore)


@method("HostAutoStartManager.ReconfigureAutostart")
def set_start(call: Call, this: Ref, spec: Data) -> None:
    """Set which guests a host starts and stops with itself, and in which order."""
    host = part.host_of(call, this)
    known: Data = call.store.value(this, "config")
    if spec["defaults"] is not None:
        before: Data = known["defaults"] or data("AutoStartDefaults")
        known = known.having(defaults=before.having(**spec["defaults"].fields))
    rules = {one["key"]: one for one in known["powerInfo"] or ()}
    for one in spec["powerInfo"] or ():
        if call.store.value(one["key"], "runtime.host") != host:
            raise bad_argument("spec.powerInfo.key")
        rules[one["key"]] = one
    part.show(call, this, "config", "autoStart", known.having(powerInfo=list(rules.values())))
