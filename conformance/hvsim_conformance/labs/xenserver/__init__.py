"""Labs of Citrix XenServer: a pool of three hosts and a host that stands alone."""

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine.suite import LABS
from hvsim_conformance.labs.xenserver.lab import XenServerLab

__all__ = ["XenServerLab"]

LABS.provide(Product.XENSERVER, XenServerLab)
