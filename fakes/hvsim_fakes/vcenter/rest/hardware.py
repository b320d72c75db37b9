"""``com.vmware.vcenter.vm.hardware``: a machine's virtual hardware, read; CPUs and memory set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from hvsim.vcenter.values import data
from hvsim_fakes.vcenter.rest import devices, errors
from hvsim_fakes.vcenter.rest.identity import VM, machine, power_of
from hvsim_fakes.vcenter.rest.operations import Route, operation, reading
from hvsim_fakes.vcenter.rest.structures import Positive, Structure

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call

HARDWARE: Final = "com.vmware.vcenter.vm.hardware"
_PATH: Final = "/vcenter/vm/{vm}/hardware"
HardwareVersion = Annotated[str, msgspec.Meta(pattern="^VMX_[0-9]{2}$")]
NEWEST: Final = "VMX_21"
"""The newest version of virtual hardware."""
Delay = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""Milliseconds."""


class HardwareInfo(Structure):
    """A machine's virtual hardware as a whole."""

    vapi = "com.vmware.vcenter.vm.hardware.info"
    version: str
    upgrade_policy: Literal["NEVER", "AFTER_CLEAN_SHUTDOWN", "ALWAYS"]
    upgrade_status: Literal["NONE", "PENDING", "SUCCESS", "FAILED"]
    upgrade_version: str | None = None
    upgrade_error: str | None = None


class BootInfo(Structure):
    """How a machine boots; delays are milliseconds."""

    vapi = "com.vmware.vcenter.vm.hardware.boot.info"
    type: Literal["BIOS", "EFI"]
    delay: int
    retry: bool
    retry_delay: int
    enter_setup_mode: bool
    efi_legacy_boot: bool | None = None
    network_protocol: Literal["IPV4", "IPV6"] | None = None


class BootUpdateSpec(Structure):
    """What is to change of how a machine boots."""

    vapi = "com.vmware.vcenter.vm.hardware.boot.update_spec"
    type: Literal["BIOS", "EFI"] | None = None
    efi_legacy_boot: bool | None = None
    network_protocol: Literal["IPV4", "IPV6"] | None = None
    delay: Delay | None = None
    retry: bool | None = None
    retry_delay: Delay | None = None
    enter_setup_mode: bool | None = None


class CpuInfo(Structure):
    """A machine's CPUs."""

    vapi = "com.vmware.vcenter.vm.hardware.cpu.info"
    count: int
    cores_per_socket: int
    hot_add_enabled: bool
    hot_remove_enabled: bool


class CpuUpdateSpec(Structure):
    """What is to change of CPUs."""

    vapi = "com.vmware.vcenter.vm.hardware.cpu.update_spec"
    count: Positive | None = None
    cores_per_socket: Positive | None = None
    hot_add_enabled: bool | None = None
    hot_remove_enabled: bool | None = None


class MemoryInfo(Structure):
    """A machine's memory."""

    vapi = "com.vmware.vcenter.vm.hardware.memory.info"
    size_MiB: int  # noqa: N815 - the API's name
    hot_add_enabled: bool
    hot_add_increment_size_MiB: int | None = None  # noqa: N815 - likewise
    hot_add_limit_MiB: int | None = None  # noqa: N815 - likewise


class MemoryUpdateSpec(Structure):
    """What is to change of memory."""

    vapi = "com.vmware.vcenter.vm.hardware.memory.update_spec"
    size_MiB: Positive | None = None  # noqa: N815 - the API's name
    hot_add_enabled: bool | None = None


def hardware_of(vm: ManagedObject) -> HardwareInfo:
    """Return a machine's hardware as a whole."""
    version: str = vm["config.version"]
    return HardwareInfo(
        version=version.upper().replace("-", "_"), upgrade_policy="NEVER", upgrade_status="NONE"
    )


def boot_of(vm: ManagedObject) -> BootInfo:
    """Return how a machine boots."""
    options = vm["config.bootOptions"]
    is_efi = vm["config.firmware"] == "efi"
    return BootInfo(
        type="EFI" if is_efi else "BIOS",
        efi_legacy_boot=False if is_efi else None,
        network_protocol="IPV4" if is_efi else None,
        delay=options.get("bootDelay", 0),
        retry=bool(options["bootRetryEnabled"]),
        retry_delay=options.get("bootRetryDelay", 10_000),
        enter_setup_mode=bool(options["enterBIOSSetup"]),
    )


def cpus_of(vm: ManagedObject) -> CpuInfo:
    """Return a machine's CPUs."""
    return CpuInfo(
        count=vm["config.hardware.numCPU"],
        cores_per_socket=vm["config.hardware.numCoresPerSocket"] or 1,
        hot_add_enabled=bool(vm["config.cpuHotAddEnabled"]),
        hot_remove_enabled=bool(vm["config.cpuHotRemoveEnabled"]),
    )


def memory_of(vm: ManagedObject) -> MemoryInfo:
    """Return a machine's memory; how it may grow is set while it is on."""
    size: int = vm["config.hardware.memoryMB"]
    grows = bool(vm["config.memoryHotAddEnabled"])
    is_on = vm["runtime.powerState"] == "poweredOn"
    return MemoryInfo(
        size_MiB=size,
        hot_add_enabled=grows,
        hot_add_increment_size_MiB=128 if grows and is_on else None,
        hot_add_limit_MiB=size * 16 if grows and is_on else None,
    )


@operation(f"{HARDWARE}.get", reading(_PATH), takes=VM)
def get_hardware(call: Call, vm: str) -> HardwareInfo:
    """Return a machine's hardware as a whole."""
    return hardware_of(machine(call, vm))


@operation(f"{HARDWARE}.boot.get", reading(f"{_PATH}/boot"), takes=VM)
def get_boot(call: Call, vm: str) -> BootInfo:
    """Return how a machine boots."""
    return boot_of(machine(call, vm))


@operation(f"{HARDWARE}.cpu.get", reading(f"{_PATH}/cpu"), takes=VM)
def get_cpu(call: Call, vm: str) -> CpuInfo:
    """Return a machine's CPUs."""
    return cpus_of(machine(call, vm))


@operation(f"{HARDWARE}.memory.get", reading(f"{_PATH}/memory"), takes=VM)
def get_memory(call: Call, vm: str) -> MemoryInfo:
    """Return a machine's memory."""
    return memory_of(machine(call, vm))


@operation(
    f"{HARDWARE}.cpu.update",
    Route("PATCH", f"{_PATH}/cpu", old_path=f"{_PATH}/cpu", body="spec"),
    takes=VM | {"spec": CpuUpdateSpec},
    privilege="VirtualMachine.Config.CPUCount",
    is_write=True,
    locked=False,
)
def update_cpu(call: Call, vm: str, spec: CpuUpdateSpec) -> None:
    """Change a machine's CPUs."""
    with call.world.access():
        _require_off(machine(call, vm), spec.hot_add_enabled, spec.hot_remove_enabled)
    changes = {
        "numCPUs": spec.count,
        "numCoresPerSocket": spec.cores_per_socket,
        "cpuHotAddEnabled": spec.hot_add_enabled,
        "cpuHotRemoveEnabled": spec.hot_remove_enabled,
    }
    _reconfigure(call, vm, changes)


@operation(
    f"{HARDWARE}.memory.update",
    Route("PATCH", f"{_PATH}/memory", old_path=f"{_PATH}/memory", body="spec"),
    takes=VM | {"spec": MemoryUpdateSpec},
    privilege="VirtualMachine.Config.Memory",
    is_write=True,
    locked=False,
)
def update_memory(call: Call, vm: str, spec: MemoryUpdateSpec) -> None:
    """Change a machine's memory."""
    with call.world.access():
        _require_off(machine(call, vm), spec.hot_add_enabled)
    changes = {"memoryMB": spec.size_MiB, "memoryHotAddEnabled": spec.hot_add_enabled}
    _reconfigure(call, vm, changes)


@operation(
    f"{HARDWARE}.boot.update",
    Route("PATCH", f"{_PATH}/boot", old_path=f"{_PATH}/boot", body="spec"),
    takes=VM | {"spec": BootUpdateSpec},
    privilege="VirtualMachine.Config.Settings",
    is_write=True,
    locked=False,
)
def update_boot(call: Call, vm: str, spec: BootUpdateSpec) -> None:
    """Change how a machine boots; protocols of EFI are not heeded."""
    options = data(
        "VirtualMachineBootOptions",
        bootDelay=spec.delay,
        bootRetryEnabled=spec.retry,
        bootRetryDelay=spec.retry_delay,
        enterBIOSSetup=spec.enter_setup_mode,
    )
    firmware = None if spec.type is None else spec.type.lower()
    _reconfigure(call, vm, {"bootOptions": options, "firmware": firmware})


@operation(
    f"{HARDWARE}.upgrade",
    Route("POST", _PATH, action="upgrade", old_path=f"{_PATH}/action/upgrade"),
    takes=VM | {"version": (HardwareVersion | None, None)},
    privilege="VirtualMachine.Config.UpgradeVirtualHardware",
    is_write=True,
    locked=False,
)
def upgrade(call: Call, vm: str, version: str | None) -> None:
    """Raise the version of a machine's hardware; to the newest when none is named."""
    with call.world.access():
        found = machine(call, vm)
        _judge_version(found, version or NEWEST)
    wanted = (version or NEWEST).lower().replace("_", "-")
    call.carry_out(found.ref, "UpgradeVM_Task", version=wanted)


def _judge_version(vm: ManagedObject, wanted: str) -> None:
    """Refuse a version of hardware that a machine has, or one that is older."""
    before = int(vm["config.version"].removeprefix("vmx-"))
    after = int(wanted.removeprefix("VMX_"))
    if after == before:
        code = "com.vmware.api.vcenter.vm.hardware.already_upgraded"
        raise errors.error("already_in_desired_state", code, "The hardware has this version.")
    if after < before:
        raise errors.invalid_input(f"{wanted} is older than the hardware's version")


def _require_off(vm: ManagedObject, *settings: bool | None) -> None:
    """Refuse to change what only machines that are off let be changed."""
    if power_of(vm) != "POWERED_OFF" and any(one is not None for one in settings):
        code = "com.vmware.api.vcenter.vm.hardware.not_powered_off"
        text = "The virtual machine is not powered off."
        raise errors.error("not_allowed_in_current_state", code, text)


def _reconfigure(call: Call, vm: str, changes: dict[str, Any]) -> None:
    with call.world.access():
        found = machine(call, vm)
    call.carry_out(found.ref, "ReconfigVM_Task", spec=data("VirtualMachineConfigSpec", **changes))


@dataclass(frozen=True, slots=True)
class Family:
    """A family of devices with a service of its own.

    Attributes:
        name: of the service, below that of hardware; ``path`` likewise.
        parameter: what its operations call a device's identifier.
        shown: gives a machine's devices of it, by identifier.
    """

    name: str
    parameter: str
    shown: Callable[[ManagedObject], dict[str, Any]]

    @property
    def path(self) -> str:
        """The path of the service."""
        return f"{_PATH}/{self.name.replace('.', '/')}"

    def register(self) -> None:
        """Register the operations that list devices and read one."""
        service = f"{HARDWARE}.{self.name}"
        summary = msgspec.defstruct(
            "Summary",
            [(self.parameter, str)],
            bases=(Structure,),
            namespace={"vapi": f"{service}.summary"},
            kw_only=True,
        )

        def listed(call: Call, vm: str) -> list[Any]:
            found = self.shown(machine(call, vm))
            return [summary(**{self.parameter: identifier}) for identifier in found]

        def one(call: Call, vm: str, **parameters: str) -> Any:
            wanted = parameters[self.parameter]
            found = self.shown(machine(call, vm)).get(wanted)
            if found is None:
                raise no_device(call, wanted, vm)
            return found

        operation(f"{service}.list", reading(self.path), takes=VM)(listed)
        route = reading(f"{self.path}/{{{self.parameter}}}")
        operation(f"{service}.get", route, takes=VM | {self.parameter: str})(one)


def no_device(call: Call, device: str, vm: str) -> errors.VapiError:
    """Return the error about a device that a machine has not."""
    code = "com.vmware.api.vcenter.vm.device.not_found"
    text = "Device with identifier %s does not exist on the virtual machine %s"
    return errors.error("not_found", code, text, device, call.full_id(vm.partition(":")[0]))


FAMILIES: Final = {
    family.name: family
    for family in (
        Family("disk", "disk", devices.disks),
        Family("ethernet", "nic", devices.cards),
        Family("cdrom", "cdrom", devices.drives),
        Family("adapter.scsi", "adapter", devices.scsi_adapters),
        Family("adapter.sata", "adapter", devices.sata_adapters),
        Family("adapter.nvme", "adapter", devices.nvme_adapters),
    )
}
"""The families of devices, by name."""
for _family in FAMILIES.values():
    _family.register()
