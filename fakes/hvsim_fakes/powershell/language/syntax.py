"""The syntax tree of a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hvsim_fakes.powershell.language.extent import Extent  # noqa: TC001 - a base's field


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the tree and where it stands."""

    extent: Extent


# Expressions


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number or a string in which nothing is expanded; ``bare`` for a word without quotes."""

    value: Any
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Expandable(Node):
    """A string with variables and subexpressions in it."""

    parts: tuple[str | Node, ...]


@dataclass(frozen=True, slots=True)
class Variable(Node):
    """``$name``, ``$scope:name``, ``${any name}``; ``splatted`` when written with ``@``."""

    name: str
    scope: str = ""
    splatted: bool = False


@dataclass(frozen=True, slots=True)
class ArrayLiteral(Node):
    """Values with commas between."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ArrayExpression(Node):
    """``@( )``."""

    body: Block


@dataclass(frozen=True, slots=True)
class SubExpression(Node):
    """``$( )``."""

    body: Block


@dataclass(frozen=True, slots=True)
class Paren(Node):
    """``( )`` around a statement."""

    inner: Node


@dataclass(frozen=True, slots=True)
class HashLiteral(Node):
    """``@{ }``: keys and the statements that give their values."""

    pairs: tuple[tuple[Node, Node], ...]


@dataclass(frozen=True, slots=True)
class ScriptBlockExpression(Node):
    """``{ }`` as a value."""

    block: ScriptBlock


@dataclass(frozen=True, slots=True)
class TypeLiteral(Node):
    """``[name]`` as a value."""

    name: str


@dataclass(frozen=True, slots=True)
class Cast(Node):
    """``[name] operand``."""

    type_name: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-not``, ``!``, ``-bnot``, ``+``, ``-``, ``,``, ``-join``, ``-split`` before an operand."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Increment(Node):
    """``++`` and ``--``, before or after."""

    operand: Node
    step: int
    before: bool


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two operands; ``operator`` is in lower case without its hyphen."""

    operator: str
    left: Node
    right: Node
    at: Extent


@dataclass(frozen=True, slots=True)
class MemberAccess(Node):
    """``target.name`` or ``[type]::name``; the name may be computed."""

    target: Node
    name: Node
    static: bool


@dataclass(frozen=True, slots=True)
class MethodCall(Node):
    """``target.name(arguments)``."""

    target: Node
    name: Node
    arguments: tuple[Node, ...]
    static: bool


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``target[index]``."""

    target: Node
    index: Node


# Commands


@dataclass(frozen=True, slots=True)
class ParameterElement(Node):
    """``-name`` or ``-name:value`` in a command."""

    name: str
    argument: Node | None = None


@dataclass(frozen=True, slots=True)
class Redirection(Node):
    """``2>&1``, ``> file``: from a stream (0 is ``*``) to another or to a file."""

    stream: int
    target: Node | int
    append: bool = False


@dataclass(frozen=True, slots=True)
class Command(Node):
    """A command with its arguments; ``operator`` is ``&``, ``.`` or nothing."""

    name: Node
    elements: tuple[Node, ...]
    operator: str
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class CommandExpression(Node):
    """An expression as (the first) part of a pipeline."""

    expression: Node
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Pipeline(Node):
    """Commands with ``|`` between."""

    elements: tuple[Command | CommandExpression, ...]


@dataclass(frozen=True, slots=True)
class Assignment(Node):
    """``target = value``; ``operator`` is empty or the one before ``=``."""

    target: Node
    operator: str
    value: Node


# Statements


@dataclass(frozen=True, slots=True)
class Trap(Node):
    """``trap [type] { }``."""

    type_name: str
    body: Block


@dataclass(frozen=True, slots=True)
class Block(Node):
    """Statements one after the other, and the traps among them."""

    statements: tuple[Node, ...]
    traps: tuple[Trap, ...] = ()


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if``, ``elseif`` and ``else``."""

    clauses: tuple[tuple[Node, Block], ...]
    otherwise: Block | None


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """``while``, ``do while``, ``do until`` (``kind``)."""

    kind: str
    condition: Node
    body: Block
    label: str


@dataclass(frozen=True, slots=True)
class For(Node):
    """``for (start; condition; step)``."""

    start: Node | None
    condition: Node | None
    step: Node | None
    body: Block
    label: str


@dataclass(frozen=True, slots=True)
class Foreach(Node):
    """``foreach ($variable in values)``."""

    variable: Variable
    values: Node
    body: Block
    label: str


@dataclass(frozen=True, slots=True)
class Switch(Node):
    """``switch``: ``mode`` is ``wildcard``, ``regex``, ``exact``."""

    subject: Node
    clauses: tuple[tuple[Node, Block], ...]
    default: Block | None
    mode: str
    exact_case: bool
    label: str


@dataclass(frozen=True, slots=True)
class Catch(Node):
    """``catch [types] { }``; none stands for all."""

    type_names: tuple[str, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Try(Node):
    """``try``, ``catch``, ``finally``."""

    body: Block
    catches: tuple[Catch, ...]
    last: Block | None


@dataclass(frozen=True, slots=True)
class Jump(Node):
    """``break`` or ``continue``, to a label perhaps."""

    kind: str
    label: Node | None


@dataclass(frozen=True, slots=True)
class Leave(Node):
    """``return``, ``exit`` or ``throw``, with a value perhaps."""

    kind: str
    value: Node | None


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """``[name(positional, key = value)]``."""

    name: str
    positional: tuple[Node, ...]
    named: tuple[tuple[str, Node | None], ...]


@dataclass(frozen=True, slots=True)
class ParameterDefinition(Node):
    """A parameter in ``param( )``."""

    name: str
    type_name: str
    attributes: tuple[Attribute, ...]
    default: Node | None


@dataclass(frozen=True, slots=True)
class ScriptBlock(Node):
    """A body with its parameters: a script, a function or a block.

    ``end`` alone is filled when there are no named blocks.
    """

    parameters: tuple[ParameterDefinition, ...]
    attributes: tuple[Attribute, ...]
    begin: Block | None
    process: Block | None
    end: Block | None
    named: bool


@dataclass(frozen=True, slots=True)
class Function(Node):
    """``function name { }`` or ``filter name { }``."""

    name: str
    block: ScriptBlock
    is_filter: bool
