"""Reading XML-RPC calls: what is taken, what is refused, and that nothing gets past it."""

import xmlrpc.client
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim_fakes.xenserver import xmlparser
from hvsim_fakes.xenserver.values import DateTime, describe, quote
from hvsim_fakes.xenserver.xmlparser import MalformedCallError, parse_call


def call(*values):
    params = "".join(f"<param>{value}</param>" for value in values)
    text = f"<methodCall><methodName>m</methodName><params>{params}</params></methodCall>"
    return text.encode()


def only(value):
    (param,) = parse_call(call(value)).params
    return param


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<value>plain</value>", "plain"),
        ("<value></value>", ""),
        ("<value/>", ""),
        ("<value>  </value>", "  "),
        ("<value><string>typed &amp; &lt;escaped&gt;</string></value>", "typed & <escaped>"),
        ("<value><string/></value>", ""),
        ("<value><int>-5</int></value>", -5),
        ("<value><i4>7</i4></value>", 7),
        ("<value><i8>9007199254740993</i8></value>", 9007199254740993),
        ("<value><boolean>1</boolean></value>", True),
        ("<value><boolean>0</boolean></value>", False),
        ("<value><double>1.5</double></value>", 1.5),
        ("<value><nil/></value>", None),
        ("<value><base64>aGk=</base64></value>", b"hi"),
        ("<value>\n <array>\n <data> <value>a</value> </data></array></value>", ["a"]),
        ("<value><array><data/></array></value>", []),
        ("<value><array/></value>", []),
        ("<value><struct/></value>", {}),
        (
            "<value><struct><member><name>k</name><value>v</value></member></struct></value>",
            {"k": "v"},
        ),
        ("<value><struct><member><name/><value/></member></struct></value>", {"": ""}),
    ],
)
def test_values(text, expected):
    value = only(text)
    assert value == expected
    assert type(value) is type(expected)


def test_dates_are_told_from_strings():
    value = only("<value><dateTime.iso8601>20260105T08:00:00Z</dateTime.iso8601></value>")
    assert type(value) is DateTime
    assert value == "20260105T08:00:00Z"


def test_call_without_parameters():
    body = b'<?xml version="1.0"?><methodCall><methodName>a.b</methodName><params/></methodCall>'
    assert (parse_call(body).name, parse_call(body).params) == ("a.b", [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<",
        b"<methodCall></methodCall>",
        b"<methodCall><methodName>m</methodName></methodCall>",
        b"<methodCall><params/><methodName>m</methodName></methodCall>",
        b"<methodResponse/>",
        call("text"),
        call("<value><int></int></value>"),
        call("<value><int>x</int></value>"),
        call("<value><i8>9223372036854775808</i8></value>"),
        call("<value><double>x</double></value>"),
        call("<value><wombat/></value>"),
        call("<value>text<int>1</int></value>"),
        call("<value><int>1</int><int>2</int></value>"),
        call("<value><array><value>1</value></array></value>"),
        call("<value><struct><member><name>k</name></member></struct></value>"),
        call("<value><struct><member><value>k</value><name>n</name></member></struct></value>"),
        call("<value>a</value><value>b</value>"),
        call("<value>\x00</value>"),
        b'<?xml version="1.0" encoding="utf-42"?>' + call(),
        b"\xff\xfe\x00",
    ],
)
def test_malformed_calls(body):
    with pytest.raises(MalformedCallError):
        parse_call(body)


@pytest.mark.parametrize(
    "head",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://192.0.2.1/">%p;]>',
        b"<!DOCTYPE methodCall>",
    ],
)
def test_document_types_are_refused(head):
    with pytest.raises(MalformedCallError, match="document type"):
        parse_call(head + call("<value>x</value>"))


def test_depth_is_bounded():
    nested = "<value><array><data>" * 5_000 + "</data></array></value>" * 5_000
    with pytest.raises(MalformedCallError, match="too deep"):
        parse_call(call(nested))


def test_number_of_elements_is_bounded(monkeypatch):
    monkeypatch.setattr(xmlparser, "MAX_ELEMENTS", 50)
    with pytest.raises(MalformedCallError, match="too many"):
        parse_call(call(*["<value>x</value>"] * 50))


def test_size_is_bounded(monkeypatch):
    monkeypatch.setattr(xmlparser, "MAX_BYTES", 100)
    with pytest.raises(MalformedCallError, match="size"):
        parse_call(call("<value>" + "x" * 100 + "</value>"))


_SCALARS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")))
    | st.booleans()
    | st.integers(-(2**31), 2**31 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=("Cs", "Cc"))), inner)
    ),
    max_leaves=12,
)


@given(st.lists(_VALUES, max_size=4))
def test_reads_what_the_standard_library_writes(values):
    body = xmlrpc.client.dumps(tuple(values), "VM.start").encode()
    parsed = parse_call(body)
    assert parsed.name == "VM.start"
    assert parsed.params == values


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_random_bytes_are_malformed_and_nothing_worse(body):
    with pytest.raises(MalformedCallError):
        parse_call(body)


@given(st.data())
def test_damaged_calls_parse_or_are_malformed(data):
    body = bytearray(
        call("<value><struct><member><name>k</name><value>v</value></member></struct>")
    )
    at = data.draw(st.integers(0, len(body) - 1))
    body[at] = data.draw(st.integers(0, 255))
    with suppress(MalformedCallError):
        assert isinstance(parse_call(bytes(body)).name, str)


def test_values_are_described_as_the_product_prints_them():
    value = ["a", 1, True, 1.5, None, {"k": DateTime("d")}, b"x"]
    assert describe(value) == "[S(a);I(1);B(true);F(1.5);N;{k:D(d)};B64(x)]"


def test_literals_are_quoted_as_the_product_prints_them():
    assert quote('a"b\\c\n\x01é') == '"a\\"b\\\\c\\n\\001\\195\\169"'
