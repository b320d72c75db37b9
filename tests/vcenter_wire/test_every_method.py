"""Every method of vim25, called with whatever its parameters allow, answers in vSphere's words."""

import logging
from random import Random

import pytest

from hvsim_fakes.vcenter import coverage, registry
from vcenter_wire.vim import FaultError, Vim

SCALARS = {
    "boolean": ("true", "false"),
    "byte": ("0", "-1"),
    "short": ("0", "7"),
    "int": ("0", "1", "-1", "2147483647"),
    "long": ("0", "5", "-9223372036854775808"),
    "float": ("0", "1.5"),
    "double": ("0", "-2.5"),
    "string": ("", "x", "%", "name/with\\all", "\u00e9\U0001f600", "[datastore1] a/b.vmx"),
    "anyURI": ("", "ds:///x"),
    "dateTime": ("2026-01-05T08:00:00Z", "1970-01-01T00:00:00.123456789+02:00"),
    "base64Binary": ("", "AAAA"),
}
DEEPEST = 4
VERSION = "vim.version.v8_0_3_0"
WAITS = {"WaitForUpdates", "WaitForUpdatesEx"}
"""With neither filter nor bound they wait for ever, as they should."""


class Maker:
    """Makes arguments: required ones always, others by chance."""

    def __init__(self, vim, seed):
        self.vim, self.random = vim, Random(seed)

    def fields(self, known, depth):
        return "".join(self.element(f, depth) for f in known.values() if self.wanted(f, depth))

    def wanted(self, field, depth):
        if not registry.visible(field.since, VERSION):
            return False
        return not (field.optional or field.many) or self.random.random() < 0.5 / depth

    def element(self, field, depth):
        count = self.random.choice((1, 2)) if field.many else 1
        return "".join(self.one(field, depth) for _ in range(count))

    def one(self, field, depth):
        name, chosen = field.name, self.random.choice
        if field.kind == "scalar":
            text = chosen(SCALARS[field.type]).replace("&", "&amp;")
            return f"<{name}>{text}</{name}>"
        if field.kind == "enum":
            return f"<{name}>{chosen(sorted(registry.enum_values(field.type)))}</{name}>"
        if field.kind == "any":
            return f'<{name} xsi:type="xsd:int">5</{name}>'
        if field.kind == "reference":
            kind, moid = self.reference(field.type)
            return f'<{name} type="{kind}">{moid}</{name}>'
        known = registry.shape(field.type)
        inner = self.fields(known.fields, depth + 1) if depth < DEEPEST else ""
        return f"<{name}>{inner}</{name}>"

    def reference(self, wanted):
        objects = self.vim.vcenter.store.objects.values()
        fitting = [o.ref for o in objects if registry.is_a(o.type, wanted)]
        if not fitting or self.random.random() < 0.1:
            return wanted, "nothing-1"
        found = self.random.choice(fitting)
        return found.type, found.moid


def methods():
    return [one for one in coverage.methods() if one.name not in WAITS]


def refusal_of(vim, maker, method):
    """Call a method with made arguments; return what it is refused with, None when it is not."""
    kind, moid = maker.reference(method.owner)
    try:
        vim.call(method.name, f"{kind} {moid}", maker.fields(method.params, 1))
    except FaultError as refusal:
        return refusal
    return None


@pytest.mark.parametrize("seed", range(3))
def test_no_call_is_a_fault_of_the_simulator(seed, caplog):
    vim = Vim().login()
    maker = Maker(vim, seed)
    with caplog.at_level(logging.ERROR):
        for method in methods():
            if method.name in ("Logout", "Login", "LoginByToken", "TerminateSession"):
                continue
            refusal = refusal_of(vim, maker, method)
            assert refusal is None or refusal.name, method.name
            assert "Traceback" not in str(refusal)
            vim.world.advance(1)
    assert [event.after for event in vim.world.log.since(0) if event.kind == "crash"] == []
    assert [record.getMessage() for record in caplog.records] == []


def test_no_method_is_open_to_strangers():
    vim = Vim()
    maker = Maker(vim, 9)
    served = []
    for method in methods():
        refusal = refusal_of(vim, maker, method)
        if refusal is None:
            served.append(method.name)
        elif refusal.name not in ("NotAuthenticated", "InvalidRequest"):
            assert method.privilege == "System.Anonymous", method.name
            assert refusal.name in ("InvalidLogin", "MethodNotFound", "ManagedObjectNotFound")
    assert set(served) <= {"RetrieveServiceContent", "Fetch"}
