"""Makes mutants out of drivers of the reference manager that break one rule."""

import inspect
from collections.abc import Callable
from typing import TypeVar

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.mutants.registry import mutant
from hvsim_conformance.reference import ReferenceManager
from hvsim_conformance.reference.xenserver.driver import XenServerDriver

Broken = TypeVar("Broken", bound=type[XenServerDriver])


def broken_xenserver(name: str, *, breaks: str) -> Callable[[Broken], Broken]:
    """Register the reference manager with the decorated driver; its docstring says what is wrong.

    Args:
        name: the mutant's id.
        breaks: the requirement that it breaks.
    """

    def register(driver: Broken) -> Broken:
        description = (inspect.getdoc(driver) or "").partition("\n")[0]
        members = {
            "drivers": {**ReferenceManager.drivers, Product.XENSERVER: driver},
            "terms": {**ReferenceManager.terms, Product.XENSERVER: driver.terms},
        }
        manager = type(driver.__name__, (ReferenceManager,), members)
        mutant(name, breaks=breaks, description=description, product=Product.XENSERVER)(manager)
        return driver

    return register
