"""Labs of Solaris zones: two hosts that know nothing of each other."""

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine.suite import LABS
from hvsim_conformance.labs.solaris.lab import SolarisLab

__all__ = ["SolarisLab"]

LABS.provide(Product.SOLARIS, SolarisLab)
