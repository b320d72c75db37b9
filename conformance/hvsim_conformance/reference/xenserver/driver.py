"""The rules of managing a XenServer pool. Each rule is a method of its own: mutants break one."""

from collections.abc import Callable, Sequence

import XenAPI

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
from hvsim_conformance.reference.xenserver.connection import Connection, Unreachable
from hvsim_conformance.reference.xenserver.inventory import (
    MAINTENANCE_KEY,
    NOTHING,
    GuestFacts,
    HostFacts,
    Inventory,
    take,
)

REASONS = {
    "VM_IS_PROTECTED": Reason.GUEST_HA_PROTECTED,
    "HOST_DISABLED": Reason.HOST_IN_MAINTENANCE,
    "HANDLE_INVALID": Reason.GUEST_GONE,
    "UUID_INVALID": Reason.GUEST_GONE,
    "HOST_OFFLINE": Reason.ENDPOINT_UNREACHABLE,
    "CANNOT_CONTACT_HOST": Reason.ENDPOINT_UNREACHABLE,
}
"""XenAPI errors that have a word of their own in the neutral vocabulary."""

_POWER = {
    (PowerAction.ON, False): "VM.start",
    (PowerAction.ON, True): "VM.start",
    (PowerAction.OFF, False): "VM.clean_shutdown",
    (PowerAction.OFF, True): "VM.hard_shutdown",
    (PowerAction.REBOOT, False): "VM.clean_reboot",
    (PowerAction.REBOOT, True): "VM.hard_reboot",
}


class XenServerDriver:
    """A registered host of a XenServer pool, and through it the whole pool."""

    terms = Terms(
        Product.XENSERVER,
        high_availability="HA",
        maintenance="maintenance mode",
        live_move="live",
        cold_move="cold",
    )

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        self.connection = Connection(address, credentials)
        self.legacy = session.profile == "xenserver-5.5"
        self.inventory = NOTHING
        self.lost = False
        """Whether the last refresh found nobody to answer for the pool."""
        self.names: dict[str, str] = {}
        """Display names by guest, kept as they were first seen."""

    # -- inventory ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the pool; when its master cannot be found, keep what was known as unknown."""
        try:
            self.inventory = self._take()
            self.lost = False
        except (Unreachable, XenAPI.Failure):
            self.connection.drop()
            self.lost = True
        for guest in self.inventory.guests.values():
            self.note_name(guest)

    def hosts(self) -> Sequence[Host]:
        """Return the pool's hosts."""
        pool = self.inventory.pool
        return tuple(
            Host(
                host.uuid,
                host.name,
                Product.XENSERVER,
                pool,
                self.host_status(host),
                host.in_maintenance,
            )
            for host in self.inventory.hosts.values()
        )

    def guests(self) -> Sequence[Guest]:
        """Return the guests that belong to a host; one without any is not shown."""
        found = ((guest, self.home_of(guest)) for guest in self.inventory.guests.values())
        return tuple(
            Guest(
                guest.uuid,
                self.names.get(guest.uuid, guest.name),
                home,
                self.guest_status(guest),
                Product.XENSERVER,
                guest.uuid,
            )
            for guest, home in found
            if home is not None
        )

    def address_of(self, host: str) -> str | None:
        """Return the management address of a host, None for one that is not known."""
        found = self.inventory.hosts.get(host)
        return None if found is None else found.address

    def note_name(self, guest: GuestFacts) -> None:
        """Keep the name a guest is first seen with (NAME-XEN-1..5)."""
        self.names.setdefault(guest.uuid, guest.name)

    def home_of(self, guest: GuestFacts) -> str | None:
        """Return the host that shows a guest: where it runs, else its home server (HOME-XS-*).

        A host that is alone in its pool shows all guests.
        """
        if guest.resident_on or guest.affinity:
            return guest.resident_on or guest.affinity
        hosts = list(self.inventory.hosts)
        return hosts[0] if len(hosts) == 1 else None

    def host_status(self, host: HostFacts) -> Status:
        """Return a host's state."""
        return Status.UNKNOWN if self.lost or not host.live else Status.NORMAL

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return a guest's state: only normal, stop and unknown ever occur (STATE-XEN-1)."""
        if self.lost or not self._on_live_host(guest):
            return Status.UNKNOWN
        return self.power_status(guest)

    def power_status(self, guest: GuestFacts) -> Status:
        """Return the state a power state stands for; a guest on its way is no stopped guest."""
        if guest.power_state == "Running":
            return Status.NORMAL
        if guest.power_state == "Paused" or guest.moving:
            return Status.UNKNOWN
        return Status.STOP

    # -- operations --------------------------------------------------------------------------

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Power a guest on, off, or reboot it."""
        return self._attempt(lambda: self._power(guest, action, force=force))

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move a guest to another host of the pool."""
        return self._attempt(lambda: self._migrate(guest, host, mode))

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """Set or release a host's maintenance mode."""
        return self._attempt(lambda: self._maintenance(host, switch, move=move))

    def check_power(self, guest: GuestFacts, action: PowerAction, *, force: bool) -> Refused | None:
        """Refuse what a suspended guest cannot do (POWER-XS-11); it can be forced off."""
        forced_off = force and action is PowerAction.OFF
        if guest.power_state == "Suspended" and not forced_off:
            return Refused(Reason.GUEST_SUSPENDED, "the guest is suspended")
        return None

    def check_move(self, guest: GuestFacts, mode: MoveMode) -> Refused | None:
        """Refuse a move whose mode does not fit the guest's power (MIG-TERM-3)."""
        powered = guest.power_state in {"Running", "Paused"}
        if powered is not (mode is MoveMode.LIVE):
            detail = f"the guest is {guest.power_state}"
            return Refused(Reason.MODE_MISMATCH, detail)
        return None

    def check_place(self, seen: GuestFacts, now: GuestFacts) -> Failed | None:
        """Give up when another tool has moved the guest since the last refresh (EXT-1)."""
        if seen.resident_on != now.resident_on:
            return Failed(Reason.GUEST_MOVED, "another tool moved the guest")
        return None

    def check_maintenance(self, host: HostFacts) -> Refused | None:
        """Refuse maintenance mode of a pool's master, unless it is alone (MAINT-XS-2, -6)."""
        if host.master and len(self.inventory.hosts) > 1:
            return Refused(Reason.HOST_IS_POOL_MASTER, "make another host the master first")
        return None

    def _power(self, uuid: str, action: PowerAction, *, force: bool) -> Outcome:
        ref, guest = self._look(uuid)
        refused = self.check_power(guest, action, force=force) or self._placed(guest)
        if refused is not None:
            return refused
        arguments = (False, False) if action is PowerAction.ON else ()
        self.connection.write(self.power_call(action, force=force), ref, *arguments)
        return Done()

    def power_call(self, action: PowerAction, *, force: bool) -> str:
        """Return the message that carries out a power operation."""
        return _POWER[action, force]

    def _migrate(self, uuid: str, host: str, mode: MoveMode) -> Outcome:
        ref, guest = self._look(uuid)
        refused = self.check_move(guest, mode) or self._placed(guest)
        if refused is not None:
            return refused
        target = self.connection.read("host.get_by_uuid", host)
        if mode is MoveMode.COLD:
            self.move_cold(ref, target)
        else:
            self.connection.write("VM.pool_migrate", ref, target, {"live": "true"})
        return Done()

    def move_cold(self, guest: str, target: str) -> None:
        """Move a guest that is off: its home server changes, no data moves (MIG-XS-5)."""
        if self.legacy:
            self.connection.write("VM.pool_migrate", guest, target, {})
        else:
            self.connection.write("VM.set_affinity", guest, target)

    def _maintenance(self, uuid: str, switch: Switch, *, move: bool) -> Outcome:
        self.inventory = self._take()
        host = self.inventory.hosts.get(uuid)
        if host is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"no host {uuid}")
        ref = self.connection.read("host.get_by_uuid", uuid)
        if switch is Switch.OFF:
            return self._release(ref)
        return self.check_maintenance(host) or self._set(ref, move=move)

    def _set(self, ref: str, *, move: bool) -> Outcome:
        self.connection.write("host.disable", ref)
        try:
            if move:
                self.connection.write("host.evacuate", ref)
            self.connection.write("host.remove_from_other_config", ref, MAINTENANCE_KEY)
            self.connection.write("host.add_to_other_config", ref, MAINTENANCE_KEY, "true")
        except XenAPI.Failure:
            self.connection.write("host.enable", ref)
            raise
        return Done()

    def _release(self, ref: str) -> Outcome:
        self.connection.write("host.enable", ref)
        self.connection.write("host.remove_from_other_config", ref, MAINTENANCE_KEY)
        return Done()

    # -- the pool itself ---------------------------------------------------------------------

    def close(self) -> None:
        """Log out."""
        self.connection.close()

    def _take(self) -> Inventory:
        """Read the pool, once more when its master has changed meanwhile."""
        try:
            return take(self.connection)
        except Unreachable:
            return take(self.connection)

    def _look(self, uuid: str) -> tuple[str, GuestFacts]:
        """Return a guest's reference and its present facts."""
        ref = self.connection.read("VM.get_by_uuid", uuid)
        fresh = self._take()
        return ref, fresh.guests[uuid]

    def _placed(self, now: GuestFacts) -> Failed | None:
        seen = self.inventory.guests.get(now.uuid)
        return None if seen is None else self.check_place(seen, now)

    def _on_live_host(self, guest: GuestFacts) -> bool:
        host = self.inventory.hosts.get(guest.resident_on or "")
        return host is None or host.live

    def _attempt(self, action: Callable[[], Outcome]) -> Outcome:
        try:
            return action()
        except XenAPI.Failure as failure:
            return self.told(failure)
        except Unreachable as problem:
            return Failed(Reason.POOL_MASTER_LOST, str(problem))

    def told(self, failure: XenAPI.Failure) -> Outcome:
        """Return XenServer's refusal in the neutral vocabulary."""
        code = failure.details[0]
        return Failed(REASONS.get(code, Reason.NATIVE_ERROR), ", ".join(failure.details))
