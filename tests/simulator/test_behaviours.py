from __future__ import annotations

import re
from pathlib import Path

import pytest

from hvsim import behaviour_page, behaviours, modules, xenserver
from hvsim.behaviours import BehaviourSwitch
from hvsim.errors import CommandError
from hvsim.profiles import PROFILES, profiles_of
from hvsim_conformance import catalogue
from labs import small_pool

modules.load()
KNOWN = behaviours.all_of()


HABIT = "ha-refuses-shutdown"
"""A behaviour of the old release."""


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.id)
def test_each_is_documented(known):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", known.id)
    assert known.text.endswith(".")
    assert known.source
    assert known.version >= 1
    assert known.profiles or known.switchable
    assert {PROFILES[name].product for name in known.profiles} <= {known.product}


def test_each_names_requirements_that_exist():
    ids = set(catalogue.load())
    named = {name for known in KNOWN for name in known.requirements}
    assert named <= ids


def test_profiles_are_those_of_the_design():
    assert set(PROFILES) == {
        "vsphere-4", "vsphere-8", "scvmm-2008r2", "scvmm-2012r2", "scvmm-2019", "xenserver-5.5",
        "xenserver-8", "rhel5-xen", "solaris-10", "solaris-11", "omnios",
    }  # fmt: skip
    assert [profile.name for profile in profiles_of("xenserver")] == [
        "xenserver-5.5",
        "xenserver-8",
    ]


def test_the_releases_differ():
    old = {known.id for known in PROFILES["xenserver-5.5"].behaviours}
    new = {known.id for known in PROFILES["xenserver-8"].behaviours}
    assert "ha-refuses-shutdown" in old - new
    assert "ha-shutdown-lifts-protection" in new - old
    assert "master-may-be-disabled" in old & new


def test_what_follows_the_profile_refuses_to_be_switched():
    pool = small_pool()
    fixed = next(known.id for known in behaviours.all_of("xenserver") if not known.switchable)
    with pytest.raises(CommandError, match="follows the profile and cannot be switched"):
        pool.world.execute(BehaviourSwitch(product="pool1", behaviour=fixed, on=True))


def test_what_can_be_switched_is_what_the_code_asks_for():
    package = Path(xenserver.__file__).parent
    code = "".join(path.read_text() for path in sorted(package.rglob("*.py")))
    asked = set(re.findall(r"\.has\(\s*\"([a-z0-9-]+)\"", code))
    assert {known.id for known in behaviours.all_of("xenserver") if known.switchable} == asked


def test_a_pool_begins_with_its_profiles_and_can_be_switched():
    pool = small_pool("xenserver-8")
    assert list(pool.behaviours) == [b.id for b in PROFILES["xenserver-8"].behaviours]
    assert not pool.has(HABIT)
    pool.world.execute(BehaviourSwitch(product="pool1", behaviour=HABIT, on=True))
    assert pool.has(HABIT)
    event = pool.world.log.since(0)[-1]
    assert (event.kind, event.before, event.after) == ("behaviour", {"on": False}, {"on": True})


def test_misspelt_names_are_noticed():
    pool = small_pool()
    with pytest.raises(AssertionError, match="no behaviour is called"):
        pool.has("ha-refuse-shutdown")
    with pytest.raises(CommandError, match="did you mean 'ha-refuses-shutdown'"):
        pool.world.execute(
            BehaviourSwitch(product="pool1", behaviour="ha-refuse-shutdown", on=True)
        )


def test_a_name_is_registered_once():
    with pytest.raises(AssertionError, match="registered twice"):
        behaviours.register([KNOWN[0]])


def test_the_page_in_the_repository_is_current():
    told = (Path(__file__).parents[2] / "docs" / "behaviours" / "xenserver.md").read_text("utf-8")
    command = "python -m hvsim.behaviour_page xenserver > docs/behaviours/xenserver.md"
    assert told == behaviour_page.page("xenserver"), f"run: {command}"
