"""Saving a domain to a file of its host, and bringing it back."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import msgspec

from hvsim.files import FileError
from hvsim.operations import Stage
from hvsim.rhel5xen import insides
from hvsim.rhel5xen.calls import message
from hvsim.rhel5xen.configuration import Configuration
from hvsim.rhel5xen.domain import State
from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.lifecycle import demand_name
from hvsim.rhel5xen.memory import make_room
from hvsim.rhel5xen.site import MIB

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.rhel5xen.domain import Domain
    from hvsim.rhel5xen.site import Host

SIGNATURE: Final = b"LinuxGuestRecord"
"""How a saved domain's file begins; a length (4 bytes) and what the domain was follow."""
SUSPEND: Final = 1.0
"""Seconds in which a guest's system goes to rest to be copied."""


class Record(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a file keeps of a domain; of its memory it keeps whether the system was up."""

    config: Configuration
    memory: int
    maxmem: int
    vcpus: int
    booted: bool
    hung: bool = False
    asked: str | None = None
    restarts: int = 0


def record_of(domain: Domain, name: str) -> Record:
    """Return what is kept of a domain whose own name is ``name``."""
    return Record(
        config=domain.config.renamed(name),
        memory=domain.memory,
        maxmem=domain.maxmem,
        vcpus=domain.vcpus,
        booted=domain.booted,
        hung=domain.hung,
        asked=domain.asked,
        restarts=domain.restarts,
    )


def receive(host: Host, record: Record) -> Domain:
    """Make a domain for what arrives, its memory still to be filled; raises XendError."""
    demand_name(host, record.config)
    make_room(host, record.memory)
    domain = host.add(record.config, State.PAUSED, record.memory)
    host.change(domain, busy="restore", maxmem=record.maxmem, vcpus=record.vcpus)
    return domain


def revive(host: Host, domain: Domain, record: Record, *, paused: bool) -> None:
    """Let a domain go on where it was stopped."""
    state = State.PAUSED if paused else State.BLOCKED if record.booted else State.RUNNING
    host.change(
        domain,
        busy=None,
        state=state,
        booted=record.booted,
        hung=record.hung,
        asked=record.asked,
        restarts=record.restarts,
    )
    insides.begin(host, domain)


def _demand_alive(domain: Domain) -> None:
    if not domain.alive:
        raise XendError("Domain is not running")


def demand_runs(domain: Domain) -> None:
    """Refuse a domain whose system cannot be asked to go to rest."""
    if not domain.alive or domain.busy is not None:
        raise XendError("Domain is not running")


@message("domain.save")
def save(host: Host, asked: str, path: str) -> Operation:
    """Write a domain to a file (absolute path) and end it."""
    domain = host.find(asked)
    if domain.privileged:
        raise XendError(f"Cannot save privileged domain {asked}")
    demand_runs(domain)
    try:
        host.system.files.write(path, b"", mode=0o600)
    except FileError as error:
        raise XendError(f"can't write guest state file {path}: {error.reason}") from None
    steps = _saving(host, domain, path)
    return host.world.operations.start("domain.save", host.subject(domain), steps)


def _saving(host: Host, domain: Domain, path: str) -> Steps:
    name, stopped = domain.name, False
    insides.rest(host, domain)
    if host.site.has("migrating-renames"):
        host.change(domain, name=f"migrating-{name}")
    host.change(domain, busy="save")
    try:
        yield Stage("suspend", SUSPEND)
        _demand_alive(domain)
        stopped = True
        host.change(domain, state=State.SHUTDOWN)
        yield Stage("copy", domain.memory * MIB / host.site.bandwidth, 0.9)
        host.system.files.write(path, _packed(record_of(domain, name)), mode=0o600)
    except FileError as error:
        resume(host, domain, name, stopped=stopped)
        raise XendError(f"can't write guest state file {path}: {error.reason}") from None
    except BaseException:
        resume(host, domain, name, stopped=stopped)
        raise
    host.remove(domain)


def resume(host: Host, domain: Domain, name: str, *, stopped: bool) -> None:
    """Let a domain go on that was not copied after all; ``stopped`` if it stood still for it."""
    if host.holds(domain):
        running = State.BLOCKED if domain.booted else State.RUNNING
        state = running if stopped and domain.state is State.SHUTDOWN else domain.state
        host.change(domain, name=name, busy=None, state=state)
        insides.settle(host, domain)


def _packed(record: Record) -> bytes:
    body = msgspec.json.encode(record)
    return SIGNATURE + struct.pack("!i", len(body)) + body


def unpack(content: bytes) -> Record:
    """Return what a saved domain's file holds; raises :class:`XendError`."""
    head = len(SIGNATURE)
    if content[:head] != SIGNATURE:
        shown = content[:head].decode("ascii", "replace")
        raise XendError(f"not a valid guest state file: found '{shown}'")
    try:
        (length,) = struct.unpack("!i", content[head : head + 4])
        return msgspec.json.decode(content[head + 4 : head + 4 + length], type=Record)
    except (struct.error, msgspec.MsgspecError):
        raise XendError("not a valid guest state file: config parse") from None


@message("domain.restore")
def restore(host: Host, path: str, paused: bool = False) -> Operation:
    """Bring a domain back from a file (absolute path)."""
    try:
        content = host.system.files.read(path)
    except FileError as error:
        raise XendError(f"can't read guest state file {path}: {error.reason}") from None
    record = unpack(content)
    domain = receive(host, record)
    steps = _restoring(host, domain, record, paused=paused)
    return host.world.operations.start("domain.restore", host.subject(domain), steps)


def _restoring(host: Host, domain: Domain, record: Record, *, paused: bool) -> Steps:
    try:
        yield Stage("copy", record.memory * MIB / host.site.bandwidth, 0.9)
    except BaseException:
        host.remove(domain)
        raise
    revive(host, domain, record, paused=paused)
    return domain.id
