"""Operations: things that take simulated time, made of named stages.

A product writes an operation as a generator of :class:`Stage` values (and of other operations it
waits for). The stages are the places where a lab can be told to be slow, to fail or to stand
still, for one object or for many: see :class:`StageRule`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, ClassVar

import simpy

from hvsim.errors import Refusal

if TYPE_CHECKING:
    from hvsim.engine import Engine
    from hvsim.events import EventLog
    from hvsim.streams import Streams


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of simulated time within an operation.

    Attributes:
        name: what goes on, as the catalogue of stages calls it (``copy``, ``boot``).
        seconds: how long it takes unless a rule says otherwise.
        progress: the operation's progress (0..1) when it is over; None leaves it.
    """

    name: str
    seconds: float = 0.0
    progress: float | None = None


Steps = Generator[Any, None, Any]


class State(StrEnum):
    """Where an operation stands."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Cancelled(Refusal):
    """The operation was cancelled before its end."""


class Forced(Refusal):
    """A failure that the lab asked for, in the words of the product it befalls.

    Args:
        code: the product's error code; ``params`` its parameters.
    """

    vocabularies: ClassVar[dict[str, Callable[..., Refusal]]] = {}
    """What makes a product's own error of code and parameters, by the subject's first name."""

    def __init__(self, code: str, *params: str) -> None:
        self.code = code
        self.params = params
        super().__init__(": ".join((code, ", ".join(params))) if params else code)

    def told_by(self, subject: str) -> Refusal:
        """Return the failure as the product of a subject path tells it."""
        make = self.vocabularies.get(subject.partition("/")[0])
        return self if make is None else make(self.code, *self.params)


class InternalError(Refusal):
    """A fault of the simulator itself ended the operation."""


class Operation:
    """The record of one operation under way or ended.

    Attributes:
        id: unique in its world (``VM.start/3``).
        kind: what is done, in the product's words.
        subject: path of what it is done to.
        cause: the command that began it.
        foreground: whether somebody asked for it, so that a clock that skips idle time may jump
            to its end; background activity never makes time run.
        stage: the stage it is in, and ``due`` its end in simulated seconds (None while held).
        value: what it gave, once succeeded; ``error`` why not, once failed.
    """

    __slots__ = (
        "begun",
        "cause",
        "due",
        "early",
        "error",
        "foreground",
        "held",
        "id",
        "kind",
        "on_done",
        "on_progress",
        "process",
        "progress",
        "stage",
        "started",
        "state",
        "subject",
        "value",
    )

    def __init__(
        self, name: str, kind: str, subject: str, cause: str, started: float, *, foreground: bool
    ) -> None:
        self.id = name
        self.kind = kind
        self.subject = subject
        self.cause = cause
        self.started = started
        self.foreground = foreground
        self.state = State.RUNNING
        self.stage = ""
        self.due: float | None = started
        self.begun = False
        self.early: Refusal | None = None
        self.held: simpy.Event | None = None
        self.progress = 0.0
        self.value: Any = None
        self.error: Refusal | None = None
        self.process: simpy.Process | None = None
        self.on_done: list[Callable[[Operation], None]] = []
        self.on_progress: list[Callable[[Operation], None]] = []

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self.state is not State.RUNNING

    @property
    def topic(self) -> str:
        """What a waiter for its progress or end registers for."""
        return f"operation/{self.id}"


@dataclass(slots=True)
class StageRule:
    """What a lab overrides about stages; patterns are shell-style (``VM.*``, ``*``).

    Attributes:
        kind, subject, stage: which stages it is for.
        seconds: replaces the stage's length.
        jitter: adds up to this many seconds, uniformly, from the subject's own random stream.
        error: makes the operation fail at the end of the stage.
        hold: keeps the operation in the stage until the rule is lifted.
        remaining: how many more stages it applies to; None for ever.
    """

    kind: str = "*"
    subject: str = "*"
    stage: str = "*"
    seconds: float | None = None
    jitter: float = 0.0
    error: Refusal | None = None
    hold: bool = False
    remaining: int | None = None
    waiting: list[simpy.Event] = field(default_factory=list)

    def fits(self, operation: Operation, stage: Stage) -> bool:
        """Whether the rule is for this stage and not used up."""
        return (
            self.remaining != 0
            and _matches(operation.kind, self.kind)
            and _matches(operation.subject, self.subject)
            and _matches(stage.name, self.stage)
        )


def _matches(name: str, pattern: str) -> bool:
    return pattern == "*" or fnmatchcase(name, pattern)


class Operations:
    """Runs a world's operations on its engine and keeps those under way."""

    def __init__(self, engine: Engine, log: EventLog, streams: Streams) -> None:
        self._engine = engine
        self._log = log
        self._streams = streams
        self.running: dict[str, Operation] = {}
        self.rules: dict[str, StageRule] = {}
        self.in_background = False
        """Whether what is being done at this moment is a background operation's doing."""

    def start(self, kind: str, subject: str, steps: Steps, *, foreground: bool = True) -> Operation:
        """Begin an operation; its first step runs before the world is next let go.

        What a background operation begins is in the background as well.
        """
        foreground = foreground and not self.in_background
        name = f"{kind}/{self._streams.number(f'operation/{kind}')}"
        cause = self._log.cause
        operation = Operation(name, kind, subject, cause, self._engine.now, foreground=foreground)
        self.running[name] = operation
        operation.process = self._engine.process(self._interpret(operation, steps))
        return operation

    def interrupt(self, operation: Operation, error: Refusal | None = None) -> None:
        """Raise ``error`` (default: :class:`Cancelled`) in the operation where it stands."""
        error = error or Cancelled("the operation was cancelled")
        if not operation.begun:
            # SimPy cannot interrupt a process before its first step.
            operation.early = error
        elif operation.process is not None and operation.process.is_alive:
            operation.process.interrupt(error)

    def on(self, subject: str) -> list[Operation]:
        """Return the operations under way on ``subject``, oldest first."""
        return [found for found in self.running.values() if found.subject == subject]

    @property
    def foreground(self) -> bool:
        """Whether something that somebody asked for is moving (held operations are not)."""
        return any(found.foreground and found.held is None for found in self.running.values())

    def add_rule(self, name: str, rule: StageRule) -> None:
        """Override stages from now on, under a name by which to lift it."""
        self.lift_rule(name)
        self.rules[name] = rule

    def lift_rule(self, name: str) -> bool:
        """Drop a rule and let go what it holds; return whether it was there."""
        rule = self.rules.pop(name, None)
        for event in rule.waiting if rule else ():
            _succeed(event)
        return rule is not None

    def _acting(self, operation: Operation) -> AbstractContextManager[None]:
        """Attribute what is done in a ``with`` block to an operation."""
        return _Acting(self, self._log, operation)

    def _interpret(self, operation: Operation, steps: Steps) -> Steps:
        state = State.FAILED
        try:
            operation.value = yield from self._drive(operation, steps)
            state = State.SUCCEEDED
        except Cancelled as error:
            operation.error = error
            state = State.CANCELLED
        except Refusal as error:
            operation.error = error
        except Exception as error:  # noqa: BLE001 - one broken operation must not take the world
            operation.error = InternalError(f"{type(error).__name__}: {error}")
            told = {"operation": operation.id, "error": str(operation.error)}
            self._log.append("crash", "simulator", None, told)
        self._finish(operation, state)

    def _drive(self, operation: Operation, steps: Steps) -> Steps:
        failure: BaseException | None = None
        operation.begun = True
        while True:
            # The steps' own end cannot be a StopIteration here: it becomes this return value.
            with self._acting(operation):
                try:
                    step = steps.throw(failure) if failure else steps.send(None)
                except StopIteration as stop:
                    return stop.value
            if operation.early is not None:
                # Not before the first step: what cleans up stands in the steps' own `finally`.
                failure, operation.early = operation.early, None
                continue
            try:
                yield from self._perform(operation, step)
                failure = None
            except simpy.Interrupt as interrupt:
                failure = interrupt.cause
            except Refusal as error:
                failure = error

    def _perform(self, operation: Operation, step: Any) -> Steps:
        if isinstance(step, Operation):
            yield from self._await(step)
        elif isinstance(step, Stage):
            yield from self._stage(operation, step)
        else:
            yield step

    def _await(self, other: Operation) -> Steps:
        if not other.done:
            ended = self._engine.event()
            other.on_done.append(lambda _: _succeed(ended))
            yield ended
        if other.error is not None:
            raise other.error

    def _stage(self, operation: Operation, stage: Stage) -> Steps:
        operation.stage = stage.name
        rule = next((r for r in self.rules.values() if r.fits(operation, stage)), None)
        seconds = stage.seconds if rule is None else self._seconds(operation, stage, rule)
        operation.due = self._engine.now + seconds
        yield self._engine.timeout(seconds)
        if rule is not None:
            yield from self._obey(operation, rule)
        if stage.progress is not None:
            operation.progress = stage.progress
            with self._acting(operation):
                for tell in operation.on_progress:
                    tell(operation)
            # Who waits for more than the end looks again, as a terminal does for a percentage.
            self._log.wake((operation.topic,))

    def _seconds(self, operation: Operation, stage: Stage, rule: StageRule) -> float:
        if rule.remaining is not None:
            rule.remaining -= 1
        seconds = stage.seconds if rule.seconds is None else rule.seconds
        if rule.jitter:
            seconds += self._streams.stream(operation.subject).uniform(0.0, rule.jitter)
        return seconds

    def _obey(self, operation: Operation, rule: StageRule) -> Steps:
        if rule.hold and any(rule is known for known in self.rules.values()):
            operation.due = None
            operation.held = self._engine.event()
            rule.waiting.append(operation.held)
            try:
                yield operation.held
            finally:
                rule.waiting.remove(operation.held)
                operation.held = None
                operation.due = self._engine.now
        if isinstance(rule.error, Forced):
            raise rule.error.told_by(operation.subject)
        if rule.error is not None:
            raise rule.error

    def _finish(self, operation: Operation, state: State) -> None:
        operation.state = state
        del self.running[operation.id]
        if state is State.SUCCEEDED:
            operation.progress = 1.0
        try:
            with self._acting(operation):
                for tell in operation.on_done:
                    tell(operation)
        finally:
            self._log.wake((operation.topic,))


class _Acting(AbstractContextManager[None]):
    """A stretch in which what is done is an operation's doing."""

    __slots__ = ("_before", "_cause", "_log", "_operation", "_operations")

    def __init__(self, operations: Operations, log: EventLog, operation: Operation) -> None:
        self._operations = operations
        self._log = log
        self._operation = operation
        self._before = False
        self._cause = ""

    def __enter__(self) -> None:
        all_of_them, log = self._operations, self._log
        self._before, self._cause = all_of_them.in_background, log.cause
        all_of_them.in_background, log.cause = not self._operation.foreground, self._operation.id

    def __exit__(self, *_: object) -> None:
        self._operations.in_background, self._log.cause = self._before, self._cause


def _succeed(event: simpy.Event) -> None:
    if not event.triggered:
        event.succeed()
