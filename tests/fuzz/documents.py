"""Calls as bytes on the wire: XML-RPC and JSON-RPC of any value, fit for the product or not."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Raw:
    """Text that goes into a document as it is."""

    text: str


@dataclass(frozen=True)
class Stamp:
    """A ``dateTime.iso8601``."""

    text: str


def xml_call(method: str, params: list[Any]) -> bytes:
    inner = "".join(f"<param>{xml_value(value)}</param>" for value in params)
    name = escape(method)
    text = (
        f"<?xml version='1.0'?><methodCall><methodName>{name}</methodName>"
        f"<params>{inner}</params></methodCall>"
    )
    return text.encode("utf-8", "surrogatepass")


def xml_value(value: Any) -> str:
    match value:
        case Raw():
            return value.text
        case Stamp():
            inner = f"<dateTime.iso8601>{escape(value.text)}</dateTime.iso8601>"
        case None:
            inner = "<nil/>"
        case bool():
            inner = f"<boolean>{int(value)}</boolean>"
        case int():
            inner = f"<i4>{value}</i4>"
        case float():
            inner = f"<double>{value!r}</double>"
        case bytes():
            inner = f"<base64>{base64.b64encode(value).decode()}</base64>"
        case list():
            inner = f"<array><data>{''.join(map(xml_value, value))}</data></array>"
        case dict():
            members = (
                f"<member><name>{escape(str(key))}</name>{xml_value(item)}</member>"
                for key, item in value.items()
            )
            inner = f"<struct>{''.join(members)}</struct>"
        case _:
            inner = f"<string>{escape(str(value))}</string>"
    return f"<value>{inner}</value>"


def json_call(method: str, params: list[Any], version: int, identifier: Any) -> bytes:
    call = {"method": method, "params": [_plain(value) for value in params], "id": identifier}
    if version == 2:
        call["jsonrpc"] = "2.0"
    return json.dumps(call).encode("utf-8", "surrogatepass")


def _plain(value: Any) -> Any:
    match value:
        case Raw() | Stamp():
            return value.text
        case bytes():
            return value.decode("latin-1")
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
    return value


def nested_xml(depth: int, kind: str) -> bytes:
    """A call with one parameter as deep as that."""
    opening, closing = {
        "array": ("<value><array><data>", "</data></array></value>"),
        "struct": ("<value><struct><member><name>a</name>", "</member></struct></value>"),
        "open": ("<value><array><data>", ""),
    }[kind]
    inner = f"{opening * depth}<value>x</value>{closing * depth}"
    return xml_call("VM.get_all", [Raw(inner)])


_CALL = (
    "<methodCall><methodName>VM.get_all</methodName>"
    "<params><param><value>{}</value></param></params></methodCall>"
)
_BOMB = "".join(f'<!ENTITY e{n} "{(f"&e{n - 1};" if n else "ha") * 2}">' for n in range(40))

ODD_XML: tuple[bytes, ...] = (
    b"",
    b" ",
    b"\x00",
    b"<",
    b"<methodCall/>",
    b"<methodCall></methodCall>",
    b"<methodCall><methodName/><params/></methodCall>",
    b"<methodCall><methodName>VM.get_all</methodName></methodCall>",
    b"<methodCall><params/><methodName>VM.get_all</methodName></methodCall>",
    b"<methodResponse><params/></methodResponse>",
    f"<!DOCTYPE x [{_BOMB}]>{_CALL.format('&e39;')}".encode(),
    f'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>{_CALL.format("&f;")}'.encode(),
    f'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">{_CALL.format("x")}'.encode(),
    _CALL.format("&nosuch;").encode(),
    _CALL.format("&#0;").encode(),
    _CALL.format("&#xD800;").encode(),
    _CALL.format("&#x110000;").encode(),
    _CALL.format("\ud800").encode("utf-8", "surrogatepass"),
    _CALL.format("\u00e9").encode("latin-1"),
    _CALL.format("\u00e9").encode("utf-16"),
    b"\xef\xbb\xbf" + _CALL.format("x").encode(),
    b"<?xml version='1.0' encoding='utf-16'?>" + _CALL.format("x").encode(),
    b"<?xml version='1.0' encoding='utf-7'?>" + _CALL.format("+AGE-").encode(),
    b"<?xml version='1.0' encoding='shift_jis'?>" + _CALL.format("x").encode(),
    b"<?xml version='1.0' encoding='no-such'?>" + _CALL.format("x").encode(),
    b"<?xml version='9.9'?>" + _CALL.format("x").encode(),
    _CALL.format("<![CDATA[</value>]]>").encode(),
    _CALL.format("<!-- > --><?php echo ?>x").encode(),
    _CALL.format("<int>" + "9" * 6_000 + "</int>").encode(),
    _CALL.format("<int>1e3</int>").encode(),
    _CALL.format("<double>nan</double>").encode(),
    _CALL.format("<double>1e999</double>").encode(),
    _CALL.format("<double>" + "9" * 6_000 + "</double>").encode(),
    _CALL.format("<base64>=====</base64>").encode(),
    _CALL.format("<boolean>yes</boolean>").encode(),
    _CALL.format("<struct><member><name/></member></struct>").encode(),
    _CALL.format("<struct><member><value>1</value><name>a</name></member></struct>").encode(),
    _CALL.format("<int><int>1</int></int>").encode(),
    _CALL.format("x" * 200_000).encode(),
    _CALL.format("a<string>b</string>c").encode(),
    b"<m:methodCall xmlns:m='x'>" + _CALL.format("x").encode() + b"</m:methodCall>",
    _CALL.format("x").encode() * 2,
    *(nested_xml(depth, kind) for depth in (20, 40, 2_000) for kind in ("array", "struct", "open")),
)
"""Documents that every parser of XML-RPC has to survive."""

_JSON = '{{"jsonrpc":"2.0","method":"VM.get_all","params":[{}],"id":1}}'
ODD_JSON: tuple[bytes, ...] = (
    b"",
    b"null",
    b"[]",
    b"{}",
    b"NaN",
    b'{"method":null,"params":[],"id":1}',
    b'{"method":"VM.get_all","params":[],"id":null}',
    b'{"method":"VM.get_all","params":[],"id":{}}',
    b'{"method":"VM.get_all","params":[],"id":1.5}',
    b'{"method":"VM.get_all","params":[],"id":99999999999999999999999999}',
    b'{"method":"VM.get_all","params":{},"id":1}',
    b'{"jsonrpc":2.0,"method":"VM.get_all","params":[],"id":1}',
    b'{"jsonrpc":"2.0","method":"VM.get_all","params":{"a":1},"id":"x"}',
    b'{"jsonrpc":"2.0","method":"VM.get_all","id":1}',
    b'[{"jsonrpc":"2.0","method":"VM.get_all","params":[],"id":1}]',
    b'{"method":"a","method":"VM.get_all","params":[],"params":[1],"id":1}',
    _JSON.format("NaN").encode(),
    _JSON.format("1e999").encode(),
    _JSON.format("-0").encode(),
    _JSON.format("9" * 400).encode(),
    _JSON.format("18446744073709551615").encode(),
    _JSON.format('"\\ud800"').encode(),
    _JSON.format('"\\u0000"').encode(),
    _JSON.format('"\ud800"').encode("utf-8", "surrogatepass"),
    _JSON.format('"x"').encode("utf-16"),
    b"\xef\xbb\xbf" + _JSON.format('"x"').encode(),
    _JSON.format('"x"').encode() + b"x",
    *(_JSON.format("[" * n + "]" * n).encode() for n in (100, 1_000, 100_000)),
    *(_JSON.format('{"a":' * n + "1" + "}" * n).encode() for n in (100, 1_000, 100_000)),
    b"[" * 100_000,
)
