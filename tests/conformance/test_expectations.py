import pytest
import toy

from hvsim_conformance.engine.execution import blank
from hvsim_conformance.engine.expectations import ExpectationsError, parse, read
from hvsim_conformance.engine.seeds import derive
from hvsim_conformance.engine.selection import (
    Item,
    Selection,
    SelectionError,
    choose_items,
    choose_profiles,
)
from hvsim_conformance.engine.verdict import Verdict

IDS = tuple(toy.REQUIREMENTS)
PROFILES = ("toy-old", "toy-new")
GOOD = """
# what we know
[[known]]
id = "TOY-1"
reason = "not yet"
issue = "https://issues.example/1"

[[known]]
id = "TOY-[23]"
profile = "toy-new"
reason = "new rules"

[[disabled]]
id = "TOY-2/set"
reason = "takes too long"
"""

ENTRY = '[[known]]\nid = "TOY-1"\nreason = "a"'


def item(requirement, profile=0, check=0):
    suite = toy.suite()
    checks = suite.checks_of(requirement, suite.profiles[profile])
    return Item(suite.requirements[requirement], suite.profiles[profile], checks[check])


def judged(requirement, verdict, profile=0):
    result = blank(item(requirement, profile), verdict, "found so")
    return parse(GOOD, "known.toml", IDS, PROFILES).judge(result)


def test_a_known_failure_is_no_failure_and_keeps_its_reason():
    result = judged("TOY-1", Verdict.FAIL)
    assert result.verdict is Verdict.KNOWN_FAILURE
    assert result.message == "not yet (found so)"
    assert result.issue == "https://issues.example/1"


def test_a_known_failure_that_passes_is_red():
    result = judged("TOY-1", Verdict.PASS)
    assert result.verdict is Verdict.FAIL
    assert result.unexpected_pass
    assert "remove its entry" in result.message


@pytest.mark.parametrize("verdict", [Verdict.ERROR, Verdict.UNSUPPORTED, Verdict.NOT_RUN])
def test_other_verdicts_stand(verdict):
    assert judged("TOY-1", verdict).verdict is verdict


def test_an_entry_can_be_for_one_profile_and_for_several_requirements():
    assert judged("TOY-3", Verdict.FAIL, profile=0).verdict is Verdict.FAIL
    assert judged("TOY-3", Verdict.FAIL, profile=1).verdict is Verdict.KNOWN_FAILURE
    assert judged("TOY-2", Verdict.FAIL, profile=1).verdict is Verdict.KNOWN_FAILURE


def test_a_single_variant_can_be_disabled():
    expectations = parse(GOOD, "known.toml", IDS, PROFILES)
    entry = expectations.disabled_for(item("TOY-2", profile=1, check=0))
    assert entry is not None
    assert entry.reason == "takes too long"
    assert expectations.disabled_for(item("TOY-2", profile=1, check=1)) is None


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ('\n[[known]]\nid = "TOY-1"\n', 2, "reason"),
        (ENTRY + '\n\n[[known]]\nid = "TOY-9"\nreason = "b"', 5, "TOY-9"),
        ('[[disabled]]\nid = "TOY-1"\nreason = ""', 1, "reason"),
        ('[[known]]\nid = "TOY-1"\nreason = "a"\nprofile = "odd"', 1, "toy-old, toy-new"),
        ('[[known]]\nid = "TOY-1"\nreason = "a"\nwhy = "b"', 1, "why"),
        ('[[known]]\nid = 1\nreason = "a"', 1, "string"),
        ('[known]\nid = "TOY-1"\nreason = "a"', 1, "two brackets"),
        ('# x\n[[broken]]\nid = "TOY-1"', 2, "not broken"),
        ('[[known]]\nid = "TOY-1\nreason = "a"', 2, "TOML"),
        ('[[known]]\nid = "TOY-1"\nid = "TOY-2"', 3, "TOML"),
        ("[[known", 1, "TOML"),
        ('[[disabled]]\nid = "nonsense"\nreason = "a"', 1, "a requirement of the catalogue"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_and_what_was_expected(text, line, expected):
    with pytest.raises(ExpectationsError) as caught:
        parse(text, "known.toml", IDS, PROFILES)
    message = str(caught.value)
    assert message.startswith(f"known.toml:{line}: expected ")
    assert expected in message


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "known.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(ExpectationsError, match="cannot be read"):
        read(path, IDS, PROFILES)


def chosen(selection, claimed=(toy.XS,)):
    suite = toy.suite()
    profiles = choose_profiles(suite, selection, claimed)
    return [f"{i.profile.id}:{i.name}" for i in choose_items(suite, selection, profiles)]


def test_by_default_the_default_profiles_of_what_the_implementation_handles():
    assert chosen(Selection()) == [
        "toy-old:TOY-1", "toy-old:TOY-2/set", "toy-old:TOY-3", "toy-old:TOY-4", "toy-old:TOY-5",
        "toy-old:TOY-6", "toy-old:TOY-7",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(ids=("TOY-2",), profiles=("toy-new",)), ["TOY-2/set", "TOY-2/new"]),
        (Selection(ids=("TOY-2/new",), profiles=("toy-new",)), ["TOY-2/new"]),
        (Selection(ids=("*-1", "TOY-[7]")), ["TOY-1", "TOY-7"]),
        (Selection(levels=(toy.Level.MAY,)), ["TOY-4"]),
        (Selection(levels=(toy.Level.SHOULD,), ids=("TOY-3",)), ["TOY-3"]),
    ],
)
def test_a_selection_by_id_level_and_profile(selection, expected):
    assert [name.partition(":")[2] for name in chosen(selection)] == expected
    assert selection.narrowed


def test_a_requirement_that_a_profile_relaxes_is_selected_by_its_level_there():
    from dataclasses import replace

    record = replace(toy.REQUIREMENTS["TOY-1"], relaxed={"toy-new": toy.Level.MAY})
    old, new = toy.PROFILES
    selection = Selection(levels=(toy.Level.MAY,))
    assert not selection.takes(record, old, record.id)
    assert selection.takes(record, new, record.id)


@pytest.mark.parametrize(
    ("selection", "claimed", "complaint"),
    [
        (Selection(ids=("POOL-*",)), (toy.XS,), "no requirement matches POOL-"),
        (Selection(profiles=("odd",)), (toy.XS,), "the profiles are: toy-old, toy-new"),
        (Selection(), (), "no profile"),
        (Selection(products=(toy.Product.SOLARIS,)), None, "no profile"),
        (Selection(products=(toy.Product.SOLARIS,), profiles=("toy-old",)), None, "no requirement"),
    ],
)
def test_a_selection_of_nothing_is_a_mistake(selection, claimed, complaint):
    with pytest.raises(SelectionError, match=complaint):
        chosen(selection, claimed)


def test_a_checks_seed_depends_on_the_runs_seed_and_its_name_alone():
    assert derive(1, "toy-old", "TOY-1") == derive(1, "toy-old", "TOY-1")
    others = {
        derive(1, "toy-old", "TOY-2"),
        derive(1, "toy-new", "TOY-1"),
        derive(2, "toy-old", "TOY-1"),
    }
    assert len({derive(1, "toy-old", "TOY-1"), *others}) == 4
    assert derive(1, "toy-old", "TOY-1") == 2132832943
    assert all(0 <= seed < 2**32 for seed in others)
