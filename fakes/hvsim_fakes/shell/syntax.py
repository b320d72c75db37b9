"""What shell text is made of once it is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it stands; ``quoted`` text is neither split nor matched against file names."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """``$name`` and ``${name<operator>argument}``; ``length`` for ``${#name}``."""

    name: str
    operator: str = ""
    argument: Word | None = None
    quoted: bool = False
    length: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(commands)``."""

    body: Commands
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((expression))``."""

    expression: Word
    quoted: bool = False


Part: TypeAlias = Literal | Parameter | Substitution | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """Parts that stand together without a blank."""

    parts: tuple[Part, ...]

    @property
    def bare(self) -> str | None:
        """The text of a word without quotes and expansions; None for any other."""
        if any(not isinstance(part, Literal) or part.quoted for part in self.parts):
            return None
        return "".join(part.text for part in self.parts if isinstance(part, Literal))


@dataclass(slots=True)
class HereDocument:
    """``<<delimiter``; the parser fills the body in when it comes to it."""

    delimiter: str
    quoted: bool
    strip: bool
    body: Word = Word(())


@dataclass(frozen=True, slots=True)
class Redirection:
    """``[fd]operator target``."""

    fd: int
    operator: str
    target: Word | HereDocument


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, words and redirections; ``line`` counts from 1."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirections: tuple[Redirection, ...]
    line: int = 1


@dataclass(frozen=True, slots=True)
class Compound:
    """A command of several with redirections around it."""

    body: Body
    redirections: tuple[Redirection, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``[!] a | b | c``."""

    stages: tuple[Command, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class AndOr:
    """``a && b || c``: each further pipeline with the operator before it."""

    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """``a; b & c``: each with whether it goes to the background."""

    items: tuple[tuple[AndOr, bool], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``{ ...; }``."""

    body: Commands


@dataclass(frozen=True, slots=True)
class Subshell:
    """``( ... )``."""

    body: Commands


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what to do when they hold, and otherwise."""

    branches: tuple[tuple[Commands, Commands], ...]
    otherwise: Commands | None


@dataclass(frozen=True, slots=True)
class While:
    """``while``, or ``until`` when ``negated``."""

    condition: Commands
    body: Commands
    negated: bool


@dataclass(frozen=True, slots=True)
class For:
    """``for name in words``; without ``in`` over the positional parameters (None)."""

    name: str
    words: tuple[Word, ...] | None
    body: Commands


@dataclass(frozen=True, slots=True)
class Case:
    """``case word in patterns) commands;; esac``."""

    word: Word
    clauses: tuple[tuple[tuple[Word, ...], Commands], ...]


@dataclass(frozen=True, slots=True)
class Function:
    """``name() command``."""

    name: str
    body: Compound


Body: TypeAlias = Group | Subshell | If | While | For | Case
Command: TypeAlias = Simple | Compound | Function
