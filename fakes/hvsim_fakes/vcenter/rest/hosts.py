"""``com.vmware.vcenter.host``: hosts, added, connected, disconnected and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from hvsim.vcenter.values import Ref, data
from hvsim_fakes.vcenter.rest import errors, selecting
from hvsim_fakes.vcenter.rest.call import READ
from hvsim_fakes.vcenter.rest.datacenters import folder as folder_of
from hvsim_fakes.vcenter.rest.operations import Fields, Route, listing, operation
from hvsim_fakes.vcenter.rest.structures import Long, Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

HOST: Final = "com.vmware.vcenter.host"
_PATH: Final = "/vcenter/host"
_ONE: Final = f"{_PATH}/{{host}}"
_MOST: Final = 2_500
_CODE: Final = "com.vmware.api.vcenter.host"
ConnectionState = Literal["CONNECTED", "DISCONNECTED", "NOT_RESPONDING"]
PowerState = Literal["POWERED_ON", "POWERED_OFF", "STANDBY"]
_CONNECTIONS: Final[dict[str, ConnectionState]] = {
    "connected": "CONNECTED",
    "disconnected": "DISCONNECTED",
    "notResponding": "NOT_RESPONDING",
}
_POWERS: Final[dict[str, PowerState]] = {
    "poweredOn": "POWERED_ON",
    "poweredOff": "POWERED_OFF",
    "standBy": "STANDBY",
}
_HOST: Final[Fields] = {"host": str}


class HostFilter(Structure):
    """Which hosts are listed."""

    vapi = "com.vmware.vcenter.host.filter_spec"
    hosts: list[str] | None = None
    names: list[str] | None = None
    folders: list[str] | None = None
    datacenters: list[str] | None = None
    standalone: bool | None = None
    clusters: list[str] | None = None
    connection_states: list[ConnectionState] | None = None
    host_uuids: list[str] | None = None


class HostSummary(Structure):
    """A host in a list; its power state is set while it is connected."""

    vapi = "com.vmware.vcenter.host.summary"
    host: str
    name: str
    connection_state: ConnectionState
    power_state: PowerState | None = None
    host_uuid: str | None = None


class HostCreateSpec(Structure):
    """What a host is added by."""

    vapi = "com.vmware.vcenter.host.create_spec"
    hostname: str
    user_name: str
    password: str
    thumbprint_verification: Literal["NONE", "THUMBPRINT", "CERTIFICATE"]
    port: Long | None = None
    folder: str | None = None
    thumbprint: str | None = None
    ssl_certificate: str | None = None
    force_add: bool | None = None


_route, _takes = listing(_PATH, HostFilter)


@operation(f"{HOST}.list", _route, takes=_takes)
def list_hosts(call: Call, filter: HostFilter | None) -> list[HostSummary]:
    """Return the hosts that fit a filter."""
    wanted = filter or HostFilter()
    fitting = (found for found in call.seen("HostSystem", READ) if _fits(call, found, wanted))
    code = "com.vmware.api.vcenter.host.list.too_many"
    return [_summary(found) for found in selecting.bounded(fitting, _MOST, code, "hosts")]


def _fits(call: Call, found: ManagedObject, wanted: HostFilter) -> bool:
    parent = call.store.get(found["parent"])
    summary = _summary(found)
    return (
        selecting.is_among(found.moid, wanted.hosts)
        and selecting.is_called(found, wanted.names)
        # A host's folder is that of its cluster or of its own resource.
        and selecting.lies_in(parent, wanted.folders)
        and selecting.in_datacenter(call, found, wanted.datacenters)
        and selecting.is_among(parent.moid, wanted.clusters)
        and wanted.standalone in (None, parent.type == "ComputeResource")
        and (not wanted.connection_states or summary.connection_state in wanted.connection_states)
        and (not wanted.host_uuids or summary.host_uuid in wanted.host_uuids)
    )


def _summary(found: ManagedObject) -> HostSummary:
    connection = _CONNECTIONS[found["runtime.connectionState"]]
    power = _POWERS.get(found["runtime.powerState"])
    return HostSummary(
        host=found.moid,
        name=selecting.shown(found["name"]),
        connection_state=connection,
        power_state=power if connection == "CONNECTED" else None,
        host_uuid=found["hardware.systemInfo.uuid"],
    )


@operation(
    f"{HOST}.connect",
    Route("POST", _ONE, action="connect", old_path=f"{_ONE}/connect"),
    takes=_HOST,
    privilege="Host.Config.Connection",
    is_write=True,
    locked=False,
)
def connect(call: Call, host: str) -> None:
    """Let vCenter manage a host again."""
    _change_connection(call, host, "CONNECTED", "ReconnectHost_Task")


@operation(
    f"{HOST}.disconnect",
    Route("POST", _ONE, action="disconnect", old_path=f"{_ONE}/disconnect"),
    takes=_HOST,
    privilege="Host.Config.Connection",
    is_write=True,
    locked=False,
)
def disconnect(call: Call, host: str) -> None:
    """Let vCenter stop managing a host."""
    _change_connection(call, host, "DISCONNECTED", "DisconnectHost_Task")


def _change_connection(call: Call, host: str, state: ConnectionState, method: str) -> None:
    with call.world.access():
        found = host_of(call, host)
        if _CONNECTIONS[found["runtime.connectionState"]] == state:
            code = f"com.vmware.api.vcenter.host.already_{state.lower()}"
            text = f"The host %s is already {state.lower()}."
            raise errors.error("already_in_desired_state", code, text, call.full_id(found.moid))
    call.carry_out(found.ref, method)


@operation(
    f"{HOST}.create",
    Route("POST", _PATH, old_path=_PATH, body="spec", status=201),
    takes={"spec": HostCreateSpec},
    privilege="Host.Inventory.AddStandaloneHost",
    is_write=True,
    locked=False,
)
def create(call: Call, spec: HostCreateSpec) -> str:
    """Add a host that belongs to no cluster."""
    if spec.thumbprint is not None and spec.ssl_certificate is not None:
        raise errors.invalid_input("thumbprint and certificate exclude each other")
    with call.world.access():
        where = _folder_for(call, spec.folder)
    described = data(
        "HostConnectSpec",
        hostName=spec.hostname,
        port=spec.port,
        userName=spec.user_name,
        password=spec.password,
        force=bool(spec.force_add),
    )
    made: Ref = call.carry_out(where, "AddStandaloneHost_Task", spec=described, addConnected=True)
    with call.world.access():
        hosts: list[Ref] = call.store.value(made, "host")
        return hosts[0].moid


def _folder_for(call: Call, identifier: str | None) -> Ref:
    """Return the folder that a host is added to: the first datacenter's, unless one is named."""
    if identifier is not None:
        folder = folder_of(call, identifier)
        if "ComputeResource" not in folder["childType"]:
            code, text = f"{_CODE}.invalid_folder_type", "The folder %s does not hold hosts."
            raise errors.error("invalid_element_type", code, text, call.full_id(folder.moid))
        return folder.ref
    found: Ref | None = next((center["hostFolder"] for center in call.seen("Datacenter")), None)
    if found is None:
        raise errors.invalid_input("there is no datacenter to add a host to")
    call.demand(call.privilege, found)
    return found


@operation(
    f"{HOST}.delete",
    Route("DELETE", _ONE, old_path=_ONE),
    takes=_HOST,
    privilege="Host.Inventory.RemoveHostFromCluster",
    is_write=True,
    locked=False,
)
def delete(call: Call, host: str) -> None:
    """Remove a host that belongs to no cluster."""
    with call.world.access():
        found = host_of(call, host)
        if call.store.get(found["parent"]).type != "ComputeResource":
            code = "com.vmware.api.vcenter.host.in_cluster"
            text = "The host %s belongs to a cluster."
            raise errors.error("resource_in_use", code, text, call.full_id(found.moid))
    call.carry_out(found.ref, "Destroy_Task")


def host_of(call: Call, identifier: str, privilege: str | None = None) -> ManagedObject:
    """Return a host, or raise ``not_found``."""
    code = "com.vmware.api.vcenter.host.not_found"
    return call.object("HostSystem", identifier, code, "Host", privilege)
