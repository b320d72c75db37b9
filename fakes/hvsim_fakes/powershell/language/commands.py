"""Pipelines and commands: words, parameters and redirections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import regex

from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.language.expressions import Expressions, assignable
from hvsim_fakes.powershell.language.scanner import BLANKS, DASHES, DOUBLE, ENDS, SINGLE

if TYPE_CHECKING:
    from hvsim_fakes.powershell.language.syntax import Node

_WORD_ENDS: Final = BLANKS + ENDS + "|;&(){},<>"
_PARAMETER: Final = regex.compile(r"[A-Za-z_?][^\s{}();,|&.\[:'\"]*")
_REDIRECTION: Final = regex.compile(r"([1-6*])?(>>|>)(&([1-6]))?")
_ASSIGNMENT: Final = regex.compile(r"[-+*/%]?=(?!=)")
_TERMINATORS: Final = ENDS + ";|)}"


class Commands(Expressions):
    """Parses pipelines and commands."""

    def pipeline_statement(self) -> Node:
        """Parse a pipeline or an assignment."""
        start = self.at
        first = self._element(first=True)
        if isinstance(first, syntax.Assignment):
            return first
        elements = [first]
        while self._pipe():
            elements.append(self._element(first=False))
        return syntax.Pipeline(self.extent(start), tuple(elements))  # type: ignore[arg-type] # commands and expressions only

    def _pipe(self) -> bool:
        before = self.at
        self.blanks()
        if not self.looking_at("|") or self.looking_at("||"):
            self.at = before
            return False
        self.at += 1
        self.newlines()
        if self.at >= self.size or self.peek() in "|;)}":
            raise self.mistake("EmptyPipeElement", at=self.at)
        return True

    def _element(self, *, first: bool) -> Node:
        start = self.at
        if self.at >= self.size:
            raise self.unexpected()
        if self.looking_at("|"):
            raise self.mistake("EmptyPipeElement")
        operator = self._operator()
        if operator:
            return self._command(start, operator)
        if self._word_begins():
            return self._command(start, "")
        return self._expression_element(start, first=first)

    def _operator(self) -> str:
        char = self.peek()
        if char == "&" and not self.looking_at("&&"):
            self.at += 1
            self.blanks()
            return "&"
        after = self.text[self.at + 1 : self.at + 2]
        if char == "." and after and (after in BLANKS + "$({&" + SINGLE + DOUBLE):
            self.at += 1
            self.blanks()
            return "."
        return ""

    def _word_begins(self) -> bool:
        char = self.peek()
        if char.isdecimal() or char == ".":
            return not self._number_ends()
        if char in DASHES:
            return not self.begins_expression() and self.dashed() != ""
        return not self.begins_expression() and char not in ")}]=<>;|&"

    def _number_ends(self) -> bool:
        found = self.number(self.at)
        if found is None:
            return False
        after = self.text[found[1] : found[1] + 1]
        return not after or not (after in "\\/:" and after != "/")

    def _expression_element(self, start: int, *, first: bool) -> Node:
        expression = self.expression()
        self.blanks()
        if self.looking_at("++", "--") and assignable(expression):
            step = 1 if self.peek() == "+" else -1
            self.at += 2
            expression = syntax.Increment(self.extent(start), expression, step, before=False)
            self.blanks()
        operator = _ASSIGNMENT.match(self.text, self.at)
        if (
            operator is None
            and self.peek() in DASHES
            and self.text[self.at + 1 : self.at + 2] == "="
        ):
            operator = _ASSIGNMENT.match(self.text, self.at + 1)
        if operator is not None and first:
            return self._assignment(start, expression, operator.group())
        redirections = self._redirections()
        self._ends()
        if not first:
            raise self.mistake("ExpressionsMustBeFirstInPipeline", at=start)
        return syntax.CommandExpression(self.extent(start), expression, redirections)

    def _ends(self) -> None:
        self.blanks()
        if self.at < self.size and self.peek() not in _TERMINATORS:
            raise self.unexpected()

    def _assignment(self, start: int, target: Node, operator: str) -> Node:
        if not assignable(target):
            raise self.mistake("InvalidLeftHandSide", at=start)
        self.at += len(operator)
        self.newlines()
        if self.at >= self.size or self.peek() in ";)}|":
            raise self.mistake("ExpectedValueExpression", operator, at=self.at)
        value = self.statement()
        return syntax.Assignment(self.extent(start), target, operator[:-1], value)

    # Commands

    def _command(self, start: int, operator: str) -> Node:
        name = self._command_name(operator)
        elements: list[Node] = []
        redirections: list[syntax.Redirection] = []
        while True:
            before = self.at
            self.blanks()
            if self.at >= self.size or self.peek() in _TERMINATORS or self.looking_at("&"):
                if self.looking_at("&"):
                    raise self.unexpected()
                self.at = before
                break
            found = self._redirection()
            if found is not None:
                redirections.append(found)
            else:
                elements.append(self._command_element())
        return syntax.Command(
            self.extent(start), name, tuple(elements), operator, tuple(redirections)
        )

    def _command_name(self, operator: str) -> Node:
        if not operator:
            return self._generic(name=True)
        char = self.peek()
        if not char or char in _TERMINATORS:
            raise self.mistake("MissingExpression", operator, at=self.at)
        if char in "$({[@" + SINGLE + DOUBLE:
            return self.primary() if char != "[" else self.unary()
        return self._generic(name=True)

    def _redirections(self) -> tuple[syntax.Redirection, ...]:
        found: list[syntax.Redirection] = []
        while True:
            self.blanks()
            one = self._redirection()
            if one is None:
                return tuple(found)
            found.append(one)

    def _redirection(self) -> syntax.Redirection | None:
        found = _REDIRECTION.match(self.text, self.at)
        if found is None:
            if self.looking_at("<") and not self.looking_at("<#"):
                raise self.mistake("RedirectionNotSupported", "<")
            return None
        start = self.at
        self.at = found.end()
        stream = 0 if found[1] == "*" else int(found[1] or 1)
        if found[4]:
            return syntax.Redirection(self.extent(start), stream, int(found[4]))
        self.blanks()
        if self.at >= self.size or self.peek() in _TERMINATORS:
            raise self.mistake("MissingFileSpecification", at=start)
        target = self._argument_value()
        return syntax.Redirection(self.extent(start), stream, target, found[2] == ">>")

    def _command_element(self) -> Node:
        start = self.at
        char = self.peek()
        if char in DASHES:
            found = self._parameter(start)
            if found is not None:
                return found
        return self._argument_list()

    def _parameter(self, start: int) -> Node | None:
        found = _PARAMETER.match(self.text, self.at + 1)
        if found is None:
            return None
        self.at = found.end()
        if not self.looking_at(":") or self.looking_at("::"):
            return syntax.ParameterElement(self.extent(start), found.group())
        self.at += 1
        self.blanks()
        if self.at >= self.size or self.peek() in _TERMINATORS:
            return syntax.ParameterElement(self.extent(start), found.group())
        argument = self._argument_list()
        return syntax.ParameterElement(self.extent(start), found.group(), argument)

    def _argument_list(self) -> Node:
        start = self.at
        first = self._argument_value()
        items = [first]
        while True:
            before = self.at
            self.blanks()
            if not self.take(","):
                self.at = before
                break
            self.newlines()
            if self.at >= self.size or self.peek() in _TERMINATORS + ",":
                raise self.mistake("MissingArgument", at=before)
            items.append(self._argument_value())
        return first if len(items) == 1 else syntax.ArrayLiteral(self.extent(start), tuple(items))

    def _argument_value(self) -> Node:
        start = self.at
        char = self.peek()
        if char == "$":
            return self._dollar_argument(start)
        if char == "@":
            following = self.text[start + 1 : start + 2]
            if following.isalnum() or following == "_" or following in "({" + SINGLE + DOUBLE:
                return self._splat() if following not in "({" + SINGLE + DOUBLE else self.primary()
            raise self.unexpected()
        if char in "({" or char in SINGLE + DOUBLE:
            return self.primary()
        number = self._argument_number(start)
        if number is not None:
            return number
        if char in ",)":
            raise self.mistake("MissingArgument")
        return self._generic(name=False)

    def _splat(self) -> Node:
        found = self.variable()
        if found is None:
            raise self.unexpected()
        return found

    def _dollar_argument(self, start: int) -> Node:
        """Parse a variable with its members, or the word that it begins."""
        if self.text[start + 1 : start + 2] in ("", *_WORD_ENDS.replace("(", "").replace("{", "")):
            return self._generic(name=False)
        if self.variable_begins():
            primary = self.primary()
            after = self.peek()
            if not after or after in _WORD_ENDS or after in SINGLE + DOUBLE + "=":
                return primary
            self.at = start
        return self._generic(name=False)

    def variable_begins(self) -> bool:
        """Tell whether a variable or a subexpression stands here."""
        following = self.text[self.at + 1 : self.at + 2]
        return following.isalnum() or (following != "" and following in "_{($?^")

    def _argument_number(self, start: int) -> Node | None:
        sign = -1 if self.peek() in DASHES else 1
        found = self.number(start + (sign < 0), argument=True)
        if found is None:
            return None
        value, self.at = found
        return syntax.Literal(self.extent(start), value if sign > 0 else -value, bare=True)

    def _generic(self, *, name: bool) -> Node:
        """Parse a word without quotes around it, in which variables are expanded."""
        start = self.at
        parts: list[str | Node] = []
        while self.at < self.size:
            char = self.text[self.at]
            if char in _WORD_ENDS:
                break
            self._piece(char, parts, name=name)
        if self.at == start:
            raise self.unexpected()
        found = self.joined(start, parts)
        if isinstance(found, str):
            return syntax.Literal(self.extent(start), found, bare=True)
        return found

    def _piece(self, char: str, parts: list[str | Node], *, name: bool) -> None:
        if char == "`":
            parts.append(self.escape())
        elif char in SINGLE:
            parts.append(self.single_quoted())
        elif char in DOUBLE:
            inner = self.double_quoted()
            parts.extend(inner.parts if isinstance(inner, syntax.Expandable) else [inner])
        elif char == "$" and not name and self.variable_begins():
            parts.append(self.expanded())
        else:
            parts.append(char)
            self.at += 1
