"""`hvsim demo`: the scene of each product comes to its end, and shows what it is about."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from hvsim_conformance.cli import _scenes, demo, main

STORIES = {
    "vcenter": [
        "production-host1: connected",
        "production-host1 of production loses its power",
        "DasHostFailedEvent",
    ],
    "scvmm": ["hv1: OK", "hv1 crashes", "HostNotResponding on hv1", "web: Running on hv2"],
    "hyperv": [
        "web, says VMM: Running",
        "Stop-VM",
        "web, says its host: Off",
        "web, says VMM: PowerOff",
    ],
    "rhel5-xen": ["xm migrate --live web", "beta loses its power", "no manager stands behind"],
    "zones": ["must be installed before boot", "(status 1)", "shop", "from inside", "installed"],
    "datacentre": ["one fuse", "does not answer", "-- 1 min", "notResponding", "-- 15 min"],
}


@pytest.mark.parametrize("product", STORIES)
def test_a_scene_tells_its_story_in_order(product: str) -> None:
    result = CliRunner().invoke(main, ["demo", product], prog_name="hvsim")
    assert result.exit_code == 0, result.output
    rest = result.stdout
    for part in STORIES[product]:
        _, found, rest = rest.partition(part)
        assert found, f"{part!r} is missing, or not in its place, in:\n{result.stdout}"


def test_every_scene_has_its_name_and_its_help() -> None:
    told = CliRunner().invoke(main, ["demo", "--help"], prog_name="hvsim").stdout
    assert set(demo.PRODUCTS) == {"xenserver", *_scenes.SCENES} == {"xenserver", *STORIES}
    assert all(f"  {name} " in told for name in demo.PRODUCTS)


def test_what_goes_wrong_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_stage: _scenes.Stage) -> None:
        raise OSError("nobody answers")

    monkeypatch.setitem(_scenes.SCENES, "zones", (fail, "containers"))
    result = CliRunner().invoke(main, ["demo", "zones"], prog_name="hvsim")
    assert result.exit_code == 4
    assert result.stderr == "hvsim: the demo did not go as it should: nobody answers\n"
