"""The registry of behaviours: what products do that a profile chooses and a lab may switch.

A behaviour is named once, with the requirements it bears on, where the knowledge comes from, and
the profiles that show it. Domain code asks ``has("ha-refuses-shutdown")`` instead of comparing
release numbers, so that one lab can mix them.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING

from hvsim.commands import Command, command
from hvsim.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from hvsim.world import World


class Provenance(StrEnum):
    """How a behaviour is known."""

    OBSERVED = "observed"
    """Seen on the real product, or read in its own source code."""
    DOCUMENTED = "documented"
    """Said by a manual or another page about the product."""
    INFERRED = "inferred"
    """Concluded from what is said; nobody says it outright."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One behaviour of a product.

    Attributes:
        id: its name in scenarios and code.
        product: ``xenserver``, ``vsphere``...
        text: what the product does, in one sentence.
        requirements: IDs of the catalogue it bears on.
        provenance: how it is known, and ``source`` from what.
        profiles: the profiles that show it.
        version: raised whenever what the simulator does for it changes.
        switchable: whether the product's code asks for it by name, and knows what to do instead.
        otherwise: what the product does where it is off.
        limited_to: profiles whose records have what it works on; empty for every profile.
    """

    id: str
    product: str
    text: str
    requirements: tuple[str, ...]
    provenance: Provenance
    source: str
    profiles: frozenset[str]
    version: int = 1
    switchable: bool = False
    otherwise: str = ""
    limited_to: frozenset[str] = frozenset()


_known: dict[str, Behaviour] = {}


def register(behaviours: Iterable[Behaviour]) -> None:
    """Add behaviours of a product to the registry."""
    for behaviour in behaviours:
        if behaviour.id in _known:
            raise AssertionError(f"behaviour {behaviour.id!r} is registered twice")
        _known[behaviour.id] = behaviour


def all_of(product: str | None = None) -> list[Behaviour]:
    """Return the registered behaviours (of one product), sorted by product and name."""
    found = (known for known in _known.values() if product in (None, known.product))
    return sorted(found, key=lambda known: (known.product, known.id))


def behaviour(name: str, product: str | None = None) -> Behaviour:
    """Return a behaviour (of a product), or raise :class:`CommandError` with the nearest name."""
    found = _known.get(name)
    if found is None or product not in (None, found.product):
        names = [known.id for known in all_of(product)]
        near = get_close_matches(name, names, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names) or 'none'}"
        raise CommandError(f"no behaviour called {name!r}; {hint}")
    return found


def switchable(name: str, product: str, profile: str) -> Behaviour:
    """Return a behaviour that a lab may switch in a profile, or raise :class:`CommandError`."""
    found = behaviour(name, product)
    if not found.switchable:
        raise CommandError(f"behaviour {name!r} follows the profile and cannot be switched")
    if found.limited_to and profile not in found.limited_to:
        raise CommandError(f"behaviour {name!r} works on what {profile} does not have")
    return found


class Chosen:
    """The behaviours of one simulated product: its profile's, and what the lab switched.

    Args:
        product: whose behaviours may be switched.
        profile: chooses those that are on.
    """

    def __init__(self, product: str, profile: str) -> None:
        self.product = product
        self.profile = profile
        self.on = frozenset(known.id for known in all_of(product) if profile in known.profiles)
        """The names of those that are on."""
        self.on_switch: list[Callable[[], object]] = []
        """Told after one was switched."""

    def __contains__(self, name: str) -> bool:
        return name in self.on or self._judge(name)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.on))

    def switch(self, name: str, *, on: bool) -> bool:
        """Switch a behaviour; return whether it was on.

        Raises:
            CommandError: when there is none of that name, or it cannot be switched here.
        """
        found = switchable(name, self.product, self.profile)
        before = found.id in self.on
        self.on = self.on | {found.id} if on else self.on - {found.id}
        for tell in self.on_switch:
            tell()
        return before

    def switch_all(self, switches: Mapping[str, bool]) -> None:
        """Switch several, as a scenario's ``behaviours`` table gives them."""
        for name, on in switches.items():
            self.switch(name, on=on)

    def _judge(self, name: str) -> bool:
        """Refuse a misspelt name, which would otherwise read as "off"."""
        if name not in _known:
            raise AssertionError(f"no behaviour is called {name!r}")
        return False


@command("behaviour.switch")
class BehaviourSwitch(Command, frozen=True, kw_only=True):
    """Switch one behaviour of a pool or manager on or off.

    Attributes:
        product: the pool's or manager's name in the lab.
        behaviour: its name, as ``hvsim.behaviours`` lists it.
    """

    product: str
    behaviour: str
    on: bool

    def apply(self, world: World) -> None:
        """Switch it and log that."""
        chosen: Chosen | None = getattr(world.product(self.product), "behaviours", None)
        if chosen is None:
            raise CommandError(f"{self.product!r} has no behaviours to switch")
        before = chosen.switch(self.behaviour, on=self.on)
        subject = f"{chosen.product}/{self.product}/behaviour/{self.behaviour}"
        world.log.append("behaviour", subject, {"on": before}, {"on": self.on})
