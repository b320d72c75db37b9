"""The rules of managing a RHEL5-Xen host. Each rule is a method of its own: mutants break one."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

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
from hvsim_conformance.reference.rhel5xen.inventory import (
    NOTHING,
    OFF,
    PAUSED,
    GuestFacts,
    ToolError,
    demand,
    take,
)
from hvsim_conformance.reference.ssh import SecureShell, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hvsim_conformance.reference.driver import Driver

_STATES = {
    "running": Status.NORMAL,
    "idle": Status.NORMAL,
    OFF: Status.STOP,
    "crashed": Status.ERROR,
}
"""Whatever is not in it is unknown: a guest that is paused, or on its way."""
_LINES = {
    (PowerAction.ON, False): "virsh start {0}",
    (PowerAction.ON, True): "virsh start {0}",
    (PowerAction.OFF, False): "xm shutdown -w {0}",
    (PowerAction.OFF, True): "virsh destroy {0}",
    (PowerAction.REBOOT, False): "xm reboot -w {0}",
    (PowerAction.REBOOT, True): "virsh destroy {0} && virsh start {0}",
}


class Rhel5XenDriver:
    """One registered host, over SSH; it knows nothing of other hosts by itself."""

    terms = Terms(
        Product.RHEL5XEN,
        high_availability=None,
        maintenance=None,
        live_move="live",
        cold_move="cold",
    )

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:  # noqa: ARG002 - one release, one set of rules
        self.shell = SecureShell(address, credentials)
        self.inventory = NOTHING
        self.lost = False
        """Whether the last refresh found nobody to answer."""
        self.names: dict[str, str] = {}
        """Display names by guest, kept as they were first seen."""
        self.neighbour: Callable[[str], Driver | None] = lambda _: None
        """Finds the driver of another host; the manager sets it."""
        self.acted: set[str] = set()
        """Guests that it has changed itself since the last refresh."""

    # -- inventory ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the host; when it does not answer, keep what was known as unknown."""
        try:
            self.inventory = take(self.shell)
            self.lost = False
            self.acted.clear()
        except (UnreachableError, ToolError):
            self.lost = True
        for guest in self.inventory.guests.values():
            self.note_name(guest)

    def hosts(self) -> Sequence[Host]:
        """Return the host."""
        name = self.inventory.name
        if not name:
            return ()
        status = Status.UNKNOWN if self.lost else Status.NORMAL
        return (Host(name, name, Product.RHEL5XEN, None, status, in_maintenance=False),)

    def guests(self) -> Sequence[Guest]:
        """Return the guests that the host runs, or has a file of."""
        return tuple(
            Guest(
                guest.uuid,
                self.names.get(guest.uuid, guest.own_name),
                self.inventory.name,
                self.guest_status(guest),
                Product.RHEL5XEN,
                guest.uuid,
            )
            for guest in self.inventory.guests.values()
        )

    def claim(self, guest: str) -> int:
        """Return how good the host's claim to a guest is: runs it, holds it, has its file.

        After a move the file of a guest still lies where it was, and in the middle of one the
        target already has a domain that stands still (MIG-ALL-1, MIG-RH5-1).
        """
        facts = self.inventory.guests.get(guest)
        if facts is None or not facts.active:
            return 0
        return 2 if facts.state not in (PAUSED, "in shutdown") else 1

    def address_of(self, host: str) -> str | None:
        """Return the management address of the host, None for another."""
        return self.shell.host if host == self.inventory.name else None

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the name a guest is first seen with (NAME-XEN-1..5)."""
        self.names.setdefault(guest.uuid, guest.own_name)

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return a guest's state: never warning, never fatal (STATE-XEN-1)."""
        if self.lost:
            return Status.UNKNOWN
        return self.power_status(guest)

    def power_status(self, guest: GuestFacts) -> Status:
        """Return the state that virsh's word stands for."""
        return _STATES.get(guest.state, Status.UNKNOWN)

    # -- operations --------------------------------------------------------------------------

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Power a guest on, off, or reboot it."""
        return self._attempt(lambda: self._power(guest, action, force=force))

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move a guest to another registered host."""
        return self._attempt(lambda: self._migrate(guest, host, mode))

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:  # noqa: ARG002 - refused whatever is asked
        """Refuse: the product has no maintenance mode (MAINT-RH5-1)."""
        return Refused(Reason.UNSUPPORTED_BY_PRODUCT, "RHEL5-Xen has no maintenance mode")

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:  # noqa: ARG002 - refused whatever is asked
        """Refuse whatever is asked of a guest that its host's console suspended (POWER-RH5-*)."""
        if guest.state == PAUSED:
            detail = "the guest is suspended: resume it on its host's console"
            return Refused(Reason.GUEST_SUSPENDED, detail)
        return None

    def check_move(self, guest: GuestFacts, mode: MoveMode) -> Refused | None:
        """Refuse a move whose mode does not fit the guest's power (MIG-TERM-3)."""
        if guest.active is not (mode is MoveMode.LIVE):
            return Refused(Reason.MODE_MISMATCH, f"the guest is {guest.state}")
        return self.check_power(guest, PowerAction.ON, force=False)

    def check_place(self, seen: GuestFacts, now: GuestFacts) -> Failed | None:
        """Give up when a guest that ran here does not any more: another tool acted (EXT-1)."""
        if seen.active and not now.active:
            return Failed(Reason.GUEST_MOVED, "another tool moved or stopped the guest")
        return None

    def line(self, action: PowerAction, *, force: bool) -> str:
        """Return the command line of a power operation."""
        return _LINES[action, force]

    def _power(self, uuid: str, action: PowerAction, *, force: bool) -> Outcome:
        guest = self.look(uuid)
        if guest is None:
            return Failed(Reason.GUEST_GONE, "the host has no such guest")
        refused = self.check_power(guest, action, force=force) or self._placed(guest)
        if refused is not None:
            return refused
        demand(self.shell.run(self.line(action, force=force).format(shlex.quote(guest.name))))
        self.acted.add(uuid)
        return Done()

    def _migrate(self, uuid: str, host: str, mode: MoveMode) -> Outcome:
        guest, target = self.look(uuid), self.neighbour(host)
        if guest is None:
            return Failed(Reason.GUEST_GONE, "the host has no such guest")
        if not isinstance(target, Rhel5XenDriver):
            return Refused(Reason.HOST_NOT_MANAGED, f"no host {host}")
        refused = self.check_move(guest, mode) or self._placed(guest)
        if refused is not None:
            return refused
        if mode is MoveMode.LIVE:
            self.move_live(guest, target.shell.host)
        else:
            self.move_cold(guest, target)
        return Done()

    def move_live(self, guest: GuestFacts, address: str) -> None:
        """Move a guest that runs."""
        demand(self.shell.run(f"xm migrate --live {shlex.quote(guest.name)} {address}"))

    def move_cold(self, guest: GuestFacts, target: Rhel5XenDriver) -> None:
        """Move a guest that is off: its definition goes, its disks lie on shared storage."""
        name = shlex.quote(guest.name)
        described = demand(self.shell.run(f"virsh dumpxml {name}")).out
        place = f"/tmp/{guest.uuid}.xml"  # noqa: S108 - on the simulated host
        line = f"cat > {place} && virsh define {place} && rm {place}"
        demand(target.shell.run(line, described))
        demand(self.shell.run(f"virsh undefine {name}"))

    def look(self, uuid: str) -> GuestFacts | None:
        """Return a guest's present facts."""
        return take(self.shell).guests.get(uuid)

    def close(self) -> None:
        """Disconnect."""
        self.shell.close()

    def _placed(self, now: GuestFacts) -> Failed | None:
        seen = self.inventory.guests.get(now.uuid)
        if seen is None or now.uuid in self.acted:
            return None
        return self.check_place(seen, now)

    def _attempt(self, action: Callable[[], Outcome]) -> Outcome:
        try:
            return action()
        except ToolError as error:
            return Failed(Reason.NATIVE_ERROR, str(error))
        except UnreachableError as problem:
            return Failed(Reason.ENDPOINT_UNREACHABLE, str(problem))
