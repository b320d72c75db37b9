"""PowerShell on a VMM server for tests: scripts run at once, jobs are waited for by stepping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine.streams import Streams
from hvsim_fakes.powershell.host import PlainHost
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.runspace import Runspace
from hvsim_fakes.powershell.standard import library
from hvsim_fakes.scvmm.cmdlets import table
from hvsim_fakes.scvmm.context import VmmContext

if TYPE_CHECKING:
    from hvsim.scvmm.server import VmmServer
    from hvsim_fakes.powershell.host import Wait
    from hvsim_fakes.wirelog import WireLog


@dataclass
class Told:
    """What a script gave: its output as text, and its errors."""

    texts: list[str]
    errors: list[Any]
    values: list[Any]
    warnings: list[str]

    @property
    def codes(self) -> list[str]:
        """The errors' numbers."""
        return [error.error_id for error in self.errors]


class Shell:
    """A session on the machine of a VMM server."""

    def __init__(
        self, vmm: VmmServer, user: str = "LAB\\Administrator", wirelog: WireLog | None = None
    ) -> None:
        self.vmm = vmm
        context = VmmContext(vmm, wirelog)
        host = PlainHost(user=user, context=context, waiter=self._wait)
        self._runspace = Runspace(host, library(table(vmm.release)))

    def run(self, script: str) -> Told:
        """Run a script; a terminating error is the last one."""
        streams = Streams()
        outcome = self._runspace.run(script, streams)
        errors = [*streams.errors, *([outcome.error] if outcome.error else [])]
        texts = [to_text(one) for one in streams.outputs]
        return Told(texts, errors, streams.outputs, streams.warnings)

    def texts(self, script: str) -> list[str]:
        """As :meth:`run`, for what gives no error; return the output."""
        told = self.run(script)
        assert told.errors == [], [error.message for error in told.errors]
        return told.texts

    def _wait(self, wait: Wait) -> Any:
        if wait.subject is None:
            self.vmm.world.advance(wait.seconds or 0.0)
            return None
        while not wait.subject.done:
            assert self.vmm.world.advance_to_next(), "nothing is left to happen"
        return wait.subject
