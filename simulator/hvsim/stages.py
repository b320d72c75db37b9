"""Rules about the stages of operations as commands: slower, held, failing.

Patterns are shell-style. ``on`` names one object instead of a subject pattern:
``pool1/web`` is the guest, host or storage called ``web`` in ``pool1``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from hvsim import controls
from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.operations import Forced, StageRule

if TYPE_CHECKING:
    from hvsim.errors import Refusal
    from hvsim.world import World

Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Times = Annotated[int, msgspec.Meta(ge=1)]


class _Selection(Command, frozen=True, kw_only=True):
    """What a rule is for: operations by ``operation`` and ``subject`` (or ``on``), and stages.

    Attributes:
        operation: pattern of the operation's kind (``VM.start``, ``VM.*``).
        subject: pattern of the object's path in the event log.
        on: the object by name, ``<pool>/<name>``; excludes ``subject``.
        stage: pattern of the stage's name.
    """

    operation: str = "*"
    subject: str = "*"
    on: str | None = None
    stage: str = "*"

    def rule(self, world: World, **fields: Any) -> StageRule:
        """Return the rule for what is selected."""
        subject = self.subject if self.on is None else self._object(world, self.on)
        return StageRule(kind=self.operation, subject=subject, stage=self.stage, **fields)

    def _object(self, world: World, name: str) -> str:
        if self.subject != "*":
            raise CommandError("expected either 'on' or 'subject', not both")
        product, slash, rest = name.partition("/")
        if not slash:
            raise CommandError(f"on: expected '<pool>/<name>', not {name!r}")
        return controls.of(world, product).subject(rest)


@command("stage.override")
class StageOverride(_Selection, frozen=True, kw_only=True):
    """Change how stages go, until the rule is released.

    Attributes:
        name: by which to release the rule; an older one of that name is replaced.
        seconds: how long the stage takes.
        jitter: up to so many seconds more, from the object's own random stream.
        error: the product's error code and its parameters, with which the operation fails.
        times: how many stages it is good for; None for ever.
    """

    name: str
    seconds: Seconds | None = None
    jitter: Seconds = 0.0
    error: list[str] = msgspec.field(default_factory=list)
    times: Times | None = None

    def apply(self, world: World) -> None:
        """Add the rule and log it."""
        rule = self.rule(
            world,
            seconds=self.seconds,
            jitter=self.jitter,
            error=_error(self.error),
            remaining=self.times,
        )
        _add(world, self.name, rule, self.error)


@command("stage.hold")
class StageHold(_Selection, frozen=True, kw_only=True):
    """Keep operations in a stage, from the stage's end until ``stage.release``.

    ``times`` limits how many are held. With ``error`` they fail when they are let go.
    """

    name: str
    error: list[str] = msgspec.field(default_factory=list)
    times: Times | None = None

    def apply(self, world: World) -> None:
        """Add the rule and log it."""
        rule = self.rule(world, hold=True, error=_error(self.error), remaining=self.times)
        _add(world, self.name, rule, self.error)


@command("stage.release")
class StageRelease(Command, frozen=True, kw_only=True):
    """Lift the rule called ``name`` and let go what it holds."""

    name: str

    def apply(self, world: World) -> None:
        """Lift it; refused when there is no such rule."""
        if not world.operations.lift_rule(self.name):
            known = ", ".join(sorted(world.operations.rules)) or "none"
            raise CommandError(f"no stage rule called {self.name!r}; there are: {known}")
        world.log.append("release", f"stage/{self.name}", None, None)


@command("operation.fail-next")
class OperationFailNext(_Selection, frozen=True, kw_only=True):
    """Let the next operations that are selected fail, each at the end of its selected stage.

    Attributes:
        error: the product's error code and its parameters.
        times: how many operations fail.
    """

    error: Annotated[list[str], msgspec.Meta(min_length=1)]
    times: Times = 1

    def apply(self, world: World) -> str:
        """Add the rule; return the name by which to release it before it is used up."""
        name = f"fail-next/{world.streams.number('fail-next')}"
        rule = self.rule(world, error=_error(self.error), remaining=self.times)
        _add(world, name, rule, self.error)
        return name


def _error(parts: list[str]) -> Refusal | None:
    return Forced(*parts) if parts else None


def _add(world: World, name: str, rule: StageRule, error: list[str]) -> None:
    world.operations.add_rule(name, rule)
    after = {
        "kind": rule.kind,
        "subject": rule.subject,
        "stage": rule.stage,
        "seconds": rule.seconds,
        "jitter": rule.jitter,
        "error": error,
        "hold": rule.hold,
        "times": rule.remaining,
    }
    world.log.append("rule", f"stage/{name}", None, after)
