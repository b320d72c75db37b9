"""The rules of managing Hyper-V by VMM. Each rule is a method of its own: mutants break one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
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
from hvsim_conformance.reference.hyperv import alone
from hvsim_conformance.reference.hyperv.connection import (
    Connection,
    RefusedError,
    UnreachableError,
)

_LEGACY: Final = {
    "Get-SCVirtualMachine": "Get-VM",
    "Get-SCVMHost": "Get-VMHost",
    "Get-SCVMHostNetworkAdapter": "Get-VMHostNetworkAdapter",
    "Start-SCVirtualMachine": "Start-VM",
    "Stop-SCVirtualMachine": "Stop-VM",
    "Resume-SCVirtualMachine": "Resume-VM",
    "Read-SCVirtualMachine": "Refresh-VM",
    "Move-SCVirtualMachine": "Move-VM",
    "Disable-SCVMHost": "Disable-VMHost",
    "Enable-SCVMHost": "Enable-VMHost",
}
"""VMM's cmdlets as of 2012, and what 2008 R2 called them."""
_GUESTS: Final = """
Get-SCVirtualMachine | Select-Object Name, ComputerName, IsHighlyAvailable,
    @{n='Id'; e={[string]$_.ID}}, @{n='Status'; e={[string]$_.Status}},
    @{n='State'; e={[string]$_.VirtualMachineState}}, @{n='Host'; e={[string]$_.VMHost.ID}}
"""
_HOSTS: Final = """
Get-SCVMHost | Select-Object Name, MaintenanceHost,
    @{n='Id'; e={[string]$_.ID}}, @{n='Cluster'; e={[string]$_.HostCluster.Name}},
    @{n='State'; e={[string]$_.OverallState}},
    @{n='Address'; e={[string](Get-SCVMHostNetworkAdapter -VMHost $_)[0].IPAddresses[0]}}
"""
_ON: Final = frozenset({"Running"})
_OFF: Final = frozenset({"PowerOff", "Stored", "Off"})
_ERRORS: Final = frozenset({"CreationFailed", "MigrationFailed", "UpdateFailed", "Missing"})
_WARNINGS: Final = frozenset({"UnsupportedCluster", "IncompleteVMConfig", "UnsupportedSharedFiles"})
_GOOD_HOSTS: Final = frozenset({"OK", "InMaintenanceMode"})


@dataclass(frozen=True, slots=True)
class GuestFacts:
    """What VMM says of a virtual machine; ``state`` is the hypervisor's last word."""

    uuid: str
    name: str
    hostname: str
    host: str
    status: str
    state: str
    highly_available: bool


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What VMM says of a host; ``cluster`` is empty for one that stands alone."""

    uuid: str
    name: str
    cluster: str
    state: str
    maintenance: bool
    address: str


class HypervDriver:
    """One registered VMM server, or one host without it (:mod:`.alone`)."""

    terms = Terms(
        Product.HYPERV,
        high_availability="failover cluster",
        maintenance="maintenance mode",
        live_move="live migration",
        cold_move="network migration",
    )

    def __init__(self, address: str, credentials: Credentials, session: Session) -> None:
        self.connection = Connection(address, credentials)
        self.session = session
        self.machines: dict[str, GuestFacts] = {}
        self.servers: dict[str, HostFacts] = {}
        self.lost = False
        """Whether the last refresh found nobody to answer."""

    # -- inventory ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read VMM; when it does not answer, keep what was known as unknown."""
        try:
            if self.connection.managed:
                self.servers = self.read_hosts()
                self.machines = self.read_guests(anew=True)
            else:
                self.read_alone()
            self.lost = False
        except (UnreachableError, RefusedError):
            self.lost = True

    def read_alone(self) -> None:
        """Read a host that answers for itself; it has no id but its name."""
        run = self.connection.run
        name = alone.name_of(run)
        address = urlsplit(self.connection.address).hostname or ""
        self.servers = {name: HostFacts(name, name, "", "OK", maintenance=False, address=address)}
        self.machines = {
            guid: GuestFacts(guid, own, "", name, state, state, highly_available=False)
            for guid, own, state in alone.guests_of(run, module=self.connection.module)
        }

    def read_hosts(self) -> dict[str, HostFacts]:
        """Return the hosts as VMM has them now."""
        facts = [_host(row) for row in self.ask(_HOSTS)]
        return {fact.uuid: fact for fact in facts}

    def read_guests(self, *, anew: bool = False) -> dict[str, GuestFacts]:
        """Return the machines as VMM has them now, or as its hosts have them (``anew``).

        VMM knows of a change that was not its own only when it looks: each machine is refreshed
        on its own, and one whose host does not answer stays as VMM has it.
        """
        if anew:
            self.tell_anew()
        facts = [_guest(row) for row in self.ask(_GUESTS)]
        return {fact.uuid: fact for fact in facts}

    def tell_anew(self) -> None:
        """Let VMM read every machine anew."""
        self.ask(
            "Get-SCVirtualMachine | Read-SCVirtualMachine -ErrorAction SilentlyContinue | Out-Null"
        )

    def ask(self, script: str) -> list[Any]:
        """Run a script, in the names of VMM's release; return what it gives."""
        if self.connection.legacy:
            for name, old in _LEGACY.items():
                script = script.replace(name, old)
        return self.connection.run(script)

    def hosts(self) -> Sequence[Host]:
        """Return the hosts as of the last refresh."""
        return tuple(
            Host(
                host.uuid,
                host.name,
                Product.HYPERV,
                host.cluster or None,
                self.host_status(host),
                host.maintenance,
            )
            for host in self.servers.values()
        )

    def guests(self) -> Sequence[Guest]:
        """Return the guests as of the last refresh."""
        return tuple(
            Guest(
                guest.uuid,
                self.display_name(guest),
                guest.host,
                self.guest_status(guest),
                Product.HYPERV,
                guest.uuid,
            )
            for guest in self.machines.values()
        )

    def display_name(self, guest: GuestFacts) -> str:
        """Return the name a guest is listed under (NAME-HV-1, -2)."""
        return guest.hostname or guest.name

    def host_status(self, host: HostFacts) -> Status:
        """Return a host's state."""
        if self.lost or host.state not in _GOOD_HOSTS:
            return Status.UNKNOWN
        return Status.NORMAL

    def guest_status(self, guest: GuestFacts) -> Status:
        """Return a guest's state (STATE-ALL-*)."""
        return Status.UNKNOWN if self.lost else self.power_status(guest)

    def power_status(self, guest: GuestFacts) -> Status:
        """Return the state that VMM's words stand for (STATE-HV-1)."""
        if guest.status in _ON or (guest.status == "UnderMigration" and guest.state in _ON):
            return Status.NORMAL
        for words, status in (
            (_OFF, Status.STOP),
            (_ERRORS, Status.ERROR),
            (_WARNINGS, Status.WARNING),
        ):
            if guest.status in words:
                return status
        return Status.UNKNOWN

    def address_of(self, host: str) -> str | None:
        """Return the management address of a host: that of its first adapter."""
        known = self.servers.get(host)
        return known.address if known else None

    # -- operations --------------------------------------------------------------------------

    def power(self, guest: str, action: PowerAction, *, force: bool) -> Outcome:
        """Power a guest on, off, or reboot it; on a host alone, this reference does not."""
        return self._managed(lambda: self._power(guest, action, force=force))

    def migrate(self, guest: str, host: str, mode: MoveMode) -> Outcome:
        """Move a guest to a host of its cluster; only VMM does (MIG-HV-1)."""
        return self._managed(lambda: self._migrate(guest, host, mode))

    def maintenance(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        """Set or release a host's maintenance mode; only VMM does (MAINT-HV-1 to -3)."""
        return self._managed(lambda: self._maintain(host, switch, move=move))

    def check_manager(self) -> Refused | None:
        """Refuse what needs VMM where it does not manage the host."""
        if self.connection.managed:
            return None
        return Refused(Reason.NO_VM_MANAGER, "no SCVMM manages this host")

    def check_move(
        self, guest: GuestFacts, source: HostFacts, target: HostFacts, mode: MoveMode
    ) -> Refused | None:
        """Refuse a move out of a cluster, to a resting host, or in the wrong mode."""
        return (
            self.check_mode(guest, mode)
            or self.check_cluster(source, target)
            or self.check_target(target)
        )

    def check_mode(self, guest: GuestFacts, mode: MoveMode) -> Refused | None:
        """Refuse a mode that does not fit the guest's power (MIG-TERM-3)."""
        if (guest.state in _ON) is not (mode is MoveMode.LIVE):
            return Refused(Reason.MODE_MISMATCH, f"the guest is {guest.state}")
        return None

    def check_cluster(self, source: HostFacts, target: HostFacts) -> Refused | None:
        """Refuse a move between hosts of no common cluster (MIG-HV-3)."""
        if not source.cluster or source.cluster != target.cluster:
            return Refused(Reason.NOT_SAME_CLUSTER, "the hosts are in no common cluster")
        return None

    def check_target(self, target: HostFacts) -> Refused | None:
        """Refuse a host in maintenance mode."""
        if target.maintenance:
            return Refused(Reason.HOST_IN_MAINTENANCE, f"{target.name} is in maintenance mode")
        return None

    def act(self, guest: str, action: PowerAction, *, force: bool) -> None:
        """Carry out a power operation, to its end; VMM reboots a guest in two steps."""
        off, on = self.off(force=force), "Start-SCVirtualMachine -VM $vm | Out-Null"
        steps = {
            PowerAction.ON: [on],
            PowerAction.OFF: [off],
            PowerAction.REBOOT: [off, on],
        }[action]
        self.change(guest, *steps)

    def off(self, *, force: bool) -> str:
        """Return what turns ``$vm`` off: by its own system, or by its power."""
        if self.connection.legacy:
            return f"{'Stop' if force else 'Shutdown'}-VM -VM $vm | Out-Null"
        return f"Stop-SCVirtualMachine -VM $vm -{'Force' if force else 'Shutdown'} | Out-Null"

    def move(self, guest: GuestFacts, target: HostFacts) -> None:
        """Move a machine, to the end of the move."""
        host = f"(Get-SCVMHost | Where-Object {{ [string]$_.ID -eq '{target.uuid}' }})"
        self.change(guest.uuid, f"Move-SCVirtualMachine -VM $vm -VMHost {host} | Out-Null")

    def enter(self, host: HostFacts, *, move: bool) -> None:
        """Bring a host into maintenance mode; with ``move``, its guests move within the cluster."""
        way = "-MoveWithinCluster" if move else ""
        self.ask(f"{_the_host(host.uuid)} | Disable-SCVMHost {way} | Out-Null")

    def leave(self, host: HostFacts) -> None:
        """Release a host's maintenance mode."""
        self.ask(f"{_the_host(host.uuid)} | Enable-SCVMHost | Out-Null")

    def change(self, guest: str, *steps: str) -> None:
        """Run steps on ``$vm``; the first that fails ends them."""
        which = f"$vm = Get-SCVirtualMachine | Where-Object {{ [string]$_.ID -eq '{guest}' }}"
        self.ask("; ".join(["$ErrorActionPreference = 'Stop'", which, *steps]))

    def close(self) -> None:
        """Close the session."""
        self.connection.close()

    def _power(self, uuid: str, action: PowerAction, *, force: bool) -> Outcome:
        if uuid not in self.read_guests():
            return Failed(Reason.GUEST_GONE, "VMM has no such guest")
        self.act(uuid, action, force=force)
        return Done()

    def _migrate(self, uuid: str, host: str, mode: MoveMode) -> Outcome:
        guests, hosts = self.read_guests(), self.read_hosts()
        guest, target = guests.get(uuid), hosts.get(host)
        if guest is None:
            return Failed(Reason.GUEST_GONE, "VMM has no such guest")
        if target is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"no host {host}")
        refused = self.check_move(guest, hosts[guest.host], target, mode)
        if refused is not None:
            return refused
        self.move(guest, target)
        return Done()

    def _maintain(self, host: str, switch: Switch, *, move: bool) -> Outcome:
        known = self.read_hosts().get(host)
        if known is None:
            return Refused(Reason.HOST_NOT_MANAGED, f"no host {host}")
        if switch is Switch.ON and not known.maintenance:
            self.enter(known, move=move)
        elif switch is Switch.OFF and known.maintenance:
            self.leave(known)
        return Done()

    def _managed(self, action: Callable[[], Outcome]) -> Outcome:
        return self._attempt(lambda: self.check_manager() or action())

    def _attempt(self, action: Callable[[], Outcome]) -> Outcome:
        try:
            return action()
        except RefusedError as error:
            return Failed(Reason.NATIVE_ERROR, str(error))
        except UnreachableError as problem:
            return Failed(Reason.ENDPOINT_UNREACHABLE, str(problem))


def _the_host(uuid: str) -> str:
    return f"Get-SCVMHost | Where-Object {{ [string]$_.ID -eq '{uuid}' }}"


def _guest(row: Any) -> GuestFacts:
    seen = row.extended_properties
    return GuestFacts(
        seen["Id"],
        seen["Name"],
        seen["ComputerName"] or "",
        seen["Host"],
        seen["Status"],
        seen["State"],
        bool(seen["IsHighlyAvailable"]),
    )


def _host(row: Any) -> HostFacts:
    seen = row.extended_properties
    return HostFacts(
        seen["Id"],
        str(seen["Name"]).partition(".")[0],
        seen["Cluster"] or "",
        seen["State"],
        bool(seen["MaintenanceHost"]),
        seen["Address"] or "",
    )
