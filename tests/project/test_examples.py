"""The scripts in examples/clients do what they say, each against the lab that it names."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hvsim.clock import Clock, ClockMode
from hvsim_conformance.pytest_lab import (
    RunningPool,
    hyperv_of,
    rhel5_of,
    scvmm_of,
    vcenter_of,
    zones_of,
)
from hvsim_fakes.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(__file__).parents[2] / "examples" / "clients"
SCRIPTS: dict[str, tuple[Callable[[Lab], Any], list[str], str]] = {
    "xenserver": (
        lambda lab: RunningPool(lab, lab.pool().name),
        ["web"],
        "web was restarted and is Running",
    ),
    "vcenter": (vcenter_of, [], "in maintenance mode: True"),
    "scvmm": (scvmm_of, ["web"], "web is PowerOff now"),
    "hyperv": (lambda lab: hyperv_of(lab)[0], [], "web Running"),
    "rhel5xen": (lambda lab: rhel5_of(lab)[0], ["web"], "# xm unpause web"),
    "zones": (lambda lab: zones_of(lab)[0], ["fresh"], "running    /zones/fresh"),
}


def served(script: Path) -> str:
    """Return the scenario that a script says it is for."""
    text = script.read_text("utf-8")
    return text.split("hvsim serve ")[1].split()[0]


def test_every_script_is_tried() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_does_what_it_says(name: str) -> None:
    script = EXAMPLES / f"{name}.py"
    find, more, told = SCRIPTS[name]
    with Lab.from_scenario(served(script), clock=Clock(ClockMode.SKIP_IDLE)) as lab:
        place = find(lab)
        url = place.https_url if name == "vcenter" else place.url
        line = [sys.executable, str(script), url, place.user, place.password, *more]
        done = subprocess.run(  # noqa: S603 - our own script
            line, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.returncode == 0, done.stderr
    assert told in done.stdout
