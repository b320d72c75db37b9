"""Tags are made of commands: a journal brings them back, with the same identifiers."""

import random

import pytest

from hvsim import commands, journal, scenario
from hvsim.vcenter.tagging import TaggingRefusal
from hvsim.vcenter.tagging_command import TaggingChange
from vclabs import lab


def disturb(vcenter, stream):
    """Change tags one way or another; some changes are refused."""
    tagging = vcenter.tagging
    category = stream.choice([*tagging.categories, "none"])
    tag = stream.choice([*tagging.tags, "none"])
    vm = {"kind": "VirtualMachine", "moid": f"vm-{stream.randint(1, 5)}"}
    name = stream.choice("abcd")
    made = {"name": name, "description": ""}
    kinds = {"cardinality": stream.choice(["SINGLE", "MULTIPLE"]), "associable_types": []}
    change, args = stream.choice(
        [
            ("create_category", {"spec": made | kinds}),
            ("update_category", {"identifier": category, "spec": {"name": name}}),
            ("create_tag", {"spec": made | {"category_id": category}}),
            ("create_tag", {"spec": made | {"category_id": category}}),
            ("update_tag", {"identifier": tag, "spec": {"description": name}}),
            ("delete_tag", {"identifier": tag}),
            ("attach", {"identifier": tag} | vm),
            ("attach", {"identifier": tag} | vm),
            ("detach", {"identifier": tag} | vm),
            ("add_user", {"identifier": tag, "entity": name}),
            ("remove_user", {"identifier": tag, "entity": name}),
        ]
    )
    if stream.random() < 0.05:
        change, args = "delete_category", {"identifier": category}
    try:
        vcenter.world.execute(TaggingChange(vcenter="vc1", change=change, args=args))
    except TaggingRefusal:
        return


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_journal_replays_to_the_same_tags(seed):
    vcenter = lab(seed=seed)
    stream = random.Random(seed)
    for _ in range(200):
        disturb(vcenter, stream)
        vcenter.world.advance(stream.choice([0.0, 1.0]))
    told = [event for event in vcenter.world.log.since(0) if "/tag/" in event.subject]
    assert len(told) > 30
    lines = [entry.line() for entry in vcenter.world.journal.entries]
    twin = scenario.build(vcenter.world.origin, vcenter.world.seed)
    twin.replay(journal.parse(lines), vcenter.world.now)
    assert twin.log.digest == vcenter.world.log.digest
    assert twin.product("vc1").tagging == vcenter.tagging


def test_arguments_that_are_wrong_are_told():
    world = lab().world
    for change, args in (
        ("attach", {}),
        ("create_tag", {"spec": {}}),
        ("create_category", {"spec": 7}),
        ("delete_tag", {"identifier": "x", "more": 1}),
    ):
        with pytest.raises(commands.CommandError, match=f"the arguments of {change} are wrong"):
            world.execute(TaggingChange(vcenter="vc1", change=change, args=args))
    with pytest.raises(commands.CommandError):
        commands.decode({"kind": "vcenter.tagging", "vcenter": "vc1", "change": "explode"})
