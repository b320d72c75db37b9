"""Format strings: ``-f``, ``[string]::Format`` and ``ToString(format)``, for en-US."""

from __future__ import annotations

import math
import uuid
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

import regex

from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.fault import bad_format
from hvsim_fakes.powershell.objects.moments import DateTime, FormatError, TimeSpan
from hvsim_fakes.powershell.objects.text import float_text, net_text

_STANDARD: Final = regex.compile(r"([A-Za-z])(\d{0,2})")
_WIDEST: Final = 100_000
_EXACT: Final = 99


def format_string(pattern: str, values: list[Any]) -> str:
    """Fill values into a composite format.

    Raises:
        NetError: a brace or a number is wrong.
    """
    out: list[str] = []
    at, size = 0, len(pattern)
    while at < size:
        char = pattern[at]
        if char in "{}" and pattern[at + 1 : at + 2] == char:
            out.append(char)
            at += 2
        elif char == "{":
            end = pattern.find("}", at)
            if end < 0:
                raise bad_format()
            out.append(_item(pattern[at + 1 : end], values))
            at = end + 1
        elif char == "}":
            raise bad_format()
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _item(text: str, values: list[Any]) -> str:
    place, _, pattern = text.partition(":")
    number, _, width = place.partition(",")
    if not number.strip().isdecimal() or len(number) > 6:
        raise bad_format()
    if int(number) >= len(values):
        raise bad_format(
            "Index (zero based) must be greater than or equal to zero and less than the size of "
            "the argument list."
        )
    shown = format_value(values[int(number)], pattern)
    return _aligned(shown, width.strip())


def _aligned(text: str, width: str) -> str:
    if not width:
        return text
    if not width.lstrip("-").isdecimal() or abs(int(width)) > _WIDEST:
        raise bad_format()
    size = int(width)
    return text.ljust(-size) if size < 0 else text.rjust(size)


def format_value(value: Any, pattern: str) -> str:  # noqa: PLR0911 - a case a line
    """Return a value in a format of its type; types without formats ignore it."""
    try:
        if isinstance(value, DateTime):
            return value.format(pattern or "G")
        if isinstance(value, TimeSpan):
            return value.format(pattern)
    except FormatError as wrong:
        raise bad_format(str(wrong)) from None
    if not pattern:
        return net_text(value)
    if isinstance(value, EnumValue):
        return _enum(value, pattern)
    if isinstance(value, uuid.UUID):
        return _guid(value, pattern)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _number(value, pattern)
    return net_text(value)


def _enum(value: EnumValue, pattern: str) -> str:
    kind = pattern.lower()
    if kind in ("g", "f"):
        return value.name
    if kind == "d":
        return str(value.number)
    if kind == "x":
        return f"{value.number & 0xFFFFFFFF:08X}"
    raise bad_format('Format String can be only "G", "g", "X", "x", "F", "f", "D" or "d".')


def _guid(value: uuid.UUID, pattern: str) -> str:
    plain = str(value)
    made = {"d": plain, "n": value.hex, "b": f"{{{plain}}}", "p": f"({plain})"}.get(pattern.lower())
    if made is None:
        raise bad_format(
            'Format String can be only "D", "d", "N", "n", "P", "p", "B", "b", "X" or "x".'
        )
    return made


def _number(value: Any, pattern: str) -> str:
    found = _STANDARD.fullmatch(pattern)
    if found is None:
        return _custom(value, pattern)
    digits = int(found[2]) if found[2] else None
    made = _NUMERIC.get(found[1].upper())
    if made is None:
        raise bad_format("Format specifier was invalid.")
    if isinstance(value, float) and not math.isfinite(value):
        return float_text(value)
    return made(value, digits, found[1])


def _exact(value: Any) -> Decimal:
    if isinstance(value, float):
        return Decimal(f"{value:.15g}")
    return Decimal(value)


def rounded(value: Any, digits: int) -> Decimal:
    """Round away from zero at halves, as formats do."""
    exact = _exact(value)
    if exact.adjusted() + digits > _EXACT:
        return exact
    step = Decimal(1).scaleb(-digits)

    return exact.quantize(step, ROUND_HALF_UP, Context(prec=400))


def _fixed(value: Any, digits: int | None, _: str) -> str:
    size = 2 if digits is None else digits
    text = f"{rounded(value, size):f}"
    if "." not in text and size:
        text += "." + "0" * size
    return text.lstrip("-") if not text.strip("-0.") else text


def _grouped(value: Any, digits: int | None, letter: str) -> str:
    text = _fixed(value, digits, letter)
    sign = "-" if text.startswith("-") else ""
    whole, point, fraction = text.lstrip("-").partition(".")
    return f"{sign}{int(whole):,}{point}{fraction}"


def _currency(value: Any, digits: int | None, letter: str) -> str:
    text = _grouped(value, digits, letter)
    return f"(${text[1:]})" if text.startswith("-") else f"${text}"


def _percent(value: Any, digits: int | None, letter: str) -> str:
    return _grouped(_exact(value) * 100, digits, letter) + " %"


def _whole(value: Any, digits: int | None, _: str) -> str:
    if not isinstance(value, int):
        raise bad_format("Format specifier was invalid.")
    text = str(abs(value)).rjust(digits or 0, "0")
    return f"-{text}" if value < 0 else text


def _hexadecimal(value: Any, digits: int | None, letter: str) -> str:
    if not isinstance(value, int):
        raise bad_format("Format specifier was invalid.")
    bits = 32 if -(2**31) <= value < 2**31 else 64
    text = f"{value & (2**bits - 1):X}".rjust(digits or 0, "0")
    return text if letter == "X" else text.lower()


def _exponent(value: Any, digits: int | None, letter: str) -> str:
    text = f"{float(value):.{6 if digits is None else digits}{letter}}"
    mantissa, sign, exponent = text.partition("E" if letter == "E" else "e")
    return f"{mantissa}{sign}{exponent[0]}{exponent[1:].rjust(3, '0')}"


def _general(value: Any, digits: int | None, letter: str) -> str:
    if not digits:
        return net_text(value)
    return f"{float(value):.{digits}{letter}}"


_NUMERIC: Final = {
    "C": _currency,
    "D": _whole,
    "E": _exponent,
    "F": _fixed,
    "G": _general,
    "N": _grouped,
    "P": _percent,
    "R": lambda value, _digits, _letter: repr(value) if isinstance(value, float) else str(value),
    "X": _hexadecimal,
}


def _custom(value: Any, pattern: str) -> str:
    """Format by a picture such as ``#,##0.00``."""
    sections = _sections(pattern)
    exact = _exact(value) if not isinstance(value, float) or math.isfinite(value) else Decimal(0)
    sign = ""
    if exact < 0:
        if len(sections) > 1 and sections[1]:
            section, exact = sections[1], -exact
        else:
            section, exact, sign = sections[0], -exact, "-"
    elif exact == 0 and len(sections) > 2:
        section = sections[2]
    else:
        section = sections[0]
    text = _picture(exact, section)
    return sign + text if any(char in "123456789" for char in text) else text


def _sections(pattern: str) -> list[str]:
    parts, quote = [""], ""
    for char in pattern:
        if quote:
            quote = "" if char == quote else quote
            parts[-1] += char
        elif char == ";":
            parts.append("")
        else:
            quote = char if char in "'\"" else ""
            parts[-1] += char
    return parts


def _picture(value: Decimal, section: str) -> str:
    tokens = _tokens(section)
    digits = [one for one in tokens if one in ("0", "#")]
    point = tokens.index(".") if "." in tokens else len(tokens)
    places = sum(1 for one in tokens[point:] if one in ("0", "#"))
    value *= Decimal(100) ** tokens.count("%")
    whole, _, fraction = f"{rounded(value, places):f}".partition(".")
    first_zero = next((at for at, one in enumerate(tokens[:point]) if one == "0"), point)
    least = sum(1 for one in tokens[first_zero:point] if one in ("0", "#"))
    whole = whole.lstrip("0").rjust(least, "0")
    grouped = any(
        one == "," and any(x in ("0", "#") for x in tokens[at:point])
        for at, one in enumerate(tokens[:point])
    )
    if grouped and whole:
        whole = _group(whole)
    return _laid_out(tokens, point, whole, fraction, bool(digits))


def _group(whole: str) -> str:
    head = len(whole) % 3
    parts = [whole[:head]] if head else []
    parts += [whole[at : at + 3] for at in range(head, len(whole), 3)]
    return ",".join(parts)


def _laid_out(tokens: list[str], point: int, whole: str, fraction: str, has: bool) -> str:
    out: list[str] = []
    placed = False
    for one in tokens[:point]:
        if one in ("0", "#"):
            out.append("" if placed else whole)
            placed = True
        elif one != ",":
            out.append(one.removeprefix("\0"))
    tail = _fraction(tokens[point + 1 :], fraction)
    if not has:
        return "".join(out) + "".join(one.removeprefix("\0") for one in tokens[point:])
    head = "".join(out) if placed else "".join(out) + whole
    digits = any(char.isdecimal() for char in tail)
    return head + ("." if digits else "") + tail


def _fraction(tokens: list[str], fraction: str) -> str:
    least = 0
    places = [one for one in tokens if one in ("0", "#")]
    for at, one in enumerate(places):
        least = at + 1 if one == "0" else least
    kept = fraction.rstrip("0").ljust(least, "0")[: len(places)]
    out, used = [], 0
    for one in tokens:
        if one in ("0", "#"):
            out.append(kept[used : used + 1])
            used += 1
        else:
            out.append(one.removeprefix("\0"))
    return "".join(out)


def _tokens(section: str) -> list[str]:
    """Split a picture; literal characters carry a mark, so they are no placeholders."""
    found: list[str] = []
    at = 0
    while at < len(section):
        char = section[at]
        if char in "'\"":
            end = section.find(char, at + 1)
            end = len(section) if end < 0 else end
            found += ["\0" + one for one in section[at + 1 : end]]
            at = end
        elif char == "\\" and at + 1 < len(section):
            at += 1
            found.append("\0" + section[at])
        elif char in "0#.,%":
            found.append(char if char != "." or "." not in found else "\0.")
        else:
            found.append("\0" + char)
        at += 1
    return found
