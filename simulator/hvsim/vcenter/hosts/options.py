"""Advanced options: those of a host, and the settings of a vCenter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, data

if TYPE_CHECKING:
    from hvsim.vcenter.values import Ref

_LARGEST: Final = 2**31 - 1
HOST: Final[dict[str, str | int | bool]] = {
    "Annotations.WelcomeMessage": "",
    "Config.HostAgent.log.level": "info",
    "Config.HostAgent.plugins.solo.enableMob": False,
    "Config.HostAgent.plugins.hostsvc.esxAdminsGroup": "ESX Admins",
    "Disk.MaxLUN": 1024,
    "Mem.ShareForceSalting": 2,
    "NFS.MaxVolumes": 32,
    "Net.TcpipHeapMax": 512,
    "Net.TcpipHeapSize": 0,
    "Security.AccountLockFailures": 5,
    "Security.AccountUnlockTime": 900,
    "Syslog.global.logDir": "[] /scratch/log",
    "Syslog.global.logHost": "",
    "UserVars.DcuiTimeOut": 600,
    "UserVars.ESXiShellInteractiveTimeOut": 0,
    "UserVars.ESXiShellTimeOut": 0,
    "UserVars.SuppressShellWarning": 0,
}
"""Some of a host's options, with the values of a fresh installation."""
VCENTER: Final[dict[str, str | int | bool]] = {
    "VirtualCenter.MaxDBConnection": 50,
    "ads.checkInterval": 1440,
    "ads.checkIntervalEnabled": True,
    "ads.maxFetch": 5000,
    "ads.maxFetchEnabled": True,
    "ads.timeout": 60,
    "client.timeout.long": 120,
    "client.timeout.normal": 30,
    "event.maxAge": 30,
    "event.maxAgeEnabled": True,
    "instance.id": 1,
    "log.level": "info",
    "mail.sender": "",
    "mail.smtp.port": 25,
    "mail.smtp.server": "",
    "task.maxAge": 30,
    "task.maxAgeEnabled": True,
    **{
        f"snmp.receiver.{number}.{name}": value
        for number in (1, 2, 3, 4)
        for name, value in (
            ("community", "public"),
            ("enabled", number == 1),
            ("name", "localhost" if number == 1 else ""),
            ("port", 162),
        )
    },
}
"""Some of a vCenter's settings, with the values of a fresh installation."""


def values(options: dict[str, str | int | bool]) -> list[Data]:
    """Return options as ``OptionValue``."""
    return [data("OptionValue", key=key, value=value) for key, value in options.items()]


def definitions(options: dict[str, str | int | bool]) -> list[Data]:
    """Return what each option takes."""
    return [
        data("OptionDef", label=key, summary=key, key=key, optionType=_type_of(value))
        for key, value in options.items()
    ]


def _type_of(value: str | int | bool) -> Data:
    if isinstance(value, bool):
        return data("BoolOption", valueIsReadonly=False, supported=True, defaultValue=value)
    if isinstance(value, int):
        limits: dict[str, Any] = {"min": 0, "max": _LARGEST}
        return data("LongOption", valueIsReadonly=False, defaultValue=value, **limits)
    return data("StringOption", valueIsReadonly=False, defaultValue=value)


HOST_VALUES: Final = values(HOST)
HOST_DEFINITIONS: Final = definitions(HOST)


@method("OptionManager.QueryOptions")
def query(call: Call, this: Ref, name: str | None = None) -> list[Data]:
    """Return the options of a name; one that ends with a dot stands for all below it.

    Raises:
        VimFault: ``InvalidName`` when there is none.
    """
    known: list[Data] = call.store.value(this, "setting") or []
    found = [one for one in known if not name or _matches(one["key"], name)]
    if not found:
        raise VimFault("InvalidName", name=name or "", msg=f"The name '{name}' is not valid.")
    return found


def _matches(key: str, name: str) -> bool:
    return key == name or (name.endswith(".") and key.startswith(name))


@method("OptionManager.UpdateOptions")
def update(call: Call, this: Ref, changedValue: list[Data]) -> None:
    """Set options; all or none of them are set.

    Raises:
        VimFault: ``InvalidName`` for one there is not, ``InvalidArgument`` for a value of another
            kind than the option's.
    """
    store = call.store
    kinds = {one["key"]: one["optionType"] for one in store.value(this, "supportedOption") or ()}
    settings = {one["key"]: one for one in store.value(this, "setting") or ()}
    for one in changedValue:
        key = one["key"]
        if key not in settings and not _is_free(call, this):
            raise VimFault("InvalidName", name=key, msg=f"The name '{key}' is not valid.")
        if key in kinds and not _fits(kinds[key], one["value"]):
            raise VimFault("InvalidArgument", invalidProperty=key)
        settings[key] = one
    store.change(this, "setting", list(settings.values()))


def _is_free(call: Call, this: Ref) -> bool:
    """Whether settings may be added: a vCenter's own may, a host's may not."""
    return bool(call.store.value("ServiceInstance", "content.setting") == this)


def _fits(kind: Data, value: Any) -> bool:
    if kind.type == "BoolOption":
        return isinstance(value, bool)
    if kind.type == "LongOption":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, str)
