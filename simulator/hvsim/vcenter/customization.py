"""Customization of guests: a name and addresses that a guest takes on when it is next booted.

Source: vSphere API reference, CustomizeVM_Task and the events of customization.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.operations import Stage
from hvsim.vcenter import customized, devices, placement, power, task
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method

if TYPE_CHECKING:
    from hvsim.operations import Steps
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Data, Ref

PREPARE: Final = 1.0
_PACKAGE: Final = "imcf-{moid}"


@method("VirtualMachine.CheckCustomizationSpec")
def check(call: Call, this: Ref, spec: Data) -> None:
    """Refuse a specification that does not fit a machine."""
    _judge(call.vcenter, this, spec)


@method("VirtualMachine.CustomizeVM_Task")
def customize(call: Call, this: Ref, spec: Data) -> Ref:
    """Let a guest have another name and other addresses from its next boot on.

    Fails with ``CustomizationPending`` when another customization waits for it.
    """

    def steps() -> Steps:
        vcenter, store = call.vcenter, call.store
        power.require(vcenter, this, "poweredOff")
        placement.require_host(vcenter, store.value(this, "runtime.host"))
        if store.value(this, customized.PENDING):
            raise VimFault("CustomizationPending")
        _judge(vcenter, this, spec)
        yield Stage("prepare", PREPARE, 0.9)
        store.change(this, customized.PENDING, _PACKAGE.format(moid=this.moid))
        _apply(vcenter, this, spec)

    return task.start(call, this, steps())


def _judge(vcenter: VCenter, vm: Ref, spec: Data) -> None:
    listed: list[Data] = vcenter.store.value(vm, "config.hardware.device")
    cards = [device for device in listed if devices.is_card(device)]
    settings: list[Data] = spec["nicSettingMap"] or []
    if len(settings) != len(cards):
        raise VimFault(
            "NicSettingMismatch",
            numberOfNicsInSpec=len(settings),
            numberOfNicsInVM=len(cards),
        )
    for setting in settings:
        if setting["adapter"]["ip"].type == "CustomizationFixedIp" and not _address(setting):
            raise bad_argument("spec.nicSettingMap.adapter.ip.ipAddress")


def _address(setting: Data) -> str:
    return setting["adapter"]["ip"]["ipAddress"] or ""


def _apply(vcenter: VCenter, vm: Ref, spec: Data) -> None:
    """Let the guest be what it is to be: it shows when it has booted."""
    inside = vcenter.insides[vm.moid]
    name = _name(vcenter, vm, spec["identity"])
    if name:
        inside.hostname = name
    fixed = [_address(setting) for setting in spec["nicSettingMap"] or () if _address(setting)]
    if fixed:
        inside.address = fixed[0]
    for number, setting in enumerate(spec["nicSettingMap"] or ()):
        if setting["macAddress"]:
            _readdress(vcenter, vm, number, setting["macAddress"])


def _name(vcenter: VCenter, vm: Ref, identity: Data) -> str:
    named: Data | None = identity["hostName"]
    if named is None and identity["userData"] is not None:
        named = identity["userData"]["computerName"]
    if named is None:
        return ""
    if named.type == "CustomizationVirtualMachineName":
        own: str = vcenter.store.value(vm, "name")
        return own
    return named["name"] or named["base"] or ""


def _readdress(vcenter: VCenter, vm: Ref, number: int, mac: str) -> None:
    """Give one of a machine's cards the address that its setting is about."""
    listed: list[Data] = vcenter.store.value(vm, "config.hardware.device")
    cards = [device for device in listed if devices.is_card(device)]
    if any(card["macAddress"].lower() == mac.lower() for card in cards) or number >= len(cards):
        return
    changed = cards[number].having(macAddress=mac.lower(), addressType="manual")
    after = [changed if device is cards[number] else device for device in listed]
    vcenter.store.change(vm, "config.hardware.device", after)
