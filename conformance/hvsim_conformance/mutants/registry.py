"""The registry of mutants: implementations that break exactly one requirement on purpose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.adapters.protocol import Factory


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong implementation; the check of the requirement it `breaks` must catch it.

    It is wrong about one `product` where it says so, and right about the others: it runs under the
    profiles of that one.
    """

    id: str
    breaks: str
    description: str
    factory: Factory
    product: Product | None = None


@dataclass(slots=True)
class MutantRegistry:
    """Mutants in the order of their registration."""

    mutants: list[Mutant] = field(default_factory=list)

    def __iter__(self) -> Iterator[Mutant]:
        return iter(self.mutants)

    def add(self, mutant: Mutant) -> Mutant:
        """Register a mutant; raises ValueError for an id that is taken."""
        if any(other.id == mutant.id for other in self.mutants):
            raise ValueError(f"the mutant {mutant.id} exists already")
        self.mutants.append(mutant)
        return mutant

    def mutant(
        self, name: str, *, breaks: str, description: str, product: Product | None = None
    ) -> Callable[[Factory], Factory]:
        """Register the decorated factory (a class or function of a Session) as a mutant."""

        def register(factory: Factory) -> Factory:
            self.add(Mutant(name, breaks, description, factory, product))
            return factory

        return register


BUILTIN = MutantRegistry()
"""The suite's own mutants; the modules of `hvsim_conformance.mutants` fill it."""

mutant = BUILTIN.mutant
