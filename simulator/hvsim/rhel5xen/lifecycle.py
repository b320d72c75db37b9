"""What xend does with domains at once or in a moment: create, shut down, destroy, pause, size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from hvsim.operations import Cancelled, Stage
from hvsim.rhel5xen import insides
from hvsim.rhel5xen.calls import message
from hvsim.rhel5xen.configuration import Configuration
from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.memory import make_room
from hvsim.rhel5xen.site import DOM0_LEAST

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.rhel5xen.domain import Domain
    from hvsim.rhel5xen.site import Host

REASONS = ("poweroff", "reboot", "halt")
_ENDED = frozenset({State.SHUTDOWN, State.CRASHED, State.DYING})


def packed(config: Configuration) -> dict[str, Any]:
    """Return a configuration as a message carries it."""
    fields: dict[str, Any] = msgspec.to_builtins(config)
    return fields


@message("domain.create")
def create(host: Host, config: dict[str, Any], paused: bool = False) -> Operation:
    """Build a domain from a configuration and let it run, unless ``paused``."""
    made = host.identified(msgspec.convert(config, Configuration))
    return begin(host, made, paused=paused)


@message("domain.start")
def start(host: Host, name: str, paused: bool = False) -> Operation:
    """Build a domain from the host's own file of a guest."""
    return begin(host, host.defined(name).config, paused=paused)


def begin(host: Host, config: Configuration, *, paused: bool) -> Operation:
    """Begin to build a domain."""
    demand_name(host, config)
    make_room(host, config.memory)
    domain = host.add(config, State.PAUSED)
    host.change(domain, busy="create")
    steps = _building(host, domain, paused=paused)
    return host.world.operations.start("domain.create", host.subject(domain), steps)


def demand_name(host: Host, config: Configuration) -> None:
    """Refuse a second domain of a guest, or of a name."""
    for domain in host.domains.values():
        if domain.name == config.name or (config.uuid and domain.uuid == config.uuid):
            raise XendError(f"VM name '{config.name}' already in use by domain {domain.id}")


def _building(host: Host, domain: Domain, *, paused: bool) -> Steps:
    try:
        yield Stage("build", insides.BUILD, 1.0)
    except BaseException:
        host.remove(domain)
        raise
    insides.appear(host, domain, paused=paused)
    return domain.id


@message("domain.shutdown")
def shutdown(host: Host, asked: str, reason: str = "poweroff") -> None:
    """Tell a domain's system to end; ``reason`` is ``poweroff``, ``halt`` or ``reboot``."""
    domain = host.find(asked)
    if domain.privileged:
        raise XendError("Domain 0 cannot be shutdown")
    if reason not in REASONS:
        raise XendError(f"Invalid reason: {reason}")
    if domain.state in _ENDED:
        raise XendError("Domain cannot be shutdown")
    if domain.state is State.PAUSED and not host.site.has("paused-keeps-shutdown-wish"):
        return
    host.change(domain, asked=reason, restarted=None)
    insides.settle(host, domain)


@message("domain.destroy")
def destroy(host: Host, asked: str) -> None:
    """End a domain as it stands, and whatever is being done with it."""
    domain = host.find(asked)
    if domain.privileged:
        raise XendError(f"Cannot destroy privileged domain {asked}")
    operations = host.world.operations
    for found in operations.on(host.subject(domain)):
        operations.interrupt(found, Cancelled(f"domain {domain.name} was destroyed"))
    host.remove(domain)


@message("domain.pause")
def pause(host: Host, asked: str) -> None:
    """Take a domain's processors away; nothing changes for one that is paused."""
    domain = host.find(asked)
    if domain.privileged:
        raise XendError(f"Cannot pause privileged domain {asked}")
    _demand_started(domain, asked)
    insides.rest(host, domain)
    host.change(domain, state=State.PAUSED)


@message("domain.unpause")
def unpause(host: Host, asked: str) -> None:
    """Give a domain its processors back."""
    domain = host.find(asked)
    if domain.privileged:
        raise XendError(f"Cannot unpause privileged domain {asked}")
    _demand_started(domain, asked)
    if domain.state is State.PAUSED and domain.busy is None:
        host.change(domain, state=State.BLOCKED if domain.booted else State.RUNNING)
        insides.settle(host, domain)


def _demand_started(domain: Domain, asked: str) -> None:
    if domain.state in _ENDED:
        raise XendError(f"Domain '{asked}' is not started")


@message("domain.rename")
def rename(host: Host, asked: str, name: str) -> None:
    """Give a domain another name; its file keeps the old one."""
    domain = host.find(asked)
    if not name or any(char in name for char in "/\n\x00"):
        raise XendError("Invalid VM Name")
    for other in host.domains.values():
        if other.name == name and other is not domain:
            raise XendError(f"VM name '{name}' already in use by domain {other.id}")
    host.change(domain, name=name, config=domain.config.renamed(name))


@message("domain.set-memory")
def set_memory(host: Host, asked: str, memory: int) -> None:
    """Let a domain have ``memory`` MiB, as far as its maximum and the host's memory go."""
    domain = host.find(asked)
    if memory <= 0:
        raise XendError("Invalid memory size")
    if domain.privileged:
        host.change(domain, memory=min(max(memory, DOM0_LEAST), domain.memory + host.free))
        return
    memory = min(memory, domain.maxmem)
    if memory > domain.memory:
        make_room(host, memory - domain.memory)
    host.change(domain, memory=memory)


@message("domain.set-maximum")
def set_maximum(host: Host, asked: str, memory: int) -> None:
    """Say the most MiB that a domain may have."""
    domain = host.find(asked)
    if memory <= 0:
        raise XendError("Invalid memory size")
    host.change(domain, maxmem=memory)


@message("domain.set-vcpus")
def set_vcpus(host: Host, asked: str, count: int) -> None:
    """Bring so many of a domain's processors online."""
    domain = host.find(asked)
    if count < 1:
        raise XendError("Invalid VCPUs")
    most = host.server.cpus if domain.privileged else domain.config.vcpus
    host.change(domain, vcpus=min(count, most))
