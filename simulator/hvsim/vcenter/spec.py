"""What a scenario says about a vCenter: clusters, hosts, datastores, networks, guests, accounts.

Sizes are bytes. Names refer to each other within one vCenter.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

GIB = 2**30

Count = Annotated[int, msgspec.Meta(ge=1)]
HostCount = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
GuestCount = Annotated[int, msgspec.Meta(ge=0, le=200_000)]
Automation = Literal["", "manual", "partiallyAutomated", "fullyAutomated"]


class HostTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A host; what is left out is its server's, if the scenario describes that, or generated.

    Attributes:
        hostname: what its own system calls itself; empty is its name.
        own_address: what its management interface has as its address, where it is reached by
            another; empty is ``address``.
        own_memory: bytes that its own system uses.
    """

    name: str
    hostname: str = ""
    address: str | None = None
    own_address: str = ""
    cpus: Count | None = None
    memory: Count | None = None
    own_memory: Annotated[int, msgspec.Meta(ge=0)] = 0


class ClusterTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A cluster.

    Attributes:
        hosts: tables, or how many to generate (``<cluster>-host1`` and so on).
        drs: the automation level; empty is off.
        failovers: host failures that admission control keeps room for.
        isolation: the response to isolation; empty takes the profile's default.
        pools: resource pools below the cluster's own.
        apps: vApps in the cluster's own resource pool.
    """

    name: str
    datacenter: str | None = None
    hosts: HostCount | list[HostTable] = 3
    ha: bool = False
    drs: Automation = ""
    admission_control: bool = True
    failovers: Annotated[int, msgspec.Meta(ge=0, le=31)] = 1
    isolation: Literal["", "none", "powerOff", "shutdown"] = ""
    pools: list[str] = msgspec.field(default_factory=list)
    apps: list[str] = msgspec.field(default_factory=list)

    @property
    def host_tables(self) -> list[HostTable]:
        """Its hosts, generated ones by name only."""
        if isinstance(self.hosts, int):
            return [HostTable(name=f"{self.name}-host{n + 1}") for n in range(self.hosts)]
        return self.hosts


class StandaloneTable(HostTable, kw_only=True, forbid_unknown_fields=True):
    """A host that belongs to no cluster."""

    datacenter: str | None = None


class DatastoreTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A datastore; one that is not shared lies on ``host``."""

    name: str
    type: Literal["VMFS", "NFS"] = "VMFS"
    size: Count = 2048 * GIB
    shared: bool = True
    host: str | None = None
    datacenter: str | None = None


class NetworkTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A network that every host of the datacenter is attached to.

    ``switch`` names the distributed switch that it is a port group of; the hosts' own
    ``vSwitch0`` otherwise. With ``nsx`` it is a logical switch of NSX instead: a port group of
    ``switch`` that stands for one, or an opaque network.
    """

    name: str
    vlan: Annotated[int, msgspec.Meta(ge=0, le=4094)] = 0
    switch: str | None = None
    nsx: bool = False
    datacenter: str | None = None


class GuestTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A virtual machine.

    Attributes:
        host: where it is registered, and runs if it does; the first host otherwise.
        tools: whether VMware Tools are installed in it (and it was restarted since).
        restart_priority: under HA; empty takes the cluster's.
        hot_add: whether memory and CPUs can be added while it runs.
        pool: the resource pool or vApp of its host's cluster; empty takes the cluster's own.
    """

    name: str
    power_state: Literal["poweredOff", "poweredOn", "suspended"] = "poweredOff"
    host: str | None = None
    memory: Count = 1 * GIB
    vcpus: Count = 1
    disk: Annotated[int, msgspec.Meta(ge=0)] = 8 * GIB
    tools: bool = True
    hostname: str = ""
    address: str = ""
    os_name: str = "Debian GNU/Linux 12 (64-bit)"
    guest_id: str = ""
    datastore: str | None = None
    network: str | None = None
    pool: str = ""
    template: bool = False
    hot_add: bool = False
    restart_priority: Literal["", "disabled", "lowest", "low", "medium", "high", "highest"] = ""
    uuid: str = ""


class PodTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A datastore cluster, empty."""

    name: str
    datacenter: str | None = None


class ExtensionTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An extension that is registered: its key, and the types of the tasks that it has."""

    key: str
    tasks: list[str] = msgspec.field(default_factory=list)


class AccountTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may log in; ``role`` is a role of vCenter's (``Admin``, ``ReadOnly``...)."""

    user: str
    password: str
    role: Literal[
        "Admin", "ReadOnly", "View", "NoAccess", "VirtualMachinePowerUser", "VirtualMachineUser"
    ] = "Admin"


class VCenterTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A vCenter Server and what it manages.

    Attributes:
        server: the described machine it runs on; one of its own name is made otherwise, with
            ``address`` (generated if not given).
        datacenters: their names, first the one that is meant where none is named.
        guests: tables, or how many to generate; ``more_guests`` generates some beside tables.
        folders: a folder for a datacenter to lie in, by the datacenter's name. What is described of
            it then lies in folders of the same name within the datacenter's four own.
        pods: datastore clusters.
        extensions: what is registered with it.
        api_version: what it calls the newest version of its API; empty takes the profile's.
        switch_version: of distributed switches; empty takes the profile's newest.
        history: who made all this, as its tasks and events tell; they tell nothing when empty.
        local_datastores: whether each host has a datastore on its own disk.
        anyone: whether anybody may log in, as an administrator, with any password.
        any_host: whether hosts that nothing describes can be added, by whatever name.
        bandwidth: bytes a second that a move or a suspend copies.
        behaviours: switches behaviours that the profile chooses otherwise.
        objects: a saved inventory that it has instead of all the above, as
            :mod:`hvsim.vcenter.savedobject` keeps it; a scenario names its directory as ``load``.
    """

    name: str
    profile: Literal["vsphere-4", "vsphere-8"] = "vsphere-8"
    server: str | None = None
    address: str | None = None
    datacenters: Annotated[list[str], msgspec.Meta(min_length=1)] = msgspec.field(
        default_factory=lambda: ["Datacenter"]
    )
    clusters: list[ClusterTable] = msgspec.field(default_factory=list)
    hosts: list[StandaloneTable] = msgspec.field(default_factory=list)
    datastores: list[DatastoreTable] = msgspec.field(default_factory=list)
    networks: list[NetworkTable] = msgspec.field(default_factory=list)
    folders: dict[str, str] = msgspec.field(default_factory=dict)
    pods: list[PodTable] = msgspec.field(default_factory=list)
    extensions: list[ExtensionTable] = msgspec.field(default_factory=list)
    api_version: str = ""
    switch_version: str = ""
    history: str = ""
    guests: GuestCount | list[GuestTable] = 0
    more_guests: GuestCount = 0
    accounts: list[AccountTable] = msgspec.field(default_factory=list)
    local_datastores: bool = True
    anyone: bool = False
    any_host: bool = False
    bandwidth: Count = 1_250_000_000
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)
    objects: str = ""

    @property
    def all_hosts(self) -> list[HostTable]:
        """Every host, cluster by cluster, then those of no cluster."""
        return [host for cluster in self.clusters for host in cluster.host_tables] + [*self.hosts]

    @property
    def described_guests(self) -> list[GuestTable]:
        """The guests that are described."""
        return [] if isinstance(self.guests, int) else self.guests

    @property
    def generated_guests(self) -> int:
        """How many guests are generated."""
        return self.more_guests + (self.guests if isinstance(self.guests, int) else 0)
