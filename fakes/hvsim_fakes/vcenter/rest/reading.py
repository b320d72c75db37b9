"""Parameters as each of the three protocols brings them, judged by what an operation takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args, get_origin, get_type_hints

import msgspec
import orjson

from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.structures import Structure

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.rest.operations import Operation
    from hvsim_fakes.vcenter.rest.routing import Target

_MAP_ENTRY: Final = "map-entry"
_DEEPEST: Final = 64
"""Levels of nesting that input may have."""


def of_http(target: Target, body: bytes) -> dict[str, Any]:
    """Return the parameters of a request, converted.

    Raises:
        VapiError: ``invalid_argument`` or ``unexpected_input``.
    """
    operation = target.operation
    route = operation.route
    values: dict[str, Any] = dict(target.variables)
    if body.strip() and route is not None:
        _take_body(values, _json(body), "" if target.is_old else route.body)
    if route is not None and target.query:
        _take_query(values, target.query, operation, route.query)
    return _converted(operation, values, strict=not target.query)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise errors.error(
            "invalid_argument", "com.vmware.vapi.rest.httpBadRequest", "Bad request."
        ) from None


def _take_body(values: dict[str, Any], found: Any, parameter: str) -> None:
    if parameter:
        values[parameter] = found
    elif isinstance(found, dict):
        values |= found
    elif found is not None:
        raise errors.invalid_input("the body of the request is no JSON object")


def _take_query(
    values: dict[str, Any], query: list[tuple[str, str]], operation: Operation, parameter: str
) -> None:
    """Take parameters from a query: fields of a filter, or parameters of their own."""
    lists = _list_fields(operation, parameter)
    into: dict[str, Any] = {}
    for name, value in query:
        field = _field(name, parameter)
        if field in lists:
            into.setdefault(field, []).append(value)
        else:
            into[field] = value
    if parameter:
        values[parameter] = into
    else:
        values |= into


def _field(name: str, parameter: str) -> str:
    """Return the field that a query's name is for: ``filter.names.1`` is ``names``."""
    if not parameter:
        return name
    field = name.removeprefix(f"{parameter}.")
    stem, dot, number = field.rpartition(".")
    return stem if dot and number.isdecimal() else field


def _list_fields(operation: Operation, parameter: str) -> frozenset[str]:
    """Return the fields that may occur several times."""
    if not parameter:
        return frozenset()
    kinds = get_args(get_type_hints(operation.takes)[parameter])
    structure = next(kind for kind in kinds if issubclass(kind, Structure))
    hints = get_type_hints(structure)
    return frozenset(name for name, hint in hints.items() if _is_list(hint))


def _is_list(hint: Any) -> bool:
    return any(get_origin(part) is list for part in (hint, *get_args(hint)))


def of_data(operation: Operation, value: Any) -> dict[str, Any]:
    """Return the parameters of a call by JSON-RPC, converted."""
    found = unmarked(value)
    if not isinstance(found, dict):
        raise errors.invalid_input("the input is no structure")
    return _converted(operation, found, strict=True)


def unmarked(value: Any, depth: int = 0) -> Any:
    """Return a value of JSON-RPC without its marks; fields that are unset are left out.

    Raises:
        VapiError: ``invalid_argument`` for what is no value of that protocol.
    """
    if depth > _DEEPEST:
        raise errors.invalid_input("the input is nested too deeply")
    if isinstance(value, list):
        return _list(value, depth)
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise errors.invalid_input("a value has one mark")
    mark, content = next(iter(value.items()))
    if mark in ("STRUCTURE", "ERROR"):
        return _structure(content, depth)
    if mark in ("OPTIONAL", "SECRET", "BINARY"):
        return unmarked(content, depth + 1)
    raise errors.invalid_input(f"{mark} is no mark of a value")


def _structure(content: Any, depth: int) -> dict[str, Any]:
    if not isinstance(content, dict) or len(content) != 1:
        raise errors.invalid_input("a structure has one name")
    fields = next(iter(content.values()))
    if not isinstance(fields, dict):
        raise errors.invalid_input("a structure has fields")
    found = {name: unmarked(item, depth + 1) for name, item in fields.items()}
    return {name: item for name, item in found.items() if item is not None}


def _list(items: list[Any], depth: int) -> Any:
    found = [unmarked(item, depth + 1) for item in items]
    if items and all(_is_entry(item) for item in items):
        return {entry["key"]: entry.get("value") for entry in found if "key" in entry}
    return found


def _is_entry(item: Any) -> bool:
    if not isinstance(item, dict):
        return False
    content = item.get("STRUCTURE")
    return isinstance(content, dict) and _MAP_ENTRY in content


def _converted(operation: Operation, values: dict[str, Any], *, strict: bool) -> dict[str, Any]:
    try:
        found = msgspec.convert(values, operation.takes, strict=strict)
    except msgspec.ValidationError as error:
        raise _refused(operation, str(error)) from None
    names = operation.takes.__struct_fields__
    return {name: getattr(found, name) for name in names}


def _refused(operation: Operation, problem: str) -> errors.VapiError:
    _, unknown, rest = problem.partition("unknown field `")
    if not unknown:
        return errors.invalid_input(problem)
    code, text = "vapi.data.structure.field.unexpected", 'Found unexpected field "%s" in "%s"'
    return errors.error("unexpected_input", code, text, rest.partition("`")[0], operation.full_name)
