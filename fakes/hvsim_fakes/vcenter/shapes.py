"""Whether an object is what the data model says: every value of its type, nothing required unset.

Clients fail in their own ways on what is not, often far from the cause; so tests ask here.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.values import Data, Ref
from hvsim_fakes.vcenter import registry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.vcenter.registry import Field

_PYTHON: Final[dict[str, type | tuple[type, ...]]] = {
    "boolean": bool,
    "string": str,
    "anyURI": str,
    "dateTime": datetime,
    "base64Binary": bytes,
    "double": (int, float),
    "float": (int, float),
}
_BITS: Final = {"byte": 8, "short": 16, "int": 32, "long": 64}


def problems(type_name: str, properties: dict[str, Any], version: str) -> Iterator[str]:
    """Give what is wrong with a managed object's properties, a line each."""
    known = registry.shape(type_name)
    if known is None or known.kind != "managed":
        yield f"{type_name}: no managed object type"
        return
    for name, value in properties.items():
        field = known.fields.get(name)
        if field is None:
            yield f"{type_name}.{name}: no such property"
        else:
            yield from of_value(value, field, f"{type_name}.{name}", version)
    for field in known.fields.values():
        unset = field.name not in properties and not field.optional and not field.many
        if unset and registry.visible(field.since, version):
            yield f"{type_name}.{field.name}: required, but not set"


def of_value(value: Any, field: Field, where: str, version: str) -> Iterator[str]:
    """Give what is wrong with a value of a field."""
    if not field.many:
        yield from _of_one(value, field, where, version)
    elif not isinstance(value, list):
        yield f"{where}: expected a list, found {type(value).__name__}"
    else:
        for index, item in enumerate(value):
            yield from _of_one(item, field, f"{where}[{index}]", version)


def _of_one(value: Any, field: Field, where: str, version: str) -> Iterator[str]:
    if field.kind == "any":
        if isinstance(value, Data):
            yield from _of_data(value, where, version)
    elif field.kind == "reference":
        if not isinstance(value, Ref) or not registry.is_a(value.type, field.type):
            yield f"{where}: expected a reference to {field.type}, found {value}"
    elif field.kind == "enum":
        if value not in registry.enum_values(field.type):
            yield f"{where}: {value!r} is no {field.type}"
    elif field.kind == "scalar":
        yield from _of_scalar(value, field.type, where)
    elif not isinstance(value, Data) or not registry.is_a(value.type, field.type):
        found = value.type if isinstance(value, Data) else repr(value)
        yield f"{where}: expected {field.type}, found {found}"
    else:
        yield from _of_data(value, where, version)


def _of_scalar(value: Any, kind: str, where: str) -> Iterator[str]:
    if kind in _BITS:
        limit = 2 ** (_BITS[kind] - 1)
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{where}: expected {kind}, found {value!r}"
        elif not -limit <= value < limit:
            yield f"{where}: {value} does not fit into {kind}"
    elif not isinstance(value, _PYTHON[kind]) or (kind != "boolean" and isinstance(value, bool)):
        yield f"{where}: expected {kind}, found {value!r}"


def _of_data(value: Data, where: str, version: str) -> Iterator[str]:
    known = registry.shape(value.type)
    if known is None or known.kind != "data":
        yield f"{where}: no data object type {value.type!r}"
        return
    for name, inner in value.fields.items():
        field = known.fields.get(name)
        if field is None:
            yield f"{where}.{name}: no such field of {value.type}"
        else:
            yield from of_value(inner, field, f"{where}.{name}", version)
    for field in known.fields.values():
        unset = field.name not in value.fields and not field.optional and not field.many
        if unset and registry.visible(field.since, version):
            yield f"{where}.{field.name}: required in {value.type}, but not set"
