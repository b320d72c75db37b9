"""The ``[[solaris]]`` tables of a scenario: a host each, its zones described or only counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from hvsim import behaviours, sections
from hvsim.errors import CommandError, InputError
from hvsim.files import FileError
from hvsim.hardware import Disk, Partition, Server
from hvsim.inventory import GIB, host_address
from hvsim.systems import Account, add_system
from hvsim.zones import interior, outage
from hvsim.zones.behaviours import PRODUCT
from hvsim.zones.config import Config, Resource, demand_name, template
from hvsim.zones.errors import ZoneError
from hvsim.zones.host import ZoneHost
from hvsim.zones.inhabitants import residents_of
from hvsim.zones.release import RELEASES
from hvsim.zones.zone import State

if TYPE_CHECKING:
    from hvsim.ambient import Resident
    from hvsim.inventory import Inventory
    from hvsim.lines import Path
    from hvsim.survey import Survey
    from hvsim.world import World

ZoneCount = Annotated[int, msgspec.Meta(ge=0, le=4_000)]
_BEFORE = frozenset({State.CONFIGURED})


class ZoneSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A zone.

    Attributes:
        nodename: what it calls itself inside; its name when empty.
        zonepath: its directory; ``/zones/<name>`` when empty.
        brand: the release's own when empty.
        address: of an interface it has, in CIDR notation.
        stuck: whether the kernel cannot take it down.
    """

    name: str
    state: Literal["configured", "incomplete", "installed", "ready", "running", "down"] = "running"
    nodename: str = ""
    zonepath: str = ""
    brand: str = ""
    autoboot: bool = False
    address: str = ""
    physical: str = "e1000g0"
    stuck: bool = False


class AccountSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may log in by SSH; ``keys`` are lines of an ``authorized_keys`` file."""

    user: str
    password: str | None = None
    keys: list[str] = msgspec.field(default_factory=list)
    privileged: bool = False


class HostTable(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A host. Its machine is the server of its name, described or generated.

    ``zones`` are tables, or how many to generate. With ``remote_code`` clients may run programs of
    their own there, in a sandbox of the lab's machine.
    """

    name: str
    profile: Literal["solaris-10", "solaris-11", "omnios"] = "solaris-10"
    address: str | None = None
    cpus: Annotated[int, msgspec.Meta(ge=1)] = 8
    memory: Annotated[int, msgspec.Meta(ge=1)] = 32 * GIB
    zones: ZoneCount | list[ZoneSpec] = 0
    accounts: list[AccountSpec] = msgspec.field(default_factory=list)
    remote_code: bool = False
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)

    @property
    def described(self) -> list[ZoneSpec]:
        """The zones that are described."""
        return [] if isinstance(self.zones, int) else self.zones


def examine(table: HostTable, number: int, path: Path, survey: Survey) -> None:
    """Declare a host's names, and judge what its table says."""
    survey.declare("pool", table.name, (*path, "name"))
    described = survey.knows("server", table.name)
    if not described:
        survey.declare("server", table.name, (*path, "name"))
        survey.declare_address(table.address or host_address(number, 0), (*path, "address"))
    elif table.address is not None:
        sentence = f"expected no address: server {table.name!r} has one already"
        raise survey.document.error((*path, "address"), sentence)
    for index, zone in enumerate(table.described):
        _examine_zone(table, zone, (*path, "zones", index), survey)
    for index, account in enumerate(table.accounts):
        survey.declare("account", account.user, (*path, "accounts", index, "user"), table.name)
    for name in table.behaviours:
        try:
            behaviours.switchable(name, PRODUCT, table.profile)
        except CommandError as error:
            raise survey.document.error((*path, "behaviours", name), str(error)) from None


def _examine_zone(table: HostTable, zone: ZoneSpec, path: Path, survey: Survey) -> None:
    survey.declare("zone", zone.name, (*path, "name"), table.name)
    release = RELEASES[table.profile]
    try:
        demand_name(zone.name, release)
    except ZoneError:
        sentence = f"name: expected a zone's name (letters, digits, '_.-'), not {zone.name!r}"
        raise survey.document.error((*path, "name"), sentence) from None
    if zone.zonepath and not zone.zonepath.startswith("/"):
        sentence = f"zonepath: expected an absolute path, not {zone.zonepath!r}"
        raise survey.document.error((*path, "zonepath"), sentence)
    if zone.brand and zone.brand not in release.brands:
        sentence = f"brand: expected one of {', '.join(release.brands)}, not {zone.brand!r}"
        raise survey.document.error((*path, "brand"), sentence)


def build(world: World, table: HostTable, number: int, inventory: Inventory) -> ZoneHost:
    """Build the host."""
    server = world.hardware.servers.get(table.name) or _server(world, table, number)
    accounts = [_account(spec, n) for n, spec in enumerate(table.accounts)]
    if not any(account.name == "root" for account in accounts):
        accounts.insert(0, _account(AccountSpec(user="root", password="solaris"), 0))  # noqa: S106 - a simulated host's
    system = add_system(world, f"zones/{table.name}", table.name, accounts)
    system.remote_code = table.remote_code
    host = ZoneHost(world, table.name, table.profile, server, system)
    host.behaviours.switch_all(table.behaviours)
    world.products[table.name] = host
    _furnish(host)
    for spec in table.described or _generated(table, number, inventory):
        _zone(host, spec)
    host.settled = True
    host.write_index()
    outage.watch(host)
    return host


def _server(world: World, table: HostTable, number: int) -> Server:
    parts = [
        Partition("host", "host", 40 * GIB),
        Partition("swap", "swap", 4 * GIB),
        Partition("guests", "guest", 100 * GIB),
        Partition("data", "data", 50 * GIB),
    ]
    more = [Partition("guests", "guest", 100 * GIB), Partition("data", "data", 50 * GIB)]
    server = Server(
        table.name,
        table.address or host_address(number, 0),
        cpus=table.cpus,
        memory=table.memory,
        disks=[Disk("disk1", 256 * GIB, parts), Disk("disk2", 256 * GIB, more)],
    )
    world.hardware.servers[table.name] = server
    return server


def _account(spec: AccountSpec, number: int) -> Account:
    top = spec.user == "root" or spec.privileged
    return Account(
        spec.user,
        uid=0 if top else 100 + number,
        gid=0 if top else 10,
        home="/" if spec.user == "root" else f"/export/home/{spec.user}",
        group="root" if top else "staff",
        password=spec.password,
        keys=tuple(spec.keys),
    )


def _furnish(host: ZoneHost) -> None:
    files = host.system.files
    for path in ("/etc/zones", "/zones", "/export/zones", "/system/zones", "/export/home"):
        files.make_directories(path)
    accounts = host.system.accounts.values()
    users = (f"{a.name}:x:{a.uid}:{a.gid}::{a.home}:{a.shell}\n" for a in accounts)
    groups = {a.gid: a.group for a in accounts}
    texts = {
        "/etc/nodename": f"{host.name}\n",
        "/etc/release": f"{host.release.title}\n",
        "/etc/passwd": "".join(users),
        "/etc/group": "".join(f"{name}::{gid}:\n" for gid, name in groups.items()),
        "/etc/mnttab": "rpool/ROOT/root\t/\tzfs\tdev=4010002\t0\n",
    }
    for path, text in texts.items():
        files.write(path, text.encode())


def _generated(table: HostTable, number: int, inventory: Inventory) -> list[ZoneSpec]:
    count = table.zones if isinstance(table.zones, int) else 0
    drafts = (inventory.guest(table.name, number, index) for index in range(count))
    return [
        ZoneSpec(
            name=draft.name,
            state="running" if draft.running else "installed",
            nodename=draft.hostname.partition(".")[0],
            autoboot=draft.home,
            address=f"{draft.address}/8",
        )
        for draft in drafts
    ]


def _config(host: ZoneHost, spec: ZoneSpec) -> Config:
    config = template(host.release, host.release.template, spec.name, host.behaviours)
    config.properties["zonepath"] = spec.zonepath or f"/zones/{spec.name}"
    config.properties["brand"] = spec.brand or host.release.brand
    config.properties["autoboot"] = "true" if spec.autoboot else "false"
    if spec.address and not config.exclusive:
        values = {"address": spec.address, "physical": spec.physical}
        config.resources.append(Resource(kind="net", values=dict(values)))
    return config


def _zone(host: ZoneHost, spec: ZoneSpec) -> None:
    """Make a zone in the state it has when the lab begins."""
    zone = host.add(spec.name, _config(host, spec))
    state = State(spec.state)
    if state in _BEFORE:
        return
    uuid = host.world.streams.uuid(host.subject(zone))
    if state is not State.INCOMPLETE:
        try:
            interior.furnish(host, zone, spec.nodename or None)
        except FileError as error:
            raise InputError(f"expected room for the zone {spec.name!r}: {error}") from None
    active = state not in (State.INCOMPLETE, State.INSTALLED)
    host.change(
        zone,
        state=state,
        uuid=uuid,
        id=host.next_id() if active else None,
        stuck=spec.stuck or state is State.DOWN,
        boots=1 if state is State.RUNNING else 0,
        serves=state is State.RUNNING,
    )


def residents(world: World, table: HostTable) -> list[Resident]:
    """Return the host's zones, for ambient activity."""
    return residents_of(world.product(table.name))


sections.register(sections.Section("solaris", HostTable, examine, build, residents))
