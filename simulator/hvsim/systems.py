"""Operating systems with accounts and files, as hosts that are driven by a shell have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hvsim.errors import CommandError
from hvsim.files import Files

if TYPE_CHECKING:
    from hvsim.world import World


@dataclass(slots=True)
class Account:
    """Somebody who may log in.

    Attributes:
        password: None for an account without one: only a key lets it in.
        keys: public keys that let it in, as lines of an ``authorized_keys`` file.
    """

    name: str
    uid: int
    gid: int
    home: str = "/"
    shell: str = "/bin/sh"
    group: str = "other"
    password: str | None = None
    keys: tuple[str, ...] = ()

    @property
    def privileged(self) -> bool:
        """Whether no permission holds it back."""
        return self.uid == 0


@dataclass(slots=True)
class System:
    """One host's operating system.

    Attributes:
        name: unique in its world, and the first part of its events' subjects (``zones/host1``).
        nodename: what ``hostname`` and ``uname -n`` say.
        files: its file system.
        accounts: who may log in, by name.
        remote_code: whether clients may bring programs along and run them there.
    """

    name: str
    nodename: str
    files: Files
    accounts: dict[str, Account] = field(default_factory=dict)
    remote_code: bool = False


def add_system(world: World, name: str, nodename: str, accounts: list[Account]) -> System:
    """Give a world one more operating system, with the usual empty directories."""
    if name in world.systems:
        raise CommandError(f"there are two systems called {name!r}")
    files = Files(lambda: world.now)
    files.furnish(account.home for account in accounts)
    system = System(name, nodename, files, {account.name: account for account in accounts})
    world.systems[name] = system
    return system


def system_of(world: World, name: str) -> System:
    """Return a system by its name, or raise :class:`CommandError`."""
    try:
        found: System = world.systems[name]
    except KeyError:
        known = ", ".join(world.systems) or "none"
        raise CommandError(f"no system called {name!r}; there are: {known}") from None
    return found
