"""The ``[[scvmm]]`` tables of a scenario: a VMM server each, described or only counted."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, Final

import msgspec

from hvsim import behaviours, sections
from hvsim.errors import CommandError
from hvsim.inventory import host_address
from hvsim.scvmm.behaviours import PRODUCT
from hvsim.scvmm.build import DEFAULT_NETWORK, build_vmm
from hvsim.scvmm.inhabitants import residents_of
from hvsim.scvmm.spec import GIB, GuestTable, HostTable, VmmTable

if TYPE_CHECKING:
    from hvsim.ambient import Resident
    from hvsim.inventory import Draft, Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey
    from hvsim.world import World

_LEAST_MEMORY: Final = 64 * GIB
_OWN: Final = 3 * GIB
"""Memory of a host that no guest gets, and some to spare."""


def _hosts_of(
    world: World, table: VmmTable, number: int, drafts: list[Draft]
) -> dict[str, HostTable]:
    """Return hosts by name with all they need; ``""`` is VMM's own machine."""
    memory = _memory_for(table, drafts)
    made = {}
    for index, host in enumerate(table.all_hosts):
        server = world.hardware.servers.get(host.name)
        made[host.name] = HostTable(
            name=host.name,
            address=host.address or (server.address if server else host_address(number, index)),
            cpus=host.cpus or (server.cpus if server else 16),
            memory=host.memory or (server.memory if server else memory),
        )
    address = table.address or host_address(number, len(table.all_hosts))
    made[""] = HostTable(name=table.server or table.name, address=address)
    return made


def _memory_for(table: VmmTable, drafts: list[Draft]) -> int:
    """Return memory of a host such that, with half as much again, all guests can run at once."""
    needed = sum(draft.memory for draft in drafts)
    needed += sum(guest.memory for guest in table.described_guests)
    each = needed * 3 // 2 // max(1, len(table.all_hosts)) + _OWN
    memory = _LEAST_MEMORY
    while memory < each:
        memory *= 2
    return memory


class _Placement:
    """Places generated guests on the hosts with the most room."""

    def __init__(self, table: VmmTable, hosts: dict[str, HostTable]) -> None:
        used = {host.name: _OWN for host in table.all_hosts}
        for guest in table.described_guests:
            where = guest.host or table.all_hosts[0].name
            if guest.state == "Running" and where in used:
                used[where] += guest.memory
        self._free = [
            (used[host.name] - (hosts[host.name].memory or 0), n, host.name)
            for n, host in enumerate(table.all_hosts)
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
            state="Running" if runs else "Off",
            host=host,
            memory=draft.memory,
            vcpus=draft.vcpus,
            services=draft.tools,
            hostname=draft.hostname,
            os_name=draft.system,
            address=draft.address,
            disk=draft.disk,
        )


def examine(table: VmmTable, number: int, path: Path, survey: Survey) -> None:
    """Declare a VMM server's names, and judge what its table refers to."""
    survey.declare("pool", table.name, (*path, "name"))
    if not table.all_hosts:
        raise survey.document.error(path, "expected at least one cluster or host")
    _examine_hosts(table, number, path, survey)
    _examine_own(table, number, path, survey)
    for index, network in enumerate(table.networks or [DEFAULT_NETWORK]):
        survey.declare("network", network.name, (*path, "networks", index), table.name)
    for index, iso in enumerate(table.isos):
        survey.declare("ISO", iso.name, (*path, "isos", index, "name"), table.name)
    for index, template in enumerate(table.templates):
        survey.declare("template", template.name, (*path, "templates", index), table.name)
    for index, cloud in enumerate(table.clouds):
        survey.declare("cloud", cloud, (*path, "clouds", index), table.name)
    for index, guest in enumerate(table.described_guests):
        _examine_guest(table, guest, (*path, "guests", index), survey)
    for index, account in enumerate(table.accounts):
        place = (*path, "accounts", index, "user")
        survey.declare("account", account.user.lower(), place, table.name)
    for name in table.behaviours:
        _examine_switch(table, name, (*path, "behaviours", name), survey)


def _examine_hosts(table: VmmTable, number: int, path: Path, survey: Survey) -> None:
    at = 0
    for index, cluster in enumerate(table.clusters):
        place = (*path, "clusters", index)
        survey.declare("cluster", cluster.name, (*place, "name"), table.name)
        if not survey.knows("storage", f"{cluster.name}-csv"):
            survey.declare("storage", f"{cluster.name}-csv", (*place, "name"))
        if not cluster.host_tables:
            raise survey.document.error((*place, "hosts"), "hosts: expected at least one host")
        for order, host in enumerate(cluster.host_tables):
            where = (*place, "hosts", order) if isinstance(cluster.hosts, list) else place
            _examine_host(table, host, host_address(number, at), where, survey)
            at += 1
    for index, host in enumerate(table.hosts):
        where = (*path, "hosts", index)
        _examine_host(table, host, host_address(number, at), where, survey)
        at += 1


def _examine_host(
    table: VmmTable, host: HostTable, generated: str, path: Path, survey: Survey
) -> None:
    survey.declare("host", host.name, (*path, "name"), table.name)
    survey.declare("host of any pool", host.name, (*path, "name"))
    if not survey.knows("server", host.name):
        survey.declare("server", host.name, (*path, "name"))
        survey.declare_address(host.address or generated, (*path, "address"))
    elif host.address is not None:
        sentence = f"expected no address: server {host.name!r} has one already"
        raise survey.document.error((*path, "address"), sentence)


def _examine_own(table: VmmTable, number: int, path: Path, survey: Survey) -> None:
    """Judge the machine that VMM itself runs on."""
    if table.server is not None:
        if table.address is not None:
            sentence = f"expected no address: server {table.server!r} has one already"
            raise survey.document.error((*path, "address"), sentence)
        survey.expect("server", table.server, (*path, "server"))
        return
    generated = host_address(number, len(table.all_hosts))
    survey.declare("server", table.name, (*path, "name"))
    survey.declare_address(table.address or generated, (*path, "address"))


def _examine_guest(table: VmmTable, guest: GuestTable, path: Path, survey: Survey) -> None:
    survey.declare("guest", guest.name, (*path, "name"), table.name)
    for noun, key in (("host", "host"), ("network", "network"), ("ISO", "iso")):
        name = getattr(guest, key)
        if name is not None:
            survey.expect(noun, name, (*path, key), table.name)


def _examine_switch(table: VmmTable, name: str, path: Path, survey: Survey) -> None:
    try:
        behaviours.switchable(name, PRODUCT, table.profile)
    except CommandError as error:
        raise survey.document.error(path, str(error)) from None


def build(world: World, table: VmmTable, number: int, inventory: Inventory) -> None:
    """Build the VMM server."""
    drafts = [inventory.guest(table.name, number, index) for index in range(table.generated_guests)]
    hosts = _hosts_of(world, table, number, drafts)
    placement = _Placement(table, hosts)
    guests = [*table.described_guests, *(placement.guest(draft) for draft in drafts)]
    build_vmm(world, msgspec.structs.replace(table, guests=guests, more_guests=0), hosts)


def residents(world: World, table: VmmTable) -> list[Resident]:
    """Return the VMM server's guests, for ambient activity."""
    return residents_of(world.product(table.name))


sections.register(sections.Section("scvmm", VmmTable, examine, build, residents))
