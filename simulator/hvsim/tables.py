"""Reading what a person wrote: TOML tables into structs, with one clear line when they do not fit.

A message names the file, the line, the key, and what was expected of it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from enum import EnumType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from hvsim.errors import InputError
from hvsim.lines import Lines, Path

if TYPE_CHECKING:
    from collections.abc import Iterable

_T = TypeVar("_T")

_PLACE = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_WORDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a string",
    "bool": "true or false",
    "array": "an array",
    "object": "a table",
    "null": "nothing",
    "datetime": "a date",
}
_BOUNDS: Final = {">=": "of at least", "<=": "of at most", ">": "above", "<": "below"}


@dataclass(frozen=True)
class Document:
    """A parsed TOML document and where its parts stand.

    Attributes:
        data: the document.
        file: what messages call it; None for data that never was a file.
    """

    data: dict[str, Any]
    file: str | None = None
    lines: Lines | None = None

    def error(self, path: Path, sentence: str) -> InputError:
        """Return an error about what stands at ``path``."""
        line = None if self.lines is None else self.lines.line(path)
        return InputError(sentence, file=self.file, line=line)


def parse(text: str, file: str) -> Document:
    """Parse TOML text.

    Raises:
        InputError: with the line, when it is not TOML.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        sentence, line = _syntax(str(error), text)
        raise InputError(sentence, file=file, line=line) from None
    except RecursionError:
        raise InputError("expected less deeply nested values", file=file) from None
    return Document(data, file, Lines(text))


def convert(cls: type[_T], data: Any, document: Document, path: Path = ()) -> _T:
    """Make a ``cls`` of what stands at ``path`` of a document.

    Raises:
        InputError: saying where and what was expected.
    """
    try:
        return msgspec.convert(data, cls)
    except msgspec.ValidationError as error:
        tail, sentence = _explain(str(error), cls, data)
        raise document.error((*path, *tail), sentence) from None


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Return the sentence about a key nobody knows, with the nearest known one."""
    return f"unknown key {key!r}: {nearest(key, known)}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that a word was meant for, or at all of them."""
    names = sorted(known)
    near = get_close_matches(word, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(names)}"


def _syntax(message: str, text: str) -> tuple[str, int | None]:
    """Return what ``tomllib`` says, without the place, and the line of the place."""
    match = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if match is None:
        return f"expected valid TOML: {message}", None
    last = text.count("\n", 0, len(text.rstrip())) + 1
    line = int(match.group(1)) if match.group(1) else last
    said = message[: match.start()]
    return f"expected valid TOML: {said[:1].lower()}{said[1:]}", line


def _explain(message: str, cls: Any, data: Any) -> tuple[Path, str]:
    """Return the path within ``data`` and the sentence for a message of msgspec's."""
    match = _PLACE.search(message)
    said = message[: match.start()] if match else message
    path = _steps(match.group(1)) if match else ()
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", said)
    if unknown:
        key = unknown.group(1)
        return (*path, key), unknown_key(key, _keys_at(cls, path))
    missing = re.fullmatch(r"Object missing required field `(.*)`", said)
    if missing:
        return path, f"expected the key {missing.group(1)!r} in this table"
    if said.startswith("Invalid enum value"):
        choices = ", ".join(repr(choice) for choice in _choices_at(cls, path))
        return path, f"{name}: expected one of {choices}, not {_value_at(data, path)!r}"
    sentence = _expectation(said)
    return path, f"{name}: {sentence}" if name else sentence


def _steps(place: str) -> Path:
    return tuple(
        match.group(1) if match.group(1) is not None else int(match.group(2))
        for match in _STEP.finditer(place)
    )


def _expectation(said: str) -> str:
    match = re.fullmatch(r"Expected `([^`]*)`(?: (>=|<=|>|<) (\S+))?(?:, got `(\w+)`)?", said)
    if match is None:
        return said[:1].lower() + said[1:]
    kinds, comparison, bound, got = match.groups()
    wanted = " or ".join(_WORDS.get(kind, kind) for kind in kinds.split(" | ") if kind != "null")
    sentence = f"expected {wanted or 'nothing'}"
    if comparison:
        sentence += f" {_BOUNDS[comparison]} {bound.removesuffix('.0')}"
    return f"{sentence}, not {_WORDS.get(got, got)}" if got else sentence


def _value_at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _keys_at(cls: Any, path: Path) -> list[str]:
    found = _struct_in(_type_at(cls, path))
    return [] if found is None else [field.encode_name for field in msgspec.structs.fields(found)]


def _choices_at(cls: Any, path: Path) -> list[Any]:
    return _literals(_type_at(cls, path))


def _type_at(cls: Any, path: Path) -> Any:
    kind = cls
    for step in path:
        if isinstance(step, str):
            struct = _struct_in(kind)
            kind = None if struct is None else get_type_hints(struct).get(step)
    return kind


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct that a type is, or that its arrays and alternatives hold."""
    if isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, msgspec.Struct):
        return kind
    found = (_struct_in(inner) for inner in get_args(kind) if get_origin(kind) is not Literal)
    return next((inner for inner in found if inner is not None), None)


def _literals(kind: Any) -> list[Any]:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    if isinstance(kind, EnumType):
        members: Iterable[Any] = kind
        return [member.value for member in members]
    return [choice for inner in get_args(kind) for choice in _literals(inner)]
