"""Parses shell text, one complete command after the other."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.scanner import Scanner
from hvsim_fakes.shell.syntax import (
    AndOr,
    Case,
    Commands,
    Compound,
    For,
    Function,
    Group,
    HereDocument,
    If,
    Literal,
    Pipeline,
    Redirection,
    Simple,
    Subshell,
    While,
    Word,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.scanner import ShellSyntaxError
    from hvsim_fakes.shell.syntax import Body, Command

_REDIRECTIONS = ("<<-", "<<", ">>", "<&", ">&", "<>", ">|", "<", ">")
_CLOSERS = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_OPENERS = frozenset({"if", "while", "until", "for", "case", "{", "!"})
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Parser:
    """Parses a text; ask :meth:`next` until it gives None.

    Raises (from every method): :class:`~hvsim_fakes.shell.scanner.ShellSyntaxError`.
    """

    def __init__(self, text: str) -> None:
        self._scanner = Scanner(text, self._nested)
        self._pending: list[HereDocument] = []

    def next(self) -> Commands | None:
        """Return the commands of the next line or lines; None at the end."""
        self._newlines()
        if not self._scanner.char:
            return None
        found = self._list(newlines=False)
        operator = self._scanner.operator()
        if operator == "\n":
            self._newline()
        elif self._scanner.char:
            raise self._unexpected()
        elif self._pending:
            self._read_bodies()
        return found

    def _nested(self, scanner: Scanner) -> Commands:
        """Parse the commands of a substitution."""
        outer, self._scanner = self._scanner, scanner
        pending, self._pending = self._pending, []
        found = self._list(newlines=True)
        if self._pending:
            self._read_bodies()
        self._scanner, self._pending = outer, pending
        return found

    # Lists

    def _list(self, *, newlines: bool) -> Commands:
        """Parse commands up to what cannot begin one; with ``newlines`` over many lines."""
        items: list[tuple[AndOr, bool]] = []
        if newlines:
            self._newlines()
        while self._begins_command():
            item = self._and_or()
            self._scanner.skip_blanks()
            background = self._scanner.operator() == "&"
            separated = background or self._scanner.operator() == ";"
            if separated:
                self._scanner.at += 1
            items.append((item, background))
            self._scanner.skip_blanks()
            if newlines and self._scanner.operator() == "\n":
                self._newlines()
            elif not separated:
                break
        return Commands(tuple(items))

    def _begins_command(self) -> bool:
        self._scanner.skip_blanks()
        operator = self._scanner.operator()
        if operator:
            return operator == "(" or operator in _REDIRECTIONS
        return bool(self._scanner.char) and self._keyword() not in _CLOSERS

    def _body(self, *closers: str) -> Commands:
        """Parse commands up to one of the reserved words, which is passed too."""
        found = self._list(newlines=True)
        if not found.items:
            self._demand_more(closers[0])
            raise self._unexpected()
        return found

    def _demand_more(self, expected: str) -> None:
        if not self._scanner.char:
            raise self._scanner.missing(f'end of file unexpected (expecting "{expected}")')

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            self._scanner.skip_blanks()
            operator = self._scanner.operator()
            if operator not in ("&&", "||"):
                return AndOr(first, tuple(rest))
            self._scanner.at += 2
            self._continue_line()
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        negated = False
        while self._keyword() == "!":
            self._pass("!")
            self._scanner.skip_blanks()
            negated = not negated
        stages = [self._command()]
        self._scanner.skip_blanks()
        while self._scanner.operator() == "|":
            self._scanner.at += 1
            self._continue_line()
            stages.append(self._command())
            self._scanner.skip_blanks()
        return Pipeline(tuple(stages), negated)

    def _continue_line(self) -> None:
        self._newlines()
        if not self._scanner.char:
            raise self._scanner.missing("end of file unexpected")

    # Commands

    def _command(self) -> Command:
        self._scanner.skip_blanks()
        self._scanner.deeper()
        try:
            body = self._compound()
            if body is not None:
                return Compound(body, self._trailing_redirections())
            if self._keyword() in _CLOSERS:
                raise self._unexpected()
            return self._simple()
        finally:
            self._scanner.depth -= 1

    def _compound(self) -> Body | None:
        if self._scanner.operator() == "(":
            return self._subshell()
        readers: dict[str, Callable[[], Body]] = {
            "{": self._group,
            "if": self._if,
            "while": self._while,
            "until": self._while,
            "for": self._for,
            "case": self._case,
        }
        read = readers.get(self._keyword())
        return None if read is None else read()

    def _subshell(self) -> Subshell:
        self._scanner.at += 1
        body = self._body(")")
        self._scanner.skip_blanks()
        if not self._scanner.take(")"):
            self._demand_more(")")
            raise self._unexpected()
        return Subshell(body)

    def _group(self) -> Group:
        self._pass("{")
        body = self._body("}")
        self._expect("}")
        return Group(body)

    def _if(self) -> If:
        self._pass("if")
        branches = [self._branch()]
        otherwise = None
        while self._keyword() == "elif":
            self._pass("elif")
            branches.append(self._branch())
        if self._keyword() == "else":
            self._pass("else")
            otherwise = self._body("fi")
        self._expect("fi")
        return If(tuple(branches), otherwise)

    def _branch(self) -> tuple[Commands, Commands]:
        condition = self._body("then")
        self._expect("then")
        return condition, self._body("fi")

    def _while(self) -> While:
        negated = self._keyword() == "until"
        self._pass("until" if negated else "while")
        condition = self._body("do")
        return While(condition, self._do_group(), negated)

    def _do_group(self) -> Commands:
        self._expect("do")
        body = self._body("done")
        self._expect("done")
        return body

    def _for(self) -> For:
        self._pass("for")
        self._scanner.skip_blanks()
        name = (self._scanner.word() or Word(())).bare or ""
        if not _NAME.match(name):
            raise self._scanner.error("Bad for loop variable")
        self._newlines()
        words = None
        if self._keyword() == "in":
            self._pass("in")
            words = self._words()
        self._scanner.skip_blanks()
        self._scanner.take(";")
        self._newlines()
        return For(name, words, self._do_group())

    def _words(self) -> tuple[Word, ...]:
        found = []
        self._scanner.skip_blanks()
        while (word := self._scanner.word()) is not None:
            found.append(word)
            self._scanner.skip_blanks()
        return tuple(found)

    def _case(self) -> Case:
        self._pass("case")
        self._scanner.skip_blanks()
        word = self._scanner.word()
        if word is None:
            raise self._unexpected()
        self._newlines()
        self._expect("in")
        self._newlines()
        clauses = []
        while self._keyword() != "esac":
            clauses.append(self._clause())
            self._newlines()
        self._pass("esac")
        return Case(word, tuple(clauses))

    def _clause(self) -> tuple[tuple[Word, ...], Commands]:
        self._demand_more("esac")
        self._scanner.take("(")
        patterns = []
        while True:
            self._scanner.skip_blanks()
            pattern = self._scanner.word()
            if pattern is None:
                raise self._unexpected()
            patterns.append(pattern)
            self._scanner.skip_blanks()
            if self._scanner.take(")"):
                break
            if not self._scanner.take("|"):
                raise self._unexpected()
        body = self._list(newlines=True)
        self._newlines()
        if not self._scanner.take(";;") and self._keyword() != "esac":
            raise self._unexpected()
        return tuple(patterns), body

    def _simple(self) -> Command:
        line = self._scanner.line
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            self._scanner.skip_blanks()
            redirection = self._redirection()
            if redirection is not None:
                redirections.append(redirection)
                continue
            word = self._scanner.word()
            if word is None:
                break
            if not words and (assignment := _assignment(word)) is not None:
                assignments.append(assignment)
                continue
            words.append(word)
            if len(words) == 1 and not assignments and not redirections:
                function = self._function(word)
                if function is not None:
                    return function
        if not (assignments or words or redirections):
            raise self._unexpected()
        return Simple(tuple(assignments), tuple(words), tuple(redirections), line)

    def _function(self, word: Word) -> Function | None:
        self._scanner.skip_blanks()
        if self._scanner.operator() != "(":
            return None
        name = word.bare or ""
        self._scanner.at += 1
        self._scanner.skip_blanks()
        if not _NAME.match(name) or not self._scanner.take(")"):
            raise self._unexpected()
        self._newlines()
        self._demand_more("{")
        body = self._command()
        if not isinstance(body, Compound):
            only = AndOr(Pipeline((body,), negated=False), ())
            body = Compound(Group(Commands(((only, False),))), ())
        return Function(name, body)

    # Redirections

    def _trailing_redirections(self) -> tuple[Redirection, ...]:
        found = []
        self._scanner.skip_blanks()
        while (redirection := self._redirection()) is not None:
            found.append(redirection)
            self._scanner.skip_blanks()
        return tuple(found)

    def _redirection(self) -> Redirection | None:
        start, fd = self._scanner.at, -1
        if is_number(self._scanner.char) and self._scanner.text[start + 1 : start + 2] in "<>":
            fd = int(self._scanner.char)
            self._scanner.at += 1
        operator = self._scanner.operator()
        if operator not in _REDIRECTIONS:
            self._scanner.at = start
            return None
        self._scanner.at += len(operator)
        self._scanner.skip_blanks()
        target = self._scanner.word()
        if target is None:
            raise self._unexpected()
        fd = fd if fd >= 0 else 0 if operator.startswith("<") else 1
        if operator in ("<<", "<<-"):
            return self._here_document(fd, target, strip=operator == "<<-")
        return Redirection(fd, operator, target)

    def _here_document(self, fd: int, target: Word, *, strip: bool) -> Redirection:
        text = "".join(part.text for part in target.parts if isinstance(part, Literal))
        document = HereDocument(text, target.bare is None, strip)
        self._pending.append(document)
        return Redirection(fd, "<<", document)

    def _read_bodies(self) -> None:
        for pending in self._pending:
            pending.body = self._read_body(pending)
        self._pending.clear()

    def _read_body(self, pending: HereDocument) -> Word:
        scanner, lines = self._scanner, []
        while True:
            if scanner.at >= len(scanner.text):
                raise scanner.missing("end of file in here-document")
            end = scanner.text.find("\n", scanner.at)
            end = len(scanner.text) if end < 0 else end
            line = scanner.text[scanner.at : end]
            scanner.at = end + 1
            line = line.lstrip("\t") if pending.strip else line
            if line == pending.delimiter:
                break
            lines.append(line + "\n")
        text = "".join(lines)
        if pending.quoted:
            return Word((Literal(text, quoted=True),))
        return Word(tuple(Scanner(text, self._nested).double_quoted("")))

    # Tokens

    def _newline(self) -> None:
        self._scanner.at += 1
        if self._pending:
            self._read_bodies()

    def _newlines(self) -> None:
        self._scanner.skip_blanks()
        while self._scanner.operator() == "\n":
            self._newline()
            self._scanner.skip_blanks()

    def _keyword(self) -> str:
        """Return the reserved word that comes next, without passing it; empty when none does."""
        self._scanner.skip_blanks()
        match = _WORD.match(self._scanner.text, self._scanner.at)
        word = match.group() if match else ""
        return word if word in _CLOSERS or word in _OPENERS or word == "in" else ""

    def _pass(self, keyword: str) -> None:
        self._scanner.skip_blanks()
        self._scanner.at += len(keyword)

    def _expect(self, keyword: str) -> None:
        if self._keyword() != keyword:
            self._demand_more(keyword)
            raise self._unexpected(keyword)
        self._pass(keyword)

    def _unexpected(self, expected: str = "") -> ShellSyntaxError:
        scanner = self._scanner
        scanner.skip_blanks()
        tail = f' (expecting "{expected}")' if expected else ""
        if not scanner.char:
            return scanner.missing(f"end of file unexpected{tail}")
        operator = scanner.operator()
        if operator == "\n":
            return scanner.error(f"newline unexpected{tail}")
        match = _WORD.match(scanner.text, scanner.at)
        found = operator or (match.group() if match else scanner.char)
        shown = f'"{found}"' if operator or found in _CLOSERS else "word"
        return scanner.error(f"{shown} unexpected{tail}")


_WORD = re.compile(r"[^\s;&|<>()\\'\"$`]+(?=[\s;&|<>()]|\Z)")


@lru_cache(maxsize=512)
def parse(text: str) -> tuple[Commands, ...]:
    """Parse a whole text."""
    parser, found = Parser(text), []
    while (commands := parser.next()) is not None:
        found.append(commands)
    return tuple(found)


def _assignment(word: Word) -> tuple[str, Word] | None:
    first = word.parts[0] if word.parts else None
    if not isinstance(first, Literal) or first.quoted:
        return None
    match = _ASSIGNMENT.match(first.text)
    if match is None:
        return None
    rest = Literal(first.text[match.end() :])
    parts = (rest, *word.parts[1:]) if rest.text else word.parts[1:]
    return match.group(1), Word(parts)
