"""Builds a pool's rows from what a scenario says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.errors import InputError
from hvsim.hardware import Disk, Nic, Partition, Segment, Server, SharedStorage
from hvsim.xenserver.accounts import access
from hvsim.xenserver.availability import ha
from hvsim.xenserver.construction import build_guest, build_host, surroundings
from hvsim.xenserver.hosts import host_rules
from hvsim.xenserver.life import rules
from hvsim.xenserver.mastery import membership, pool_rules
from hvsim.xenserver.messages import load_all
from hvsim.xenserver.pool import Member, Pool, Role
from hvsim.xenserver.spec import NetworkSpec, PoolSpec, StorageSpec

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim.xenserver.spec import HostSpec

DEFAULT_NETWORK = NetworkSpec(name="Pool-wide network associated with eth0", bridge="xenbr0")
DEFAULT_STORAGE = StorageSpec(name="Shared storage")


def local_storage(host: str) -> str:
    """Return the name of a host's own storage."""
    return f"Local storage on {host}"


def build_pool(world: World, spec: PoolSpec) -> Pool:
    """Make a pool in the world: its machines, their hosts, storage, networks and guests.

    Machines that the scenario described itself are used as they are; others are made here.

    Raises:
        InputError: when the specification refers to something that is not in it.
    """
    if not spec.hosts:
        raise InputError(f"pool {spec.name!r}: expected at least one host")
    load_all()
    pool = Pool(world, spec.name, spec.profile)
    pool.default_migration = spec.migration
    pool.bandwidth = spec.bandwidth
    pool.behaviours.switch_all(spec.behaviours)
    retained, world.log.retain = world.log.retain, False
    try:
        with pool.db.bulk():
            _Builder(pool, spec).build()
        _bring_to_life(pool, spec)
    finally:
        world.log.retain = retained
    return pool


def _allow_anew(pool: Pool) -> None:
    """Work out what every host and guest allows now that the pool behaves differently."""
    for host in pool.db.tables["host"]:
        host_rules.refresh(pool, host)
    for vm in pool.db.tables["VM"]:
        rules.refresh(pool, vm)


def _bring_to_life(pool: Pool, spec: PoolSpec) -> None:
    _allow_anew(pool)
    surroundings.settle(pool)
    pool_rules.refresh(pool)
    membership.watch(pool)
    ha.watch(pool)
    pool.behaviours.on_switch.append(lambda: _allow_anew(pool))
    if spec.ha:
        ha.switch_on(pool, pool.row["default_SR"], {})


class _Builder:
    """One pool's construction: what was made so far, by the scenario's names."""

    def __init__(self, pool: Pool, spec: PoolSpec) -> None:
        self.pool = pool
        self.db = pool.db
        self.spec = spec
        self.hosts: dict[str, str] = {}
        self.networks: dict[str, str] = {}
        self.storages: dict[str, str] = {}

    def build(self) -> None:
        self._add_pool()
        for network in self.spec.networks or [DEFAULT_NETWORK]:
            self._add_network(network)
        for index, host in enumerate(self.spec.hosts):
            self._add_host(host, index)
        for storage in self._all_storages():
            self._add_storage(storage)
        self._choose_default_storage()
        for ref in self.hosts.values():
            build_guest.add_control_domain(self.pool, ref)
        build_guest.add_templates(self.pool)
        places = build_guest.Places(self.hosts, self.storages, self.networks)
        for guest in self.spec.guests:
            build_guest.add_guest(self.pool, guest, places)
        for ref in self.hosts.values():
            build_host.settle_memory(self.pool, ref)
        access.settle(self.pool, self.spec.accounts)

    def _add_pool(self) -> None:
        self.db.add("user", {"short_name": "root", "fullname": "superuser"})
        self.db.add("pool", build_host.pool_fields(self.spec.name))

    def _add_network(self, spec: NetworkSpec) -> None:
        fields = {"name_label": spec.name, "bridge": spec.bridge, "MTU": 1500, "managed": True}
        self.networks[spec.name] = self.db.add("network", fields)
        segments = self.pool.world.hardware.segments
        segments.setdefault(spec.bridge, Segment(spec.bridge, spec.vlan))

    def _add_host(self, spec: HostSpec, index: int) -> None:
        server = self._server(spec)
        master = self.spec.hosts[0]
        ref = build_host.add_host(self.pool, spec)
        self.hosts[spec.name] = ref
        role = Role.MASTER if index == 0 else Role.SLAVE
        member = Member(ref, server, role, master.address, booted=self.pool.world.now)
        self.pool.members[ref] = member
        if index == 0:
            self.db.change("pool", self.pool.ref, master=ref)
        for number, network in enumerate(self.spec.networks or [DEFAULT_NETWORK]):
            if network.hosts is None or spec.name in network.hosts:
                build_host.add_pif(self.pool, ref, self.networks[network.name], number, spec)

    def _server(self, spec: HostSpec) -> Server:
        servers = self.pool.world.hardware.servers
        if spec.name not in servers:
            servers[spec.name] = _machine(spec, self.spec.networks or [DEFAULT_NETWORK])
        return servers[spec.name]

    def _all_storages(self) -> list[StorageSpec]:
        local = [
            StorageSpec(name=local_storage(host.name), shared=False, type="lvm", host=host.name)
            for host in self.spec.hosts
        ]
        described = self.spec.storages or [DEFAULT_STORAGE]
        # Libraries come last: the first repository is the pool's default one.
        libraries = [spec for spec in described if spec.type == build_host.LIBRARY]
        return [*(spec for spec in described if spec not in libraries), *local, *libraries]

    def _add_storage(self, spec: StorageSpec) -> None:
        owners = list(self.hosts) if spec.shared else [spec.host or self.spec.hosts[0].name]
        unknown = [name for name in owners if name not in self.hosts]
        if unknown:
            raise InputError(
                f"storage {spec.name!r}: expected a host of the pool, not {unknown[0]!r}"
            )
        hosts = [self.hosts[name] for name in owners]
        self.storages[spec.name] = build_host.add_storage(self.pool, spec, hosts)
        if spec.shared:
            storages = self.pool.world.hardware.storages
            storages.setdefault(spec.name, SharedStorage(spec.name, spec.size, spec.type))

    def _choose_default_storage(self) -> None:
        first = next(iter(self.storages.values()))
        self.db.change(
            "pool", self.pool.ref, default_SR=first, suspend_image_SR=first, crash_dump_SR=first
        )
        for ref in self.hosts.values():
            self.db.change("host", ref, suspend_image_sr=first, crash_dump_sr=first)


def _machine(spec: HostSpec, networks: list[NetworkSpec]) -> Server:
    size = 256 * 2**30
    system = [
        Partition("host", "host", 4 * 2**30, "xenserver"),
        Partition("swap", "swap", 2**30),
        Partition("guests", "guest", 200 * 2**30),
        Partition("data", "data", 50 * 2**30),
    ]
    nics = [
        Nic(f"eth{number}", build_host.mac_of(spec.address, number), network.bridge)
        for number, network in enumerate(networks)
    ]
    disks = [
        Disk("disk1", size, system),
        Disk(
            "disk2",
            size,
            [Partition("guests", "guest", size // 2), Partition("data", "data", size // 2)],
        ),
    ]
    return Server(
        spec.name, spec.address, cpus=spec.cpus, memory=spec.memory, disks=disks, nics=nics
    )
