"""The commands that change a vCenter's appliance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.vcenter import appliance
from hvsim.vcenter.server import VCenter

if TYPE_CHECKING:
    from hvsim.world import World

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Minutes = Annotated[int, msgspec.Meta(ge=0, le=10**6)]


class _OnVCenter(Command, frozen=True, kw_only=True):
    """What all of them have: the name of the vCenter."""

    vcenter: str

    def found(self, world: World) -> VCenter:
        """Return the vCenter."""
        vcenter = world.product(self.vcenter)
        if not isinstance(vcenter, VCenter):
            raise CommandError(f"{self.vcenter!r} is no vCenter")
        return vcenter


@command("vcenter.appliance.access")
class ApplianceAccess(_OnVCenter, frozen=True, kw_only=True):
    """Open or close a way into the appliance; the shell for so many seconds if that is above 0."""

    service: Literal["consolecli", "dcui", "shell", "ssh"]
    enabled: bool
    seconds: Seconds = 0.0

    def apply(self, world: World) -> None:
        """Carry it out."""
        appliance.set_access(
            self.found(world), self.service, enabled=self.enabled, seconds=self.seconds
        )


@command("vcenter.appliance.shutdown")
class ApplianceShutdown(_OnVCenter, frozen=True, kw_only=True):
    """Plan a shutdown of the appliance in so many minutes, or take it back (no ``action``)."""

    action: Literal["poweroff", "reboot"] | None = None
    minutes: Minutes = 0
    reason: str = ""

    def apply(self, world: World) -> None:
        """Carry it out."""
        if self.action is None:
            appliance.cancel(self.found(world))
        else:
            appliance.plan(self.found(world), self.action, self.minutes, self.reason)
