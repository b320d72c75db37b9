"""The small language of ``get_all_records_where``: comparisons of fields and literals.

Source: xapi's ``db_filter`` grammar. ``field "name__label" = "x"``, ``and``, ``or`` (equal
precedence, left to right), ``not`` (binds loosest of what follows it), ``true``, ``false``
and parentheses. Fields are named as the database stores them: nested names with ``__``.
Values compare as the database's text: ``true``, ``5``, ``OpaqueRef:...``, and ``('a' 'b')`` or
``(('k' 'v'))`` for collections.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.model import ClassModel

Predicate: TypeAlias = Callable[[str, dict[str, Any]], bool]
"""Whether the row of a reference is wanted."""

_Value: TypeAlias = Callable[[str, dict[str, Any]], str]
_TOKEN: Final = re.compile(r'[ \t\n]*(?:(true|false|field|and|or|not|[()=])|"([^"]*)"|(\Z))')
_MAX_DEPTH: Final = 200


class _ParseError(Exception):
    """The text is no expression; the message is what the product's parser raises."""


def parse(text: str, cls: ClassModel) -> Predicate:
    """Return the predicate an expression stands for.

    Raises:
        XenError: ``INVALID_VALUE`` with the expression and the parser's complaint.
    """
    try:
        return _Parser(text, cls).expression_to_end()
    except _ParseError as error:
        raise XenError("INVALID_VALUE", text, str(error)) from None


def database_text(value: Any) -> str:
    """Return a row's value as the product's database compares it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.18g}"
        case list():
            return "(" + " ".join(_quoted(item) for item in value) + ")"
        case dict():
            pairs = (f"({_quoted(key)} {_quoted(item)})" for key, item in value.items())
            return "(" + " ".join(pairs) + ")"
        case _:
            return str(value)


def _quoted(value: Any) -> str:
    text = database_text(value)
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class _Parser:
    def __init__(self, text: str, cls: ClassModel) -> None:
        self._tokens = _tokens(text)
        self._fields = {stored: name for name in cls.fields for stored in _stored_names(name)}
        self._depth = 0
        self._peeked: tuple[str, str] = next(self._tokens)

    def expression_to_end(self) -> Predicate:
        predicate = self._expression()
        if self._peeked[0] != "end":
            raise _ParseError("Stdlib.Parsing.Parse_error")
        return predicate

    def _take(self) -> tuple[str, str]:
        taken = self._peeked
        if taken[0] != "end":
            self._peeked = next(self._tokens)
        return taken

    def _expression(self) -> Predicate:
        left = self._operand()
        while self._peeked[0] in ("and", "or"):
            word, _ = self._take()
            left = (_both if word == "and" else _either)(left, self._operand())
        return left

    def _operand(self) -> Predicate:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _ParseError("Stack_overflow")
        try:
            return self._nested()
        finally:
            self._depth -= 1

    def _nested(self) -> Predicate:
        word = self._peeked[0]
        if word in ("true", "false"):
            self._take()
            return _constant(word == "true")
        if word == "not":
            self._take()
            return _negation(self._expression())
        if word == "(":
            self._take()
            inner = self._expression()
            self._expect(")")
            return inner
        return self._comparison()

    def _comparison(self) -> Predicate:
        left = self._value()
        self._expect("=")
        right = self._value()
        return lambda ref, row: left(ref, row) == right(ref, row)

    def _value(self) -> _Value:
        word, text = self._take()
        if word == "literal":
            return lambda _ref, _row: text
        if word != "field":
            raise _ParseError("Stdlib.Parsing.Parse_error")
        _, name = self._expect("literal")
        return self._field(name)

    def _field(self, name: str) -> _Value:
        if name == "_ref":
            return lambda ref, _row: ref
        found = self._fields.get(name)
        if found is None:
            # The row lookup fails with the field's name, not at parsing, so only if rows exist.
            return _unknown_field(name)
        return lambda _ref, row: database_text(row[found])

    def _expect(self, word: str) -> tuple[str, str]:
        taken = self._take()
        if taken[0] != word:
            raise _ParseError("Stdlib.Parsing.Parse_error")
        return taken


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while True:
        found = _TOKEN.match(text, position)
        if found is None:
            raise _ParseError('Failure("lexing: empty token")')
        position = found.end()
        word, literal, end = found.groups()
        if end is not None:
            yield "end", ""
            return
        yield (word, word) if word is not None else ("literal", literal)


def _stored_names(name: str) -> tuple[str, ...]:
    """Return how the database may call a record's field.

    A field inside a name space is stored with ``__`` at the joint. The data model keeps only
    flat names; of ``name_label`` and ``name_description`` the joint is certain, of other
    prefixes both spellings are taken.
    """
    head, joint, tail = name.partition("_")
    nested = f"{head}__{tail}"
    if joint and head == "name":
        return (nested,)
    return (name, nested) if joint and head in _NAMESPACES else (name,)


_NAMESPACES: Final = frozenset({"API", "HVM", "PV", "VCPUs", "actions", "io", "memory", "qos"})


def _constant(value: bool) -> Predicate:
    return lambda _ref, _row: value


def _negation(inner: Predicate) -> Predicate:
    return lambda ref, row: not inner(ref, row)


def _both(left: Predicate, right: Predicate) -> Predicate:
    return lambda ref, row: left(ref, row) and right(ref, row)


def _either(left: Predicate, right: Predicate) -> Predicate:
    return lambda ref, row: left(ref, row) or right(ref, row)


def _unknown_field(name: str) -> _Value:
    def look_up(_ref: str, _row: dict[str, Any]) -> str:
        raise XenError("INTERNAL_ERROR", f'Db_exn.DBCache_NotFound("missing column", "{name}", "")')

    return look_up
