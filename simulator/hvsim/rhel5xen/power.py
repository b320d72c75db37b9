"""What becomes of a host and its domains when its machine loses power, and gets it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.rhel5xen import definitions, lifecycle
from hvsim.rhel5xen.configuration import Configuration
from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.site import AUTO

if TYPE_CHECKING:
    from hvsim.hardware import Change
    from hvsim.operations import Steps
    from hvsim.rhel5xen.site import Host, Site

BOOT: Final = 90.0
"""Seconds from power on until xend and the SSH server answer."""
DOM0: Final = "Domain-0"
DOM0_UUID: Final = "00000000-0000-0000-0000-000000000000"


def watch(site: Site) -> None:
    """Follow the machines of a site's hosts from now on."""
    world = site.world

    def changed(change: Change) -> None:
        host = site.host_on(change.server)
        if host is None:
            return
        if change.kind in ("crash", "shutdown"):
            _lose(host)
        elif change.kind == "boot" and host.server.runs_own_system:
            world.operations.start("host.boot", host.path, _booting(host))
        host.tell()

    world.hardware.observe(changed)


def add_control_domain(host: Host) -> None:
    """Give a host its Domain-0, which has all memory that no guest took."""
    host.restart_numbers()
    config = Configuration(
        name=DOM0,
        uuid=DOM0_UUID,
        memory=host.memory,
        maxmem=host.memory,
        vcpus=host.server.cpus,
        bootloader="",
    )
    domain = host.add(config, State.RUNNING)
    host.change(domain, booted=True)


def _lose(host: Host) -> None:
    host.up = False
    for found in host.world.operations.on(host.path):
        host.world.operations.interrupt(found, XendError("the machine lost its power"))
    for domain in list(host.domains.values()):
        for found in host.world.operations.on(host.subject(domain)):
            host.world.operations.interrupt(found, XendError("the machine lost its power"))
        host.remove(domain)


def _booting(host: Host) -> Steps:
    yield Stage("boot", BOOT)
    host.up = True
    for daemon in (host.xend, host.libvirtd, host.sshd):
        daemon.state = "running"
    add_control_domain(host)
    host.tell()
    for name in _automatic(host):
        try:
            lifecycle.start(host, name)
        except XendError as error:
            host.world.log.append("refused", f"{host.path}/auto/{name}", None, {"why": error.text})


def _automatic(host: Host) -> list[str]:
    if not host.system.files.exists(AUTO):
        return []
    return [name for name in host.definitions() if definitions.starts_with_host(host, name)]
