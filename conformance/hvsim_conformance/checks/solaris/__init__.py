"""The checks of Solaris zones, one module an area of the catalogue."""

from functools import partial

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine import checks
from hvsim_conformance.engine.bench import Bench
from hvsim_conformance.labs.solaris import SolarisLab

ZoneBench = Bench[SolarisLab]
"""What a check of Solaris zones gets."""

check = partial(checks.check, product=Product.SOLARIS)
"""Register a check for Solaris zones."""
