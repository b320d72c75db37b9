"""Runspace pools: PowerShell remoting over WS-Management ([MS-PSRP] 3.1.5)."""

from __future__ import annotations

import base64
import logging
import threading
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from psrpcore import (
    GetAvailableRunspacesEvent,
    ResetRunspaceStateEvent,
    SetMaxRunspacesEvent,
    SetMinRunspacesEvent,
)
from psrpcore.types import RunspacePoolState

from hvsim_fakes.winrm import faults
from hvsim_fakes.winrm.faults import WsmanFault
from hvsim_fakes.winrm.outlet import Outlet
from hvsim_fakes.winrm.pipeline import Pipeline
from hvsim_fakes.winrm.pool import DataError, Pool
from hvsim_fakes.winrm.shell import Facts, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psrpcore import PSRPEvent

    from hvsim_fakes.winrm.engine import Session
    from hvsim_fakes.winrm.machine import Machine
    from hvsim_fakes.winrm.runner import Run
    from hvsim_fakes.winrm.shell import Command

_log: Final = logging.getLogger(__name__)
_LOOK_AGAIN: Final = 1.0
Outgoing = list[tuple[uuid.UUID | None, bytes]]


class RunspaceShell(Shell):
    """A shell that is a runspace pool; its commands are pipelines.

    Args:
        opening: the client's first messages.
    """

    can_disconnect = True
    forgets = True

    def __init__(self, machine: Machine, facts: Facts, opening: bytes) -> None:
        super().__init__(machine, facts)
        self.pool = Pool(machine.settings.version)
        self._outlet = Outlet(machine.world.activity, whole=True)
        self._talk = threading.RLock()
        self._free = threading.Condition()
        self._idle: list[Session] = []
        self._busy = 0
        self.feed(opening)
        if self.pool.state != RunspacePoolState.Opened:
            raise WsmanFault(faults.INVALID_PARAMETER, "The session's opening is not complete.")

    @property
    def outlet(self) -> Outlet:
        """What the pool itself tells."""
        return self._outlet

    def start(self, command_id: str, command: str, arguments: list[str]) -> Command:  # noqa: ARG002 - always empty
        """Make a pipeline; it begins when its description is there."""
        data = _decoded("".join(arguments))
        with self._talk:
            made = self.add(command_id, lambda given: Pipeline(self, given))
        try:
            self.feed(data)
        except WsmanFault:
            self.drop(made.command_id)
            raise
        return made

    def send(self, stream: str, data: bytes, *, end: bool) -> None:  # noqa: ARG002 - told in band
        """Take messages for the pool."""
        if stream not in ("stdin", "pr"):
            raise WsmanFault(faults.INVALID_PARAMETER)
        self.feed(data)

    def connect(self, content: str) -> str:
        """Take over by another client; see :meth:`Shell.connect`."""
        with self._talk:
            self.pool.connect()
            self.pool.prepare_message(self.pool.our_capability)
            self._take(_decoded(content))
            now, later = self.pool.welcome()
            if self.pool.state != RunspacePoolState.Opened:
                self.pool.state = RunspacePoolState.Disconnected
                raise WsmanFault(faults.INVALID_PARAMETER, "The client's opening is not complete.")
        self.connected = True
        self.deliver(later)
        return base64.b64encode(now).decode()

    def disconnect(self) -> None:
        """Let go of the client; pipelines go on."""
        super().disconnect()
        with self._talk:
            self.pool.state = RunspacePoolState.Disconnected

    def reconnect(self) -> None:
        """Take back the client."""
        super().reconnect()
        with self._talk:
            self.pool.state = RunspacePoolState.Opened

    def feed(self, data: bytes) -> None:
        """Take bytes of the client, whatever they are for; raises WsmanFault."""
        with self.talking() as out:
            self._take(data)
        self.deliver(out)

    def _take(self, data: bytes) -> None:
        try:
            for event in self.pool.feed(data):
                self._handle(event)
        except DataError as error:
            _log.debug("messages that cannot be read: %s", error)
            raise WsmanFault(
                faults.INVALID_PARAMETER, "The data is no PowerShell remoting data."
            ) from None

    @contextmanager
    def talking(self) -> Iterator[Outgoing]:
        """Hold the pool's messages for a while; the list then has what is to be delivered."""
        out: Outgoing = []
        with self._talk:
            yield out
            out += self.pool.outgoing()

    def deliver(self, out: Outgoing) -> None:
        """Put messages where they are fetched from; may wait while too much is there."""
        for pipeline_id, data in out:
            if pipeline_id is None:
                self._outlet.put("stdout", data)
                continue
            pipeline = self.commands.get(str(pipeline_id).upper())
            if isinstance(pipeline, Pipeline):
                pipeline.outlet.put("stdout", data, pipeline.run.is_stopped)

    def forget(self, pipeline_id: uuid.UUID) -> None:
        """Drop a pipeline of the protocol's state."""
        with self._talk:
            self.pool.forget(pipeline_id)

    @contextmanager
    def runspace(self, run: Run) -> Iterator[Session]:
        """Have a runspace of the pool, waiting for one while all are busy.

        Raises:
            Stopped: when the run is stopped meanwhile.
        """
        session = self._acquire(run)
        try:
            yield session
        finally:
            with self._free:
                self._busy -= 1
                self._idle.append(session)
                self._free.notify_all()

    def _acquire(self, run: Run) -> Session:
        with self._free:
            while self._busy >= max(1, self.pool.max_runspaces):
                run.check()
                with self.machine.world.activity.aside():
                    self._free.wait(_LOOK_AGAIN)
            self._busy += 1
            if self._idle:
                return self._idle.pop()
        account = self.facts.account
        return self.machine.engine.open(account.qualified)

    def _handle(self, event: PSRPEvent[Any, Any]) -> None:
        """Do what a message asks for; the lock is held."""
        if event.pipeline_id is None:
            self._handle_own(event)
            return
        pipeline = self.commands.get(str(event.pipeline_id).upper())
        if not isinstance(pipeline, Pipeline):
            raise WsmanFault(faults.UNKNOWN_COMMAND)
        pipeline.handle(event)

    def _handle_own(self, event: PSRPEvent[Any, Any]) -> None:
        match event:
            case SetMaxRunspacesEvent() | SetMinRunspacesEvent():
                self.pool.runspace_availability_response(event.ci, event.count > 0)
            case GetAvailableRunspacesEvent():
                free = max(0, self.pool.max_runspaces - self._busy)
                self.pool.runspace_availability_response(event.ci, free)
            case ResetRunspaceStateEvent():
                self._reset(event)

    def _reset(self, event: ResetRunspaceStateEvent) -> None:
        with self._free:
            idle = not self._busy
            for session in self._idle if idle else ():
                session.reset()
        self.pool.runspace_availability_response(event.ci, idle)


def _decoded(value: str) -> bytes:
    from hvsim_fakes.winrm.actions import decoded  # noqa: PLC0415 - actions open shells of this kind

    return decoded(value)
