"""Builds a vCenter from what a scenario says of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hvsim.errors import CommandError, InputError
from hvsim.hardware import Disk, Nic, Partition, Server, SharedStorage
from hvsim.vcenter import (
    alarm,
    content,
    drs,
    extension,
    guest,
    inventory,
    names,
    past,
    permission,
    role,
    saved,
    savedobject,
    shape,
    shape_host,
    storagepod,
    switch,
    vapp,
)
from hvsim.vcenter.access import Account, Grant
from hvsim.vcenter.cluster import das_config, set_configuration
from hvsim.vcenter.hosts import storage
from hvsim.vcenter.presence import observe
from hvsim.vcenter.server import Inside, VCenter
from hvsim.vcenter.spec import AccountTable, DatastoreTable, GuestTable, NetworkTable
from hvsim.vcenter.values import Ref, data, date_at

if TYPE_CHECKING:
    from hvsim.vcenter.spec import ClusterTable, HostTable, VCenterTable
    from hvsim.world import World

DEFAULT_DATASTORE = DatastoreTable(name="datastore1")
DEFAULT_NETWORK = NetworkTable(name="VM Network")
ADMINISTRATOR = AccountTable(user="administrator@vsphere.local", password="secret")  # noqa: S106 - a lab's
MIB = 2**20
_SEGMENT = "lan"


def local_datastore(host: str) -> str:
    """Return the name of the datastore on a host's own disk."""
    return f"{host}-local"


@dataclass(slots=True)
class _Site:
    """What has been built so far, by name."""

    vcenter: VCenter
    datacenters: dict[str, Ref] = field(default_factory=dict)
    hosts: dict[str, Ref] = field(default_factory=dict)
    datastores: dict[tuple[str, Ref], Ref] = field(default_factory=dict)
    networks: dict[tuple[str, Ref], Ref] = field(default_factory=dict)
    datacenter_of: dict[Ref, Ref] = field(default_factory=dict)
    folders: dict[Ref, str] = field(default_factory=dict)
    """By datacenter, the name of the folders that everything in it lies in, if there is one."""
    pools: dict[tuple[str, Ref], Ref] = field(default_factory=dict)
    """Resource pools by name and by the compute resource that they are part of."""
    priorities: dict[Ref, str] = field(default_factory=dict)

    def datacenter(self, name: str | None) -> Ref:
        """Return a datacenter; the first when none is named."""
        return self.datacenters[name] if name else next(iter(self.datacenters.values()))

    def folder(self, datacenter: Ref, kind: str) -> Ref:
        """Return the folder that things of a kind (``vmFolder``...) lie in."""
        store = self.vcenter.store
        own: Ref = store.value(datacenter, kind)
        name = self.folders.get(datacenter)
        return own if name is None else names.child(store, own, name) or own

    def hosts_in(self, datacenter: Ref) -> list[Ref]:
        """Return a datacenter's hosts."""
        return [ref for ref in self.hosts.values() if self.datacenter_of[ref] == datacenter]


def build_vcenter(
    world: World,
    table: VCenterTable,
    hosts: dict[str, HostTable],
    number: int = 0,
    *,
    agent: bool = False,
) -> VCenter:
    """Build a vCenter with its inventory.

    Args:
        number: of its block of addresses.
        hosts: the table's hosts by name, with address, CPUs and memory filled in; ``""`` is the
            machine that vCenter itself runs on.
        agent: whether it is the agent of its only host instead.
    """
    own = hosts[""]
    vcenter = VCenter(world, table.name, table.profile, _server(world, own), agent=agent)
    vcenter.behaviours.switch_all(table.behaviours)
    choices = vcenter.choices
    choices.bandwidth, choices.any_host = table.bandwidth, table.any_host
    choices.api_version = table.api_version or choices.api_version
    choices.switch_version = table.switch_version or choices.switch_version
    for account in table.accounts or [ADMINISTRATOR]:
        made = Account(account.user, account.password, account.role)
        vcenter.access.accounts[account.user.lower()] = made
        known = vcenter.access.role_named(account.role)
        if known is not None:
            grant = Grant(account.user.lower(), group=False, role=known.number)
            vcenter.access.give(vcenter.access.root, grant)
    vcenter.access.anyone = table.anyone
    content.build(vcenter)
    extension.install(vcenter.store, table.extensions)
    if table.objects:
        saved.install(vcenter, savedobject.parse(table.objects), number)
        _watch(vcenter)
        return vcenter
    site = _Site(vcenter)
    _add_datacenters(site, table)
    _add_hosts(site, table, hosts)
    _add_stores(site, table)
    _add_networks(site, table)
    _add_guests(site, table)
    for cluster in table.clusters:
        _configure(site, cluster)
    _watch(vcenter)
    if table.history:
        past.record(vcenter, table.history)
    return vcenter


def _add_datacenters(site: _Site, table: VCenterTable) -> None:
    store, root = site.vcenter.store, site.vcenter.root
    for name in table.datacenters:
        group = table.folders.get(name)
        folder = root
        if group is not None:
            group = names.escape(group)
            folder = names.child(store, root, group) or inventory.add_folder(store, root, group)
        site.datacenters[name] = inventory.add_datacenter(store, folder, names.escape(name))
    for pod in table.pods:
        folder = store.value(site.datacenter(pod.datacenter), "datastoreFolder")
        storagepod.add_pod(site.vcenter, folder, names.escape(pod.name))
    for name, group in table.folders.items():
        datacenter = site.datacenters[name]
        for kind in ("vmFolder", "hostFolder", "datastoreFolder", "networkFolder"):
            inventory.add_folder(store, store.value(datacenter, kind), names.escape(group))
        site.folders[datacenter] = names.escape(group)


def _watch(vcenter: VCenter) -> None:
    """Let a vCenter whose inventory stands notice what happens from now on."""
    role.show(vcenter)
    for moid in vcenter.access.grants:
        permission.show(vcenter, moid)
    observe(vcenter)
    if not vcenter.agent:
        alarm.install(vcenter, vcenter.root)
    vcenter.on_power.append(lambda host: drs.changed(vcenter, host))


def _server(world: World, host: HostTable) -> Server:
    """Return the physical server of a host's name, made if the scenario describes none."""
    found = world.hardware.servers.get(host.name)
    if found is None:
        address = host.address or ""
        found = world.hardware.servers[host.name] = Server(
            host.name,
            address,
            cpus=host.cpus or 8,
            memory=host.memory or 64 * 2**30,
            disks=_disks(),
            nics=[Nic("vmnic0", shape_host.mac_of(address), _SEGMENT)],
        )
    return found


def _disks() -> list[Disk]:
    """Return the disks of a machine: the first with a host's own system on it, and VMFS."""
    size = storage.LOCAL_SIZE
    system = [
        Partition("host", "host", 8 * 2**30, "esx"),
        Partition("swap", "swap", 2 * 2**30),
        Partition("guests", "guest", 150 * 2**30),
        Partition("data", "data", 50 * 2**30),
    ]
    second = [Partition("guests", "guest", size // 2), Partition("data", "data", size // 2)]
    return [Disk("disk1", size, system), Disk("disk2", size, second)]


def _add_hosts(site: _Site, table: VCenterTable, hosts: dict[str, HostTable]) -> None:
    vcenter = site.vcenter
    for cluster in table.clusters:
        datacenter = site.datacenter(cluster.datacenter)
        folder = site.folder(datacenter, "hostFolder")
        name = names.escape(cluster.name)
        compute = inventory.add_compute(vcenter, folder, name, cluster=True)
        set_configuration(vcenter, compute, {})
        for host in cluster.host_tables:
            _add_host(site, datacenter, compute, hosts[host.name])
        for pool in cluster.pools:
            root = vcenter.store.value(compute, "resourcePool")
            made = inventory.add_pool(vcenter.store, root, compute, names.escape(pool))
            site.pools[pool, compute] = made
        for app in cluster.apps:
            root = vcenter.store.value(compute, "resourcePool")
            folder = site.folder(datacenter, "vmFolder")
            site.pools[app, compute] = vapp.add_app(vcenter, root, names.escape(app), folder)
    for standalone in table.hosts:
        datacenter = site.datacenter(standalone.datacenter)
        folder = site.folder(datacenter, "hostFolder")
        compute = inventory.add_compute(vcenter, folder, standalone.name, cluster=False)
        _add_host(site, datacenter, compute, hosts[standalone.name])


def _add_host(site: _Site, datacenter: Ref, compute: Ref, host: HostTable) -> None:
    server = _server(site.vcenter.world, host)
    ref = inventory.add_host(site.vcenter, compute, server)
    if host.hostname:
        inventory.call_host(site.vcenter.store, ref, host.hostname)
    if host.own_address:
        inventory.address_host(site.vcenter.store, ref, host.own_address)
    used = host.own_memory // 2**20
    site.vcenter.store.change(ref, "summary.quickStats.overallMemoryUsage", used)
    site.hosts[host.name] = ref
    site.datacenter_of[ref] = datacenter


def _add_stores(site: _Site, table: VCenterTable) -> None:
    world, vcenter = site.vcenter.world, site.vcenter
    for store in table.datastores or [DEFAULT_DATASTORE]:
        datacenter = site.datacenter(store.datacenter)
        hosts = site.hosts_in(datacenter) if store.shared else [site.hosts[store.host or ""]]
        if store.shared and store.name not in world.hardware.storages:
            protocol = "nfs" if store.type == "NFS" else "fc"
            made = SharedStorage(store.name, store.size, protocol)
            world.hardware.storages[store.name] = made
        name = names.escape(store.name)
        ref = inventory.add_datastore(
            vcenter,
            datacenter,
            name,
            hosts,
            kind=store.type,
            size=store.size,
            folder=site.folder(datacenter, "datastoreFolder"),
        )
        site.datastores[store.name, datacenter] = ref
    for name, host in site.hosts.items() if table.local_datastores else ():
        datacenter = site.datacenter_of[host]
        local = local_datastore(name)
        site.datastores[local, datacenter] = inventory.add_datastore(
            vcenter, datacenter, local, [host], kind="VMFS", size=256 * 2**30
        )


def _add_networks(site: _Site, table: VCenterTable) -> None:
    vcenter = site.vcenter
    switches: dict[tuple[str, Ref], Ref] = {}
    for network in table.networks or [DEFAULT_NETWORK]:
        datacenter = site.datacenter(network.datacenter)
        hosts = site.hosts_in(datacenter)
        name = names.escape(network.name)
        nsx = vcenter.world.streams.uuid(f"{vcenter.path}/nsx") if network.nsx else ""
        folder = site.folder(datacenter, "networkFolder")
        if network.switch is None:
            ref = inventory.add_network(vcenter, datacenter, name, hosts, folder, opaque=nsx)
        else:
            key = (network.switch, datacenter)
            if key not in switches:
                switches[key] = switch.add_switch(vcenter, folder, network.switch, hosts)
            ref = switch.add_port_group(vcenter, switches[key], name, network.vlan, nsx=nsx)
            vcenter.store.append(datacenter, "network", ref)
        site.networks[network.name, datacenter] = ref


def _add_guests(site: _Site, table: VCenterTable) -> None:
    """Add the guests; what lists them is set once, at the end."""
    listed: dict[tuple[Ref, str], list[Ref]] = {}
    first = next(iter(site.hosts), None)
    for spec in table.described_guests:
        name = spec.host or first
        if name is None:
            raise InputError(f"guest {spec.name!r} has no host to be on")
        for where, path, ref in _add_guest(site, spec, site.hosts[name]):
            listed.setdefault((where, path), []).append(ref)
    for (where, path), refs in listed.items():
        before = site.vcenter.store.value(where, path) or []
        site.vcenter.store.change(where, path, [*before, *refs])


def _add_guest(site: _Site, spec: GuestTable, host: Ref) -> list[tuple[Ref, str, Ref]]:
    """Add one guest; return what has to list it, and where."""
    vcenter, store = site.vcenter, site.vcenter.store
    draft = _draft(site, spec, host)
    ref = Ref("VirtualMachine", store.new_moid("vm-"))
    compute = store.get(store.value(host, "parent"))
    made = shape.properties(draft, compute["environmentBrowser"])
    inside = Inside(
        power=spec.power_state,
        hostname=spec.hostname or spec.name,
        address=spec.address,
        system=spec.os_name,
        tools=spec.tools,
        announced=spec.tools,
        boots=1,
    )
    store.add(ref.type, ref.moid, guest.furnish(made, inside, -3_600.0))
    vcenter.insides[ref.moid] = inside
    if spec.restart_priority:
        site.priorities[ref] = spec.restart_priority
    listed = [(draft.folder, "childEntity", ref), (host, "vm", ref), (draft.datastore, "vm", ref)]
    if not spec.template:
        listed.append((draft.pool, "vm", ref))
    return [*listed, *((network, "vm", ref) for network, _ in draft.networks)]


def _draft(site: _Site, spec: GuestTable, host: Ref) -> shape.Draft:
    vcenter, store = site.vcenter, site.vcenter.store
    datacenter = site.datacenter_of[host]
    datastore = _found(site.datastores, datacenter, spec.datastore, f"guest {spec.name!r}")
    network = _found(site.networks, datacenter, spec.network, f"guest {spec.name!r}")
    streams = vcenter.world.streams
    name = names.escape(spec.name)
    return shape.Draft(
        name=name,
        folder=site.folder(datacenter, "vmFolder"),
        host=host,
        pool=_pool(site, spec, host),
        datastore=datastore,
        datastore_name=store.value(datastore, "name"),
        uuid=spec.uuid or streams.uuid(f"{vcenter.path}/bios"),
        instance_uuid=streams.uuid(f"{vcenter.path}/vm"),
        created=date_at(-86_400.0),
        memory=max(4, spec.memory // MIB),
        cpus=spec.vcpus,
        disk=spec.disk,
        guest_id=spec.guest_id or shape.guest_id_of(spec.os_name),
        guest_name=spec.os_name,
        template=spec.template,
        hot_add=spec.hot_add,
        version="vmx-07" if vcenter.profile == "vsphere-4" else "vmx-21",
        networks=[(network, store.value(network, "name"))],
        macs=[vcenter.new_mac()],
    )


def _pool(site: _Site, spec: GuestTable, host: Ref) -> Ref:
    compute: Ref = site.vcenter.store.value(host, "parent")
    if not spec.pool:
        own: Ref = site.vcenter.store.value(compute, "resourcePool")
        return own
    found = site.pools.get((spec.pool, compute))
    if found is None:
        raise InputError(f"guest {spec.name!r}: no pool {spec.pool!r} in its host's cluster")
    return found


def _found(known: dict[tuple[str, Ref], Ref], datacenter: Ref, name: str | None, who: str) -> Ref:
    if name is None:
        return next(ref for key, ref in known.items() if key[1] == datacenter)
    if (name, datacenter) not in known:
        raise InputError(f"{who}: no {name!r} in its host's datacenter")
    return known[name, datacenter]


def _configure(site: _Site, table: ClusterTable) -> None:
    vcenter = site.vcenter
    folder = site.folder(site.datacenter(table.datacenter), "hostFolder")
    compute = names.child(vcenter.store, folder, table.name)
    if compute is None:
        raise CommandError(f"no cluster called {table.name!r}")
    das = das_config(
        vcenter,
        enabled=table.ha,
        admission=table.admission_control,
        level=table.failovers,
        isolation=table.isolation,
    )
    drs = data(
        "ClusterDrsConfigInfo",
        enabled=bool(table.drs),
        enableVmBehaviorOverrides=True,
        defaultVmBehavior=table.drs or "manual",
        vmotionRate=3,
    )
    changes: dict[str, Any] = {"dasConfig": das, "drsConfig": drs}
    hosts = vcenter.store.value(compute, "host")
    changes["dasVmConfig"] = [
        data(
            "ClusterDasVmConfigInfo",
            key=vm,
            dasSettings=data("ClusterDasVmSettings", restartPriority=priority),
        )
        for vm, priority in site.priorities.items()
        if vcenter.store.value(vm, "runtime.host") in hosts
    ]
    set_configuration(vcenter, compute, changes)
