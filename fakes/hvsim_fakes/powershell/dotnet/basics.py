"""Members of Object, of numbers, and of Math and Convert."""

from __future__ import annotations

import base64
import binascii
import math
import uuid
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any, Final

from hvsim_fakes.powershell.dotnet.enumerations import ROUNDING
from hvsim_fakes.powershell.objects import numbers
from hvsim_fakes.powershell.objects.compare import equal, order
from hvsim_fakes.powershell.objects.convert import convert, try_convert
from hvsim_fakes.powershell.objects.enums import ENUM, EnumType, EnumValue
from hvsim_fakes.powershell.objects.fault import NetError, argument, bad_format, null_argument
from hvsim_fakes.powershell.objects.formatting import format_value
from hvsim_fakes.powershell.objects.nettype import OBJECT, VALUE_TYPE, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import (
    BOOLEAN,
    BYTE,
    CHAR,
    DECIMAL,
    DOUBLE,
    GUID,
    INT16,
    INT32,
    INT64,
    RUNTIME_TYPE,
    SBYTE,
    SINGLE,
    UINT16,
    UINT32,
    UINT64,
    ArrayType,
    find,
    is_of,
    register,
    short_name,
    type_of,
)
from hvsim_fakes.powershell.objects.text import net_text
from hvsim_fakes.powershell.objects.values import Char, PSObject, Reference, Version


def _to_string(value: Any) -> str:
    if isinstance(value, PSObject):
        return ""  # 5.1: a custom object's own ToString gives nothing
    return net_text(value)


def _hash_code(value: Any) -> int:
    """Return a number that depends on the value alone, so that runs repeat."""
    text = f"{type_of(value).name}:{net_text(value)}"
    return binascii.crc32(text.encode("utf-8", "surrogatepass")) - 2**31


OBJECT.extend(
    methods=[
        method("ToString", _to_string),
        method("GetType", type_of),
        method("GetHashCode", _hash_code),
        method("Equals", lambda one, other: equal(one, other, case=True), "obj:object"),
    ],
    static_methods=[
        method("Equals", lambda a, b: equal(a, b, case=True), "a:object", "b:object"),
        method("ReferenceEquals", lambda a, b: a is b, "a:object", "b:object"),
    ],
    construct=lambda _engine, _arguments: PSObject((), "System.Object"),
)


# Type


def _base_type(kind: NetType) -> NetType | None:
    return kind.base


RUNTIME_TYPE.extend(
    properties=[
        Property("Name", lambda kind: kind.short),
        Property("FullName", lambda kind: kind.name),
        Property("Namespace", lambda kind: kind.name.partition("[")[0].rpartition(".")[0]),
        Property("BaseType", _base_type),
        Property("IsEnum", lambda kind: isinstance(kind, EnumType)),
        Property("IsArray", lambda kind: isinstance(kind, ArrayType)),
        Property("IsValueType", lambda kind: kind.fits(VALUE_TYPE)),
        Property("IsPublic", lambda _: True),
        Property("IsClass", lambda kind: not kind.fits(VALUE_TYPE)),
        Property("UnderlyingSystemType", lambda kind: kind),
    ],
    methods=[
        method("ToString", short_name),
        method("IsInstanceOfType", lambda kind, value: is_of(value, kind), "o:object"),
        method("IsAssignableFrom", lambda kind, other: other.fits(kind), "c:type"),
        method(
            "IsSubclassOf", lambda kind, other: kind is not other and kind.fits(other), "c:type"
        ),
        method("GetEnumNames", lambda kind: list(getattr(kind, "members", {}))),
        method("GetElementType", lambda kind: getattr(kind, "element", None)),
    ],
    static_methods=[method("GetType", find, "typeName:string")],
    text=lambda kind: kind.name,
)


# Numbers


def _compare(one: Any, other: Any) -> int:
    return order(one, other, case=True)


def _parser(kind: NetType) -> Any:
    def parse(text: Any, *_: Any) -> Any:
        if text is None:
            raise null_argument("String")
        if not str(text).strip():
            raise bad_format()
        return _strict(str(text), kind)

    return parse


def _strict(text: str, kind: NetType) -> Any:
    """Parse as .NET does: no suffixes and no hexadecimal."""
    plain = text.strip()
    if plain[-1:].lower() == "b" or plain[:2].lower() == "0x":
        raise bad_format()
    if kind.name in numbers.RANGES:
        if not plain.lstrip("+-").isdecimal():
            raise bad_format()
        return numbers.sized(int(plain[:400]), kind.name)
    if kind is DECIMAL:
        return numbers.to_decimal(plain)
    return numbers.to_double(plain) if kind is DOUBLE else numbers.to_single(plain)


def _try_parser(kind: NetType) -> Any:
    parse = _parser(kind)

    def try_parse(text: Any, *rest: Any) -> bool:
        target = rest[-1]
        try:
            value, good = parse(text), True
        except NetError:
            value, good = convert(0, kind), False
        if isinstance(target, Reference):
            target.write(value)
        return good

    return try_parse


def _constant(value: Any) -> Any:
    return lambda _: value


def _number_type(kind: NetType, lowest: Any, highest: Any, **more: Any) -> None:
    kind.extend(
        methods=[
            method("ToString", net_text),
            method("ToString", format_value, "format:string"),
            method(
                "ToString",
                lambda one, pattern, _: format_value(one, pattern),
                "format:string",
                "provider:object",
            ),
            method("CompareTo", _compare, "value:object"),
        ],
        static={
            "MinValue": lambda _: lowest,
            "MaxValue": lambda _: highest,
            **{name: _constant(value) for name, value in more.items()},
        },
        static_methods=[
            method("Parse", _parser(kind), "s:string", "*provider:object"),
            method("TryParse", _try_parser(kind), "s:string", "*result:object"),
        ],
        text=net_text,
        construct=lambda _engine, _arguments: convert(0, kind),
    )


for _kind in (BYTE, SBYTE, INT16, UINT16, INT32, UINT32, INT64, UINT64):
    _low, _high, _ = numbers.RANGES[_kind.name]
    _number_type(_kind, numbers.sized(_low, _kind.name), numbers.sized(_high, _kind.name))
_number_type(
    DOUBLE,
    -1.7976931348623157e308,
    1.7976931348623157e308,
    Epsilon=5e-324,
    NaN=math.nan,
    PositiveInfinity=math.inf,
    NegativeInfinity=-math.inf,
)
DOUBLE.extend(
    static_methods=[
        method("IsNaN", math.isnan, "d:double"),
        method("IsInfinity", math.isinf, "d:double"),
    ]
)
_number_type(SINGLE, -3.4028234663852886e38, 3.4028234663852886e38)
_number_type(DECIMAL, -numbers.MAX_DECIMAL, numbers.MAX_DECIMAL, Zero=Decimal(0), One=Decimal(1))


def _parse_bool(text: Any) -> bool:
    lower = str(text).strip().lower()
    if lower not in ("true", "false"):
        raise bad_format("String was not recognized as a valid Boolean.")
    return lower == "true"


def _try_parse_bool(text: Any, target: Any) -> bool:
    lower = str(text).strip().lower()
    if isinstance(target, Reference):
        target.write(lower == "true")
    return lower in ("true", "false")


BOOLEAN.extend(
    # A switch parameter is a Boolean here; these are what SwitchParameter has beyond it.
    properties=[Property("IsPresent", lambda one: one, type="System.Boolean")],
    methods=[
        method("CompareTo", _compare, "value:object"),
        method("ToBool", lambda one: one),
    ],
    static={"TrueString": lambda _: "True", "FalseString": lambda _: "False"},
    static_methods=[
        method("Parse", _parse_bool, "value:string"),
        method("TryParse", _try_parse_bool, "value:string", "result:object"),
    ],
)
CHAR.extend(
    static_methods=[
        method("IsDigit", lambda one: one.isdecimal(), "c:char"),
        method("IsLetter", lambda one: one.isalpha(), "c:char"),
        method("IsLetterOrDigit", lambda one: one.isalnum(), "c:char"),
        method("IsUpper", lambda one: one.isupper(), "c:char"),
        method("IsLower", lambda one: one.islower(), "c:char"),
        method("IsWhiteSpace", lambda one: one.isspace(), "c:char"),
        method("ToUpper", lambda one: Char(one.upper()[:1]), "c:char"),
        method("ToLower", lambda one: Char(one.lower()[:1]), "c:char"),
        method("ConvertFromUtf32", chr, "utf32:int"),
    ],
)


# Guid, Version, Enum


def new_guid(engine: Any) -> uuid.UUID:
    """Return a new GUID from the lab's random stream."""
    bits = engine.host.random("powershell.guid").getrandbits(128)
    return uuid.UUID(int=bits, version=4)


def _try_parse_guid(text: Any, target: Any) -> bool:

    found = try_convert(text, GUID)
    if isinstance(target, Reference):
        target.write(found or uuid.UUID(int=0))
    return found is not None


def _empty_guid(_: Any) -> uuid.UUID:

    return uuid.UUID(int=0)


GUID.extend(
    properties=[Property("Guid", str, type="System.String")],
    methods=[
        method("ToString", net_text),
        method("ToString", format_value, "format:string"),
        method("ToByteArray", lambda one: bytearray(one.bytes_le)),
        method("CompareTo", _compare, "value:object"),
    ],
    static={"Empty": _empty_guid},
    static_methods=[
        method("NewGuid", new_guid, engine=True),
        method("Parse", lambda text: convert(text, GUID), "input:string"),
        method("TryParse", _try_parse_guid, "input:string", "result:object"),
    ],
    construct=lambda _engine, given: convert(given[0], GUID) if given else _empty_guid(None),
)


def _version(value: Any) -> Version:
    parts = str(net_text(value)).split(".")
    if not 2 <= len(parts) <= 4 or not all(one.isdecimal() and len(one) < 10 for one in parts):
        if len(parts) < 2 or len(parts) > 4:
            raise argument("Version string portion was too short or too long.")
        raise bad_format()
    return Version(*map(int, parts))


def _make_version(_: Any, given: list[Any]) -> Version:
    if len(given) == 1 and isinstance(given[0], str):
        return _version(given[0])
    if not given:
        return Version(0, 0)
    return Version(*(int(convert(one, INT32)) for one in given))


VERSION: Final[NetType] = register(Version.ps_type, "version", of=Version).extend(
    properties=[
        Property("Major", lambda one: one.major, type="System.Int32"),
        Property("Minor", lambda one: one.minor, type="System.Int32"),
        Property("Build", lambda one: one.build, type="System.Int32"),
        Property("Revision", lambda one: one.revision, type="System.Int32"),
        Property("MajorRevision", lambda one: one.revision >> 16, type="System.Int16"),
        Property(
            "MinorRevision",
            lambda one: -1 if one.revision < 0 else one.revision & 0xFFFF,
            type="System.Int16",
        ),
    ],
    methods=[
        method("CompareTo", _compare, "value:object"),
        method("ToString", str),
        method(
            "ToString", lambda one, count: ".".join(str(one).split(".")[:count]), "fieldCount:int"
        ),
    ],
    static_methods=[method("Parse", _version, "input:string")],
    text=str,
    convert=_version,
    construct=_make_version,
)
ENUM.extend(
    methods=[
        method("ToString", lambda one: one.name),
        method("ToString", format_value, "format:string"),
        method("CompareTo", _compare, "target:object"),
    ]
)


# Math


def _round(value: Any, digits: Any = 0, mode: Any = None) -> Any:
    if isinstance(digits, EnumValue):
        digits, mode = 0, digits
    if not 0 <= digits <= 28:
        raise NetError(
            "System.ArgumentOutOfRangeException",
            "Rounding digits must be between 0 and 15, inclusive.\r\nParameter name: digits",
        )
    up = isinstance(mode, EnumValue) and mode.ps_type is ROUNDING and mode.number == 1
    if isinstance(value, Decimal):
        rule = ROUND_HALF_UP if up else ROUND_HALF_EVEN
        return value.quantize(Decimal(1).scaleb(-digits), rule) if value.adjusted() < 20 else value
    number = float(value)
    if not math.isfinite(number) or abs(number) >= 1e15:
        return number
    return _round_double(number, digits, up=up)


def _round_double(number: float, digits: int, *, up: bool) -> float:
    """Scale, round and scale back, as .NET Framework does."""
    factor = 10.0**digits
    scaled = number * factor
    whole = math.floor(abs(scaled) + 0.5) * math.copysign(1, scaled) if up else float(round(scaled))
    return whole / factor


def _floor(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.to_integral_value("ROUND_FLOOR")
    number = float(value)
    return float(math.floor(number)) if math.isfinite(number) else number


def _ceiling(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.to_integral_value("ROUND_CEILING")
    number = float(value)
    return float(math.ceil(number)) if math.isfinite(number) else number


def _truncate(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.to_integral_value("ROUND_DOWN")
    number = float(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _number(value: Any) -> Any:
    found = numbers.as_number(value)
    if found is None:
        raise bad_format()
    return found


def _safe(function: Any) -> Any:
    def run(*values: float) -> float:
        try:
            return float(function(*values))
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return run


def _logarithm(value: float, base: float | None = None) -> float:
    if value == 0:
        return -math.inf
    return math.log(value) if base is None else math.log(value, base)


MATH: Final[NetType] = register(NetType("System.Math", OBJECT), "math")
MATH.extend(
    static={"PI": lambda _: math.pi, "E": lambda _: math.e},
    static_methods=[
        method(
            "Round",
            lambda one, *more: _round(_number(one), *more),
            "a:object",
            "?digits:object",
            "?mode:object",
        ),
        method("Floor", lambda one: _floor(_number(one)), "d:object"),
        method("Ceiling", lambda one: _ceiling(_number(one)), "d:object"),
        method("Truncate", lambda one: _truncate(_number(one)), "d:object"),
        method("Abs", lambda one: abs(_number(one)), "value:object"),
        method("Sign", lambda one: (_number(one) > 0) - (_number(one) < 0), "value:object"),
        method("Max", lambda a, b: max(_number(a), _number(b)), "val1:object", "val2:object"),
        method("Min", lambda a, b: min(_number(a), _number(b)), "val1:object", "val2:object"),
        method("Pow", _safe(math.pow), "x:double", "y:double"),
        method("Sqrt", _safe(math.sqrt), "d:double"),
        method("Exp", _safe(math.exp), "d:double"),
        method("Log", _safe(_logarithm), "d:double", "?newBase:double"),
        method("Log10", _safe(lambda x: -math.inf if x == 0 else math.log10(x)), "d:double"),
        method("Sin", _safe(math.sin), "a:double"),
        method("Cos", _safe(math.cos), "d:double"),
        method("Tan", _safe(math.tan), "a:double"),
        method("Atan", _safe(math.atan), "d:double"),
        method("Atan2", _safe(math.atan2), "y:double", "x:double"),
    ],
)


# Convert


def _from_base64(text: str) -> bytearray:
    try:
        return bytearray(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        raise bad_format(
            "The input is not a valid Base-64 string as it contains a non-base 64 character, more "
            "than two padding characters, or an illegal character among the padding characters. "
        ) from None


def _to_base64(data: Any, *more: Any) -> str:
    if data is None:
        raise null_argument("inArray")
    raw = bytes(data)
    if len(more) >= 2:
        raw = raw[int(more[0]) : int(more[0]) + int(more[1])]
    text = base64.b64encode(raw).decode()
    if more and isinstance(more[-1], EnumValue) and more[-1].number:
        return "\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    return text


def _in_base(value: Any, base: int) -> str:
    digits = "0123456789abcdef"
    bits = 32 if -(2**31) <= value < 2**31 else 64
    if base == 10:
        return str(value)
    if base not in (2, 8, 16):
        raise argument("Invalid Base.")
    number, out = value & (2**bits - 1), ""
    while number:
        number, rest = divmod(number, base)
        out = digits[rest] + out
    return out or "0"


def _from_base(kind: NetType) -> Any:
    def run(value: Any, base: int) -> Any:
        if base not in (2, 8, 10, 16):
            raise argument("Invalid Base.")
        try:
            number = int(str(value).strip(), base)
        except ValueError:
            raise bad_format("Could not find any recognizable digits.") from None
        bits = 32 if kind is INT32 else 64
        return numbers.sized(number - 2**bits if number >= 2 ** (bits - 1) else number, kind.name)

    return run


def _converter(kind: NetType) -> Any:
    return lambda value: convert(value, kind)


def _to_text_in_base(value: Any, base: Any = None) -> str:
    if isinstance(base, int) and isinstance(value, int):
        return _in_base(value, base)
    return net_text(value)


_TARGETS: Final = (
    ("ToBoolean", BOOLEAN),
    ("ToByte", BYTE),
    ("ToChar", CHAR),
    ("ToDecimal", DECIMAL),
    ("ToDouble", DOUBLE),
    ("ToInt16", INT16),
    ("ToInt32", INT32),
    ("ToInt64", INT64),
    ("ToSByte", SBYTE),
    ("ToSingle", SINGLE),
    ("ToUInt16", UINT16),
    ("ToUInt32", UINT32),
    ("ToUInt64", UINT64),
)
CONVERT: Final[NetType] = register(NetType("System.Convert", OBJECT), "convert")
CONVERT.extend(
    static_methods=[
        method("ToBase64String", _to_base64, "inArray:byte[]", "*more:object"),
        method("FromBase64String", _from_base64, "s:string"),
        method("ToString", _to_text_in_base, "value:object", "?toBase:object"),
        *(method(name, _converter(kind), "value:object") for name, kind in _TARGETS),
        method("ToInt32", _from_base(INT32), "value:string", "fromBase:int"),
        method("ToInt64", _from_base(INT64), "value:string", "fromBase:int"),
    ]
)


# Reference, void


register(NetType("System.Void", VALUE_TYPE, convert=lambda _: None), "void")
register(Reference.ps_type, "ref").extend(
    properties=[
        Property("Value", lambda one: one.read(), lambda one, value: one.write(value)),
    ]
)
