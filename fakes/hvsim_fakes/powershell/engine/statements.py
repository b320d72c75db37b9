"""Statements compiled to closures: each takes the frame and where its output goes."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine.assignment import assignment, target
from hvsim_fakes.powershell.engine.expressions import (
    expression,
    plain_expression,
    type_not_found,
    value_of,
)
from hvsim_fakes.powershell.engine.signals import (
    BreakSignal,
    ContinueSignal,
    ExitSignal,
    ReturnSignal,
)
from hvsim_fakes.powershell.errors import ErrorRecord, NetException, PowerShellError, failure
from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.objects import patterns
from hvsim_fakes.powershell.objects.compare import equal
from hvsim_fakes.powershell.objects.convert import convert, truth
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.operate import match, net_failure
from hvsim_fakes.powershell.objects.registry import INT32, find
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, elements, is_list

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.expressions import Expression
    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.language.syntax import Node
    from hvsim_fakes.powershell.objects.nettype import NetType

Emit = Callable[[Any], None]
Statement = Callable[["Frame", Emit], None]


def block(node: syntax.Block) -> Statement:
    """Compile statements one after the other.

    An error that ends a statement is reported and the next one runs, unless a ``try`` or a
    ``trap`` is around, or the error is to end the script.
    """
    statements = [statement(one) for one in node.statements]
    traps = [_trap(one) for one in node.traps]
    if traps:
        return _trapping(statements, traps)

    def run(frame: Frame, emit: Emit) -> None:
        budget = frame.budget
        for one in statements:
            budget.steps -= 1
            if budget.steps < 0:
                frame.engine.interrupted()
            try:
                one(frame, emit)
            except PowerShellError as wrong:
                frame.engine.statement_failed(wrong, frame)
            except NetError as wrong:
                frame.engine.statement_failed(net_failure(wrong), frame)

    return run


def _trapping(statements: list[Statement], traps: list[tuple[str, Statement]]) -> Statement:
    def run(frame: Frame, emit: Emit) -> None:
        for one in statements:
            frame.budget.step()
            try:
                with frame.engine.catching():
                    _told(one, frame, emit)
            except PowerShellError as wrong:
                if wrong.fatal or not _trapped(wrong, traps, frame, emit):
                    raise

    return run


def _told(one: Statement, frame: Frame, emit: Emit) -> None:
    """Run a statement; an exception of .NET that nothing wraps becomes an error."""
    try:
        one(frame, emit)
    except NetError as wrong:
        raise net_failure(wrong) from None


def _trap(node: syntax.Trap) -> tuple[str, Statement]:
    return node.type_name, block(node.body)


def _trapped(
    wrong: PowerShellError, traps: list[tuple[str, Statement]], frame: Frame, emit: Emit
) -> bool:
    """Run the trap that fits; tell whether to go on after the statement that failed."""
    engine = frame.engine
    for name, body in traps:
        if name and not _fits(wrong.record, name, None):
            continue
        engine.remember(wrong.record)
        try:
            with engine.item(frame, wrong.record):
                body(frame, emit)
        except ContinueSignal:
            return True
        except BreakSignal:
            return False
        engine.show_error(wrong.record)
        return True
    return False


@singledispatch
def statement(node: Node) -> Statement:
    """Compile a statement."""
    raise AssertionError(node)


@statement.register(syntax.Pipeline)
def _(node: syntax.Pipeline) -> Statement:
    plain = plain_expression(node)
    if plain is not None:
        return _expression_statement(plain)
    from hvsim_fakes.powershell.engine.pipelines import pipeline  # noqa: PLC0415 - the modules need each other

    return pipeline(node)


def _expression_statement(node: Node) -> Statement:
    value = expression(node)
    silent = isinstance(node, syntax.Increment)
    if isinstance(node, syntax.Paren):
        inner = plain_expression(node.inner)
        silent = False
        if isinstance(inner, syntax.Increment):
            value = expression(inner)

    def run(frame: Frame, emit: Emit) -> None:
        found = value(frame)
        frame.engine.succeeded = True
        if silent or found is NOTHING:
            return
        if is_list(found):
            for one in elements(found):
                emit(one)
        else:
            emit(found)

    return run


@statement.register(syntax.Assignment)
def _(node: syntax.Assignment) -> Statement:
    run = assignment(node)
    # an assignment from an expression leaves $? true; one from a command leaves what it was
    calm = not isinstance(node.value, syntax.Pipeline) or plain_expression(node.value) is not None

    def assign(frame: Frame, _: Emit) -> None:
        run(frame)
        if calm:
            frame.engine.succeeded = True

    return assign


@statement.register(syntax.If)
def _(node: syntax.If) -> Statement:
    clauses = [(value_of(condition), block(body)) for condition, body in node.clauses]
    otherwise = block(node.otherwise) if node.otherwise is not None else None

    def run(frame: Frame, emit: Emit) -> None:
        for condition, body in clauses:
            if truth(condition(frame)):
                body(frame, emit)
                return
        if otherwise is not None:
            otherwise(frame, emit)

    return run


# Loops


def _turn(body: Statement, frame: Frame, emit: Emit, label: str) -> bool:
    """Run a loop's body once; tell whether to go on."""
    try:
        body(frame, emit)
    except BreakSignal as signal:
        if signal.label and signal.label != label:
            raise
        return False
    except ContinueSignal as signal:
        if signal.label and signal.label != label:
            raise
    return True


@statement.register(syntax.Loop)
def _(node: syntax.Loop) -> Statement:
    condition, body = value_of(node.condition), block(node.body)
    first, until, label = node.kind != "while", node.kind == "do until", node.label.lower()

    def run(frame: Frame, emit: Emit) -> None:
        with frame.engine.looping():
            if first and not _turn(body, frame, emit, label):
                return
            while truth(condition(frame)) is not until:
                frame.budget.step()
                if not _turn(body, frame, emit, label):
                    return

    return run


@statement.register(syntax.For)
def _(node: syntax.For) -> Statement:
    start = statement(node.start) if node.start is not None else None
    condition = value_of(node.condition) if node.condition is not None else None
    step = statement(node.step) if node.step is not None else None
    body, label = block(node.body), node.label.lower()

    def run(frame: Frame, emit: Emit) -> None:
        with frame.engine.looping():
            if start is not None:
                start(frame, _ignore)
            while condition is None or truth(condition(frame)):
                frame.budget.step()
                if not _turn(body, frame, emit, label):
                    return
                if step is not None:
                    step(frame, _ignore)

    return run


def _ignore(_: Any) -> None:
    pass


@statement.register(syntax.Foreach)
def _(node: syntax.Foreach) -> Statement:
    values, put, body = value_of(node.values), target(node.variable), block(node.body)
    label = node.label.lower()

    def run(frame: Frame, emit: Emit) -> None:
        found = values(frame)
        if found is None or found is NOTHING:
            return
        with frame.engine.looping():
            for one in elements(found) if is_list(found) else [found]:
                frame.budget.step()
                put(frame, one)
                if not _turn(body, frame, emit, label):
                    return

    return run


@statement.register(syntax.Switch)
def _(node: syntax.Switch) -> Statement:
    subject, label = value_of(node.subject), node.label.lower()
    clauses = [_clause(pattern, body, node) for pattern, body in node.clauses]
    default = block(node.default) if node.default is not None else None

    def run(frame: Frame, emit: Emit) -> None:
        found = subject(frame)
        values = elements(found) if is_list(found) else [] if found is NOTHING else [found]
        with frame.engine.looping():
            for one in values:
                frame.budget.step()
                with frame.engine.item(frame, one):
                    if not _switched(one, clauses, default, frame, emit, label):
                        return

    return run


def _switched(  # noqa: PLR0917 - they go together everywhere
    value: Any,
    clauses: list[tuple[Callable[[Frame, Any], bool], Statement]],
    default: Statement | None,
    frame: Frame,
    emit: Emit,
    label: str,
) -> bool:
    """Run the clauses that fit a value; tell whether to go on with the next value."""
    matched = False
    try:
        for fits, body in clauses:
            if fits(frame, value):
                matched = True
                body(frame, emit)
        if not matched and default is not None:
            default(frame, emit)
    except BreakSignal as signal:
        if signal.label and signal.label != label:
            raise
        return False
    except ContinueSignal as signal:
        if signal.label and signal.label != label:
            raise
    return True


def _clause(
    pattern: Node, body: syntax.Block, node: syntax.Switch
) -> tuple[Callable[[Frame, Any], bool], Statement]:
    if isinstance(pattern, syntax.ScriptBlockExpression):
        condition = _condition(pattern)
        return condition, block(body)
    wanted, case, mode = expression(pattern), node.exact_case, node.mode

    def fits(frame: Frame, value: Any) -> bool:
        against = wanted(frame)
        if mode == "wildcard":
            return patterns.like(to_text(value), to_text(against), case=case)
        if mode == "regex":
            found = match(to_text(value), to_text(against), case=case)
            if found is not None:
                frame.scope.variables["matches"] = found
            return found is not None
        return equal(value, against, case=case) or (
            isinstance(against, str) and equal(to_text(value), against, case=case)
        )

    return fits, block(body)


def _condition(pattern: syntax.ScriptBlockExpression) -> Callable[[Frame, Any], bool]:
    made = expression(pattern)

    def fits(frame: Frame, value: Any) -> bool:
        found = frame.engine.call_block(made(frame), [], item=value, frame=frame)
        return truth(found)

    return fits


# Errors


@statement.register(syntax.Try)
def _(node: syntax.Try) -> Statement:
    body = block(node.body)
    catches = [(one.type_names, block(one.body), one.extent) for one in node.catches]
    last = block(node.last) if node.last is not None else None

    def attempt(frame: Frame, emit: Emit) -> None:
        if not catches:
            body(frame, emit)
            return
        try:
            with frame.engine.catching():
                body(frame, emit)
        except PowerShellError as wrong:
            handler = None if wrong.fatal else _handler(wrong.record, catches)
            if handler is None:
                raise
            _handle(wrong, handler, frame, emit)

    def run(frame: Frame, emit: Emit) -> None:
        if last is None:
            attempt(frame, emit)
            return
        try:
            attempt(frame, emit)
        finally:
            last(frame, emit)

    return run


def _handler(
    record: ErrorRecord, catches: list[tuple[tuple[str, ...], Statement, Any]]
) -> Statement | None:
    for names, body, extent in catches:
        if not names or any(_fits(record, name, extent) for name in names):
            return body
    return None


def _fits(record: ErrorRecord, name: str, extent: Any) -> bool:
    kind = find(name)
    if kind is None:
        if extent is not None:
            raise type_not_found(name, extent)
        return False
    thrown: NetException | None = record.exception
    while thrown is not None:
        if _is(thrown.ps_type, kind):
            return True
        thrown = thrown.inner
    return False


def _is(actual: NetType, wanted: NetType) -> bool:
    return actual.fits(wanted)


def _handle(wrong: PowerShellError, handler: Statement, frame: Frame, emit: Emit) -> None:
    engine = frame.engine
    engine.remember(wrong.record)
    engine.handling.append(wrong)
    try:
        with engine.item(frame, wrong.record):
            handler(frame, emit)
    finally:
        engine.handling.pop()


# Jumps


@statement.register(syntax.Jump)
def _(node: syntax.Jump) -> Statement:
    label = expression(node.label) if node.label is not None else None
    kind: type[BreakSignal | ContinueSignal] = (
        BreakSignal if node.kind == "break" else ContinueSignal
    )

    def run(frame: Frame, _: Emit) -> None:
        raise kind(to_text(label(frame)).lower() if label is not None else "")

    return run


@statement.register(syntax.Leave)
def _(node: syntax.Leave) -> Statement:
    value = value_of(node.value) if node.value is not None else None
    if node.kind == "return":
        return _return(node)
    if node.kind == "exit":
        return _exit(value)
    return _throw(value, node)


def _return(node: syntax.Leave) -> Statement:
    inner = statement(node.value) if node.value is not None else None

    def run(frame: Frame, emit: Emit) -> None:
        if inner is not None:
            inner(frame, emit)
        raise ReturnSignal

    return run


def _exit(value: Expression | None) -> Statement:
    def run(frame: Frame, _: Emit) -> None:
        found = value(frame) if value is not None else 0
        try:
            code = int(convert(found, INT32))
        except PowerShellError:
            code = 0
        raise ExitSignal(code)

    return run


def _throw(value: Expression | None, node: syntax.Leave) -> Statement:
    def run(frame: Frame, _: Emit) -> None:
        given = value(frame) if value is not None else None
        if given is None and frame.engine.handling:
            raise frame.engine.handling[-1]
        raise thrown(given, node)

    return run


def thrown(given: Any, node: syntax.Leave) -> PowerShellError:
    """Return the error that ``throw`` raises for a value."""
    if isinstance(given, ErrorRecord):
        wrong = PowerShellError(given)
    elif isinstance(given, NetException):
        record = given.record or ErrorRecord(given, given.message, "OperationStopped")
        given.record = record
        wrong = PowerShellError(record)
    else:
        text = "ScriptHalted" if given is None or given is NOTHING else to_text(given)
        target = None if given is NOTHING else given
        wrong = failure(text, text, "OperationStopped", target)
    if wrong.record.extent is None:
        wrong.record.extent = node.extent
    wrong.ends_script = True
    return wrong


# Definitions


@statement.register(syntax.Function)
def _(node: syntax.Function) -> Statement:
    from hvsim_fakes.powershell.engine.bodies import define  # noqa: PLC0415 - the modules need each other

    name = node.name.lower()

    def run(frame: Frame, _: Emit) -> None:
        found = frame.scope.functions[name] = define(node)
        found.body.home = frame.scope.top

    return run
