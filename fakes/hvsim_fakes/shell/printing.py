"""``echo`` and ``printf``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim_fakes.shell.arithmetic import BadArithmetic, number
from hvsim_fakes.shell.channels import encoded

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Process

_ESCAPES = {
    "a": b"\a", "b": b"\b", "f": b"\f", "n": b"\n", "r": b"\r", "t": b"\t", "v": b"\v", "\\": b"\\",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(0[0-7]{0,3}|[1-7][0-7]{0,2}|c|[abfnrtv\\])")
_DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?([%a-zA-Z])")
_WIDEST = 100_000


def echo(process: Process) -> int:
    """Write the arguments with blanks between them."""
    args, heed = process.argv[1:], process.host.echo_escapes
    newline = True
    while args and re.fullmatch(r"-n|-e" if heed else r"-[neE]+", args[0]):
        option = args[0]
        if heed and option == "-e":
            break
        newline = newline and "n" not in option
        heed = heed or "e" in option
        args = args[1:]
    text = " ".join(args)
    if not heed or "\\" not in text:
        process.out(text + ("\n" if newline else ""))
        return 0
    data, stopped = unescaped(text, leading_zero=True)
    process.out(data + (b"\n" if newline and not stopped else b""))
    return 0


def unescaped(text: str, *, leading_zero: bool) -> tuple[bytes, bool]:
    r"""Replace backslash escapes; return also whether ``\c`` cut the text off.

    Args:
        leading_zero: octal numbers begin with a 0 that is not one of their digits.
    """
    pieces, at = [], 0
    for match in _ESCAPE.finditer(text):
        pieces.append(encoded(text[at : match.start()]))
        at = match.end()
        code = match.group(1)
        if code == "c":
            return b"".join(pieces), True
        if code in _ESCAPES:
            pieces.append(_ESCAPES[code])
            continue
        digits = code if not leading_zero or code[0] != "0" else code[1:] or "0"
        pieces.append(bytes([int(digits[:3], 8) & 0xFF]))
        at -= max(0, len(digits) - 3)
    pieces.append(encoded(text[at:]))
    return b"".join(pieces), False


class _Printer:
    """One run of ``printf``."""

    def __init__(self, process: Process, args: list[str]) -> None:
        self._process = process
        self._args = args
        self.status = 0
        self.stopped = False
        self.used = False
        """Whether the present pass over the format has used an argument."""

    @property
    def left(self) -> bool:
        """Whether arguments are left."""
        return bool(self._args)

    def run(self, text: str) -> None:
        """Write the format once."""
        self.used, at = False, 0
        for match in _DIRECTIVE.finditer(text):
            self._plain(text[at : match.start()])
            at = match.end()
            if self.stopped or self.status > 1:
                return
            self._directive(match)
            if self.stopped or self.status > 1:
                return
        self._plain(text[at:])

    def _plain(self, text: str) -> None:
        data, self.stopped = unescaped(text, leading_zero=False)
        self._process.out(data)

    def _next(self) -> str | None:
        self.used = True
        return self._args.pop(0) if self._args else None

    def _directive(self, match: re.Match[str]) -> None:
        flags, width, precision, kind = match.groups()
        if kind == "%":
            self._process.out("%")
            return
        width = str(self._number(self._next())) if width == "*" else width
        precision = str(self._number(self._next())) if precision == "*" else precision
        if max(len(width), len(precision or "")) > 6:
            width = precision = str(_WIDEST)
        kept = "" if precision is None else f".{precision}"
        self._process.out(self._converted(flags + width, kept, kind))

    def _converted(self, front: str, precision: str, kind: str) -> bytes:
        if kind in "diouxX":
            value = self._number(self._next())
            value = value % 2**64 if kind in "ouxX" else value
            return (f"%{front}{precision}{'d' if kind in 'iu' else kind}" % value).encode()
        if kind in "eEfFgG":
            return (f"%{front}{precision}{kind}" % self._float(self._next())).encode()
        text = self._next() or ""
        if kind == "c":
            return _padded(encoded(text[:1]), front, "")
        if kind == "b":
            data, self.stopped = unescaped(text, leading_zero=True)
            return _padded(data, front, precision)
        if kind == "s":
            return _padded(encoded(text), front, precision)
        self._complain(f"%{kind}: invalid directive", 2)
        return b""

    def _number(self, text: str | None) -> int:
        if not text:
            return 0
        if text[0] in "\"'":
            return ord(text[1:2] or "\0")
        try:
            return number(text)
        except BadArithmetic:
            self._complain(f"{text}: expected numeric value", 1)
            match = re.match(r"[-+]?\d{1,18}", text)
            return int(match.group()) if match else 0

    def _float(self, text: str | None) -> float:
        try:
            return float(text or 0)
        except ValueError:
            self._complain(f"{text}: expected numeric value", 1)
            return 0.0

    def _complain(self, text: str, status: int) -> None:
        self.status = status
        self._process.err(f"printf: {text}\n")


def printf(process: Process) -> int:
    """Write arguments as a format says, again until none is left."""
    args = process.argv[1:]
    if args[:1] == ["--"]:
        args = args[1:]
    if not args:
        return process.fail("printf: usage: printf format [arg ...]", 2)
    printer = _Printer(process, args[1:])
    while True:
        process.step()
        printer.run(args[0])
        if not (printer.left and printer.used) or printer.stopped or printer.status > 1:
            return printer.status


def _padded(data: bytes, front: str, precision: str) -> bytes:
    if precision:
        data = data[: int(precision[1:] or 0)]
    width = int(front.lstrip("-+ #0") or 0)
    return data.ljust(width) if "-" in front else data.rjust(width)
