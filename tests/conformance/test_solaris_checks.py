"""The checks of Solaris zones: right implementations pass, a wrong product is noticed."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hvsim.zones import installing, power
from hvsim_conformance.adapters.loading import PythonHost, load_factory
from hvsim_conformance.adapters.model import Credentials, Session
from hvsim_conformance.engine.execution import Task, execute
from hvsim_conformance.engine.suite import builtin
from hvsim_conformance.engine.verdict import Verdict
from hvsim_conformance.reference.solaris.driver import SolarisDriver, _facts
from hvsim_fakes.zones import listing

PROFILES = ("solaris-10", "solaris-11", "omnios")


def run(requirement, profile, variant=""):
    suite = builtin()
    host = PythonHost(load_factory(str(suite.reference)))
    return execute(suite, Task(requirement, profile, variant, seed=1), host)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("requirement", "variant"),
    [("ZONE-7", ""), ("POWER-SOL-1", "reboot"), ("STATE-SOL-1", ""), ("MIG-SOL-2", "")],
)
def test_reference_passes(requirement, variant, profile):
    result = run(requirement, profile, variant)
    assert result.verdict is Verdict.PASS, result


def test_every_requirement_of_the_product_has_a_check():
    suite = builtin()
    for name in PROFILES:
        profile = suite.profile(name)
        for record in suite.requirements.values():
            if name in record.profiles and not record.untested:
                assert suite.checks_of(record.id, profile), record.id


def test_a_product_that_lists_no_configured_zones_is_noticed(monkeypatch):
    monkeypatch.setattr(listing, "entry_of", _without_state(listing.entry_of))
    result = run("ZONE-1", "solaris-10")
    assert result.verdict is Verdict.FAIL
    assert "not as configured" in result.message


def test_a_product_that_installs_in_no_state_is_noticed(monkeypatch):
    monkeypatch.setattr(installing, "_begin_making", lambda *_: None)
    result = run("ZONE-7", "solaris-10")
    assert result.verdict is Verdict.FAIL
    assert "not as incomplete" in result.message


def test_a_product_that_always_takes_zones_down_is_noticed(monkeypatch):
    def halting(host, zone):
        host.change(zone, state="installed", id=None)
        yield from ()

    monkeypatch.setattr(power, "halting", halting)
    result = run("STATE-SOL-1", "solaris-10")
    assert result.verdict is Verdict.FAIL
    assert "not down" in result.message


@pytest.mark.parametrize(
    "line",
    [
        "3:z1:running:/zones/z1:u-1:native:shared",
        "3:z1:running:/zones/z1:u-1:solaris:excl:-:",
        "3:z1:running:/zones/z\\:1:u-1:solaris:excl:-::",
        "3:z1:running:/zones/z1:u-1:lipkg:excl:7",
    ],
)
def test_lists_of_every_release_are_read(line):
    facts = _facts(line)
    assert (facts.id, facts.name, facts.state, facts.uuid) == ("3", "z1", "running", "u-1")


def test_nobody_there_is_no_fault_of_the_reference():
    session = Session("x", "solaris-10", 1)
    driver = SolarisDriver("ssh://127.0.0.1:9", Credentials("root", "x"), session)
    driver.refresh()
    assert (driver.hosts(), driver.guests(), driver.lost) == ((), (), True)
    driver.close()


def _without_state(entry_of):
    def changed(zone):
        made = entry_of(zone)
        return SimpleNamespace(
            **{name: getattr(made, name) for name in made.__slots__ if name != "state"},
            state="installed",
        )

    return changed
