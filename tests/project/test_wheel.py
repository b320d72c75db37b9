"""What an installed hvsim puts on a machine."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"hvsim", "hvsim_fakes", "hvsim_conformance", "hvsim_fixtures"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps"]
    subprocess.run([*pip, "-w", str(folder), str(ROOT)], check=True)  # noqa: S603 - our own tree
    (wheel,) = folder.glob("hvsim-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_wheel_owns_no_generic_name(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == PACKAGES


def test_wheel_carries_its_data(names: list[str]) -> None:
    carried = set(names)
    for needed in (
        "hvsim/py.typed",
        "hvsim/xenserver/datamodel.json",
        "hvsim_conformance/catalogue/pool.toml",
        "hvsim_conformance/profiles.toml",
        "hvsim_conformance/schemas/adapter.schema.json",
        "hvsim_fixtures/scenarios/small.toml",
    ):
        assert needed in carried
