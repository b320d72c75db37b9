"""Arguments of Ansible's modules: what fits a specification and what does not."""

from __future__ import annotations

import base64
import json

import pytest

from hvsim_fakes.winrm.ansible import bootstrap
from hvsim_fakes.winrm.ansible.spec import NO_LOG, SpecError, judge


def options(**rules):
    return {"options": rules}


def test_options_have_types_defaults_and_aliases():
    spec = options(
        name={"type": "str", "required": True, "aliases": ["vm"]},
        count={"type": "int", "default": 2},
        on={"type": "bool"},
        tags={"type": "list", "elements": "str"},
        more={"type": "dict"},
        share={"type": "float"},
        any={"type": "raw"},
        text={"type": "json"},
    )
    given = {
        "VM": 5,
        "on": "yes",
        "tags": "a, b",
        "more": "x=1 y=2",
        "share": "0.5",
        "any": [1],
        "text": {"a": 1},
    }
    assert judge("m", given, spec).params == {
        "name": "5",
        "count": 2,
        "on": True,
        "tags": ["a", "b"],
        "more": {"x": "1", "y": "2"},
        "share": 0.5,
        "any": [1],
        "text": '{"a":1}',
    }


@pytest.mark.parametrize(
    ("given", "spec", "told"),
    [
        ({"b": 1}, options(a={}), "Unsupported parameters for (m) module: b. Supported parameters"),
        ({}, options(a={"required": True}), "missing required arguments: a"),
        ({"a": "x"}, options(a={"type": "int"}), "argument for a is of type System.String and we"),
        ({"a": "x"}, options(a={"type": "bool"}), "'x' is not a valid boolean."),
        ({"a": "z"}, options(a={"choices": ["x", "y"]}), "value of a must be one of: x, y. Got no"),
        (
            {"a": ["z"]},
            options(a={"type": "list", "choices": ["x"]}),
            "value of a must be one or more of: x. Got no match for: z",
        ),
        (
            {"a": 1, "b": 1},
            options(a={}, b={}) | {"mutually_exclusive": [["a", "b"]]},
            "parameters are mutually exclusive: a, b",
        ),
        (
            {"a": 1},
            options(a={}, b={}) | {"required_together": ["a", "b"]},
            "parameters are required together: a, b",
        ),
        (
            {},
            options(a={}, b={}) | {"required_one_of": [["a", "b"]]},
            "one of the following is required: a, b",
        ),
        (
            {"a": "on"},
            options(a={}, b={}) | {"required_if": [["a", "on", ["b"]]]},
            "a is on but all of the following are missing: b",
        ),
        (
            {"a": "on"},
            options(a={}, b={}, c={}) | {"required_if": [["a", "on", ["b", "c"], True]]},
            "a is on but any of the following are missing: b, c",
        ),
        (
            {"a": 1},
            options(a={}, b={}) | {"required_by": {"a": ["b"]}},
            "missing parameter(s) required by 'a': b",
        ),
        (
            {"a": {"c": 1}},
            options(a={"type": "dict", "options": {"b": {}}}),
            "Unsupported parameters for (m) module: c found in a.",
        ),
    ],
)
def test_what_does_not_fit_is_told(given, spec, told):
    with pytest.raises(SpecError) as caught:
        judge("m", given, spec)
    assert told in str(caught.value)


def test_options_within_options_are_judged_too():
    spec = options(disks={"type": "list", "elements": "dict", "options": {"gb": {"type": "int"}}})
    assert judge("m", {"disks": [{"gb": "5"}]}, spec).params == {"disks": [{"gb": 5}]}


def test_choices_mind_case_and_say_so():
    judged = judge("m", {"a": "ON"}, options(a={"choices": ["on"]}))
    assert judged.params == {"a": "ON"}
    assert "case insensitive match" in judged.warnings[0]


def test_secrets_are_not_shown():
    judged = judge("m", {"a": "s3cret"}, options(a={"no_log": True}))
    assert judged.params == {"a": "s3cret"}
    assert judged.shown == {"a": NO_LOG}
    assert judged.secrets == {"s3cret"}


def manifest(**changes):
    script = {"path": "m.ps1", "script": base64.b64encode(b"'x'").decode()}
    params = {
        "Script": "m.ps1",
        "Environment": {"A": 1},
        "Variables": [{"Name": "complex_args", "Value": {"name": "vm"}, "Scope": "Global"}],
        "PowerShellModules": [],
        "ForModule": True,
    }
    action = {"name": "module_wrapper.ps1", "params": params, "secure_params": {}}
    return {"scripts": {"m.ps1": script}, "actions": [action]} | changes


def test_a_manifest_is_read():
    found = bootstrap.read_manifest(json.dumps(manifest()))
    assert (found.name, found.script, found.arguments) == ("m.ps1", "'x'", {"name": "vm"})
    assert found.environment == {"A": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        json.dumps(manifest(actions=[{"name": "async_wrapper.ps1"}])),
        json.dumps(manifest(scripts={})),
        json.dumps(manifest(scripts={"m.ps1": {"script": "!"}})),
    ],
)
def test_what_is_no_manifest_is_refused(text):
    with pytest.raises(bootstrap.ManifestError):
        bootstrap.read_manifest(text)


def test_the_wrapper_ends_at_four_null_characters():
    lines = iter(['{"name": "exec_wrapper",', '"params": {"a": 1}}', "\0\0\0\0", "rest"])
    wrapped = bootstrap.read_wrapped(lines)
    assert (wrapped.name, wrapped.params) == ("exec_wrapper", {"a": 1})
    assert list(lines) == ["rest"]


def test_the_manifest_of_older_releases_is_read():
    told = {
        "module_entry": base64.b64encode(b"'x'").decode(),
        "module_args": {"_ansible_module_name": "ns.c.m", "name": "vm"},
        "actions": ["module_powershell_wrapper"],
    }
    found = bootstrap.read_older_manifest(iter(["wrapper", "\0\0\0\0" + json.dumps(told)]))
    assert (found.name, found.script) == ("ns.c.m.ps1", "'x'")
    with pytest.raises(bootstrap.ManifestError):
        bootstrap.read_older_manifest(iter(["\0\0\0\0" + json.dumps(told | {"actions": []})]))
