"""A XenServer pool: its database, its members and the way calls reach its behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import TYPE_CHECKING, Any

import msgspec

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.hardware import Server, Silence
from hvsim.operations import Operation
from hvsim.xenserver import arguments, behaviours, generic, task
from hvsim.xenserver.accounts import sealed
from hvsim.xenserver.accounts.access import Access
from hvsim.xenserver.availability.lookout import Lookout
from hvsim.xenserver.database import Database
from hvsim.xenserver.life.guests import Guests
from hvsim.xenserver.messages import Call, Caller, handler_of
from hvsim.xenserver.model import NULL_REF, Model

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.world import World
    from hvsim.xenserver.errors import XenError


class Role(StrEnum):
    """What a member believes to be in its pool."""

    MASTER = "master"
    SLAVE = "slave"
    BROKEN = "broken"


@dataclass(slots=True)
class Member:
    """A host's own management service (xapi), beside its row in the pool's database.

    Attributes:
        host: reference of its host row.
        server: the machine it runs on.
        role: what it believes to be.
        master: address of the host it takes for the pool's master.
        running: whether its management service runs; its guests do not depend on it.
        hung: whether that service lives but answers nobody; ends with its next stop or start.
        emergency: the error that every call but the emergency ones gets, while it is in
            emergency mode.
        local_sessions: references of local sessions, with the user of each.
        armed: whether it takes part in high availability (kept on its own disk).
        in_liveset: whether its heartbeat daemon has joined the others (high availability).
        lost_power: whether its machine stopped since its service last ran, guests and all.
        booted: when its machine last started, in simulated seconds.
        unplugged: whether its machine started since its storage was last connected.
        shutting_down: whether it was told to shut down or reboot.
        kept_disabled: whether somebody disabled it since its service started.
        auto_enable: whether it enables itself when it starts (kept on its own disk).
        disabled_until_reboot: whether it may not be enabled before its machine restarts.
        proposal: address of the new master it has agreed to, and when.
        next_role: what it will be, and under which master, when its service next starts.
        startup: its service's start-up under way, ``silence`` the wait before it is given up.
    """

    host: str
    server: Server
    role: Role
    master: str
    running: bool = True
    emergency: XenError | None = None
    local_sessions: dict[str, str] = field(default_factory=dict)
    armed: bool = False
    in_liveset: bool = False
    lost_power: bool = False
    booted: float = 0.0
    unplugged: bool = False
    shutting_down: bool = False
    kept_disabled: bool = False
    auto_enable: bool = True
    disabled_until_reboot: bool = False
    proposal: tuple[str, float] | None = None
    next_role: tuple[Role, str] | None = None
    hung: bool = False
    startup: Operation | None = None
    silence: Operation | None = None
    observers: list[Callable[[], None]] = field(default_factory=list, repr=False)
    """Told, under the world's lock, whenever ``running`` or ``hung`` is set."""

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name == "running":
            object.__setattr__(self, "hung", False)
        if name in ("running", "hung"):
            # Set before `observers` while the member is made.
            for tell in getattr(self, "observers", ()):
                tell()

    def answers(self) -> Silence | None:
        """Return None when its API answers, else what a caller sees instead."""
        unreachable = self.server.reachable()
        if unreachable is not None:
            return unreachable
        if self.hung:
            return Silence.DROPPED
        return None if self.running else Silence.REFUSED


class Pool:
    """One pool of the simulated datacentre.

    Args:
        name: its name in the lab (not the pool's ``name_label``, which clients may change).
        profile: ``xenserver-5.5`` or ``xenserver-8``.
    """

    def __init__(self, world: World, name: str, profile: str) -> None:
        self.world = world
        self.name = name
        self.profile = profile
        self.model = Model.for_profile(profile)
        self.path = f"xenserver/{name}"
        self.db = Database(self.path, self.model, world.log, world.streams)
        self.members: dict[str, Member] = {}
        """By reference of the host row."""
        self.insides: dict[str, dict[str, Any]] = {}
        """What is true inside each guest (by VM reference), whatever the database says."""
        self.default_migration: str | None = None
        """The lab's own mode of live migration; None takes the profile's."""
        self.migration_modes: dict[str, str] = {}
        """Modes of single guests, by VM reference."""
        self.bandwidth = 125_000_000
        """Bytes a second that a migration or a suspend copies."""
        self.access = Access()
        """Who may log in, and what is kept of open sessions beside their rows."""
        self.behaviours = behaviours.chosen(profile)
        """What the release does, and the lab may have switched."""
        self.guests = Guests()
        """What goes on with guests, and who wants to know of it."""
        self.lookout = Lookout()
        """What its master remembers of hosts and guests under high availability."""
        self.tasks: dict[str, Operation] = {}
        """Operations under way, by the task that follows each."""
        self.task_sessions: dict[str, str] = {}
        """Sessions by the tasks they made, of which no row tells (see :mod:`.task`)."""
        self.next_sweep = inf
        """When old tasks are thrown away next, in simulated seconds."""
        self.stuck_tasks: dict[str, float] = {}
        """How far old tasks had got that were pending at the last look at them."""
        self.on_master: list[Callable[[Pool], None]] = []
        """Told after a member has taken over as master."""
        world.products[name] = self

    def has(self, behaviour: str) -> bool:
        """Whether the pool shows a behaviour of :mod:`hvsim.xenserver.behaviours`."""
        return behaviour in self.behaviours

    @property
    def legacy(self) -> bool:
        """Whether the records and errors are shaped as XenServer 5.5 had them.

        What the release *does* is asked for by name: :meth:`has`.
        """
        return self.profile == "xenserver-5.5"

    @property
    def ref(self) -> str:
        """Reference of the pool's only pool row."""
        return next(iter(self.db.tables["pool"]))

    @property
    def row(self) -> dict[str, Any]:
        """The pool's only pool row."""
        return self.db.tables["pool"][self.ref]

    @property
    def master(self) -> Member:
        """The member that the database names as the pool's master."""
        return self.members[self.row["master"]]

    def member_on(self, server: str) -> Member | None:
        """Return the member that runs on a server, or None."""
        return next((m for m in self.members.values() if m.server.name == server), None)

    def call(self, caller: Caller, name: str, args: list[Any], *, is_async: bool = False) -> Any:
        """Carry out a message as a journalled command.

        Args:
            name: the message, e.g. ``VM.start``.
            args: its arguments without the session, JSON-ready, judged against the data model.
            is_async: return the reference of a task at once instead.

        Returns:
            The message's result, or the :class:`Operation` that will give it.

        Raises:
            XenError: what XenServer refuses with.
        """
        arguments.require_finite(args)
        ask = XenApiCall(
            pool=self.name,
            message=name,
            args=args,
            user=caller.user,
            roles=caller.roles,
            session=caller.session,
            host=caller.host,
            local=caller.local,
            is_async=is_async,
        )
        return self.world.execute(ask)


def named(world: World, name: str) -> Pool:
    """Return a pool by name; raise :class:`CommandError` when there is none of that name."""
    found = world.product(name)
    if not isinstance(found, Pool):
        raise CommandError(f"{name!r} is no XenServer pool")
    return found


@command("xenserver.call")
class XenApiCall(Command, frozen=True, kw_only=True):
    """A XenAPI message sent to a pool by a session."""

    pool: str
    message: str
    args: list[Any]
    user: str = "root"
    roles: tuple[str, ...] = ("pool-admin",)
    session: str = NULL_REF
    host: str = NULL_REF
    local: bool = False
    is_async: bool = False

    def apply(self, world: World) -> Any:
        """Find the message's behaviour and run it, with a task where the product has one."""
        pool = named(world, self.pool)
        arguments.require(pool.model, self.message, self.args)
        caller = Caller(self.user, self.roles, self.session, self.host, self.local)
        call = Call(pool, caller, self.message, is_async=self.is_async)
        with world.log.caused_by(self.message):
            return task.run_async(call, self._run) if self.is_async else self._run(call)

    def sealed(self, world: World) -> XenApiCall:
        """See :meth:`Command.sealed`: digests take the place of passwords."""
        pool = world.products.get(self.pool)
        if not (isinstance(pool, Pool) and sealed.concerns(pool.profile, self.message)):
            return self
        # Drawn from no running stream: a replay must find all of them as they were.
        salt = world.streams.fresh(f"{pool.path}/salt/{world.log.generation}").randbytes(8).hex()
        args = sealed.arguments(pool.profile, self.message, self.args, salt)
        return msgspec.structs.replace(self, args=args)

    def _run(self, call: Call) -> Any:
        handler = handler_of(self.message)
        if handler is not None:
            return handler(call, *self.args)
        return generic.carry_out(call, self.args)


def is_operation(value: Any) -> bool:
    """Whether a call's value is an operation still to be waited for."""
    return isinstance(value, Operation)
