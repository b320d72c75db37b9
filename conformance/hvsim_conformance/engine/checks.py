"""The registry of checks: functions on a bench that raise when a requirement is not met."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hvsim_conformance.adapters.model import Product

DEADLINE = 60.0
"""Wall seconds a check may take."""


class CheckFailed(AssertionError):  # noqa: N818 - the outcome of a check, no malfunction
    """The implementation does not meet the requirement; the message says how."""


Function = TypeVar("Function", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one requirement; without profiles it holds wherever the requirement does.

    `needs` are operations or features beyond those of the requirement, `deadline` wall seconds.
    """

    requirement: str
    product: Product
    function: Callable[[Any], None]
    profiles: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    variant: str = ""
    deadline: float = DEADLINE

    @property
    def name(self) -> str:
        """The requirement, with the variant if there is one."""
        return f"{self.requirement}/{self.variant}" if self.variant else self.requirement


@dataclass(slots=True)
class Registry:
    """Checks in the order of their registration."""

    checks: list[Check] = field(default_factory=list)

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def check(
        self,
        requirement: str,
        *,
        product: Product | str,
        profiles: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
        variant: str = "",
        deadline: float = DEADLINE,
    ) -> Callable[[Function], Function]:
        """Register the decorated function `(bench) -> None`; raises ValueError for a duplicate."""

        def register(function: Function) -> Function:
            entry = Check(
                requirement, Product(product), function, profiles, needs, variant, deadline
            )
            if any(_same(entry, other) for other in self.checks):
                raise ValueError(f"the check {entry.name} for {entry.product} exists already")
            self.checks.append(entry)
            return function

        return register


def _same(one: Check, other: Check) -> bool:
    return (one.name, one.product) == (other.name, other.product) and (
        not one.profiles or not other.profiles or bool({*one.profiles} & {*other.profiles})
    )


BUILTIN = Registry()
"""The suite's own checks; the modules of `hvsim_conformance.checks` fill it."""

check = BUILTIN.check
