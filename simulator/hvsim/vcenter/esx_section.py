"""The ``[[esx]]`` tables of a scenario: hosts that no vCenter manages, each its own agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from hvsim import sections
from hvsim.inventory import host_address
from hvsim.vcenter import esx, section
from hvsim.vcenter.build import DEFAULT_DATASTORE, build_vcenter
from hvsim.vcenter.inhabitants import residents_of
from hvsim.vcenter.spec import (
    AccountTable,
    Count,
    DatastoreTable,
    GuestTable,
    NetworkTable,
    StandaloneTable,
    VCenterTable,
)

if TYPE_CHECKING:
    from hvsim.ambient import Resident
    from hvsim.inventory import Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey
    from hvsim.world import World

ADMINISTRATOR = AccountTable(user="root", password="secret")  # noqa: S106 - a lab's


class EsxTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An ESX host that answers for itself; what is left out is its server's, or generated.

    Attributes:
        name: the host's, and its server's.
        datastores: on its own disks unless they are ``shared`` with other hosts.
        history: who made its guests, as its tasks and events tell; they tell nothing when empty.
        anyone: whether anybody may log in, as an administrator, with any password.
    """

    name: str
    profile: Literal["vsphere-4", "vsphere-8"] = "vsphere-8"
    address: str | None = None
    cpus: Count | None = None
    memory: Count | None = None
    datastores: list[DatastoreTable] = msgspec.field(default_factory=list)
    networks: list[NetworkTable] = msgspec.field(default_factory=list)
    guests: list[GuestTable] = msgspec.field(default_factory=list)
    accounts: list[AccountTable] = msgspec.field(default_factory=list)
    anyone: bool = False
    history: str = ""
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)

    @property
    def inventory(self) -> VCenterTable:
        """The table of a vCenter that manages nothing but this host."""
        own = msgspec.structs.replace(DEFAULT_DATASTORE, shared=False)
        stores = [
            store if store.shared else msgspec.structs.replace(store, host=self.name)
            for store in self.datastores or [own]
        ]
        host = StandaloneTable(
            name=self.name, address=self.address, cpus=self.cpus, memory=self.memory
        )
        return VCenterTable(
            name=self.name,
            profile=self.profile,
            datacenters=[esx.DATACENTER],
            hosts=[host],
            datastores=stores,
            networks=self.networks,
            guests=self.guests,
            accounts=self.accounts or [ADMINISTRATOR],
            anyone=self.anyone,
            history=self.history,
            local_datastores=False,
            behaviours=self.behaviours,
        )


def examine(table: EsxTable, number: int, path: Path, survey: Survey) -> None:
    """Declare a host's names, and judge what its table refers to."""
    made = table.inventory
    survey.declare("pool", table.name, (*path, "name"))
    survey.declare("datacenter", esx.DATACENTER, path, table.name)
    section.examine_host(made, made.hosts[0], host_address(number, 0), path, survey)
    section.examine_rest(made, path, survey)


def build(world: World, table: EsxTable, number: int, inventory: Inventory) -> None:
    """Build the host and its agent."""
    del inventory
    made = table.inventory
    hosts = section.hosts_of(world, made, number, [])
    build_vcenter(world, made, hosts | {"": hosts[table.name]}, number, agent=True)


def residents(world: World, table: EsxTable) -> list[Resident]:
    """Return the host's guests, for ambient activity."""
    return residents_of(world.product(table.name))


sections.register(sections.Section("esx", EsxTable, examine, build, residents))
