"""String, StringBuilder and text encodings."""

from __future__ import annotations

import codecs
from typing import Any, Final

from hvsim_fakes.powershell.objects.compare import order_text
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.fault import argument, null_argument, out_of_range
from hvsim_fakes.powershell.objects.formatting import format_string
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import CHAR, STRING, array_of, register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import Char, TypedArray, elements, is_list

_BLANKS: Final = " \t\n\v\f\r\x85\xa0"


def texts(values: list[str]) -> TypedArray:
    """Return a String[]."""
    return TypedArray(array_of(STRING), STRING, values)


def _substring(text: str, start: int, length: int | None = None) -> str:
    if start < 0:
        raise out_of_range("StartIndex cannot be less than zero.", "startIndex")
    if start > len(text):
        raise out_of_range("startIndex cannot be larger than length of string.", "startIndex")
    if length is None:
        return text[start:]
    if length < 0:
        raise out_of_range("Length cannot be less than zero.", "length")
    if start + length > len(text):
        raise out_of_range("Index and length must refer to a location within the string.", "length")
    return text[start : start + length]


def _chars(given: Any) -> list[str]:
    """Return separators: .NET 4 has no overload for one string, so each character counts."""
    if given is None:
        return []
    if isinstance(given, str):
        return list(given)
    return [to_text(one) for one in elements(given)] if is_list(given) else [to_text(given)]


def _split(text: str, *given: Any) -> TypedArray:
    count, empty = -1, True
    words: list[str] = []
    for one in given:
        if isinstance(one, EnumValue):
            empty = one.number & 1 == 0
        elif isinstance(one, int) and not isinstance(one, bool) and words:
            count = int(one)
        elif isinstance(one, str) and one in ("None", "RemoveEmptyEntries") and words:
            empty = one == "None"
        else:
            words += _chars(one)
    parts = _cut(text, [one for one in words if one] or list(_BLANKS), count)
    return texts([one for one in parts if one or empty])


def _cut(text: str, separators: list[str], count: int) -> list[str]:
    out: list[str] = []
    start = at = 0
    while at < len(text) and (count < 0 or len(out) < count - 1):
        found = next((one for one in separators if text.startswith(one, at)), "")
        if found:
            out.append(text[start:at])
            at += len(found)
            start = at
        else:
            at += 1
    return [*out, text[start:]]


def _trimmer(left: bool, right: bool) -> Any:
    def trim(text: str, *given: Any) -> str:
        chars = "".join("".join(_chars(one)) for one in given) or _BLANKS
        text = text.lstrip(chars) if left else text
        return text.rstrip(chars) if right else text

    return trim


def _replace(text: str, old: Any, new: Any) -> str:
    if not to_text(old):
        raise argument("String cannot be of zero length.\r\nParameter name: oldValue")
    return text.replace(to_text(old), to_text(new))


def _ignores_case(mode: Any) -> bool:
    if isinstance(mode, EnumValue):
        return mode.name.endswith("IgnoreCase")
    if isinstance(mode, str):
        return mode.lower().endswith("ignorecase")
    return mode is True


def _starts(text: str, part: str, mode: Any = None, *_: Any) -> bool:
    if _ignores_case(mode):
        return text.lower().startswith(part.lower())
    return text.startswith(part)


def _ends(text: str, part: str, mode: Any = None, *_: Any) -> bool:
    return text.lower().endswith(part.lower()) if _ignores_case(mode) else text.endswith(part)


def _index(text: str, part: Any, *more: Any) -> int:
    start = next((int(m) for m in more if isinstance(m, int) and not isinstance(m, bool)), 0)
    if not 0 <= start <= len(text):
        raise out_of_range(
            "Index was out of range. Must be non-negative and less than the size "
            "of the collection.",
            "startIndex",
        )
    wanted = to_text(part)
    if any(isinstance(m, EnumValue) and _ignores_case(m) for m in more):
        return text.lower().find(wanted.lower(), start)
    return text.find(wanted, start)


def _last_index(text: str, part: Any, *more: Any) -> int:
    wanted = to_text(part)
    if any(isinstance(m, EnumValue) and _ignores_case(m) for m in more):
        return text.lower().rfind(wanted.lower())
    return text.rfind(wanted)


def _any_index(text: str, chars: Any) -> int:
    wanted = "".join(_chars(chars))
    return next((at for at, char in enumerate(text) if char in wanted), -1)


def _insert(text: str, at: int, part: str) -> str:
    if not 0 <= at <= len(text):
        raise out_of_range("Index was out of range.", "startIndex")
    return text[:at] + part + text[at:]


def _remove(text: str, start: int, count: int | None = None) -> str:
    if start < 0:
        raise out_of_range("StartIndex cannot be less than zero.", "startIndex")
    if count is None:
        if start >= len(text):
            raise out_of_range("startIndex must be less than length of string.", "startIndex")
        return text[:start]
    if count < 0 or start + count > len(text):
        raise out_of_range("Index and count must refer to a location within the string.", "count")
    return text[:start] + text[start + count :]


def _padder(left: bool) -> Any:
    def pad(engine: Any, text: str, width: int, fill: str = " ") -> str:
        if width < 0:
            raise out_of_range("Non-negative number required.", "totalWidth")
        engine.budget.hold(width)
        if width > engine.budget.limits.value:
            engine.budget.hold(width)
        return text.rjust(width, fill) if left else text.ljust(width, fill)

    return pad


def _equals(text: str, other: Any, mode: Any = None) -> bool:
    if not isinstance(other, str):
        return False
    return text.lower() == other.lower() if _ignores_case(mode) else text == other


def _to_char_array(text: str) -> TypedArray:
    return TypedArray(array_of(CHAR), CHAR, [Char(one) for one in text])


STRING.extend(
    properties=[Property("Length", len, type="System.Int32")],
    methods=[
        method("ToString", str),
        method("ToString", lambda text, _: str(text), "provider:object"),
        method("Substring", _substring, "startIndex:int", "?length:int"),
        method("Split", _split, "*separator:object"),
        method("Trim", _trimmer(left=True, right=True), "*trimChars:object"),
        method("TrimStart", _trimmer(left=True, right=False), "*trimChars:object"),
        method("TrimEnd", _trimmer(left=False, right=True), "*trimChars:object"),
        method("Replace", _replace, "oldValue:object", "newValue:object"),
        method("StartsWith", _starts, "value:string", "?comparisonType:object", "?culture:object"),
        method("EndsWith", _ends, "value:string", "?comparisonType:object", "?culture:object"),
        method("Contains", lambda text, part: part in text, "value:string"),
        method("IndexOf", _index, "value:object", "?startIndex:object", "?comparison:object"),
        method("LastIndexOf", _last_index, "value:object", "?startIndex:object"),
        method("IndexOfAny", _any_index, "anyOf:object"),
        method("Insert", _insert, "startIndex:int", "value:string"),
        method("Remove", _remove, "startIndex:int", "?count:int"),
        method("PadLeft", _padder(left=True), "totalWidth:int", "?paddingChar:char", engine=True),
        method("PadRight", _padder(left=False), "totalWidth:int", "?paddingChar:char", engine=True),
        method("ToUpper", str.upper),
        method("ToLower", str.lower),
        method("ToUpperInvariant", str.upper),
        method("ToLowerInvariant", str.lower),
        method("ToCharArray", _to_char_array),
        method("Equals", _equals, "value:object", "?comparisonType:object"),
        method("CompareTo", lambda a, b: order_text(a, to_text(b), case=True), "strB:object"),
        method("Clone", str),
        method("Normalize", str),
        method("GetTypeCode", lambda _: "String"),
        method(
            "Chars", lambda text, at: Char(text[at]) if 0 <= at < len(text) else None, "index:int"
        ),
    ],
)


def _join(separator: str, *values: Any) -> str:
    parts = elements(values[0]) if len(values) == 1 and is_list(values[0]) else list(values)
    return separator.join(to_text(one) for one in parts)


def _format(pattern: Any, *values: Any) -> str:
    given = elements(values[0]) if len(values) == 1 and is_list(values[0]) else list(values)
    if pattern is None:
        raise null_argument("format")
    return format_string(to_text(pattern), given)


def _compare(first: str, second: str, mode: Any = None) -> int:
    return order_text(first, second, case=not _ignores_case(mode))


def _make_string(_: Any, given: list[Any]) -> str:
    if len(given) == 2 and isinstance(given[1], int):
        return to_text(given[0]) * min(int(given[1]), 1_000_000)
    return (
        "".join(to_text(one) for one in elements(given[0]))
        if is_list(given[0])
        else to_text(given[0])
    )


STRING.extend(
    static={"Empty": lambda _: ""},
    static_methods=[
        method("IsNullOrEmpty", lambda text: not text, "value:string"),
        method("IsNullOrWhiteSpace", lambda text: not (text or "").strip(), "value:string"),
        method("Join", _join, "separator:string", "*values:object"),
        method("Format", _format, "format:object", "*args:object"),
        method("Concat", lambda *parts: "".join(_all_texts(parts)), "*values:object"),
        method("Compare", _compare, "strA:string", "strB:string", "?ignoreCase:object"),
        method("Equals", _equals, "a:string", "b:object", "?comparisonType:object"),
    ],
    construct=_make_string,
)


def _all_texts(parts: tuple[Any, ...]) -> list[str]:
    return [to_text(one, "") for one in parts]


# StringBuilder


class StringBuilder:
    """System.Text.StringBuilder."""

    ps_type = NetType("System.Text.StringBuilder", OBJECT)

    def __init__(self, text: str = "") -> None:
        self.parts = [text]
        self.size = len(text)

    @property
    def text(self) -> str:
        """What was put together."""
        if len(self.parts) > 1:
            self.parts = ["".join(self.parts)]
        return self.parts[0]

    def put(self, text: str) -> StringBuilder:
        """Append."""
        self.parts.append(text)
        self.size += len(text)
        return self

    def become(self, text: str) -> StringBuilder:
        """Be another text."""
        self.parts = [text]
        self.size = len(text)
        return self


def _append(engine: Any, one: StringBuilder, value: Any, count: int = 1) -> StringBuilder:
    text = to_text(value) * max(min(count, 1_000_000), 0)
    engine.budget.hold(max(len(text) * 2, (one.size >> 4)))
    if one.size + len(text) > engine.budget.limits.value:
        engine.budget.hold(one.size + len(text))
    return one.put(text)


def _append_format(engine: Any, one: StringBuilder, pattern: str, *values: Any) -> StringBuilder:
    return _append(engine, one, _format(pattern, *values))


register(StringBuilder.ps_type, "stringbuilder").extend(
    properties=[
        Property(
            "Length",
            lambda one: one.size,
            lambda one, size: one.become(one.text[: max(int(size), 0)]),
            "System.Int32",
        ),
        Property("Capacity", lambda one: max(16, one.size)),
        Property("MaxCapacity", lambda _: 2**31 - 1),
    ],
    methods=[
        method("Append", _append, "value:object", "?repeatCount:int", engine=True),
        method(
            "AppendLine",
            lambda e, one, value="": _append(e, one, to_text(value) + "\r\n"),
            "?value:object",
            engine=True,
        ),
        method("AppendFormat", _append_format, "format:string", "*args:object", engine=True),
        method("ToString", lambda one: one.text),
        method("Clear", lambda one: one.become("")),
        method(
            "Insert",
            lambda one, at, value: one.become(_insert(one.text, at, to_text(value))),
            "index:int",
            "value:object",
        ),
        method(
            "Remove",
            lambda one, at, count: one.become(_remove(one.text, at, count)),
            "startIndex:int",
            "length:int",
        ),
        method(
            "Replace",
            lambda one, old, new: one.become(_replace(one.text, old, new)),
            "oldValue:object",
            "newValue:object",
        ),
    ],
    text=lambda one: one.text,
    construct=lambda _engine, given: StringBuilder(
        to_text(given[0]) if given and isinstance(given[0], str) else ""
    ),
)


# Encodings


class Encoding:
    """System.Text.Encoding."""

    ps_type = NetType("System.Text.Encoding", OBJECT)

    def __init__(self, name: str, web: str, codec: str, mark: bytes = b"") -> None:
        self.name = name
        self.web = web
        self.codec = codec
        self.mark = mark

    def encode(self, text: str) -> bytearray:
        """Return a text's bytes."""
        return bytearray(text.encode(self.codec, "replace"))

    def decode(self, data: Any) -> str:
        """Return the text of bytes."""
        return bytes(data).decode(self.codec, "replace")


ENCODINGS: Final = {
    "UTF8": Encoding("Unicode (UTF-8)", "utf-8", "utf-8", codecs.BOM_UTF8),
    "Unicode": Encoding("Unicode", "utf-16", "utf-16-le", codecs.BOM_UTF16_LE),
    "BigEndianUnicode": Encoding(
        "Unicode (Big-Endian)", "utf-16BE", "utf-16-be", codecs.BOM_UTF16_BE
    ),
    "ASCII": Encoding("US-ASCII", "us-ascii", "ascii"),
    "UTF7": Encoding("Unicode (UTF-7)", "utf-7", "utf-7"),
    "UTF32": Encoding("Unicode (UTF-32)", "utf-32", "utf-32-le", codecs.BOM_UTF32_LE),
    "Default": Encoding("Western European (Windows)", "Windows-1252", "cp1252"),
}


def _encoding(name: Any) -> Encoding:
    wanted = to_text(name).lower().replace("_", "-")
    for short, one in ENCODINGS.items():
        if wanted in (short.lower(), one.web.lower(), one.codec):
            return one
    raise argument(f"'{name}' is not a supported encoding name.\r\nParameter name: name")


def _decode(one: Encoding, data: Any, start: Any = None, count: Any = None) -> str:
    if data is None:
        raise null_argument("bytes")
    raw = bytes(data)
    return one.decode(raw if start is None else raw[int(start) : int(start) + int(count)])


def _constant(one: Encoding) -> Any:
    return lambda _: one


def _encoding_maker(one: Encoding) -> Any:
    return lambda _engine, _given: one


_encoding_type = register(Encoding.ps_type, "text.encoding", of=Encoding)
_encoding_type.extend(
    properties=[
        Property("EncodingName", lambda one: one.name),
        Property("WebName", lambda one: one.web),
        Property("BodyName", lambda one: one.web),
    ],
    methods=[
        method("GetBytes", lambda one, text: one.encode(to_text(text, "")), "s:object"),
        method("GetString", _decode, "bytes:byte[]", "?index:object", "?count:object"),
        method("GetByteCount", lambda one, text: len(one.encode(text)), "chars:string"),
        method("GetPreamble", lambda one: bytearray(one.mark)),
    ],
    static={name: _constant(one) for name, one in ENCODINGS.items()},
    static_methods=[method("GetEncoding", _encoding, "name:object")],
    text=lambda one: f"System.Text.{one.codec.upper().replace('-', '')}Encoding",
)
for _name, _short in (
    ("UTF8Encoding", "UTF8"),
    ("UnicodeEncoding", "Unicode"),
    ("ASCIIEncoding", "ASCII"),
):
    register(
        NetType(
            f"System.Text.{_name}",
            _encoding_type,
            construct=_encoding_maker(ENCODINGS[_short]),
        )
    )
