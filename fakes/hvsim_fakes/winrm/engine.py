"""What runs behind the shells of a Windows host: the interface that PowerShell is plugged in by.

The wire knows nothing of PowerShell's language. It opens a :class:`Session` for whoever logged in
and gives it an :class:`Invocation` in a thread of its own; the session tells each record as it
comes. It may block on ``Invocation.input``, on ``Invocation.host`` and, for what takes simulated
time, in ``Invocation.pause``; all of them raise :class:`Stopped` when the client stops it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Pause:
    """A wish to wait for the simulated world.

    Attributes:
        topics: of the event log; any event under one of them is a reason to look again.
        ready: judged under the world's lock; true when the wait is over.
    """

    topics: tuple[str, ...]
    ready: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Fault:
    """An error record, as PowerShell has it.

    Attributes:
        exception: full name of the .NET exception's type.
        inherits: full names of its base types, nearest first; ``System.Object`` may be left out.
        category: name of the ``ErrorCategory`` (``ObjectNotFound``).
        target: the object concerned, for people.
        text: how the console shows the whole record, lines ended by LF.
        line, script_line, position: where in the script it came from, as far as is known.
    """

    message: str
    error_id: str = ""
    exception: str = "System.Exception"
    inherits: tuple[str, ...] = ()
    category: str = "NotSpecified"
    activity: str = ""
    reason: str = ""
    target: str = ""
    target_type: str = ""
    text: str = ""
    line: int = 0
    script_line: str = ""
    position: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """An object on the success stream, in the engine's own form."""

    value: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """A non-terminating error."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class Message:
    """A line for one of the streams ``warning``, ``verbose`` and ``debug``."""

    stream: str
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far something is; ``percent`` and ``seconds`` are -1 where nobody knows."""

    activity: str
    status: str
    activity_id: int = 0
    operation: str = ""
    parent_id: int = -1
    percent: int = -1
    seconds: int = -1
    completed: bool = False


@dataclass(frozen=True, slots=True)
class Information:
    """A record of the information stream.

    Attributes:
        text: its message.
        to_host: written by ``Write-Host``: the client's host shows it too.
        newline: whether a line ends after it there.
        foreground, background: its colours there, as numbers of ``ConsoleColor``.
    """

    text: str
    source: str = ""
    tags: tuple[str, ...] = ()
    to_host: bool = False
    newline: bool = True
    foreground: int | None = None
    background: int | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """What ``powershell.exe`` writes; ``error`` marks its error stream."""

    text: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Exited:
    """The script asked for the end of its process, by ``exit``; the last record there is."""

    code: int


Record = Output | Failure | Message | Progress | Information | Exited
"""What a pipeline gives."""


class Terminated(Exception):  # noqa: N818 - PowerShell's word for what ends a pipeline
    """A terminating error ended the pipeline."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class Stopped(BaseException):
    """The client stopped the pipeline; raised into whoever waits. No script catches it."""


class Host(Protocol):
    """The client's host, asked across the wire; every call may block and may raise `Stopped`."""

    def read_line(self) -> str:
        """Return a line that the user types.

        Raises:
            NotImplementedError: when there is nobody to ask.
        """

    def prompt_secret(self) -> str:
        """Return what the user types unseen; raises as :meth:`read_line` does."""


class NoHost:
    """The host of a client that has none."""

    def read_line(self) -> str:
        """Refuse: nobody is there to type."""
        raise NotImplementedError

    def prompt_secret(self) -> str:
        """Refuse: nobody is there to type."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a pipeline.

    Attributes:
        text: a script, or the name of a command.
        arguments: names (empty for those by position) and values in the engine's own form.
        local: whether what a script sets is forgotten at its end.
        merge_errors: whether its errors go to the output.
        ends_statement: whether the next command begins another pipeline.
    """

    text: str
    is_script: bool = True
    arguments: tuple[tuple[str, Any], ...] = ()
    local: bool = False
    merge_errors: bool = False
    ends_statement: bool = False


@dataclass(frozen=True, slots=True)
class Invocation:
    """Something to run.

    Attributes:
        steps: its commands, in order; a script is one of them.
        input: the pipeline's input, or the lines of standard input; the next item may block.
        arguments: of ``-File``; become ``$args``.
        file: path of the script's file where there is one.
        cancelled: asked now and then by whoever computes for long; true when nobody wants the
            result any more.
        on_stop: has something called, from another thread, when the client stops it.
        pause: waits for the simulated world.
        no_input: whether there is no input at all, which is something else than empty input.
        error_xml: whether a console's error stream is CLIXML, as it is for another PowerShell.
        progress: whether it tells there that it prepares modules, as 5.1 does.
    """

    steps: tuple[Step, ...]
    input: Iterator[Any] = field(default_factory=lambda: iter(()))
    arguments: tuple[Any, ...] = ()
    file: str = ""
    host: Host = field(default_factory=NoHost)
    cancelled: Callable[[], bool] = lambda: False
    on_stop: Callable[[Callable[[], None]], None] = lambda _: None
    pause: Callable[[Pause], None] = lambda _: None
    no_input: bool = True
    error_xml: bool = False
    progress: bool = False

    @property
    def script(self) -> str:
        """The text when it is one script and nothing else, as it mostly is; else nothing."""
        if len(self.steps) != 1 or not self.steps[0].is_script or self.steps[0].arguments:
            return ""
        return self.steps[0].text


class Session(Protocol):
    """A runspace, or one run of ``powershell.exe``: variables and functions live as long as it."""

    def records(self, call: Invocation, take: Callable[[Record], None]) -> None:
        """Run a pipeline; ``take`` gets its records.

        Raises:
            Terminated: for a terminating error, a parse error among them.
            Stopped: when the client stopped it.
        """

    def console(self, call: Invocation, write: Callable[[Text], None]) -> int:
        """Run a script as ``powershell.exe`` does and return its exit code.

        Raises:
            Stopped: when the client stopped it.
        """

    def to_psrp(self, value: Any) -> Any:
        """Return an object of the engine as one that psrpcore serializes."""

    def from_psrp(self, value: Any) -> Any:
        """Return what psrpcore read as an object of the engine."""

    def reset(self) -> None:
        """Forget all variables, as a client may ask of a runspace."""


class ShellEngine(Protocol):
    """PowerShell on a host."""

    def open(
        self, user: str, environment: Mapping[str, str] | None = None, directory: str = ""
    ) -> Session:
        r"""Start a session for somebody who has logged in (``DOMAIN\user``).

        Args:
            environment: variables that the client adds to the environment.
            directory: where it starts; the user's own directory by default.
        """
