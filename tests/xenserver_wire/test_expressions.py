"""The expression language of get_all_records_where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import Model
from hvsim_fakes.xenserver.expressions import database_text, parse

MODEL = Model.for_profile("xenserver-8")
VM = MODEL.classes["VM"]
ROW = MODEL.default_row("VM") | {
    "name_label": "web",
    "uuid": "u1",
    "is_a_template": False,
    "VCPUs_max": 2,
    "tags": ["a", "b'c"],
    "other_config": {"k": "v"},
}


def holds(text):
    return parse(text, VM)("OpaqueRef:1", ROW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("true", True),
        ("false", False),
        ('field "name__label" = "web"', True),
        ('"web" = field "name__label"', True),
        ('field "name__label" = "db"', False),
        ('field "uuid" = "u1" and field "is_a_template" = "false"', True),
        ('field "uuid" = "u1" and field "is_a_template" = "true"', False),
        ('field "uuid" = "x" or field "VCPUs__max" = "2"', True),
        ('not field "uuid" = "x"', True),
        ('not (field "uuid" = "x" or true)', False),
        ('(field "is_a_template"="false")and(field "uuid"="u1")', True),
        ('field "_ref" = "OpaqueRef:1"', True),
        ("true or false and false", False),
        ("not false or true", False),
        ("field \"tags\" = \"('a' 'b\\'c')\"", True),
        ("field \"other_config\" = \"(('k' 'v'))\"", True),
        ('field "resident_on" = "OpaqueRef:NULL"', True),
        ("\n\ttrue\n", True),
    ],
)
def test_expressions(text, expected):
    assert holds(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "field", 'field "uuid"', 'field "uuid" =', "(true", "true)", "true true", "and", "wombat",
        'field uuid = "x"', 'field "uuid" == "x"', '"unterminated', "not", "(" * 5_000,
    ],
)  # fmt: skip
def test_what_is_no_expression(text):
    with pytest.raises(XenError) as caught:
        holds(text)
    assert caught.value.code == "INVALID_VALUE"
    assert caught.value.params[0] == text


def test_unknown_field_fails_on_the_first_row():
    predicate = parse('field "wombat" = "x"', VM)
    with pytest.raises(XenError) as caught:
        predicate("OpaqueRef:1", ROW)
    assert caught.value.code == "INTERNAL_ERROR"


def test_values_as_the_database_writes_them():
    assert [database_text(v) for v in (True, 5, 1.0, [], {})] == ["true", "5", "1", "()", "()"]


@given(st.text(alphabet='truefalsndo()="field \n', max_size=60))
def test_any_text_parses_or_is_refused(text):
    try:
        outcome = holds(text)
    except XenError as error:
        outcome = error.code
    assert outcome in (True, False, "INVALID_VALUE", "INTERNAL_ERROR")
