"""The appliance that a vCenter Server is: who may get in, and its planned shutdown or reboot.

vSphere Automation API, ``com.vmware.appliance.access`` and ``.shutdown``: a shutdown is planned
some minutes ahead, and can be taken back until then. When it comes, the vCenter's machine goes
down, and whoever speaks to it is cut off; hosts and guests run on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Final

from hvsim.hardware import Power
from hvsim.operations import Cancelled, Stage

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.vcenter.server import VCenter

RESTART: Final = 30.0
"""Seconds from a reboot's shutdown until the machine is switched on again."""
MINUTE: Final = 60.0
_LEAST: Final = 1.0
"""Seconds that a shutdown without delay leaves for the answer to go out."""


@dataclass(slots=True)
class Plan:
    """A shutdown to come: ``poweroff`` or ``reboot``, at a simulated time in seconds."""

    action: str
    at: float
    reason: str
    operation: Operation


@dataclass(slots=True)
class Appliance:
    """The state of an appliance.

    Attributes:
        access: whether each way in is open; the shell closes by itself at ``shell_until``.
        plan: the shutdown to come, if there is one.
    """

    access: dict[str, bool] = field(
        default_factory=lambda: {"consolecli": True, "dcui": True, "shell": False, "ssh": False}
    )
    shell_until: float = 0.0
    plan: Plan | None = None


def set_access(vcenter: VCenter, service: str, *, enabled: bool, seconds: float = 0.0) -> None:
    """Open or close a way in; the shell for so many seconds, or until it is closed when 0."""
    appliance = vcenter.appliance
    before = {"enabled": appliance.access[service]}
    appliance.access[service] = enabled
    if service == "shell":
        until = vcenter.world.now + seconds if seconds else inf
        appliance.shell_until = until if enabled else 0.0
    _note(vcenter, f"access/{service}", before, {"enabled": enabled})


def shell_seconds(vcenter: VCenter) -> float:
    """Return the seconds that the shell stays open: 0 when it is closed, infinite without end."""
    appliance = vcenter.appliance
    if not appliance.access["shell"]:
        return 0.0
    return max(0.0, appliance.shell_until - vcenter.world.now)


def plan(vcenter: VCenter, action: str, minutes: int, reason: str) -> None:
    """Plan a ``poweroff`` or ``reboot``, in the place of one that was planned before."""
    cancel(vcenter)
    delay = max(minutes * MINUTE, _LEAST)
    operation = vcenter.world.operations.start(
        f"Appliance.{action}", vcenter.path, _going_down(vcenter, action, delay), foreground=False
    )
    at = vcenter.world.now + delay
    vcenter.appliance.plan = Plan(action, at, reason, operation)
    _note(vcenter, "shutdown", None, {"action": action, "at": at, "reason": reason})


def cancel(vcenter: VCenter) -> None:
    """Take a planned shutdown back, if there is one."""
    planned = vcenter.appliance.plan
    if planned is None:
        return
    vcenter.appliance.plan = None
    vcenter.world.operations.interrupt(planned.operation, Cancelled("taken back"))
    _note(vcenter, "shutdown", {"action": planned.action}, None)


def _going_down(vcenter: VCenter, action: str, delay: float) -> Steps:
    hardware, server = vcenter.world.hardware, vcenter.server
    # The client's own time, which no rule about stages makes shorter.
    yield vcenter.world.engine.timeout(delay)
    vcenter.appliance.plan = None
    if server.power is not Power.OFF:
        hardware.shut_down(server.name)
    if action == "reboot":
        yield Stage("restart", RESTART)
        if server.power is Power.OFF:
            hardware.boot(server.name)


def _note(vcenter: VCenter, part: str, before: Any, after: Any) -> None:
    subject = f"{vcenter.path}/appliance/{part}"
    vcenter.world.log.append("mod", subject, before, after, (f"{vcenter.path}/appliance",))
