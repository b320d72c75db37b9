"""Makes mutants out of drivers of the reference manager that break one rule."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.mutants.registry import mutant
from hvsim_conformance.reference import ReferenceManager

Broken = TypeVar("Broken", bound=type[Any])


class Breaker(Protocol):
    """Registers the reference manager with another driver for one product."""

    def __call__(self, name: str, *, breaks: str) -> Callable[[Broken], Broken]:
        """Register the reference manager with the decorated driver.

        The first line of the driver's docstring says what is wrong with it.

        Args:
            name: the mutant's id.
            breaks: the requirement that it breaks.
        """


def breaker(product: Product) -> Breaker:
    """Return what registers broken drivers for a product."""

    def broken(name: str, *, breaks: str) -> Callable[[Broken], Broken]:
        def register(driver: Broken) -> Broken:
            description = (inspect.getdoc(driver) or "").partition("\n")[0]
            members = {
                "drivers": {**ReferenceManager.drivers, product: driver},
                "terms": {**ReferenceManager.terms, product: driver.terms},
            }
            manager = type(driver.__name__, (ReferenceManager,), members)
            mutant(name, breaks=breaks, description=description, product=product)(manager)
            return driver

        return register

    return broken


broken_xenserver = breaker(Product.XENSERVER)
broken_rhel5xen = breaker(Product.RHEL5XEN)
broken_solaris = breaker(Product.SOLARIS)
broken_vmware = breaker(Product.VMWARE)
broken_hyperv = breaker(Product.HYPERV)
