"""Variables with a scope or a meaning of their own, and elements by their index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.errors import failure
from hvsim_fakes.powershell.objects.convert import convert
from hvsim_fakes.powershell.objects.members import call_method, has_method
from hvsim_fakes.powershell.objects.registry import INT32, is_of, type_of
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Byte,
    Char,
    Dictionary,
    Hashtable,
    OrderedTable,
    TypedList,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.engine.scope import Scope

MISSING: Final = object()


def missing(frame: Frame, name: str, written: str) -> Any:
    """Return what a variable that is not there gives: nothing, or an error in strict mode."""
    computed = frame.engine.automatic(name, frame)
    if computed is not MISSING:
        return computed
    if frame.engine.strict:
        text = f"The variable '${written}' cannot be retrieved because it has not been set."
        raise failure(text, "VariableIsUndefined", "InvalidOperation", written)
    return None


SPECIAL: Final[dict[str, Callable[[Frame], Any]]] = {
    "?": lambda frame: frame.engine.succeeded,
    "error": lambda frame: frame.engine.errors,
    "$": lambda _: None,
    "^": lambda _: None,
}


def _scope(frame: Frame, name: str) -> Scope | None:
    """Return the scope that a prefix names; None if it names a drive."""
    if name == "global":
        return frame.scope.session
    if name == "script":
        return frame.scope.top
    return frame.scope if name in ("local", "private") else None


def scoped_reader(scope: str, name: str, written: str) -> Callable[[Frame], Any]:
    """Return what reads ``$scope:name``."""

    def run(frame: Frame) -> Any:
        found = _scope(frame, scope)
        if found is not None:
            if name in SPECIAL:
                return SPECIAL[name](frame)
            return found.variables.get(name)
        return frame.engine.read_drive(scope, written, frame)

    return run


def scoped_writer(scope: str, name: str, written: str) -> Callable[[Frame, Any], None]:
    """Return what writes ``$scope:name``."""

    def run(frame: Frame, value: Any) -> None:
        found = _scope(frame, scope)
        if found is not None:
            found.set(name, value)
        else:
            frame.engine.write_drive(scope, written, value, frame)

    return run


# Elements


def get_index(value: Any, index: Any) -> Any:
    """Return an element, or those of several indexes; None beyond the end."""
    if is_list(value):
        return _element(value, index)
    if isinstance(value, Hashtable):
        return _entry(value, index)
    if value is None or value is NOTHING:
        raise failure("Cannot index into a null array.", "NullArray", "InvalidOperation")
    if isinstance(value, str) and not isinstance(value, Char):
        return _char(value, index)
    if has_method(value, "item"):
        return call_method(None, value, "Item", [index])
    if isinstance(index, int) and index in (0, -1) and not is_of(value, INT32):
        return value
    text = f"Unable to index into an object of type {type_of(value).name}."
    raise failure(text, "CannotIndex", "InvalidOperation", index)


def _element(value: list[Any] | bytearray, index: Any) -> Any:
    if is_list(index):
        return [one for at in elements(index) if (one := _at(value, at)) is not MISSING]
    if isinstance(index, str) and isinstance(value, TypedList) and hasattr(value, "named"):
        return value.named(index)
    found = _at(value, index)
    return None if found is MISSING else found


def _at(value: Any, index: Any) -> Any:
    at = index if type(index) is int else int(convert(index, INT32))
    size = len(value)
    if not -size <= at < size:
        return MISSING
    found = value[at]
    return Byte(found) if isinstance(value, bytearray) else found


def _char(value: str, index: Any) -> Any:
    if is_list(index):
        found = [_at(value, at) for at in elements(index)]
        return [Char(one) for one in found if one is not MISSING]
    one = _at(value, index)
    return None if one is MISSING else Char(one)


def _entry(table: Hashtable, index: Any) -> Any:
    if is_list(index):
        return [table.get(one) for one in elements(index)]
    if index is None or index is NOTHING:
        if isinstance(table, Dictionary):
            text = "Index operation failed; the array index evaluated to null."
            raise failure(text, "NullArrayIndex", "InvalidOperation")
        return None
    if isinstance(table, OrderedTable) and type(index) is int:
        values = table.values()
        return values[index] if -len(values) <= index < len(values) else None
    return table.get(index)


def set_index(value: Any, index: Any, new: Any) -> None:
    """Assign an element."""
    if isinstance(value, Hashtable):
        _set_entry(value, index, new)
    elif isinstance(value, list | bytearray):
        _set_element(value, index, new)
    elif value is None or value is NOTHING:
        raise failure("Cannot index into a null array.", "NullArray", "InvalidOperation")
    else:
        text = f"Unable to index into an object of type {type_of(value).name}."
        raise failure(text, "CannotIndex", "InvalidOperation", index)


def _set_entry(table: Hashtable, index: Any, new: Any) -> None:
    if index is None or index is NOTHING:
        text = "Index operation failed; the array index evaluated to null."
        raise failure(text, "NullArrayIndex", "InvalidOperation")
    value = None if new is NOTHING else new
    if isinstance(table, OrderedTable) and type(index) is int and not table.has(index):
        keys = table.keys()
        if -len(keys) <= index < len(keys):
            table.set(keys[index], value)
            return
    table.set(index, value)


def _set_element(value: Any, index: Any, new: Any) -> None:
    at = int(convert(index, INT32))
    if not -len(value) <= at < len(value):
        text = "Index was outside the bounds of the array."
        raise failure(
            text,
            "System.IndexOutOfRangeException",
            "OperationStopped",
            exception="System.IndexOutOfRangeException",
        )
    if isinstance(value, TypedList):
        new = convert(new, value.element)
    elif isinstance(value, bytearray):
        new = int(convert(new, type_of(Byte(0))))
    value[at] = None if new is NOTHING else new
