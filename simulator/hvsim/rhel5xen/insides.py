"""What a guest's own system does: it boots, hears wishes, ends, and what xend does then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hvsim.operations import Cancelled, Stage
from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.memory import make_room

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.rhel5xen.domain import Domain
    from hvsim.rhel5xen.site import Host

BUILD: Final = 2.0
"""Seconds in which xend builds a domain."""
BOOT: Final = 25.0
"""Seconds in which a guest's system comes up."""
END: Final = 12.0
"""Seconds in which it ends."""
CLEAR: Final = 1.0
"""Seconds until xend has cleared an ended domain away."""
LOOP: Final = 20.0
"""Seconds within which a domain is not restarted twice."""
_OWN: Final = ("guest.boot", "guest.end")


def settle(host: Host, domain: Domain) -> None:
    """Stop what a domain's system was at, and let it do what it now can."""
    rest(host, domain)
    begin(host, domain)


def rest(host: Host, domain: Domain) -> None:
    """Stop what a domain's system was at."""
    operations = host.world.operations
    for found in operations.on(host.subject(domain)):
        if found.kind in _OWN:
            operations.interrupt(found, Cancelled("the domain was stopped"))


def begin(host: Host, domain: Domain) -> None:
    """Let a domain's system boot, or fulfil what it was asked, if it can."""
    if not host.holds(domain) or not domain.alive or domain.hung:
        return
    if not domain.booted:
        _start(host, domain, "guest.boot", _booting(host, domain))
    elif domain.asked is not None:
        _start(host, domain, "guest.end", _ending(host, domain, domain.asked))


def crash(host: Host, domain: Domain) -> None:
    """Let a domain's system crash."""
    rest(host, domain)
    host.change(domain, state=State.CRASHED, booted=False, asked=None)
    _start(host, domain, "guest.end", _concluding(host, domain, "crash"))


def appear(host: Host, domain: Domain, *, paused: bool) -> None:
    """Let a domain that was built run."""
    host.change(domain, busy=None, state=State.PAUSED if paused else State.RUNNING)
    begin(host, domain)


def _start(host: Host, domain: Domain, kind: str, steps: Steps) -> None:
    host.world.operations.start(kind, host.subject(domain), steps)


def _booting(host: Host, domain: Domain) -> Steps:
    yield Stage("boot", BOOT)
    boots = host.site.boots
    boots[domain.uuid] = boots.get(domain.uuid, 0) + 1
    host.change(domain, booted=True, state=State.BLOCKED)
    begin(host, domain)


def _ending(host: Host, domain: Domain, reason: str) -> Steps:
    yield Stage("shutdown", END)
    host.change(domain, state=State.SHUTDOWN, booted=False, asked=None)
    yield from _concluding(host, domain, reason)


def _concluding(host: Host, domain: Domain, reason: str) -> Steps:
    """Do with an ended domain what its configuration says."""
    yield Stage("clear", CLEAR)
    config = domain.config
    action = {"reboot": config.on_reboot, "crash": config.on_crash}.get(reason, config.on_poweroff)
    recent = domain.restarted is not None and host.world.now - domain.restarted < LOOP
    looped = recent and host.site.has("restart-loop-is-broken")
    if action == "preserve":
        host.change(domain, ended=True)
    elif action == "destroy" or looped:
        host.remove(domain)
    else:
        yield from _restarting(host, domain, keep=action == "rename-restart")


def _restarting(host: Host, domain: Domain, *, keep: bool) -> Steps:
    config, count = domain.config.renamed(domain.name), domain.restarts + 1
    if keep:
        _set_aside(host, domain)
    else:
        host.remove(domain)
    try:
        # It may have had less memory than it starts with, and others the rest.
        make_room(host, config.memory)
    except XendError as error:
        host.world.log.append("refused", host.subject(domain), None, {"why": error.text})
        return
    fresh = host.add(config, State.PAUSED)
    host.change(fresh, busy="create", restarts=count, restarted=host.world.now)
    try:
        yield Stage("build", BUILD)
    except BaseException:
        host.remove(fresh)
        raise
    appear(host, fresh, paused=False)


def _set_aside(host: Host, domain: Domain) -> None:
    """Keep a dead domain for whoever wants to know why, under a name and UUID of its own."""
    uuid = host.world.streams.uuid(f"{host.path}/dead")
    config = replace(domain.config, name=f"Domain-{uuid}", uuid=uuid)
    host.change(domain, config=config, name=config.name, ended=True)
