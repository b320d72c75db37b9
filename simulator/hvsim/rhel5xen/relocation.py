"""Moving a domain to another host: over the network, memory and all; disks stay where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim.hardware import Silence
from hvsim.operations import Stage
from hvsim.rhel5xen import insides
from hvsim.rhel5xen.calls import message
from hvsim.rhel5xen.checkpoint import (
    SUSPEND,
    Record,
    demand_runs,
    receive,
    record_of,
    resume,
    revive,
)
from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.site import MIB, Host, host_at

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.rhel5xen.domain import Domain

CONNECT: Final = 0.2
"""Seconds until another host's xend has answered."""
TIMEOUT: Final = 189.0
"""Seconds until TCP gives a silent host up (Linux, five retries)."""
PAUSE: Final = 0.3
"""Seconds that a guest stands still at the end of a live move."""
ARRIVE: Final = 0.5
"""Seconds from the last page to the first instruction on the target."""
_LIVE_ROUNDS: Final = 1.25
"""What a live move copies, in terms of the domain's memory: some pages change meanwhile."""


@dataclass(slots=True)
class _Move:
    """A move under way."""

    host: Host
    domain: Domain
    name: str
    target: Host
    live: bool
    arriving: Domain | None = None
    record: Record | None = None

    @property
    def failed(self) -> XendError:
        """What xend says when its helper fails, whatever the reason."""
        flags = (1 if self.live else 0) + (4 if self.domain.config.hvm else 0)
        return XendError(f"/usr/lib64/xen/bin/xc_save 22 {self.domain.id} 0 0 {flags} failed")


@message("domain.migrate")
def migrate(host: Host, asked: str, to: str, live: bool = False) -> Operation:
    """Move a domain to the host with a name or address.

    The operation's value is the domain's number on the target.
    """
    domain = host.find(asked)
    if domain.privileged:
        raise XendError(f"Cannot migrate privileged domain {asked}")
    demand_runs(domain)
    target = host_at(host.world, to)
    if target is None:
        raise XendError("can't connect: Name or service not known")
    move = _Move(host, domain, domain.name, target, live)
    return host.world.operations.start("domain.migrate", host.subject(domain), _moving(move))


def _moving(move: _Move) -> Steps:
    yield from _connect(move.target)
    host, domain = move.host, move.domain
    # Much may have happened while the connection was made.
    if not host.holds(domain):
        raise move.failed
    demand_runs(domain)
    _begin(move)
    try:
        yield from _copy(move)
        _demand_target(move)
        yield Stage("arrive", ARRIVE)
        _demand_target(move)
    except BaseException:
        _give_up(move)
        raise
    return _finish(move)


def _connect(target: Host) -> Steps:
    silence = target.server.reachable()
    if silence is Silence.DROPPED:
        yield Stage("connect", TIMEOUT)
        raise XendError("can't connect: Connection timed out")
    yield Stage("connect", CONNECT)
    refuses = target.xend.state != "running" or not target.relocation or not target.up
    if silence is not None or refuses or not target.server.runs_own_system:
        raise XendError("can't connect: Connection refused")


def _begin(move: _Move) -> None:
    host, domain = move.host, move.domain
    if host.site.has("migrating-renames"):
        host.change(domain, name=f"migrating-{move.name}")
    host.change(domain, busy="migrate")
    try:
        move.arriving = receive(move.target, record_of(domain, move.name))
    except XendError:
        _give_up(move)
        raise move.failed from None


def _copy(move: _Move) -> Steps:
    host, domain = move.host, move.domain
    seconds = domain.memory * MIB / host.site.bandwidth
    if move.live:
        yield Stage("copy", seconds * _LIVE_ROUNDS, 0.8)
        yield from _stop(move, PAUSE)
    else:
        yield from _stop(move, SUSPEND)
        yield Stage("copy", seconds, 0.9)


def _stop(move: _Move, seconds: float) -> Steps:
    host, domain = move.host, move.domain
    if not domain.alive:
        # It was paused, or has ended, meanwhile: it cannot come to rest.
        raise move.failed
    insides.rest(host, domain)
    host.change(domain, state=State.SHUTDOWN)
    move.record = record_of(domain, move.name)
    yield Stage("suspend", seconds)


def _demand_target(move: _Move) -> None:
    """Fail when the target, or what it reaches of the guest's disks, has gone."""
    target, arriving = move.target, move.arriving
    gone = arriving is None or not target.holds(arriving) or target.server.reachable() is not None
    if gone or target.xend.state == "stopped" or not _reaches_disks(move):
        raise move.failed


def _reaches_disks(move: _Move) -> bool:
    return all(reaches(move.target, disk, move.host) for disk in move.domain.config.disks)


def reaches(target: Host, disk: str, source: Host) -> bool:
    """Whether a host can open a disk (as in a file) of a guest that ran on another."""
    if target is source:
        return True
    path = disk.partition(",")[0].rpartition(":")[2]
    storages = target.site.storages
    name = next((found for folder, found in storages.items() if path.startswith(folder)), None)
    storage = None if name is None else target.world.hardware.storages.get(name)
    return storage is not None and storage.reached_by(target.server.name)


def _give_up(move: _Move) -> None:
    if move.arriving is not None:
        move.target.remove(move.arriving)
    resume(move.host, move.domain, move.name, stopped=move.record is not None)


def _finish(move: _Move) -> int:
    if move.arriving is None or move.record is None:
        raise move.failed
    move.host.remove(move.domain)
    revive(move.target, move.arriving, move.record, paused=False)
    return move.arriving.id
