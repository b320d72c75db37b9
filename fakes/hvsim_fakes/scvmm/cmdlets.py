"""All cmdlets of VMM: brings in the modules that register them."""

from __future__ import annotations

import hvsim_fakes.scvmm.getting
import hvsim_fakes.scvmm.keeping
import hvsim_fakes.scvmm.making
import hvsim_fakes.scvmm.running
import hvsim_fakes.scvmm.shapes
import hvsim_fakes.scvmm.shapes_host
import hvsim_fakes.scvmm.views  # noqa: F401 - they register as they are imported
from hvsim_fakes.scvmm.registry import CMDLETS, table

__all__ = ["CMDLETS", "table"]
