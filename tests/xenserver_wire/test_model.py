"""The data model as each profile's product serves it."""

import pytest

from hvsim.xenserver.model import NULL_REF, Model, Type, parse_type

PYTHON_TYPES = {
    "string": str,
    "int": int,
    "float": float,
    "bool": bool,
    "datetime": str,
    "ref": str,
    "enum": str,
    "set": list,
    "map": dict,
    "option": list,
    "record": dict,
}


@pytest.fixture(params=["xenserver-5.5", "xenserver-8"])
def model(request):
    return Model.for_profile(request.param)


@pytest.mark.parametrize(
    ("profile", "classes", "vm_fields", "api"),
    [("xenserver-5.5", 34, 62, (1, 6)), ("xenserver-8", 73, 92, (2, 21))],
)
def test_profile_is_a_filter_by_release(profile, classes, vm_fields, api):
    model = Model.for_profile(profile)
    assert len(model.classes) == classes
    assert len(model.classes["VM"].fields) == vm_fields
    assert model.api_version == api


def test_unknown_profile_is_refused():
    with pytest.raises(ValueError, match=r"xenserver-5\.5"):
        Model.for_profile("xenserver-1")


def test_model_is_built_once():
    assert Model.for_profile("xenserver-8") is Model.for_profile("xenserver-8")


def test_default_row_has_a_value_of_the_right_type_for_every_field(model):
    for cls in model.classes.values():
        row = model.default_row(cls.name)
        assert list(row) == list(cls.fields)
        for name, value in row.items():
            kind = cls.fields[name].type
            assert type(value) is PYTHON_TYPES[kind.kind], (cls.name, name)
            if kind.kind == "enum":
                assert value in model.enums[kind.enum]


def test_default_rows_share_nothing(model):
    first, second = model.default_row("VM"), model.default_row("VM")
    first["other_config"]["x"] = "y"
    first["tags"].append("z")
    assert second["other_config"] == {}
    assert second["tags"] == []
    assert second["resident_on"] == NULL_REF


def test_optional_defaults_have_their_type():
    model = Model.for_profile("xenserver-8")
    for message in model.messages.values():
        for param in message.params:
            if param.optional:
                assert type(param.default) is PYTHON_TYPES[param.type.kind], message.name


def test_later_messages_do_not_exist_and_removed_ones_say_so():
    old, new = Model.for_profile("xenserver-5.5"), Model.for_profile("xenserver-8")
    assert old.message("event.from") is None
    assert new.message("event.from") is not None
    assert not old.message("VIF_metrics.get_all").removed
    assert new.message("VIF_metrics.get_all").removed


def test_removed_and_prototyped_fields_stay_in_the_record():
    fields = Model.for_profile("xenserver-8").classes["VM"].fields
    assert fields["is_snapshot_from_vmpp"].state == "removed"
    assert fields["groups"].state == "prototyped"


def test_hand_declared_map_messages_count_as_generic():
    model = Model.for_profile("xenserver-8")
    add = model.message("VM.add_to_other_config")
    assert (add.kind, add.field) == ("field_add", "other_config")
    remove = model.message("VM.remove_tags")
    assert (remove.kind, remove.field) == ("field_remove", "tags")
    assert model.message("VM.add_to_VCPUs_params_live").kind == "custom"


def test_generic_field_messages_name_an_existing_field(model):
    for message in model.messages.values():
        if message.kind.startswith("field_"):
            assert message.field in model.classes[message.cls].fields, message.name


def test_message_facts():
    start = Model.for_profile("xenserver-8").message("VM.start")
    assert [p.name for p in start.params] == ["vm", "start_paused", "force"]
    assert start.is_async
    assert "read-only" not in start.roles
    login = Model.for_profile("xenserver-8").message("session.login_with_password")
    assert (login.session, login.required, len(login.params)) == (False, 2, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("VM ref", Type("ref", cls="VM")),
        ("string set set", Type("set", of=Type("set", of=Type("string")))),
        (
            "(VM ref -> (string -> string) map) map",
            Type(
                "map",
                key=Type("ref", cls="VM"),
                value=Type("map", key=Type("string"), value=Type("string")),
            ),
        ),
        ("sr_stat record option", Type("option", of=Type("record", cls="sr_stat"))),
        ("secret", Type("string", secret=True)),
    ],
)
def test_type_notation(text, expected):
    assert parse_type(text) == expected


def test_unknown_type_notation_is_refused():
    with pytest.raises(ValueError, match="wombat"):
        parse_type("wombat")


def test_classes_are_found_in_any_case(model):
    assert model.class_named("vm").name == "VM"
    assert model.class_named("nothing") is None
