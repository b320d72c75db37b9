"""``sed``: addresses, s, y, d, p, q, n, N, g, G, h, H, x, a, i, c, =, labels and branches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.inputs import bounded, failed, lines
from hvsim_fakes.shell.tools.options import UsageError, getopt
from hvsim_fakes.shell.tools.posix_regex import Matcher, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import regex

    from hvsim_fakes.shell.program import Process

_Address = int | str | Matcher


@dataclass(slots=True)
class _Command:
    name: str
    first: _Address | None = None
    last: _Address | None = None
    negated: bool = False
    text: str = ""
    matcher: Matcher | None = None
    flags: str = ""
    number: int = 1
    jump: int = -1
    active: bool = False
    until: int = 0
    map: dict[str, str] = field(default_factory=dict)


@tool("sed")
def sed(process: Process) -> int:
    """Edit lines as a script says."""
    args = process.argv[1:]
    in_place = any(re.fullmatch(r"-i\S*", arg) for arg in args)
    args = [arg for arg in args if not re.fullmatch(r"-i\S*", arg)]
    options, operands = getopt(args, "e:Ef:nrsu", permute=True)
    chosen = {letter for letter, _ in options}
    scripts = [
        value if letter == "e" else process.files.text(value)
        for letter, value in options
        if letter in "ef"
    ]
    if not scripts:
        if not operands:
            raise UsageError("usage: sed [-n] script [file ...]", 1)
        scripts = [operands.pop(0)]
    commands = _Parser("\n".join(scripts), extended=bool(chosen & {"E", "r"})).run()
    status = 0
    for group in [[name] for name in operands] if in_place else [operands]:
        out: list[str] = []
        write = out.append if in_place else process.out
        editor = _Editor(process, commands, write, quiet="n" in chosen)
        editor.run(lines(process, group))
        status = editor.status or status
        if in_place and process.files.is_file(group[0]):
            process.files.write(group[0], "".join(out))
    return 2 if failed(process) else status


class _Parser:
    """Parses a script."""

    def __init__(self, text: str, *, extended: bool) -> None:
        self._text = text
        self._at = 0
        self._extended = extended
        self._commands: list[_Command] = []
        self._last: Matcher | None = None

    def run(self) -> list[_Command]:
        open_groups: list[int] = []
        while self._skip(" \t\n;"):
            command = self._command()
            self._commands.append(command)
            if command.name == "{":
                open_groups.append(len(self._commands) - 1)
            elif command.name == "}":
                if not open_groups:
                    raise self._wrong("unexpected }")
                self._commands[open_groups.pop()].jump = len(self._commands)
        if open_groups:
            raise self._wrong("unmatched {")
        labels = {one.text: at for at, one in enumerate(self._commands) if one.name == ":"}
        for one in self._commands:
            if one.name in "bt" and one.text:
                if one.text not in labels:
                    raise self._wrong(f"can't find label for jump to `{one.text}'")
                one.jump = labels[one.text]
        return self._commands

    def _wrong(self, what: str) -> UsageError:
        return UsageError(f"-e expression #1, char {self._at}: {what}", 1)

    def _skip(self, chars: str) -> bool:
        while self._peek and self._peek in chars:
            self._at += 1
        if self._peek == "#":
            end = self._text.find("\n", self._at)
            self._at = len(self._text) if end < 0 else end
            return self._skip(chars)
        return bool(self._peek)

    @property
    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _command(self) -> _Command:
        command = _Command("")
        command.first = self._address()
        if command.first is not None and self._peek == ",":
            self._at += 1
            self._skip(" ")
            command.last = self._address()
            if command.last is None:
                raise self._wrong("unexpected `,'")
        self._skip(" \t")
        while self._peek == "!":
            command.negated = True
            self._at += 1
            self._skip(" \t")
        command.name = self._peek
        self._at += 1
        self._arguments(command)
        return command

    def _address(self) -> _Address | None:
        match = re.compile(r"\d{1,9}").match(self._text, self._at)
        if match:
            self._at = match.end()
            return int(match.group())
        if self._peek == "$":
            self._at += 1
            return "$"
        if self._peek == "+" and is_number(self._text[self._at + 1 : self._at + 2]):
            match = re.compile(r"\+\d{1,9}").match(self._text, self._at)
            assert match is not None  # noqa: S101 - looked at above
            self._at = match.end()
            return match.group()
        if self._peek not in ("/", "\\") or not self._peek:
            return None
        self._at += int(self._peek == "\\")
        text = self._delimited(self._take(), regex=True)
        ignore = self._peek == "I"
        self._at += int(ignore)
        return self._matcher(text, ignore_case=ignore)

    def _matcher(self, text: str, *, ignore_case: bool = False) -> Matcher:
        if not text and self._last is not None:
            return self._last
        self._last = compiled(text, extended=self._extended, ignore_case=ignore_case)
        return self._last

    def _take(self) -> str:
        self._at += 1
        return self._text[self._at - 1 : self._at]

    def _delimited(self, end: str, *, regex: bool) -> str:
        """Read up to an unescaped delimiter."""
        kept: list[str] = []
        inside = False
        while True:
            char = self._take()
            if not char or (char == "\n" and regex):
                raise self._wrong("unterminated address regex or command")
            if char == "\\":
                following = self._take()
                kept.append(
                    following if following == end and end not in "()|.*" else "\\" + following
                )
                continue
            if regex and char == "[" and not inside:
                inside = True
            elif regex and char == "]" and inside and kept[-1:] not in (["["], ["^"]):
                inside = False
            elif char == end and not inside:
                return "".join(kept)
            kept.append(char)

    def _arguments(self, command: _Command) -> None:
        name = command.name
        if name in "{}":
            return
        if name in "aic":
            command.text = self._block()
        elif name in ":bt":
            self._skip(" \t")
            end = re.compile(r"[^\n;}]*" if name != ":" else r"[^\n;]*").match(self._text, self._at)
            assert end is not None  # noqa: S101 - it matches the empty text too
            self._at, command.text = end.end(), end.group().strip()
        elif name == "s":
            self._substitution(command)
        elif name == "y":
            self._map(command)
        elif name in "qQ":
            match = re.compile(r" *(\d{0,3})").match(self._text, self._at)
            assert match is not None  # noqa: S101 - as above
            self._at, command.number = match.end(), int(match.group(1) or 0)
        elif not name or name not in "dDgGhHlnNpPx=":
            raise self._wrong(f"unknown command: `{name}'")
        self._end()

    def _end(self) -> None:
        while self._peek and self._peek in " \t":
            self._at += 1
        if self._peek and self._peek not in "\n;}#":
            raise self._wrong("extra characters after command")

    def _block(self) -> str:
        """Read the text of a, i and c: on the same line, or on those after a backslash."""
        while self._peek and self._peek in " \t":
            self._at += 1
        if self._text.startswith("\\\n", self._at):
            self._at += 2
        elif self._peek == "\\":
            self._at += 1
        kept = []
        while self._peek and self._peek != "\n":
            if self._peek == "\\":
                self._at += 1
            kept.append(self._take())
        return "".join(kept) + "\n"

    def _substitution(self, command: _Command) -> None:
        end = self._take()
        if not end or end in "\n\\":
            raise self._wrong("unterminated `s' command")
        pattern = self._delimited(end, regex=True)
        command.text = self._delimited(end, regex=False)
        match = re.compile(r"[gpiI0-9]*").match(self._text, self._at)
        assert match is not None  # noqa: S101 - it matches the empty text too
        self._at, command.flags = match.end(), match.group().lower()
        digits = "".join(char for char in command.flags if is_number(char))
        command.number = int(digits[:6] or 1)
        command.matcher = self._matcher(pattern, ignore_case="i" in command.flags)

    def _map(self, command: _Command) -> None:
        end = self._take()
        one, other = (
            self._delimited(end, regex=False).replace("\\n", "\n").replace("\\\\", "\\")
            for _ in range(2)
        )
        if len(one) != len(other):
            raise self._wrong("strings for `y' command are different lengths")
        command.map = dict(zip(one, other, strict=True))


class _Editor:
    """Runs a script over lines."""

    def __init__(
        self,
        process: Process,
        commands: list[_Command],
        write: Callable[[str], object],
        *,
        quiet: bool,
    ) -> None:
        self._process = process
        self._commands = commands
        self._write = write
        self._quiet = quiet
        self._space = self._hold = ""
        self._after: list[str] = []
        self._number = 0
        self._replaced = False
        self._input: Iterator[str] = iter(())
        self._ahead: str | None = None
        self._end = "\n"
        self.status = 0
        for command in commands:
            command.active = False

    def run(self, found: Iterable[str]) -> None:
        self._input = iter(found)
        self._ahead = next(self._input, None)
        restart: bool | None = False
        while restart or self._next():
            restart = self._cycle()
            if restart is None:
                return

    def _next(self) -> bool:
        """Take the next line into the pattern space; return False at the end."""
        if self._ahead is None:
            return False
        line, self._ahead = self._ahead, next(self._input, None)
        self._end = "\n" if line.endswith("\n") else ""
        self._space = line.removesuffix("\n")
        self._number += 1
        self._replaced = False
        return True

    def _cycle(self) -> bool | None:
        """Run the script once; True starts again without a new line, None quits."""
        at = 0
        while at < len(self._commands):
            self._process.step()
            command = self._commands[at]
            at += 1
            if not self._selected(command):
                at = command.jump if command.name == "{" else at
                continue
            to = self._do(command)
            if to is None:
                continue
            if isinstance(to, int):
                at = to
                continue
            if to in ("delete", "restart"):
                self._flush()
                return to == "restart"
            if to == "quit silently":
                return None
            self._finish()
            return None
        self._finish()
        return False

    def _finish(self) -> None:
        if not self._quiet:
            self._write(self._space + self._end)
        self._flush()

    def _flush(self) -> None:
        for text in self._after:
            self._write(text)
        self._after.clear()

    def _selected(self, command: _Command) -> bool:
        return self._in_range(command) is not command.negated

    def _in_range(self, command: _Command) -> bool:
        if command.first is None:
            return True
        if command.last is None:
            return self._hits(command.first)
        if command.active:
            if command.until:
                command.active = self._number < command.until
                return self._number <= command.until
            command.active = not self._hits(command.last)
            return True
        if not self._hits(command.first):
            return False
        last = command.last
        command.until = 0
        if isinstance(last, int):
            command.until = last
        elif isinstance(last, str) and last.startswith("+"):
            command.until = self._number + int(last)
        command.active = (
            command.until > self._number
            if command.until
            else last != "$" or self._ahead is not None
        )
        return True

    def _hits(self, address: _Address) -> bool:
        if isinstance(address, int):
            return self._number == address
        if isinstance(address, str):
            return self._ahead is None
        return address.search(self._space) is not None

    def _do(self, command: _Command) -> int | str | None:
        """Carry out a command: None goes on, a number jumps, a word ends the cycle."""
        name = command.name
        if name == "s":
            self._substitute(command)
        elif name == "y":
            self._space = "".join(command.map.get(char, char) for char in self._space)
        elif name in "bt":
            return self._branch(command)
        elif name in "qQ":
            self.status = command.number
            return "quit" if name == "q" else "quit silently"
        elif name in "aic":
            return self._insert(command)
        elif name in "nND":
            return self._advance(name)
        elif name == "d":
            return "delete"
        else:
            self._plain(name)
        return None

    def _branch(self, command: _Command) -> int | None:
        if command.name == "t" and not self._replaced:
            return None
        self._replaced = False
        return command.jump if command.jump >= 0 else len(self._commands)

    def _insert(self, command: _Command) -> str | None:
        if command.name == "a":
            self._after.append(command.text)
            return None
        if command.name == "i":
            self._write(command.text)
            return None
        if command.last is None or not command.active or command.negated:
            self._write(command.text)
        return "delete"

    def _advance(self, name: str) -> str | None:
        if name == "D":
            if "\n" not in self._space:
                return "delete"
            self._space = self._space.partition("\n")[2]
            return "restart"
        if self._ahead is None:
            return "quit"
        before = self._space
        if name == "n":
            if not self._quiet:
                self._write(before + "\n")
            self._flush()
        replaced = self._replaced
        self._next()
        self._replaced = replaced
        if name == "N":
            self._space = bounded(f"{before}\n{self._space}")
        return None

    def _plain(self, name: str) -> None:
        if name == "p":
            self._write(self._space + "\n")
        elif name == "P":
            self._write(self._space.partition("\n")[0] + "\n")
        elif name == "g":
            self._space = self._hold
        elif name == "G":
            self._space = bounded(f"{self._space}\n{self._hold}")
        elif name == "h":
            self._hold = self._space
        elif name == "H":
            self._hold = bounded(f"{self._hold}\n{self._space}")
        elif name == "x":
            self._space, self._hold = self._hold, self._space
        elif name == "=":
            self._write(f"{self._number}\n")
        elif name == "l":
            shown = self._space.encode("unicode_escape").decode("ascii")
            self._write(f"{shown}$\n")

    def _substitute(self, command: _Command) -> None:
        assert command.matcher is not None  # noqa: S101 - the parser gave every s one
        pieces, at, count, done = [], 0, 0, False
        text = self._space
        last_end = -1
        while at <= len(text):
            found = command.matcher.search(text, at)
            if found is None:
                break
            self._process.step()
            empty = found.end() == found.start()
            if empty and found.start() == last_end:
                pieces.append(text[at : at + 1])
                at += 1
                continue
            count += 1
            pieces.append(text[at : found.start()])
            chosen = count >= command.number and (count == command.number or "g" in command.flags)
            pieces.append(_replacement(command.text, found) if chosen else found.group())
            done = done or chosen
            last_end = found.end()
            if empty:
                pieces.append(text[found.end() : found.end() + 1])
            at = found.end() + int(empty)
            if chosen and "g" not in command.flags:
                break
        pieces.append(text[at:])
        self._space = bounded("".join(pieces))
        self._replaced = self._replaced or done
        if done and "p" in command.flags:
            self._write(self._space + "\n")


def _replacement(text: str, found: regex.Match[str]) -> str:
    """Return what takes a match's place; the ampersand and backslashes mean something."""
    pieces, at = [], 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "&":
            pieces.append(found.group())
        elif char == "\\" and at < len(text):
            char = text[at]
            at += 1
            if is_number(char):
                number = int(char)
                if number > len(found.groups()):
                    raise UsageError(f"invalid reference \\{number} on `s' command's RHS", 1)
                pieces.append(found.group(number) or "")
            else:
                pieces.append({"n": "\n", "t": "\t"}.get(char, char))
        else:
            pieces.append(char)
    return "".join(pieces)
