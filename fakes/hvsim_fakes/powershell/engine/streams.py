"""Where a script's output goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.registry import register

if TYPE_CHECKING:
    from hvsim_fakes.powershell.errors import ErrorRecord

OUTPUT, ERROR, WARNING, VERBOSE, DEBUG, INFORMATION = 1, 2, 3, 4, 5, 6


@dataclass(slots=True)
class TextRecord:
    """A warning, verbose or debug message."""

    message: str
    kind: str = "Warning"

    @property
    def ps_type(self) -> NetType:
        """WarningRecord, VerboseRecord or DebugRecord."""
        return _TEXT_TYPES[self.kind]


@dataclass(slots=True)
class InformationRecord:
    """What Write-Information and Write-Host write.

    Attributes:
        value: the object.
        tags: ``PSHOST`` for Write-Host.
        newline: whether Write-Host ends the line.
        time: when, in Unix seconds of simulated time.
    """

    value: Any
    tags: tuple[str, ...] = ()
    newline: bool = True
    time: float = 0.0
    ps_type = NetType("System.Management.Automation.InformationRecord", OBJECT)


@dataclass(frozen=True, slots=True)
class ProgressRecord:
    """How far something is; ``percent`` is -1 when not known."""

    activity: str
    status: str
    percent: int = -1
    done: bool = False
    activity_id: int = 0
    parent_id: int = -1
    seconds_left: int = -1
    operation: str = ""
    ps_type = NetType("System.Management.Automation.ProgressRecord", OBJECT)


class Streams:
    """The streams of a run, kept in lists; a host overrides what it passes on."""

    def __init__(self) -> None:
        self.outputs: list[Any] = []
        self.errors: list[ErrorRecord] = []
        self.warnings: list[str] = []
        self.verboses: list[str] = []
        self.debugs: list[str] = []
        self.informations: list[InformationRecord] = []
        self.progresses: list[ProgressRecord] = []
        self.screen: list[str] = []

    def output(self, value: Any) -> None:
        """Take an object of the success stream."""
        self.outputs.append(value)

    def error(self, record: ErrorRecord) -> None:
        """Take an error record."""
        self.errors.append(record)

    def warning(self, text: str) -> None:
        """Take a warning."""
        self.warnings.append(text)

    def verbose(self, text: str) -> None:
        """Take a verbose message."""
        self.verboses.append(text)

    def debug(self, text: str) -> None:
        """Take a debug message."""
        self.debugs.append(text)

    def information(self, record: InformationRecord) -> None:
        """Take an information record."""
        self.informations.append(record)

    def progress(self, record: ProgressRecord) -> None:
        """Take a progress record."""
        self.progresses.append(record)

    def host(self, text: str, *, newline: bool = True) -> None:
        """Take what is written to the host's screen (Write-Host, [Console])."""
        self.screen.append(text + ("\r\n" if newline else ""))


@dataclass
class Sinks:
    """Where streams 1 to 6 go instead of the run's own: redirections."""

    taken: dict[int, Any] = field(default_factory=dict)

    def get(self, stream: int) -> Any:
        """Return what takes a stream, None for the run's own."""
        return self.taken.get(stream)


_TEXT_TYPES = {
    kind: register(
        NetType(
            f"System.Management.Automation.{kind}Record",
            OBJECT,
            properties=[
                Property("Message", lambda one: one.message),
                Property("InvocationInfo", lambda _: None),
            ],
            text=lambda one: one.message,
        )
    )
    for kind in ("Warning", "Verbose", "Debug")
}
register(InformationRecord.ps_type).extend(
    properties=[
        Property("MessageData", lambda one: one.value),
        Property("Source", lambda _: ""),
        Property("Tags", lambda one: list(one.tags)),
    ],
    text=lambda one: str(one.value),
)
register(ProgressRecord.ps_type).extend(
    properties=[
        Property("Activity", lambda one: one.activity),
        Property("StatusDescription", lambda one: one.status),
        Property("PercentComplete", lambda one: one.percent),
    ]
)
