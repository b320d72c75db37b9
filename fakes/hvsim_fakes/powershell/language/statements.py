"""Statements: branches, loops, errors, functions and blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.language.commands import Commands
from hvsim_fakes.powershell.language.scanner import DOUBLE, SINGLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.powershell.language.mistake import ParseError
    from hvsim_fakes.powershell.language.syntax import Block, Node

_NOT_THERE: Final = frozenset(
    {
        "class",
        "enum",
        "using",
        "workflow",
        "parallel",
        "sequence",
        "inlinescript",
        "configuration",
        "dynamicparam",
        "data",
        "define",
        "from",
        "var",
    }
)
_NAMED: Final = frozenset({"begin", "process", "end"})
_OUT_OF_PLACE: Final = frozenset({"else", "elseif", "catch", "finally", "until", "in", "param"})


class Statements(Commands):
    """Parses statements."""

    def statements(self, end: str) -> Block:
        """Parse statements up to a closing character (or, if empty, the end of the text)."""
        start = self.at
        self.deeper()
        outer, self._commas = self._commas, True
        found: list[Node] = []
        traps: list[syntax.Trap] = []
        self.separators()
        while self.at < self.size and not (end and self.looking_at(end)):
            one = self.statement()
            if isinstance(one, syntax.Trap):
                traps.append(one)
            else:
                found.append(one)
            self._finish(end)
        self._commas = outer
        self.shallower()
        return syntax.Block(self.extent(start), tuple(found), tuple(traps))

    def _finish(self, end: str) -> None:
        """Go past what ends a statement."""
        self.blanks()
        if self.at >= self.size or (end and self.looking_at(end)):
            return
        if self.peek() not in "\r\n;" and not self._closed_block():
            raise self.unexpected()
        self.separators()

    def _closed_block(self) -> bool:
        """Tell whether a statement's closing brace stands right before: nothing need follow."""
        return self.text[: self.at].rstrip()[-1:] == "}" and self.peek() not in ")}],|&"

    def statement(self) -> Node:
        """Parse a statement."""
        start = self.at
        if self.looking_at(":") and self.text[start + 1 : start + 2].isalpha():
            return self._labelled(start)
        word = self.keyword()
        known = _PARSERS.get(word)
        if known is not None and self._is_statement(word):
            self.at += len(word)
            return known(self, start, "")
        if word in _NOT_THERE and self._is_statement(word):
            raise self.mistake("ReservedKeywordNotAllowed", word)
        if word in _OUT_OF_PLACE:
            raise self.unexpected()
        return self.pipeline_statement()

    def _is_statement(self, word: str) -> bool:
        after = self.text[self.at + len(word) : self.at + len(word) + 1]
        if word in _NOT_THERE:
            return word in ("class", "enum", "workflow", "configuration", "using") and after == " "
        return not after.isalnum()

    def _labelled(self, start: int) -> Node:
        self.at += 1
        label = self.word()
        self.at += len(label)
        self.newlines()
        word = self.keyword()
        if word not in ("while", "do", "for", "foreach", "switch"):
            raise self.mistake("UnexpectedToken", f":{label}", at=start)
        self.at += len(word)
        return _PARSERS[word](self, start, label)

    def block(self, wrong: str, *words: str) -> Block:
        """Parse ``{ statements }``."""
        self.newlines()
        if not self.looking_at("{"):
            raise self.mistake(wrong, *words)
        opening = self.at
        self.at += 1
        body = self.statements("}")
        if not self.take("}"):
            raise self.mistake("MissingEndCurlyBrace", at=opening)
        return body

    def _condition(self, keyword: str) -> Node:
        """Parse a condition in parentheses."""
        self.newlines()
        if not self.take("("):
            wrong = "MissingOpenParenthesisInIfStatement"
            if keyword not in ("if", "elseif"):
                wrong = "MissingOpenParenthesisAfterKeyword"
            raise self.mistake(wrong, keyword)
        self.newlines()
        if self.looking_at(")"):
            raise self._no_condition(keyword)
        node = self._with_commas(self.pipeline_statement)
        self.newlines()
        if not self.take(")"):
            if keyword == "switch":
                raise self.mistake("MissingEndParenthesisInSwitchStatement")
            raise self.mistake("MissingEndParenthesisAfterStatement", keyword)
        return node

    def _no_condition(self, keyword: str) -> ParseError:
        if keyword in ("if", "elseif"):
            return self.mistake("IfStatementMissingCondition", keyword)
        if keyword == "switch":
            return self.mistake("MissingSwitchValueExpression")
        return self.mistake("MissingExpressionAfterKeyword", keyword)

    # Branches and loops

    def parse_if(self, start: int, _: str) -> Node:
        """Parse what follows: if."""
        clauses = [(self._condition("if"), self.block("MissingStatementBlock", "if"))]
        otherwise = None
        while True:
            before = self.at
            self.newlines()
            word = self.keyword()
            if word == "elseif":
                self.at += 6
                condition = self._condition("elseif")
                body = self.block("MissingStatementBlock", "elseif")
                clauses.append((condition, body))
            elif word == "else":
                self.at += 4
                otherwise = self.block("MissingStatementBlockAfterElse")
                break
            else:
                self.at = before
                break
        return syntax.If(self.extent(start), tuple(clauses), otherwise)

    def parse_while(self, start: int, label: str) -> Node:
        """Parse what follows: while."""
        condition = self._condition("while")
        body = self.block("MissingLoopStatement", "while")
        return syntax.Loop(self.extent(start), "while", condition, body, label)

    def parse_do(self, start: int, label: str) -> Node:
        """Parse what follows: do."""
        body = self.block("MissingLoopStatement", "do")
        self.newlines()
        word = self.keyword()
        if word not in ("while", "until"):
            raise self.mistake("MissingWhileOrUntilInDoWhile")
        self.at += 5
        condition = self._condition(word)
        return syntax.Loop(self.extent(start), f"do {word}", condition, body, label)

    def parse_for(self, start: int, label: str) -> Node:
        """Parse what follows: for."""
        self.newlines()
        if not self.take("("):
            raise self.mistake("MissingOpenParenthesisAfterKeyword", "for")
        parts: list[Node | None] = []
        for end in (";", ";", ")"):
            self.newlines()
            parts.append(None if self.peek() in (";", ")", "") else self.statement())
            self.newlines()
            if not self.take(end) and not (end == ";" and self.looking_at(")")):
                raise self.mistake("MissingEndParenthesisAfterStatement", "for")
        body = self.block("MissingLoopStatement", "for")
        return syntax.For(self.extent(start), parts[0], parts[1], parts[2], body, label)

    def parse_foreach(self, start: int, label: str) -> Node:
        """Parse what follows: foreach."""
        self.newlines()
        if not self.take("("):
            raise self.mistake("MissingOpenParenthesisAfterKeyword", "foreach")
        self.newlines()
        variable = self.variable() if self.looking_at("$") else None
        if variable is None:
            raise self.mistake("MissingVariableNameAfterForeach")
        self.newlines()
        if self.keyword() != "in":
            raise self.mistake("MissingInInForeach")
        self.at += 2
        self.newlines()
        values = self._with_commas(self.pipeline_statement)
        self.newlines()
        if not self.take(")"):
            raise self.mistake("MissingEndParenthesisAfterForeach")
        body = self.block("MissingForeachStatement")
        return syntax.Foreach(self.extent(start), variable, values, body, label)

    def parse_switch(self, start: int, label: str) -> Node:
        """Parse what follows: switch."""
        mode, cased = self._switch_options()
        subject = self._condition("switch")
        self.newlines()
        if not self.take("{"):
            raise self.mistake("MissingCurlyBraceInSwitchStatement")
        clauses: list[tuple[Node, Block]] = []
        default = None
        self.separators()
        while not self.take("}"):
            if self.at >= self.size:
                raise self.mistake("MissingEndCurlyBrace", at=start)
            pattern = self._switch_pattern()
            body = self.block("MissingSwitchStatementClause")
            if pattern is None:
                default = body
            else:
                clauses.append((pattern, body))
            self.separators()
        found = tuple(clauses)
        return syntax.Switch(self.extent(start), subject, found, default, mode, cased, label)

    def _switch_options(self) -> tuple[str, bool]:
        mode, cased = "exact", False
        while True:
            self.newlines()
            word = self.dashed()
            if not word:
                return mode, cased
            known = [
                one
                for one in ("wildcard", "regex", "exact", "casesensitive")
                if one.startswith(word)
            ]
            if len(known) != 1:
                raise self.unexpected()
            self.at += len(word) + 1
            if known[0] == "casesensitive":
                cased = True
            else:
                mode = known[0]

    def _switch_pattern(self) -> Node | None:
        char = self.peek()
        if char in "{$(@" + SINGLE + DOUBLE:
            return self._expression_pattern()
        if self.keyword() == "default":
            self.at += 7
            return None
        return self._argument_value()

    def _expression_pattern(self) -> Node:
        return self.primary()

    # Errors

    def parse_try(self, start: int, _: str) -> Node:
        """Parse what follows: try."""
        body = self.block("MissingTryStatementBlock")
        catches: list[syntax.Catch] = []
        last = None
        while True:
            before = self.at
            self.newlines()
            begin = self.at
            word = self.keyword()
            if word == "catch" and last is None:
                self.at += 5
                names = self._catch_types()
                handler = self.block("MissingCatchHandlerBlock")
                catches.append(syntax.Catch(self.extent(begin), names, handler))
            elif word == "finally" and last is None:
                self.at += 7
                last = self.block("MissingFinallyBlock")
            else:
                self.at = before
                break
        if not catches and last is None:
            raise self.mistake("MissingCatchOrFinally")
        return syntax.Try(self.extent(start), body, tuple(catches), last)

    def _catch_types(self) -> tuple[str, ...]:
        names: list[str] = []
        self.newlines()
        while self.looking_at("["):
            names.append(self.type_name())
            self.newlines()
            if not self.take(","):
                break
            self.newlines()
        return tuple(names)

    def parse_trap(self, start: int, _: str) -> Node:
        """Parse what follows: trap."""
        self.newlines()
        name = self.type_name() if self.looking_at("[") else ""
        body = self.block("MissingTrapStatement")
        return syntax.Trap(self.extent(start), name, body)

    # Jumps

    def parse_break(self, start: int, _: str) -> Node:
        """Parse what follows: break or continue."""
        kind = self.text[start : self.at].lower()
        self.blanks()
        label: Node | None = None
        if self.looking_at("$"):
            label = self.primary()
        elif self.word():
            word = self.word()
            begin = self.at
            self.at += len(word)
            label = syntax.Literal(self.extent(begin), word, bare=True)
        return syntax.Jump(self.extent(start), kind, label)

    def parse_leave(self, start: int, _: str) -> Node:
        """Parse what follows: return, exit or throw."""
        kind = self.text[start : self.at].lower()
        self.blanks()
        value: Node | None = None
        if self.at < self.size and self.peek() not in "\r\n;|)}&":
            value = self.pipeline_statement()
        return syntax.Leave(self.extent(start), kind, value)

    # Functions and blocks

    def parse_function(self, start: int, _: str) -> Node:
        """Parse what follows: a function or filter."""
        keyword = self.text[start : self.at].lower()
        self.newlines()
        begin = self.at
        while self.at < self.size and self.peek() not in " \t\r\n({;)}":
            self.at += 1
        name = self.text[begin : self.at]
        if not name:
            raise self.mistake("MissingNameAfterKeyword", keyword)
        self.newlines()
        parameters: tuple[syntax.ParameterDefinition, ...] = ()
        if self.looking_at("("):
            parameters = self._parameter_list()
            self.newlines()
        if not self.take("{"):
            raise self.mistake("MissingFunctionBody")
        block = self.body("}", parameters)
        if not self.take("}"):
            raise self.mistake("MissingEndCurlyBrace", at=begin)
        scope, _, plain = name.rpartition(":")
        shown = plain if scope.lower() in ("global", "script", "local", "private") else name
        return syntax.Function(self.extent(start), shown, block, keyword == "filter")

    def script_block_expression(self) -> Node:
        """Parse ``{ }`` as a value."""
        start = self.at
        self.at += 1
        block = self.body("}")
        if not self.take("}"):
            raise self.mistake("MissingEndCurlyBrace", at=start)
        return syntax.ScriptBlockExpression(self.extent(start), block)

    def body(
        self, end: str, parameters: tuple[syntax.ParameterDefinition, ...] = ()
    ) -> syntax.ScriptBlock:
        """Parse the inside of a block: attributes, parameters and statements."""
        start = self.at
        self.deeper()
        outer, self._commas = self._commas, True
        self.separators()
        attributes = self._block_attributes()
        if self.keyword() == "param" and self._opens():
            parameters = self._parameter_list()
            self.separators()
        elif attributes:
            raise self.mistake("UnexpectedAttribute", attributes[0].name)
        blocks = self._named_blocks(end)
        if blocks is None:
            blocks = {"end": self.statements(end)}
            named = False
        else:
            named = True
        self._commas = outer
        self.shallower()
        return syntax.ScriptBlock(
            self.extent(start),
            parameters,
            attributes,
            blocks.get("begin"),
            blocks.get("process"),
            blocks.get("end"),
            named,
        )

    def _opens(self) -> bool:
        before = self.at
        self.at += len("param")
        self.newlines()
        if self.looking_at("("):
            return True
        self.at = before
        return False

    def _block_attributes(self) -> tuple[syntax.Attribute, ...]:
        """Parse attributes before ``param``; go back when none follows them."""
        before = self.at
        found: list[syntax.Attribute] = []
        while self.looking_at("["):
            one = self._attribute()
            if one is None:
                break
            found.append(one)
            self.separators()
        if not found or self.keyword() != "param":
            self.at = before
            return ()
        return tuple(found)

    def _named_blocks(self, end: str) -> dict[str, Block] | None:
        blocks: dict[str, Block] = {}
        while True:
            word = self.keyword()
            if word not in _NAMED or not self._brace_follows(len(word)):
                break
            self.at += len(word)
            blocks[word] = self.block("MissingStatementBlock", word)
            self.separators()
        if not blocks:
            return None
        if self.at < self.size and not (end and self.looking_at(end)):
            raise self.mistake("MissingNamedBlocks", self.token(self.at))
        return blocks

    def _brace_follows(self, size: int) -> bool:
        before = self.at
        self.at += size
        self.newlines()
        follows = self.looking_at("{")
        self.at = before
        return follows

    def _parameter_list(self) -> tuple[syntax.ParameterDefinition, ...]:
        self.at += 1
        found: list[syntax.ParameterDefinition] = []
        outer, self._commas = self._commas, False
        self.newlines()
        while not self.take(")"):
            if found and not self.take(","):
                raise self.mistake("MissingEndParenthesisInFunctionParameterList")
            self.newlines()
            found.append(self._parameter_definition())
            last = found[-1]
            if any(one.name.lower() == last.name.lower() for one in found[:-1]):
                raise self.mistake("DuplicateFormalParameter", last.name, at=last.extent.start)
            self.newlines()
        self._commas = outer
        return tuple(found)

    def _parameter_definition(self) -> syntax.ParameterDefinition:
        start = self.at
        attributes: list[syntax.Attribute] = []
        type_name = ""
        while self.looking_at("["):
            one = self._attribute()
            if one is None:
                type_name = self.type_name()
            else:
                attributes.append(one)
            self.newlines()
        variable = self.variable() if self.looking_at("$") else None
        if variable is None:
            raise self.mistake("MissingEndParenthesisInFunctionParameterList")
        self.newlines()
        default = None
        if self.take("="):
            self.newlines()
            if not self.begins_expression():
                raise self.mistake("MissingExpressionAfterToken", "=")
            default = self._logical()
        return syntax.ParameterDefinition(
            self.extent(start), variable.name, type_name, tuple(attributes), default
        )

    def _attribute(self) -> syntax.Attribute | None:
        """Parse an attribute; None (and no step forward) when it is a type."""
        start = self.at
        self.at += 1
        self.blanks()
        begin = self.at
        while self.at < self.size and (self.peek().isalnum() or self.peek() in "._"):
            self.at += 1
        name = self.text[begin : self.at]
        self.blanks()
        if not name or not self.take("("):
            self.at = start
            return None
        positional, named = self._attribute_arguments()
        self.newlines()
        if not self.take("]"):
            raise self.mistake("EndSquareBracketExpectedAtEndOfAttribute")
        return syntax.Attribute(self.extent(start), name, tuple(positional), tuple(named))

    def _attribute_arguments(self) -> tuple[list[Node], list[tuple[str, Node | None]]]:
        positional: list[Node] = []
        named: list[tuple[str, Node | None]] = []
        outer, self._commas = self._commas, False
        self.newlines()
        while not self.take(")"):
            if (positional or named) and not self.take(","):
                raise self.mistake("MissingEndParenthesisInExpression")
            self.newlines()
            word = self.word()
            if word and not word[0].isdecimal():
                self.at += len(word)
                named.append((word, self._attribute_value()))
            else:
                positional.append(self._logical())
            self.newlines()
        self._commas = outer
        return positional, named

    def _attribute_value(self) -> Node | None:
        self.newlines()
        if not self.take("="):
            return None
        self.newlines()
        return self._logical()


_PARSERS: Final[dict[str, Callable[[Statements, int, str], Node]]] = {
    "if": Statements.parse_if,
    "while": Statements.parse_while,
    "do": Statements.parse_do,
    "for": Statements.parse_for,
    "foreach": Statements.parse_foreach,
    "switch": Statements.parse_switch,
    "try": Statements.parse_try,
    "trap": Statements.parse_trap,
    "break": Statements.parse_break,
    "continue": Statements.parse_break,
    "return": Statements.parse_leave,
    "exit": Statements.parse_leave,
    "throw": Statements.parse_leave,
    "function": Statements.parse_function,
    "filter": Statements.parse_function,
}
