"""The checks of VMware: right implementations pass, a wrong product is noticed."""

from __future__ import annotations

import pytest

from hvsim.vcenter import ha, host, names
from hvsim_conformance.adapters.loading import PythonHost, load_factory
from hvsim_conformance.engine.execution import Task, execute
from hvsim_conformance.engine.suite import builtin
from hvsim_conformance.engine.verdict import Verdict

PROFILES = ("vsphere-4", "vsphere-8")


def run(requirement, profile, variant=""):
    suite = builtin()
    found = PythonHost(load_factory(str(suite.reference)))
    return execute(suite, Task(requirement, profile, variant, seed=1), found)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    "requirement", ["NAME-VMW-3", "MIG-VMW-2", "MIG-VMW-3", "HA-VMW-2", "MAINT-VMW-2"]
)
def test_reference_passes(requirement, profile):
    result = run(requirement, profile)
    assert result.verdict is Verdict.PASS, result


def test_every_requirement_of_the_product_alone_has_a_check_or_a_reason():
    suite = builtin()
    for name in PROFILES:
        profile = suite.profile(name)
        for record in suite.requirements.values():
            if "-VMW-" in record.id and not record.untested:
                assert suite.checks_of(record.id, profile), record.id


def test_a_product_that_keeps_symbols_is_noticed(monkeypatch):
    monkeypatch.setattr(names, "escape", lambda name: name)
    result = run("NAME-VMW-4", "vsphere-8")
    assert result.verdict is Verdict.FAIL
    assert "the wire shows the names" in result.message


def test_a_product_that_restarts_nothing_is_noticed(monkeypatch):
    monkeypatch.setattr(ha, "is_on", lambda _: False)
    result = run("HA-VMW-2", "vsphere-8")
    assert result.verdict is Verdict.FAIL


def test_a_product_that_does_not_wait_for_guests_is_noticed(monkeypatch):
    monkeypatch.setattr(host, "_empty", lambda *_, **__: iter(()))
    result = run("MAINT-VMW-2", "vsphere-8")
    assert result.verdict is Verdict.FAIL
    assert "with a running guest the task is success" in result.message
