"""Expressions: operators by their precedence, and what they work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.language.scanner import BLANKS, DASHES, DOUBLE, ENDS, SINGLE, Scanner

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.powershell.language.syntax import Node

LOGICAL: Final = frozenset({"and", "or", "xor"})
BITWISE: Final = frozenset({"band", "bor", "bxor"})
_CASED: Final = (
    "eq ne gt ge lt le like notlike match notmatch contains notcontains in notin replace split"
)
COMPARISON: Final = frozenset(
    {f"{case}{name}" for name in _CASED.split() for case in ("", "i", "c")}
    | {"is", "isnot", "as", "join", "shl", "shr"}
)
UNARY: Final = frozenset({"not", "bnot", "join", "split", "isplit", "csplit"})
_POSTFIX_BREAK: Final = BLANKS + ENDS


class Expressions(Scanner):
    """Parses expressions."""

    _commas = True  # whether a comma makes an array; in a method's arguments it does not

    def expression(self) -> Node:
        """Parse an expression."""
        self.deeper()
        outer, self._commas = self._commas, True
        node = self._logical()
        self._commas = outer
        self.shallower()
        return node

    def _logical(self) -> Node:
        return self._binary_words(self._bitwise, LOGICAL)

    def _bitwise(self) -> Node:
        return self._binary_words(self._comparison, BITWISE)

    def _comparison(self) -> Node:
        return self._binary_words(self._additive, COMPARISON)

    def _binary_words(self, operand: Callable[[], Node], names: frozenset[str]) -> Node:
        start = self.at
        left = operand()
        while True:
            before = self.at
            self.blanks()
            name = self.dashed()
            if name not in names:
                self.at = before
                return left
            left = self._right(start, left, name, operand, len(name) + 1)

    def _right(
        self, start: int, left: Node, name: str, operand: Callable[[], Node], size: int
    ) -> Node:
        begin = self.at
        written = self.text[begin : begin + size]
        self.at += size
        place = self.extent(begin)
        self.newlines()
        if not self.begins_expression():
            raise self.mistake("ExpectedValueExpression", written, at=begin + size)
        right = operand()
        return syntax.Binary(self.extent(start), name, left, right, place)

    def _additive(self) -> Node:
        start = self.at
        left = self._multiplicative()
        while True:
            before = self.at
            self.blanks()
            char = self.peek()
            plus = char == "+" and self.peek(2) != "++"
            minus = char != "" and char in DASHES and not self.dashed() and not self._decrement()
            if not (plus or minus) or self.text[self.at + 1 : self.at + 2] == "=":
                self.at = before
                return left
            left = self._right(start, left, "+" if plus else "-", self._multiplicative, 1)

    def _decrement(self) -> bool:
        after = self.text[self.at + 1 : self.at + 2]
        return after != "" and after in DASHES

    def _multiplicative(self) -> Node:
        start = self.at
        left = self._format()
        while True:
            before = self.at
            self.blanks()
            char = self.peek()
            if not char or char not in "*/%" or self.text[self.at + 1 : self.at + 2] == "=":
                self.at = before
                return left
            left = self._right(start, left, char, self._format, 1)

    def _format(self) -> Node:
        return self._binary_words(self._range, frozenset({"f"}))

    def _range(self) -> Node:
        start = self.at
        left = self._array()
        while True:
            before = self.at
            self.blanks()
            if not self.looking_at(".."):
                self.at = before
                return left
            left = self._right(start, left, "..", self._array, 2)

    def _array(self) -> Node:
        start = self.at
        first = self.unary()
        if not self._commas:
            return first
        items = [first]
        while True:
            before = self.at
            self.blanks()
            if not self.take(","):
                self.at = before
                break
            self.newlines()
            if not self.begins_expression():
                raise self.mistake("MissingExpressionAfterToken", ",", at=before)
            items.append(self.unary())
        return first if len(items) == 1 else syntax.ArrayLiteral(self.extent(start), tuple(items))

    # Operators before an operand

    def begins_expression(self) -> bool:
        """Tell whether an expression can begin here."""
        char = self.peek()
        if not char:
            return False
        if char in "$@([{!+," + SINGLE + DOUBLE or char.isdecimal():
            return True
        if char in DASHES:
            word = self.dashed()
            return word in UNARY or word == ""
        return char == "." and self.number(self.at) is not None

    def unary(self) -> Node:
        """Parse an operand with the operators before it."""
        self.deeper()
        node = self._unary()
        self.shallower()
        return node

    def _unary(self) -> Node:  # noqa: PLR0911 - a case a line
        start = self.at
        char = self.peek()
        if char and char in DASHES and self.dashed() in UNARY:
            return self._prefixed(start, self.dashed(), len(self.dashed()) + 1)
        if char == "!":
            return self._prefixed(start, "not", 1)
        if char == ",":
            return self._prefixed(start, ",", 1)
        if self.looking_at("++", "--"):
            return self._increment(start)
        if char and (char == "+" or char in DASHES):
            return self._signed(start, "-" if char in DASHES else "+")
        if char == "[":
            return self._bracketed()
        return self.primary()

    def _increment(self, start: int) -> Node:
        written = self.peek(2)
        self.at += 2
        self.blanks()
        operand = self.unary() if self.begins_expression() else None
        if operand is None or not assignable(operand):
            raise self.mistake("OperatorRequiresVariableOrProperty", written, at=start)
        step = 1 if written[0] == "+" else -1
        return syntax.Increment(self.extent(start), operand, step, before=True)

    def _prefixed(self, start: int, operator: str, size: int) -> Node:
        written = self.text[start : start + size]
        self.at += size
        self.newlines()
        if not self.begins_expression():
            raise self.mistake("MissingExpressionAfterOperator", written, at=start)
        operand = self.unary()
        return syntax.Unary(self.extent(start), operator, operand)

    def _signed(self, start: int, operator: str) -> Node:
        number = self.number(start + 1)
        if number is not None and operator == "-" and not isinstance(number[0], str):
            value, self.at = -number[0], number[1]
            return self.postfix(syntax.Literal(self.extent(start), value), start)
        return self._prefixed(start, operator, 1)

    def _bracketed(self) -> Node:
        start = self.at
        name = self.type_name()
        if self.looking_at("::") or (self.looking_at(".") and not self.looking_at("..")):
            return self.postfix(syntax.TypeLiteral(self.extent(start), name), start)
        after = self.at
        self.blanks()
        if self.at < self.size and self._operand_follows():
            operand = self.unary()
            return syntax.Cast(self.extent(start), name, operand)
        self.at = after
        return self.postfix(syntax.TypeLiteral(self.extent(start), name), start)

    def _operand_follows(self) -> bool:
        char = self.peek()
        if char == ",":
            return False
        if char == "+":
            return False
        if char in DASHES:
            following = self.text[self.at + 1 : self.at + 2]
            return following.isdecimal() or following in ("$", "(")
        return self.begins_expression()

    def type_name(self) -> str:
        """Parse a type in brackets; return its name."""
        start = self.at
        depth = 0
        while self.at < self.size:
            char = self.text[self.at]
            self.at += 1
            depth += (char == "[") - (char == "]")
            if depth == 0:
                break
            if not (char.isalnum() or char in "[]., _`+\r\n\t"):
                break
        name = "".join(self.text[start + 1 : self.at - 1].split())
        if depth or not name:
            wrong = "MissingTypename" if depth == 1 and len(name) < 2 else ""
            raise self.mistake(
                wrong or "EndSquareBracketExpectedAtEndOfAttribute", at=min(self.at - 1, self.size)
            )
        return name

    # What operators work on

    def primary(self) -> Node:
        """Parse a literal, variable, subexpression or bracketed value, with its members."""
        start = self.at
        return self.postfix(self._atom(start), start)

    def _atom(self, start: int) -> Node:  # noqa: PLR0911 - a case a line
        char = self.peek()
        if char == "$":
            return self._dollar_atom(start)
        if char == "@":
            return self._at_atom(start)
        if char == "(":
            return self._paren(start)
        if char == "{":
            return self.script_block_expression()
        if char and char in SINGLE:
            return syntax.Literal(self.extent(start), self.single_quoted())
        if char and char in DOUBLE:
            return self._string(start, self.double_quoted())
        number = self.number(start)
        if number is not None:
            value, self.at = number
            return syntax.Literal(self.extent(start), value)
        raise self.unexpected()

    def _string(self, start: int, found: Node | str) -> Node:
        return syntax.Literal(self.extent(start), found) if isinstance(found, str) else found

    def _dollar_atom(self, start: int) -> Node:
        if self.looking_at("$("):
            return self.subexpression()
        found = self.variable()
        if found is None:
            raise self.mistake("InvalidVariableReference", at=start)
        return found

    def _at_atom(self, start: int) -> Node:
        following = self.text[start + 1 : start + 2]
        if following == "(":
            self.at += 2
            body = self.statements(")")
            if not self.take(")"):
                raise self.mistake("MissingEndParenthesisInExpression", at=start)
            return syntax.ArrayExpression(self.extent(start), body)
        if following == "{":
            return self.hash_literal()
        if following and following in SINGLE + DOUBLE:
            return self._string(start, self.here_string())
        found = self.variable()
        if found is None:
            raise self.unexpected()
        raise self.mistake("SplattingNotPermitted", found.name, at=start)

    def _paren(self, start: int) -> Node:
        self.at += 1
        self.newlines()
        if self.looking_at(")"):
            raise self.mistake("ExpectedExpression", "(", at=self.at)
        inner = self._with_commas(self.pipeline_statement)
        self.newlines()
        if not self.take(")"):
            raise self.mistake("MissingEndParenthesisInExpression")
        return syntax.Paren(self.extent(start), inner)

    def hash_literal(self) -> Node:
        """Parse ``@{ }``."""
        start = self.at
        self.at += 2
        pairs: list[tuple[Node, Node]] = []
        self.separators()
        while not self.take("}"):
            if self.at >= self.size:
                raise self.mistake("MissingEndCurlyBrace", at=start)
            pairs.append(self._pair())
            self._unlike_others(pairs)
            self.blanks()
            if self.peek() not in ("\r", "\n", ";", "}", ""):
                raise self.unexpected()
            self.separators()
        return syntax.HashLiteral(self.extent(start), tuple(pairs))

    def _unlike_others(self, pairs: list[tuple[Node, Node]]) -> None:
        """Refuse a key that stands there already, as far as can be told without running."""
        last = pairs[-1][0]
        if not isinstance(last, syntax.Literal) or not isinstance(last.value, str):
            return
        for key, _ in pairs[:-1]:
            if (
                isinstance(key, syntax.Literal)
                and isinstance(key.value, str)
                and (key.value.lower() == last.value.lower())
            ):
                raise self.mistake("DuplicateKeyInHashLiteral", last.value, at=last.extent.start)

    def _pair(self) -> tuple[Node, Node]:
        key = self._key()
        self.newlines()
        if not self.take("="):
            raise self.mistake("MissingEqualsInHashLiteral")
        self.newlines()
        if self.at >= self.size or self.looking_at("}", ";"):
            raise self.mistake("MissingStatementInHashLiteral")
        return key, self._with_commas(self.statement)

    def _key(self) -> Node:
        start = self.at
        char = self.peek()
        if char in "$([@-+!" + SINGLE + DOUBLE or self.number(start, argument=True):
            return self.unary()
        end = start
        while end < self.size and self.text[end] not in "=;{}()|,'\"" + _POSTFIX_BREAK:
            end += 1
        if end == start:
            raise self.mistake("MissingKeyInHashLiteral")
        self.at = end
        return syntax.Literal(self.extent(start), self.text[start:end], bare=True)

    # Members and elements

    def postfix(self, node: Node, start: int) -> Node:
        """Parse what follows an operand without a blank: members, elements, ``++``."""
        while self.at < self.size:
            char = self.text[self.at]
            if char == "." and not self.looking_at("..") and self._member_follows(1):
                self.at += 1
                node = self._member(node, start, static=False)
            elif char == ":" and self.looking_at("::"):
                self.at += 2
                node = self._member(node, start, static=True)
            elif char == "[":
                node = self._index(node, start)
            elif self.looking_at("++", "--") and _assignable(node):
                self.at += 2
                step = 1 if char == "+" else -1
                return syntax.Increment(self.extent(start), node, step, before=False)
            else:
                break
        return node

    def _member_follows(self, skip: int) -> bool:
        char = self.text[self.at + skip : self.at + skip + 1]
        if char and char in "\r\n":
            return self.text[self.at + skip :].lstrip()[:1].isalpha()
        if not char or char in _POSTFIX_BREAK:
            raise self.mistake("MissingPropertyName", at=self.at + skip)
        return True

    def _member(self, target: Node, start: int, *, static: bool) -> Node:
        self.newlines()
        name = self._member_name()
        if self.looking_at("("):
            arguments = self._arguments()
            return syntax.MethodCall(self.extent(start), target, name, arguments, static)
        return syntax.MemberAccess(self.extent(start), target, name, static)

    def _member_name(self) -> Node:
        start = self.at
        char = self.peek()
        if char == "(":
            return self._paren(start)
        if char == "$":
            return self._dollar_atom(start)
        if char and char in SINGLE:
            return syntax.Literal(self.extent(start), self.single_quoted())
        if char and char in DOUBLE:
            return self._string(start, self.double_quoted())
        word = self.word()
        if not word:
            raise self.mistake("MissingPropertyName")
        self.at += len(word)
        return syntax.Literal(self.extent(start), word)

    def _arguments(self) -> tuple[Node, ...]:
        start = self.at
        self.at += 1
        items: list[Node] = []
        self.newlines()
        while not self.take(")"):
            if items and not self.take(","):
                raise self.mistake("MissingEndParenthesisInMethodCall", at=start)
            self.newlines()
            if not self.begins_expression():
                wrong = (
                    "MissingExpressionAfterToken" if items else "MissingEndParenthesisInMethodCall"
                )
                raise self.mistake(wrong, ",")
            items.append(self._argument())
            self.newlines()
        return tuple(items)

    def _argument(self) -> Node:
        """Parse an expression in which commas separate arguments."""
        self.deeper()
        outer, self._commas = self._commas, False
        node = self._logical()
        self._commas = outer
        self.shallower()
        return node

    def _with_commas(self, parse: Callable[[], Node]) -> Node:
        self.deeper()
        outer, self._commas = self._commas, True
        node = parse()
        self._commas = outer
        self.shallower()
        return node

    def _index(self, target: Node, start: int) -> Node:
        opening = self.at
        self.at += 1
        self.newlines()
        if not self.begins_expression():
            raise self.mistake("MissingArrayIndexExpression", at=opening)
        index = self.expression()
        self.newlines()
        if not self.take("]"):
            raise self.mistake("MissingEndSquareBracket")
        return syntax.Index(self.extent(start), target, index)

    # Left to the parsers above this one

    def statement(self) -> Node:
        """Parse a statement."""
        raise NotImplementedError

    def pipeline_statement(self) -> Node:
        """Parse a pipeline or an assignment."""
        raise NotImplementedError

    def script_block_expression(self) -> Node:
        """Parse ``{ }`` as a value."""
        raise NotImplementedError


def _assignable(node: Node) -> bool:
    return isinstance(node, syntax.Variable | syntax.MemberAccess | syntax.Index)


def assignable(target: Node) -> bool:
    """Tell whether an expression can be assigned to."""
    if isinstance(target, syntax.ArrayLiteral):
        return all(assignable(one) for one in target.items)
    if isinstance(target, syntax.Cast):
        return assignable(target.operand)
    if isinstance(target, syntax.Paren):
        inner = target.inner
        return (
            isinstance(inner, syntax.Pipeline)
            and len(inner.elements) == 1
            and isinstance(inner.elements[0], syntax.CommandExpression)
            and assignable(inner.elements[0].expression)
        )
    return isinstance(target, syntax.Variable | syntax.MemberAccess | syntax.Index)
