"""Labs of RHEL5-Xen: three hosts that know nothing of each other."""

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine.suite import LABS
from hvsim_conformance.labs.rhel5xen.lab import Rhel5XenLab

__all__ = ["Rhel5XenLab"]

LABS.provide(Product.RHEL5XEN, Rhel5XenLab)
