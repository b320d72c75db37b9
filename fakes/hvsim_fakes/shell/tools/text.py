"""Tools that pass text on: cat, head, tail, sort, uniq, wc, tr, tee, and so on."""

from __future__ import annotations

import re
from collections import deque
from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING

from hvsim.files import FileError
from hvsim_fakes.shell.channels import decoded, encoded
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.inputs import complain, failed, lines, lines_of, readers
from hvsim_fakes.shell.tools.options import UsageError, getopt, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hvsim_fakes.shell.program import Process, Reader


@tool("cat")
def cat(process: Process) -> int:
    """Write the inputs one after the other."""
    options, names = getopt(process.argv[1:], "nuvetA")
    numbered = any(letter == "n" for letter, _ in options)
    number = 0
    for _, reader in readers(process, names):
        if not numbered:
            while data := reader.read_some():
                process.step()
                process.out(data)
            continue
        for line in lines_of(process, reader):
            number += 1
            process.out(f"{number:6d}\t{line}")
    return int(failed(process))


@tool("head")
def head(process: Process) -> int:
    """Write the first lines or bytes."""
    options, names = getopt(_old_count(process.argv[1:]), "n:c:q")
    count, unit = 10, "n"
    for letter, value in options:
        if letter in "nc":
            count, unit = _count(value), letter
    for index, (name, reader) in enumerate(readers(process, names)):
        if len(names) > 1:
            process.out(("\n" if index else "") + f"==> {name} <==\n")
        _head(process, reader, count, unit)
    return int(failed(process))


def _head(process: Process, reader: Reader, count: int, unit: str) -> None:
    if count < 0:
        found = decoded(reader.read()).splitlines(keepends=True)
        process.out("".join(found[:count]))
        return
    while count > 0:
        piece = reader.read_line() if unit == "n" else reader.read_some(count)
        if not piece:
            return
        process.step()
        process.out(piece)
        count -= 1 if unit == "n" else len(piece)


def _old_count(args: Sequence[str]) -> list[str]:
    """Return arguments with ``-5`` written as ``-n 5``."""
    return [re.sub(r"^-(\d+)([cl]?)$", _modern, arg) for arg in args]


def _modern(match: re.Match[str]) -> str:
    return f"-{'c' if match.group(2) == 'c' else 'n'}{match.group(1)}"


def _count(text: str) -> int:
    if not re.fullmatch(r"[-+]?\d{1,12}", text):
        raise UsageError(f"invalid number: {text}", 1)
    return int(text)


@tool("tail")
def tail(process: Process) -> int:
    """Write the last lines or bytes, or everything from one on (``-n +N``)."""
    args = process.argv[1:]
    if args and re.fullmatch(r"\+\d+", args[0]):
        args[0] = f"-n{args[0]}"
    options, names = getopt(_old_count(args), "n:c:fq")
    count, unit = "10", "n"
    for letter, value in options:
        if letter in "nc":
            count, unit = value, letter
    amount = abs(_count(count))
    for index, (name, reader) in enumerate(readers(process, names)):
        if len(names) > 1:
            process.out(("\n" if index else "") + f"==> {name} <==\n")
        if unit == "c":
            data = reader.read()
            start = amount - 1 if count.startswith("+") else max(0, len(data) - amount)
            process.out(data[max(0, start) :])
        elif count.startswith("+"):
            for number, line in enumerate(lines_of(process, reader), 1):
                process.out(line if number >= amount else "")
        else:
            process.out("".join(deque(lines_of(process, reader), min(amount, 1_000_000))))
    return int(failed(process))


@tool("wc")
def wc(process: Process) -> int:
    """Count lines, words and bytes."""
    options, names = getopt(process.argv[1:], "clmw")
    wanted = {letter for letter, _ in options} or {"l", "w", "c"}
    total = [0, 0, 0]
    rows = []
    for name, reader in readers(process, names):
        counts = _counts(process, reader)
        total = [one + other for one, other in zip(total, counts, strict=True)]
        rows.append((counts, name if names else ""))
    if len(names) > 1:
        rows.append((total, "total"))
    for counts, name in rows:
        shown = [
            str(count)
            for count, letter in zip(counts, "lwc", strict=True)
            if letter in wanted or (letter == "c" and "m" in wanted)
        ]
        only = len(shown) == 1
        text = shown[0] if only else "".join(f"{one:>8}" for one in shown)
        process.out(text + (f" {name}" if name else "") + "\n")
    return int(failed(process))


def _counts(process: Process, reader: Reader) -> list[int]:
    counts, inside = [0, 0, 0], False
    while data := reader.read_some():
        process.step(1 + len(data) // 4_096)
        words = len(data.split())
        # A word that goes on from the piece before was counted there.
        counts[1] += words - int(inside and not data[:1].isspace())
        inside = not data[-1:].isspace()
        counts[0] += data.count(b"\n")
        counts[2] += len(data)
    return counts


@tool("tee")
def tee(process: Process) -> int:
    """Write standard input to files too."""
    options, names = getopt(process.argv[1:], "ai")
    append = any(letter == "a" for letter, _ in options)
    for name in names:
        try:
            process.files.write(name, b"", at=-1 if append else None)
        except FileError as error:
            complain(process, f"{name}: {error.reason}")
    while data := process.stdin.read_some():
        process.out(data)
        for name in names:
            if process.files.is_file(name):
                process.files.write(name, data, at=-1)
    return int(failed(process))


@tool("uniq")
def uniq(process: Process) -> int:
    """Drop repeated neighbouring lines."""
    options, names = getopt(process.argv[1:], "cduif:s:")
    flags = {letter for letter, _ in options}
    skipped = whole_number(dict(options).get("f", "0"))

    def key(line: str) -> str:
        text = " ".join(line.split()[skipped:]) if skipped else line.rstrip("\n")
        return text.lower() if "i" in flags else text

    def show(line: str, count: int) -> None:
        if ("d" in flags and count == 1) or ("u" in flags and count > 1) or not count:
            return
        text = line if line.endswith("\n") else line + "\n"
        process.out(f"{count:>4} {text}" if "c" in flags else text)

    before, count = "", 0
    for line in lines(process, names[:1]):
        if count and key(line) == key(before):
            count += 1
            continue
        show(before, count)
        before, count = line, 1
    show(before, count)
    return int(failed(process))


@tool("sort")
def sort(process: Process) -> int:
    """Sort lines."""
    options, names = getopt(process.argv[1:], "bcdfik:mno:rst:uV", permute=True)
    order = _Order(options)
    found = []
    for line in lines(process, names):
        found.append(line.removesuffix("\n"))
        process.step()
    if order.check:
        return int(any(order.compare(a, b) > 0 for a, b in pairwise(found)))
    process.step(len(found) * 4)
    found.sort(key=cmp_to_key(order.compare))
    kept: list[str] = []
    for line in found:
        if not (order.unique and kept and order.same(kept[-1], line)):
            kept.append(line)
    text = "".join(f"{line}\n" for line in kept)
    if order.output:
        process.files.write(order.output, text)
    else:
        process.out(text)
    return 2 if failed(process) else 0


class _Order:
    """How lines are compared: by keys, each with its own flags, then whole."""

    def __init__(self, options: Iterable[tuple[str, str]]) -> None:
        self._flags = "".join(letter for letter, _ in options if letter in "bdfnrV")
        self._separator = ""
        self.output = ""
        self._keys: list[tuple[tuple[int, int], tuple[int, int] | None, str]] = []
        letters = [letter for letter, _ in options]
        self.unique, self.check, self._stable = "u" in letters, "c" in letters, "s" in letters
        for letter, value in options:
            if letter == "t":
                self._separator = value[:1]
            elif letter == "o":
                self.output = value
            elif letter == "k":
                self._keys.append(_key(value))

    def compare(self, one: str, other: str) -> int:
        found = self._compare_keys(one, other)
        if found or self.unique or self._stable:
            return found
        last = (one > other) - (one < other)
        return -last if "r" in self._flags else last

    def same(self, one: str, other: str) -> bool:
        return self._compare_keys(one, other) == 0

    def _compare_keys(self, one: str, other: str) -> int:
        for start, end, own in self._keys or [((1, 1), None, "")]:
            flags = own or self._flags
            a = _prepared(self._part(one, start, end), flags)
            b = _prepared(self._part(other, start, end), flags)
            found = (a > b) - (a < b)  # type: ignore[operator] # of the same kind by the flags
            if found:
                return -found if "r" in flags else found
        return 0

    def _part(self, line: str, start: tuple[int, int], end: tuple[int, int] | None) -> str:
        if not self._keys:
            return line
        if self._separator:
            fields = line.split(self._separator)
            joint = self._separator
        else:
            fields = re.findall(r"[ \t]*[^ \t]+|[ \t]+$", line)
            joint = ""
        chosen = fields[start[0] - 1 : None if end is None else end[0]]
        if chosen and start[1] > 1:
            blank = chosen[0] if self._separator else chosen[0].lstrip()
            chosen[0] = blank[start[1] - 1 :]
        if chosen and end is not None and end[1]:
            chosen[-1] = chosen[-1].lstrip()[: end[1]] if not joint else chosen[-1][: end[1]]
        return joint.join(chosen)


def _key(text: str) -> tuple[tuple[int, int], tuple[int, int] | None, str]:
    match = re.fullmatch(
        r"(\d{1,6})(?:\.(\d{1,6}))?([bdfnrV]*)(?:,(\d{1,6})(?:\.(\d{1,6}))?([bdfnrV]*))?", text
    )
    if match is None or match.group(1) == "0":
        raise UsageError(f"invalid key: {text}")
    field, char, flags, to_field, to_char, more = match.groups()
    end = None if to_field is None else (int(to_field), int(to_char or 0))
    return (int(field), int(char or 1)), end, flags + (more or "")


def _prepared(text: str, flags: str) -> str | float | list[tuple[int, int, str]]:
    if "n" in flags:
        match = re.match(r"\s*(-?\d{0,300}(?:\.\d{0,300})?)", text)
        digits = match.group(1) if match else ""
        return float(digits) if re.search(r"\d", digits) else 0.0
    if "V" in flags:
        parts = re.findall(r"(\d{1,300})|(\D+)", text)
        return [(1, int(digits), "") if digits else (0, 0, other) for digits, other in parts]
    text = text.lstrip() if "b" in flags else text
    if "d" in flags:
        text = "".join(char for char in text if char.isalnum() or char.isspace())
    return text.upper() if "f" in flags else text


@tool("tr")
def tr(process: Process) -> int:
    """Replace, squeeze or drop characters."""
    options, sets = getopt(process.argv[1:], "cCdst")
    flags = {letter.lower() for letter, _ in options}
    if not sets or (len(sets) < 2 and not flags & {"d", "s"}):
        raise UsageError("missing operand", 1)
    first = _characters(sets[0])
    second = _characters(sets[1]) if len(sets) > 1 else []
    changed = _Changer(first, second, flags)
    while data := process.stdin.read_some():
        process.step(1 + len(data) // 256)
        process.out(changed(decoded(data)))
    return 0


class _Changer:
    def __init__(self, first: list[str], second: list[str], flags: set[str]) -> None:
        self._first = frozenset(first)
        self._complement = "c" in flags
        self._delete = "d" in flags
        squeezed = second or first
        self._squeeze = frozenset(squeezed) if "s" in flags else frozenset()
        self._squeeze_rest = "s" in flags and self._complement and not second
        self._map: dict[str, str] = {}
        self._fill = second[-1] if second else ""
        if second and not self._delete and not self._complement:
            padded = second + [second[-1]] * (len(first) - len(second))
            for char, other in zip(first, padded, strict=False):
                self._map[char] = other
        self._last = ""

    def __call__(self, text: str) -> str:
        kept = []
        for char in text:
            chosen = (char in self._first) is not self._complement
            if chosen and self._delete:
                continue
            new = self._map.get(char, char)
            if chosen and self._complement and self._fill:
                new = self._fill
            squeezed = chosen if self._squeeze_rest else new in self._squeeze
            if squeezed and new == self._last:
                continue
            kept.append(new)
            self._last = new
        return "".join(kept)


_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_TR_CLASSES = {
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "digit": "0123456789",
    "space": " \t\n\r\v\f",
    "blank": " \t",
    "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
}
_TR_CLASSES["alpha"] = _TR_CLASSES["upper"] + _TR_CLASSES["lower"]
_TR_CLASSES["alnum"] = _TR_CLASSES["digit"] + _TR_CLASSES["alpha"]
_TR_CLASSES["print"] = "".join(map(chr, range(32, 127)))
_TR_CLASSES["graph"] = _TR_CLASSES["print"][1:]
_TR_CLASSES["cntrl"] = "".join(map(chr, [*range(32), 127]))
_TR_CLASSES["xdigit"] = "0123456789ABCDEFabcdef"
_TR_ITEM = re.compile(r"\[:(\w+):\]|\[=(.)=\]|\\([0-7]{1,3})|\\(.)|(.)", re.DOTALL)


def _characters(text: str) -> list[str]:
    """Return the characters that a set of ``tr`` names, in order."""
    found: list[str] = []
    at, ranging = 0, False
    while at < len(text):
        match = _TR_ITEM.match(text, at)
        assert match is not None  # noqa: S101 - the last alternative takes anything
        at = match.end()
        name, equal, octal, escaped, plain = match.groups()
        if name in _TR_CLASSES:
            found.extend(_TR_CLASSES[name])
            continue
        char = (
            equal
            or (chr(int(octal, 8) & 0xFF) if octal else "")
            or _ESCAPES.get(escaped or "", escaped or plain or name or "")
        )
        if ranging:
            found.extend(chr(code) for code in range(ord(found[-1]) + 1, ord(char) + 1))
            ranging = False
        elif char == "-" and plain and found and at < len(text):
            ranging = True
        else:
            found.append(char)
    return found


@tool("rev")
def rev(process: Process) -> int:
    """Turn each line round."""
    for line in lines(process, process.argv[1:]):
        process.out(line.rstrip("\n")[::-1] + "\n")
    return int(failed(process))


@tool("tac")
def tac(process: Process) -> int:
    """Write the lines from the last to the first."""
    process.out("".join(reversed(list(lines(process, process.argv[1:])))))
    return int(failed(process))


@tool("nl")
def nl(process: Process) -> int:
    """Put numbers before lines that are not empty, or before all of them (``-ba``)."""
    options, names = getopt(process.argv[1:], "b:w:s:v:n:")
    chosen = dict(options)
    width = whole_number(chosen.get("w", "6")) % 100
    number = whole_number(chosen.get("v", "1"))
    for line in lines(process, names):
        if chosen.get("b") == "a" or line.strip("\n"):
            process.out(f"{number:{width}d}{chosen.get('s', chr(9))}{line}")
            number += 1
        else:
            process.out(" " * (width + 1) + line)
    return int(failed(process))


@tool("cmp")
def cmp(process: Process) -> int:
    """Compare two files byte by byte."""
    options, names = getopt(process.argv[1:], "ls")
    if len(names) != 2:
        raise UsageError("two files are needed")
    one, other = (process.stdin.read() if n == "-" else process.files.read(n) for n in names)
    if one == other:
        return 0
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), -1)
    if not any(letter == "s" for letter, _ in options):
        if at < 0:
            shorter = names[0] if len(one) < len(other) else names[1]
            process.err(f"cmp: EOF on {shorter}\n")
        else:
            line = one[:at].count(b"\n") + 1
            process.out(f"{names[0]} {names[1]} differ: char {at + 1}, line {line}\n")
    return 1


@tool("strings")
def strings(process: Process) -> int:
    """Write the printable stretches of files."""
    for _, reader in readers(process, process.argv[1:]):
        for found in re.findall(rb"[\x20-\x7e]{4,}", reader.read()):
            process.out(found + b"\n")
    return int(failed(process))


@tool("yes")
def yes(process: Process) -> int:
    """Write a line for ever."""
    line = encoded((" ".join(process.argv[1:]) or "y") + "\n")
    while True:
        process.step()
        process.out(line)
