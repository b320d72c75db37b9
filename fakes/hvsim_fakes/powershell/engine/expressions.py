"""Expressions compiled to closures: each takes the frame and returns a value."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.engine import access
from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.engine.scope import CONSTANTS
from hvsim_fakes.powershell.errors import PowerShellError, failure
from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.language.expressions import assignable
from hvsim_fakes.powershell.objects import operate
from hvsim_fakes.powershell.objects.compare import equal
from hvsim_fakes.powershell.objects.convert import truth
from hvsim_fakes.powershell.objects.members import (
    call_method,
    call_static,
    get_member,
    get_static,
)
from hvsim_fakes.powershell.objects.nettype import NetType
from hvsim_fakes.powershell.objects.registry import find
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    OrderedTable,
    PSObject,
    Reference,
    collapsed,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.language.extent import Extent
    from hvsim_fakes.powershell.language.syntax import Node

Expression = Callable[["Frame"], Any]
_CASED: Final = frozenset({"eq", "ne", "lt", "le", "gt", "ge"})


def located(extent: Extent, run: Expression) -> Expression:
    """Return the expression with its place put on errors that have none yet."""

    def guarded(frame: Frame) -> Any:
        try:
            return run(frame)
        except PowerShellError as wrong:
            if wrong.record.extent is None:
                wrong.record.extent = extent
            raise

    return guarded


@singledispatch
def expression(node: Node) -> Expression:
    """Compile an expression."""
    raise AssertionError(node)


@expression.register(syntax.Literal)
def _(node: syntax.Literal) -> Expression:
    value = node.value
    return lambda _: value


@expression.register(syntax.Expandable)
def _(node: syntax.Expandable) -> Expression:
    parts = [one if isinstance(one, str) else expression(one) for one in node.parts]

    def run(frame: Frame) -> str:
        out = []
        for part in parts:
            if isinstance(part, str):
                out.append(part)
            else:
                value = part(frame)
                out.append(value if type(value) is str else _shown(value, frame))
        found = "".join(out)
        frame.budget.hold(len(found))
        return found

    return run


def _shown(value: Any, frame: Frame) -> str:
    if is_list(value):
        separator = frame.scope.get("ofs")
        return to_text(value, " " if separator is None else to_text(separator))
    return to_text(value)


@expression.register(syntax.Variable)
def _(node: syntax.Variable) -> Expression:
    return variable(node)


def variable(node: syntax.Variable) -> Expression:
    """Compile the reading of a variable."""
    name = node.name.lower()
    if node.scope:
        return access.scoped_reader(node.scope, name, node.name)
    if name in CONSTANTS:
        constant = CONSTANTS[name]
        return lambda _: constant
    special = access.SPECIAL.get(name)
    if special is not None:
        return special

    def run(frame: Frame) -> Any:
        scope = frame.scope
        if name in scope.variables:
            return scope.variables[name]
        found = scope.get(name, access.MISSING)
        return access.missing(frame, name, node.name) if found is access.MISSING else found

    return run


@expression.register(syntax.ArrayLiteral)
def _(node: syntax.ArrayLiteral) -> Expression:
    items = [expression(one) for one in node.items]

    def run(frame: Frame) -> list[Any]:
        return [None if (one := item(frame)) is NOTHING else one for item in items]

    return run


@expression.register(syntax.ArrayExpression)
def _(node: syntax.ArrayExpression) -> Expression:
    only = _single(node.body)
    if only is not None:
        inner = expression(only)

        def run(frame: Frame) -> list[Any]:
            value = inner(frame)
            if is_list(value):
                return elements(value)
            return [] if value is NOTHING else [value]

        return run
    body = _body(node.body)

    def gather(frame: Frame) -> list[Any]:
        out: list[Any] = []
        body(frame, out.append)
        return out

    return gather


def _single(block: syntax.Block) -> Node | None:
    """Return the expression that a block consists of, if it is but one that yields a value."""
    if len(block.statements) != 1 or block.traps:
        return None
    found = plain_expression(block.statements[0])
    if isinstance(found, syntax.Increment):
        return None
    return None if isinstance(found, syntax.MethodCall | syntax.Cast) else found


def plain_expression(node: Node) -> Node | None:
    """Return the expression that a statement consists of."""
    if isinstance(node, syntax.Pipeline) and len(node.elements) == 1:
        first = node.elements[0]
        if isinstance(first, syntax.CommandExpression) and not first.redirections:
            return first.expression
    return None


def _body(block: syntax.Block) -> Callable[[Frame, Callable[[Any], None]], None]:
    from hvsim_fakes.powershell.engine.statements import block as compile_block  # noqa: PLC0415 - the modules need each other

    return compile_block(block)


@expression.register(syntax.SubExpression)
def _(node: syntax.SubExpression) -> Expression:
    body = _body(node.body)

    def run(frame: Frame) -> Any:
        out: list[Any] = []
        body(frame, out.append)
        return collapsed(out)

    return run


@expression.register(syntax.Paren)
def _(node: syntax.Paren) -> Expression:
    return value_of(node.inner)


def value_of(node: Node) -> Expression:
    """Compile a statement to the value that it gives."""
    plain = plain_expression(node)
    if plain is not None:
        return expression(plain)
    from hvsim_fakes.powershell.engine.statements import statement  # noqa: PLC0415 - the modules need each other

    if isinstance(node, syntax.Assignment):
        return _assigned(node)
    body = statement(node)

    def run(frame: Frame) -> Any:
        out: list[Any] = []
        body(frame, out.append)
        return collapsed(out)

    return run


def _assigned(node: syntax.Assignment) -> Expression:
    """Compile an assignment whose value is wanted: ``($x = 5)``."""
    from hvsim_fakes.powershell.engine.assignment import assignment  # noqa: PLC0415 - the modules need each other

    return assignment(node)


@expression.register(syntax.HashLiteral)
def _(node: syntax.HashLiteral) -> Expression:
    return table(node, Hashtable)


def table(node: syntax.HashLiteral, kind: type[Hashtable]) -> Expression:
    """Compile ``@{ }`` to a table of a class."""
    pairs = [(expression(key), value_of(value), key.extent) for key, value in node.pairs]

    def run(frame: Frame) -> Hashtable:
        found = kind()
        for key, value, extent in pairs:
            name = key(frame)
            if name is None or name is NOTHING:
                text = "A null key is not allowed in a hash literal."
                raise failure(text, "InvalidNullKey", "InvalidOperation", extent=extent)
            if found.has(name):
                text = f"Duplicate keys '{to_text(name)}' are not allowed in hash literals."
                raise failure(text, "DuplicateKeyInHashLiteral", "InvalidOperation", extent=extent)
            content = value(frame)
            found.set(name, None if content is NOTHING else content)
        return found

    return run


@expression.register(syntax.ScriptBlockExpression)
def _(node: syntax.ScriptBlockExpression) -> Expression:
    first = ScriptBlock(node.block)

    def run(frame: Frame) -> ScriptBlock:
        made = ScriptBlock(node.block)
        made._code = first.code  # noqa: SLF001 - of the same package
        made.home = frame.scope.top
        return made

    return run


@expression.register(syntax.TypeLiteral)
def _(node: syntax.TypeLiteral) -> Expression:
    return type_reader(node.name, node.extent)


def type_reader(name: str, extent: Extent) -> Expression:
    """Compile the look-up of a type."""

    def run(_: Frame) -> NetType:
        found = find(name)
        if found is None:
            raise type_not_found(name, extent)
        return found

    return run


def type_not_found(name: str, extent: Extent | None) -> PowerShellError:
    """Return the error for a type that there is none of."""
    return failure(
        f"Unable to find type [{name}].",
        "TypeNotFound",
        "InvalidOperation",
        name,
        target_name=name,
        target_type="TypeName",
        extent=extent,
    )


@expression.register(syntax.Cast)
def _(node: syntax.Cast) -> Expression:
    name = node.type_name.lower()
    operand = node.operand
    if isinstance(operand, syntax.HashLiteral):
        if name == "ordered":
            return table(operand, OrderedTable)
        if name in ("pscustomobject", "system.management.automation.pscustomobject"):
            return _custom(table(operand, OrderedTable))
    if name == "ordered":
        return _bad_ordered(node.extent)
    if name == "ref":
        return _reference(operand)
    return located(node.extent, _cast(node))


def _cast(node: syntax.Cast) -> Expression:
    kind = type_reader(node.type_name, node.extent)
    value = expression(node.operand)
    if node.type_name.lower() in ("void", "system.void"):

        def drop(frame: Frame) -> Any:
            value(frame)
            return NOTHING

        return drop

    def run(frame: Frame) -> Any:
        wanted = kind(frame)
        return frame.engine.cast(value(frame), wanted)

    return run


def _custom(make: Expression) -> Expression:
    def run(frame: Frame) -> PSObject:
        found = PSObject()
        for key, value in make(frame).items():
            if to_text(key).lower() == "pstypename":
                found.type_names = (to_text(value), *found.type_names)
            else:
                found.set(to_text(key), value)
        return found

    return run


def _bad_ordered(extent: Extent) -> Expression:
    def run(_: Frame) -> Any:
        text = "The ordered attribute can be specified only on a hash literal node."
        raise failure(text, "OrderedAttributeOnlyOnHashLiteralNode", "ParserError", extent=extent)

    return run


def held(value: Any) -> Reference:
    """Return a reference to a value that is no variable's."""
    box = [value]
    return Reference(lambda: box[0], lambda new: box.__setitem__(0, new))


def _reference(operand: Node) -> Expression:
    from hvsim_fakes.powershell.engine.assignment import target  # noqa: PLC0415 - the modules need each other

    if not assignable(operand):
        value = expression(operand)
        return lambda frame: held(value(frame))
    read, write = expression(operand), target(operand)
    return lambda frame: Reference(lambda: read(frame), lambda value: write(frame, value))


@expression.register(syntax.Unary)
def _(node: syntax.Unary) -> Expression:
    inner = expression(node.operand)
    operator = node.operator
    if operator == "not":
        return lambda frame: not truth(inner(frame))
    if operator == ",":
        return lambda frame: [inner(frame)]
    run = _UNARY[operator](inner)
    return located(node.extent, run)


_UNARY: Final[dict[str, Callable[[Expression], Expression]]] = {
    "bnot": lambda inner: lambda frame: operate.complement(inner(frame)),
    "-": lambda inner: lambda frame: operate.negative(inner(frame)),
    "+": lambda inner: lambda frame: operate.add(0, inner(frame), frame.budget),
    "join": lambda inner: lambda frame: operate.joined(inner(frame), "", frame.budget),
    "split": lambda inner: lambda frame: operate.split_blanks(inner(frame)),
    "isplit": lambda inner: lambda frame: operate.split_blanks(inner(frame)),
    "csplit": lambda inner: lambda frame: operate.split_blanks(inner(frame)),
}


@expression.register(syntax.Increment)
def _(node: syntax.Increment) -> Expression:
    from hvsim_fakes.powershell.engine.assignment import target  # noqa: PLC0415 - the modules need each other

    read, write, step = expression(node.operand), target(node.operand), node.step

    def run(frame: Frame) -> Any:
        old = read(frame)
        if old is None or old is NOTHING:
            old = 0
        elif isinstance(old, str):
            text = "The '++' operator works only on numbers. The operand is a 'System.String'."
            raise failure(text, "OperatorRequiresNumber", "InvalidOperation", extent=node.extent)
        new = operate.add(old, step, frame.budget)
        write(frame, new)
        return new if node.before else old

    return run


@expression.register(syntax.Binary)
def _(node: syntax.Binary) -> Expression:
    left, right = expression(node.left), expression(node.right)
    operator = node.operator
    if operator == "and":
        return lambda frame: truth(left(frame)) and truth(right(frame))
    if operator == "or":
        return lambda frame: truth(left(frame)) or truth(right(frame))
    if operator == "xor":
        return lambda frame: truth(left(frame)) is not truth(right(frame))
    return located(node.extent, binary(operator, left, right))


def binary(operator: str, left: Expression, right: Expression) -> Expression:
    """Compile an operator of two operands."""
    plain = _ARITHMETIC.get(operator)
    if plain is not None:
        return plain(left, right)
    name, case = _named(operator)
    if name in ("eq", "ne"):
        return _equality(left, right, want=name == "eq", case=case)
    if name in _CASED:
        return _ordered(name, left, right, case=case)
    return _OTHERS[name](left, right, case)


def _named(operator: str) -> tuple[str, bool]:
    """Return an operator's plain name and whether case counts."""
    plain = operator[1:]
    if operator[0] in "ic" and (plain in _CASED or plain in _OTHERS):
        return plain, operator[0] == "c"
    return operator, False


def _equality(left: Expression, right: Expression, *, want: bool, case: bool) -> Expression:
    def run(frame: Frame) -> Any:
        first, second = left(frame), right(frame)
        if is_list(first):
            return [one for one in elements(first) if equal(one, second, case=case) is want]
        return equal(first, second, case=case) is want

    return run


def _ordered(name: str, left: Expression, right: Expression, *, case: bool) -> Expression:
    compared = operate.compared

    def run(frame: Frame) -> Any:
        first, second = left(frame), right(frame)
        if type(first) is int and type(second) is int:
            return _ORDER[name](first, second)
        if is_list(first):
            return [one for one in elements(first) if compared(name, one, second, case=case)]
        return compared(name, first, second, case=case)

    return run


_ORDER: Final[dict[str, Callable[[int, int], bool]]] = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
}


def _addition(left: Expression, right: Expression) -> Expression:
    add = operate.add
    return lambda frame: add(left(frame), right(frame), frame.budget)


_ARITHMETIC: Final[dict[str, Callable[[Expression, Expression], Expression]]] = {
    "+": _addition,
    "-": lambda left, right: lambda frame: operate.subtract(left(frame), right(frame)),
    "*": lambda left, right: (
        lambda frame: operate.multiply(left(frame), right(frame), frame.budget)
    ),
    "/": lambda left, right: lambda frame: operate.divide(left(frame), right(frame)),
    "%": lambda left, right: lambda frame: operate.remainder(left(frame), right(frame)),
    "..": lambda left, right: lambda frame: operate.span(left(frame), right(frame), frame.budget),
    "f": lambda left, right: (
        lambda frame: operate.formatted(left(frame), right(frame), frame.budget)
    ),
    "is": lambda left, right: lambda frame: operate.is_type(left(frame), right(frame)),
    "isnot": lambda left, right: lambda frame: not operate.is_type(left(frame), right(frame)),
    "as": lambda left, right: lambda frame: operate.as_type(left(frame), right(frame)),
    "join": lambda left, right: (
        lambda frame: operate.joined(left(frame), to_text(right(frame)), frame.budget)
    ),
}


def _bitwise(name: str) -> Callable[[Expression, Expression], Expression]:
    return lambda left, right: lambda frame: operate.bitwise(name, left(frame), right(frame))


for _bits in ("band", "bor", "bxor", "shl", "shr"):
    _ARITHMETIC[_bits] = _bitwise(_bits)


def _like(left: Expression, right: Expression, case: bool, *, want: bool = True) -> Expression:
    def run(frame: Frame) -> Any:
        first, second = left(frame), right(frame)
        if is_list(first):
            return [
                one for one in elements(first) if operate.is_like(one, second, case=case) is want
            ]
        return operate.is_like(first, second, case=case) is want

    return run


def _match(left: Expression, right: Expression, case: bool, *, want: bool = True) -> Expression:
    def run(frame: Frame) -> Any:
        first, second = left(frame), to_text(right(frame))
        if is_list(first):
            return [
                one
                for one in elements(first)
                if (operate.match(to_text(one), second, case=case) is not None) is want
            ]
        found = operate.match(to_text(first), second, case=case)
        if found is not None:
            frame.scope.variables["matches"] = found
        return (found is not None) is want

    return run


def _contains(left: Expression, right: Expression, case: bool, *, want: bool = True) -> Expression:
    return lambda frame: operate.contains(left(frame), right(frame), case=case) is want


def _in(left: Expression, right: Expression, case: bool, *, want: bool = True) -> Expression:
    def run(frame: Frame) -> bool:
        value = left(frame)
        return operate.contains(right(frame), value, case=case) is want

    return run


def _replace(left: Expression, right: Expression, case: bool) -> Expression:
    return lambda frame: operate.replaced(left(frame), right(frame), frame.budget, case=case)


def _split(left: Expression, right: Expression, case: bool) -> Expression:
    def run(frame: Frame) -> Any:
        value, by = left(frame), right(frame)
        if isinstance(by, ScriptBlock):
            return frame.engine.split_by(value, by)
        return operate.split(value, by, case=case)

    return run


_OTHERS: Final[dict[str, Callable[[Expression, Expression, bool], Expression]]] = {
    "like": _like,
    "notlike": lambda left, right, case: _like(left, right, case, want=False),
    "match": _match,
    "notmatch": lambda left, right, case: _match(left, right, case, want=False),
    "contains": _contains,
    "notcontains": lambda left, right, case: _contains(left, right, case, want=False),
    "in": _in,
    "notin": lambda left, right, case: _in(left, right, case, want=False),
    "replace": _replace,
    "split": _split,
}


@expression.register(syntax.MemberAccess)
def _(node: syntax.MemberAccess) -> Expression:
    owner = expression(node.target)
    if node.static:
        return located(node.extent, _static_member(node, owner))
    if isinstance(node.name, syntax.Literal):
        name = to_text(node.name.value).lower()

        def fixed(frame: Frame) -> Any:
            value = owner(frame)
            return get_member(value, name, frame.engine)

        return located(node.extent, fixed)
    computed = expression(node.name)
    return located(
        node.extent,
        lambda frame: get_member(owner(frame), to_text(computed(frame)).lower(), frame.engine),
    )


def _static_member(node: syntax.MemberAccess, owner: Expression) -> Expression:
    computed = expression(node.name)

    def run(frame: Frame) -> Any:
        kind = owner(frame)
        name = to_text(computed(frame))
        if not isinstance(kind, NetType):
            return get_member(kind, name.lower(), frame.engine)
        return get_static(frame.engine, kind, name.lower())

    return run


@expression.register(syntax.MethodCall)
def _(node: syntax.MethodCall) -> Expression:
    owner = expression(node.target)
    name = expression(node.name)
    arguments = [expression(one) for one in node.arguments]
    static = node.static

    def run(frame: Frame) -> Any:
        value = owner(frame)
        given = [one(frame) for one in arguments]
        wanted = to_text(name(frame))
        if static and isinstance(value, NetType):
            found = call_static(frame.engine, value, wanted, given)
        else:
            found = call_method(frame.engine, value, wanted, given)
        return NOTHING if found is None else found

    return located(node.extent, run)


@expression.register(syntax.Index)
def _(node: syntax.Index) -> Expression:
    owner, index = expression(node.target), expression(node.index)
    return located(node.extent, lambda frame: access.get_index(owner(frame), index(frame)))
