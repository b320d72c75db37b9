"""Values of our PowerShell as objects that psrpcore serializes, and back ([MS-PSRP] 2.2.5)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from psrpcore import types as ps

from hvsim_fakes.powershell.errors import ErrorRecord, NetException
from hvsim_fakes.powershell.objects import values as net
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.members import list_members
from hvsim_fakes.powershell.objects.moments import TICKS, UNIX_EPOCH, UTC, DateTime, TimeSpan
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable

_DEPTH: Final = 1
"""Levels of properties that remoting takes along of objects of a product, beyond the first."""
_COLLECTIONS: Final = 12
"""Levels of lists and tables, so that one that holds itself comes to an end."""
_INT32: Final = range(-(2**31), 2**31)
_INT64: Final = range(-(2**63), 2**63)
_NUMBERS: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (net.Byte, ps.PSByte),
    (net.SByte, ps.PSSByte),
    (net.Int16, ps.PSInt16),
    (net.UInt16, ps.PSUInt16),
    (net.UInt32, ps.PSUInt),
    (net.UInt64, ps.PSUInt64),
    (net.Long, ps.PSInt64),
    (net.Single, ps.PSSingle),
)


class ToPsrp:
    """Makes psrpcore's objects of values.

    Args:
        engine: the running engine, for properties that are scripts.
    """

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __call__(  # noqa: PLR0911 - one for each kind
        self, value: Any, depth: int = _DEPTH, level: int = _COLLECTIONS
    ) -> Any:
        """Return an object; what lies deeper than ``depth`` becomes its text."""
        if value is None or value is net.NOTHING:
            return None
        if isinstance(value, bool | bytes):
            return value
        simple = _simple(value)
        if simple is not None:
            return simple
        if level <= 0:
            return to_text(value)
        if isinstance(value, list | bytearray):
            return self._list(value, depth, level)
        if isinstance(value, net.Hashtable):
            return self._table(value, depth, level)
        if isinstance(value, ErrorRecord):
            return _error(value)
        return self._object(value, depth, level)

    def _list(self, value: Any, depth: int, level: int) -> Any:
        if isinstance(value, bytearray):
            return ps.PSByteArray(bytes(value))
        return ps.PSList([self(one, depth, level - 1) for one in value])

    def _table(self, value: net.Hashtable, depth: int, level: int) -> Any:
        pairs = value.items()
        return ps.PSDict({_key(key): self(one, depth, level - 1) for key, one in pairs})

    def _object(self, value: Any, depth: int, level: int) -> Any:
        custom = isinstance(value, net.PSObject)
        if depth < 0 and not custom:
            return to_text(value)
        made = ps.PSCustomObject() if custom else ps.PSObject()
        names = value.type_names if custom else [kind.name for kind in type_of(value).lineage()]
        made.PSObject.type_names = list(names)
        made.PSObject.to_string = to_text(value)
        for name, one in list_members(value, self._engine):
            inner = depth if custom else depth - 1
            ps.add_note_property(made, name, self(one, inner, level - 1), force=True)
        return made


def _key(key: Any) -> Any:
    simple = _simple(key)
    return to_text(key) if simple is None else simple


def _simple(value: Any) -> Any:
    """Return an object for a value that has no parts; None for others."""
    if isinstance(value, net.Char):
        return ps.PSChar(str(value))
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, EnumValue):
        return _enum(value)
    return _special(value)


def _number(value: Any) -> Any:
    for kind, make in _NUMBERS:
        if isinstance(value, kind):
            return make(value)
    if isinstance(value, float):
        return ps.PSDouble(value)
    if isinstance(value, Decimal):
        return ps.PSDecimal(value)
    if value in _INT32:
        return ps.PSInt(value)
    return ps.PSInt64(value) if value in _INT64 else ps.PSDecimal(value)


def _enum(value: EnumValue) -> Any:
    made = ps.PSInt(value.number)
    names = [kind.name for kind in value.ps_type.lineage()]
    made.PSObject.type_names = list(dict.fromkeys([*names, "System.Enum", "System.ValueType"]))
    made.PSObject.to_string = to_text(value)
    return made


def _special(value: Any) -> Any:  # noqa: PLR0911 - one for each kind
    match value:
        case uuid.UUID():
            return ps.PSGuid(int=value.int)
        case DateTime():
            return _moment(value)
        case TimeSpan():
            return ps.PSDuration(microseconds=value.ticks // 10)
        case net.Version():
            return ps.PSVersion(str(value)) if value.minor >= 0 else str(value)
        case net.SecureString():
            return ps.PSSecureString(value.text)
        case net.Credential():
            secret = ps.PSSecureString(value.password.text)
            return ps.PSCredential(UserName=value.user, Password=secret)
    return None


def _moment(value: DateTime) -> Any:
    moment = value.python
    zone = dt.UTC if value.kind == UTC else None
    return ps.PSDateTime(
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond,
        zone,
        nanosecond=value.ticks % 10 * 100,
    )


def _error(record: ErrorRecord) -> Any:
    return ps.ErrorRecord(
        Exception=_exception(record.exception),
        CategoryInfo=ps.ErrorCategoryInfo(Reason=record.exception.ps_type.short),
        FullyQualifiedErrorId=record.full_id,
    )


def _exception(exception: NetException) -> Any:
    made = ps.NETException(Message=exception.message, HResult=-2146233087)
    made.PSObject.type_names = [kind.name for kind in exception.ps_type.lineage()]
    return made


def from_psrp(value: Any, level: int = _COLLECTIONS) -> Any:  # noqa: PLR0911 - one for each kind
    """Return the value of what psrpcore has read."""
    if value is None or isinstance(value, bool):
        return value
    if level <= 0:
        return str(value)
    match value:
        case ps.PSChar():
            return net.Char(str(value))
        case int() | float() | Decimal():
            return _read_number(value)
        case str():
            return str(value)
        case bytes():
            return bytearray(value)
        case Mapping():
            pairs = [(from_psrp(k, level - 1), from_psrp(v, level - 1)) for k, v in value.items()]
            return net.Hashtable(pairs)
        case list() | tuple():
            return [from_psrp(one, level - 1) for one in value]
    return _read_special(value, level)


def _read_number(value: Any) -> Any:
    for kind, made in _NUMBERS:
        if isinstance(value, made):  # type: ignore[arg-type] # psrpcore's are classes
            return kind(value)
    if isinstance(value, float):
        return float(value)
    return Decimal(value) if isinstance(value, Decimal) else int(value)


def _read_special(value: Any, level: int) -> Any:  # noqa: PLR0911 - one for each kind
    match value:
        case uuid.UUID():
            return uuid.UUID(int=value.int)
        case dt.datetime():
            return _read_moment(value)
        case dt.timedelta():
            return TimeSpan(round(value.total_seconds() * TICKS))
        case ps.PSVersion():
            parts = [int(part) for part in str(value).split(".")]
            return net.Version(*parts)
        case ps.PSSecureString():
            return net.SecureString(value.decrypt())
        case ps.PSCredential():
            return net.Credential(value.UserName, net.SecureString(value.Password.decrypt()))
        case ps.PSObject():
            return _read_object(value, level)
    return str(value)


def _read_moment(value: dt.datetime) -> DateTime:
    zone = value.tzinfo
    moment = value.astimezone(dt.UTC) if zone else value.replace(tzinfo=dt.UTC)
    ticks = UNIX_EPOCH + round(moment.timestamp() * 1_000_000) * 10
    return DateTime(ticks, UTC if zone else 0)


def _read_object(value: ps.PSObject, level: int) -> net.PSObject:
    meta = value.PSObject
    properties = {
        one.name: one.get_value(value)
        for one in (*meta.adapted_properties, *meta.extended_properties)
    }
    names = [name for name in meta.type_names if not name.endswith(("PSCustomObject", ".Object"))]
    pairs = [(name, from_psrp(one, level - 1)) for name, one in properties.items()]
    return net.PSObject(pairs, *names)
