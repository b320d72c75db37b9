"""``com.vmware.vcenter.vm.guest`` and ``.tools``: what VMware Tools tell, and do when asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from hvsim.vcenter.faults import VimFault
from hvsim_fakes.vcenter.rest import errors, systems
from hvsim_fakes.vcenter.rest.identity import VM, machine, power_of
from hvsim_fakes.vcenter.rest.operations import Route, operation, reading
from hvsim_fakes.vcenter.rest.structures import LocalizableMessage, Structure

if TYPE_CHECKING:
    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

GUEST: Final = "com.vmware.vcenter.vm.guest"
TOOLS: Final = "com.vmware.vcenter.vm.tools"
_PATH: Final = "/vcenter/vm/{vm}/guest"
_CODE: Final = "com.vmware.api.vcenter.vm.guest"
PowerState = Literal[
    "RUNNING", "SHUTTING_DOWN", "RESETTING", "STANDBY", "NOT_RUNNING", "UNAVAILABLE"
]
Family = Literal["WINDOWS", "LINUX", "NETWARE", "SOLARIS", "DARWIN", "OTHER"]
_STATES: Final[dict[str, PowerState]] = {
    "running": "RUNNING",
    "shuttingDown": "SHUTTING_DOWN",
    "resetting": "RESETTING",
    "standby": "STANDBY",
    "notRunning": "NOT_RUNNING",
}
_FAMILIES: Final[dict[str, Family]] = {
    "windowsGuest": "WINDOWS",
    "linuxGuest": "LINUX",
    "netwareGuest": "NETWARE",
    "solarisGuest": "SOLARIS",
    "darwinGuestFamily": "DARWIN",
}
_RUNS: Final = {
    "guestToolsRunning": "RUNNING",
    "guestToolsNotRunning": "NOT_RUNNING",
    "guestToolsExecutingScripts": "EXECUTING_SCRIPTS",
}
_VERSIONS: Final = {
    "guestToolsNotInstalled": "NOT_INSTALLED",
    "guestToolsCurrent": "CURRENT",
    "guestToolsUnmanaged": "UNMANAGED",
    "guestToolsTooOld": "TOO_OLD_UNSUPPORTED",
    "guestToolsSupportedOld": "SUPPORTED_OLD",
    "guestToolsSupportedNew": "SUPPORTED_NEW",
    "guestToolsTooNew": "TOO_NEW",
    "guestToolsBlacklisted": "BLACKLISTED",
}


class IdentityInfo(Structure):
    """What a guest calls itself and runs."""

    vapi = "com.vmware.vcenter.vm.guest.identity.info"
    name: str
    family: Family
    full_name: LocalizableMessage
    host_name: str
    ip_address: str | None = None


class GuestPowerInfo(Structure):
    """Whether a guest's system runs, and whether it can be asked to do anything."""

    vapi = "com.vmware.vcenter.vm.guest.power.info"
    state: PowerState
    operations_ready: bool


class DnsAssignedValues(Structure):
    """A guest's names as its system knows them."""

    vapi = "com.vmware.vcenter.vm.guest.dns_assigned_values"
    host_name: str
    domain_name: str


class DnsConfigInfo(Structure):
    """The name servers that a guest asks."""

    vapi = "com.vmware.vcenter.vm.guest.dns_config_info"
    ip_addresses: list[str]
    search_domains: list[str]


class NetworkingInfo(Structure):
    """A guest's names in the network."""

    vapi = "com.vmware.vcenter.vm.guest.networking.info"
    dns_values: DnsAssignedValues | None = None
    dns: DnsConfigInfo | None = None


class OperationsInfo(Structure):
    """Whether guest operations can be carried out."""

    vapi = "com.vmware.vcenter.vm.guest.operations.info"
    guest_operations_ready: bool
    interactive_guest_operations_ready: bool


class ToolsInfo(Structure):
    """A machine's VMware Tools."""

    vapi = "com.vmware.vcenter.vm.tools.info"
    auto_update_supported: bool
    upgrade_policy: Literal["MANUAL", "UPGRADE_AT_POWER_CYCLE"]
    run_state: str
    install_attempt_count: int | None = None
    error: str | None = None
    version_number: int | None = None
    version: str | None = None
    version_status: str | None = None
    install_type: str | None = None
    guest_reboot_status: str | None = None


@operation(f"{GUEST}.identity.get", reading(f"{_PATH}/identity"), takes=VM)
def identity(call: Call, vm: str) -> IdentityInfo:
    """Return what a guest says of itself."""
    found = _talking(call, vm)
    full_name: str = found["guest.guestFullName"] or found["config.guestFullName"]
    guest_id: str = found["guest.guestId"] or found["config.guestId"]
    return IdentityInfo(
        name=systems.name_of(guest_id),
        family=_FAMILIES.get(found["guest.guestFamily"] or "", "OTHER"),
        full_name=LocalizableMessage(
            id=f"vmsg.guestos.{guest_id}.label", default_message=full_name
        ),
        host_name=found["guest.hostName"] or "",
        ip_address=found["guest.ipAddress"],
    )


@operation(f"{GUEST}.networking.get", reading(f"{_PATH}/networking"), takes=VM)
def networking(call: Call, vm: str) -> NetworkingInfo:
    """Return a guest's names in the network."""
    name: str = _talking(call, vm)["guest.hostName"] or ""
    host, _, domain = name.partition(".")
    values = DnsAssignedValues(host_name=host, domain_name=domain) if name else None
    return NetworkingInfo(dns_values=values)


@operation(f"{GUEST}.operations.get", reading(f"{_PATH}/operations"), takes=VM)
def guest_operations(call: Call, vm: str) -> OperationsInfo:
    """Return whether guest operations can be carried out."""
    found = machine(call, vm)
    return OperationsInfo(
        guest_operations_ready=bool(found["guest.guestOperationsReady"]),
        interactive_guest_operations_ready=bool(found["guest.interactiveGuestOperationsReady"]),
    )


@operation(f"{GUEST}.power.get", reading(f"{_PATH}/power"), takes=VM)
def get_power(call: Call, vm: str) -> GuestPowerInfo:
    """Return whether a guest's system runs."""
    found = machine(call, vm)
    return GuestPowerInfo(
        state=_STATES.get(found["guest.guestState"], "UNAVAILABLE"),
        operations_ready=bool(found["guest.guestStateChangeSupported"]),
    )


def _action(name: str) -> Route:
    path = f"{_PATH}/power"
    return Route("POST", path, action=name, old_path=path, old_action=name)


@operation(
    f"{GUEST}.power.shutdown",
    _action("shutdown"),
    takes=VM,
    privilege="VirtualMachine.Interact.PowerOff",
    is_write=True,
)
def shut_down(call: Call, vm: str) -> None:
    """Ask a guest to shut down; it does so in its own time."""
    _ask(call, vm, "ShutdownGuest", "POWERED_OFF")


@operation(
    f"{GUEST}.power.reboot",
    _action("reboot"),
    takes=VM,
    privilege="VirtualMachine.Interact.Reset",
    is_write=True,
)
def reboot(call: Call, vm: str) -> None:
    """Ask a guest to reboot."""
    _ask(call, vm, "RebootGuest")


@operation(
    f"{GUEST}.power.standby",
    _action("standby"),
    takes=VM,
    privilege="VirtualMachine.Interact.Suspend",
    is_write=True,
)
def stand_by(call: Call, vm: str) -> None:
    """Ask a guest to go to standby."""
    _ask(call, vm, "StandbyGuest", "SUSPENDED")


@operation(f"{TOOLS}.get", reading("/vcenter/vm/{vm}/tools"), takes=VM)
def get_tools(call: Call, vm: str) -> ToolsInfo:
    """Return a machine's VMware Tools."""
    found = machine(call, vm)
    number = int(found["guest.toolsVersion"] or 0)
    policy = found["config.tools.toolsUpgradePolicy"]
    return ToolsInfo(
        auto_update_supported=False,
        install_attempt_count=0,
        version_number=number or None,
        version=_version(number) if number else None,
        upgrade_policy="UPGRADE_AT_POWER_CYCLE" if policy == "upgradeAtPowerCycle" else "MANUAL",
        version_status=_VERSIONS.get(found["guest.toolsVersionStatus2"]),
        run_state=_RUNS.get(found["guest.toolsRunningStatus"], "NOT_RUNNING"),
    )


def _version(number: int) -> str:
    """Return the version of Tools that a number packs: five bits each after the first."""
    return f"{number >> 10}.{number >> 5 & 31}.{number & 31}"


def _talking(call: Call, vm: str) -> ManagedObject:
    """Return a machine whose Tools run; refuse any other."""
    found = machine(call, vm)
    if found["guest.toolsRunningStatus"] == "guestToolsRunning":
        return found
    code = f"{_CODE}.information_not_available"
    text = "VMware Tools in the virtual machine with identifier '%s' provided no information."
    raise errors.error("service_unavailable", code, text, call.full_id(found.moid))


def _ask(call: Call, vm: str, method: str, already: str = "") -> None:
    """Ask a guest to do something.

    Args:
        already: the machine's power state that it leads to.
    """
    found = machine(call, vm)
    if already and power_of(found) == already:
        text = "The virtual machine with identifier '%s' is there already."
        code, identifier = f"{_CODE}.power.already", call.full_id(found.moid)
        raise errors.error("already_in_desired_state", code, text, identifier)
    try:
        call.perform(found.ref, method)
    except VimFault as fault:
        raise _refused(call, found, fault) from fault


def _refused(call: Call, vm: ManagedObject, fault: VimFault) -> errors.VapiError:
    identifier = call.full_id(vm.moid)
    if fault.name == "ToolsUnavailable":
        text = "VMware Tools are not running in the virtual machine with identifier '%s'."
        told = errors.message(f"{_CODE}.tools_not_running", text, identifier)
    else:
        text = "The guest of the virtual machine with identifier '%s' cannot be asked."
        told = errors.message(f"{_CODE}.power.failed", text, identifier)
    return errors.from_vim(fault, told)
