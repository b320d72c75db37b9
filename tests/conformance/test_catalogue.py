import re
from collections import Counter
from pathlib import Path

import pytest

from hvsim_conformance import catalogue, profiles
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.page import render
from hvsim_conformance.engine.suite import builtin

AREAS = {
    "NAME": 14, "POWER": 23, "ZONE": 8, "HA": 9, "SPARE": 11, "MIG": 21, "STATE": 10,
    "MAINT": 18, "EXT": 5, "HOME": 8, "POOL": 15, "REG": 3, "BACKUP": 27,
}  # fmt: skip
SERIES = {
    "NAME-VMW": 6, "NAME-HV": 2, "NAME-XEN": 5, "NAME-SOL": 1, "POWER-ALL": 4, "POWER-XS": 13,
    "POWER-RH5": 5, "POWER-SOL": 1, "ZONE": 8, "HA-VMW": 2, "HA-HV": 2, "HA-XS": 3, "HA-RH5": 1,
    "HA-SOL": 1, "SPARE": 11, "MIG-TERM": 3, "MIG-VMW": 4, "MIG-HV": 3, "MIG-XS": 7,
    "MIG-RH5": 1, "MIG-SOL": 2, "MIG-ALL": 1, "STATE-VMW": 2, "STATE-HV": 2, "STATE-XEN": 1,
    "STATE-SOL": 1, "STATE-ALL": 4, "MAINT-TERM": 1, "MAINT-VMW": 2, "MAINT-HV": 5,
    "MAINT-XS": 6, "MAINT-RH5": 1, "MAINT-SOL": 1, "MAINT-ALL": 1, "MAINT-RCX": 1, "EXT": 5,
    "HOME-XS": 8, "POOL": 15, "REG": 3, "BACKUP-VMW": 7, "BACKUP-HV": 7, "BACKUP-XEN": 7,
    "BACKUP-SOL": 6,
}  # fmt: skip
PRODUCT_OF_SERIES = {
    "VMW": {Product.VMWARE},
    "HV": {Product.HYPERV},
    "XS": {Product.XENSERVER},
    "XEN": {Product.XENSERVER, Product.RHEL5XEN},
    "RH5": {Product.RHEL5XEN},
    "SOL": {Product.SOLARIS},
}
RECORDS = list(catalogue.load().values())


def test_every_area_has_its_requirements():
    assert {area.id: len(area.requirements) for area in catalogue.load_areas()} == AREAS
    assert len(catalogue.load()) == sum(AREAS.values()) == 172


def test_the_ids_are_exactly_the_numbered_series():
    expected = {f"{series}-{n}" for series, size in SERIES.items() for n in range(1, size + 1)}
    assert set(catalogue.load()) == expected


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_the_level_follows_from_the_source(record):
    marks = set(record.source)
    if "open" in marks or marks == {"rec"}:
        assert record.level is catalogue.Level.MAY
    elif marks & {"S", "E"}:
        assert record.level is catalogue.Level.MUST
    else:
        assert record.level is catalogue.Level.SHOULD


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.id)
def test_the_products_fit_the_id(record):
    parts = record.id.split("-")
    if len(parts) == 3 and parts[1] in PRODUCT_OF_SERIES:
        assert set(record.products) == PRODUCT_OF_SERIES[parts[1]]
    for profile in record.profiles:
        assert profile in {p.id for p in profiles.load() if p.product in record.products}


def test_rules_that_products_relaxed_hold_only_under_the_old_profiles():
    relaxed = {r.id: r.relaxed for r in RECORDS if r.relaxed}
    assert relaxed == {
        "NAME-VMW-2": {"vsphere-8": "MAY"},
        "MIG-VMW-3": {"vsphere-8": "MAY"},
        "MIG-HV-3": {"scvmm-2019": "MAY"},
    }
    record = catalogue.load()["MIG-VMW-3"]
    assert record.level_in("vsphere-4") is catalogue.Level.MUST
    assert record.level_in("vsphere-8") is catalogue.Level.MAY


def test_the_protected_guest_is_ruled_by_the_profile():
    old, new = ("xenserver-5.5",), ("xenserver-8",)
    found = {f"POWER-XS-{n}": catalogue.load()[f"POWER-XS-{n}"].profiles for n in (1, 2, 3, 9, 10)}
    assert set(found.values()) == {old, new}
    assert found["POWER-XS-1"] == found["POWER-XS-2"] == found["POWER-XS-3"] == old
    assert found["POWER-XS-9"] == found["POWER-XS-10"] == new


def test_what_no_source_decides_is_advisory():
    may = {record.id for record in RECORDS if record.level is catalogue.Level.MAY}
    assert may == {
        "NAME-VMW-6", "SPARE-6", "MAINT-XS-6",
        "STATE-VMW-1", "STATE-VMW-2", "STATE-HV-1", "STATE-HV-2",
    }  # fmt: skip


def test_every_untested_requirement_says_why():
    for record in RECORDS:
        untested = record.observability is catalogue.Observability.UNTESTED
        assert untested == bool(record.untested)


def test_statements_are_sentences_and_no_two_are_the_same():
    statements = Counter(record.statement for record in RECORDS)
    assert [text for text, number in statements.items() if number > 1] == []
    assert all(len(text.split()) >= 5 for text in statements)


def test_a_minimum_can_be_reached():
    for profile in profiles.load():
        tested = [r for r in RECORDS if profile.id in r.profiles and not r.untested]
        assert profile.minimum <= max(1, len(tested))


def test_every_product_has_one_default_profile():
    defaults = Counter(profile.product for profile in profiles.load() if profile.default)
    assert defaults == dict.fromkeys(Product, 1)


def test_the_documentation_page_is_current():
    page = Path(__file__).parents[2] / "docs" / "catalogue.md"
    expected = render(check.requirement for check in builtin().checks)
    assert page.read_text("utf-8") == expected, "run: hvsim catalogue --format markdown"


def test_the_page_has_every_requirement_once():
    rows = re.findall(r"^\| ([A-Z0-9-]+-\d+) \|", render(), flags=re.MULTILINE)
    assert rows == list(catalogue.load())


def test_the_page_tells_checked_from_not_yet_and_untested():
    page = render(["POWER-XS-1"])
    assert re.search(r"^\| POWER-XS-1 .*\| yes \|$", page, flags=re.MULTILINE)
    assert re.search(r"^\| POWER-XS-2 .*\| not yet \|$", page, flags=re.MULTILINE)
    assert re.search(r"^\| NAME-VMW-5 .*\| untested: .*own affair.* \|$", page, flags=re.MULTILINE)


GOOD = """
area = "NAME"
title = "Names"
[[requirement]]
id = "NAME-1"
level = "MUST"
statement = "A name is a name."
source = ["S"]
products = ["xenserver"]
layer = "ML"
needs = []
since = "0.1"
"""


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('level = "MUST"', 'level = "SHALL"', "SHALL"),
        ('"NAME-1"', '"POWER-1"', "does not belong"),
        ('since = "0.1"', "", "since"),
        ('since = "0.1"', 'since = "0.1"\nprofiles = ["vsphere-4"]', "vsphere-4"),
        ('since = "0.1"', 'since = "0.1"\nrelaxed = { "solaris-10" = "MAY" }', "solaris-10"),
        ('["S"]', '["hearsay"]', "hearsay"),
        ("area", "area area", "file.toml"),
        ('since = "0.1"', 'since = "0.1"\nsurprise = 1', "surprise"),
    ],
)
def test_a_catalogue_that_contradicts_itself_is_refused(before, after, complaint):
    assert catalogue.parse_area(GOOD, "file.toml").requirements[0].profiles == (
        "xenserver-5.5",
        "xenserver-8",
    )
    with pytest.raises(catalogue.CatalogueError, match=complaint):
        catalogue.parse_area(GOOD.replace(before, after, 1), "file.toml")
