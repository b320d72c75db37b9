"""Real listeners on loopback, and clients for them, that end with the test."""

import contextlib
import socket
import ssl
from collections.abc import Iterator

import pytest

from hvsim_fakes.server import Limits, Listener, RawApp, server_context
from server.bare_client import PATIENCE, Client, Connect, Park, Serve, echo, trusting


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start listeners that end with the test."""
    with contextlib.ExitStack() as stack:

        def start(
            app: RawApp = echo, tls: ssl.SSLContext | None = None, **limits: float
        ) -> Listener:
            listener = Listener(app, tls=tls, limits=Limits(**limits), name="test")
            return stack.enter_context(listener)

        yield start


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect clients that are closed with the test."""
    with contextlib.ExitStack() as stack:

        def start(listener: Listener, *, tls: bool = False) -> Client:
            sock = socket.create_connection(listener.address, timeout=PATIENCE)
            if tls:
                sock = trusting(["localhost"]).wrap_socket(sock, server_hostname="localhost")
            client = Client(sock)
            stack.callback(client.close)
            return client

        yield start


@pytest.fixture
def secure() -> ssl.SSLContext:
    """A TLS context for clients that look for localhost."""
    return server_context(["localhost"])


@pytest.fixture
def park() -> Iterator[Park]:
    """A long poll that ends with the test at the latest."""
    park = Park()
    yield park
    park.leave.set()
