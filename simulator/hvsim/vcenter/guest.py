"""What vCenter knows of a guest's inside: VMware Tools, and the host name they report.

NAME-VMW-1: without Tools there is no ``guest.hostName``. NAME-VMW-2 and -3: Tools that were just
installed report it after the guest's next boot (behaviour ``tools-name-after-restart``), or soon.
NAME-VMW-6: a guest that is off keeps the last one (behaviour ``host-name-kept-when-off``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Stage
from hvsim.vcenter import customized, shape
from hvsim.vcenter.values import Data, Ref, data, now, packed

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.vcenter.server import Inside, VCenter

BOOT: Final = 30.0
"""Seconds from power on until Tools run in a guest that has them."""
REPORT: Final = 5.0
"""Seconds until Tools that have just started have reported host name and address."""
_VERSION: Final = "12421"


def facts(inside: Inside, *, alive: bool, kept: bool) -> dict[str, Any]:
    """Return what ``GuestInfo`` shows of a guest, by field; None is not set.

    Args:
        alive: whether its Tools run.
        kept: whether the last host name is still shown when they do not.
    """
    installed = inside.tools
    if not installed:
        status, version = "toolsNotInstalled", "guestToolsNotInstalled"
    else:
        status, version = "toolsOk" if alive else "toolsNotRunning", "guestToolsCurrent"
    named = inside.announced and installed and (alive or kept)
    windows = "windows" in inside.system.lower()
    return {
        "toolsStatus": status,
        "toolsVersionStatus": version,
        "toolsVersionStatus2": version,
        "toolsRunningStatus": "guestToolsRunning" if alive else "guestToolsNotRunning",
        "toolsVersion": _VERSION if installed else "0",
        "guestFamily": ("windowsGuest" if windows else "linuxGuest") if alive else None,
        "guestFullName": inside.system if alive else None,
        "hostName": inside.hostname if named else None,
        "ipAddress": (inside.address or None) if named and alive else None,
        "guestState": "running" if alive else "notRunning",
        "guestOperationsReady": alive,
        "guestStateChangeSupported": alive,
    }


def furnish(properties: dict[str, Any], inside: Inside, booted: float) -> dict[str, Any]:
    """Return the properties of a new machine as they are when its guest has run for a while."""
    alive = inside.power == "poweredOn" and inside.tools
    shown = facts(inside, alive=alive, kept=True)
    guest: Data = properties["guest"].having(**shown)
    if alive and inside.address:
        guest = guest.having(net=[_nic(properties["config"], inside)])
    runtime = _runtime(properties, inside.power, booted)
    summary: Data = properties["summary"]
    seen = {name: shown[name] for name in shown if name in _SUMMARY}
    summary = summary.having(runtime=runtime, guest=packed(summary["guest"].having(**seen)))
    beat = "green" if alive else "gray"
    return properties | {
        "guest": packed(guest),
        "runtime": runtime,
        "summary": summary.having(quickStats=shape.quick_stats(beat)),
        "guestHeartbeatStatus": beat,
    }


def _runtime(properties: dict[str, Any], power: str, booted: float) -> Data:
    hardware: Data = properties["config"]["hardware"]
    since = booted if power == "poweredOn" else None
    host: Ref = properties["runtime"]["host"]
    return shape.runtime(host, hardware["numCPU"], hardware["memoryMB"], power, since)


_SUMMARY: Final = (
    "guestId",
    "guestFullName",
    "toolsStatus",
    "toolsVersionStatus",
    "toolsVersionStatus2",
    "toolsRunningStatus",
    "hostName",
    "ipAddress",
)


def show(vcenter: VCenter, vm: Ref, *, alive: bool) -> None:
    """Show what is known of a guest's inside now."""
    vcenter.store.change_many(vm, _shown(vcenter, vm, alive=alive))


def _shown(vcenter: VCenter, vm: Ref, *, alive: bool) -> dict[str, Any]:
    """Return what a machine shows of its guest's inside now, by path."""
    inside = vcenter.insides[vm.moid]
    kept = vcenter.has("host-name-kept-when-off")
    seen = facts(inside, alive=alive, kept=kept).items()
    shown = {f"guest.{name}": value for name, value in seen}
    told = alive and inside.address and inside.announced
    shown["guest.net"] = [_nic(vcenter.store.value(vm, "config"), inside)] if told else None
    beat = "green" if alive else "gray"
    shown["guestHeartbeatStatus"] = shown["summary.quickStats.guestHeartbeatStatus"] = beat
    return shown


def tools_run(vcenter: VCenter, vm: Ref) -> bool:
    """Whether vCenter sees the Tools of a guest run."""
    return bool(vcenter.store.value(vm, "guest.toolsRunningStatus") == "guestToolsRunning")


def booting(vcenter: VCenter, vm: Ref) -> Operation | None:
    """Let a guest that was just powered on boot; its Tools come up in time."""
    inside = vcenter.insides[vm.moid]
    inside.answers = True
    inside.boots += 1
    customized.booted(vcenter, vm)
    if not inside.tools:
        return None
    # By the boot the Tools have been through a restart of the guest, however they came there.
    inside.announced = True
    return vcenter.world.operations.start(
        "VirtualMachine.boot", vcenter.store.path(vm), _boot(vcenter, vm), foreground=False
    )


def _boot(vcenter: VCenter, vm: Ref) -> Steps:
    inside = vcenter.insides[vm.moid]
    boots = inside.boots
    yield Stage("boot", BOOT)
    if _still(vcenter, vm, boots):
        running = {"toolsRunningStatus": "guestToolsRunning", "toolsStatus": "toolsOk"}
        for name, value in running.items():
            vcenter.store.change(vm, f"guest.{name}", value)
    yield Stage("report", REPORT)
    if _still(vcenter, vm, boots):
        show(vcenter, vm, alive=True)


def _still(vcenter: VCenter, vm: Ref, boots: int) -> bool:
    """Whether a guest still runs since the same boot, and its host can tell vCenter so."""
    inside = vcenter.insides.get(vm.moid)
    if inside is None or not vcenter.store.exists(vm) or not inside.answers:
        return False
    connected = vcenter.store.value(vm, "runtime.connectionState") == "connected"
    return connected and inside.power == "poweredOn" and inside.boots == boots


def installed(vcenter: VCenter, vm: Ref) -> None:
    """Let Tools that were just installed in a running guest come up (NAME-VMW-2)."""
    inside = vcenter.insides[vm.moid]
    inside.tools = True
    inside.announced = not vcenter.has("tools-name-after-restart")
    show(vcenter, vm, alive=inside.power == "poweredOn")


def note_power(vcenter: VCenter, vm: Ref, state: str) -> None:
    """Show that a guest's power changed; its Tools do not run for now."""
    moment = now(vcenter.world)
    changes: dict[str, Any] = {"runtime.powerState": state}
    if state == "poweredOn":
        changes["runtime.bootTime"] = moment
        changes["runtime.cleanPowerOff"] = changes["runtime.suspendTime"] = None
    elif state == "suspended":
        changes["runtime.suspendTime"] = moment
    else:
        changes["runtime.bootTime"] = None
    vcenter.store.change_many(vm, changes | _shown(vcenter, vm, alive=False))


def _nic(config: Data, inside: Inside) -> Data:
    cards = [dev for dev in config["hardware"]["device"] if "macAddress" in dev]
    first = cards[0] if cards else None
    # vSphere 4.0, whose machines have this hardware, does not know the field yet.
    old = config["version"] == "vmx-07"
    return data(
        "GuestNicInfo",
        network=first["backing"]["deviceName"] if first else None,
        ipAddress=[inside.address],
        macAddress=first["macAddress"] if first else None,
        connected=True,
        deviceConfigId=first["key"] if first else -1,
        ipConfig=None if old else data("NetIpConfigInfo", ipAddress=[_ip(inside.address)]),
    )


def _ip(address: str) -> Data:
    """Return an address of a guest's as its Tools report it, in a network of a usual size."""
    return data(
        "NetIpConfigInfoIpAddress",
        ipAddress=address,
        prefixLength=64 if ":" in address else 24,
        state="preferred",
    )
