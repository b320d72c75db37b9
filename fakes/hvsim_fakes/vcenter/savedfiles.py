"""Reads directories that ``govc object.save`` wrote: a file for each managed object.

A file holds one ``ObjectContent``, whose values say their types. Files in directories below are
answers to methods, and not read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element
from xml.parsers import expat

from hvsim.errors import InputError
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import Data, Ref
from hvsim_fakes.vcenter import registry, requests
from hvsim_fakes.vcenter.registry import Field

if TYPE_CHECKING:
    from pathlib import Path

    from hvsim.vcenter.savedobject import Found

_LARGEST: Final = 64 * 2**20
_DEEPEST: Final = 200
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


def read(directory: Path) -> Found:
    """Return the objects of a directory, in the order of its files' names.

    Raises:
        InputError: one line with file and line, and what was expected there.
    """
    try:
        files = sorted(path for path in directory.iterdir() if path.suffix == ".xml")
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise InputError(f"cannot be read: {why}", file=directory) from None
    if not files:
        raise InputError("expected files *.xml as govc object.save writes them", file=directory)
    found: Found = []
    known: dict[str, Path] = {}
    for file in files:
        ref, values = _object(file)
        if ref.moid in known:
            other = known[ref.moid].name
            raise InputError(f"expected each object once: {ref} is in {other} too", file=file)
        known[ref.moid] = file
        found.append((ref, values))
    return found


@dataclass(slots=True)
class _Tree:
    """Builds the elements of a file, and remembers the line of each."""

    file: Path
    lines: dict[Element, int] = field(default_factory=dict)
    root: Element | None = None
    open: list[Element] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def parse(self, content: bytes) -> Element:
        """Return the root element."""
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, names: self._start(
            tag, names, parser.CurrentLineNumber
        )
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            text = expat.ErrorString(error.code)
            raise InputError(f"expected XML: {text}", file=self.file, line=error.lineno) from None
        if self.root is None:
            raise InputError("expected XML", file=self.file)
        return self.root

    def _start(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.text.clear()
        names = {_name(name): value for name, value in attributes.items()}
        element = Element(_name(tag), names)
        self.lines[element] = line
        if self.open:
            self.open[-1].append(element)
        else:
            self.root = element
        self.open.append(element)
        if len(self.open) > _DEEPEST:
            raise InputError("expected elements nested less deeply", file=self.file, line=line)

    def _end(self, _tag: str) -> None:
        element = self.open.pop()
        if not len(element):
            element.text = "".join(self.text)
        self.text.clear()

    def _doctype(self, *_: object) -> None:
        raise InputError("expected no document type declaration", file=self.file, line=1)


def _name(name: str) -> str:
    return f"{{{name}" if "}" in name else name


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise InputError(f"cannot be read: {why}", file=file) from None
    if len(content) > _LARGEST:
        raise InputError(f"expected a file of at most {_LARGEST // 2**20} MiB", file=file)
    return content


def _object(file: Path) -> tuple[Ref, dict[str, Any]]:
    tree = _Tree(file)
    root = tree.parse(_content(file))
    if _local(root) != "ObjectContent":
        raise _wrong(tree, root, f"expected the element ObjectContent, not {_local(root)}")
    ref = _reference(tree, root)
    known = registry.shape(ref.type)
    if known is None or known.kind != "managed":
        raise _wrong(tree, root, f"expected a type of managed object, not {ref.type!r}")
    values: dict[str, Any] = {}
    for part in root:
        if _local(part) == "propSet":
            name, value = _property(tree, part, known)
            # Properties that are not set are written without a value.
            if value is not None:
                values[name] = value
    return ref, values


def _reference(tree: _Tree, root: Element) -> Ref:
    found = next((part for part in root if _local(part) == "obj"), None)
    if found is None or not found.get("type") or not (found.text or "").strip():
        raise _wrong(tree, root, "expected an element obj with a type and an identifier")
    return Ref(str(found.get("type")), str(found.text).strip())


def _property(tree: _Tree, part: Element, known: registry.Shape) -> tuple[str, Any]:
    inner = {_local(one): one for one in part}
    if "name" not in inner:
        raise _wrong(tree, part, "expected an element name in a propSet")
    name = (inner["name"].text or "").strip()
    field_of = known.fields.get(name)
    if field_of is None:
        raise _wrong(tree, part, f"{known.name} has no property {name!r}")
    if "val" not in inner:
        return name, None
    value = _value(tree, inner["val"], field_of)
    if field_of.many and not isinstance(value, list):
        raise _wrong(tree, inner["val"], f"{known.name}.{name}: expected a list")
    return name, value


def _value(tree: _Tree, element: Element, field_of: Field) -> Any:
    """Return an element's value, as the type that it says, or else as it is declared.

    More is let pass than in a request: what is not set may be missing or empty.
    """
    said = element.get(_TYPE)
    if said is not None:
        name = said.rpartition(":")[2]
        items = registry.element_type(name)
        if items is not None:
            found = (_value(tree, one, items) for one in element)
            return [one for one in found if one is not None]
        named = registry.named_type(name)
        if named is None:
            raise _wrong(tree, element, f"vim25 has no type {name!r}")
        field_of = Field(field_of.name, named.type, named.kind)
    if field_of.kind == "data":
        return _data(tree, element, field_of.type)
    if field_of.kind == "enum" and not element.text:
        return None
    try:
        return requests.typed_value(element, field_of)
    except VimFault as fault:
        why = fault.message.partition("\n")[0]
        raise _wrong(tree, element, f"{_local(element)}: {why}") from None


def _data(tree: _Tree, element: Element, name: str) -> Data:
    known = registry.shape(name)
    if known is None or known.kind != "data":
        raise _wrong(tree, element, f"vim25 has no data object type {name!r}")
    values: dict[str, Any] = {}
    for child in element:
        tag = _local(child)
        declared = known.fields.get(tag)
        if declared is None:
            raise _wrong(tree, child, f"{name} has no field {tag!r}")
        value = _value(tree, child, declared)
        if declared.many:
            values.setdefault(tag, []).append(value)
        elif value is not None:
            values[tag] = value
    return Data(name, values)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _wrong(tree: _Tree, element: Element, expected: str) -> InputError:
    return InputError(expected, file=tree.file, line=tree.lines[element])
