"""The ground truth, with what every product knows of itself."""

from __future__ import annotations

import hvsim_fakes.rhel5xen.truth
import hvsim_fakes.scvmm.truth
import hvsim_fakes.vcenter.truth
import hvsim_fakes.zones.truth  # noqa: F401 - all of them make themselves known by this
from hvsim_fakes.control.truth import truth

__all__ = ["truth"]
