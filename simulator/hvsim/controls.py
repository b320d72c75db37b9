"""What a lab may do to any simulated product beside its own calls: services, accounts, names."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING, Any, Protocol

from hvsim import modules
from hvsim.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.world import World


class Service(Protocol):
    """A management service that runs on a server."""

    @property
    def state(self) -> str:
        """``running``, ``stopped`` or ``hung``."""

    def stop(self) -> None:
        """End it; connections are refused from then on."""

    def start(self) -> None:
        """Start it, in the simulated time that this takes."""

    def hang(self) -> None:
        """Let it live and answer nobody."""


class Controls(Protocol):
    """One pool or manager, as faults and stage rules reach it. Each refuses with CommandError."""

    def subject(self, name: str) -> str:
        """Return the path of the guest, host or storage with a name, UUID or reference."""

    def services_on(self, server: str) -> dict[str, Service]:
        """Return its services on a server, by name."""

    def set_account(self, user: str, *, enabled: bool) -> bool:
        """Revoke or restore an account; return whether it was enabled."""


@singledispatch
def _controls(product: Any) -> Controls:
    raise CommandError(f"a {type(product).__name__} offers no services, accounts or objects")


def offer(product: type) -> Callable[[Callable[[Any], Controls]], Callable[[Any], Controls]]:
    """Register what makes the controls of a type of product (used as a decorator)."""
    return _controls.register(product)


def of(world: World, name: str) -> Controls:
    """Return the controls of a pool or manager, or raise :class:`CommandError`."""
    modules.load()
    return _controls(world.product(name))
