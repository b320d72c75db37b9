"""Parameters get their types, or the product's own complaint."""

import pytest

from hvsim.xenserver.errors import XenError
from hvsim.xenserver.model import Model, parse_type
from hvsim_fakes.xenserver.unmarshal import Unmarshaller
from hvsim_fakes.xenserver.values import DateTime

MODEL = Model.for_profile("xenserver-8")
TYPES = Unmarshaller(MODEL)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "x", "x"),
        ("int", "12", 12),
        ("int", 12, 12),
        ("int", "0x10", 16),
        ("int", "-1_000", -1000),
        ("int", "007", 7),
        ("float", "1.5", 1.5),
        ("float", 2, 2.0),
        ("bool", True, True),
        ("datetime", DateTime("20260105T08:00:00Z"), "20260105T08:00:00Z"),
        ("datetime", "2026-01-05T08:00:00Z", "20260105T08:00:00Z"),
        ("VM ref", "OpaqueRef:x", "OpaqueRef:x"),
        ("enum vm_power_state", "running", "Running"),
        ("enum bond_mode", "balance-slb", "balance-slb"),
        ("string set", ["a"], ["a"]),
        ("(string -> string) map", {"a": "b"}, {"a": "b"}),
        ("(int -> int) map", {"0x1": "2"}, {"1": 2}),
    ],
)
def test_fitting_values(kind, value, expected):
    typed = TYPES.typed(parse_type(kind), value)
    assert typed == expected
    assert type(typed) is type(expected)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("string", 5, "Failure(\"Expected string, got 'I(5)'\")"),
        ("string", DateTime("d"), "Failure(\"Expected string, got 'D(d)'\")"),
        ("bool", "true", "Failure(\"Expected bool, got 'S(true)'\")"),
        ("bool", 1, "Failure(\"Expected bool, got 'I(1)'\")"),
        ("int", "x", 'Failure("Int64.of_string")'),
        ("int", str(2**63), 'Failure("Int64.of_string")'),
        ("int", 1.5, "Failure(\"Expected int64, got 'F(1.5)'\")"),
        ("int", True, "Failure(\"Expected int64, got 'B(true)'\")"),
        ("float", "x", 'Failure("float_of_string")'),
        ("enum vm_power_state", "asleep", 'Failure("Unknown tag/contents")'),
        ("string set", "a", "Failure(\"Expecting Rpc.Enum, but found 'S(a)'\")"),
        ("string set", [1], "Failure(\"Expected string, got 'I(1)'\")"),
        ("(string -> string) map", [], "Failure(\"Expecting Rpc.Dict, but found '[]'\")"),
        ("datetime", 5, 'Failure("Date.t_of_rpc")'),
        ("datetime", "today", "Invalid argument: Clock__Date.of_iso8601: today"),
    ],
)
def test_misfits_are_internal_errors_with_the_products_text(kind, value, text):
    with pytest.raises(XenError) as caught:
        TYPES.typed(parse_type(kind), value)
    assert caught.value.description == ["INTERNAL_ERROR", text]


def test_constructor_fills_defaults_and_drops_the_unknown():
    fields = TYPES.constructor(
        MODEL.classes["network"],
        {"name_label": "n", "name_description": "", "other_config": {}, "wombat": "x"},
    )
    assert fields["MTU"] == 1500
    assert "wombat" not in fields
    assert "PIFs" not in fields


def test_constructor_names_the_missing_field():
    with pytest.raises(XenError) as caught:
        TYPES.constructor(MODEL.classes["VM"], {"name_description": ""})
    assert caught.value.description == [
        "INTERNAL_ERROR",
        'Server_helpers.Dispatcher_FieldNotFound("user_version")',
    ]


def test_constructor_wants_a_struct():
    with pytest.raises(XenError, match="bad __structure"):
        TYPES.constructor(MODEL.classes["VM"], [])
