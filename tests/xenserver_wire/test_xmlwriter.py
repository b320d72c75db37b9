"""Writing XML-RPC answers: byte for byte where the format is documented, and fit to be read."""

import xmlrpc.client

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim.xenserver.model import Model, parse_type
from hvsim_fakes.xenserver import xmlwriter

MODEL = Model.for_profile("xenserver-8")


def written(kind, value):
    return xmlwriter.result(MODEL, parse_type(kind), value)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("void", None, b"<value></value>"),
        ("string", "a<b>&\"c'", b"<value>a&lt;b&gt;&amp;&quot;c'</value>"),
        ("string", "tab\tbell\x07", b"<value>tab\tbell</value>"),
        ("string", "gr\u00fc\u00df", "<value>grüß</value>".encode()),
        ("int", 1073741824, b"<value>1073741824</value>"),
        ("int", -1, b"<value>-1</value>"),
        ("bool", True, b"<value><boolean>1</boolean></value>"),
        ("float", 0.1, b"<value><double>0.1</double></value>"),
        ("float", 1.0, b"<value><double>1</double></value>"),
        (
            "datetime",
            "20260105T08:00:00Z",
            b"<value><dateTime.iso8601>20260105T08:00:00Z</dateTime.iso8601></value>",
        ),
        ("VM ref", "OpaqueRef:NULL", b"<value>OpaqueRef:NULL</value>"),
        ("string set", [], b"<value><array><data></data></array></value>"),
        (
            "string set",
            ["CX8", "FPU"],
            b"<value><array><data><value>CX8</value><value>FPU</value></data></array></value>",
        ),
        ("(string -> string) map", {}, b"<value><struct></struct></value>"),
        (
            "(string -> float) map",
            {"Mike": 2.5},
            (
                b"<value><struct><member><name>Mike</name><value><double>2.5</double></value>"
                b"</member></struct></value>"
            ),
        ),
        (
            "(VM ref -> string set) map",
            {"OpaqueRef:1": ["A"]},
            (
                b"<value><struct><member><name>OpaqueRef:1</name><value><array><data><value>A</value>"
                b"</data></array></value></member></struct></value>"
            ),
        ),
    ],
)
def test_types_on_the_wire(kind, value, expected):
    assert written(kind, value) == expected


def test_a_truth_value_and_a_number_never_mix():
    assert written("int", 1) == b"<value>1</value>"
    assert written("bool", True) == b"<value><boolean>1</boolean></value>"
    assert written("int", 0) == b"<value>0</value>"


def test_failure_document():
    assert xmlwriter.failure(["SESSION_INVALID", "OpaqueRef:x"]) == (
        b'<?xml version="1.0"?><methodResponse><params><param><value><struct>'
        b"<member><name>Status</name><value>Failure</value></member>"
        b"<member><name>ErrorDescription</name><value><array><data><value>SESSION_INVALID</value>"
        b"<value>OpaqueRef:x</value></data></array></value></member>"
        b"</struct></value></param></params></methodResponse>"
    )


def test_success_document():
    assert xmlwriter.success(b"<value>x</value>") == (
        b'<?xml version="1.0"?><methodResponse><params><param><value><struct>'
        b"<member><name>Status</name><value>Success</value></member>"
        b"<member><name>Value</name><value>x</value></member>"
        b"</struct></value></param></params></methodResponse>"
    )


@pytest.mark.parametrize("profile", ["xenserver-5.5", "xenserver-8"])
def test_records_of_every_class_read_back(profile):
    model = Model.for_profile(profile)
    for cls in model.classes.values():
        if not cls.in_database:
            continue
        row = model.default_row(cls.name)
        body = xmlwriter.success(xmlwriter.record_writer(model, cls.name)(row))
        ((answer,), _) = xmlrpc.client.loads(body)
        assert answer["Value"].keys() == row.keys(), cls.name
        for name, value in row.items():
            _assert_same(cls.fields[name].type.kind, value, answer["Value"][name])


def _assert_same(kind, value, read):
    if kind == "int":
        assert read == str(value)
    elif kind == "set":
        assert read == [str(item) for item in value]
    elif kind == "datetime":
        assert read == xmlrpc.client.DateTime(value)
    else:
        assert read == value
        assert type(read) is type(value)


def test_record_member_is_the_record_under_its_reference():
    row = MODEL.default_row("network")
    writer = xmlwriter.record_writer(MODEL, "network")
    expected = b"<member><name>OpaqueRef:1</name>" + writer(row) + b"</member>"
    assert writer.member("OpaqueRef:1", row) == expected


def test_percent_signs_are_only_text():
    row = MODEL.default_row("network") | {"name_label": "100 %s %d %%"}
    assert b"<value>100 %s %d %%</value>" in xmlwriter.record_writer(MODEL, "network")(row)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_strings_read_back(text):
    body = xmlwriter.success(written("string", text))
    assert xmlrpc.client.loads(body)[0][0]["Value"] == text.replace("\r\n", "\n").replace(
        "\r", "\n"
    )


@given(st.text())
def test_any_string_gives_a_well_formed_document(text):
    text = text.encode("utf-8", "replace").decode()
    xmlrpc.client.loads(xmlwriter.success(written("string", _carried(text))))


def _carried(text):
    # U+FFFE and U+FFFF are no XML characters; the product writes them all the same.
    return text.replace("\ufffe", "").replace("\uffff", "")
