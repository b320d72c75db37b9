"""Tools for columns: cut, paste, comm, fold, column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.inputs import failed, lines, lines_of, open_input
from hvsim_fakes.shell.tools.options import UsageError, getopt

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Process

_WIDEST = 100_000


@tool("cut")
def cut(process: Process) -> int:
    """Write chosen fields or characters of each line."""
    options, names = getopt(process.argv[1:], "b:c:d:f:ns", permute=True)
    chosen = dict(options)
    kind = next((letter for letter in "fcb" if letter in chosen), None)
    if kind is None:
        raise UsageError("you must specify a list of bytes, characters, or fields", 1)
    ranges, separator = _ranges(chosen[kind]), chosen.get("d", "\t")[:1]
    for raw in lines(process, names):
        line = raw.removesuffix("\n")
        if kind != "f":
            process.out("".join(_pick(list(line), ranges)) + "\n")
        elif separator not in line:
            process.out("" if "s" in chosen else line + "\n")
        else:
            process.out(separator.join(_pick(line.split(separator), ranges)) + "\n")
    return int(failed(process))


def _ranges(text: str) -> list[tuple[int, int]]:
    found = []
    for part in re.split(r"[, ]", text):
        match = re.fullmatch(r"(\d{0,9})(-?)(\d{0,9})", part)
        if match is None or not part or part == "-" or match.group(1) == "0":
            raise UsageError(f"invalid list: {text}", 1)
        first, dash, last = match.groups()
        start = int(first or 1)
        found.append((start, (int(last) if last else _WIDEST * 10) if dash else start))
    return found


def _pick(items: list[str], ranges: list[tuple[int, int]]) -> list[str]:
    return [
        item
        for number, item in enumerate(items, 1)
        if any(first <= number <= last for first, last in ranges)
    ]


@tool("paste")
def paste(process: Process) -> int:
    """Join the lines of files side by side, or (``-s``) those of each file in one."""
    options, names = getopt(process.argv[1:], "d:s")
    chosen = dict(options)
    joints = chosen.get("d", "\t").replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "")
    if "s" in chosen:
        for name in names or ["-"]:
            found = lines_of(process, open_input(process, name))
            process.out(_joined([line.removesuffix("\n") for line in found], joints) + "\n")
        return 0
    columns = [lines_of(process, open_input(process, name)) for name in names or ["-"]]
    while True:
        # The same input given twice gives its lines in turn.
        cells = [next(column, None) for column in columns]
        if all(cell is None for cell in cells):
            return 0
        process.out(_joined([(cell or "").removesuffix("\n") for cell in cells], joints) + "\n")


def _joined(cells: list[str], joints: str) -> str:
    pieces = []
    for index, cell in enumerate(cells):
        pieces.append((joints[(index - 1) % len(joints)] if index and joints else "") + cell)
    return "".join(pieces)


@tool("comm")
def comm(process: Process) -> int:
    """Compare two sorted files line by line."""
    args = process.argv[1:]
    hidden = "".join(arg[1:] for arg in args if re.fullmatch(r"-[123]+", arg))
    names = [arg for arg in args if not re.fullmatch(r"-[123]+", arg)]
    if len(names) != 2:
        raise UsageError("two files are needed", 1)
    one, other = (
        [line.removesuffix("\n") for line in lines_of(process, open_input(process, name))]
        for name in names
    )
    while one or other:
        if one and (not other or one[0] < other[0]):
            column, line = "1", one.pop(0)
        elif other and (not one or other[0] < one[0]):
            column, line = "2", other.pop(0)
        else:
            column, line = "3", one.pop(0)
            other.pop(0)
        if column not in hidden:
            shown = [left for left in "123" if left < column and left not in hidden]
            process.out("\t" * len(shown) + line + "\n")
    return 0


@tool("fold")
def fold(process: Process) -> int:
    """Break long lines."""
    options, names = getopt(process.argv[1:], "bsw:")
    text = dict(options).get("w", "80")
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise UsageError(f"illegal width value: {text}", 1)
    width = int(text)
    for raw in lines(process, names):
        line, end = raw.removesuffix("\n"), "\n" if raw.endswith("\n") else ""
        pieces = [line[at : at + width] for at in range(0, len(line), width)] or [""]
        process.out("\n".join(pieces) + end)
    return int(failed(process))


@tool("od")
def od(process: Process) -> int:
    """Write bytes as numbers: octal words, characters (``-c``), hexadecimal (``-tx1``)."""
    options, names = getopt(process.argv[1:], "A:ct:xbvN:")
    chosen = dict(options)
    data = b"".join(open_input(process, name).read() for name in names or ["-"])
    if is_number(chosen.get("N", "")):
        data = data[: int(chosen["N"])]
    process.step(len(data))
    plain = chosen.get("A") == "n"
    for at in range(0, len(data), 16):
        row = data[at : at + 16]
        process.out(("" if plain else f"{at:07o}") + _row(row, chosen) + "\n")
    if not plain:
        process.out(f"{len(data):07o}\n")
    return 0


def _row(row: bytes, chosen: dict[str, str]) -> str:
    kind = chosen.get("t", "")
    if "c" in chosen or kind.startswith("c"):
        names = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
        shown = [
            names.get(byte) or (chr(byte) if 32 <= byte < 127 else f"{byte:03o}") for byte in row
        ]
        return "".join(f"{one:>4}" for one in shown)
    if kind.startswith("x1"):
        return "".join(f" {byte:02x}" for byte in row)
    if "b" in chosen or kind.startswith("o1"):
        return "".join(f" {byte:03o}" for byte in row)
    words = [int.from_bytes(row[at : at + 2], "little") for at in range(0, len(row), 2)]
    form = "04x" if "x" in chosen or kind.startswith("x") else "06o"
    return "".join(f" {word:{form}}" for word in words)


def _character(byte: int) -> str:
    if 7 <= byte <= 13:
        return "\\" + "abtnvfr"[byte - 7]
    if byte == 0:
        return "\\0"
    return chr(byte) if 32 <= byte < 127 else f"{byte:03o}"


@tool("column")
def column(process: Process) -> int:
    """Align columns (``-t``)."""
    options, names = getopt(process.argv[1:], "ts:")
    separator = dict(options).get("s")
    rows = [line.rstrip("\n").split(separator) for line in lines(process, names)]
    widths: list[int] = []
    for row in rows:
        for index, cell in enumerate(row):
            if index == len(widths):
                widths.append(0)
            widths[index] = max(widths[index], len(cell))
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        process.out("  ".join(cells).rstrip() + "\n")
    return int(failed(process))


@tool("cksum", "sum")
def cksum(process: Process) -> int:
    """Write the POSIX checksum of files."""
    names = process.argv[1:] or ["-"]
    for name in names:
        data = open_input(process, name).read()
        process.step(len(data) // 16)
        shown = "" if name == "-" else f" {name}"
        process.out(f"{_checksum(data)} {len(data)}{shown}\n")
    return 0


def _checksum(data: bytes) -> int:
    value, length = 0, len(data)
    tail = bytearray()
    while length:
        tail.append(length & 0xFF)
        length >>= 8
    for byte in [*data, *tail]:
        value ^= byte << 24
        for _ in range(8):
            value = ((value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)) & 0xFFFFFFFF
    return value ^ 0xFFFFFFFF
