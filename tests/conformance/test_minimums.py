"""How much of the shipped suite a run has to execute to be green."""

import pytest

from hvsim_conformance.adapters.model import Capabilities, Feature
from hvsim_conformance.engine import run
from hvsim_conformance.engine.selection import Selection, choose_items
from hvsim_conformance.engine.suite import builtin

PROFILES = (
    "vsphere-4",
    "vsphere-8",
    "scvmm-2008r2",
    "scvmm-2019",
    "xenserver-5.5",
    "xenserver-8",
    "rhel5-xen",
    "solaris-10",
    "solaris-11",
    "omnios",
)


def minimum(name, *features, selection=None):
    suite = builtin()
    items = choose_items(suite, Selection(), [suite.profile(name)])
    claims = Capabilities("some", "1", (suite.profile(name).product,), features)
    return run._minimums(items, selection or Selection(), claims)[name]


def checked(name, without=()):
    suite = builtin()
    profile = suite.profile(name)
    return [
        record.id
        for record in suite.requirements.values()
        if suite.checks_of(record.id, profile)
        and not {*record.needs} & {*without}
        and any(not {*c.needs} & {*without} for c in suite.checks_of(record.id, profile))
    ]


@pytest.mark.parametrize("name", PROFILES)
def test_the_minimum_is_every_requirement_that_has_a_check(name):
    assert minimum(name, *Feature) == len(checked(name))


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("declined", [{Feature.SPARE}, {Feature.BACKUP}, set(Feature)])
def test_what_is_not_offered_is_taken_off(name, declined):
    offered = [feature for feature in Feature if feature not in declined]
    assert minimum(name, *offered) == len(checked(name, declined)) < len(checked(name))


def test_a_narrowed_run_has_to_execute_one():
    assert minimum("xenserver-8", *Feature, selection=Selection(ids=("POOL-1",))) == 1
