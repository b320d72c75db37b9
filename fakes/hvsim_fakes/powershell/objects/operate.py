"""The operators: arithmetic, containment, patterns, splitting and joining."""

from __future__ import annotations

import math
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import TYPE_CHECKING, Any

import regex

from hvsim_fakes.powershell.errors import NetException, PowerShellError, exception_type, failure
from hvsim_fakes.powershell.objects import patterns
from hvsim_fakes.powershell.objects.compare import equal, order
from hvsim_fakes.powershell.objects.convert import convert, truth
from hvsim_fakes.powershell.objects.enums import EnumType, EnumValue
from hvsim_fakes.powershell.objects.fault import NetError, overflow
from hvsim_fakes.powershell.objects.formatting import format_string
from hvsim_fakes.powershell.objects.moments import DateTime, TimeSpan
from hvsim_fakes.powershell.objects.numbers import MAX_DECIMAL, as_number
from hvsim_fakes.powershell.objects.registry import INT32, INT64, RUNTIME_TYPE, is_of, type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    INT_MAX,
    INT_MIN,
    NOTHING,
    Char,
    Hashtable,
    Long,
    PSObject,
    UInt32,
    UInt64,
    elements,
    is_list,
    wide,
)

if TYPE_CHECKING:
    from hvsim_fakes.powershell.limits import Budget
    from hvsim_fakes.powershell.objects.nettype import NetType

_NAMES = {"+": "Addition", "-": "Subtraction", "*": "Multiply", "/": "Division", "%": "Modulus"}


def add(left: Any, right: Any, budget: Budget) -> Any:
    """``+``."""
    kind = type(left)
    if kind is int and type(right) is int:
        total = left + right
        return total if INT_MIN <= total <= INT_MAX else _widened(total, left, right)
    if kind is str or (kind is Char and isinstance(right, str)):
        return _joined(left, to_text(right), budget)
    if left is None or left is NOTHING:
        return right
    if is_list(left):
        more = elements(right) if is_list(right) else [right]
        budget.hold(8 * len(more) + (len(left) >> 3))
        if len(left) > budget.limits.value:
            budget.hold(len(left) * 8)
        return [*elements(left), *more]
    if isinstance(left, Hashtable):
        return _merged(left, right)
    return _add_moments(left, right)


def _joined(left: Any, right: str, budget: Budget) -> str:
    if len(left) + len(right) > 1024:
        budget.hold((len(right) << 1) + (len(left) >> 2))
        if len(left) + len(right) > budget.limits.value:
            budget.hold(len(left) + len(right))
    return str(left) + right


def _merged(left: Hashtable, right: Any) -> Hashtable:
    if not isinstance(right, Hashtable):
        text = "A hash table can only be added to another hash table."
        raise failure(text, "AddHashTableToNonHashTable", "InvalidOperation")
    merged = left.copy()
    for key, value in right.items():
        if merged.has(key):
            text = (
                f"Item has already been added. Key in dictionary: '{key}'  Key being added: '{key}'"
            )
            raise failure(text, "RuntimeException", "OperationStopped")
        merged.set(key, value)
    return merged


def _add_moments(left: Any, right: Any) -> Any:
    if isinstance(left, DateTime) and isinstance(right, TimeSpan):
        return _moved(left, right.ticks)
    if isinstance(left, TimeSpan) and isinstance(right, TimeSpan):
        return TimeSpan(left.ticks + right.ticks)
    if isinstance(left, TimeSpan) and isinstance(right, DateTime):
        return _moved(right, left.ticks)
    return arithmetic("+", left, right)


def _moved(moment: DateTime, ticks: int) -> DateTime:
    try:
        return moment.moved(ticks)
    except OverflowError as wrong:
        raise failure(str(wrong), "ArgumentOutOfRangeException", "OperationStopped") from None


def subtract(left: Any, right: Any) -> Any:
    """``-``."""
    if type(left) is int and type(right) is int:
        total = left - right
        return total if INT_MIN <= total <= INT_MAX else _widened(total, left, right)
    if isinstance(left, DateTime):
        if isinstance(right, DateTime):
            return TimeSpan(left.ticks - right.ticks)
        if isinstance(right, TimeSpan):
            return _moved(left, -right.ticks)
    if isinstance(left, TimeSpan) and isinstance(right, TimeSpan):
        return TimeSpan(left.ticks - right.ticks)
    return arithmetic("-", left, right)


def multiply(left: Any, right: Any, budget: Budget) -> Any:
    """``*``; a string or an array is repeated."""
    if isinstance(left, str) and not isinstance(left, Char):
        return str(left) * _times(right, len(left), budget)
    if is_list(left):
        return elements(left) * _times(right, len(left) * 8, budget)
    return arithmetic("*", left, right)


def _times(value: Any, size: int, budget: Budget) -> int:
    count = int(convert(value, INT32))
    if count < 0:
        text = (
            f'Cannot convert value "{count}" to type "System.UInt32". Error: "Value was either too '
            'large or too small for a UInt32."'
        )
        raise failure(text, "InvalidCastIConvertible", "InvalidArgument")
    budget.hold(size * count)
    if size * count > budget.limits.value:
        budget.hold(size * count)
    return count


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """Work on two numbers; the wider type decides."""
    first, second = _operand(left), _operand(right, left)
    if first is None:
        raise _no_operator(operator, left)
    if second is None:
        raise _no_operator(operator, left if not _plain(left) else right, right)
    try:
        return _calculated(operator, first, second, left, right)
    except (ZeroDivisionError, DivisionByZero, InvalidOperation):
        raise _division_by_zero() from None
    except OverflowError:
        return float("inf")


def _plain(value: Any) -> bool:
    return isinstance(value, str | int | float | Decimal)


def _operand(value: Any, other: Any = None) -> Any:
    if value is NOTHING:
        value = None
    try:
        return as_number(value)
    except NetError as wrong:
        kind = "System.Int32" if not isinstance(other, float | Decimal) else type_of(other).name
        text = f'Cannot convert value "{value}" to type "{kind}". Error: "{wrong.message}"'
        cause = NetException(exception_type(wrong.kind), wrong.message)
        raise failure(
            text, "InvalidCastFromStringToInteger", "InvalidArgument", inner=cause
        ) from None


def _calculated(operator: str, first: Any, second: Any, left: Any, right: Any) -> Any:
    if isinstance(first, Decimal) or isinstance(second, Decimal):
        if isinstance(first, float) or isinstance(second, float):
            first, second = float(first), float(second)
        else:
            return _decimal(operator, Decimal(first), Decimal(second))
    if isinstance(first, float) or isinstance(second, float):
        return _real(operator, float(first), float(second))
    return _whole(operator, first, second, left, right)


def _decimal(operator: str, first: Decimal, second: Decimal) -> Any:
    if operator == "/":
        found = first / second
    elif operator == "%":
        found = first % second
    else:
        found = {"+": first + second, "-": first - second, "*": first * second}[operator]
    if abs(found) > MAX_DECIMAL:
        wrong = overflow("Decimal")
        raise failure(wrong.message, "OverflowException", "OperationStopped", exception=wrong.kind)
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


def _real(operator: str, first: float, second: float) -> float:  # noqa: PLR0911 - a case a line
    if operator == "+":
        return first + second
    if operator == "-":
        return first - second
    if operator == "*":
        return first * second
    if second == 0:
        if operator == "%" or first == 0:
            return float("nan")
        return float("inf") if first > 0 else float("-inf")
    if operator == "/":
        return first / second

    return math.fmod(first, second)


def _whole(operator: str, first: int, second: int, left: Any, right: Any) -> Any:
    first, second = int(first), int(second)
    if operator == "/":
        if second == 0:
            raise _division_by_zero()
        if first % second:
            return first / second
        return _widened(first // second, left, right)
    if operator == "%":
        if second == 0:
            raise _division_by_zero()
        rest = abs(first) % abs(second)
        return _widened(-rest if first < 0 else rest, left, right)
    if operator == "+":
        return _widened(first + second, left, right)
    return _widened(first - second if operator == "-" else first * second, left, right)


def _widened(total: int, left: Any, right: Any) -> Any:
    """Give a whole result the type of its operands, a Double when that cannot hold it."""
    if _is_long(left) or _is_long(right):
        return wide(total)
    return total if INT_MIN <= total <= INT_MAX else float(total)


def _is_long(value: Any) -> bool:
    if isinstance(value, Long | UInt32 | UInt64):
        return True
    return type(value) is int and not INT_MIN <= value <= INT_MAX


def _division_by_zero() -> PowerShellError:
    text = "Attempted to divide by zero."
    cause = NetException(exception_type("System.DivideByZeroException"), text)
    return failure(text, "RuntimeException", "NotSpecified", inner=cause)


def _no_operator(operator: str, value: Any, right: Any = None) -> PowerShellError:
    shown = value if not _plain(value) or right is None else right
    kind = "System.Management.Automation.PSObject" if isinstance(shown, PSObject) else ""
    kind = kind or type_of(shown).name
    name = f"op_{_NAMES[operator]}"
    text = f"Method invocation failed because [{kind}] does not contain a method named '{name}'."
    return failure(
        text, "MethodNotFound", "InvalidOperation", target_name=name, target_type="String"
    )


def negative(value: Any) -> Any:
    """Unary ``-``."""
    if isinstance(value, TimeSpan):
        return TimeSpan(-value.ticks)
    return subtract(0, value)


def divide(left: Any, right: Any) -> Any:
    """``/``."""
    return arithmetic("/", left, right)


def remainder(left: Any, right: Any) -> Any:
    """``%``; it has the sign of the left operand."""
    return arithmetic("%", left, right)


def span(left: Any, right: Any, budget: Budget) -> list[Any]:
    """``..``."""
    first, last = int(convert(left, INT32)), int(convert(right, INT32))
    size = abs(last - first) + 1
    budget.hold(size * 16)
    if size > budget.limits.value // 8:
        budget.hold(budget.limits.value + 1)
    return list(range(first, last + 1)) if first <= last else list(range(first, last - 1, -1))


def bitwise(operator: str, left: Any, right: Any) -> Any:
    """``-band``, ``-bor``, ``-bxor``, ``-shl``, ``-shr``."""
    kind = left.ps_type if isinstance(left, EnumValue) else None
    first, second = _bits(left), _bits(right)
    if operator in ("shl", "shr"):
        return _shifted(operator, first, second, left)
    found = {"band": first & second, "bor": first | second, "bxor": first ^ second}[operator]
    if isinstance(kind, EnumType):
        return kind.of(found)
    return wide(found) if _is_long(left) or _is_long(right) else found


def _shifted(operator: str, first: int, count: int, left: Any) -> Any:
    bits = 64 if _is_long(left) else 32
    count &= bits - 1
    found = first >> count if operator == "shr" else first << count
    found &= 2**bits - 1
    signed = found - 2**bits if found >= 2 ** (bits - 1) else found
    return wide(signed) if bits == 64 else signed


def _bits(value: Any) -> int:
    if value is None or value is NOTHING:
        return 0
    if isinstance(value, EnumValue):
        return value.number
    number = _operand(value)
    if number is None:
        raise _no_operator("-", value)
    return int(convert(number, INT64))


def complement(value: Any) -> Any:
    """``-bnot``."""
    number = _bits(value)
    return wide(~number) if _is_long(value) else ~number


# Comparison


def compared(operator: str, left: Any, right: Any, *, case: bool) -> bool:
    """Compare two single values by ``eq``, ``ne``, ``lt``, ``le``, ``gt`` or ``ge``."""
    if operator == "eq":
        return equal(left, right, case=case)
    if operator == "ne":
        return not equal(left, right, case=case)
    found = order(left, right, case=case)
    return {"lt": found < 0, "le": found <= 0, "gt": found > 0, "ge": found >= 0}[operator]


def contains(values: Any, value: Any, *, case: bool) -> bool:
    """``-contains``."""
    if not is_list(values):
        return equal(values, value, case=case)
    return any(equal(one, value, case=case) for one in elements(values))


def is_like(left: Any, right: Any, *, case: bool) -> bool:
    """``-like`` for one value."""
    found: bool = _guarded(lambda: patterns.like(to_text(left), to_text(right), case=case))
    return found


def _guarded(run: Any) -> Any:
    """Run something with patterns; .NET's exceptions become PowerShell's."""
    try:
        return run()
    except NetError as wrong:
        raise net_failure(wrong) from None


def net_failure(wrong: NetError) -> PowerShellError:
    """Return the error in which a script sees an exception of .NET that nothing wraps."""
    error_id = wrong.kind.rpartition(".")[2]
    refused = failure(wrong.message, error_id, "OperationStopped", exception=wrong.kind)
    refused.fatal = wrong.fatal
    return refused


def match(text: str, pattern: str, *, case: bool) -> Hashtable | None:
    """Return what ``$Matches`` becomes, None if the pattern does not fit."""
    expression = _guarded(lambda: patterns.compiled(pattern, patterns.flags_of(case=case)))
    found = _guarded(lambda: patterns.search(expression, text))
    if found is None:
        return None
    groups = Hashtable()
    names = {number: name for name, number in expression.groupindex.items()}
    for at, number in reversed(list(enumerate(patterns.numbering(expression)))):
        if found[number] is not None:
            groups.set(names.get(number, at), found[number])
    return groups


def replaced(value: Any, arguments: Any, budget: Budget, *, case: bool) -> Any:
    """``-replace``."""
    pattern, replacement = _pair(arguments)
    if is_list(value):
        return [_replaced(one, pattern, replacement, budget, case=case) for one in elements(value)]
    return _replaced(value, pattern, replacement, budget, case=case)


def _pair(arguments: Any) -> tuple[str, str]:
    if not is_list(arguments):
        return to_text(arguments), ""
    parts = elements(arguments)
    if len(parts) > 2:
        text = f"The -ireplace operator allows only two elements to follow it, not {len(parts)}."
        raise failure(text, "BadReplaceArgument", "InvalidOperation")
    texts = [to_text(one) for one in parts] + ["", ""]
    return texts[0], texts[1]


def _replaced(value: Any, pattern: str, replacement: str, budget: Budget, *, case: bool) -> str:
    expression = _guarded(lambda: patterns.compiled(pattern, patterns.flags_of(case=case)))
    text = to_text(value)
    found: str = _guarded(
        lambda: patterns.replace(expression, text, replacement, budget.limits.value)
    )
    budget.hold(len(found))
    return found


def split(value: Any, arguments: Any, *, case: bool) -> list[Any]:
    """``-split`` by a regular expression, at most so many parts, or by options."""
    parts = elements(arguments) if is_list(arguments) else [arguments]
    pattern = to_text(parts[0]) if parts else ""
    most = int(convert(parts[1], INT32)) if len(parts) > 1 else 0
    simple = len(parts) > 2 and "simplematch" in to_text(parts[2]).lower()
    texts = elements(value) if is_list(value) else [value]
    if simple:
        pattern = regex.escape(pattern)
    return [piece for one in texts for piece in _pieces(to_text(one), pattern, most, case=case)]


def _pieces(text: str, pattern: str, most: int, *, case: bool) -> list[str]:
    expression = _guarded(lambda: patterns.compiled(pattern, patterns.flags_of(case=case)))
    out: list[str] = []
    last = 0
    for found in _guarded(lambda: patterns.matches(expression, text)):
        if most > 0 and len(out) >= most - 1:
            break
        out.append(text[last : found.start()])
        out += [one for one in found.groups() if one is not None]
        last = found.end()
    return [*out, text[last:]]


def split_blanks(value: Any) -> list[Any]:
    """Unary ``-split``: by runs of blanks."""
    texts = elements(value) if is_list(value) else [value]
    return [piece for one in texts for piece in to_text(one).split()]


def joined(value: Any, separator: str, budget: Budget) -> str:
    """``-join``."""
    texts = [to_text(one) for one in elements(value)] if is_list(value) else [to_text(value)]
    budget.hold(sum(map(len, texts)) + len(separator) * len(texts))
    return separator.join(texts)


def formatted(pattern: Any, values: Any, budget: Budget) -> str:
    """``-f``."""
    given = elements(values) if is_list(values) else [values]
    try:
        found = format_string(to_text(pattern), given)
    except NetError as wrong:
        text = f"Error formatting a string: {wrong.message}."
        raise failure(
            text,
            "FormatError",
            "InvalidOperation",
            to_text(pattern),
            inner=NetException(exception_type(wrong.kind), wrong.message),
        ) from None
    budget.hold(len(found))
    return found


def is_type(value: Any, kind: Any) -> bool:
    """``-is``."""
    return is_of(value, _type(kind))


def _type(kind: Any) -> NetType:

    found: NetType = convert(kind, RUNTIME_TYPE)
    return found


def as_type(value: Any, kind: Any) -> Any:
    """``-as``; None when the value cannot be converted."""
    wanted = _type(kind)
    try:
        return convert(value, wanted)
    except PowerShellError:
        return None


def negated(value: Any) -> bool:
    """``-not``."""
    return not truth(value)
