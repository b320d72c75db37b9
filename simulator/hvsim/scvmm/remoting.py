"""What goes wrong on purpose with the remoting of VMM's machine, whatever VMM does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec

from hvsim.commands import Command, command
from hvsim.scvmm.server import find

if TYPE_CHECKING:
    from hvsim.world import World

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


@command("scvmm.remoting.disturb")
class Disturb(Command, frozen=True, kw_only=True):
    """Let the WS-Management service of VMM's machine misbehave; what is left out goes well again.

    Attributes:
        deny_after: so many requests more are let in, then every one is denied.
        failing_sends: the next so many writes to a shell's input fail without a fault.
        failing_creates: the next so many shells are refused as if there were too many.
        resets: the next so many connections that wait for output are reset.
        latency: simulated seconds that every command waits before it begins.
    """

    vmm: str
    deny_after: Count | None = None
    failing_sends: Count = 0
    failing_creates: Count = 0
    resets: Count = 0
    latency: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0

    def apply(self, world: World) -> None:
        """Tell the service, and log it."""
        vmm = find(world, self.vmm)
        after = {
            "deny_after": self.deny_after,
            "failing_sends": self.failing_sends,
            "failing_creates": self.failing_creates,
            "resets": self.resets,
            "latency": self.latency,
        }
        before, vmm.disturbances = vmm.disturbances, after
        for tell in vmm.on_disturbed:
            tell()
        world.log.append("disturb", f"{vmm.path}/remoting", before, after)
