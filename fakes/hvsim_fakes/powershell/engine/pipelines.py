"""Pipelines compiled: commands, their arguments, and objects flowing through them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from hvsim_fakes.powershell.engine.binder import Argument
from hvsim_fakes.powershell.engine.expressions import expression
from hvsim_fakes.powershell.engine.redirections import Redirected, redirected
from hvsim_fakes.powershell.engine.signals import StopUpstream
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, Hashtable, elements, is_list

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.engine.statements import Emit, Statement
    from hvsim_fakes.powershell.language.syntax import Node


class Run(Protocol):
    """A command in a pipeline."""

    out: Callable[[Any], None]

    @property
    def call(self) -> Any:
        """The running command."""

    def begin(self) -> None:
        """Run before the first object."""

    def run_alone(self) -> None:
        """Run without a pipeline before it."""

    def process(self, item: Any) -> None:
        """Run for an object."""

    def end(self) -> None:
        """Run after the last object."""


Maker = Callable[["Frame", bool], Run]


def pipeline(node: syntax.Pipeline) -> Statement:
    """Compile a pipeline."""
    first = node.elements[0]
    source = None
    commands = list(node.elements)
    if isinstance(first, syntax.CommandExpression):
        source = expression(first.expression)
        commands = commands[1:]
    makers = [_maker(one) for one in commands if isinstance(one, syntax.Command)]
    redirections = first.redirections if isinstance(first, syntax.CommandExpression) else ()

    def run(frame: Frame, emit: Emit) -> None:
        engine = frame.engine
        if source is None:
            flow(frame, emit, makers, None)
        elif makers:
            flow(frame, emit, makers, source)
        else:
            with redirected(frame, redirections, emit) as out:
                for one in _values(source(frame)):
                    out(one)
            engine.succeeded = True

    return run


def _values(found: Any) -> list[Any]:
    if is_list(found):
        return elements(found)
    return [] if found is NOTHING else [found]


def flow(
    frame: Frame, emit: Emit, makers: list[Maker], source: Callable[[Frame], Any] | None
) -> None:
    """Let objects flow through commands."""
    given = source(frame) if source is not None else None
    runs = [make(frame, source is not None or at > 0) for at, make in enumerate(makers)]
    for one, after in itertools.pairwise(runs):
        one.out = after.process
    runs[-1].out = emit
    engine = frame.engine
    engine.running.append(runs)
    try:
        begin = _started(runs)
        try:
            if source is None:
                _guarded(runs[0], runs[0].run_alone)
            else:
                _feed(runs[0], given)
        except StopUpstream as stop:
            begin = _after(runs, stop)
        _finish(runs, begin)
    finally:
        engine.running.pop()
        engine.succeeded = not any(one.call.failed for one in runs if hasattr(one, "call"))


def _started(runs: list[Run]) -> int:
    for one in runs:
        _guarded(one, one.begin)
    return 0


def _feed(run: Run, given: Any) -> None:
    if is_list(given):
        for one in elements(given):
            run.process(one)
    elif given is not NOTHING:
        run.process(given)


def _after(runs: list[Run], stop: StopUpstream) -> int:
    """Return the place behind the command that needs no more input."""
    for at, one in enumerate(runs):
        if getattr(one, "call", None) is stop.owner:
            return at + 1
    raise stop


def _finish(runs: list[Run], begin: int) -> None:
    at = begin
    while at < len(runs):
        try:
            _guarded(runs[at], runs[at].end)
        except StopUpstream as stop:
            at = max(_after(runs, stop), at + 1)
        else:
            at += 1


def _guarded(run: Run, step: Callable[[], None]) -> None:
    """Run a step; a terminating error is completed by the command that raised it."""
    try:
        step()
    except PowerShellError as wrong:
        call = getattr(run, "call", None)
        if call is not None and not wrong.record.activity and wrong.record.extent is None:
            call.terminated(wrong)
        elif call is not None:
            call.failed = True
        raise


# Commands


def _maker(node: syntax.Command) -> Maker:
    name = expression(node.name)
    elements_of = [_element(one) for one in node.elements]
    extent, operator, redirections = node.extent, node.operator, node.redirections
    bare = node.name.extent

    def make(frame: Frame, piped: bool) -> Run:
        wanted = name(frame)
        arguments: list[Argument] = []
        for one in elements_of:
            one(frame, arguments)
        try:
            run: Run = frame.engine.command(
                frame, wanted, arguments, extent, operator, piped=piped, name_extent=bare
            )
        except PowerShellError as wrong:
            if wrong.record.extent is None:
                wrong.record.extent = extent
            frame.engine.succeeded = False
            raise
        if redirections:
            return Redirected(run, frame, redirections)
        return run

    return make


Element = Callable[["Frame", "list[Argument]"], None]


def _element(node: Node) -> Element:
    if isinstance(node, syntax.ParameterElement):
        return _parameter(node)
    if isinstance(node, syntax.Variable) and node.splatted:
        return _splat(node)
    value, extent = expression(node), node.extent

    def positional(frame: Frame, arguments: list[Argument]) -> None:
        found = value(frame)
        arguments.append(Argument("", None if found is NOTHING else found, extent=extent))

    return positional


def _parameter(node: syntax.ParameterElement) -> Element:
    name, extent = node.name, node.extent
    if node.argument is None:

        def plain(_: Frame, arguments: list[Argument]) -> None:
            arguments.append(Argument(name, given=False, extent=extent))

        return plain
    value = expression(node.argument)

    def with_value(frame: Frame, arguments: list[Argument]) -> None:
        found = value(frame)
        content = None if found is NOTHING else found
        arguments.append(Argument(name, content, colon=True, extent=extent))

    return with_value


def _splat(node: syntax.Variable) -> Element:
    plain = syntax.Variable(node.extent, node.name, node.scope)
    value = expression(plain)

    def run(frame: Frame, arguments: list[Argument]) -> None:
        found = value(frame)
        if isinstance(found, Hashtable):
            for key, one in found.items():
                arguments.append(Argument(to_text(key), one))
        elif is_list(found):
            arguments.extend(_loose(elements(found)))
        elif found is not None and found is not NOTHING:
            arguments.append(Argument("", found))

    return run


def _loose(values: list[Any]) -> list[Argument]:
    """Return the arguments of a splatted array; ``$args`` holds parameter names as text."""
    return [Argument("", one) for one in values]
