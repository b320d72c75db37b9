"""Parses awk programs to nested tuples: ``("binary", "+", left, right)`` and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from hvsim_fakes.shell.tools.options import UsageError

Tree = tuple[Any, ...]

_TOKEN = re.compile(
    r"(?P<space>[ \t\r]+|\\\n|#[^\n]*)|(?P<newline>\n)"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
    r'|(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<name>[A-Za-z_]\w*)'
    r"|(?P<op>\*\*=|\*\*|&&|\|\||\+\+|--|[-+*/%^]=|==|<=|>=|!=|!~|>>|[-+*/%^!<>|?:~$=(){}\[\];,])"
)
_KEYWORDS = frozenset(
    (
        *("BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break"),
        *("continue", "next", "nextfile", "exit", "return", "delete", "in", "getline"),
        *("print", "printf"),
    )
)
FUNCTIONS = frozenset(
    (
        *("length", "substr", "index", "split", "sub", "gsub", "match", "sprintf", "tolower"),
        *("toupper", "int", "sqrt", "exp", "log", "sin", "cos", "atan2", "rand", "srand"),
        *("close", "system", "fflush"),
    )
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "/": "/", "a": "\a", "b": "\b"}
_DEEPEST = 60


@dataclass(slots=True)
class Program:
    """A parsed program: rules are (pattern or None, end of a range or None, action or None)."""

    begin: list[Tree] = field(default_factory=list)
    end: list[Tree] = field(default_factory=list)
    rules: list[tuple[Tree | None, Tree | None, Tree | None]] = field(default_factory=list)
    functions: dict[str, tuple[list[str], Tree]] = field(default_factory=dict)


def parse(text: str) -> Program:
    """Parse a program; raises UsageError."""
    return _Parser(text).program()


def unescape(text: str) -> str:
    """Replace the escapes of a string."""

    def replaced(match: re.Match[str]) -> str:
        code = match.group(1)
        if code[0] in "01234567":
            return chr(int(code, 8) & 0xFF)
        return _ESCAPES.get(code, f"\\{code}" if code in ".*+?[](){}|^$&" else code)

    return re.sub(r"\\([0-7]{1,3}|.)", replaced, text, flags=re.DOTALL)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._no_greater = 0
        self.kind, self.value = "", ""
        self._advance()

    # Tokens

    def _advance(self) -> None:
        while True:
            if self._at >= len(self._text):
                self.kind, self.value = "end", ""
                return
            match = _TOKEN.match(self._text, self._at)
            if match is None:
                raise self._wrong()
            self._at = match.end()
            if match.lastgroup != "space":
                break
        self.kind, self.value = str(match.lastgroup), match.group()
        if self.kind == "name" and self.value in _KEYWORDS:
            self.kind = "keyword"

    def _wrong(self) -> UsageError:
        line = self._text.count("\n", 0, self._at) + 1
        near = self._text[max(0, self._at - 10) : self._at + 10].replace("\n", " ")
        return UsageError(f"syntax error at source line {line} near {near!r}")

    def _is(self, *values: str) -> bool:
        return self.kind in ("op", "keyword") and self.value in values

    def _take(self, *values: str) -> str:
        if not self._is(*values):
            return ""
        found = self.value
        self._advance()
        return found

    def _expect(self, value: str) -> None:
        if not self._take(value):
            raise self._wrong()

    def _newlines(self) -> None:
        while self.kind == "newline" or self._is(";"):
            self._advance()

    def _line_break(self) -> None:
        while self.kind == "newline":
            self._advance()

    def _regex(self) -> Tree:
        """Read the rest of a regular expression whose slash has been taken for an operator."""
        start = self._at - len(self.value) + 1
        at, inside = start, False
        while at < len(self._text) and (self._text[at] != "/" or inside):
            if self._text[at] == "\n":
                raise self._wrong()
            if self._text[at] == "\\":
                at += 1
            elif self._text[at] == "[":
                inside = True
            elif self._text[at] == "]" and self._text[at - 1] not in "[^":
                inside = False
            at += 1
        if at >= len(self._text):
            raise self._wrong()
        self._at = at + 1
        text = self._text[start:at].replace("\\/", "/")
        self._advance()
        return ("regex", text)

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise UsageError("program too deep")

    # Program

    def program(self) -> Program:
        found = Program()
        self._newlines()
        while self.kind != "end":
            self._item(found)
            self._newlines()
        return found

    def _item(self, found: Program) -> None:
        if self._take("BEGIN"):
            found.begin.append(self._block())
        elif self._take("END"):
            found.end.append(self._block())
        elif self._take("function", "func"):
            self._function(found)
        else:
            first = last = action = None
            if not self._is("{"):
                first = self._expression()
                if self._take(","):
                    self._line_break()
                    last = self._expression()
            if self._is("{"):
                action = self._block()
            found.rules.append((first, last, action))

    def _function(self, found: Program) -> None:
        name = self._name()
        self._expect("(")
        parameters = []
        while not self._take(")"):
            parameters.append(self._name())
            self._take(",")
        self._line_break()
        found.functions[name] = (parameters, self._block())

    def _name(self) -> str:
        if self.kind != "name":
            raise self._wrong()
        name = self.value
        self._advance()
        return name

    # Statements

    def _block(self) -> Tree:
        self._line_break()
        self._expect("{")
        self._enter()
        statements = []
        self._newlines()
        while not self._take("}"):
            statements.append(self._statement())
            self._newlines()
        self._depth -= 1
        return ("block", tuple(statements))

    def _statement(self) -> Tree:
        if self._is("{"):
            return self._block()
        for keyword, read in (
            ("if", self._if),
            ("while", self._while),
            ("do", self._do),
            ("for", self._for),
        ):
            if self._take(keyword):
                self._enter()
                found = read()
                self._depth -= 1
                return found
        found = self._simple()
        if not (self.kind in ("newline", "end") or self._is(";", "}")):
            raise self._wrong()
        if self._is(";") or self.kind == "newline":
            self._advance()
        return found

    def _body(self) -> Tree:
        self._line_break()
        if self._take(";"):
            return ("block", ())
        return self._statement()

    def _if(self) -> Tree:
        condition = self._parenthesised()
        yes = self._body()
        mark = (self._at, self.kind, self.value)
        self._newlines()
        if self._take("else"):
            return ("if", condition, yes, self._body())
        self._at, self.kind, self.value = mark
        return ("if", condition, yes, None)

    def _parenthesised(self) -> Tree:
        self._expect("(")
        found = self._expression()
        self._expect(")")
        return found

    def _while(self) -> Tree:
        condition = self._parenthesised()
        return ("while", condition, self._body())

    def _do(self) -> Tree:
        body = self._body()
        self._newlines()
        self._expect("while")
        return ("do", body, self._parenthesised())

    def _for(self) -> Tree:
        self._expect("(")
        match = re.compile(r"\s*(\w+)\s+in\s+(\w+)\s*\)").match(
            self._text, self._at - len(self.value)
        )
        if match is not None and self.kind == "name":
            self._at = match.end()
            self._advance()
            return ("for-in", match.group(1), match.group(2), self._body())
        start = None if self._is(";") else self._simple()
        self._expect(";")
        self._line_break()
        condition = None if self._is(";") else self._expression()
        self._expect(";")
        self._line_break()
        step = None if self._is(")") else self._simple()
        self._expect(")")
        return ("for", start, condition, step, self._body())

    def _simple(self) -> Tree:
        if self._is("print", "printf"):
            return self._print()
        if word := self._take("break", "continue", "next", "nextfile"):
            return (word,)
        if word := self._take("exit", "return"):
            empty = self.kind in ("newline", "end") or self._is(";", "}")
            return (word, None if empty else self._expression())
        if self._take("delete"):
            name = self._name()
            if not self._take("["):
                return ("delete", name, None)
            return ("delete", name, self._subscript())
        return ("expression", self._expression())

    def _print(self) -> Tree:
        word = self._take("print", "printf")
        self._no_greater += 1
        arguments: list[Tree] = []
        if not (self.kind in ("newline", "end") or self._is(";", "}", ">", ">>", "|")):
            arguments = self._arguments()
        self._no_greater -= 1
        target = None
        if operator := self._take(">", ">>", "|"):
            target = (operator, self._binary(5))
        return (word, tuple(arguments), target)

    def _arguments(self) -> list[Tree]:
        found = [self._expression()]
        if found[0][0] == "group" and not self._is(","):
            inner = found[0][1]
            return list(inner) if isinstance(inner, list) else found
        while self._take(","):
            self._line_break()
            found.append(self._expression())
        return found

    # Expressions

    def _expression(self) -> Tree:
        self._enter()
        left = self._ternary()
        operators = ("=", "+=", "-=", "*=", "/=", "%=", "^=", "**=")
        if self._is(*operators) and left[0] in ("variable", "field", "element"):
            operator = self._take(*operators)
            self._line_break()
            left = ("assign", operator[:-1].replace("**", "^"), left, self._expression())
        self._depth -= 1
        return left

    def _ternary(self) -> Tree:
        condition = self._binary(0)
        if not self._take("?"):
            return condition
        self._line_break()
        yes = self._expression()
        self._line_break()
        self._expect(":")
        self._line_break()
        return ("ternary", condition, yes, self._expression())

    def _binary(self, level: int) -> Tree:
        if level == len(_LEVELS):
            return self._unary()
        left = self._binary(level + 1)
        while True:
            operator = self._operator(level)
            if not operator:
                return left
            left = self._combined(operator, left, level)

    def _operator(self, level: int) -> str:
        operators = _LEVELS[level]
        if operators == ("concatenate",):
            begins = self.kind in ("number", "string", "name") or self._is("$", "!", "(", "-", "+")
            unfit = self._is("-", "+") or (self.kind == "keyword")
            return "concatenate" if begins and not unfit else ""
        if ">" in operators and self._no_greater and self._is(">"):
            return ""
            return ""
        if self._is("|") and not re.compile(r"\s*getline\b").match(self._text, self._at):
            return ""
        return self._take(*operators)

    def _combined(self, operator: str, left: Tree, level: int) -> Tree:
        if operator in ("&&", "||"):
            self._line_break()
        if operator == "in":
            return ("in", left, self._name())
        if operator == "|":
            self._expect("getline")
            return ("getline-command", left, self._target())
        return ("binary", operator, left, self._binary(level + 1))

    def _target(self) -> Tree | None:
        """Return where ``getline`` puts what it reads, if that is said."""
        return self._primary() if self._is("$") or self.kind == "name" else None

    def _unary(self) -> Tree:
        if operator := self._take("!", "-", "+"):
            self._enter()
            inner = self._unary()
            self._depth -= 1
            return ("unary", operator, inner)
        left = self._increment()
        if self._take("^", "**"):
            return ("binary", "^", left, self._unary())
        return left

    def _increment(self) -> Tree:
        if operator := self._take("++", "--"):
            return ("before", operator[0], self._primary())
        found = self._primary()
        if found[0] in ("variable", "field", "element") and (operator := self._take("++", "--")):
            return ("after", operator[0], found)
        return found

    def _primary(self) -> Tree:
        kind, value = self.kind, self.value
        if self._is("/", "/="):
            return self._regex()
        self._advance()
        if kind == "number":
            return ("number", float(int(value, 16)) if value[:2] in ("0x", "0X") else float(value))
        if kind == "string":
            return ("string", unescape(value[1:-1]))
        if kind == "name":
            return self._named(value)
        readers = {("op", "$"): self._field, ("op", "("): self._group}
        readers["keyword", "getline"] = self._getline
        if (kind, value) not in readers:
            raise self._wrong()
        return readers[kind, value]()

    def _field(self) -> Tree:
        self._enter()
        inner = self._increment()
        self._depth -= 1
        return ("field", inner)

    def _group(self) -> Tree:
        greater, self._no_greater = self._no_greater, 0
        found = [self._expression()]
        while self._take(","):
            self._line_break()
            found.append(self._expression())
        self._expect(")")
        self._no_greater = greater
        if len(found) > 1:
            if self._take("in"):
                return ("in", ("subscript", tuple(found)), self._name())
            return ("group", found)
        return ("group", found[0])

    def _getline(self) -> Tree:
        target = self._target()
        if self._take("<"):
            return ("getline-file", self._primary(), target)
        return ("getline", target)

    def _named(self, name: str) -> Tree:
        if name in FUNCTIONS:
            if not self._is("("):
                if name != "length":
                    raise self._wrong()
                return ("call", name, ())
            self._advance()
            return ("call", name, self._call_arguments())
        if self._is("(") and self._text[self._at - 2 : self._at - 1] not in (" ", "\t"):
            self._advance()
            return ("user", name, self._call_arguments())
        if self._take("["):
            return ("element", name, self._subscript())
        return ("variable", name)

    def _call_arguments(self) -> tuple[Tree, ...]:
        greater, self._no_greater = self._no_greater, 0
        found = []
        self._line_break()
        while not self._take(")"):
            found.append(self._expression())
            self._line_break()
            if not self._is(")"):
                self._expect(",")
                self._line_break()
        self._no_greater = greater
        return tuple(found)

    def _subscript(self) -> Tree:
        greater, self._no_greater = self._no_greater, 0
        found = [self._expression()]
        while self._take(","):
            found.append(self._expression())
        self._expect("]")
        self._no_greater = greater
        return found[0] if len(found) == 1 else ("subscript", tuple(found))


_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("in",),
    ("~", "!~"),
    ("<", "<=", "!=", "==", ">", ">=", "|"),
    ("concatenate",),
    ("+", "-"),
    ("*", "/", "%"),
)
