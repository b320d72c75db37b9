"""awk's own functions."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from hvsim_fakes.shell.tools.awk_values import Numeric, Value, number, text
from hvsim_fakes.shell.tools.inputs import bounded
from hvsim_fakes.shell.tools.options import UsageError
from hvsim_fakes.shell.tools.posix_regex import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import regex

    from hvsim_fakes.shell.tools.awk_machine import Machine
    from hvsim_fakes.shell.tools.awk_parser import Tree

_DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|\d{0,5})(?:\.(\*|\d{0,5}))?([a-zA-Z%])")


def calculate(operator: str, one: float, other: float) -> float:
    """Do arithmetic; raises UsageError for what has no result."""
    try:
        if operator in "/%":
            return one / other if operator == "/" else math.fmod(one, other)
        if operator == "^":
            return float(one**other)
        return {"+": one + other, "-": one - other, "*": one * other}[operator]
    except ZeroDivisionError:
        raise UsageError("division by zero") from None
    except (OverflowError, ValueError, TypeError):
        return math.nan


def split_fields(record: str, separator: str) -> list[str]:
    """Split a record into fields."""
    if separator == " ":
        return record.split()
    if not record:
        return []
    if separator == "":
        return list(record)
    if len(separator) == 1 and separator not in "|\\^$.*+?()[]{}":
        return record.split(separator)
    if len(separator) == 1:
        return record.split(separator)
    matcher, found, at, start = compiled(separator, extended=True), [], 0, 0
    while at <= len(record) and (match := matcher.search(record, at)) is not None:
        if match.end() == match.start():
            at = match.end() + 1
            continue
        found.append(record[start : match.start()])
        at = start = match.end()
    return [*found, record[start:]]


def shown(value: Value, form: str) -> str:
    """Return a value as ``print`` writes it."""
    return text(value, form)


def sprintf(values: Sequence[Value]) -> str:
    """Format values by the first of them."""
    if not values:
        raise UsageError("not enough arguments in printf")
    rest = list(values[1:])

    def take() -> Value:
        return rest.pop(0) if rest else Numeric("")

    def converted(match: re.Match[str]) -> str:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            return "%"
        width = str(int(number(take()))) if width == "*" else width
        precision = str(int(number(take()))) if precision == "*" else precision
        if max(len(width), len(precision or "")) > 5:
            raise UsageError("format item too long")
        front = f"%{flags}{width}" + ("" if precision is None else f".{precision}")
        return _converted(front, kind, take())

    return bounded(_DIRECTIVE.sub(converted, text(values[0])))


def _converted(front: str, kind: str, value: Value) -> str:
    if kind in "di":
        found = number(value)
        return f"{front}d" % (int(found) if math.isfinite(found) else 0)
    if kind in "oxXu":
        found = number(value)
        whole = int(found) % 2**64 if math.isfinite(found) else 0
        return f"{front}{'d' if kind == 'u' else kind}" % whole
    if kind in "eEfFgG":
        return f"{front}{kind}" % number(value)
    if kind == "c":
        char = chr(int(value) % 0x110000) if isinstance(value, float) else value[:1]
        return f"{front.partition('.')[0]}s" % char
    return f"{front}s" % text(value)


def call(machine: Machine, name: str, arguments: tuple[Tree, ...]) -> Value:
    """Call one of awk's own functions."""
    if name in _WITH_TREES:
        return _WITH_TREES[name](machine, arguments)
    values = [machine.value(one) for one in arguments]
    if name in _MATHEMATICS:
        return _mathematics(name, values)
    if name not in _PLAIN:
        return _outside(machine, name, values)
    least = 2 if name in ("index", "substr") else 1
    if len(values) < least and name != "rand":
        raise UsageError(f"not enough arguments to {name}")
    return _PLAIN[name](values)


def _mathematics(name: str, values: list[Value]) -> float:
    numbers = [number(one) for one in values] or [0.0]
    if name == "atan2":
        return math.atan2(numbers[0], numbers[1]) if len(numbers) > 1 else 0.0
    try:
        return float(_MATHEMATICS[name](numbers[0]))
    except (ValueError, OverflowError):
        return math.nan


def _outside(machine: Machine, name: str, values: list[Value]) -> Value:
    if name == "rand":
        return machine.random.random()
    if name == "srand":
        machine.random.seed(number(values[0]) if values else 0)
        return 0.0
    if name == "close":
        return float(machine.close(text(values[0]))) if values else -1.0
    if name == "system":
        machine.process.flush()
        return float(machine.process.run(["sh", "-c", text(values[0]) if values else ""]))
    machine.process.flush()
    return 0.0


def _length(machine: Machine, arguments: tuple[Tree, ...]) -> Value:
    if not arguments:
        return float(len(text(machine.field(0))))
    first = arguments[0]
    if first[0] == "variable" and isinstance(machine.variables.get(first[1]), dict):
        return float(len(machine.array(first[1])))
    return float(len(text(machine.value(first))))


def _split(machine: Machine, arguments: tuple[Tree, ...]) -> Value:
    if len(arguments) < 2 or arguments[1][0] != "variable":
        raise UsageError("split: second argument is no array")
    subject = text(machine.value(arguments[0]))
    separator = text(machine.variables["FS"])
    if len(arguments) > 2:
        separator = machine.pattern(arguments[2])
    pieces = split_fields(subject, separator)
    machine.process.step(len(pieces))
    array = machine.array(arguments[1][1])
    array.clear()
    array.update({str(index): Numeric(piece) for index, piece in enumerate(pieces, 1)})
    return float(len(pieces))


def _match(machine: Machine, arguments: tuple[Tree, ...]) -> Value:
    if len(arguments) < 2:
        raise UsageError("not enough arguments to match")
    subject = text(machine.value(arguments[0]))
    found = compiled(machine.pattern(arguments[1]), extended=True).search(subject)
    start = 0.0 if found is None else found.start() + 1.0
    machine.variables["RSTART"] = start
    length = -1 if found is None else found.end() - found.start()
    machine.variables["RLENGTH"] = float(length)
    return start


def _substitute(machine: Machine, arguments: tuple[Tree, ...], *, every: bool) -> Value:
    if len(arguments) < 2:
        raise UsageError("not enough arguments to sub")
    place: Tree = arguments[2] if len(arguments) > 2 else ("field", ("number", 0.0))
    matcher = compiled(machine.pattern(arguments[0]), extended=True)
    new = text(machine.value(arguments[1]))
    subject = text(machine.value(place))
    pieces, at, count, last = [], 0, 0, -1
    while at <= len(subject) and (found := matcher.search(subject, at)) is not None:
        machine.process.step()
        empty = found.end() == found.start()
        if not (empty and found.start() == last):
            count += 1
            pieces += [subject[at : found.start()], _replacement(new, found)]
        last = found.end()
        if empty:
            pieces.append(subject[last : last + 1])
        at = last + int(empty)
        if not every:
            break
    if count:
        machine.assign_to(place, bounded("".join([*pieces, subject[at:]])))
    return float(count)


def _replacement(new: str, found: regex.Match[str]) -> str:
    return re.sub(
        r"\\\\|\\&|&",
        lambda match: {"&": found.group(), "\\&": "&"}.get(match.group(), "\\"),
        new,
    )


def _substr(values: list[Value]) -> Value:
    subject, start = text(values[0]), _rounded(number(values[1]))
    end = len(subject) + 1.0 if len(values) < 3 else start + _rounded(number(values[2]))
    if math.isnan(start) or math.isnan(end):
        return ""
    first = max(1, int(min(max(start, -1e9), 1e9)))
    last = int(min(max(end, 0), len(subject) + 1.0))
    return subject[first - 1 : max(first, last) - 1]


def _rounded(value: float) -> float:
    return float(round(value)) if math.isfinite(value) else value


_MATHEMATICS: dict[str, Callable[[float], float]] = {
    "int": lambda value: float(int(value)),
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "atan2": math.atan,
}
_PLAIN: dict[str, Callable[[list[Value]], Value]] = {
    "substr": _substr,
    "index": lambda values: text(values[0]).find(text(values[1])) + 1.0,
    "sprintf": sprintf,
    "tolower": lambda values: text(values[0]).lower(),
    "toupper": lambda values: text(values[0]).upper(),
}
_WITH_TREES: dict[str, Callable[[Machine, tuple[Tree, ...]], Value]] = {
    "length": _length,
    "split": _split,
    "match": _match,
    "sub": lambda machine, arguments: _substitute(machine, arguments, every=False),
    "gsub": lambda machine, arguments: _substitute(machine, arguments, every=True),
}
