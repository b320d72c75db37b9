"""What the checks of several products share: steps, and the bodies of requirements they share.

A body that is the same for several products is written once; where products do a thing each in
their own way, it is a method of a class whose hooks say how, and a product derives from it.
"""

from collections.abc import Callable
from typing import Any, Protocol

from hvsim_conformance.engine.bench import Bench

AnyBench = Bench[Any]
"""What a check gets of a product that it does not know."""


class Registrar(Protocol):
    """A product's own `check` decorator."""

    def __call__(self, requirement: str) -> Callable[[Any], Any]:
        """Return the decorator that registers a check of the requirement."""
