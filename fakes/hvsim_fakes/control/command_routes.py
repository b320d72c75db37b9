"""Commands: every change of the lab from outside, and the operations they began."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from hvsim.commands import decode, kinds
from hvsim.errors import CommandError
from hvsim.operations import Operation, StageRule, State
from hvsim_fakes.control.api import Ask, Body, Facts, Query, route
from hvsim_fakes.control.problems import Problem

if TYPE_CHECKING:
    from hvsim.commands import Command
    from hvsim.world import World


class CommandKind(Facts, frozen=True, kw_only=True):
    """A kind of command: what it does, and its fields as JSON Schema."""

    kind: str
    summary: str
    fields: dict[str, Any]
    required: list[str]


class CommandDone(Facts, frozen=True, kw_only=True):
    """A command that was carried out.

    ``operation`` is the id of the operation it began, if it takes simulated time; ``generation``
    is the event log's after it.
    """

    kind: str
    time: float
    generation: int
    operation: str | None = None
    result: Any = None


class OperationState(Facts, frozen=True, kw_only=True):
    """An operation; ``due`` is the end of its stage in simulated seconds, null while held."""

    id: str
    kind: str
    subject: str
    cause: str
    state: State
    stage: str
    started: float
    due: float | None
    held: bool
    foreground: bool
    progress: float


class RuleState(Facts, frozen=True, kw_only=True):
    """A rule that overrides stages, as it stands."""

    name: str
    kind: str
    subject: str
    stage: str
    seconds: float | None
    jitter: float
    error: str | None
    hold: bool
    remaining: int | None
    holding: int


class OperationQuery(Query, frozen=True, kw_only=True):
    """Which operations: those on one subject, or all."""

    subject: str | None = None


class WaitBody(Body, frozen=True, kw_only=True):
    """For which operation, by id, and how long at most, in the machine's seconds."""

    operation: str
    seconds: Annotated[float, Meta(ge=0, le=600)] = 60.0


class Waited(Facts, frozen=True, kw_only=True):
    """Whether the operation has ended."""

    done: bool


@route("GET", "/v1/commands", gives=list[CommandKind])
def list_commands(ask: Ask) -> list[CommandKind]:  # noqa: ARG001 - every handler takes the request
    """List the kinds of commands with their fields."""
    return [_described(kind, cls) for kind, cls in kinds().items()]


@route("POST", "/v1/commands", body=dict[str, Any], gives=CommandDone)
def give_command(ask: Ask) -> CommandDone:
    """Carry out a command: faults, actions inside guests, rules about stages."""
    try:
        item = decode(ask.body)
    except CommandError as error:
        raise Problem(400, str(error)) from None
    return carry_out(ask.world, item)


@route("GET", "/v1/operations", query=OperationQuery, gives=list[OperationState])
def list_operations(ask: Ask) -> list[OperationState]:
    """List the operations under way, oldest first."""
    with ask.world.access():
        found = list(ask.world.operations.running.values())
    subject = ask.query.subject
    return [_operation(op) for op in found if subject in (None, op.subject)]


@route("POST", "/v1/operations/wait", body=WaitBody, gives=Waited)
def wait_operation(ask: Ask) -> Waited:
    """Wait for an operation's end; one that is no longer under way has ended."""
    with ask.world.access():
        found = ask.world.operations.running.get(ask.body.operation)
    if found is None:
        return Waited(done=True)
    return Waited(done=ask.world.wait_operation(found, ask.body.seconds))


@route("GET", "/v1/rules", gives=list[RuleState])
def list_rules(ask: Ask) -> list[RuleState]:
    """List the rules that override stages."""
    with ask.world.access():
        return [_rule(name, rule) for name, rule in ask.world.operations.rules.items()]


def carry_out(world: World, item: Command) -> CommandDone:
    """Execute a command and tell what came of it."""
    value = world.execute(item)
    with world.access():
        return CommandDone(
            kind=item.kind,
            time=world.now,
            generation=world.log.generation,
            operation=value.id if isinstance(value, Operation) else None,
            result=None if isinstance(value, Operation) else _plain(value),
        )


def _plain(value: Any) -> Any:
    try:
        return msgspec.to_builtins(value)
    except (TypeError, ValueError):
        return str(value)


def _described(kind: str, cls: type[Command]) -> CommandKind:
    schema = inlined_schema(cls)
    return CommandKind(
        kind=kind,
        summary=(cls.__doc__ or "").strip().split("\n")[0],
        fields=schema.get("properties", {}),
        required=schema.get("required", []),
    )


def inlined_schema(cls: type[Command]) -> dict[str, Any]:
    """Return the JSON Schema of a command's fields, its own object at the top."""
    schema = msgspec.json.schema(cls)
    name = str(schema["$ref"]).rpartition("/")[2]
    top: dict[str, Any] = schema["$defs"][name]
    return top


def _operation(op: Operation) -> OperationState:
    return OperationState(
        id=op.id,
        kind=op.kind,
        subject=op.subject,
        cause=op.cause,
        state=op.state,
        stage=op.stage,
        started=op.started,
        due=op.due,
        held=op.held is not None,
        foreground=op.foreground,
        progress=op.progress,
    )


def _rule(name: str, rule: StageRule) -> RuleState:
    return RuleState(
        name=name,
        kind=rule.kind,
        subject=rule.subject,
        stage=rule.stage,
        seconds=rule.seconds,
        jitter=rule.jitter,
        error=None if rule.error is None else str(rule.error),
        hold=rule.hold,
        remaining=rule.remaining,
        holding=len(rule.waiting),
    )
