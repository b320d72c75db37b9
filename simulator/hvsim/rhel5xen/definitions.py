"""Guests' files as libvirt changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hvsim.files import FileError
from hvsim.rhel5xen.calls import message
from hvsim.rhel5xen.configuration import Configuration, render
from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.site import AUTO, FOLDER, is_guest_file

if TYPE_CHECKING:
    from hvsim.rhel5xen.site import Definition, Host


@message("guest.define")
def define(host: Host, config: dict[str, Any]) -> str:
    """Write a guest's file, in the place of one of the same name; return its path."""
    made = host.identified(msgspec.convert(config, Configuration))
    known = host.definition(made.name)
    if known is not None and known.config.uuid != made.uuid:
        raise XendError(f"domain '{made.name}' already exists with uuid {known.config.uuid}")
    if not is_guest_file(made.name):
        raise XendError(f"unable to write configuration file {FOLDER}/{made.name}")
    path = f"{FOLDER}/{made.name}" if known is None else known.path
    try:
        host.system.files.write(path, render(made).encode(), mode=0o600)
    except FileError as error:
        raise XendError(f"unable to write configuration file {path}: {error.reason}") from None
    return path


@message("guest.undefine")
def undefine(host: Host, name: str) -> None:
    """Remove a guest's file; a domain of it runs on."""
    found = host.defined(name)
    set_autostart(host, name, on=False)
    host.system.files.remove(found.path)


@message("guest.set-autostart")
def autostart(host: Host, name: str, on: bool) -> None:
    """Let a guest start with its host, or not."""
    set_autostart(host, name, on=on)


def set_autostart(host: Host, name: str, *, on: bool) -> None:
    """Make or remove the link that says that a guest starts with its host."""
    found, link = host.defined(name), auto_link(host, name)
    files = host.system.files
    there = files.exists(link, follow=False)
    if on and not there:
        files.make_directories(AUTO)
        files.make_link(found.path, link)
    elif there and not on:
        files.remove(link)


def starts_with_host(host: Host, name: str) -> bool:
    """Whether a guest starts with its host."""
    return host.system.files.exists(auto_link(host, name))


def auto_link(host: Host, name: str) -> str:
    """Return the path of the link that says so."""
    found: Definition = host.defined(name)
    return f"{AUTO}/{found.path.rpartition('/')[2]}"
