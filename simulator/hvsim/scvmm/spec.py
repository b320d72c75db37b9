"""What a scenario says about a VMM server: clusters, hosts, guests, networks, library, accounts.

Sizes are bytes. Names refer to each other within one VMM server.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

GIB = 2**30

Count = Annotated[int, msgspec.Meta(ge=1)]
HostCount = Annotated[int, msgspec.Meta(ge=1, le=64)]
GuestCount = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
WindowsName = Literal["2008", "2008r2", "2012r2", "2019"]


class HostTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    r"""A Hyper-V host; what is left out is its server's, if the scenario describes that.

    Attributes:
        windows: the release it runs; the profile's own if not given.
        managed: whether VMM manages it.
        group: its host group, as ``East\\Racks``; below ``All Hosts`` in any case.
    """

    name: str
    address: str | None = None
    cpus: Count | None = None
    memory: Count | None = None
    windows: WindowsName | None = None
    managed: bool = True
    group: str = ""


class ClusterTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A failover cluster.

    Attributes:
        hosts: tables, or how many to generate (``<cluster>-node1`` and so on).
        witness: whether a witness has a vote in its quorum.
    """

    name: str
    hosts: HostCount | list[HostTable] = 3
    witness: bool = True
    windows: WindowsName | None = None
    group: str = ""

    @property
    def host_tables(self) -> list[HostTable]:
        """Its hosts, generated ones by name only."""
        if isinstance(self.hosts, int):
            return [HostTable(name=f"{self.name}-node{n + 1}") for n in range(self.hosts)]
        return self.hosts


class NetworkTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A logical network with a VM network of its name; every host has it."""

    name: str
    vlan: Annotated[int, msgspec.Meta(ge=0, le=4094)] = 0


class IsoTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An image of a disc in the library."""

    name: str
    size: Count = 600 * 2**20


class TemplateTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A template in the library, with a disk of its name."""

    name: str
    memory: Count = 2 * GIB
    vcpus: Count = 1
    disk: Count = 40 * GIB
    os_name: str = "Windows Server 2019 Datacenter"
    generation: Literal[1, 2] = 1
    highly_available: bool = False


class GuestTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A virtual machine.

    Attributes:
        host: where it is registered, and runs if it does; the first host otherwise.
        highly_available: whether the host's cluster protects it; it does if not said otherwise.
        priority: in which order its cluster starts it.
        services: whether integration services run in it.
        started: whether it has ever been booted, so that VMM knows its host name.
        unknown: whether VMM does not know it yet (it was made on the host itself).
    """

    name: str
    state: Literal["Off", "Running", "Saved", "Paused"] = "Off"
    host: str | None = None
    memory: Count = 1 * GIB
    vcpus: Count = 1
    disk: Annotated[int, msgspec.Meta(ge=0)] = 8 * GIB
    highly_available: bool | None = None
    priority: Literal["none", "low", "medium", "high"] = "medium"
    services: bool = True
    started: bool = True
    unknown: bool = False
    hostname: str = ""
    address: str = ""
    os_name: str = "Windows Server 2019 Datacenter"
    network: str | None = None
    iso: str | None = None
    generation: Literal[1, 2] = 1
    start_action: Literal[
        "NeverAutoTurnOnVM", "AlwaysAutoTurnOnVM", "TurnOnVMIfRunningWhenVSStopped"
    ] = "NeverAutoTurnOnVM"


class AccountTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An account of the domain with its role in VMM; an empty role lets it into Windows only."""

    user: str
    password: str
    role: Literal["Administrator", "ReadOnlyAdmin", "SelfServiceUser", ""] = "Administrator"


class VmmTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A VMM server and what it manages.

    Attributes:
        server: the described machine it runs on; one of its own name is made otherwise, with
            ``address`` (generated if not given).
        domain: the Active Directory domain of all machines.
        hosts: hosts of no cluster.
        guests: tables, or how many to generate; ``more_guests`` generates some beside tables.
        bandwidth: bytes a second that a move, a save or a copy moves.
        behaviours: switches behaviours that the profile chooses otherwise.
    """

    name: str
    profile: Literal["scvmm-2008r2", "scvmm-2012r2", "scvmm-2019"] = "scvmm-2019"
    server: str | None = None
    address: str | None = None
    domain: str = "lab.example"
    clusters: list[ClusterTable] = msgspec.field(default_factory=list)
    hosts: list[HostTable] = msgspec.field(default_factory=list)
    networks: list[NetworkTable] = msgspec.field(default_factory=list)
    isos: list[IsoTable] = msgspec.field(default_factory=list)
    templates: list[TemplateTable] = msgspec.field(default_factory=list)
    clouds: list[str] = msgspec.field(default_factory=list)
    guests: GuestCount | list[GuestTable] = 0
    more_guests: GuestCount = 0
    accounts: list[AccountTable] = msgspec.field(default_factory=list)
    bandwidth: Count = 1_250_000_000
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)

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
