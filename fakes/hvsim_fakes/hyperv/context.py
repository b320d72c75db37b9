"""What a cmdlet of Hyper-V works on: the host it is run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim.commands import decode, encode
from hvsim.errors import CommandError
from hvsim.scvmm.console import HypervError, Operate, demand_service

if TYPE_CHECKING:
    from hvsim.commands import Command
    from hvsim.operations import Operation
    from hvsim.scvmm.fabric import Guest, Host
    from hvsim.scvmm.server import VmmServer
    from hvsim_fakes.powershell.cmdlet import Call
    from hvsim_fakes.wirelog import WireLog


class HostContext:
    """A Hyper-V host as the PowerShell of its machine has it.

    Args:
        wirelog: where each cmdlet is noted, with whether it writes.
    """

    def __init__(self, vmm: VmmServer, host: Host, wirelog: WireLog | None = None) -> None:
        self.vmm = vmm
        self.host = host
        self._wirelog = wirelog

    def guests(self) -> list[Guest]:
        """Return the guests registered here, by name; raises :class:`HypervError`."""
        with self.vmm.world.access():
            demand_service(self.host)
            found = self.vmm.fabric.guests_on(self.host.name)
        return sorted(found, key=lambda one: (one.name.lower(), one.guid))

    def operate(self, guest: Guest, to: str, call: str, user: str = "") -> Operation:
        """Begin an operation of Hyper-V's and note it; raises :class:`HypervError`."""
        wanted = Operate(vmm=self.vmm.name, host=self.host.name, guest=guest.guid, to=to)
        begun: Operation = self.execute(wanted, call, user)
        return begun

    def execute(self, wanted: Command, call: str, user: str = "") -> Any:
        """Carry out a command and note it; raises :class:`HypervError`."""
        try:
            # A journal must not hold what cannot be read again: limits count before it is given.
            gave = self.vmm.world.execute(_within_limits(wanted))
        except HypervError as error:
            self.note(call, error.reason, user=user, writes=True)
            raise
        self.note(call, user=user, writes=True)
        return gave

    def note(self, call: str, outcome: str = "ok", *, user: str = "", writes: bool = False) -> None:
        """Note a call in the wire log."""
        if self._wirelog is not None:
            self._wirelog.record(
                time=self.vmm.world.now,
                product="hyperv",
                endpoint=self.host.name,
                client=user,
                call=call,
                is_write=writes,
                outcome=outcome,
            )


def _within_limits(wanted: Command) -> Command:
    """Return a command whose values are within the limits of their fields.

    Raises:
        HypervError: ``size``, with the field and what was expected of it.
    """
    try:
        return decode(encode(wanted))
    except CommandError as error:
        raise HypervError("size", str(error)) from None


def context_of(call: Call) -> HostContext:
    """Return the context of a cmdlet."""
    found: Any = call.context
    assert isinstance(found, HostContext)  # noqa: S101 - its tables are in no other library
    return found
