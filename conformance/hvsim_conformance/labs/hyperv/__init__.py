"""Labs of Hyper-V: a VMM server with a failover cluster and a host that stands alone."""

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine.suite import LABS
from hvsim_conformance.labs.hyperv.lab import HypervLab

__all__ = ["HypervLab"]

LABS.provide(Product.HYPERV, HypervLab)
