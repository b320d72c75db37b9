"""The ``[[vcenter]]`` tables of a scenario: a vCenter each, described or only counted."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Any, Final

import msgspec

from hvsim import behaviours, sections
from hvsim.errors import CommandError, InputError
from hvsim.inventory import host_address
from hvsim.vcenter import savedobject
from hvsim.vcenter.behaviours import PRODUCT
from hvsim.vcenter.build import DEFAULT_DATASTORE, DEFAULT_NETWORK, build_vcenter, local_datastore
from hvsim.vcenter.inhabitants import residents_of
from hvsim.vcenter.spec import GIB, GuestTable, HostTable, VCenterTable

if TYPE_CHECKING:
    from pathlib import Path as Folder

    from hvsim.ambient import Resident
    from hvsim.inventory import Draft, Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey
    from hvsim.vcenter.spec import DatastoreTable, NetworkTable, PodTable
    from hvsim.world import World

    _Part = DatastoreTable | NetworkTable | PodTable

_LEAST_MEMORY: Final = 64 * GIB


def expand(table: VCenterTable, hosts: dict[str, HostTable], drafts: list[Draft]) -> VCenterTable:
    """Return a table with a guest for each draft, placed on its hosts; see :func:`hosts_of`."""
    placement = _Placement([hosts[host.name] for host in table.all_hosts], table.described_guests)
    guests = [*table.described_guests, *(placement.guest(draft) for draft in drafts)]
    return msgspec.structs.replace(table, guests=guests, more_guests=0)


def hosts_of(
    world: World, table: VCenterTable, number: int, drafts: list[Draft]
) -> dict[str, HostTable]:
    """Return hosts by name with all they need; ``""`` is vCenter's own machine."""
    memory = _memory_for(table, drafts)
    made = {}
    for index, host in enumerate(table.all_hosts):
        server = world.hardware.servers.get(host.name)
        made[host.name] = HostTable(
            name=host.name,
            hostname=host.hostname,
            address=host.address or (server.address if server else host_address(number, index)),
            own_address=host.own_address,
            cpus=host.cpus or (server.cpus if server else 16),
            memory=host.memory or (server.memory if server else memory),
            own_memory=host.own_memory,
        )
    address = table.address or host_address(number, len(table.all_hosts))
    made[""] = HostTable(name=table.server or table.name, address=address)
    return made


def _memory_for(table: VCenterTable, drafts: list[Draft]) -> int:
    """Return memory of a host such that, with half as much again, all guests can run at once."""
    needed = sum(draft.memory for draft in drafts)
    needed += sum(guest.memory for guest in table.described_guests)
    each = needed * 3 // 2 // max(1, len(table.all_hosts)) + GIB
    memory = _LEAST_MEMORY
    while memory < each:
        memory *= 2
    return memory


class _Placement:
    """Places generated guests on the hosts with the most room."""

    def __init__(self, hosts: list[HostTable], described: list[GuestTable]) -> None:
        used = {host.name: GIB for host in hosts}
        for guest in described:
            where = guest.host or hosts[0].name
            if guest.power_state == "poweredOn" and where in used:
                used[where] += guest.memory
        self._free = [
            (used[host.name] - (host.memory or 0), n, host.name) for n, host in enumerate(hosts)
        ]
        heapq.heapify(self._free)

    def guest(self, draft: Draft) -> GuestTable:
        """Return the guest, running if it is to and there is room for it."""
        free, order, host = self._free[0]
        runs = draft.running and free + draft.memory <= 0
        # One that is off takes a little as well, so that they are spread over the hosts.
        taken = draft.memory if runs else 1
        heapq.heapreplace(self._free, (free + taken, order, host))
        return GuestTable(
            name=draft.name,
            power_state="poweredOn" if runs else "poweredOff",
            host=host,
            memory=draft.memory,
            vcpus=draft.vcpus,
            tools=draft.tools,
            hostname=draft.hostname,
            os_name=draft.system,
            address=draft.address,
            disk=draft.disk,
        )


def examine(table: VCenterTable, number: int, path: Path, survey: Survey) -> None:
    """Declare a vCenter's names, and judge what its table refers to."""
    survey.declare("pool", table.name, (*path, "name"))
    for index, name in enumerate(table.datacenters):
        survey.declare("datacenter", name, (*path, "datacenters", index), table.name)
    if table.objects:
        _examine_saved(table, number, path, survey)
        return
    if not table.all_hosts:
        raise survey.document.error(path, "expected at least one cluster or host")
    _examine_clusters(table, number, path, survey)
    _examine_own(table, number, path, survey)
    examine_rest(table, path, survey)


def examine_rest(table: VCenterTable, path: Path, survey: Survey) -> None:
    """Judge what lies on a table's hosts, and who may log in."""
    for index, store in enumerate(table.datastores or [DEFAULT_DATASTORE]):
        _examine_datastore(table, index, (*path, "datastores", index), survey)
        place = (*path, "datastores", index, "name")
        _declare_in(survey, table, "datastore", store, place)
    for host in table.all_hosts if table.local_datastores else ():
        survey.declare("datastore", local_datastore(host.name), (*path, "hosts"), table.name)
    for index, network in enumerate(table.networks or [DEFAULT_NETWORK]):
        place = (*path, "networks", index)
        _declare_in(survey, table, "network", network, (*place, "name"))
        _expect(survey, table, "datacenter", network.datacenter, (*place, "datacenter"))
    for index, pod in enumerate(table.pods):
        place = (*path, "pods", index)
        _declare_in(survey, table, "datastore", pod, (*place, "name"))
        _expect(survey, table, "datacenter", pod.datacenter, (*place, "datacenter"))
    for name in table.folders:
        survey.expect("datacenter", name, (*path, "folders", name), table.name)
    for index, guest in enumerate(table.described_guests):
        _examine_guest(table, guest, (*path, "guests", index), survey)
    _examine_accounts(table, path, survey)


_DESCRIBED: Final = (
    "clusters",
    "hosts",
    "datastores",
    "networks",
    "folders",
    "pods",
    "guests",
    "more_guests",
)


def _examine_saved(table: VCenterTable, number: int, path: Path, survey: Survey) -> None:
    """Judge the table of a vCenter whose inventory was saved."""
    for name in _DESCRIBED:
        if getattr(table, name):
            sentence = f"{name}: expected none beside an inventory that is loaded"
            raise survey.document.error((*path, name), sentence)
    _examine_own(table, number, path, survey)
    _examine_accounts(table, path, survey)
    for one in savedobject.parse(table.objects):
        host = one.properties.get("name") if one.type == "HostSystem" else None
        if isinstance(host, str) and not survey.knows("server", host):
            survey.declare("server", host, path)


def _examine_accounts(table: VCenterTable, path: Path, survey: Survey) -> None:
    for index, account in enumerate(table.accounts):
        user = account.user.lower()
        survey.declare("account", user, (*path, "accounts", index, "user"), table.name)
    for name in table.behaviours:
        _examine_switch(table, name, (*path, "behaviours", name), survey)


def _declare_in(survey: Survey, table: VCenterTable, noun: str, part: _Part, path: Path) -> None:
    """Declare what has its name to itself within its datacenter."""
    where = part.datacenter or table.datacenters[0]
    survey.declare(noun, part.name, path, f"{where} of {table.name}")
    if not survey.knows(noun, part.name, table.name):
        survey.declare(noun, part.name, path, table.name)


def _examine_clusters(table: VCenterTable, number: int, path: Path, survey: Survey) -> None:
    at = 0
    for index, cluster in enumerate(table.clusters):
        place = (*path, "clusters", index)
        survey.declare("cluster", cluster.name, (*place, "name"), table.name)
        _expect(survey, table, "datacenter", cluster.datacenter, (*place, "datacenter"))
        if not cluster.host_tables:
            raise survey.document.error((*place, "hosts"), "hosts: expected at least one host")
        for order, pool in enumerate(cluster.pools):
            survey.declare("resource pool", pool, (*place, "pools", order), table.name)
        for order, app in enumerate(cluster.apps):
            survey.declare("resource pool", app, (*place, "apps", order), table.name)
        for order, host in enumerate(cluster.host_tables):
            where = (*place, "hosts", order) if isinstance(cluster.hosts, list) else place
            examine_host(table, host, host_address(number, at), where, survey)
            at += 1
    for index, host in enumerate(table.hosts):
        place = (*path, "hosts", index)
        _expect(survey, table, "datacenter", host.datacenter, (*place, "datacenter"))
        examine_host(table, host, host_address(number, at), place, survey)
        at += 1


def examine_host(
    table: VCenterTable, host: HostTable, generated: str, path: Path, survey: Survey
) -> None:
    """Declare a host's name and address; ``generated`` is what it gets if it has none."""
    survey.declare("host", host.name, (*path, "name"), table.name)
    survey.declare("host of any pool", host.name, (*path, "name"))
    if not survey.knows("server", host.name):
        survey.declare("server", host.name, (*path, "name"))
        survey.declare_address(host.address or generated, (*path, "address"))
    elif host.address is not None:
        sentence = f"expected no address: server {host.name!r} has one already"
        raise survey.document.error((*path, "address"), sentence)


def _examine_own(table: VCenterTable, number: int, path: Path, survey: Survey) -> None:
    """Judge the machine that vCenter itself runs on."""
    if table.server is not None:
        if table.address is not None:
            sentence = f"expected no address: server {table.server!r} has one already"
            raise survey.document.error((*path, "address"), sentence)
        survey.expect("server", table.server, (*path, "server"))
        return
    generated = host_address(number, len(table.all_hosts))
    survey.declare("server", table.name, (*path, "name"))
    survey.declare_address(table.address or generated, (*path, "address"))


def _examine_datastore(table: VCenterTable, index: int, path: Path, survey: Survey) -> None:
    store = (table.datastores or [DEFAULT_DATASTORE])[index]
    _expect(survey, table, "datacenter", store.datacenter, (*path, "datacenter"))
    if not store.shared and store.host is None:
        raise survey.document.error((*path, "host"), "host: expected the host that it lies on")
    _expect(survey, table, "host", store.host, (*path, "host"))
    if store.shared and not survey.knows("storage", store.name):
        survey.declare("storage", store.name, (*path, "name"))


def _examine_guest(table: VCenterTable, guest: GuestTable, path: Path, survey: Survey) -> None:
    survey.declare("guest", guest.name, (*path, "name"), table.name)
    for noun in ("host", "datastore", "network"):
        _expect(survey, table, noun, getattr(guest, noun), (*path, noun))
    if guest.pool:
        survey.expect("resource pool", guest.pool, (*path, "pool"), table.name)
    if guest.template and guest.power_state != "poweredOff":
        sentence = "power_state: expected a template to be poweredOff"
        raise survey.document.error((*path, "power_state"), sentence)


def _expect(survey: Survey, table: VCenterTable, noun: str, name: str | None, path: Path) -> None:
    if name is not None:
        survey.expect(noun, name, path, table.name)


def _examine_switch(table: VCenterTable, name: str, path: Path, survey: Survey) -> None:
    try:
        behaviours.switchable(name, PRODUCT, table.profile)
    except CommandError as error:
        raise survey.document.error(path, str(error)) from None


def build(world: World, table: VCenterTable, number: int, inventory: Inventory) -> None:
    """Build the vCenter."""
    if table.objects:
        address = table.address or host_address(number, 0)
        own = HostTable(name=table.server or table.name, address=address)
        build_vcenter(world, table, {"": own}, number)
        return
    drafts = [inventory.guest(table.name, number, index) for index in range(table.generated_guests)]
    hosts = hosts_of(world, table, number, drafts)
    build_vcenter(world, expand(table, hosts, drafts), hosts)


def residents(world: World, table: VCenterTable) -> list[Resident]:
    """Return the vCenter's guests, for ambient activity."""
    return residents_of(world.product(table.name))


def prepare(table: dict[str, Any], folder: Folder | None) -> None:
    """Put a saved inventory that a table names as ``load`` in its place."""
    name = table.pop("load", None)
    if name is None:
        return
    if not isinstance(name, str):
        raise InputError("load: expected a directory's name")
    if folder is None:
        raise InputError("load: expected none, since this scenario is not a file itself")
    table["objects"] = savedobject.read(folder / name)


sections.register(sections.Section("vcenter", VCenterTable, examine, build, residents, prepare))
