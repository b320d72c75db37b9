"""Assignments: what may stand left of the sign, and the operators before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine import access
from hvsim_fakes.powershell.engine.expressions import (
    binary,
    expression,
    located,
    type_reader,
    value_of,
)
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.objects.members import set_member, set_static
from hvsim_fakes.powershell.objects.nettype import NetType
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, elements, is_list

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.expressions import Expression
    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.language.syntax import Node

Target = Callable[["Frame", Any], None]


def assignment(node: syntax.Assignment) -> Expression:
    """Compile an assignment; the closure returns the value assigned."""
    value = value_of(node.value)
    if node.operator:
        value = located(node.extent, binary(node.operator, expression(node.target), value))
    put = target(node.target)
    extent = node.extent

    def run(frame: Frame) -> Any:
        new = value(frame)
        try:
            put(frame, new)
        except PowerShellError as wrong:
            if wrong.record.extent is None:
                wrong.record.extent = extent
            raise
        return new

    return run


def target(node: Node) -> Target:
    """Compile what takes a value."""
    if isinstance(node, syntax.Variable):
        return _variable(node)
    if isinstance(node, syntax.MemberAccess):
        return _member(node)
    if isinstance(node, syntax.Index):
        return _element(node)
    if isinstance(node, syntax.Cast):
        return _typed(node)
    if isinstance(node, syntax.Paren):
        inner = node.inner
        assert isinstance(inner, syntax.Pipeline)  # noqa: S101 - the parser saw to it
        first = inner.elements[0]
        assert isinstance(first, syntax.CommandExpression)  # noqa: S101 - the parser saw to it
        return target(first.expression)
    assert isinstance(node, syntax.ArrayLiteral)  # noqa: S101 - the parser saw to it
    return _several(node)


def _variable(node: syntax.Variable) -> Target:
    name = node.name.lower()
    if node.scope:
        return access.scoped_writer(node.scope, name, node.name)

    def run(frame: Frame, value: Any) -> None:
        frame.scope.set(name, value)

    return run


def _member(node: syntax.MemberAccess) -> Target:
    owner, name = expression(node.target), expression(node.name)

    def run(frame: Frame, value: Any) -> None:
        new = None if value is NOTHING else value
        found = owner(frame)
        if node.static and isinstance(found, NetType):
            set_static(frame.engine, found, to_text(name(frame)), new)
        else:
            set_member(found, to_text(name(frame)), new, frame.engine)

    return run


def _element(node: syntax.Index) -> Target:
    owner, index = expression(node.target), expression(node.index)

    def run(frame: Frame, value: Any) -> None:
        access.set_index(owner(frame), index(frame), value)

    return run


def _typed(node: syntax.Cast) -> Target:
    kind = type_reader(node.type_name, node.extent)
    inner = node.operand
    put = target(inner)
    name = inner.name.lower() if isinstance(inner, syntax.Variable) and not inner.scope else ""

    def run(frame: Frame, value: Any) -> None:
        wanted = kind(frame)
        converted = frame.engine.cast(value, wanted)
        if name:
            frame.scope.constrain(name, wanted)
        put(frame, converted)

    return run


def _several(node: syntax.ArrayLiteral) -> Target:
    targets = [target(one) for one in node.items]

    def run(frame: Frame, value: Any) -> None:
        values = elements(value) if is_list(value) else [value]
        for at, put in enumerate(targets):
            if at == len(targets) - 1 and len(values) > len(targets):
                put(frame, values[at:])
            else:
                put(frame, values[at] if at < len(values) else None)

    return run
