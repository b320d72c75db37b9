"""Labs of VMware: one vCenter with two clusters."""

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine.suite import LABS
from hvsim_conformance.labs.vmware.lab import VmwareLab

__all__ = ["VmwareLab"]

LABS.provide(Product.VMWARE, VmwareLab)
