"""A running lab with a stepped clock, and a client of its control plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from control_api import Api
from hvsim.xenserver.spec import PoolSpec
from hvsim_fakes.lab import Lab
from labs import guests, hosts, small_pool

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(small_pool().world, scenario_name="small") as lab:
        yield lab


@pytest.fixture
def api(lab: Lab) -> Api:
    return Api(lab)


@pytest.fixture
def scenic() -> Iterator[Api]:
    """A lab that was built from a scenario, and so can be saved."""
    spec = PoolSpec(name="pool1", hosts=hosts(), guests=guests())
    with Lab.from_scenario(spec, seed=7) as lab:
        yield Api(lab)
