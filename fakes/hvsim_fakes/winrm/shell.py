"""Shells of a host and their commands, as WS-Management sees them."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from hvsim_fakes.winrm import faults
from hvsim_fakes.winrm.faults import WsmanFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.winrm.accounts import Account
    from hvsim_fakes.winrm.machine import Machine
    from hvsim_fakes.winrm.outlet import Outlet

_REMEMBERED: Final = 2
"""Answers to Receive that a shell keeps."""


@dataclass(slots=True)
class Facts:
    """What a client says when it opens a shell, and who it is.

    Attributes:
        resource: the resource URI: what kind of shell it is.
        idle_timeout: seconds without a request after which the shell is deleted.
        session_id: of the client; only it may go on with a disconnected shell.
        environment, directory: for programs.
    """

    shell_id: str
    resource: str
    account: Account
    client_ip: str
    idle_timeout: float
    session_id: str = ""
    name: str = ""
    input_streams: str = "stdin"
    output_streams: str = "stdout stderr"
    environment: dict[str, str] = field(default_factory=dict)
    directory: str = ""
    options: dict[str, str] = field(default_factory=dict)


class Command(Protocol):
    """One command of a shell."""

    command_id: str
    line: str
    outlet: Outlet

    def send(self, stream: str, data: bytes, *, end: bool) -> None:
        """Take input."""

    def signal(self, code: str) -> None:
        """Take a signal; the code is the URI."""

    def close(self) -> None:
        """End, whatever it does."""


class Shell:
    """A shell. What kinds there are differ in :meth:`start`, :meth:`send` and :meth:`settle`."""

    can_disconnect = False
    forgets = False
    """Whether a command is forgotten when its end has been told; ``cmd``'s wait for a signal."""

    def __init__(self, machine: Machine, facts: Facts) -> None:
        self.machine = machine
        self.facts = facts
        self.created = self.used = machine.world.clock.now()
        self.commands: dict[str, Command] = {}
        self.connected = True
        self._answered: deque[tuple[str, bytes]] = deque(maxlen=_REMEMBERED)
        self._requests = 0
        self._lock = threading.Lock()

    @property
    def outlet(self) -> Outlet | None:
        """The output of the shell itself, as of a runspace pool; None when it has none."""
        return None

    def start(self, command_id: str, command: str, arguments: list[str]) -> Command:
        """Start a command."""
        raise NotImplementedError

    def send(self, stream: str, data: bytes, *, end: bool) -> None:  # noqa: ARG002 - none is taken
        """Take input that is for no command."""
        raise WsmanFault(faults.INVALID_COMMAND_ID)

    def connect(self, content: str) -> str:  # noqa: ARG002 - not what every shell can do
        """Connect another client to a disconnected shell; returns the content of its answer."""
        raise WsmanFault(faults.DISCONNECT_NOT_SUPPORTED)

    def disconnect(self) -> None:
        """Let go of the client; commands go on."""
        if not self.can_disconnect:
            raise WsmanFault(faults.DISCONNECT_NOT_SUPPORTED)
        self.connected = False

    def reconnect(self) -> None:
        """Take back the client."""
        self.connected = True

    def close(self) -> None:
        """End the shell and its commands."""
        for command in list(self.commands.values()):
            command.close()
            command.outlet.abort()
        if self.outlet is not None:
            self.outlet.abort()

    def enter(self) -> None:
        """Count a request: a shell with one under way is not idle."""
        with self._lock:
            self._requests += 1
            self.used = self.machine.world.clock.now()

    def leave(self) -> None:
        """Count the end of a request."""
        with self._lock:
            self._requests -= 1
            self.used = self.machine.world.clock.now()

    def answered_once(self, message_id: str, answer: Callable[[], bytes]) -> bytes:
        """Return the answer to a message, the same one when the message comes again.

        Clients send a Receive anew when its answer was lost on the way.
        """
        for known, before in self._answered:
            if known == message_id:
                return before
        made = answer()
        self._answered.append((message_id, made))
        return made

    def touch(self) -> None:
        """Count as used now: a command has ended."""
        self.used = self.machine.world.clock.now()

    def idle(self, now: float) -> bool:
        """Tell whether it has been idle for too long at a simulated time.

        While a command is under way it is not: the lab's clock may leap between two requests of a
        client that waits for it.
        """
        if self._requests or now - self.used <= self.facts.idle_timeout:
            return False
        return all(command.outlet.done for command in list(self.commands.values()))

    def command(self, command_id: str) -> Command:
        """Return a command; raises WsmanFault when there is none."""
        found = self.commands.get(command_id.upper())
        if found is None:
            raise WsmanFault(faults.UNKNOWN_COMMAND)
        return found

    def add(self, given: str, make: Callable[[str], Command]) -> Command:
        """Make a command under the identifier that the client gives, or a new one.

        Raises:
            WsmanFault: for an identifier that is none or in use, and over the quota.
        """
        command_id = identifier(self.machine, given, faults.INVALID_COMMAND_ID)
        with self._lock:
            if command_id in self.commands:
                raise WsmanFault(faults.COMMAND_EXISTS)
            if len(self.commands) >= self.machine.settings.max_processes_per_shell:
                raise WsmanFault(faults.TOO_MANY_COMMANDS)
            made = self.commands[command_id] = make(command_id)
        return made

    def drop(self, command_id: str) -> None:
        """Forget a command; what still waits for its output is told."""
        found = self.commands.pop(command_id.upper(), None)
        if found is not None:
            found.close()
            found.outlet.abort()


def identifier(machine: Machine, given: str, kind: faults.Kind) -> str:
    """Return a GUID as WinRM writes it, a new one when none is given; raises WsmanFault."""
    if not given:
        return machine.new_guid()
    try:
        return str(uuid.UUID(given)).upper()
    except ValueError:
        raise WsmanFault(kind) from None
