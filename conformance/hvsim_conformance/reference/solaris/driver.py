"""The rules of managing Solaris zones. Each rule is a method of its own: mutants break one."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from shlex import quote

from hvsim_conformance.adapters.model import (
    Credentials,
    Done,
    Failed,
    Guest,
    Host,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Reason,
    Refused,
    Session,
    Status,
    Switch,
    Terms,
)
from hvsim_conformance.reference.solaris.connection import PATIENT, Answer, Connection, Unreachable

_COLON = re.compile(r"(?<!\\):")
_WITHOUT_SYSTEM = frozenset({"configured", "incomplete"})
_STATUS = {
    "running": Status.NORMAL,
    "installed": Status.STOP,
    "ready": Status.STOP,
    "shutting_down": Status.STOP,
    "down": Status.STOP,
}
_PAUSE = "sleep 1"
"""What passes between two looks at a zone that is on its way down."""


@dataclass(frozen=True, slots=True)
class ZoneFacts:
    """One line of ``zoneadm list -cp``."""

    id: str
    name: str
    state: str
    uuid: str


class SolarisDriver:
    """A registered host with zones."""

    terms = Terms(
        Product.SOLARIS, high_availability=None, maintenance=None, live_move=None, cold_move=None
    )

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        self.connection = Connection(address, credentials)
        self.legacy = session.profile == "solaris-10"
        self.nodename = ""
        self.zones: list[ZoneFacts] = []
        self.lost = True
        """Whether the last refresh got no answer."""

    # -- inventory ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the host; when it does not answer, keep what was known as unknown."""
        try:
            self.nodename = self.connection.run("uname -n").out.strip()
            self.zones = self.read()
            self.lost = False
        except Unreachable:
            self.lost = True

    def hosts(self) -> Sequence[Host]:
        """Return the host, once it has answered."""
        if not self.nodename:
            return ()
        status = Status.UNKNOWN if self.lost else Status.NORMAL
        return (Host(self.nodename, self.nodename, Product.SOLARIS, None, status, False),)

    def guests(self) -> Sequence[Guest]:
        """Return the zones that count as guests."""
        return tuple(
            Guest(
                zone.uuid or zone.name,
                self.display_name(zone),
                self.nodename,
                self.guest_status(zone),
                Product.SOLARIS,
                zone.uuid or zone.name,
            )
            for zone in self.zones
            if self.is_guest(zone)
        )

    def address_of(self, host: str) -> str | None:
        """Return the host's address."""
        return self.connection.host if host == self.nodename else None

    def read(self) -> list[ZoneFacts]:
        """Return the zones as the host lists them, with the global one."""
        text = self.connection.run("zoneadm list -cp").out
        return [_facts(line) for line in text.splitlines() if line]

    def display_name(self, zone: ZoneFacts) -> str:
        """Return a zone's name (NAME-SOL-1)."""
        return zone.name

    def is_guest(self, zone: ZoneFacts) -> bool:
        """Tell whether a zone is shown: one with a system that is not the host's (ZONE-*)."""
        return self.has_system(zone) and not self.is_global(zone)

    def has_system(self, zone: ZoneFacts) -> bool:
        """Tell whether a system is installed in it (ZONE-1, ZONE-2)."""
        return zone.state not in _WITHOUT_SYSTEM

    def is_global(self, zone: ZoneFacts) -> bool:
        """Tell whether it is the host itself (ZONE-8)."""
        return zone.name == "global"

    def guest_status(self, zone: ZoneFacts) -> Status:
        """Return a zone's state; unknown when the host does not answer (STATE-ALL-3)."""
        return Status.UNKNOWN if self.lost else self.state_status(zone)

    def state_status(self, zone: ZoneFacts) -> Status:
        """Return what a zone's state stands for (ZONE-3..6, STATE-SOL-1)."""
        return _STATUS.get(zone.state, Status.UNKNOWN)

    # -- operations --------------------------------------------------------------------------

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Power a zone on, off, or reboot it."""
        return self._attempt(lambda: self._power(guest, action, force=force))

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:  # noqa: ARG002 - none fits
        """Refuse: zones are not moved (MIG-SOL-1, MIG-SOL-2)."""
        return Refused(Reason.UNSUPPORTED_BY_PRODUCT, "zones cannot be moved")

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:  # noqa: ARG002 - see below
        """Refuse: there is no such mode (MAINT-SOL-1)."""
        return Refused(Reason.UNSUPPORTED_BY_PRODUCT, "Solaris hosts have no maintenance mode")

    def command(self, name: str, action: PowerAction, *, force: bool) -> str:
        """Return the command line that carries out a power operation."""
        zone = quote(name)
        if action is PowerAction.ON:
            return f"zoneadm -z {zone} boot"
        again = action is PowerAction.REBOOT
        if force:
            return f"zoneadm -z {zone} {'reboot' if again else 'halt'}"
        if self.legacy:
            return f"zlogin {zone} init {6 if again else 5}"
        return f"zoneadm -z {zone} shutdown{' -r' if again else ''}"

    def close(self) -> None:
        """Log out."""
        self.connection.close()

    def _power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        before = self._find(guest)
        if before is None:
            return Refused(Reason.GUEST_GONE, f"no zone {guest}")
        if action is PowerAction.OFF and before.state in ("installed", "down") and not force:
            return Done() if before.state == "installed" else self._run(before, action, force=True)
        return self._run(before, action, force=force)

    def _run(self, before: ZoneFacts, action: PowerAction, *, force: bool) -> Outcome:
        answer = self.connection.run(self.command(before.name, action, force=force), PATIENT)
        if answer.status != 0:
            return _told(answer)
        if self.legacy and not force and action is not PowerAction.ON:
            return self._await(before, action)
        return Done()

    def _await(self, before: ZoneFacts, action: PowerAction) -> Outcome:
        """Wait for the end of what somebody inside a zone was asked to do."""
        until = time.monotonic() + PATIENT
        while time.monotonic() < until:
            now = self._find(before.uuid)
            if now is None:
                return Failed(Reason.GUEST_GONE, f"no zone {before.name}")
            if _arrived(before, now, action):
                return Done()
            # The host's own clock: in a lab it is simulated, and may skip.
            self.connection.run(_PAUSE, PATIENT)
        return Failed(Reason.NATIVE_ERROR, f"zone {before.name} is still there")

    def _find(self, guest: str) -> ZoneFacts | None:
        found = (zone for zone in self.read() if guest in (zone.uuid, zone.name))
        return next((zone for zone in found if self.is_guest(zone)), None)

    def _attempt(self, action: Callable[[], Outcome]) -> Outcome:
        try:
            return action()
        except Unreachable as problem:
            return Failed(Reason.ENDPOINT_UNREACHABLE, str(problem))


def _facts(line: str) -> ZoneFacts:
    """Return what a line says; releases differ in what follows the UUID."""
    fields = [part.replace("\\:", ":") for part in _COLON.split(line)]
    number, name, state, _, uuid, *_ = fields
    return ZoneFacts(number, name, state, uuid)


def _arrived(before: ZoneFacts, now: ZoneFacts, action: PowerAction) -> bool:
    if action is PowerAction.OFF:
        return now.state == "installed"
    return now.state == "running" and now.id != before.id


def _told(answer: Answer) -> Failed:
    """Return the host's refusal in the neutral vocabulary."""
    gone = "No such zone configured" in answer.err
    return Failed(Reason.GUEST_GONE if gone else Reason.NATIVE_ERROR, answer.err.strip())
