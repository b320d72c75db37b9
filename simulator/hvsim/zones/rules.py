"""Which command a zone in which state takes, and what it is told otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.zones.errors import ZoneError
from hvsim.zones.zone import GLOBAL, State

if TYPE_CHECKING:
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone

NEEDS_RUNNING: Final = frozenset({"reboot", "shutdown"})
"""Commands that only a zone in the kernel takes."""
UNSAFE_WHEN_ACTIVE: Final = frozenset(
    {"install", "uninstall", "clone", "attach", "detach", "move", "mark"}
)
"""Commands that no zone in the kernel takes."""
_NEEDS_INSTALLED: Final = frozenset({"boot", "ready", "detach", "move"})
_MAKES_INSTALLED: Final = frozenset({"install", "clone", "attach"})
_UNINSTALLED: Final = frozenset({State.CONFIGURED, State.INCOMPLETE, State.UNAVAILABLE})


def demand(host: ZoneHost, name: str, command: str, *, force: bool = False) -> Zone:
    """Return a zone that may take a command.

    Args:
        force: what ``attach -F`` asks for.

    Raises:
        ZoneError: with the rule that the command breaks.
    """
    if name == GLOBAL:
        raise ZoneError("global-zone", command)
    if name.startswith("SUNW"):
        raise ZoneError("reserved-name", command)
    if command in NEEDS_RUNNING:
        return _running(host, name)
    zone = host.zone(name)
    if zone.active and command in UNSAFE_WHEN_ACTIVE:
        raise ZoneError("invalid-for-state", command, zone.state)
    _judge(zone, command, force=force)
    return zone


def demand_free(zone: Zone) -> None:
    """Refuse a changing command while another one has the zone's lock."""
    if zone.busy is not None and not zone.busy.done:
        raise ZoneError("busy")


def _running(host: ZoneHost, name: str) -> Zone:
    zone = host.zone(name)
    if not zone.active:
        raise ZoneError("not-running")
    return zone


def _judge(zone: Zone, command: str, *, force: bool) -> None:
    state = zone.state
    if command == "uninstall" and state is State.CONFIGURED:
        raise ZoneError("already-in-state", state)
    if command in _MAKES_INSTALLED:
        _judge_making(zone, command, force=force)
    if command in _NEEDS_INSTALLED and state in _UNINSTALLED:
        raise ZoneError("must-be-first", State.INSTALLED, command)
    if command == "verify" and state is State.INCOMPLETE:
        raise ZoneError("needs-other", State.INCOMPLETE, "uninstall")


def _judge_making(zone: Zone, command: str, *, force: bool) -> None:
    if zone.state is State.INSTALLED:
        raise ZoneError("already", State.INSTALLED)
    recoverable = command == "attach" and (force or zone.state is State.UNAVAILABLE)
    if zone.state in (State.INCOMPLETE, State.UNAVAILABLE) and not recoverable:
        raise ZoneError("needs-other", zone.state, "uninstall")
