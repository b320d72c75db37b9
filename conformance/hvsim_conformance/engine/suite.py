"""A suite: requirements, profiles, checks, labs and mutants that belong together."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hvsim_conformance import catalogue, profiles
from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import load_object
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.adapters.protocol import Factory
from hvsim_conformance.catalogue.record import Requirement
from hvsim_conformance.engine.checks import BUILTIN, Check
from hvsim_conformance.engine.lab import LabFactory
from hvsim_conformance.mutants.registry import BUILTIN as BUILTIN_MUTANTS
from hvsim_conformance.mutants.registry import Mutant
from hvsim_conformance.profiles import Profile

BUILTIN_SPEC = "hvsim_conformance.engine.suite:builtin"
REFERENCE = "hvsim_conformance.reference:ReferenceManager"


class SuiteError(ValueError):
    """A suite that contradicts its own catalogue."""


@dataclass(frozen=True, slots=True)
class Suite:
    """Everything a run needs; `reference` is the adapter on which every check passes."""

    requirements: Mapping[str, Requirement]
    profiles: tuple[Profile, ...]
    checks: tuple[Check, ...]
    labs: Mapping[Product, LabFactory]
    mutants: tuple[Mutant, ...] = ()
    reference: str | None = None

    def profile(self, name: str) -> Profile:
        """Return a profile by its id; raises KeyError."""
        return {profile.id: profile for profile in self.profiles}[name]

    def checks_of(self, requirement: str, profile: Profile) -> tuple[Check, ...]:
        """Return the checks of a requirement under a profile."""
        return tuple(
            check
            for check in self.checks
            if check.requirement == requirement
            and check.product is profile.product
            and (not check.profiles or profile.id in check.profiles)
        )

    def mutant_factory(self, name: str) -> Factory:
        """Return a mutant's factory; raises AdapterNotFoundError."""
        for mutant in self.mutants:
            if mutant.id == name:
                return mutant.factory
        raise AdapterNotFoundError(f"there is no mutant {name}")

    def validate(self) -> None:
        """Raise SuiteError when checks or mutants speak of what the catalogue does not have."""
        for check in self.checks:
            _validate_check(check, self)
        for mutant in self.mutants:
            if mutant.breaks not in self.requirements:
                raise SuiteError(f"the mutant {mutant.id} breaks {mutant.breaks}, no requirement")


@dataclass(slots=True)
class LabRegistry:
    """Which factory makes the labs of a product."""

    factories: dict[Product, LabFactory] = field(default_factory=dict)

    def provide(self, product: Product | str, factory: LabFactory) -> None:
        """Let a factory make the labs of a product."""
        self.factories[Product(product)] = factory


LABS = LabRegistry()
"""The factories of the suite's own labs; the modules of `hvsim_conformance.labs` fill it."""


@cache
def builtin() -> Suite:
    """Return the shipped suite, with every module of its checks, labs and mutants loaded."""
    for package in ("checks", "labs", "mutants"):
        _import_all(f"hvsim_conformance.{package}")
    return Suite(
        requirements=catalogue.load(),
        profiles=profiles.load(),
        checks=tuple(BUILTIN),
        labs=LABS.factories,
        mutants=tuple(BUILTIN_MUTANTS),
        reference=REFERENCE,
    )


def load_suite(spec: str) -> Suite:
    """Return the suite that `module:factory` makes; raises AdapterNotFoundError or SuiteError."""
    factory = load_object(spec)
    try:
        made: Any = factory()
    except TypeError as problem:
        raise AdapterNotFoundError(f"{spec} makes no suite: {problem}") from problem
    if not isinstance(made, Suite):
        raise AdapterNotFoundError(f"{spec} makes no suite")
    made.validate()
    return made


def _import_all(package: str) -> None:
    module = importlib.import_module(package)
    for name in _modules(module.__path__, package):
        importlib.import_module(name)


def _modules(path: Iterable[str], package: str) -> Iterable[str]:
    return sorted(found.name for found in pkgutil.walk_packages(path, f"{package}."))


def _validate_check(check: Check, suite: Suite) -> None:
    record = suite.requirements.get(check.requirement)
    if record is None:
        raise SuiteError(f"the check {check.name} is of no requirement of the catalogue")
    if record.untested:
        raise SuiteError(f"{check.name} has a check, but the catalogue calls it untested")
    if check.product not in record.products:
        raise SuiteError(f"{check.name} is no requirement of {check.product}")
    for profile in check.profiles:
        if profile not in record.profiles:
            raise SuiteError(f"{check.name} does not hold under the profile {profile}")
