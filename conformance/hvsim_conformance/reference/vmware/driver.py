"""The rules of managing a vCenter. Each rule is a method of its own: mutants break one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

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
from hvsim_conformance.reference.vmware.connection import (
    Connection,
    RefusedError,
    UnreachableError,
    moid_of,
    vim,
)

_GUEST_PATHS = [
    "name",
    "config.instanceUuid",
    "config.template",
    "guest.hostName",
    "guest.toolsStatus",
    "overallStatus",
    "runtime.connectionState",
    "runtime.host",
    "runtime.powerState",
]
_HOST_PATHS = [
    "name",
    "parent",
    "config.network.vnic",
    "overallStatus",
    "runtime.connectionState",
    "runtime.inMaintenanceMode",
]
_PATIENCE = 600
"""Seconds until a host must have entered maintenance mode."""


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """What vCenter says of a virtual machine."""

    moid: str
    uuid: str
    name: str
    hostname: str
    tools: str
    host: str
    power: str
    connection: str
    health: str


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What vCenter says of a host; ``cluster`` identifies what it belongs to."""

    moid: str
    name: str
    cluster: str
    connection: str
    maintenance: bool
    health: str
    address: str


class VmwareDriver:
    """One registered vCenter, or a host that answers for itself."""

    terms = Terms(
        Product.VMWARE,
        high_availability="VMware HA",
        maintenance="maintenance mode",
        live_move="VMotion (live)",
        cold_move="cold migration",
    )

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        self.connection = Connection(address, credentials)
        self.session = session
        self.machines: dict[str, GuestFacts] = {}
        self.servers: dict[str, HostFacts] = {}
        self.lost = False
        """Whether the last refresh found nobody to answer."""
        self.managed = True
        """Whether it is a vCenter that answers, and no host."""

    # -- inventory ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the vCenter; when it does not answer, keep what was known as unknown."""
        try:
            with self.connection.speaking() as content:
                self.managed = content.about.apiType == "VirtualCenter"
            self.servers = self.read_hosts()
            self.machines = self.read_guests()
            self.lost = False
        except (UnreachableError, RefusedError):
            self.lost = True

    def read_hosts(self) -> dict[str, HostFacts]:
        """Return the hosts as they are now."""
        found = self.connection.read(vim.HostSystem, _HOST_PATHS)
        return {self.known_as(moid): _host(moid, values) for moid, values in found.items()}

    def read_guests(self) -> dict[str, GuestFacts]:
        """Return the machines as they are now, without templates."""
        found = self.connection.read(vim.VirtualMachine, _GUEST_PATHS)
        facts = [_guest(m, v) for m, v in found.items() if not v.get("config.template")]
        return {fact.uuid: replace(fact, host=self.known_as(fact.host)) for fact in facts}

    def known_as(self, moid: str) -> str:
        """Return the id of a host: all that answer for themselves call themselves alike."""
        return moid if self.managed else f"{moid}@{urlsplit(self.connection.address).hostname}"

    def hosts(self) -> Sequence[Host]:
        """Return the hosts as of the last refresh."""
        return tuple(
            Host(
                known,
                host.name,
                Product.VMWARE,
                host.cluster if self.managed else None,
                self.host_status(host),
                host.maintenance,
            )
            for known, host in self.servers.items()
        )

    def guests(self) -> Sequence[Guest]:
        """Return the guests as of the last refresh."""
        return tuple(
            Guest(
                guest.uuid,
                self.display_name(guest),
                guest.host,
                self.guest_status(guest),
                Product.VMWARE,
                guest.uuid,
            )
            for guest in self.machines.values()
        )

    def display_name(self, guest: GuestFacts) -> str:
        """Return the name a guest is listed under (NAME-VMW-1..3, -6)."""
        return guest.hostname or guest.name

    def host_status(self, host: HostFacts) -> Status:
        """Return a host's state."""
        if self.lost or host.connection != "connected":
            return Status.UNKNOWN
        return Status.ERROR if host.health == "red" else Status.NORMAL

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return a guest's state (STATE-ALL-*)."""
        if self.lost or guest.connection != "connected":
            return Status.UNKNOWN
        return self.power_status(guest)

    def power_status(self, guest: GuestFacts) -> Status:
        """Return the state that vCenter's words stand for; a host alone grades nobody's health."""
        if guest.power == "poweredOff":
            return Status.STOP
        if guest.power != "poweredOn":
            return Status.UNKNOWN
        return self.grade(guest) if self.managed else Status.NORMAL

    def grade(self, guest: GuestFacts) -> Status:
        """Return how well a guest that runs is (STATE-VMW-1)."""
        return {"red": Status.ERROR, "yellow": Status.WARNING}.get(guest.health, Status.NORMAL)

    def address_of(self, host: str) -> str | None:
        """Return the management address of a host: that of its first adapter."""
        known = self.servers.get(host)
        return known.address if known else None

    # -- operations --------------------------------------------------------------------------

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Power a guest on, off, or reboot it."""
        return self._attempt(lambda: self._power(guest, action, force=force))

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move a guest to a host of its cluster; only a vCenter does (MIG-VMW-1)."""
        refused = self.check_manager()
        return refused or self._attempt(lambda: self._migrate(guest, host, mode))

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """Set or release a host's maintenance mode (MAINT-VMW-1); there is no move with it."""
        if move:
            return Refused(Reason.UNSUPPORTED_BY_PRODUCT, "there is no maintenance with move")
        return self._attempt(lambda: self._maintain(host, switch))

    def check_manager(self) -> Refused | None:
        """Refuse what needs a vCenter where only a host is registered."""
        if self.managed:
            return None
        return Refused(Reason.NO_VM_MANAGER, "no vCenter is registered")

    def check_move(
        self, guest: GuestFacts, source: HostFacts, target: HostFacts, mode: MoveMode
    ) -> Refused | None:
        """Refuse a move between clusters, to a resting host, or in the wrong mode."""
        return (
            self.check_mode(guest, mode)
            or self.check_cluster(source, target)
            or self.check_target(target)
        )

    def check_mode(self, guest: GuestFacts, mode: MoveMode) -> Refused | None:
        """Refuse a mode that does not fit the guest's power (MIG-TERM-3)."""
        if (guest.power == "poweredOn") is not (mode is MoveMode.LIVE):
            return Refused(Reason.MODE_MISMATCH, f"the guest is {guest.power}")
        return None

    def check_cluster(self, source: HostFacts, target: HostFacts) -> Refused | None:
        """Refuse a move between clusters (MIG-VMW-3)."""
        if source.cluster != target.cluster:
            return Refused(Reason.NOT_SAME_CLUSTER, "the hosts are in different clusters")
        return None

    def check_target(self, target: HostFacts) -> Refused | None:
        """Refuse a host in maintenance mode."""
        if target.maintenance:
            return Refused(Reason.HOST_IN_MAINTENANCE, f"{target.name} is in maintenance mode")
        return None

    def act(self, machine: Any, action: PowerAction, *, force: bool) -> None:
        """Carry out a power operation, to its end."""
        with self.connection.speaking():
            if action is PowerAction.ON:
                task = machine.PowerOnVM_Task()
            elif action is PowerAction.OFF:
                task = machine.PowerOffVM_Task() if force else machine.ShutdownGuest()
            else:
                task = machine.ResetVM_Task() if force else machine.RebootGuest()
        if task is not None:
            self.connection.finish(task)
        elif action is PowerAction.OFF:
            self.connection.wait(machine, "runtime.powerState", "poweredOff")

    def move(self, machine: Any, target: Any, mode: MoveMode) -> None:  # noqa: ARG002 - vCenter knows
        """Move a machine, to the end of the move."""
        with self.connection.speaking():
            task = machine.RelocateVM_Task(vim.vm.RelocateSpec(host=target))
        self.connection.finish(task)

    def enter(self, host: Any) -> None:
        """Bring a host into maintenance mode."""
        with self.connection.speaking():
            task = host.EnterMaintenanceMode_Task(timeout=_PATIENCE)
        self.connection.finish(task)

    def leave(self, host: Any) -> None:
        """Release a host's maintenance mode."""
        with self.connection.speaking():
            task = host.ExitMaintenanceMode_Task(timeout=0)
        self.connection.finish(task)

    def close(self) -> None:
        """Log out."""
        self.connection.close()

    def _power(self, uuid: str, action: PowerAction, *, force: bool) -> Outcome:
        guest = self.read_guests().get(uuid)
        if guest is None:
            return Failed(Reason.GUEST_GONE, "vCenter has no such guest")
        machine = self.connection.reference(vim.VirtualMachine, guest.moid)
        self.act(machine, action, force=force)
        return Done()

    def _migrate(self, uuid: str, host: str, mode: MoveMode) -> Outcome:
        guests, hosts = self.read_guests(), self.read_hosts()
        guest, target = guests.get(uuid), hosts.get(host)
        if guest is None:
            return Failed(Reason.GUEST_GONE, "vCenter has no such guest")
        if target is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"no host {host}")
        refused = self.check_move(guest, hosts[guest.host], target, mode)
        if refused is not None:
            return refused
        machine = self.connection.reference(vim.VirtualMachine, guest.moid)
        self.move(machine, self.connection.reference(vim.HostSystem, target.moid), mode)
        return Done()

    def _maintain(self, host: str, switch: Switch) -> Outcome:
        known = self.read_hosts().get(host)
        if known is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"no host {host}")
        found = self.connection.reference(vim.HostSystem, known.moid)
        if switch is Switch.ON and not known.maintenance:
            self.enter(found)
        elif switch is Switch.OFF and known.maintenance:
            self.leave(found)
        return Done()

    def _attempt(self, action: Callable[[], Outcome]) -> Outcome:
        try:
            return action()
        except RefusedError as error:
            return Failed(Reason.NATIVE_ERROR, str(error))
        except UnreachableError as problem:
            return Failed(Reason.ENDPOINT_UNREACHABLE, str(problem))


def _guest(moid: str, values: dict[str, Any]) -> GuestFacts:
    return GuestFacts(
        moid,
        values["config.instanceUuid"],
        values["name"],
        values.get("guest.hostName") or "",
        values.get("guest.toolsStatus") or "toolsNotInstalled",
        moid_of(values["runtime.host"]),
        values["runtime.powerState"],
        values["runtime.connectionState"],
        values["overallStatus"],
    )


def _host(moid: str, values: dict[str, Any]) -> HostFacts:
    return HostFacts(
        moid,
        values["name"],
        moid_of(values["parent"]),
        values["runtime.connectionState"],
        values["runtime.inMaintenanceMode"],
        values["overallStatus"],
        next((card.spec.ip.ipAddress for card in values.get("config.network.vnic") or ()), ""),
    )
