"""``com.vmware.vcenter.vm.hardware``: devices made, changed, connected and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.devices import is_card
from hvsim.vcenter.values import Data, data
from hvsim_fakes.vcenter.rest import devices, errors, making
from hvsim_fakes.vcenter.rest.hardware import FAMILIES, HARDWARE, Family, no_device
from hvsim_fakes.vcenter.rest.identity import VM, machine, power_of
from hvsim_fakes.vcenter.rest.making import (
    CdromUpdateSpec,
    EthernetUpdateSpec,
    ScsiUpdateSpec,
)
from hvsim_fakes.vcenter.rest.operations import Route, operation

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.vcenter.store import ManagedObject
    from hvsim_fakes.vcenter.rest.call import Call
    from hvsim_fakes.vcenter.rest.structures import Structure

_CODE: Final = "com.vmware.api.vcenter.vm.hardware"


@dataclass(frozen=True, slots=True)
class _Change:
    """How devices of a family are made and changed.

    Attributes:
        family: which devices.
        privilege: what is needed for it.
        spec: what a new one is made from; ``make`` gives it for a machine with some devices.
        update: what one is changed by; ``edit`` gives the fields that it sets.
        is_connectable: whether one can be connected and disconnected.
    """

    family: Family
    privilege: str
    spec: type[Structure]
    make: Callable[[Call, list[Data], Any], Data]
    update: type[Structure] | None = None
    edit: Callable[[Call, Data, Any], dict[str, Any]] | None = None
    is_connectable: bool = False

    def register(self) -> None:
        """Register the operations."""
        self._register_create()
        self._register_delete()
        if self.edit is not None:
            self._register_update()
        if self.is_connectable:
            for action, wanted in (("connect", True), ("disconnect", False)):
                self._register_connection(action, wanted=wanted)

    def _register_create(self) -> None:
        def create(call: Call, vm: str, spec: Any) -> str:
            with call.world.access():
                found = machine(call, vm)
                before = _keys(found)
                device = self.make(call, devices.of(found), spec)
                _require_changeable(found, device)
            _reconfigure(call, found, "add", device.having(key=-1))
            with call.world.access():
                return next(str(key) for key in _keys(found) if key not in before)

        path = self.family.path
        route = Route("POST", path, old_path=path, body="spec", status=201)
        self._register("create", route, {"spec": self.spec})(create)

    def _register_delete(self) -> None:
        def delete(call: Call, vm: str, **parameters: str) -> None:
            found, device = self._device(call, vm, parameters)
            _require_changeable(found, device)
            _reconfigure(call, found, "remove", device)

        self._register("delete", self._route("DELETE"), self._one())(delete)

    def _register_update(self) -> None:
        edit = self.edit
        if edit is None:
            return

        def update(call: Call, vm: str, spec: Any, **parameters: str) -> None:
            found, device = self._device(call, vm, parameters)
            with call.world.access():
                changes = edit(call, device, spec)
            _reconfigure(call, found, "edit", _edited(device, changes))

        takes = self._one() | {"spec": self.update}
        self._register("update", self._route("PATCH", body="spec"), takes)(update)

    def _register_connection(self, action: str, *, wanted: bool) -> None:
        def change(call: Call, vm: str, **parameters: str) -> None:
            found, device = self._device(call, vm, parameters)
            _require_connectable(found, device, wanted=wanted)
            before: Data = device["connectable"] or data("VirtualDeviceConnectInfo")
            changes = {"connectable": before.having(connected=wanted)}
            _reconfigure(call, found, "edit", _edited(device, changes))

        route = self._route("POST", action=action)
        self._register(action, route, self._one())(change)

    def _one(self) -> dict[str, Any]:
        return {self.family.parameter: str}

    def _route(self, method: str, *, action: str = "", body: str = "") -> Route:
        path = f"{self.family.path}/{{{self.family.parameter}}}"
        old = f"{path}/{action}" if action else path
        return Route(method, path, action=action, old_path=old, body=body)

    def _register(self, name: str, route: Route, takes: dict[str, Any]) -> Any:
        return operation(
            f"{HARDWARE}.{self.family.name}.{name}",
            route,
            takes=VM | takes,
            privilege=self.privilege,
            is_write=True,
            locked=False,
        )

    def _device(
        self, call: Call, vm: str, parameters: dict[str, str]
    ) -> tuple[ManagedObject, Data]:
        """Return a machine and the device of it that is named; raise ``not_found``."""
        wanted = parameters[self.family.parameter]
        with call.world.access():
            found = machine(call, vm)
            if wanted not in self.family.shown(found):
                raise no_device(call, wanted, vm)
            known = {str(one["key"]): one for one in devices.of(found)}
            return found, known[wanted]


def _keys(vm: ManagedObject) -> set[int]:
    return {device["key"] for device in devices.of(vm)}


def _edited(device: Data, changes: dict[str, Any]) -> Data:
    return device.having(**{name: item for name, item in changes.items() if item is not None})


def _reconfigure(call: Call, vm: ManagedObject, change: str, device: Data) -> None:
    changes = [data("VirtualDeviceConfigSpec", operation=change, device=device)]
    spec = data("VirtualMachineConfigSpec", deviceChange=changes)
    call.carry_out(vm.ref, "ReconfigVM_Task", spec=spec)


def _require_changeable(vm: ManagedObject, device: Data) -> None:
    """Refuse to add or remove what a machine's power state does not allow."""
    if is_card(device):
        return
    state = power_of(vm)
    controller = next((d for d in devices.of(vm) if d["key"] == device["controllerKey"]), None)
    on_ide = controller is not None and controller.type == "VirtualIDEController"
    if state == "SUSPENDED" or (state == "POWERED_ON" and on_ide):
        text = f"The virtual machine is {state.lower().replace('_', ' ')}."
        raise errors.error("not_allowed_in_current_state", f"{_CODE}.power_state", text)


def _require_connectable(vm: ManagedObject, device: Data, *, wanted: bool) -> None:
    """Refuse to connect a device of a machine that is not on, or one that is connected."""
    if power_of(vm) != "POWERED_ON":
        text = "The virtual machine is not powered on."
        raise errors.error("not_allowed_in_current_state", f"{_CODE}.not_powered_on", text)
    found: Data | None = device["connectable"]
    if bool(found and found["connected"]) == wanted:
        text = f"The device is already {'connected' if wanted else 'disconnected'}."
        raise errors.error("already_in_desired_state", f"{_CODE}.already_connected", text)


def _edit_card(call: Call, device: Data, spec: EthernetUpdateSpec) -> dict[str, Any]:
    connection = making.connectable(spec, device["connectable"])
    return making.card_changes(call, spec) | {"connectable": connection}


def _edit_drive(call: Call, device: Data, spec: CdromUpdateSpec) -> dict[str, Any]:
    del call
    backing = None if spec.backing is None else making.drive_backing(spec.backing)
    return {"connectable": making.connectable(spec, device["connectable"]), "backing": backing}


def _edit_adapter(call: Call, device: Data, spec: ScsiUpdateSpec) -> dict[str, Any]:
    del call, device
    return making.shared(spec)


for _change in (
    _Change(
        FAMILIES["disk"],
        "VirtualMachine.Config.AddNewDisk",
        making.DiskCreateSpec,
        lambda _, there, spec: making.disk(there, spec),
    ),
    _Change(
        FAMILIES["ethernet"],
        "VirtualMachine.Config.AddRemoveDevice",
        making.EthernetCreateSpec,
        lambda call, _, spec: making.card(call, spec),
        EthernetUpdateSpec,
        _edit_card,
        is_connectable=True,
    ),
    _Change(
        FAMILIES["cdrom"],
        "VirtualMachine.Config.AddRemoveDevice",
        making.CdromCreateSpec,
        lambda _, there, spec: making.drive(there, spec),
        CdromUpdateSpec,
        _edit_drive,
        is_connectable=True,
    ),
    _Change(
        FAMILIES["adapter.scsi"],
        "VirtualMachine.Config.AddRemoveDevice",
        making.ScsiCreateSpec,
        lambda _, there, spec: making.scsi_adapter(there, spec),
        ScsiUpdateSpec,
        _edit_adapter,
    ),
    _Change(
        FAMILIES["adapter.sata"],
        "VirtualMachine.Config.AddRemoveDevice",
        making.SataCreateSpec,
        lambda _, there, spec: making.sata_adapter(there, spec),
    ),
    _Change(
        FAMILIES["adapter.nvme"],
        "VirtualMachine.Config.AddRemoveDevice",
        making.NvmeCreateSpec,
        lambda _, there, spec: making.nvme_adapter(there, spec),
    ),
):
    _change.register()
