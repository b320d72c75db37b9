"""Expansion of words: parameters, commands, arithmetic, splitting and file names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hvsim_fakes.shell.arithmetic import BadArithmetic, evaluate
from hvsim_fakes.shell.glob import expand_names
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.pattern import Pattern
from hvsim_fakes.shell.state import ShellError, State
from hvsim_fakes.shell.syntax import Arithmetic, Literal, Parameter, Substitution, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hvsim_fakes.shell.syntax import Commands, Part

_BLANK_SEPARATORS = " \t\n"


@dataclass(slots=True)
class _Field:
    """A field being put together: its characters, and which of them are quoted.

    ``kept`` says that it is a field even when nothing is in it.
    """

    pieces: list[tuple[str, bool]] = field(default_factory=list)
    kept: bool = False

    def add(self, text: str, *, quoted: bool) -> None:
        self.kept = self.kept or quoted or bool(text)
        if text:
            self.pieces.append((text, quoted))

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.pieces)

    def pattern(self) -> Pattern:
        flags = [quoted for text, quoted in self.pieces for _ in text]
        return Pattern(self.text, flags)


class Expander:
    """Expands words in a shell's state.

    Args:
        substitute: runs the commands of a substitution and returns what they print.
    """

    def __init__(self, state: State, substitute: Callable[[Commands], str]) -> None:
        self._state = state
        self._substitute = substitute

    def fields(self, words: Iterable[Word]) -> list[str]:
        """Expand words to arguments: split, and matched with file names."""
        found: list[str] = []
        for word in words:
            bare = word.bare
            if bare is not None and not any(char in bare for char in "*?[~\\"):
                found.append(bare)
                continue
            for one in self._expand(word, split=True):
                found.extend(self._names(one))
            self._state.session.budget.step()
        return found

    def text(self, word: Word) -> str:
        """Expand a word to one text, as in an assignment or a here-document."""
        bare = word.bare
        if bare is not None and "~" not in bare:
            return bare
        found = " ".join(one.text for one in self._expand(word, split=False))
        self._state.session.budget.hold(len(found))
        return found

    def pattern(self, word: Word) -> Pattern:
        """Expand a word to a pattern, whose quoted characters stand for themselves."""
        found = self._expand(word, split=False)
        return found[0].pattern() if found else Pattern("")

    def _names(self, one: _Field) -> list[str]:
        plain = all(quoted or not any(c in text for c in "*?[") for text, quoted in one.pieces)
        if plain or "f" in self._state.options:
            return [one.text]
        flags = [quoted for text, quoted in one.pieces for _ in text]
        return expand_names(self._state, one.text, flags) or [one.text]

    # Parts

    def _expand(self, word: Word, *, split: bool) -> list[_Field]:
        fields = [_Field()]
        for index, part in enumerate(word.parts):
            if isinstance(part, Literal):
                text = part.text
                if index == 0 and not part.quoted and text.startswith("~"):
                    text = self._tilde(text, last=len(word.parts) == 1, fields=fields)
                fields[-1].add(text, quoted=part.quoted)
            else:
                self._add_expanded(part, fields, split=split)
        return [one for one in fields if one.kept]

    def _tilde(self, text: str, *, last: bool, fields: list[_Field]) -> str:
        """Add the home directory a tilde stands for; return the text after it."""
        user, slash, rest = text[1:].partition("/")
        if not slash and not last:
            return text
        account = self._state.host.system.accounts.get(user)
        other = None if account is None else account.home
        home = other if user else self._state.variables.get("HOME")
        if home is None:
            return text
        fields[-1].add(home, quoted=True)
        return slash + rest

    def _add_expanded(self, part: Part, fields: list[_Field], *, split: bool) -> None:
        every = isinstance(part, Parameter) and part.name in "@*" and not part.length
        if every and self._add_all(part, fields, split=split):
            return
        if isinstance(part, Parameter) and part.operator in _USES_WORD:
            argument = self._default(part)
            if argument is not None:
                self._add_word(argument, part, fields, split=split)
                return
        text = self._value(part)
        self._state.session.budget.hold(len(text))
        if part.quoted or not split:
            fields[-1].add(text, quoted=part.quoted)
        else:
            self._add_split(text, fields)

    def _add_word(self, word: Word, part: Parameter, fields: list[_Field], *, split: bool) -> None:
        """Add the word of ``${name:-word}``."""
        for piece in word.parts:
            if isinstance(piece, Literal):
                if piece.quoted or part.quoted or not split:
                    fields[-1].add(piece.text, quoted=piece.quoted or part.quoted)
                else:
                    self._add_split(piece.text, fields)
            else:
                self._add_expanded(piece, fields, split=split)

    def _add_all(self, part: Part, fields: list[_Field], *, split: bool) -> bool:
        """Add all positional parameters; return False when an operator takes their place."""
        assert isinstance(part, Parameter)  # noqa: S101 - the caller asked
        args = self._state.args
        if part.operator and (part.operator not in _USES_WORD or not args):
            return False
        if part.operator in (":+", "+"):
            return False
        if part.quoted and part.name == "*":
            separator = self._state.variables.get("IFS", " ")[:1]
            fields[-1].add(separator.join(args), quoted=True)
            return True
        for index, arg in enumerate(args):
            if index and split:
                fields.append(_Field())
            elif index:
                fields[-1].add(" ", quoted=part.quoted)
            if part.quoted or not split:
                fields[-1].add(arg, quoted=part.quoted)
            else:
                self._add_split(arg, fields)
        return True

    def _add_split(self, text: str, fields: list[_Field]) -> None:
        """Add text, a new field beginning at each separator of ``IFS``."""
        separators = self._state.variables.get("IFS", _BLANK_SEPARATORS)
        if not separators:
            fields[-1].add(text, quoted=False)
            return
        blanks = [char for char in separators if char in _BLANK_SEPARATORS]
        start = at = 0
        while at < len(text):
            if text[at] not in separators:
                at += 1
                continue
            fields[-1].add(text[start:at], quoted=False)
            hard = text[at] not in blanks
            at += 1
            while at < len(text) and (text[at] in blanks or (not hard and text[at] in separators)):
                hard = hard or text[at] not in blanks
                at += 1
            if fields[-1].kept or hard:
                fields[-1].kept = True
                fields.append(_Field())
            start = at
        fields[-1].add(text[start:], quoted=False)

    # Values

    def _value(self, part: Part) -> str:
        if isinstance(part, Substitution):
            return self._substitute(part.body)
        if isinstance(part, Arithmetic):
            return self._arithmetic(part)
        assert isinstance(part, Parameter)  # noqa: S101 - literals are dealt with by the caller
        value = self.parameter(part.name)
        if part.length:
            return str(len(value or ""))
        if part.operator and part.operator[0] in "%#" and part.argument is not None:
            return self._trimmed(value or "", part.operator, self.pattern(part.argument))
        if part.operator in _USES_WORD:
            return "" if part.operator in (":+", "+") else value or ""
        if value is None and "u" in self._state.options and part.name not in "@*":
            raise ShellError(f"{part.name}: parameter not set", fatal=True)
        return value or ""

    def parameter(self, name: str) -> str | None:
        """Return a parameter's value; None when it is not set."""
        state = self._state
        if is_number(name):
            at = int(name)
            if at == 0:
                return state.name
            return state.args[at - 1] if at <= len(state.args) else None
        if name in _SPECIAL:
            return _SPECIAL[name](state)
        if name == "LINENO":
            return str(state.line)
        return state.variables.get(name)

    def _default(self, part: Parameter) -> Word | None:
        """Return the word to take instead of the value; None when the value stands."""
        value = self.parameter(part.name)
        if part.name in "@*":
            value = " ".join(self._state.args) if self._state.args else None
        absent = value is None or (part.operator.startswith(":") and not value)
        argument = part.argument or Word(())
        kind = part.operator[-1]
        if kind == "+":
            return None if absent else argument
        if not absent:
            return None
        if kind == "=":
            self._assign_default(part.name, argument)
            return None
        if kind == "?":
            default = "parameter not set" if part.operator == "?" else "parameter null or not set"
            raise ShellError(f"{part.name}: {self.text(argument) or default}", fatal=True)
        return argument

    def _assign_default(self, name: str, argument: Word) -> None:
        if not (name[:1].isalpha() or name[:1] == "_"):
            raise ShellError(f"{name}: bad variable name", fatal=True)
        self._state.variables[name] = self.text(argument)

    def _trimmed(self, value: str, operator: str, pattern: Pattern) -> str:
        self._state.session.budget.step(1 + len(value) // 16)
        if operator[0] == "#":
            end = (
                pattern.shortest_prefix(value) if operator == "#" else pattern.longest_prefix(value)
            )
            return value[end or 0 :]
        at = pattern.shortest_suffix(value) if operator == "%" else pattern.longest_suffix(value)
        return value if at is None else value[:at]

    def _arithmetic(self, part: Arithmetic) -> str:
        try:
            return str(evaluate(self.text(part.expression), self._state.variables))
        except BadArithmetic as error:
            raise ShellError(str(error), fatal=True) from None


_USES_WORD = frozenset({"-", ":-", "=", ":=", "?", ":?", "+", ":+"})
_SPECIAL: dict[str, Callable[[State], str | None]] = {
    "@": lambda state: " ".join(state.args) if state.args else None,
    "*": lambda state: " ".join(state.args) if state.args else None,
    "#": lambda state: str(len(state.args)),
    "?": lambda state: str(state.status),
    "-": lambda state: "".join(sorted(state.options)),
    "$": lambda state: str(state.pid),
    "!": lambda state: str(state.last_job) if state.last_job else None,
}
