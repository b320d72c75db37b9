"""Managers that get registrations wrong, and what is read of them, whatever the product."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from hvsim_conformance.adapters.model import (
    Done,
    Host,
    Monitored,
    Monitoring,
    Outcome,
    Product,
    Status,
)
from hvsim_conformance.mutants.registry import mutant
from hvsim_conformance.reference import ReferenceManager

Broken = TypeVar("Broken", bound=type[ReferenceManager])


def _broken(
    name: str, breaks: str, products: Iterable[Product] = Product
) -> Callable[[Broken], Broken]:
    """Register a manager as a mutant for each product; its docstring says what is wrong with it."""

    def register(manager: Broken) -> Broken:
        about = str(manager.__doc__)
        for product in products:
            mutant(f"{product}-{name}", breaks=breaks, description=about, product=product)(manager)
        return manager

    return register


@_broken("reg-keeps-managers", "REG-1", (Product.VMWARE, Product.HYPERV))
class KeepsManagers(ReferenceManager):
    """Goes on managing what it was told to let go of."""

    def unregister(self, registration: str) -> Outcome:
        return Done()


@_broken("reg-events-of-guests", "REG-2")
class FollowsEvents(ReferenceManager):
    """Follows the events of guests."""

    def describe_monitoring(self) -> Sequence[Monitoring]:
        return tuple(Monitoring(kind, status=True, events=True) for kind in Monitored)


@_broken("reg-managers-unwatched", "REG-2")
class WatchesNoManagers(ReferenceManager):
    """Follows the status of everything but management products."""

    def describe_monitoring(self) -> Sequence[Monitoring]:
        return tuple(
            Monitoring(kind, status=kind is not Monitored.VM_MANAGER, events=False)
            for kind in Monitored
        )


@_broken("reg-hosts-always-well", "REG-2")
class HostsAreAlwaysWell(ReferenceManager):
    """Says that it follows the status of hosts, and shows all as normal for ever."""

    def list_hosts(self) -> Sequence[Host]:
        return [
            Host(one.id, one.name, one.product, one.pool, Status.NORMAL, one.in_maintenance)
            for one in super().list_hosts()
        ]


@_broken("state-one-cycle", "STATE-ALL-4")
class HasOneCycle(ReferenceManager):
    """Reads everything anew when it is time for one registration."""

    def cycle(self, registration: str) -> Outcome:
        del registration
        return self.refresh()


@_broken("state-no-cycle", "STATE-ALL-4")
class HasNoCycle(ReferenceManager):
    """Reads nothing anew but when it is told to."""

    def cycle(self, registration: str) -> Outcome:
        del registration
        return Done()
