"""Objects of VMM as scripts see them: a record of the product behind a table of properties.

Properties are computed when they are read, from the record as it is then, as VMM's own client
cache is kept up to date: ``$vm.Status`` follows a job without being asked for again.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from hvsim.clock import LAB_BEGINS
from hvsim_fakes.powershell.objects.moments import LOCAL, TICKS, UNIX_EPOCH, DateTime
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, Property
from hvsim_fakes.powershell.objects.values import Long, Version
from hvsim_fakes.scvmm.enums import ENUMS, OBJECT_TYPE, OBJECT_TYPES
from hvsim_fakes.scvmm.fragments import RecordType

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

    Getter = Callable[["Bound"], Any]

SPACE: Final = "Microsoft.SystemCenter.VirtualMachineManager."
_BEGIN: Final = UNIX_EPOCH + int(LAB_BEGINS.timestamp()) * TICKS
EMPTY_GUID: Final = uuid.UUID(int=0)


class Bound:
    """A record and the VMM server that it is of."""

    __slots__ = ("record", "vmm")

    def __init__(self, vmm: VmmServer, record: Record) -> None:
        self.vmm = vmm
        self.record = record

    def __getitem__(self, name: str) -> Any:
        """Return a field of the record."""
        return self.record.fields.get(name)


TYPES: Final[dict[str, NetType]] = {}
"""The type of each kind of record."""
_ROOTS: Final[dict[str, NetType]] = {}


def client_object() -> NetType:
    """Return what all of VMM's objects extend."""
    if "root" not in _ROOTS:
        _ROOTS["root"] = NetType(SPACE + "ClientObject", OBJECT)
    return _ROOTS["root"]


def wrap(vmm: VmmServer, record: Record | None) -> NetObject | None:
    """Return the object that shows a record; None for none."""
    if record is None:
        return None
    return NetObject(TYPES.get(record.kind) or _plain(record.kind), Bound(vmm, record))


def bound(value: Any, kind: str = "") -> Bound | None:
    """Return what an object of VMM's shows, if it is one (of a kind)."""
    data = value.data if isinstance(value, NetObject) else None
    if isinstance(data, Bound) and kind in ("", data.record.kind):
        return data
    return None


def _plain(kind: str) -> NetType:
    """Return the type of a kind that no table describes."""
    return define(kind, kind, "Description")


def moment(seconds: float | None) -> DateTime | None:
    """Return a simulated time as a date; None for none."""
    if seconds is None:
        return None
    return DateTime(_BEGIN + int(seconds * TICKS), LOCAL, 0)


def guid(value: Any) -> uuid.UUID | None:
    """Return an identifier as a GUID; None for none."""
    return uuid.UUID(value) if value else None


def version(text: str) -> Version:
    """Return a version of its text."""
    parts = [int(part) for part in text.split(".")]
    return Version(*parts)


def named_guid(*names: str) -> uuid.UUID:
    """Return the GUID of something that has no record, always the same for the same names."""
    return uuid.uuid5(uuid.NAMESPACE_DNS, "/".join(names))


def _field(name: str) -> Getter:
    return lambda one: one.record.fields.get(name)


def _guid(name: str) -> Getter:
    return lambda one: guid(one.record.fields.get(name))


def _date(name: str) -> Getter:
    return lambda one: moment(one.record.fields.get(name))


def _long(name: str) -> Getter:
    return lambda one: Long(one.record.fields.get(name) or 0)


def _list(name: str) -> Getter:
    return lambda one: list(one.record.fields.get(name) or ())


def _version(name: str) -> Getter:
    return lambda one: version(one.record.fields[name])


def _enum(kind: str) -> Callable[[str], Getter]:
    words = ENUMS[kind]

    def make(name: str) -> Getter:
        return lambda one: _word(words, one.record.fields.get(name))

    return make


def _word(words: Any, value: Any) -> Any:
    if value is None:
        return None
    try:
        return words.of(value) if isinstance(value, int) else words[value]
    except KeyError:
        return value


def _reference(kind: str) -> Callable[[str], Getter]:
    def make(name: str) -> Getter:
        field = f"{name}ID"
        return lambda one: wrap(one.vmm, one.vmm.store.find(kind, one.record.fields.get(field)))

    return make


def _references(kind: str) -> Callable[[str], Getter]:
    def make(name: str) -> Getter:
        field = f"{name}IDs"

        def get(one: Bound) -> list[Any]:
            found = (one.vmm.store.find(kind, ident) for ident in one[field] or ())
            return [wrap(one.vmm, record) for record in found if record is not None]

        return get

    return make


def _parts(kind: str) -> Callable[[str], Getter]:
    def make(_: str) -> Getter:
        return lambda one: [
            wrap(one.vmm, part) for part in one.vmm.store.parts(kind, one.record.id)
        ]

    return make


_KINDS: Final[dict[str, Callable[[str], Getter]]] = {
    "": _field,
    "guid": _guid,
    "date": _date,
    "long": _long,
    "list": _list,
    "version": _version,
    "null": lambda _: lambda _one: None,
    "false": lambda _: lambda _one: False,
    "true": lambda _: lambda _one: True,
    "zero": lambda _: lambda _one: 0,
    "text": lambda _: lambda _one: "",
    "none": lambda _: lambda _one: [],
}
_FAMILIES: Final = {"enum": _enum, "ref": _reference, "refs": _references, "parts": _parts}


def table(words: str, **special: Getter) -> dict[str, Property]:
    """Return properties described by words.

    A word is ``Property``, ``Property=Field`` or either with ``:kind`` after it, where the kind
    says how the field is shown: ``guid``, ``date``, ``long``, ``list``, ``version``, a constant
    (``null``, ``false``, ``true``, ``zero``, ``text``, ``none`` for an empty list), or one of
    ``enum/Name``, ``ref/Kind`` (of the field ``<Property>ID``), ``refs/Kind`` and ``parts/Kind``.

    Args:
        special: getters of properties that are none of these, put where their word stands.
    """
    found = {}
    for word in words.split():
        spelled, _, how = word.partition(":")
        name, _, field = spelled.partition("=")
        family, slash, of = how.partition("/")
        if name in special:
            get = special[name]
        elif slash:
            get = _FAMILIES[family](of)(field or name)
        else:
            get = _KINDS[how](field or name)
        found[name] = Property(name, get)
    return found


def _text(one: Bound) -> str:
    return one.record.name


def server_connection(one: Bound) -> NetObject:
    """Return the connection that an object was got over."""
    return NetObject(TYPES["ServerConnection"], one.vmm)


def _object_type(one: Bound) -> Any:
    return OBJECT_TYPE.of(OBJECT_TYPES.get(one.record.kind, 0))


_COMMON: Final = table(
    "ServerConnection ID IsViewOnly:false ObjectType MarkedForDeletion:false IsFullyCached:true",
    ServerConnection=server_connection,
    ID=lambda one: uuid.UUID(one.record.id),
    ObjectType=_object_type,
)
"""What every object of VMM's has."""
_DESCRIBED: Final = table(
    "Name Description AddedTime:date ModifiedTime:date Enabled:true Accessibility MostRecentTask",
    Description=lambda one: one["Description"] or "",
    Accessibility=lambda _: ENUMS["Accessibility"].of(0),
    MostRecentTask=lambda one: wrap(one.vmm, one.vmm.store.find("Job", one["MostRecentTaskID"])),
)
"""What most of them have."""


def define(kind: str, type_name: str, words: str, **special: Getter) -> NetType:
    """Make and register the type of a kind of record; its own properties come first."""
    properties = {**table(words, **special)}
    for name, one in (*_DESCRIBED.items(), *_COMMON.items()):
        properties.setdefault(name, one)
    made = RecordType(
        SPACE + type_name, client_object(), properties=list(properties.values()), text=_text
    )
    TYPES[kind] = made
    return made
