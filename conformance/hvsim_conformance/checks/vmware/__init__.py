"""The checks of VMware, one module an area of the catalogue."""

from functools import partial

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine import checks
from hvsim_conformance.engine.bench import Bench
from hvsim_conformance.labs.vmware import VmwareLab

VmwareBench = Bench[VmwareLab]
"""What a check of VMware gets."""

check = partial(checks.check, product=Product.VMWARE)
"""Register a check for VMware."""
