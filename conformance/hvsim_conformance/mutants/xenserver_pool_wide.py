"""Mutants with wrong terms or registrations (HA-XS-1, REG-3)."""

from collections.abc import Sequence
from dataclasses import replace

from hvsim_conformance.adapters.model import Host, Product
from hvsim_conformance.mutants.drivers import broken_xenserver
from hvsim_conformance.mutants.registry import mutant
from hvsim_conformance.reference import ReferenceManager
from hvsim_conformance.reference.xenserver.driver import XenServerDriver


@broken_xenserver("xs-ha-other-name", breaks="HA-XS-1")
class CallsItFailoverCluster(XenServerDriver):
    """Calls XenServer's high availability by another product's name."""

    terms = replace(XenServerDriver.terms, high_availability="failover cluster")


_LISTS_TWICE = "Lists every host of a pool once for each registration."


@mutant(
    "xs-reg-listed-thrice",
    breaks="REG-3",
    description=_LISTS_TWICE,
    product=Product.XENSERVER,
)
class ListsEveryRegistration(ReferenceManager):
    """Lists every host of a pool once for each registration."""

    def list_hosts(self) -> Sequence[Host]:
        """Return what each registration shows."""
        return tuple(host for _, host in self._each_host())
