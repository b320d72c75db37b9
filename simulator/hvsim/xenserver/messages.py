"""The registry of XenAPI messages that XenServer's behaviour is written for by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim.modules import load_package
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim.xenserver.database import Database
    from hvsim.xenserver.pool import Pool

Handler = Callable[..., Any]

_handlers: dict[str, Handler] = {}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the session, its user, what roles it has, and the host it was opened on."""

    user: str = "root"
    roles: tuple[str, ...] = ("pool-admin",)
    session: str = NULL_REF
    host: str = NULL_REF
    local: bool = False
    """Whether it is a local session, good for emergency messages on one host only."""
    background: bool = False
    """Whether it is ambient activity: nobody waits for what it begins."""


@dataclass(slots=True)
class Call:
    """One call being carried out.

    Attributes:
        pool: the pool it is made to.
        caller: who makes it.
        message: its name, e.g. ``VM.start``.
        task: reference of its task row, once there is one (see :func:`hvsim.xenserver.task`).
        is_async: whether the caller goes on at once and watches the task.
    """

    pool: Pool
    caller: Caller
    message: str
    task: str = NULL_REF
    is_async: bool = False

    @property
    def db(self) -> Database:
        """The pool's database."""
        return self.pool.db

    @property
    def world(self) -> World:
        """The world the pool is in."""
        return self.pool.world


def message(*names: str) -> Callable[[Handler], Handler]:
    """Register a function ``(call, *args) -> value | Operation`` as the behaviour of messages.

    Arguments arrive as JSON-ready values of the data model's types, without the session; the
    caller of the function has judged their number and types. It raises
    :class:`~hvsim.xenserver.errors.XenError` to refuse.
    """

    def register(handler: Handler) -> Handler:
        for name in names:
            if name in _handlers:
                raise AssertionError(f"message {name!r} has two behaviours")
            _handlers[name] = handler
        return handler

    return register


def handler_of(name: str) -> Handler | None:
    """Return the behaviour written for a message, or None."""
    return _handlers.get(name)


def load_all() -> None:
    """Import every module of XenServer's behaviour, so that its messages are registered."""
    load_package("hvsim.xenserver")


def handled() -> frozenset[str]:
    """Return the names of all messages with a behaviour of their own."""
    return frozenset(_handlers)
