"""``SearchIndex``: finds entities by what people know them by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import names
from hvsim_fakes.vcenter.context import Context, local
from hvsim_fakes.vcenter.inventory import inventory_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Data, Ref


@local("SearchIndex.FindByInventoryPath")
def by_inventory_path(context: Context, this: Ref, inventoryPath: str) -> Ref | None:
    """Return what a path of names from the root folder leads to (``dc/vm/folder/name``)."""
    store = context.vcenter.store
    at: Ref = store.value("ServiceInstance", "content.rootFolder")
    for name in inventoryPath.strip("/").split("/"):
        found = names.child(store, at, name) if name else None
        if found is None:
            return None
        at = found
    return at


@local("SearchIndex.FindChild")
def child(context: Context, this: Ref, entity: Ref, name: str) -> Ref | None:
    """Return what lies directly in an entity under a name."""
    return names.child(context.vcenter.store, context.scope.get(entity).ref, name)


@local("SearchIndex.FindByUuid")
def by_uuid(
    context: Context,
    this: Ref,
    uuid: str,
    vmSearch: bool,
    datacenter: Ref | None = None,
    instanceUuid: bool | None = None,
) -> Ref | None:
    """Return the first machine or host with a UUID."""
    return _first(_uuid(context, uuid, datacenter, vms=vmSearch, instance=bool(instanceUuid)))


@local("SearchIndex.FindAllByUuid")
def all_by_uuid(
    context: Context,
    this: Ref,
    uuid: str,
    vmSearch: bool,
    datacenter: Ref | None = None,
    instanceUuid: bool | None = None,
) -> list[Ref]:
    """Return every machine or host with a UUID."""
    return list(_uuid(context, uuid, datacenter, vms=vmSearch, instance=bool(instanceUuid)))


@local("SearchIndex.FindByDnsName")
def by_dns_name(
    context: Context,
    this: Ref,
    dnsName: str,
    vmSearch: bool,
    datacenter: Ref | None = None,
) -> Ref | None:
    """Return the first machine or host with a DNS name."""
    return _first(_dns_name(context, dnsName, datacenter, vms=vmSearch))


@local("SearchIndex.FindAllByDnsName")
def all_by_dns_name(
    context: Context,
    this: Ref,
    dnsName: str,
    vmSearch: bool,
    datacenter: Ref | None = None,
) -> list[Ref]:
    """Return every machine or host with a DNS name."""
    return list(_dns_name(context, dnsName, datacenter, vms=vmSearch))


@local("SearchIndex.FindByIp")
def by_ip(
    context: Context,
    this: Ref,
    ip: str,
    vmSearch: bool,
    datacenter: Ref | None = None,
) -> Ref | None:
    """Return the first machine or host with an address."""
    return _first(_ip(context, ip, datacenter, vms=vmSearch))


@local("SearchIndex.FindAllByIp")
def all_by_ip(
    context: Context,
    this: Ref,
    ip: str,
    vmSearch: bool,
    datacenter: Ref | None = None,
) -> list[Ref]:
    """Return every machine or host with an address."""
    return list(_ip(context, ip, datacenter, vms=vmSearch))


@local("SearchIndex.FindByDatastorePath")
def by_datastore_path(context: Context, this: Ref, datacenter: Ref, path: str) -> Ref | None:
    """Return the machine whose configuration lies at a path (``[datastore] vm/vm.vmx``)."""
    return _first(
        found.ref
        for found in _candidates(context, datacenter, vms=True)
        if found.get("config.files.vmPathName") == path
    )


def _uuid(
    context: Context, uuid: str, datacenter: Ref | None, *, vms: bool, instance: bool
) -> Iterator[Ref]:
    path = "hardware.systemInfo.uuid"
    if vms:
        path = "config.instanceUuid" if instance else "config.uuid"
    wanted = uuid.lower()
    return _matching(context, datacenter, vms, lambda o: (o.get(path) or "").lower() == wanted)


def _dns_name(context: Context, name: str, datacenter: Ref | None, *, vms: bool) -> Iterator[Ref]:
    wanted = name.lower()
    if vms:
        path = "guest.hostName"
        return _matching(context, datacenter, vms, lambda o: (o.get(path) or "").lower() == wanted)
    return _matching(context, datacenter, vms, lambda o: wanted in _host_names(o))


def _host_names(host: ManagedObject) -> tuple[str, ...]:
    """Return what a host's own system calls itself, without and with its domain, in lower case."""
    known: Data | None = host.get("config.network.dnsConfig")
    if known is None or not known["hostName"]:
        return (host["name"].lower(),)
    short = known["hostName"].lower()
    return short, f"{short}.{(known['domainName'] or '').lower()}".rstrip(".")


def _ip(context: Context, address: str, datacenter: Ref | None, *, vms: bool) -> Iterator[Ref]:
    if vms:
        return _matching(context, datacenter, vms, lambda o: o.get("guest.ipAddress") == address)
    machines = context.vcenter.machines
    return _matching(
        context,
        datacenter,
        vms,
        lambda o: o.moid in machines and machines[o.moid].server.address == address,
    )


def _matching(
    context: Context,
    datacenter: Ref | None,
    vms: bool,
    fits: Callable[[ManagedObject], bool],
) -> Iterator[Ref]:
    return (found.ref for found in _candidates(context, datacenter, vms=vms) if fits(found))


def _candidates(context: Context, datacenter: Ref | None, *, vms: bool) -> Iterator[ManagedObject]:
    store, kind = context.vcenter.store, "VirtualMachine" if vms else "HostSystem"
    if datacenter is None:
        yield from store.of_type(kind)
        return
    context.scope.get(datacenter)
    tree = inventory_of(store)
    for ref in tree.members(datacenter, (kind,), recursive=True):
        yield store.get(ref)


def _first(found: Iterator[Ref]) -> Ref | None:
    return next(found, None)
