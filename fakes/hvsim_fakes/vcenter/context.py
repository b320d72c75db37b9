"""The methods that the wire itself answers: those of a session's own objects, and reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.vcenter.rows import Rows, rows_of

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.world import World
    from hvsim_fakes.vcenter.scope import Scope, WireSession

Handler = Callable[..., Any]


class Written:
    """A result that is written already: elements called ``returnval``, in pieces of any length."""

    __slots__ = ("pieces",)

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces


@dataclass(slots=True)
class Context:
    """One call being answered.

    Attributes:
        scope: the vCenter as the caller's session sees it.
        version: pyVmomi's name of the API version that the client speaks.
        gone: asked now and then; true when the client is no longer there.
    """

    scope: Scope
    version: str
    gone: Callable[[], bool]

    @property
    def vcenter(self) -> VCenter:
        """The vCenter called."""
        return self.scope.vcenter

    @property
    def session(self) -> WireSession:
        """The caller's session."""
        return self.scope.session

    @property
    def world(self) -> World:
        """The world the vCenter is in."""
        return self.scope.vcenter.world

    @property
    def rows(self) -> Rows:
        """Its objects as they were written before."""
        return rows_of(self.vcenter.store)


@dataclass(frozen=True, slots=True)
class LocalMethod:
    """A method the wire answers; ``locked`` says that it is called under the world's lock."""

    handler: Handler
    locked: bool


_handlers: dict[tuple[str, str], LocalMethod] = {}


def local(*names: str, locked: bool = True) -> Callable[[Handler], Handler]:
    """Register ``(context, this, **args) -> value | Written`` as the answer of methods.

    A name is ``Type.WireName``; arguments arrive under their vim25 names.
    """

    def register(handler: Handler) -> Handler:
        for name in names:
            owner, _, wire = name.partition(".")
            if (owner, wire) in _handlers:
                raise AssertionError(f"method {name!r} is answered twice")
            _handlers[owner, wire] = LocalMethod(handler, locked)
        return handler

    return register


def local_method(owner: str, wire: str) -> LocalMethod | None:
    """Return the wire's own answer to a method of a type, or None."""
    return _handlers.get((owner, wire))


def local_names() -> frozenset[str]:
    """Return ``Type.WireName`` of all methods the wire answers itself."""
    return frozenset(f"{owner}.{wire}" for owner, wire in _handlers)
