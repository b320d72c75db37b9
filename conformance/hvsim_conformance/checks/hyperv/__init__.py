"""The checks of Hyper-V, one module an area of the catalogue."""

from functools import partial

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine import checks
from hvsim_conformance.engine.bench import Bench
from hvsim_conformance.labs.hyperv import HypervLab

HypervBench = Bench[HypervLab]
"""What a check of Hyper-V gets."""

check = partial(checks.check, product=Product.HYPERV)
"""Register a check for Hyper-V."""
