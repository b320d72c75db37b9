"""What carries out commands for a client, and waits for it: a program's process, or a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from hvsim.operations import Operation
from hvsim.rhel5xen.calls import call
from hvsim.rhel5xen.errors import XendError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.commands import Command
    from hvsim.errors import HvsimError
    from hvsim.rhel5xen.site import Daemon, Host
    from hvsim.world import World


class Actor(Protocol):
    """Who acts on a world; :class:`hvsim_fakes.shell.program.Process` is one."""

    @property
    def world(self) -> World:
        """The simulated datacentre."""

    def execute(self, command: Command) -> Any:
        """Carry out a command."""

    def wait(self, operation: Operation) -> Operation:
        """Wait until an operation has ended; return it."""

    def wait_until(self, ready: Callable[[], bool], *topics: str) -> None:
        """Wait until ``ready()``, judged under the world's lock."""


class WorldActor:
    """Acts on a world directly, for whoever has no process."""

    def __init__(self, world: World) -> None:
        self.world = world

    def execute(self, command: Command) -> Any:
        """Carry out a command."""
        return self.world.execute(command)

    def wait(self, operation: Operation) -> Operation:
        """Wait until an operation has ended; return it."""
        with self.world.activity.request():
            self.world.wait_operation(operation)
        return operation

    def wait_until(self, ready: Callable[[], bool], *topics: str) -> None:
        """Wait until ``ready()``."""
        with self.world.activity.request():
            self.world.park(topics, ready)


def tell_xend(actor: Actor, host: Host, message: str, *args: Any) -> Any:
    """Send a message to a host's xend and wait for what comes of it.

    Raises:
        XendError: what xend refuses or fails with.
    """
    await_answer(actor, host, host.xend)
    value = actor.execute(call(host, message, *args))
    if not isinstance(value, Operation):
        return value
    operation = actor.wait(value)
    if operation.error is None:
        return operation.value
    raise _as_xend(operation.error)


def await_answer(actor: Actor, host: Host, daemon: Daemon) -> None:
    """Wait as long as a host's daemon hangs."""
    if daemon.state == "hung":
        actor.wait_until(lambda: daemon.state != "hung", host.path)


def _as_xend(error: HvsimError) -> XendError:
    return error if isinstance(error, XendError) else XendError(str(error))
