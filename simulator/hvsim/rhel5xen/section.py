"""The ``[[rhel5xen]]`` tables of a scenario: some hosts each, described or only counted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from hvsim import behaviours, sections
from hvsim.errors import CommandError
from hvsim.inventory import GIB, host_address
from hvsim.rhel5xen.behaviours import PRODUCT
from hvsim.rhel5xen.build import build_site
from hvsim.rhel5xen.inhabitants import residents_of
from hvsim.rhel5xen.spec import SiteSpec, XenAccountSpec, XenGuestSpec, XenHostSpec

if TYPE_CHECKING:
    from hvsim.ambient import Resident
    from hvsim.inventory import Draft, Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey
    from hvsim.world import World

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DOM0 = GIB
"""Bytes of Domain-0 that generated guests leave alone."""
_LEAST = 32 * GIB

HostCount = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
GuestCount = Annotated[int, msgspec.Meta(ge=0, le=50_000)]


class SiteTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Hosts that belong together in the lab; the product itself joins them in nothing.

    ``hosts`` and ``guests`` are tables, or how many to generate; ``more_guests`` generates some
    beside those that are described. Generated hosts are called ``<name>-host1`` and so on. With
    ``remote_code`` clients may run programs of their own there, in a sandbox of the lab's machine.
    """

    name: str
    profile: Literal["rhel5-xen"] = "rhel5-xen"
    hosts: HostCount | list[XenHostSpec] = 2
    guests: GuestCount | list[XenGuestSpec] = 0
    more_guests: GuestCount = 0
    accounts: list[XenAccountSpec] = msgspec.field(default_factory=list)
    storage: str | None = None
    bandwidth: Annotated[int, msgspec.Meta(ge=1)] = 125_000_000
    remote_code: bool = False
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)

    @property
    def host_tables(self) -> list[XenHostSpec]:
        """Its hosts, generated ones by name only."""
        if isinstance(self.hosts, int):
            return [XenHostSpec(name=f"{self.name}-host{n + 1}") for n in range(self.hosts)]
        return self.hosts

    @property
    def described_guests(self) -> list[XenGuestSpec]:
        """The guests that are described."""
        return [] if isinstance(self.guests, int) else self.guests

    @property
    def generated_guests(self) -> int:
        """How many guests are generated."""
        return self.more_guests + (self.guests if isinstance(self.guests, int) else 0)


def expand(world: World, table: SiteTable, number: int, inventory: Inventory) -> SiteSpec:
    """Return the specification with everything that its table only counts."""
    count = table.generated_guests
    drafts = [inventory.guest(table.name, number, index) for index in range(count)]
    hosts = _hosts(world, table, number, drafts)
    return SiteSpec(
        name=table.name,
        profile=table.profile,
        hosts=hosts,
        guests=[*table.described_guests, *_placed(table, hosts, drafts)],
        accounts=table.accounts,
        storage=table.storage,
        bandwidth=table.bandwidth,
        remote_code=table.remote_code,
        behaviours=table.behaviours,
    )


def _hosts(world: World, table: SiteTable, number: int, drafts: list[Draft]) -> list[XenHostSpec]:
    needed = sum(draft.memory for draft in drafts)
    needed += sum(guest.memory for guest in table.described_guests)
    memory = max(_LEAST, needed * 3 // 2 // len(table.host_tables) + _DOM0)
    made = []
    for index, host in enumerate(table.host_tables):
        server = world.hardware.servers.get(host.name)
        made.append(
            msgspec.structs.replace(
                host,
                address=host.address or (server.address if server else host_address(number, index)),
                cpus=host.cpus or (server.cpus if server else 16),
                memory=host.memory or (server.memory if server else memory),
            )
        )
    return made


def _placed(table: SiteTable, hosts: list[XenHostSpec], drafts: list[Draft]) -> list[XenGuestSpec]:
    """Give each generated guest a host, in turns, and let it run where there is room."""
    free = {host.name: (host.memory or 0) - _DOM0 for host in hosts}
    for guest in table.described_guests:
        where = guest.host or hosts[0].name
        if guest.state != "off" and where in free:
            free[where] -= guest.memory
    made = []
    for index, draft in enumerate(drafts):
        host = hosts[index % len(hosts)].name
        runs = draft.running and free[host] >= draft.memory
        free[host] -= draft.memory if runs else 0
        made.append(
            XenGuestSpec(
                name=draft.name,
                state="running" if runs else "off",
                host=host,
                memory=draft.memory,
                vcpus=draft.vcpus,
                autostart=draft.home,
            )
        )
    return made


def examine(table: SiteTable, number: int, path: Path, survey: Survey) -> None:
    """Declare names, and judge what the table refers to."""
    survey.declare("pool", table.name, (*path, "name"))
    if not table.host_tables:
        raise survey.document.error((*path, "hosts"), "hosts: expected at least one host")
    for index, host in enumerate(table.host_tables):
        place = (*path, "hosts", index) if isinstance(table.hosts, list) else (*path, "hosts")
        _examine_host(table, host, host_address(number, index), place, survey)
    storage = table.storage or f"{table.name}-images"
    if not survey.knows("storage", storage):
        survey.declare("storage", storage, (*path, "storage"))
    for index, guest in enumerate(table.described_guests):
        _examine_guest(table, guest, (*path, "guests", index), survey)
    for index, account in enumerate(table.accounts):
        survey.declare("account", account.user, (*path, "accounts", index, "user"), table.name)
    for name in table.behaviours:
        try:
            behaviours.switchable(name, PRODUCT, table.profile)
        except CommandError as error:
            raise survey.document.error((*path, "behaviours", name), str(error)) from None


def _examine_host(
    table: SiteTable, host: XenHostSpec, generated: str, path: Path, survey: Survey
) -> None:
    survey.declare("host", host.name, (*path, "name"), table.name)
    survey.declare("host of any pool", host.name, (*path, "name"))
    if not survey.knows("server", host.name):
        survey.declare("server", host.name, (*path, "name"))
        survey.declare_address(host.address or generated, (*path, "address"))
    elif host.address is not None:
        sentence = f"expected no address: server {host.name!r} has one already"
        raise survey.document.error((*path, "address"), sentence)


def _examine_guest(table: SiteTable, guest: XenGuestSpec, path: Path, survey: Survey) -> None:
    survey.declare("guest", guest.name, (*path, "name"), table.name)
    for index, host in enumerate([guest.host, *guest.defined_on]):
        if host is not None:
            key = ("host",) if index == 0 else ("defined_on", index - 1)
            survey.expect("host", host, (*path, *key), table.name)
    if guest.uuid and not _UUID.fullmatch(guest.uuid):
        sentence = f"uuid: expected a lower-case UUID with dashes, not {guest.uuid!r}"
        raise survey.document.error((*path, "uuid"), sentence)
    if guest.uuid:
        survey.declare("UUID", guest.uuid, (*path, "uuid"))


def build(world: World, table: SiteTable, number: int, inventory: Inventory) -> None:
    """Build the hosts."""
    build_site(world, expand(world, table, number, inventory))


def residents(world: World, table: SiteTable) -> list[Resident]:
    """Return the guests, for ambient activity."""
    return residents_of(world.product(table.name))


sections.register(sections.Section(PRODUCT, SiteTable, examine, build, residents))
