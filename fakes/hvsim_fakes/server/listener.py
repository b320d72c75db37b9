"""One simulated host's HTTP port: serving, refusing, black-holed, stopped."""

import contextlib
import enum
import logging
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from hvsim_fakes.server.alarm import Alarm
from hvsim_fakes.server.app import adapt
from hvsim_fakes.server.channel import Channel
from hvsim_fakes.server.conversation import Conversation, turn_away
from hvsim_fakes.server.limits import Limits
from hvsim_fakes.server.message import Address, Connection, RawApp

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_BACKLOG = 1024
_DESCRIPTOR_SHORTAGE_MS = 100
_log = logging.getLogger("hvsim_fakes.server")
_stack_lock = threading.Lock()


class _State(enum.Enum):
    NEW = "not started"
    SERVING = "serving"
    REFUSING = "refusing"
    BLACK_HOLED = "black-holed"
    STOPPED = "stopped"


class _Doorway:
    """One period of listening: the socket, and the alarms that end it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.closing = Alarm()
        self.cut_off = Alarm()
        self.acceptor: threading.Thread | None = None


class Listener:
    """An HTTP server on one address, one thread a connection.

    `app` is a RawApp or a WSGI application. With `tls` every connection starts with a handshake.
    Port 0 takes a free port; it stays reserved until `stop()`, also while the simulated host is
    dead, so that nobody else can answer in its place. All methods may be called from any thread,
    from an application's own too.
    """

    def __init__(
        self,
        app: "RawApp | WSGIApplication",
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
        name: str = "",
    ) -> None:
        self._app = adapt(app)
        self._tls = tls
        self._limits = limits or Limits()
        self._wanted = (host, port)
        self._name = name or "http"
        self._lock = threading.RLock()
        self._state = _State.NEW
        self._reservation: socket.socket | None = None
        self._doorway: _Doorway | None = None
        self._channels: dict[Channel, threading.Thread] = {}
        self._changed = threading.Condition()

    @property
    def address(self) -> Address:
        """The host and port clients connect to. Raises RuntimeError unless started."""
        if self._reservation is None:
            raise RuntimeError(f"listener {self._name} is {self._state.value}")
        host, port = self._reservation.getsockname()[:2]
        return str(host), int(port)

    @property
    def name(self) -> str:
        """The name that logs and threads bear."""
        return self._name

    @property
    def open_connections(self) -> int:
        """How many connections hold a thread or are kept silent."""
        with self._changed:
            return len(self._channels)

    def start(self) -> Self:
        """Listen and serve. Raises OSError when the address is not to be had."""
        with self._lock:
            if self._state is not _State.NEW:
                raise RuntimeError(f"listener {self._name} is {self._state.value}")
            self._reservation = _bound(self._wanted)
            self._open()
        return self

    def refuse(self) -> None:
        """Die like a host whose service is gone: connects are refused, connections are reset.

        Requests in flight get no answer; no byte is sent after this returns.
        """
        with self._lock:
            if self._state in {_State.SERVING, _State.BLACK_HOLED}:
                self._shut(Channel.abort)
                self._state = _State.REFUSING

    def black_hole(self) -> None:
        """Die like a host behind a cut cable: nothing is read, answered, refused or reset.

        New connections at most reach the kernel's queue. Open ones stay open and silent; requests
        in flight get no answer; no byte is sent after this returns. A host that is refusing has
        to be resumed first, otherwise nothing happens.
        """
        with self._lock:
            if self._state is _State.SERVING and self._doorway is not None:
                self._stop_accepting(self._doorway)
                self._cut_off(self._doorway, Channel.silence)
                self._state = _State.BLACK_HOLED

    def resume(self) -> None:
        """Serve again on the same port after `refuse` or `black_hole`.

        The host comes back without memory: connections from before are reset.
        """
        with self._lock:
            if self._state is _State.BLACK_HOLED:
                self._shut(Channel.abort)
            if self._state in {_State.BLACK_HOLED, _State.REFUSING}:
                self._open()

    def stop(self) -> None:
        """Close the port and every connection; wait a bounded time for their threads."""
        with self._lock:
            self._shut(Channel.close if self._state is _State.SERVING else Channel.abort)
            if self._reservation is not None:
                self._reservation.close()
                self._reservation = None
            self._state = _State.STOPPED
        self._join()

    def wait_connections(self, at_most: int, timeout: float) -> bool:
        """Wait until no more than `at_most` connections are open; False after the timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._channels) <= at_most, timeout)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _open(self) -> None:
        doorway = _Doorway(_bound(self.address))
        doorway.sock.listen(_BACKLOG)
        doorway.sock.setblocking(False)
        doorway.acceptor = threading.Thread(
            target=self._accept_until_closing,
            args=(doorway,),
            name=f"{self._name}-accept",
            daemon=True,
        )
        self._doorway = doorway
        self._state = _State.SERVING
        doorway.acceptor.start()

    def _shut(self, cut: Callable[[Channel], None]) -> None:
        doorway, self._doorway = self._doorway, None
        if doorway is None:
            return
        self._stop_accepting(doorway)
        doorway.sock.close()
        self._cut_off(doorway, cut)

    @staticmethod
    def _stop_accepting(doorway: _Doorway) -> None:
        if doorway.acceptor is not None:
            doorway.closing.ring()
            doorway.acceptor.join()
            doorway.acceptor = None

    def _cut_off(self, doorway: _Doorway, cut: Callable[[Channel], None]) -> None:
        """Cut every connection, then wake the threads that wait on one."""
        with self._changed:
            channels = list(self._channels)
        for channel in channels:
            was_silent = channel.silent
            cut(channel)
            if was_silent and not channel.silent:
                self._forget(channel)
        doorway.cut_off.ring()

    def _join(self) -> None:
        deadline = time.monotonic() + self._limits.stop_seconds
        with self._changed:
            threads = list(self._channels.values())
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def _accept_until_closing(self, doorway: _Doorway) -> None:
        closing = select.poll()
        closing.register(doorway.closing.fd, select.POLLIN)
        anything = select.poll()
        anything.register(doorway.closing.fd, select.POLLIN)
        anything.register(doorway.sock.fileno(), select.POLLIN)
        while doorway.closing.fd not in dict(anything.poll()):
            try:
                sock, remote = doorway.sock.accept()
            except (BlockingIOError, ConnectionAbortedError):
                continue
            except OSError as error:
                _log.warning("listener %s cannot accept: %s", self._name, error)
                closing.poll(_DESCRIPTOR_SHORTAGE_MS)
                continue
            self._admit(doorway, sock, (str(remote[0]), int(remote[1])))

    def _admit(self, doorway: _Doorway, sock: socket.socket, remote: Address) -> None:
        present = self.open_connections
        limits = self._limits
        channel = Channel(sock, doorway.cut_off)
        if present >= limits.connections + limits.turned_away:
            channel.abort()
            return
        app = self._app if present < limits.connections else turn_away
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conversation = Conversation(
            channel, app, limits, self._connection(channel, remote), self._tls
        )
        self._begin(channel, conversation)

    def _connection(self, channel: Channel, remote: Address) -> Connection:
        scheme = "http" if self._tls is None else "https"
        return Connection(channel, scheme=scheme, local=self.address, remote=remote)

    def _begin(self, channel: Channel, conversation: Conversation) -> None:
        thread = threading.Thread(
            target=self._converse, args=(channel, conversation), name=self._name, daemon=True
        )
        with self._changed:
            self._channels[channel] = thread
        try:
            _start_with_stack(thread, self._limits.stack_bytes)
        except RuntimeError as error:
            _log.warning("listener %s has no thread for a client: %s", self._name, error)
            channel.abort()
            self._forget(channel)

    def _converse(self, channel: Channel, conversation: Conversation) -> None:
        try:
            conversation.run()
        finally:
            # A silent channel has to stay open: its owner is gone, this registry keeps it.
            if not channel.silent:
                self._forget(channel)

    def _forget(self, channel: Channel) -> None:
        with self._changed:
            self._channels.pop(channel, None)
            self._changed.notify_all()


def _bound(address: Address) -> socket.socket:
    """Bind a socket; one that does not listen reserves the port, and connects are refused."""
    host, port = address
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _start_with_stack(thread: threading.Thread, stack_bytes: int) -> None:
    """Start a thread with its own stack size; Python only has a setting for the process."""
    with _stack_lock:
        usual = threading.stack_size(stack_bytes)
        try:
            thread.start()
        finally:
            threading.stack_size(usual)
