"""``com.vmware.appliance``: which vCenter Server it is, who may get in, and when it goes down."""

from __future__ import annotations

from datetime import datetime
from math import ceil, isinf
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from hvsim.vcenter import appliance
from hvsim.vcenter.appliance_command import ApplianceAccess, ApplianceShutdown
from hvsim.vcenter.server import SERVICE_INSTANCE
from hvsim.vcenter.values import date_at
from hvsim_fakes.vcenter.rest import writing
from hvsim_fakes.vcenter.rest.operations import Route, operation, reading
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim.vcenter.values import Data
    from hvsim_fakes.vcenter.rest.call import Call

ACCESS: Final = "com.vmware.appliance.access"
SHUTDOWN: Final = "com.vmware.appliance.shutdown"
SERVICE: Final = "com.vmware.appliance.system.version"
_RELEASED: Final = {"24022515": "June 25, 2024"}
"""Dates of releases by build."""


class Version(Structure):
    """The version of a vCenter Server."""

    vapi = "com.vmware.appliance.system.version.version_struct"
    version: str
    product: str
    build: str
    type: str
    summary: str
    releasedate: str
    install_time: str
    name: str | None = None


@operation(f"{SERVICE}.get", reading("/appliance/system/version"), is_global=True)
def get(call: Call) -> Version:
    """Return the version."""
    about: Data = call.store.value(SERVICE_INSTANCE, "content.about")
    return Version(
        version=f"{about['version']}.00000",
        product=about["name"],
        build=about["build"],
        type="vCenter Server with an embedded Platform Services Controller",
        summary=about["fullName"],
        releasedate=_RELEASED.get(about["build"], ""),
        install_time=writing.scalar(date_at(0.0)),
    )


_ADMINISTER: Final = "Global.Settings"
_LONGEST: Final = 86_400
"""Seconds that the shell is open at most."""
Minutes = Annotated[int, msgspec.Meta(ge=0, le=10**6)]
Timeout = Annotated[int, msgspec.Meta(ge=0, le=_LONGEST)]


class ShellConfig(Structure):
    """Whether the shell is open, and for how many seconds more."""

    vapi = "com.vmware.appliance.access.shell.shell_config"
    enabled: bool
    timeout: Timeout


class ShutdownConfig(Structure):
    """The shutdown that is planned; of none the texts are empty."""

    vapi = "com.vmware.appliance.shutdown.shutdown_config"
    action: str
    reason: str
    shutdown_time: datetime | None = None


def _register_access(service: Literal["consolecli", "dcui", "ssh"]) -> None:
    """Register the operations of one way into the appliance."""
    path = f"/appliance/access/{service}"

    def read(call: Call) -> bool:
        return call.vcenter.appliance.access[service]

    def change(call: Call, enabled: bool) -> None:
        call.world.execute(
            ApplianceAccess(vcenter=call.vcenter.name, service=service, enabled=enabled)
        )

    operation(f"{ACCESS}.{service}.get", reading(path), is_global=True)(read)
    operation(
        f"{ACCESS}.{service}.set",
        Route("PUT", path, old_path=path),
        takes={"enabled": bool},
        privilege=_ADMINISTER,
        is_global=True,
        is_write=True,
    )(change)


_register_access("consolecli")
_register_access("dcui")
_register_access("ssh")
_SHELL: Final = "/appliance/access/shell"


@operation(f"{ACCESS}.shell.get", reading(_SHELL), is_global=True)
def get_shell(call: Call) -> ShellConfig:
    """Return whether the shell is open."""
    left = appliance.shell_seconds(call.vcenter)
    return ShellConfig(enabled=left > 0, timeout=0 if isinf(left) else ceil(left))


@operation(
    f"{ACCESS}.shell.set",
    Route("PUT", _SHELL, old_path=_SHELL, body="config"),
    takes={"config": ShellConfig},
    privilege=_ADMINISTER,
    is_global=True,
    is_write=True,
)
def set_shell(call: Call, config: ShellConfig) -> None:
    """Open the shell for some time, or close it."""
    call.world.execute(
        ApplianceAccess(
            vcenter=call.vcenter.name,
            service="shell",
            enabled=config.enabled,
            seconds=float(config.timeout),
        )
    )


_SHUTDOWN: Final = "/appliance/shutdown"


@operation(f"{SHUTDOWN}.get", reading(_SHUTDOWN), is_global=True)
def get_shutdown(call: Call) -> ShutdownConfig:
    """Return the shutdown that is planned."""
    planned = call.vcenter.appliance.plan
    if planned is None:
        return ShutdownConfig(action="", reason="")
    return ShutdownConfig(
        action=planned.action, reason=planned.reason, shutdown_time=date_at(planned.at)
    )


def _register_shutdown(action: Literal["poweroff", "reboot"]) -> None:
    """Register the operation that plans a shutdown."""

    def plan(call: Call, delay: int, reason: str) -> None:
        call.world.execute(
            ApplianceShutdown(
                vcenter=call.vcenter.name, action=action, minutes=delay, reason=reason
            )
        )

    operation(
        f"{SHUTDOWN}.{action}",
        Route("POST", _SHUTDOWN, action=action, old_path=f"{_SHUTDOWN}/{action}"),
        takes={"delay": Minutes, "reason": str},
        privilege=_ADMINISTER,
        is_global=True,
        is_write=True,
    )(plan)


_register_shutdown("poweroff")
_register_shutdown("reboot")


@operation(
    f"{SHUTDOWN}.cancel",
    Route("POST", _SHUTDOWN, action="cancel", old_path=f"{_SHUTDOWN}/cancel"),
    privilege=_ADMINISTER,
    is_global=True,
    is_write=True,
)
def cancel_shutdown(call: Call) -> None:
    """Take a planned shutdown back."""
    call.world.execute(ApplianceShutdown(vcenter=call.vcenter.name))
