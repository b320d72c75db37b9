"""The checks of RHEL5-Xen, one module an area of the catalogue."""

from functools import partial

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine import checks
from hvsim_conformance.engine.bench import Bench
from hvsim_conformance.labs.rhel5xen import Rhel5XenLab

Rhel5Bench = Bench[Rhel5XenLab]
"""What a check of RHEL5-Xen gets."""

check = partial(checks.check, product=Product.RHEL5XEN)
"""Register a check for RHEL5-Xen."""
