"""Which checks a run is about."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.record import Level, Requirement
from hvsim_conformance.engine.checks import Check
from hvsim_conformance.engine.suite import Suite
from hvsim_conformance.profiles import Profile


class SelectionError(ValueError):
    """A selection that names what does not exist; the message is one line."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the user asked for; an empty part selects everything."""

    ids: tuple[str, ...] = ()
    products: tuple[Product, ...] = ()
    levels: tuple[Level, ...] = ()
    profiles: tuple[str, ...] = ()

    @property
    def narrowed(self) -> bool:
        """Whether the run leaves out requirements of its profiles, so that it proves less."""
        return bool(self.ids or self.levels)

    def takes(self, record: Requirement, profile: Profile, name: str) -> bool:
        """Whether a check (by requirement, with its variant) is selected."""
        if self.levels and record.level_in(profile.id) not in self.levels:
            return False
        names = (record.id, name)
        return not self.ids or any(fnmatchcase(n, glob) for n in names for glob in self.ids)


@dataclass(frozen=True, slots=True)
class Item:
    """A requirement under a profile, with one of its checks; None: the suite has none."""

    record: Requirement
    profile: Profile
    check: Check | None

    @property
    def name(self) -> str:
        """The requirement, with the check's variant if it has one."""
        return self.check.name if self.check else self.record.id


def choose_profiles(
    suite: Suite, selection: Selection, claimed: Iterable[Product] | None
) -> tuple[Profile, ...]:
    """Return the profiles of a run; raises SelectionError.

    Those asked for; otherwise the default profile of every product asked for; otherwise of every
    product in `claimed`, which the implementation says it handles.
    """
    if selection.profiles:
        return tuple(_profile(suite, name) for name in dict.fromkeys(selection.profiles))
    wanted = selection.products or (tuple(claimed) if claimed is not None else tuple(Product))
    chosen = tuple(p for p in suite.profiles if p.default and p.product in wanted)
    if not chosen:
        raise SelectionError("no profile of the suite is for the products of this run")
    return chosen


def choose_items(
    suite: Suite, selection: Selection, profiles: Iterable[Profile]
) -> tuple[Item, ...]:
    """Return what a run reports about; raises SelectionError when that is nothing."""
    wanted = [p for p in profiles if not selection.products or p.product in selection.products]
    items = tuple(item for profile in wanted for item in _items(suite, profile))
    chosen = tuple(i for i in items if selection.takes(i.record, i.profile, i.name))
    if not chosen:
        asked = " ".join((*selection.ids, *selection.levels)) or "this product under this profile"
        raise SelectionError(f"no requirement matches {asked}")
    return chosen


def _items(suite: Suite, profile: Profile) -> Iterator[Item]:
    for record in suite.requirements.values():
        if profile.id in record.profiles:
            checks = suite.checks_of(record.id, profile)
            for check in checks or (None,):
                yield Item(record, profile, check)


def _profile(suite: Suite, name: str) -> Profile:
    try:
        return suite.profile(name)
    except KeyError:
        known = ", ".join(profile.id for profile in suite.profiles)
        raise SelectionError(f"there is no profile {name}; the profiles are: {known}") from None
