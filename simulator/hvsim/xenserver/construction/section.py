"""The ``[[xenserver]]`` tables of a scenario: a pool each, described or only counted."""

from __future__ import annotations

import heapq
import re
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from hvsim import behaviours, sections
from hvsim.errors import CommandError
from hvsim.inventory import GIB, host_address
from hvsim.xenserver.behaviours import PRODUCT
from hvsim.xenserver.construction.build import (
    DEFAULT_NETWORK,
    DEFAULT_STORAGE,
    build_pool,
    local_storage,
)
from hvsim.xenserver.construction.build_host import CONTROL_DOMAIN_MEMORY, LIBRARY
from hvsim.xenserver.life.inhabitants import residents_of
from hvsim.xenserver.spec import (
    AccountSpec,
    GuestSpec,
    HostSpec,
    NetworkSpec,
    PoolSpec,
    StorageSpec,
)

if TYPE_CHECKING:
    from hvsim.ambient import Resident
    from hvsim.inventory import Draft, Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey
    from hvsim.world import World

_LEAST_MEMORY = 64 * GIB
_LIVE = frozenset({"Running", "Paused"})
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

HostCount = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
GuestCount = Annotated[int, msgspec.Meta(ge=0, le=200_000)]


class HostTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A host; what is left out is its server's, if the scenario describes that, or generated."""

    name: str
    address: str | None = None
    cpus: Annotated[int, msgspec.Meta(ge=1)] | None = None
    memory: Annotated[int, msgspec.Meta(ge=1)] | None = None


class PoolTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A pool.

    ``hosts`` and ``guests`` are tables, or how many to generate; ``more_guests`` generates some
    beside those that are described. Generated hosts are called ``<pool>-host1`` and so on.
    """

    name: str
    profile: Literal["xenserver-5.5", "xenserver-8"] = "xenserver-8"
    hosts: HostCount | list[HostTable] = 3
    guests: GuestCount | list[GuestSpec] = 0
    more_guests: GuestCount = 0
    storages: list[StorageSpec] = msgspec.field(default_factory=list)
    networks: list[NetworkSpec] = msgspec.field(default_factory=list)
    accounts: list[AccountSpec] = msgspec.field(default_factory=list)
    migration: Literal["live", "frozen", "visible-suspend"] | None = None
    ha: bool = False
    bandwidth: Annotated[int, msgspec.Meta(ge=1)] = 125_000_000
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)

    @property
    def host_tables(self) -> list[HostTable]:
        """Its hosts, generated ones by name only."""
        if isinstance(self.hosts, int):
            return [HostTable(name=f"{self.name}-host{n + 1}") for n in range(self.hosts)]
        return self.hosts

    @property
    def described_guests(self) -> list[GuestSpec]:
        """The guests that are described."""
        return [] if isinstance(self.guests, int) else self.guests

    @property
    def generated_guests(self) -> int:
        """How many guests are generated."""
        return self.more_guests + (self.guests if isinstance(self.guests, int) else 0)


def expand(world: World, table: PoolTable, number: int, inventory: Inventory) -> PoolSpec:
    """Return the specification of a pool with everything that its table only counts.

    Args:
        number: the table's place among the scenario's, from 0.
    """
    drafts = [inventory.guest(table.name, number, index) for index in range(table.generated_guests)]
    hosts = _hosts(world, table, number, drafts)
    placement = _Placement(hosts, table.described_guests)
    guests = [placement.guest(draft) for draft in drafts]
    return PoolSpec(
        name=table.name,
        profile=table.profile,
        hosts=hosts,
        storages=table.storages,
        networks=table.networks,
        guests=[*table.described_guests, *guests],
        accounts=table.accounts,
        migration=table.migration,
        ha=table.ha,
        bandwidth=table.bandwidth,
        behaviours=table.behaviours,
    )


def _hosts(world: World, table: PoolTable, number: int, drafts: list[Draft]) -> list[HostSpec]:
    memory = _memory_for(table, drafts)
    made = []
    for index, host in enumerate(table.host_tables):
        server = world.hardware.servers.get(host.name)
        generated = host_address(number, index)
        made.append(
            HostSpec(
                name=host.name,
                address=host.address or (server.address if server else generated),
                cpus=host.cpus or (server.cpus if server else 16),
                memory=host.memory or (server.memory if server else memory),
            )
        )
    return made


def _memory_for(table: PoolTable, drafts: list[Draft]) -> int:
    """Return memory of a host such that, with half as much again, all guests can run at once."""
    needed = sum(draft.memory for draft in drafts)
    needed += sum(guest.memory for guest in table.described_guests)
    each = needed * 3 // 2 // len(table.host_tables) + CONTROL_DOMAIN_MEMORY
    memory = _LEAST_MEMORY
    while memory < each:
        memory *= 2
    return memory


class _Placement:
    """Places generated guests on the hosts with the most room."""

    def __init__(self, hosts: list[HostSpec], described: list[GuestSpec]) -> None:
        used = {host.name: CONTROL_DOMAIN_MEMORY for host in hosts}
        for guest in described:
            where = guest.host or guest.home or hosts[0].name
            if guest.power_state in _LIVE and where in used:
                used[where] += guest.memory
        self._free = [(used[host.name] - host.memory, n, host.name) for n, host in enumerate(hosts)]
        heapq.heapify(self._free)

    def guest(self, draft: Draft) -> GuestSpec:
        """Return the guest, running if it is to and there is room for it."""
        free, order, host = self._free[0]
        runs = draft.running and free + draft.memory <= 0
        if runs:
            heapq.heapreplace(self._free, (free + draft.memory, order, host))
        return GuestSpec(
            name=draft.name,
            power_state="Running" if runs else "Halted",
            host=host if runs else None,
            home=host if draft.home else None,
            memory=draft.memory,
            vcpus=draft.vcpus,
            tools=draft.tools,
            hostname=draft.hostname,
            os_name=draft.system,
            address=draft.address,
            disk=draft.disk,
        )


def examine(table: PoolTable, number: int, path: Path, survey: Survey) -> None:
    """Declare a pool's names, and judge what its table refers to."""
    survey.declare("pool", table.name, (*path, "name"))
    if not table.host_tables:
        raise survey.document.error((*path, "hosts"), "hosts: expected at least one host")
    for index, host in enumerate(table.host_tables):
        place = (*path, "hosts", index) if isinstance(table.hosts, list) else (*path, "hosts")
        _examine_host(table, host, host_address(number, index), place, survey)
    for index, storage in enumerate(table.storages or [DEFAULT_STORAGE]):
        _examine_storage(table, storage, (*path, "storages", index), survey)
    for host in table.host_tables:
        local = local_storage(host.name)
        survey.declare("storage of the pool", local, (*path, "hosts"), table.name)
    for index, network in enumerate(table.networks or [DEFAULT_NETWORK]):
        _examine_network(table, network, (*path, "networks", index), survey)
    for index, guest in enumerate(table.described_guests):
        _examine_guest(table, guest, (*path, "guests", index), survey)
    for index, account in enumerate(table.accounts):
        survey.declare("account", account.user, (*path, "accounts", index, "user"), table.name)
    for name in table.behaviours:
        _examine_switch(table, name, (*path, "behaviours", name), survey)


def _examine_host(
    table: PoolTable, host: HostTable, generated: str, path: Path, survey: Survey
) -> None:
    survey.declare("host", host.name, (*path, "name"), table.name)
    survey.declare("host of any pool", host.name, (*path, "name"))
    described = survey.knows("server", host.name)
    if not described:
        survey.declare("server", host.name, (*path, "name"))
        survey.declare_address(host.address or generated, (*path, "address"))
    elif host.address is not None:
        sentence = f"expected no address: server {host.name!r} has one already"
        raise survey.document.error((*path, "address"), sentence)


def _examine_storage(table: PoolTable, storage: StorageSpec, path: Path, survey: Survey) -> None:
    survey.declare("storage of the pool", storage.name, (*path, "name"), table.name)
    if storage.shared and not survey.knows("storage", storage.name):
        survey.declare("storage", storage.name, (*path, "name"))
    if storage.host is not None:
        survey.expect("host", storage.host, (*path, "host"), table.name)
    if storage.size < 1:
        raise survey.document.error((*path, "size"), "size: expected at least 1 byte")
    if storage.images and storage.type != LIBRARY:
        sentence = f"images: expected none in storage of type {storage.type!r}, only in {LIBRARY!r}"
        raise survey.document.error((*path, "images"), sentence)


def _examine_network(table: PoolTable, network: NetworkSpec, path: Path, survey: Survey) -> None:
    survey.declare("network", network.name, (*path, "name"), table.name)
    if not survey.knows("segment", network.bridge):
        survey.declare("segment", network.bridge, (*path, "bridge"))
    for index, host in enumerate(network.hosts or []):
        survey.expect("host", host, (*path, "hosts", index), table.name)


def _examine_guest(table: PoolTable, guest: GuestSpec, path: Path, survey: Survey) -> None:
    survey.declare("guest", guest.name, (*path, "name"), table.name)
    for key in ("host", "home"):
        named = getattr(guest, key)
        if named is not None:
            survey.expect("host", named, (*path, key), table.name)
    if guest.host is not None and guest.power_state not in _LIVE:
        sentence = f"host: expected none for a guest that is {guest.power_state}; home is meant?"
        raise survey.document.error((*path, "host"), sentence)
    if guest.storage is not None:
        survey.expect("storage of the pool", guest.storage, (*path, "storage"), table.name)
    if guest.network is not None:
        survey.expect("network", guest.network, (*path, "network"), table.name)
    for key, least in (("memory", 1), ("vcpus", 1), ("disk", 0)):
        if getattr(guest, key) < least:
            raise survey.document.error((*path, key), f"{key}: expected at least {least}")
    if guest.uuid:
        _examine_uuid(guest.uuid, (*path, "uuid"), survey)


def _examine_uuid(uuid: str, path: Path, survey: Survey) -> None:
    if not _UUID.fullmatch(uuid):
        sentence = f"uuid: expected a lower-case UUID with dashes, not {uuid!r}"
        raise survey.document.error(path, sentence)
    survey.declare("UUID", uuid, path)


def _examine_switch(table: PoolTable, name: str, path: Path, survey: Survey) -> None:
    try:
        behaviours.switchable(name, PRODUCT, table.profile)
    except CommandError as error:
        raise survey.document.error(path, str(error)) from None


def build(world: World, table: PoolTable, number: int, inventory: Inventory) -> None:
    """Build the pool."""
    build_pool(world, expand(world, table, number, inventory))


def residents(world: World, table: PoolTable) -> list[Resident]:
    """Return the pool's guests, for ambient activity."""
    return residents_of(world.product(table.name))


sections.register(sections.Section("xenserver", PoolTable, examine, build, residents))
