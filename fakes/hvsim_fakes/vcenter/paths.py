"""Property paths: which values of an object a client asks for, and whether a change concerns one.

A path is a property's name, names of fields inside it, and keys of list items in brackets
(``config.hardware.device[4000].backing``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.values import Data
from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.registry import Field

_STEP: Final = re.compile(r"""\.?([A-Za-z_]\w*)|\[(?:"([^"]*)"|'([^']*)'|([^\]"']*))\]""")


Step = str | tuple[str, ...]
"""A name, or a key in a tuple; a second item says that it was quoted."""


@dataclass(frozen=True, slots=True)
class Path:
    """A path of one managed object type.

    Attributes:
        text: as the client wrote it.
        steps: names, and keys in a list item of their own.
        field: what the value is declared as; None when that depends on the object.
    """

    text: str
    steps: tuple[Step, ...]
    field: Field | None

    @property
    def property(self) -> str:
        """The property it begins with."""
        return str(self.steps[0])

    def of(self, properties: dict[str, Any]) -> Any:
        """Return the value at the path, None when it is not set."""
        value: Any = properties
        for step in self.steps:
            if isinstance(step, tuple):
                value = _item(value, step[0])
            elif isinstance(value, dict):
                value = value.get(step)
            else:
                value = value.fields.get(step) if isinstance(value, Data) else None
            if value is None:
                return None
        return value


def _item(items: Any, key: str) -> Any:
    if not isinstance(items, list):
        return None
    for item in items:
        if isinstance(item, Data) and str(item["key"]) == key:
            return item
    return None


@cache
def path(type_name: str, text: str) -> Path:
    """Return a path of a managed object type.

    Raises:
        VimFault: ``InvalidProperty`` when the type has no such one.
    """
    steps = _steps(text)
    known = registry.shape(type_name)
    if not steps or known is None:
        raise _invalid(text)
    field = known.fields.get(steps[0]) if isinstance(steps[0], str) else None
    if field is None:
        raise _invalid(text)
    keyed = False
    for step in steps[1:]:
        field = _inside(field, step, text, keyed=keyed)
        keyed = keyed or isinstance(step, tuple)
        if field is None:
            break
    return Path(text, steps, field)


def _inside(field: Field, step: Step, text: str, *, keyed: bool) -> Field | None:
    """Return what a step leads to; None when only the object itself knows."""
    if isinstance(step, tuple):
        if not field.many or not _fits(field.type, quoted=len(step) > 1):
            raise _invalid(text)
        return Field(field.name, field.type, field.kind, optional=True, since=field.since)
    if field.many or field.kind != "data":
        raise _invalid(text)
    inner = _fields_of(field.type).get(step) or _derived_field(field.type, step)
    if inner is None and not keyed:
        # An item may be of a type derived from the declared one, with more fields.
        raise _invalid(text)
    return inner


def _fits(type_name: str, *, quoted: bool) -> bool:
    """Whether keys of items of a type are written with quotes, or without: texts have them."""
    key = _fields_of(type_name).get("key") or _derived_field(type_name, "key")
    return key is None or key.kind != "scalar" or (key.type == "string") == quoted


@cache
def _derived_field(type_name: str, name: str) -> Field | None:
    """Return a field that only types derived from a declared one have."""
    found = (_fields_of(derived).get(name) for derived in registry.derived(type_name))
    return next((field for field in found if field is not None), None)


def _fields_of(type_name: str) -> dict[str, Field]:
    known = registry.shape(type_name)
    return known.fields if known is not None else {}


def _steps(text: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    at = 0
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None or (at == 0 and text.startswith(".")):
            return ()
        if at and found[1] is not None and not text.startswith(".", at):
            return ()
        steps.append(found[1] if found[1] is not None else _key(found))
        at = found.end()
    return tuple(steps)


def _key(found: re.Match[str]) -> tuple[str, ...]:
    """Return a key in brackets, with the quote after it if it has one."""
    quoted = next((part for part in found.groups()[1:3] if part is not None), None)
    return (found[4] or "",) if quoted is None else (quoted, '"')


def _invalid(text: str) -> VimFault:
    return VimFault("InvalidProperty", name=text)


@cache
def all_paths(type_name: str, version: str) -> tuple[Path, ...]:
    """Return every property of a type that a client's version knows."""
    known = registry.shape(type_name)
    fields = known.fields.values() if known is not None else ()
    return tuple(
        Path(field.name, (field.name,), field)
        for field in fields
        if registry.visible(field.since, version)
    )


def concerns(change: str, asked: str) -> bool:
    """Whether a change at one path changes what is at another."""
    if change == asked:
        return True
    return _within(change, asked) or _within(asked, change)


def _within(inner: str, outer: str) -> bool:
    return inner.startswith(outer) and inner[len(outer) : len(outer) + 1] in (".", "[")
