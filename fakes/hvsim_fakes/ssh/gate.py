"""The SSH port of one simulated host, which dies and comes back as the host does."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import asyncssh

from hvsim.hardware import Silence
from hvsim.operations import Stage
from hvsim_fakes.shell.program import SIGKILL
from hvsim_fakes.ssh.hostkeys import host_keys
from hvsim_fakes.ssh.server import Connection
from hvsim_fakes.wirelog import mask

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from hvsim.operations import Steps
    from hvsim.world import World
    from hvsim_fakes.shell.program import Host
    from hvsim_fakes.shell.session import Session
    from hvsim_fakes.ssh.door import ShellDoor
    from hvsim_fakes.ssh.limits import SshLimits
    from hvsim_fakes.ssh.loop import Loop

_BACKLOG = 1_024
_RESET = struct.pack("ii", 1, 0)
"""``SO_LINGER`` on, for no time: closing resets."""
_LOOK_FOR_IDLE = 15.0


class ShellGate:
    """One host's SSH port; it does what the host's state says.

    Args:
        loop: the thread that serves it.
        door: what is behind it, and how alive that is.
    """

    def __init__(self, world: World, loop: Loop, door: ShellDoor, limits: SshLimits) -> None:
        self.world = world
        self.loop = loop
        self.limits = limits
        self.host: Host = door.shell
        self.sessions: dict[Session, None] = {}
        self._door = door
        self._connections: dict[Connection, asyncssh.SSHServerConnection] = {}
        self._silent: list[int] = []
        """Sockets of clients that are to hear nothing any more."""
        self._reservation: socket.socket | None = None
        self._listening: socket.socket | None = None
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._options: dict[str, Any] = {}
        self._shown: Silence | None = None
        self._lock = threading.Lock()
        self._idle: asyncio.TimerHandle | None = None

    def listen(self, address: str, port: int) -> None:
        """Open the port; raises OSError when it is not to be had."""
        self._reservation = _bound(address, port)
        self._options = {
            "server_host_keys": host_keys(self.world, self.host.system.name),
            "server_version": self._door.banner,
            "gss_host": None,
            # Products of the hosts' own age speak nothing newer.
            "kex_algs": "+diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1"
            ",diffie-hellman-group1-sha1",
            "encryption_algs": "+aes256-cbc,aes192-cbc,aes128-cbc,3des-cbc",
            "mac_algs": "+hmac-sha1,hmac-md5",
            "signature_algs": "+ssh-rsa",
            "x11_forwarding": False,
            "agent_forwarding": False,
            "login_timeout": self.limits.login_seconds,
            "allow_scp": True,
        }
        self.loop.run(self._open())

    @property
    def urls(self) -> dict[str, str]:
        """The address as a URL, by scheme."""
        if self._reservation is None:
            return {}
        host, port = self._reservation.getsockname()[:2]
        return {"ssh": f"ssh://{host}:{port}"}

    def follow(self) -> None:
        """Become as reachable as the host now is; called under the world's lock."""
        with self._lock:
            wanted = self._door.silence()
            if wanted is not self._shown:
                self.loop.run(self._show(wanted))
                self._shown = wanted

    def cut(self) -> None:
        """End every connection and take no more; nobody waits for the threads."""
        with self._lock:
            self.loop.run(self._show(Silence.REFUSED))
        for session in tuple(self.sessions):
            session.signal(SIGKILL)

    def stop(self) -> None:
        """Close the port."""
        self.loop.run(self._show(Silence.REFUSED))
        if self._reservation is not None:
            self._reservation.close()
            self._reservation = None

    # For connections, in the loop's thread

    def admit(self, connection: Connection, transport: asyncssh.SSHServerConnection) -> bool:
        """Take a connection in, unless there are too many."""
        if len(self._connections) >= self.limits.connections:
            return False
        self._connections[connection] = transport
        return True

    def forget(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self._connections.pop(connection, None)

    # For sessions, in their threads

    def take_terminal(self) -> str:
        """Return the name of a terminal that no other session has."""
        taken = {session.tty for session in tuple(self.sessions) if not session.ended}
        return next(name for number in range(1, 10_000) if (name := f"pts/{number}") not in taken)

    def leave(self, session: Session) -> None:
        """Let a session end; what it left running is still to be ended with the port."""
        session.ended = True
        for one in tuple(self.sessions):
            if one.ended and not one.busy:
                self.sessions.pop(one, None)

    def pass_link(self, session: Session) -> None:
        """Wait as long as the host's management link is slow."""
        latency = self._door.server.latency
        if latency <= 0:
            return
        with self.world.access():
            subject = f"server/{self._door.server.name}"
            passage = self.world.operations.start("link.delay", subject, _pass(latency))
            self.world.engine.settle()
        while not passage.done:
            session.park(lambda: passage.done, passage.topic)

    def note(
        self, client: str, call: str, params: Mapping[str, object], *, is_write: bool, outcome: str
    ) -> None:
        """Note an exchange in the wire log."""
        if self.host.wirelog is not None:
            self.host.wirelog.record(
                time=self.world.clock.now(),
                product=self.host.product,
                endpoint=f"{self.host.owner}/{self.host.name}",
                client=client,
                call=call,
                is_write=is_write,
                outcome=outcome,
                params=mask(params),
            )

    # The port, in the loop's thread

    async def _show(self, wanted: Silence | None) -> None:
        if wanted is Silence.DROPPED:
            self._close_acceptor()
            self._silence_all()
            return
        self._reset_all()
        self._close_acceptor()
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        if wanted is None and self._reservation is not None:
            await self._open()

    async def _open(self) -> None:
        assert self._reservation is not None  # noqa: S101 - asked by those who have it
        host, port = self._reservation.getsockname()[:2]
        # The acceptor closes its own copy; while this one lives, clients reach the queue at most.
        self._listening = _bound(host, port)
        self._acceptor = await asyncssh.listen(
            sock=self._listening.dup(),
            server_factory=lambda: Connection(self),
            backlog=_BACKLOG,
            **self._options,
        )
        if self._idle is None:
            self._look_for_idle()

    def _close_acceptor(self) -> None:
        if self._acceptor is not None:
            self._acceptor.close()
            self._acceptor = None

    def _silence_all(self) -> None:
        """Leave every client with an open connection on which nothing happens."""
        for transport in tuple(self._connections.values()):
            sock = transport.get_extra_info("socket")
            if sock is None:
                # It has ended by itself, and is about to be forgotten.
                continue
            with contextlib.suppress(OSError):
                # A second handle keeps the kernel from telling the client of the end.
                self._silent.append(os.dup(sock.fileno()))
            transport.abort()

    def _reset_all(self) -> None:
        for transport in tuple(self._connections.values()):
            sock = transport.get_extra_info("socket")
            if sock is None:
                # It has ended by itself, and is about to be forgotten.
                continue
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        for fd in self._silent:
            with contextlib.suppress(OSError), socket.socket(fileno=fd) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._silent.clear()

    def _look_for_idle(self) -> None:
        """Close connections that nobody has used for long."""
        now = self.loop.loop.time()
        for connection, transport in tuple(self._connections.items()):
            quiet = now - connection.quiet_since > self.limits.idle_seconds
            if quiet and connection.channels == 0:
                transport.disconnect(asyncssh.DISC_BY_APPLICATION, "idle for too long")
        self._idle = self.loop.loop.call_later(_LOOK_FOR_IDLE, self._look_for_idle)


def _bound(address: str, port: int) -> socket.socket:
    """Bind a socket; one that does not listen reserves the port, and connects are refused."""
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def _pass(seconds: float) -> Steps:
    yield Stage("transit", seconds)
