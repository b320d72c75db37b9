"""One pipeline of a runspace pool: a command of the shell that the pool is."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Any, Final

from psrpcore import (
    CreatePipelineEvent,
    EndOfPipelineInputEvent,
    GetCommandMetadataEvent,
    PipelineHostResponseEvent,
    PipelineInputEvent,
    ServerHostRequestor,
    ServerPipeline,
)
from psrpcore.types import PSInvocationState, PSSecureString, PSVersion

from hvsim_fakes.winrm import faults, names, psrp_records
from hvsim_fakes.winrm.engine import Fault, Invocation, NoHost, Output, Stopped, Terminated
from hvsim_fakes.winrm.faults import WsmanFault
from hvsim_fakes.winrm.inlet import Inlet
from hvsim_fakes.winrm.outlet import Outlet
from hvsim_fakes.winrm.psrp_steps import steps_of
from hvsim_fakes.winrm.runner import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from psrpcore import PowerShell, PSRPEvent

    from hvsim_fakes.winrm.engine import Record, Session
    from hvsim_fakes.winrm.runspaces import RunspaceShell

_log: Final = logging.getLogger(__name__)
_LONGEST_LINE: Final = 200
_NO_METADATA: Final = Fault(
    "The session does not give metadata of its commands.",
    "NotSupported",
    exception="System.Management.Automation.PSNotSupportedException",
    category="NotImplemented",
)


class Pipeline:
    """A pipeline: made by a Command message, begun when its description has arrived whole."""

    def __init__(self, shell: RunspaceShell, command_id: str) -> None:
        world = shell.machine.world
        self.command_id = command_id
        self.line = ""
        self.run = Run(world)
        self.outlet = Outlet(world.activity, whole=True)
        self.input: Inlet[Any] = Inlet(self.run)
        self._replies: dict[int, Inlet[Any]] = {}
        self.psrp = ServerPipeline(shell.pool, uuid.UUID(command_id))
        self.has_host = False
        self.begun = False
        self._shell = shell
        self._session: Session | None = None
        self.run.on_stop(self.outlet.nudge)

    @property
    def session(self) -> Session:
        """The runspace it runs in; raises RuntimeError before it has one."""
        if self._session is None:
            raise RuntimeError("the pipeline has no runspace yet")
        return self._session

    @property
    def user(self) -> str:
        """Who runs it."""
        return self._shell.facts.account.qualified

    @property
    def computer(self) -> str:
        """Where it runs."""
        return self._shell.machine.computer

    @property
    def time(self) -> float:
        """The lab's time, in seconds of Unix."""
        return self._shell.machine.unix_time()

    def speaks(self, version: str) -> bool:
        """Tell whether the client's protocol is as new as a version."""
        theirs = self._shell.pool.their_capability
        return theirs is not None and bool(theirs.protocolversion >= PSVersion(version))

    def handle(self, event: PSRPEvent[Any, Any]) -> None:
        """Take a message that is for it; the pool's lock is held."""
        match event:
            case CreatePipelineEvent():
                self._begin(event.pipeline)
            case GetCommandMetadataEvent():
                self._refuse(_NO_METADATA)
            case PipelineInputEvent():
                self.input.put(event.data)
            case EndOfPipelineInputEvent():
                self.input.end()
            case PipelineHostResponseEvent() if event.ci in self._replies:
                self._replies[event.ci].put(event)

    def _begin(self, described: PowerShell) -> None:
        """Start it as its description says."""
        self.begun = True
        self.line = described.commands[0].command_text[:_LONGEST_LINE] if described.commands else ""
        host = described.host
        if host.UseRunspaceHost and self._shell.pool.host is not None:
            host = self._shell.pool.host
        self.has_host = not (host.IsHostNull or host.IsHostUINull)
        self.run.start(lambda: self._carry_out(described))

    def _refuse(self, fault: Fault) -> None:
        """End it at once with an error."""
        self.begun = True
        self._tell(lambda: self._failed(fault))
        self.outlet.end()

    def send(self, stream: str, data: bytes, *, end: bool) -> None:  # noqa: ARG002 - told in band
        """Take messages: the rest of the description, input, answers of the host."""
        if stream not in ("stdin", "pr"):
            raise WsmanFault(faults.INVALID_PARAMETER)
        self._shell.feed(data)

    def signal(self, code: str) -> None:
        """Stop it, or forget it."""
        if code == names.PS_CTRL_C or code.endswith(("/ctrl_c", "/ctrl_break")):
            self.run.stop()
            if not self.begun:
                self.outlet.end()
        elif code == f"{names.SIGNALS}terminate":
            self._shell.drop(self.command_id)
        else:
            raise WsmanFault(faults.INVALID_PARAMETER)

    def close(self) -> None:
        """End it."""
        self.run.stop()
        self._shell.forget(self.psrp.pipeline_id)

    def _carry_out(self, described: PowerShell) -> None:
        shell = self._shell
        try:
            with shell.runspace(self.run) as session:
                self._session = session
                self._tell(self.psrp.start)
                self.run.hold(shell.machine.troubles.latency)
                session.records(self._invocation(described), self._take)
            self._tell(self.psrp.complete)
        except Terminated as error:
            fault = error.fault
            self._tell(lambda: self._failed(fault))
        except Stopped:
            self._tell(self._stopped)
        except Exception:  # noqa: BLE001 - the client hears of an end whatever happens
            _log.exception("pipeline failed")
            self._tell(lambda: self._failed(Fault("The pipeline failed.", "InternalError")))
        shell.touch()
        self.outlet.end()

    def _invocation(self, described: PowerShell) -> Invocation:
        return Invocation(
            steps_of(described, self.session.from_psrp),
            input=map(self.session.from_psrp, self.input),
            host=RemoteHost(self) if self.has_host else NoHost(),
            cancelled=self.run.is_stopped,
            on_stop=self.run.on_stop,
            pause=self.run.pause,
            no_input=bool(described.no_input),
        )

    def _take(self, record: Record) -> None:
        self.run.check()
        # Properties may be read under the world's lock, so not under the pool's.
        told = Output(self.session.to_psrp(record.value)) if isinstance(record, Output) else record
        self._tell(lambda: psrp_records.write(told, self))

    def ask(self, call: Callable[[], int]) -> Any:
        """Ask the client's host and return its answer; raises Stopped, NotImplementedError."""
        reply: Inlet[Any] = Inlet(self.run)
        with self._shell.talking() as out:
            number = call()
            self._replies[number] = reply
        self._shell.deliver(out)
        answer = next(iter(reply))
        del self._replies[number]
        if answer.error is not None:
            raise NotImplementedError(str(answer.error))
        return answer.result

    def _failed(self, fault: Fault) -> None:
        if self.psrp.state == PSInvocationState.NotStarted:
            self.psrp.start()
        psrp_records.fail(fault, self)

    def _stopped(self) -> None:
        if self.psrp.state == PSInvocationState.NotStarted:
            self.psrp.start()
        self.psrp.stop()

    def _tell(self, speak: Callable[[], object]) -> None:
        with self._shell.talking() as out:
            speak()
        self._shell.deliver(out)


class RemoteHost:
    """The host of the client, asked by messages."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._host = ServerHostRequestor(pipeline.psrp)

    def read_line(self) -> str:
        """See :class:`hvsim_fakes.winrm.engine.Host`."""
        return str(self._pipeline.ask(self._host.read_line) or "")

    def prompt_secret(self) -> str:
        """See :class:`hvsim_fakes.winrm.engine.Host`."""
        answer = self._pipeline.ask(self._host.read_line_as_secure_string)
        return answer.decrypt() if isinstance(answer, PSSecureString) else str(answer or "")
