"""Installing, copying, moving and removing what lies in zones.

An installation notes its phases in :attr:`hvsim.zones.zone.Zone.phases` as it goes: what its
commands print of it. They are ``prepare``, ``files``, ``registry``, ``order``, ``packages`` (many
times) and ``done``; of a copy, ``copy`` and ``done``.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from hvsim.files import FileError
from hvsim.operations import Stage
from hvsim.zones import config, interior
from hvsim.zones.errors import ZoneError
from hvsim.zones.host import parent
from hvsim.zones.power import begin
from hvsim.zones.rules import demand, demand_free
from hvsim.zones.zone import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Operation, Steps
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone

MANIFEST: Final = "SUNWdetached.xml"
FILES: Final = 2_568
"""Files that a fresh zone gets a copy of."""
PACKAGES: Final = 1_196
"""Packages that a fresh zone's registry gets to know."""
_STRETCHES: Final = 20
"""Parts in which the packages' progress is told."""


def install(host: ZoneHost, name: str, nodename: str | None = None) -> Operation:
    """Install a system in a zone; raises ZoneError. ``nodename`` is what it is called inside."""
    zone = demand(host, name, "install")
    demand_free(zone)
    demand_place(host, zone)
    return begin(host, zone, "zone.install", _installing(host, zone, nodename))


def clone(host: ZoneHost, name: str, source: str) -> Operation:
    """Install a zone as a copy of another one; raises ZoneError."""
    zone = demand(host, name, "clone")
    demand_free(zone)
    if source not in host.zones:
        raise ZoneError("no-such-zone", source)
    origin = host.zones[source]
    if origin.state is not State.INSTALLED:
        raise ZoneError("source-not-installed", source, origin.state)
    demand_free(origin)
    demand_place(host, zone)
    return begin(host, zone, "zone.clone", _cloning(host, zone, origin))


def uninstall(host: ZoneHost, name: str) -> Operation:
    """Remove what lies in a zone and keep its configuration; raises ZoneError."""
    zone = demand(host, name, "uninstall")
    demand_free(zone)
    return begin(host, zone, "zone.uninstall", _uninstalling(host, zone))


def detach(host: ZoneHost, name: str) -> Operation:
    """Let go of what lies in a zone and leave it where it is; raises ZoneError."""
    zone = demand(host, name, "detach")
    demand_free(zone)
    return begin(host, zone, "zone.detach", _detaching(host, zone))


def attach(host: ZoneHost, name: str, *, force: bool = False) -> Operation:
    """Take what lies at a zone's path as its system; raises ZoneError."""
    zone = demand(host, name, "attach", force=force)
    demand_free(zone)
    if not host.system.files.exists(zone.root):
        raise ZoneError("nothing-to-attach", zone.root)
    manifest = f"{zone.config.zonepath}/{MANIFEST}"
    recovers = zone.state is State.UNAVAILABLE
    if not (force or recovers or host.system.files.exists(manifest)):
        raise ZoneError("not-detached", manifest)
    return begin(host, zone, "zone.attach", _attaching(host, zone))


def move(host: ZoneHost, name: str, path: str) -> Operation:
    """Move a zone to another directory; raises ZoneError."""
    zone = demand(host, name, "move")
    demand_free(zone)
    if not path.startswith("/"):
        raise ZoneError("not-absolute", path)
    if any(other.config.zonepath == path for other in host.zones.values()):
        raise ZoneError("path-taken", path)
    return begin(host, zone, "zone.move", _moving(host, zone, path.rstrip("/")))


def mark(host: ZoneHost, name: str, state: State) -> None:
    """Say of a zone that it is incomplete or unavailable; raises ZoneError."""
    zone = demand(host, name, "mark")
    demand_free(zone)
    host.change(zone, state=state)


def demand_place(host: ZoneHost, zone: Zone) -> None:
    """Refuse a zone path that others may enter, or that another installed zone has."""
    files, path = host.system.files, zone.config.zonepath
    if not path:
        raise ZoneError("zonepath-empty", "Required resource missing")
    for other in host.zones.values():
        taken = other is not zone and other.config.zonepath == path
        if taken and other.state is not State.CONFIGURED:
            raise ZoneError("path-taken", path)
    if files.exists(path) and files.find(path).mode & 0o077:
        raise ZoneError("path-open", path, f"{files.find(path).mode & 0o077:03o}")


def _installing(host: ZoneHost, zone: Zone, nodename: str | None) -> Steps:
    zone.phases.clear()
    _begin_making(host, zone)
    host.progress(zone, "prepare")
    yield Stage("prepare", 2.0, 0.02)
    host.progress(zone, "files", 0, FILES)
    yield Stage("copy", 20.0, 0.2)
    host.progress(zone, "registry")
    yield Stage("registry", 5.0, 0.25)
    host.progress(zone, "order")
    yield Stage("order", 5.0, 0.3)
    for stretch in range(_STRETCHES + 1):
        host.progress(zone, "packages", PACKAGES * stretch // _STRETCHES, PACKAGES)
        yield Stage("packages", 10.0, 0.3 + 0.7 * stretch / _STRETCHES)
    _furnished(lambda: interior.furnish(host, zone, nodename))
    host.change(zone, state=State.INSTALLED)
    host.progress(zone, "done")


def _cloning(host: ZoneHost, zone: Zone, origin: Zone) -> Steps:
    zone.phases.clear()
    _begin_making(host, zone)
    host.progress(zone, "copy")
    yield Stage("copy", 30.0, 1.0)
    _furnished(lambda: _copy(host, origin, zone))
    host.change(zone, state=State.INSTALLED)
    host.progress(zone, "done")


def _begin_making(host: ZoneHost, zone: Zone) -> None:
    uuid = host.world.streams.uuid(host.subject(zone))
    host.change(zone, state=State.INCOMPLETE, uuid=uuid)


def _furnished(make: Callable[[], None]) -> None:
    """Write a zone's files; a file system that is full breaks the installation off."""
    try:
        make()
    except FileError as error:
        if error.number != errno.ENOSPC:
            raise
        raise ZoneError("no-space", error.path) from None


def _copy(host: ZoneHost, origin: Zone, zone: Zone) -> None:
    files = host.system.files
    interior.furnish(host, zone)
    for path, node in list(files.walk(origin.root)):
        place = zone.root + path[len(origin.root) :]
        if node.kind == "file":
            files.write(place, bytes(node.content))
            files.set_mode(place, node.mode)
        elif node.kind == "directory":
            files.make_directories(place)


def _uninstalling(host: ZoneHost, zone: Zone) -> Steps:
    host.change(zone, state=State.INCOMPLETE)
    yield Stage("remove", 10.0, 1.0)
    files = host.system.files
    if zone.config.zonepath and files.exists(zone.config.zonepath):
        files.remove_tree(zone.config.zonepath)
    host.change(zone, state=State.CONFIGURED, uuid="", stuck=False)


def _detaching(host: ZoneHost, zone: Zone) -> Steps:
    yield Stage("detach", 3.0, 1.0)
    text = f'<?xml version="1.0"?>\n<zone name="{zone.name}" uuid="{zone.uuid}"/>\n'
    host.system.files.make_directories(zone.config.zonepath)
    host.system.files.write(f"{zone.config.zonepath}/{MANIFEST}", text.encode())
    host.change(zone, state=State.CONFIGURED)


def _attaching(host: ZoneHost, zone: Zone) -> Steps:
    yield Stage("attach", 5.0, 1.0)
    manifest = f"{zone.config.zonepath}/{MANIFEST}"
    if host.system.files.exists(manifest):
        host.system.files.remove(manifest)
    uuid = zone.uuid or host.world.streams.uuid(host.subject(zone))
    host.change(zone, state=State.INSTALLED, uuid=uuid, storage=True)


def _moving(host: ZoneHost, zone: Zone, path: str) -> Steps:
    yield Stage("move", 10.0, 1.0)
    files = host.system.files
    files.make_directories(parent(path))
    if files.exists(path):
        raise ZoneError("path-taken", path)
    if files.exists(zone.config.zonepath):
        files.rename(zone.config.zonepath, path)
    moved = config.Config(
        properties={**zone.config.properties, "zonepath": path}, resources=zone.config.resources
    )
    host.reconfigure(zone, moved)
