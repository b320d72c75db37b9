"""Where each product is entered: one door for every address that it answers on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING

from hvsim.rhel5xen.site import Site
from hvsim.scvmm.server import VmmServer
from hvsim.vcenter.server import VCenter
from hvsim.xenserver.pool import Pool
from hvsim.zones.host import ZoneHost
from hvsim_fakes.ssh.door import ShellDoor
from hvsim_fakes.wirelog import WireLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hvsim.hardware import Server, Silence
    from hvsim.scvmm.fabric import Host
    from hvsim_fakes.server import RawApp


@dataclass(frozen=True, slots=True)
class Door:
    """One address of a product.

    Attributes:
        owner: name of the pool or manager in the lab.
        host: the product's own reference of the host behind it.
        server: the machine whose address and management link it has.
        endpoint: what is served there.
        silence: asked under the world's lock: None while somebody answers.
        watch: registers what is to be called when that may have changed.
        leave: called when the lab stops listening, for what would go on without clients.
    """

    owner: str
    host: str
    server: Server
    endpoint: RawApp
    silence: Callable[[], Silence | None]
    watch: Callable[[Callable[[], None]], None]
    leave: Callable[[], object] | None = None

    @property
    def name(self) -> str:
        """For threads and logs."""
        return f"{self.owner}-{self.server.name}"


AnyDoor = Door | ShellDoor


@singledispatch
def doors_of(product: object, wirelog: WireLog) -> Sequence[AnyDoor]:
    """Return the doors of a product's instance in a world; each product registers its own."""
    raise NotImplementedError(f"nobody serves {type(product).__name__} on {wirelog}")


@doors_of.register
def _of_pool(pool: Pool, wirelog: WireLog) -> list[Door]:
    # Not before a lab has a pool: its endpoint is large.
    from hvsim_fakes.xenserver.endpoint import XenApiEndpoint  # noqa: PLC0415 - see above

    return [
        Door(
            pool.name,
            member.host,
            member.server,
            XenApiEndpoint(pool, member, wirelog),
            member.answers,
            member.observers.append,
        )
        for member in pool.members.values()
    ]


@doors_of.register
def _of_vcenter(vcenter: VCenter, wirelog: WireLog) -> list[Door]:
    # Not before a lab has a vCenter: the type information takes its time to read.
    from hvsim_fakes.vcenter.endpoint import VimEndpoint  # noqa: PLC0415 - see above

    endpoint = VimEndpoint(vcenter, wirelog)
    server, watch = vcenter.server, vcenter.observers.append
    return [Door(vcenter.name, vcenter.server.name, server, endpoint, vcenter.answers, watch)]


@doors_of.register
def _of_site(site: Site, wirelog: WireLog) -> list[ShellDoor]:
    # Its commands are many, and most labs have none of them.
    from hvsim_fakes.rhel5xen.doors import doors_of_site  # noqa: PLC0415 - see above

    return doors_of_site(site, wirelog)


@doors_of.register
def _of_zone_host(host: ZoneHost, wirelog: WireLog) -> list[ShellDoor]:
    # Its commands are many, and most labs have none of them.
    from hvsim_fakes.zones.programs import door_of  # noqa: PLC0415 - see above

    return [door_of(host, wirelog)]


@doors_of.register
def _of_vmm(vmm: VmmServer, wirelog: WireLog) -> list[Door]:
    # Its PowerShell is large, and most labs have none.
    from hvsim_fakes.scvmm.doors import endpoint_of  # noqa: PLC0415 - see above

    server, watch = vmm.server, vmm.observers.append
    endpoint = endpoint_of(vmm, wirelog)
    own = Door(vmm.name, server.name, server, endpoint, vmm.answers, watch, endpoint.close)
    # A host that VMM itself runs on has one address, which is VMM's.
    hosts = (host for host in vmm.fabric.hosts.values() if host.server is not server)
    return [own, *(_of_hyperv(vmm, host, wirelog) for host in hosts)]


def _of_hyperv(vmm: VmmServer, host: Host, wirelog: WireLog) -> Door:
    from hvsim_fakes.hyperv.doors import endpoint_of  # noqa: PLC0415 - as VMM's

    endpoint, watch = endpoint_of(vmm, host, wirelog), vmm.fabric.on_host.append
    return Door(vmm.name, host.name, host.server, endpoint, host.silence, watch, endpoint.close)
