"""The reference manager: registrations, and which of them owns a host or guest."""

from collections.abc import Callable, Iterator, Sequence

from hvsim_conformance.adapters.model import (
    Capabilities,
    Credentials,
    Done,
    Feature,
    Guest,
    Host,
    Monitored,
    Monitoring,
    MoveMode,
    Outcome,
    PowerAction,
    Product,
    Reason,
    Refused,
    Role,
    Session,
    Switch,
    Terms,
    Unsupported,
)
from hvsim_conformance.reference.driver import Driver
from hvsim_conformance.reference.hardware.room import ServerRoom
from hvsim_conformance.reference.hyperv.driver import HypervDriver
from hvsim_conformance.reference.rhel5xen.driver import Rhel5XenDriver
from hvsim_conformance.reference.solaris.driver import SolarisDriver
from hvsim_conformance.reference.vmware.driver import VmwareDriver
from hvsim_conformance.reference.xenserver.driver import XenServerDriver

DriverFactory = Callable[[str, Credentials, Session], Driver]


class ReferenceManager:
    """Keeps one driver for each registration; drivers know the products' rules.

    Several hosts of one pool may be registered one by one: a host or guest that more than one
    registration shows is shown once, by the first that knows it.
    """

    drivers: dict[Product, DriverFactory] = {  # noqa: RUF012 - mutants replace it whole
        Product.XENSERVER: XenServerDriver,
        Product.RHEL5XEN: Rhel5XenDriver,
        Product.SOLARIS: SolarisDriver,
        Product.VMWARE: VmwareDriver,
        Product.HYPERV: HypervDriver,
    }

    room_kind: type[ServerRoom] = ServerRoom

    def __init__(self, session: Session) -> None:
        self._session = session
        self._room: ServerRoom | None = None
        self._registered: dict[str, Driver] = {}
        self._count = 0

    def capabilities(self) -> Capabilities:
        """Return the products there are drivers for."""
        return Capabilities(
            name="hvsim reference",
            version="1",
            products=tuple(self.drivers),
            features=tuple(Feature),
        )

    def register(
        self, kind: Product, address: str, credentials: Credentials, role: Role
    ) -> Outcome:
        """Take an endpoint under management."""
        if kind not in self.drivers:
            return Unsupported(f"there is no driver for {kind}")
        if role is Role.HARDWARE:
            self._room = self.room_kind(self, address, credentials)
            return Done(_HARDWARE)
        if role is Role.VM_MANAGER and kind in _WITHOUT_MANAGERS:
            return Unsupported(f"{kind} has no management product to register")
        self._count += 1
        name = f"{kind}-{self._count}"
        driver = self.drivers[kind](address, credentials, self._session)
        if isinstance(driver, Rhel5XenDriver):
            # Only the manager knows that there are other hosts.
            driver.neighbour = self._driver_of
        self._registered[name] = driver
        return Done(name)

    def unregister(self, registration: str) -> Outcome:
        """Let go of an endpoint."""
        if registration == _HARDWARE and self._room is not None:
            self._room = None
            return Done()
        driver = self._registered.pop(registration, None)
        if driver is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"nothing is registered as {registration}")
        driver.close()
        return Done()

    def refresh(self) -> Outcome:
        """Make one inventory pass over every registration, and act on servers that failed."""
        self.look()
        if self._room is not None:
            self._room.watch()
        return Done()

    def look(self) -> None:
        """Make one inventory pass."""
        for driver in self._registered.values():
            driver.refresh()

    def cycle(self, registration: str) -> Outcome:
        """Read one registration anew; what others show stays as it was read last."""
        driver = self._registered.get(registration)
        if driver is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"nothing is registered as {registration}")
        driver.refresh()
        return Done()

    def describe_monitoring(self) -> Sequence[Monitoring]:
        """Return that statuses are followed, by asking for them, and events are not."""
        return tuple(Monitoring(kind, status=True, events=False) for kind in Monitored)

    def list_hosts(self) -> Sequence[Host]:
        """Return every host once."""
        return tuple({host.id: host for _, host in self._each_host()}.values())

    def list_guests(self) -> Sequence[Guest]:
        """Return every guest once."""
        return tuple({guest.id: guest for _, guest in self._by_claim()}.values())

    def power(self, guest: str, action: PowerAction, *, force: bool = False) -> Outcome:
        """Power a guest on, off, or reboot it."""
        driver = self._owner(guest)
        return driver.power(guest, action, force=force) if driver else _gone(guest)

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move a guest to a host."""
        driver = self._owner(guest)
        return driver.migrate(guest, host, mode) if driver else _gone(guest)

    def maintenance(self, host: str, switch: Switch, *, move: bool = False) -> Outcome:
        """Set or release a VM host's maintenance mode, or the manager's own of a server."""
        driver = {known.id: found for found, known in self._each_host()}.get(host)
        if driver is not None:
            return driver.maintenance(host, switch, move=move)
        if self._room is not None:
            return self._room.rest(host, switch)
        return Refused(Reason.HOST_NOT_MANAGED, f"no host {host}")

    def assign_spare(self, primary: str, spare: str) -> Outcome:
        """Name a spare server for a physical server."""
        return self._room.assign_spare(primary, spare) if self._room else _NO_HARDWARE

    def switchover(self, primary: str) -> Outcome:
        """Let the spare take the primary's place."""
        return self._room.switchover(primary) if self._room else _NO_HARDWARE

    def failback(self, primary: str) -> Outcome:
        """Give the primary its place back."""
        return self._room.failback(primary) if self._room else _NO_HARDWARE

    def backup_host(self, host: str) -> Outcome:
        """Take an image of a host's boot disk."""
        return self._room.backup_host(host) if self._room else _NO_HARDWARE

    def restore_host(self, host: str, image: str) -> Outcome:
        """Write an image back to its host."""
        return self._room.restore_host(host, image) if self._room else _NO_HARDWARE

    def address_of(self, host: str) -> str | None:
        """Return the management address of a VM host."""
        owner = {known.id: found for found, known in self._each_host()}.get(host)
        return owner.address_of(host) if owner else None

    def describe_terms(self) -> Sequence[Terms]:
        """Return what each product's features are called."""
        return tuple(self.terms.values())

    terms: dict[Product, Terms] = {  # noqa: RUF012 - mutants replace it whole
        Product.XENSERVER: XenServerDriver.terms,
        Product.RHEL5XEN: Rhel5XenDriver.terms,
        Product.SOLARIS: SolarisDriver.terms,
        Product.VMWARE: VmwareDriver.terms,
        Product.HYPERV: HypervDriver.terms,
    }

    def close(self) -> None:
        """Let go of everything."""
        for driver in self._registered.values():
            driver.close()
        self._registered.clear()
        self._room = None

    def _each_host(self) -> Iterator[tuple[Driver, Host]]:
        for driver in reversed(self._registered.values()):
            yield from ((driver, host) for host in driver.hosts())

    def _each_guest(self) -> Iterator[tuple[Driver, Guest]]:
        for driver in reversed(self._registered.values()):
            yield from ((driver, guest) for guest in driver.guests())

    def _by_claim(self) -> list[tuple[Driver, Guest]]:
        """Return what registrations show, those last whose claim to a guest is best."""
        return sorted(self._each_guest(), key=lambda shown: _claim(*shown))

    def _owner(self, guest: str) -> Driver | None:
        return {known.id: driver for driver, known in self._by_claim()}.get(guest)

    def _driver_of(self, host: str) -> Driver | None:
        return {known.id: driver for driver, known in self._each_host()}.get(host)


_WITHOUT_MANAGERS = (Product.XENSERVER, Product.RHEL5XEN, Product.SOLARIS)
_HARDWARE = "hardware"
_NO_HARDWARE = Refused(Reason.HOST_NOT_MANAGED, "no hardware is registered")


def _claim(driver: Driver, guest: Guest) -> int:
    """Return how good a registration's claim to a guest is; of equal ones the first wins."""
    return driver.claim(guest.id) if isinstance(driver, Rhel5XenDriver) else 0


def _gone(guest: str) -> Refused:
    return Refused(Reason.GUEST_GONE, f"no guest {guest}")
