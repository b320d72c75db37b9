"""The registry of what VMM can be told to do, and by whom it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim.scvmm.errors import VmmError

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Fabric
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Store
    from hvsim.world import World

Handler = Callable[..., Any]

_handlers: dict[str, Handler] = {}


@dataclass(frozen=True, slots=True)
class Caller:
    r"""Who asks: the account (``DOMAIN\\user``) and the cmdlet; nobody waits for background."""

    user: str = ""
    cmdlet: str = ""
    background: bool = False


@dataclass(slots=True)
class Call:
    """One action being carried out."""

    vmm: VmmServer
    caller: Caller
    name: str

    @property
    def store(self) -> Store:
        """VMM's records."""
        return self.vmm.store

    @property
    def fabric(self) -> Fabric:
        """What is true on the hosts."""
        return self.vmm.fabric

    @property
    def world(self) -> World:
        """The world that all this is in."""
        return self.vmm.world


def action(name: str) -> Callable[[Handler], Handler]:
    """Register ``(call, **args) -> value`` as an action of VMM's.

    Arguments are JSON-ready; objects are named by ID. What takes time returns the ID of its job.
    """

    def register(handler: Handler) -> Handler:
        if name in _handlers:
            raise AssertionError(f"action {name!r} is registered twice")
        _handlers[name] = handler
        return handler

    return register


def handler_of(name: str) -> Handler:
    """Return what carries an action out; raises VMM's error 50003 when nothing does."""
    try:
        return _handlers[name]
    except KeyError:
        raise VmmError(50003, name=name) from None


def actions() -> list[str]:
    """Return the names of all actions, sorted."""
    return sorted(_handlers)
