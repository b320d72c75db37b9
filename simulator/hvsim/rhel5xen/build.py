"""Builds hosts, their files and their guests from what a lab says about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.errors import InputError
from hvsim.hardware import Disk, Nic, Partition, Segment, Server, SharedStorage
from hvsim.rhel5xen import definitions, power
from hvsim.rhel5xen.configuration import Configuration, render
from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.memory import make_room
from hvsim.rhel5xen.site import AUTO, FOLDER, MIB, Host, Site, is_guest_file
from hvsim.rhel5xen.spec import XenAccountSpec
from hvsim.systems import Account, add_system

if TYPE_CHECKING:
    from hvsim.rhel5xen.spec import SiteSpec, XenGuestSpec, XenHostSpec
    from hvsim.world import World

BRIDGE: Final = "xenbr0"
IMAGES: Final = "/var/lib/xen/images"
"""Where disks lie that only one host has."""
SHARED: Final = "/xen"
"""Where the storage is mounted that all hosts of a site share."""
_NFS: Final = 1024 * 2**30
_PASSWORD: Final = "hvsim"  # noqa: S105 - every lab's default, as documented


def build_site(world: World, spec: SiteSpec) -> Site:
    """Build hosts with their guests; machines that are described already are used.

    Raises:
        InputError: when a guest has no room, or is on a host that is not there.
    """
    site = Site(world, spec.name, spec.profile, spec.bandwidth)
    site.behaviours.switch_all(spec.behaviours)
    retained, world.log.retain = world.log.retain, False
    try:
        _furnish(world, site, spec)
        for host in spec.hosts:
            _add_host(site, spec, host)
        for guest in spec.guests:
            _add_guest(site, spec, guest)
    finally:
        world.log.retain = retained
    power.watch(site)
    return site


def folder_of(spec_name: str) -> str:
    """Return where a shared storage is mounted."""
    return f"{SHARED}/{spec_name}"


def _furnish(world: World, site: Site, spec: SiteSpec) -> None:
    world.hardware.segments.setdefault(BRIDGE, Segment(BRIDGE))
    name = spec.storage_name
    world.hardware.storages.setdefault(name, SharedStorage(name, _NFS, "nfs"))
    site.storages[folder_of(name)] = name


def _add_host(site: Site, spec: SiteSpec, described: XenHostSpec) -> None:
    world = site.world
    server = world.hardware.servers.get(described.name)
    if server is None:
        server = world.hardware.servers[described.name] = _machine(described)
    accounts = [_account(one) for one in _accounts(spec)]
    system = add_system(world, f"{site.path}/host/{described.name}", described.name, accounts)
    system.remote_code = spec.remote_code
    memory = (described.memory or server.memory) // MIB
    host = Host(site, described.name, server, system, memory, described.relocation)
    site.hosts[described.name] = host
    for folder in (AUTO, f"{FOLDER}/scripts", "/var/lib/xen/save", IMAGES, *site.storages):
        system.files.make_directories(folder)
    _write_files(host)
    power.add_control_domain(host)


def _accounts(spec: SiteSpec) -> list[XenAccountSpec]:
    if any(one.user == "root" for one in spec.accounts):
        return spec.accounts
    return [XenAccountSpec(user="root", password=_PASSWORD), *spec.accounts]


def _account(spec: XenAccountSpec) -> Account:
    root = spec.user == "root"
    return Account(  # noqa: S604 - `shell` is the account's login shell
        spec.user,
        0 if root else 500,
        0 if root else 500,
        home="/root" if root else f"/home/{spec.user}",
        shell="/bin/bash",
        group=spec.user,
        password=spec.password,
        keys=tuple(spec.keys),
    )


def _write_files(host: Host) -> None:
    files = host.system.files
    relocation = "yes" if host.relocation else "no"
    files.write(
        f"{FOLDER}/xend-config.sxp",
        (
            f"(xend-unix-server yes)\n(xend-relocation-server {relocation})\n"
            "(xend-relocation-port 8002)\n(xend-relocation-address '')\n"
            "(xend-relocation-hosts-allow '')\n(dom0-min-mem 256)\n(dom0-cpus 0)\n"
        ).encode(),
    )
    release = b"Red Hat Enterprise Linux Server release 5.4 (Tikanga)\n"
    files.write("/etc/redhat-release", release)
    files.write("/etc/hosts", _hosts_file(host.site).encode())


def _hosts_file(site: Site) -> str:
    lines = [f"{found.server.address}\t{found.name}" for found in site.hosts.values()]
    return "\n".join(["127.0.0.1\tlocalhost.localdomain localhost", *lines, ""])


def _machine(spec: XenHostSpec) -> Server:
    size = 256 * 2**30
    address = spec.address or "127.0.0.1"
    system = [
        Partition("host", "host", 20 * 2**30, "rhel5"),
        Partition("swap", "swap", 2 * 2**30),
        Partition("guests", "guest", 150 * 2**30),
        Partition("data", "data", 50 * 2**30),
    ]
    second = [Partition("guests", "guest", size // 2), Partition("data", "data", size // 2)]
    octets = "".join(f":{int(part):02x}" for part in address.split("."))
    return Server(
        spec.name,
        address,
        cpus=spec.cpus or 8,
        memory=spec.memory or 32 * 2**30,
        disks=[Disk("disk1", size, system), Disk("disk2", size, second)],
        nics=[Nic("eth0", f"02:00{octets}", BRIDGE)],
    )


def _add_guest(site: Site, spec: SiteSpec, guest: XenGuestSpec) -> None:
    names = [guest.host or spec.hosts[0].name, *guest.defined_on]
    for name in names:
        if name not in site.hosts:
            raise InputError(f"guest {guest.name!r}: expected a host of the site, not {name!r}")
    if not is_guest_file(guest.name):
        raise InputError(
            f"guest {guest.name!r}: expected a name that {FOLDER} has no other use for"
        )
    config = configuration(site, spec, guest)
    for name in names:
        files = site.hosts[name].system.files
        files.write(f"{FOLDER}/{config.name}", render(config).encode(), mode=0o600)
    host = site.hosts[names[0]]
    if guest.autostart:
        definitions.set_autostart(host, config.name, on=True)
    if guest.state != "off":
        _run(host, config, paused=guest.state == "paused")


def configuration(site: Site, spec: SiteSpec, guest: XenGuestSpec) -> Configuration:
    """Return what a described guest's file says."""
    stream = site.world.streams.fresh(f"{site.path}/mac/{guest.name}")
    mac = f"00:16:3e:{stream.randrange(128):02x}:{stream.randrange(256):02x}"
    mac += f":{stream.randrange(256):02x}"
    folder = folder_of(spec.storage_name) if guest.shared else IMAGES
    device = "hda" if guest.hvm else "xvda"
    return Configuration(
        name=guest.name,
        uuid=guest.uuid or site.world.streams.uuid(f"{site.path}/guest/{guest.name}"),
        memory=guest.memory // MIB,
        maxmem=max(guest.memory, guest.maxmem or 0) // MIB,
        vcpus=guest.vcpus,
        hvm=guest.hvm,
        bootloader="" if guest.hvm else "/usr/bin/pygrub",
        disks=(f"tap:aio:{folder}/{guest.name}.img,{device},w",),
        vifs=(f"mac={mac},bridge={BRIDGE},script=vif-bridge",),
        on_poweroff=guest.on_poweroff,
        on_reboot=guest.on_reboot,
        on_crash=guest.on_crash,
    )


def _run(host: Host, config: Configuration, *, paused: bool) -> None:
    try:
        make_room(host, config.memory)
    except XendError as error:
        raise InputError(f"guest {config.name!r}: {error.text}") from None
    domain = host.add(config, State.BLOCKED)
    host.change(domain, booted=True, state=State.PAUSED if paused else State.BLOCKED)
    host.site.boots[config.uuid] = 1
