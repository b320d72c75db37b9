"""The checks of Citrix XenServer, one module an area of the catalogue."""

from functools import partial

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.engine import checks
from hvsim_conformance.engine.bench import Bench
from hvsim_conformance.labs.xenserver import XenServerLab

XenBench = Bench[XenServerLab]
"""What a check of XenServer gets."""

check = partial(checks.check, product=Product.XENSERVER)
"""Register a check for XenServer."""

OLD = ("xenserver-5.5",)
NEW = ("xenserver-8",)
