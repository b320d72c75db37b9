"""Pytest plug-in of hvsim: fixtures that give a test a running datacentre.

Every import of hvsim happens inside a fixture, so that pytest starts no slower for having it.
"""

from __future__ import annotations

from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim_conformance.pytest_lab import (
        RunningPool,
        RunningShell,
        RunningVCenter,
        RunningWindows,
    )
    from hvsim_fakes.lab import Lab

_MARK = "hvsim"
_MARK_HELP = (
    "hvsim(scenario='small', clock='skip-idle', seed=None): the lab that the fixtures of hvsim give"
)


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", _MARK_HELP)


@pytest.fixture
def hvsim_labs() -> Iterator[Callable[..., Lab]]:
    """Give a function that starts labs; all of them end with the test.

    ``lab = hvsim_labs("two-pools", clock="stepped", seed=3)``: the arguments are those of the
    marker ``hvsim``; the first is whatever ``Lab.from_scenario`` takes, that is a shipped
    scenario's name, a file, a pool's specification or a dict.
    """
    from hvsim_conformance.pytest_lab import Labs  # noqa: PLC0415 - start-up stays fast

    labs = Labs()
    try:
        yield labs.start
    finally:
        labs.stop()


@pytest.fixture
def hvsim_lab(request: pytest.FixtureRequest, hvsim_labs: Callable[..., Lab]) -> Lab:
    """Give a running lab, of the scenario that the test's marker ``hvsim`` names, or ``small``."""
    mark = request.node.get_closest_marker(_MARK)
    args: tuple[Any, ...] = mark.args if mark else ()
    return hvsim_labs(*args, **(mark.kwargs if mark else {}))


@pytest.fixture
def hvsim_lab_with(
    request: pytest.FixtureRequest, hvsim_labs: Callable[..., Lab]
) -> Callable[[str], Lab]:
    """Give a function that returns the test's lab: the marker's, else of the scenario named.

    Asked twice for one scenario, it returns the same lab.
    """
    if request.node.get_closest_marker(_MARK):
        return lambda _scenario: request.getfixturevalue("hvsim_lab")
    return cache(hvsim_labs)


@pytest.fixture
def xenserver_pool(hvsim_lab: Lab) -> RunningPool:
    """Give the first XenServer pool of a running lab: addresses, credentials, faults and time."""
    from hvsim_conformance.pytest_lab import RunningPool  # noqa: PLC0415 - start-up stays fast

    return RunningPool(hvsim_lab, hvsim_lab.pool().name)


@pytest.fixture
def vcenter(hvsim_lab_with: Callable[[str], Lab]) -> RunningVCenter:
    """Give the first vCenter of a running lab, of the scenario ``vsphere`` without a marker."""
    from hvsim_conformance.pytest_lab import vcenter_of  # noqa: PLC0415 - start-up stays fast

    return vcenter_of(hvsim_lab_with("vsphere"))


@pytest.fixture
def scvmm(hvsim_lab_with: Callable[[str], Lab]) -> Iterator[RunningWindows]:
    """Give the first VMM server of a running lab, of the scenario ``hyperv`` without a marker."""
    from hvsim_conformance.pytest_lab import scvmm_of  # noqa: PLC0415 - start-up stays fast

    with closing(scvmm_of(hvsim_lab_with("hyperv"))) as found:
        yield found


@pytest.fixture
def hyperv_host(hvsim_lab_with: Callable[[str], Lab]) -> Iterator[RunningWindows]:
    """Give the first Hyper-V host of a running lab, of ``hyperv`` without a marker."""
    from hvsim_conformance.pytest_lab import hyperv_of  # noqa: PLC0415 - start-up stays fast

    with closing(hyperv_of(hvsim_lab_with("hyperv"))[0]) as found:
        yield found


@pytest.fixture
def rhel5_host(hvsim_lab_with: Callable[[str], Lab]) -> Iterator[RunningShell]:
    """Give the first RHEL 5 host of a running lab, of ``consoles`` without a marker."""
    from hvsim_conformance.pytest_lab import rhel5_of  # noqa: PLC0415 - start-up stays fast

    with closing(rhel5_of(hvsim_lab_with("consoles"))[0]) as found:
        yield found


@pytest.fixture
def zones_host(hvsim_lab_with: Callable[[str], Lab]) -> Iterator[RunningShell]:
    """Give the first host with zones of a running lab, of ``containers`` without a marker."""
    from hvsim_conformance.pytest_lab import zones_of  # noqa: PLC0415 - start-up stays fast

    with closing(zones_of(hvsim_lab_with("containers"))[0]) as found:
        yield found
