"""A bare HTTP client that shows every byte, and what the tests send with it."""

import socket
import ssl
import threading
from collections.abc import Callable

from hvsim_fakes.server import Connection, Listener, Request, Response, self_signed

PATIENCE = 20.0
"""Seconds a client waits for what must happen; only a failing test ever waits that long."""


class Client:
    """A socket with the little parsing the tests need."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.stream = sock.makefile("rb")

    def send(self, data: bytes) -> "Client":
        self.sock.sendall(data)
        return self

    def get(self, path: str = "/", *headers: str) -> "Client":
        return self.send(request("GET", path, *headers))

    def head(self) -> tuple[int, dict[str, str]]:
        status = self.stream.readline()
        if not status:
            raise EOFError
        headers = {}
        while (line := self.stream.readline()) != b"\r\n":
            if not line:
                raise EOFError
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value.rstrip("\r\n")
        return int(status.split()[1]), headers

    def chunk(self) -> bytes:
        size = int(self.stream.readline(), 16)
        data = self.stream.read(size)
        assert self.stream.readline() == b"\r\n"
        return data

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status, headers = self.head()
        if headers.get("transfer-encoding") == "chunked":
            return status, headers, b"".join(iter(self.chunk, b""))
        return status, headers, self.stream.read(int(headers.get("content-length", 0)))

    def text(self) -> bytes:
        return self.answer()[2]

    def ended(self) -> bool:
        """Wait for the end of the connection; reset or not."""
        try:
            return self.stream.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self) -> None:
        self.stream.close()
        self.sock.close()


def cut_off(connect: "Connect", listener: Listener) -> bool:
    """Tell that a client is reset unheard, be it while it still connects."""
    try:
        return connect(listener).ended()
    except ConnectionResetError:
        return True


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def echo(asked: Request) -> Response:
    """Answer with the method, the path, the query and the body."""
    text = f"{asked.method} {asked.path}?{asked.query} ".encode()
    return Response(200, {"Content-Type": "text/plain"}, text + asked.body)


class Park:
    """An application whose /park waits, as a long poll does; everything else answers at once."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.leave = threading.Event()
        self.connections: list[Connection] = []

    def __call__(self, asked: Request) -> Response:
        if asked.path != "/park":
            return Response(200, body=b"fast")
        self.connections.append(asked.connection)
        self.entered.release()
        self.leave.wait(60)
        return Response(200, body=b"parked")

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.entered.acquire(timeout=20)


Serve = Callable[..., Listener]
Connect = Callable[..., Client]


def trusting(names: list[str]) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=self_signed(names).pem.decode())
