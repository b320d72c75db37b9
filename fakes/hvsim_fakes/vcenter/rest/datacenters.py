"""``com.vmware.vcenter.datacenter`` and ``.folder``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from hvsim.vcenter.content import ROOT
from hvsim_fakes.vcenter.rest import errors, selecting
from hvsim_fakes.vcenter.rest.operations import Route, listing, operation, reading
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Ref
    from hvsim_fakes.vcenter.rest.call import Call

DATACENTER: Final = "com.vmware.vcenter.datacenter"
FOLDER: Final = "com.vmware.vcenter.folder"
_PATH: Final = "/vcenter/datacenter"
_MOST: Final = 1_000
FolderType = Literal["DATACENTER", "DATASTORE", "HOST", "NETWORK", "VIRTUAL_MACHINE"]
_FOLDER_TYPES: Final[dict[str, FolderType]] = {
    "Datacenter": "DATACENTER",
    "Datastore": "DATASTORE",
    "ComputeResource": "HOST",
    "Network": "NETWORK",
    "VirtualMachine": "VIRTUAL_MACHINE",
}


class DatacenterFilter(Structure):
    """Which datacenters are listed."""

    vapi = "com.vmware.vcenter.datacenter.filter_spec"
    datacenters: list[str] | None = None
    names: list[str] | None = None
    folders: list[str] | None = None


class DatacenterSummary(Structure):
    """A datacenter in a list."""

    vapi = "com.vmware.vcenter.datacenter.summary"
    datacenter: str
    name: str


class DatacenterInfo(Structure):
    """A datacenter."""

    vapi = "com.vmware.vcenter.datacenter.info"
    name: str
    datastore_folder: str
    host_folder: str
    network_folder: str
    vm_folder: str


class DatacenterCreateSpec(Structure):
    """What a datacenter is made from."""

    vapi = "com.vmware.vcenter.datacenter.create_spec"
    name: str
    folder: str | None = None


class FolderFilter(Structure):
    """Which folders are listed."""

    vapi = "com.vmware.vcenter.folder.filter_spec"
    folders: list[str] | None = None
    names: list[str] | None = None
    type: FolderType | None = None
    parent_folders: list[str] | None = None
    datacenters: list[str] | None = None


class FolderSummary(Structure):
    """A folder in a list."""

    vapi = "com.vmware.vcenter.folder.summary"
    folder: str
    name: str
    type: FolderType


_route, _takes = listing(_PATH, DatacenterFilter)


@operation(f"{DATACENTER}.list", _route, takes=_takes)
def list_datacenters(call: Call, filter: DatacenterFilter | None) -> list[DatacenterSummary]:
    """Return the datacenters that fit a filter."""
    wanted = filter or DatacenterFilter()
    fitting = (
        found
        for found in call.seen("Datacenter")
        if selecting.is_among(found.moid, wanted.datacenters)
        and selecting.is_called(found, wanted.names)
        and selecting.lies_in(found, wanted.folders)
    )
    code = "com.vmware.api.vcenter.datacenter.list.too_many"
    return [
        DatacenterSummary(datacenter=found.moid, name=selecting.shown(found["name"]))
        for found in selecting.bounded(fitting, _MOST, code, "datacenters")
    ]


@operation(f"{DATACENTER}.get", reading(f"{_PATH}/{{datacenter}}"), takes={"datacenter": str})
def get_datacenter(call: Call, datacenter: str) -> DatacenterInfo:
    """Return a datacenter with its four folders."""
    found = _datacenter(call, datacenter)
    return DatacenterInfo(
        name=selecting.shown(found["name"]),
        datastore_folder=found["datastoreFolder"].moid,
        host_folder=found["hostFolder"].moid,
        network_folder=found["networkFolder"].moid,
        vm_folder=found["vmFolder"].moid,
    )


@operation(
    f"{DATACENTER}.create",
    Route("POST", _PATH, old_path=_PATH, body="spec", status=201),
    takes={"spec": DatacenterCreateSpec},
    privilege="Datacenter.Create",
    is_write=True,
)
def create_datacenter(call: Call, spec: DatacenterCreateSpec) -> str:
    """Make a datacenter in a folder; in the root folder when none is given."""
    where = folder(call, ROOT.moid if spec.folder is None else spec.folder).ref
    made: Ref = call.perform(where, "CreateDatacenter", name=spec.name)
    return made.moid


@operation(
    f"{DATACENTER}.delete",
    Route("DELETE", f"{_PATH}/{{datacenter}}", old_path=f"{_PATH}/{{datacenter}}"),
    takes={"datacenter": str, "force": (bool | None, None)},
    privilege="Datacenter.Delete",
    is_write=True,
    locked=False,
)
def delete_datacenter(call: Call, datacenter: str, force: bool | None) -> None:
    """Remove a datacenter; one that is not empty by force only."""
    with call.world.access():
        found = _datacenter(call, datacenter)
        if not force and _holds_anything(call, found):
            code, text = (
                "com.vmware.api.vcenter.datacenter.not_empty",
                "Datacenter %s is not empty.",
            )
            raise errors.error("resource_in_use", code, text, call.full_id(found.moid))
    call.carry_out(found.ref, "Destroy_Task")


def _holds_anything(call: Call, found: ManagedObject) -> bool:
    folders = ("vmFolder", "hostFolder")
    return any(call.store.value(found[name], "childEntity") for name in folders)


_folder_route, _folder_takes = listing("/vcenter/folder", FolderFilter)


@operation(f"{FOLDER}.list", _folder_route, takes=_folder_takes)
def list_folders(call: Call, filter: FolderFilter | None) -> list[FolderSummary]:
    """Return the folders that fit a filter."""
    wanted = filter or FolderFilter()
    fitting = (
        found
        for found in call.seen("Folder")
        if selecting.is_among(found.moid, wanted.folders)
        and selecting.is_called(found, wanted.names)
        and selecting.lies_in(found, wanted.parent_folders)
        and selecting.in_datacenter(call, found, wanted.datacenters)
        and wanted.type in (None, _type_of(found))
    )
    code = "com.vmware.api.vcenter.folder.list.too_many"
    return [
        FolderSummary(folder=found.moid, name=selecting.shown(found["name"]), type=_type_of(found))
        for found in selecting.bounded(fitting, _MOST, code, "folders")
    ]


def _type_of(found: ManagedObject) -> FolderType:
    return next(kind for name, kind in _FOLDER_TYPES.items() if name in found["childType"])


def folder(call: Call, identifier: str, privilege: str | None = None) -> ManagedObject:
    """Return a folder, or raise ``not_found``."""
    code = "com.vmware.api.vcenter.folder.not_found"
    return call.object("Folder", identifier, code, "Folder", privilege)


def _datacenter(call: Call, identifier: str) -> ManagedObject:
    code = "com.vmware.api.vcenter.datacenter.not_found"
    return call.object("Datacenter", identifier, code, "Datacenter")
