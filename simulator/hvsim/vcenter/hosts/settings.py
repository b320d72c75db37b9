"""Settings of a host: its time, its power policy, who may log in, its storage read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.hosts import part
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, data, now

if TYPE_CHECKING:
    from datetime import datetime

    from hvsim.vcenter.values import Ref

_MODES: Final = ("lockdownDisabled", "lockdownNormal", "lockdownStrict")


def _policy(key: int, short: str, name: str) -> Data:
    return data("HostPowerPolicy", key=key, name=name, shortName=short, description=name)


POWER_POLICIES: Final = [
    _policy(1, "static", "High performance"),
    _policy(2, "dynamic", "Balanced"),
    _policy(3, "low", "Low power"),
    _policy(4, "custom", "Custom"),
]
POWER: Final = data("PowerSystemCapability", availablePolicy=POWER_POLICIES)
BALANCED: Final = data("PowerSystemInfo", currentPolicy=POWER_POLICIES[1])


@method("HostDateTimeSystem.UpdateDateTimeConfig")
def set_time(call: Call, this: Ref, config: Data) -> None:
    """Set a host's time zone and the servers that it takes its time from."""
    info: Data = call.store.value(this, "dateTimeInfo")
    if config["timeZone"] is not None and config["timeZone"] != "UTC":
        raise bad_argument("config.timeZone")
    if config["ntpConfig"] is not None:
        given: Data = config["ntpConfig"]
        servers = list(given["server"] or ())
        kept = data("HostNtpConfig", server=servers, configFile=_file(servers))
        info = info.having(ntpConfig=kept)
    part.show(call, this, "dateTimeInfo", "dateTimeInfo", info)


def _file(servers: list[str]) -> list[str]:
    return [*(f"server {name}" for name in servers), "driftfile /etc/ntp.drift"]


@method("HostDateTimeSystem.QueryDateTime")
def query_time(call: Call, this: Ref) -> datetime:
    """Return the host's time: the lab's."""
    part.host_of(call, this)
    return now(call.world)


@method("HostPowerSystem.ConfigurePowerPolicy")
def set_power(call: Call, this: Ref, key: int) -> None:
    """Choose how a host spends electric power."""
    found = next((one for one in POWER_POLICIES if one["key"] == key), None)
    if found is None:
        raise bad_argument("key")
    chosen = data("PowerSystemInfo", currentPolicy=found)
    part.show(call, this, "info", "powerSystemInfo", chosen)


@method("HostAccessManager.ChangeLockdownMode")
def lock_down(call: Call, this: Ref, mode: str) -> None:
    """Let nobody but vCenter log in at a host, or let them again."""
    if mode not in _MODES:
        raise bad_argument("mode")
    part.show(call, this, "lockdownMode", "lockdownMode", mode)
    call.store.change(
        part.host_of(call, this), "config.adminDisabled", value=mode != "lockdownDisabled"
    )


@method("HostSystem.EnterLockdownMode")
def enter_lockdown(call: Call, this: Ref) -> None:
    """Enter the normal lockdown mode, by the older method."""
    _old_lockdown(call, this, locked=True)


@method("HostSystem.ExitLockdownMode")
def leave_lockdown(call: Call, this: Ref) -> None:
    """Leave the lockdown mode, by the older method."""
    _old_lockdown(call, this, locked=False)


def _old_lockdown(call: Call, host: Ref, *, locked: bool) -> None:
    if bool(call.store.value(host, "config.adminDisabled")) == locked:
        raise VimFault("AdminDisabled" if locked else "AdminNotDisabled")
    manager = part.manager_of(call.vcenter, host, "hostAccessManager")
    lock_down(call, manager, _MODES[1] if locked else _MODES[0])


@method("HostAccessManager.QueryLockdownExceptions")
def query_exceptions(call: Call, this: Ref) -> list[str]:
    """Return who may log in nevertheless."""
    host = part.host_of(call, this)
    return list(call.vcenter.lockdown_exceptions.get(host.moid, ()))


@method("HostAccessManager.UpdateLockdownExceptions")
def set_exceptions(call: Call, this: Ref, users: list[str] | None = None) -> None:
    """Set who may log in nevertheless."""
    host = part.host_of(call, this)
    call.vcenter.lockdown_exceptions[host.moid] = list(users or ())


@method(
    "HostStorageSystem.RescanAllHba",
    "HostStorageSystem.RescanVmfs",
    "HostStorageSystem.RefreshStorageSystem",
)
def rescan(call: Call, this: Ref) -> None:
    """Look for storage again: it is always as it is."""
    part.host_of(call, this)


@method("HostStorageSystem.RescanHba")
def rescan_adapter(call: Call, this: Ref, hbaDevice: str) -> None:
    """Look for storage at one adapter again."""
    part.host_of(call, this)
    known = call.store.value(this, "storageDeviceInfo.hostBusAdapter") or ()
    if all(one["device"] != hbaDevice for one in known):
        raise VimFault("NotFound")
