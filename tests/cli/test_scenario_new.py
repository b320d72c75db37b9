"""`hvsim scenario new`: files to begin with, of every product, that are right as they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from hvsim import scenario
from hvsim.hardware import Power
from hvsim_conformance.cli import main
from hvsim_conformance.cli._beginnings import PRODUCTS
from hvsim_fakes.truths import truth

if TYPE_CHECKING:
    from pathlib import Path

EACH = [(product, profile) for product, one in PRODUCTS.items() for profile in one.profiles]


def new(file: Path, *options: str) -> Result:
    line = ["scenario", "new", str(file), *options]
    return CliRunner().invoke(main, line, prog_name="hvsim")


@pytest.mark.parametrize(("product", "profile"), EACH)
@pytest.mark.parametrize(("hosts", "guests"), [(1, 0), (2, 2), (3, 1), (3, 11)])
def test_it_has_what_was_asked_for(
    tmp_path: Path, product: str, profile: str, hosts: int, guests: int
) -> None:
    file = tmp_path / "lab.toml"
    counts = ("--hosts", str(hosts), "--guests", str(guests))
    assert new(file, "--product", product, "--profile", profile, *counts).exit_code == 0
    found = truth(scenario.build(scenario.load(file))).managers
    assert {one.profile for one in found} == {profile}
    assert sum(len(one.hosts) for one in found) == hosts
    assert sum(len(one.guests) for one in found) == guests


@pytest.mark.parametrize("product", PRODUCTS)
def test_its_fault_only_needs_its_comment_signs_removed(tmp_path: Path, product: str) -> None:
    file = tmp_path / "lab.toml"
    new(file, "--product", product)
    head, mark, fault = file.read_text("utf-8").partition("# [[fault]]")
    file.write_text(head + re.sub("^# ", "", mark + fault, flags=re.MULTILINE), "utf-8")
    made = scenario.load(file)
    assert [item.at for item in made.schedule] == [600.0]
    world = scenario.build(made)
    world.advance(601)
    assert world.hardware.servers["host1"].power is Power.OFF


def test_a_profile_of_another_product_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "lab.toml"
    result = new(file, "--product", "zones", "--profile", "vsphere-8")
    assert result.exit_code == 4
    assert "solaris-10, solaris-11, omnios" in result.stderr
    assert not file.exists()


def test_the_list_has_one_line_a_scenario() -> None:
    result = CliRunner().invoke(main, ["scenario", "list"], prog_name="hvsim")
    lines = result.stdout.splitlines()
    assert {line.split()[0] for line in lines} >= {"small", "vsphere", "hyperv", "containers"}
    assert all(len(line.split()) > 3 for line in lines)
