"""Pytest plug-in of hvsim: fixtures that give a test a running datacentre.

Every import of hvsim happens inside a fixture, so that pytest starts no slower for having it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim_conformance.pytest_lab import RunningPool
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
def xenserver_pool(hvsim_lab: Lab) -> RunningPool:
    """Give the first XenServer pool of a running lab: addresses, credentials, faults and time."""
    from hvsim_conformance.pytest_lab import RunningPool  # noqa: PLC0415 - start-up stays fast

    return RunningPool(hvsim_lab, next(iter(hvsim_lab.pools)))
