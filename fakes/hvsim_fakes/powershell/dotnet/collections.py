"""Arrays, lists and dictionaries."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.objects.compare import equal, sort_key
from hvsim_fakes.powershell.objects.convert import convert
from hvsim_fakes.powershell.objects.fault import NetError, argument, null_argument, out_of_range
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import (
    ARRAY,
    ARRAY_LIST,
    GenericType,
    array_of,
    register,
)
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    ArrayList,
    Dictionary,
    Entry,
    GenericList,
    Hashtable,
    OrderedTable,
    TypedArray,
    elements,
    is_list,
)

_INDEX: Final = (
    "Index was out of range. Must be non-negative and less than the size of the collection."
)


def _at(values: list[Any], at: int) -> int:
    if not 0 <= at < len(values):
        raise out_of_range(_INDEX, "index")
    return at


def _position(values: Any, value: Any, *_: Any) -> int:
    for at, one in enumerate(elements(values)):
        if equal(one, value, case=True):
            return at
    return -1


def _contains(values: Any, value: Any) -> bool:
    return _position(values, value) >= 0


def _fixed(*_: Any) -> Any:
    raise NetError("System.NotSupportedException", "Collection was of a fixed size.")


def _set_value(values: Any, value: Any, at: int) -> None:
    values[_at(values, at)] = value


def _get_value(values: Any, at: int) -> Any:
    return elements(values)[_at(values, at)]


def _clone(values: Any) -> Any:
    if isinstance(values, TypedArray):
        return TypedArray(values.ps_type, values.element, values)
    return bytearray(values) if isinstance(values, bytearray) else list(values)


def _copy_to(source: Any, target: Any, at: int) -> None:
    if at < 0 or at + len(source) > len(target):
        raise argument(
            "Destination array was not long enough. Check destIndex and length, and the "
            "array's lower bounds."
        )
    target[at : at + len(source)] = source


def _upper_bound(values: Any, _: int) -> int:
    return len(values) - 1


_COUNTS: Final = [
    Property("Length", len, type="System.Int32"),
    Property("LongLength", len, type="System.Int64"),
    Property("Rank", lambda _: 1),
    Property("SyncRoot", lambda one: one),
    Property("IsReadOnly", lambda _: False),
    Property("IsFixedSize", lambda _: True),
    Property("IsSynchronized", lambda _: False),
    Property("Count", len, type="System.Int32"),
]


def _sort(values: Any) -> None:
    if isinstance(values, bytearray):
        values[:] = sorted(values)
    else:
        values.sort(key=sort_key())


def _reverse(values: Any) -> None:
    values[:] = values[::-1]


def _clear(values: Any, start: int, count: int) -> None:
    for at in range(start, min(start + count, len(values))):
        values[at] = 0 if isinstance(values, bytearray) else None


def _copy(source: Any, target: Any, count: int) -> None:
    if count > len(source) or count > len(target):
        raise argument(
            "Source array was not long enough. Check srcIndex and length, and the "
            "array's lower bounds."
        )
    target[:count] = source[:count]


ARRAY.extend(
    properties=_COUNTS,
    methods=[
        method("GetValue", _get_value, "index:int"),
        method("SetValue", _set_value, "value:object", "index:int"),
        method("Contains", _contains, "value:object"),
        method("IndexOf", _position, "value:object"),
        method("Clone", _clone),
        method("CopyTo", _copy_to, "array:object", "index:int"),
        method("GetLength", lambda values, _: len(values), "dimension:int"),
        method("GetUpperBound", _upper_bound, "dimension:int"),
        method("GetLowerBound", lambda _values, _d: 0, "dimension:int"),
        method("GetEnumerator", elements),
        method("Add", _fixed, "value:object"),
        method("Remove", _fixed, "value:object"),
        method("RemoveAt", _fixed, "index:int"),
        method("Insert", _fixed, "index:int", "value:object"),
    ],
    static_methods=[
        method("IndexOf", _position, "array:object", "value:object"),
        method("Reverse", _reverse, "array:object"),
        method("Sort", _sort, "array:object"),
        method("Clear", _clear, "array:object", "index:int", "length:int"),
        method("Copy", _copy, "source:object", "destination:object", "length:int"),
    ],
)


# Lists


def _add_to_list(values: ArrayList, value: Any) -> int:
    values.append(value)
    return len(values) - 1


def _element(values: Any, value: Any) -> Any:
    return convert(value, values.element) if isinstance(values, GenericList) else value


def _add_generic(values: GenericList, value: Any) -> None:
    values.append(_element(values, value))


def _add_range(engine: Any, values: Any, more: Any) -> None:
    if more is None:
        raise null_argument("collection")
    given = elements(more) if is_list(more) else [more]
    engine.budget.hold(len(given) * 8)
    values.extend(_element(values, one) for one in given)


def _insert(values: Any, at: int, value: Any) -> None:
    if not 0 <= at <= len(values):
        raise out_of_range("Index must be within the bounds of the List.", "index")
    values.insert(at, _element(values, value))


def _remove(values: Any, value: Any) -> bool:
    at = _position(values, value)
    if at >= 0:
        del values[at]
    return at >= 0


def _remove_silently(values: Any, value: Any) -> None:
    _remove(values, value)


def _remove_at(values: Any, at: int) -> None:
    del values[_at(values, at)]


def _remove_range(values: Any, at: int, count: int) -> None:
    if at < 0 or count < 0 or at + count > len(values):
        raise argument(
            "Offset and length were out of bounds for the array or count is greater "
            "than the number of elements from index to the end of the source "
            "collection."
        )
    del values[at : at + count]


def _range(values: Any, at: int, count: int) -> Any:
    if at < 0 or count < 0 or at + count > len(values):
        raise argument("Offset and length were out of bounds for the array.")
    if isinstance(values, GenericList):
        return GenericList(values.ps_type, values.element, values[at : at + count])
    return ArrayList(values[at : at + count])


def _to_array(values: Any) -> Any:

    if isinstance(values, GenericList) and values.element is not OBJECT:
        return TypedArray(array_of(values.element), values.element, values)
    return list(values)


_LIST: Final = [
    method("Insert", _insert, "index:int", "value:object"),
    method("RemoveAt", _remove_at, "index:int"),
    method("RemoveRange", _remove_range, "index:int", "count:int"),
    method("GetRange", _range, "index:int", "count:int"),
    method("AddRange", _add_range, "collection:object", engine=True),
    method("Clear", lambda values: values.clear()),
    method("Contains", _contains, "item:object"),
    method("IndexOf", _position, "item:object"),
    method("Sort", _sort),
    method("Reverse", lambda values: values.reverse()),
    method("ToArray", _to_array),
    method("GetEnumerator", elements),
    method("CopyTo", _copy_to, "array:object", "index:int"),
]
_LIST_PROPERTIES: Final = [
    Property("Capacity", lambda values: max(4, len(values)), lambda _values, _new: None),
    Property("Count", len, type="System.Int32"),
    Property("IsFixedSize", lambda _: False),
    Property("IsReadOnly", lambda _: False),
    Property("IsSynchronized", lambda _: False),
    Property("SyncRoot", lambda values: values),
]


def _items(given: list[Any]) -> list[Any]:
    return elements(given[0]) if given and is_list(given[0]) else []


ARRAY_LIST.extend(
    properties=_LIST_PROPERTIES,
    methods=[
        *_LIST,
        method("Add", _add_to_list, "value:object"),
        method("Remove", _remove_silently, "obj:object"),
        method("Clone", ArrayList),
    ],
    construct=lambda _engine, given: ArrayList(_items(given)),
)


def _build_list(name: str, arguments: list[NetType]) -> NetType:
    element = arguments[0]
    kind = NetType(
        name,
        OBJECT,
        properties=_LIST_PROPERTIES,
        interfaces=(
            "System.Collections.IEnumerable",
            "System.Collections.IList",
            "System.Collections.ICollection",
        ),
        methods=[
            *_LIST,
            method("Add", _add_generic, "item:object"),
            method("Remove", _remove, "item:object"),
        ],
    )
    kind.construct = lambda _engine, given: GenericList(
        kind, element, [convert(one, element) for one in _items(given)]
    )
    kind.convert = lambda value: GenericList(
        kind,
        element,
        [convert(one, element) for one in (elements(value) if is_list(value) else [value])],
    )
    return kind


register(GenericType("System.Collections.Generic.List", _build_list), "collections.generic.list")


# Dictionaries


def _table_add(table: Hashtable, key: Any, value: Any) -> None:
    if key is None:
        raise null_argument("key")
    if table.has(key):
        if isinstance(table, Dictionary):
            raise argument("An item with the same key has already been added.")
        text = to_text(key)
        raise argument(
            f"Item has already been added. Key in dictionary: '{text}'  Key being added: '{text}'"
        )
    table.set(key, value)


def _table_remove(table: Hashtable, key: Any) -> None:
    table.remove(key)


def entries(table: Hashtable) -> list[Any]:
    """Return a table's entries, as GetEnumerator does."""
    return [Entry(key, value) for key, value in table.items()]


class _Cursor(list[Any]):
    """An enumerator: a list that the pipeline takes apart."""


_TABLE: Final = [
    method("Add", _table_add, "key:object", "value:object"),
    method("Clear", lambda table: table.clear()),
    method("Contains", lambda table, key: table.has(key), "key:object"),
    method("ContainsKey", lambda table, key: table.has(key), "key:object"),
    method(
        "ContainsValue",
        lambda table, value: any(equal(one, value, case=True) for one in table.values()),
        "value:object",
    ),
    method("GetEnumerator", entries),
    method("Remove", _table_remove, "key:object"),
    method("Clone", lambda table: table.copy()),
    method("get_Item", lambda table, key: table.get(key), "key:object"),
    method(
        "set_Item", lambda table, key, value: table.set(key, value), "key:object", "value:object"
    ),
]
_TABLE_PROPERTIES: Final = [
    Property("IsReadOnly", lambda _: False),
    Property("IsFixedSize", lambda _: False),
    Property("IsSynchronized", lambda _: False),
    Property("Keys", lambda table: table.keys()),
    Property("Values", lambda table: table.values()),
    Property("SyncRoot", lambda table: table),
    Property("Count", len, type="System.Int32"),
]
_DICTIONARY_OF: Final = (
    "System.Collections.IDictionary",
    "System.Collections.ICollection",
    "System.Collections.IEnumerable",
)
register(NetType("System.Collections.Generic.KeyValuePair"))


def _make_table(kind: type[Hashtable]) -> Any:
    def make(_: Any, given: list[Any]) -> Hashtable:
        source = given[0] if given and isinstance(given[0], Hashtable) else None
        return kind(source.items() if source is not None else ())

    return make


for _class, _alias in ((Hashtable, "hashtable"), (OrderedTable, "")):
    _class.ps_type.base = OBJECT
    _class.ps_type.interfaces = _DICTIONARY_OF
    register(_class.ps_type, *([_alias] if _alias else [])).extend(
        properties=_TABLE_PROPERTIES, methods=_TABLE, construct=_make_table(_class)
    )


def _insert_entry(table: OrderedTable, at: int, key: Any, value: Any) -> None:
    items = table.items()
    items.insert(at, (key, value))
    table.clear()
    for one, two in items:
        table.set(one, two)


def _remove_entry(table: OrderedTable, at: int) -> None:
    keys = table.keys()
    table.remove(keys[_at(keys, at)])


OrderedTable.ps_type.extend(
    methods=[
        method("Insert", _insert_entry, "index:int", "key:object", "value:object"),
        method("RemoveAt", _remove_entry, "index:int"),
    ]
)
register(Entry.ps_type).extend(
    properties=[
        Property("Name", lambda one: one.key),
        Property("Key", lambda one: one.key),
        Property("Value", lambda one: one.value, lambda one, new: setattr(one, "value", new)),
    ]
)


def _try_get(table: Dictionary, key: Any, target: Any) -> bool:
    if hasattr(target, "write"):
        target.write(table.get(key))
    return table.has(key)


def _generic_remove(table: Dictionary, key: Any) -> bool:
    return table.remove(key)


def _build_dictionary(name: str, arguments: list[NetType]) -> NetType:
    key_type, value_type = arguments[0], arguments[-1]

    def add(table: Dictionary, key: Any, value: Any) -> None:
        _table_add(table, convert(key, key_type), convert(value, value_type))

    kind = NetType(
        name,
        OBJECT,
        properties=_TABLE_PROPERTIES,
        interfaces=_DICTIONARY_OF,
        methods=[
            *(one for one in _TABLE if one.name not in ("Add", "Remove")),
            method("Add", add, "key:object", "value:object"),
            method("Remove", _generic_remove, "key:object"),
            method("TryGetValue", _try_get, "key:object", "value:object"),
        ],
    )
    kind.construct = lambda _engine, given: Dictionary(
        given[0].items() if given and isinstance(given[0], Hashtable) else (), kind
    )
    kind.convert = lambda value: Dictionary(value.items(), kind)
    return kind


register(
    GenericType("System.Collections.Generic.Dictionary", _build_dictionary),
    "collections.generic.dictionary",
)
register(
    GenericType("System.Collections.Generic.SortedDictionary", _build_dictionary),
)


# Sets, queues and stacks


def _add_to_set(values: Any, value: Any) -> bool:
    if _position(values, value) >= 0:
        return False
    values.append(_element(values, value))
    return True


def _build_set(name: str, arguments: list[NetType]) -> NetType:
    kind = NetType(
        name,
        OBJECT,
        properties=[Property("Count", len, type="System.Int32")],
        interfaces=("System.Collections.IEnumerable",),
        methods=[
            method("Add", _add_to_set, "item:object"),
            method("Remove", _remove, "item:object"),
            method("Contains", _contains, "item:object"),
            method("Clear", lambda values: values.clear()),
            method("GetEnumerator", elements),
        ],
    )
    kind.construct = lambda _engine, given: _unique(kind, arguments[0], _items(given))
    return kind


def _unique(kind: NetType, element: NetType, values: list[Any]) -> GenericList:
    found = GenericList(kind, element)
    for one in values:
        _add_to_set(found, one)
    return found


register(GenericType("System.Collections.Generic.HashSet", _build_set))


def _take(at: int, name: str) -> Any:
    def take(values: Any) -> Any:
        if not values:
            raise NetError("System.InvalidOperationException", f"{name} empty.")
        return values.pop(at)

    return take


def _peek(at: int, name: str) -> Any:
    def peek(values: Any) -> Any:
        if not values:
            raise NetError("System.InvalidOperationException", f"{name} empty.")
        return values[at]

    return peek


def _line(name: str, kind_name: str, put: str, take: str, at: int) -> None:
    """Register a queue or a stack, plain and generic."""
    methods = [
        method(put, _add_generic, "item:object"),
        method(take, _take(at, name)),
        method("Peek", _peek(at, name)),
        method("Contains", _contains, "item:object"),
        method("Clear", lambda values: values.clear()),
        method("ToArray", lambda values: list(values)[:: 1 if at == 0 else -1]),
        method("GetEnumerator", lambda values: list(values)[:: 1 if at == 0 else -1]),
    ]

    def build(full: str, arguments: list[NetType]) -> NetType:
        kind = NetType(full, OBJECT, properties=_LIST_PROPERTIES[1:2], methods=methods)
        kind.construct = lambda _engine, given: GenericList(kind, arguments[0], _items(given))
        return kind

    register(GenericType(f"System.Collections.Generic.{kind_name}", build))
    plain = build(f"System.Collections.{kind_name}", [OBJECT])
    register(plain, f"collections.{kind_name.lower()}")


_line("Queue", "Queue", "Enqueue", "Dequeue", 0)
_line("Stack", "Stack", "Push", "Pop", -1)
