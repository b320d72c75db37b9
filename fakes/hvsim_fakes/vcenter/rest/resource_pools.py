"""``com.vmware.vcenter.resource_pool``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from hvsim.vcenter.shape import allocation
from hvsim.vcenter.values import Data, Ref, data
from hvsim_fakes.vcenter.rest import errors, selecting
from hvsim_fakes.vcenter.rest.operations import Fields, Route, listing, operation, reading
from hvsim_fakes.vcenter.rest.structures import Long, Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

POOL: Final = "com.vmware.vcenter.resource_pool"
_PATH: Final = "/vcenter/resource-pool"
_ONE: Final = f"{_PATH}/{{resource_pool}}"
_MOST: Final = 1_000
_POOL: Final[Fields] = {"resource_pool": str}
Level = Literal["LOW", "NORMAL", "HIGH", "CUSTOM"]


class PoolFilter(Structure):
    """Which resource pools are listed."""

    vapi = "com.vmware.vcenter.resource_pool.filter_spec"
    resource_pools: list[str] | None = None
    names: list[str] | None = None
    parent_resource_pools: list[str] | None = None
    datacenters: list[str] | None = None
    hosts: list[str] | None = None
    clusters: list[str] | None = None


class PoolSummary(Structure):
    """A resource pool in a list."""

    vapi = "com.vmware.vcenter.resource_pool.summary"
    resource_pool: str
    name: str


class SharesInfo(Structure):
    """How a resource is shared; ``shares`` is set for ``CUSTOM``."""

    vapi = "com.vmware.vcenter.resource_pool.shares_info"
    level: Level
    shares: Long | None = None


class AllocationInfo(Structure):
    """What a pool has of a resource: MHz, or MiB."""

    vapi = "com.vmware.vcenter.resource_pool.resource_allocation_info"
    reservation: int
    expandable_reservation: bool
    limit: int
    shares: SharesInfo


class AllocationCreateSpec(Structure):
    """What a new pool gets of a resource."""

    vapi = "com.vmware.vcenter.resource_pool.resource_allocation_create_spec"
    reservation: Long | None = None
    expandable_reservation: bool | None = None
    limit: Long | None = None
    shares: SharesInfo | None = None


class AllocationUpdateSpec(AllocationCreateSpec):
    """What is to change of what a pool has of a resource."""

    vapi = "com.vmware.vcenter.resource_pool.resource_allocation_update_spec"


class PoolInfo(Structure):
    """A resource pool."""

    vapi = "com.vmware.vcenter.resource_pool.info"
    name: str
    resource_pools: list[str]
    cpu_allocation: AllocationInfo | None = None
    memory_allocation: AllocationInfo | None = None


class PoolCreateSpec(Structure):
    """What a pool is made from."""

    vapi = "com.vmware.vcenter.resource_pool.create_spec"
    name: str
    parent: str
    cpu_allocation: AllocationCreateSpec | None = None
    memory_allocation: AllocationCreateSpec | None = None


class PoolUpdateSpec(Structure):
    """What is to change of a pool."""

    vapi = "com.vmware.vcenter.resource_pool.update_spec"
    name: str | None = None
    cpu_allocation: AllocationUpdateSpec | None = None
    memory_allocation: AllocationUpdateSpec | None = None


_route, _takes = listing(_PATH, PoolFilter)


@operation(f"{POOL}.list", _route, takes=_takes)
def list_pools(call: Call, filter: PoolFilter | None) -> list[PoolSummary]:
    """Return the resource pools that fit a filter."""
    wanted = filter or PoolFilter()
    fitting = (found for found in call.seen("ResourcePool") if _fits(call, found, wanted))
    code = "com.vmware.api.vcenter.resourcepool.list.too_many"
    return [
        PoolSummary(resource_pool=found.moid, name=selecting.shown(found["name"]))
        for found in selecting.bounded(fitting, _MOST, code, "resource pools")
    ]


def _fits(call: Call, found: ManagedObject, wanted: PoolFilter) -> bool:
    return (
        selecting.is_among(found.moid, wanted.resource_pools)
        and selecting.is_called(found, wanted.names)
        and selecting.is_among(found["parent"].moid, wanted.parent_resource_pools)
        and selecting.in_datacenter(call, found, wanted.datacenters)
        and selecting.in_cluster(call, found, wanted.clusters)
        and _has_host(call, found["owner"], wanted.hosts)
    )


def _has_host(call: Call, owner: Ref, wanted: list[str] | None) -> bool:
    """Whether one of the hosts wanted belongs to a pool's cluster or resource."""
    hosts: list[Ref] = call.store.value(owner, "host") or []
    return not wanted or any(selecting.is_among(host.moid, wanted) for host in hosts)


@operation(f"{POOL}.get", reading(_ONE), takes=_POOL)
def get_pool(call: Call, resource_pool: str) -> PoolInfo:
    """Return a resource pool."""
    found = pool_of(call, resource_pool)
    return PoolInfo(
        name=selecting.shown(found["name"]),
        resource_pools=[ref.moid for ref in found["resourcePool"]],
        cpu_allocation=_info(found["config.cpuAllocation"]),
        memory_allocation=_info(found["config.memoryAllocation"]),
    )


def _info(found: Data | None) -> AllocationInfo | None:
    if found is None:
        return None
    level: Level = found["shares"]["level"].upper()
    return AllocationInfo(
        reservation=found["reservation"] or 0,
        expandable_reservation=bool(found["expandableReservation"]),
        limit=-1 if found["limit"] is None else found["limit"],
        shares=SharesInfo(
            level=level, shares=found["shares"]["shares"] if level == "CUSTOM" else None
        ),
    )


@operation(
    f"{POOL}.create",
    Route("POST", _PATH, old_path=_PATH, body="spec", status=201),
    takes={"spec": PoolCreateSpec},
    privilege="Resource.CreatePool",
    is_write=True,
)
def create_pool(call: Call, spec: PoolCreateSpec) -> str:
    """Make a resource pool in another."""
    config = data(
        "ResourceConfigSpec",
        cpuAllocation=_changed(allocation(4000, expandable=True), spec.cpu_allocation),
        memoryAllocation=_changed(allocation(163_840, expandable=True), spec.memory_allocation),
    )
    parent = pool_of(call, spec.parent)
    made: Ref = call.perform(parent.ref, "CreateResourcePool", name=spec.name, spec=config)
    return made.moid


@operation(
    f"{POOL}.update",
    Route("PATCH", _ONE, old_path=_ONE, body="spec"),
    takes=_POOL | {"spec": PoolUpdateSpec},
    privilege="Resource.EditPool",
    is_write=True,
)
def update_pool(call: Call, resource_pool: str, spec: PoolUpdateSpec) -> None:
    """Change a pool's name and what it has of resources."""
    found = pool_of(call, resource_pool)
    before: Data = found["config"]
    config = before.having(
        cpuAllocation=_changed(before["cpuAllocation"], spec.cpu_allocation),
        memoryAllocation=_changed(before["memoryAllocation"], spec.memory_allocation),
    )
    call.perform(found.ref, "UpdateConfig", name=spec.name, config=config)


@operation(
    f"{POOL}.delete",
    Route("DELETE", _ONE, old_path=_ONE),
    takes=_POOL,
    privilege="Resource.DeletePool",
    is_write=True,
    locked=False,
)
def delete_pool(call: Call, resource_pool: str) -> None:
    """Remove a pool; what is in it goes to its parent."""
    with call.world.access():
        found = pool_of(call, resource_pool)
    call.carry_out(found.ref, "Destroy_Task")


def _changed(before: Data, spec: AllocationCreateSpec | None) -> Data:
    """Return an allocation with what a specification sets."""
    if spec is None:
        return before
    changes: dict[str, Any] = {
        "reservation": spec.reservation,
        "expandableReservation": spec.expandable_reservation,
        "limit": spec.limit,
        "shares": None if spec.shares is None else _shares(spec.shares),
    }
    return before.having(**{name: value for name, value in changes.items() if value is not None})


def _shares(spec: SharesInfo) -> Data:
    if (spec.level == "CUSTOM") != (spec.shares is not None):
        raise errors.invalid_input("shares are given if and only if their level is CUSTOM")
    return data("SharesInfo", level=spec.level.lower(), shares=spec.shares or 0)


def pool_of(call: Call, identifier: str, privilege: str | None = None) -> ManagedObject:
    """Return a resource pool, or raise ``not_found``."""
    code = "com.vmware.api.vcenter.resourcepool.not_found"
    return call.object("ResourcePool", identifier, code, "Resource pool", privilege)
