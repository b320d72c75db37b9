"""Clients that go away half-way, half close, or stay silent, and waiters that notice."""

import socket
import struct
import threading

import pytest

from hvsim_fakes.server import Connection, Response
from hvsim_fakes.server.channel import _end_of_input
from server.bare_client import Client, Connect, Park, Serve, request


def reset(client: Client) -> None:
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def await_closed(connection: Connection) -> bool:
    """Poll as a waiter does; loopback delivers the client's last packet in its own time."""
    wake = threading.Event()
    return any(connection.closed() or wake.wait(0.01) for _ in range(2000))


def test_200_parked_waiters_do_not_hold_up_the_rest(serve: Serve, connect: Connect, park: Park):
    listener = serve(park)
    waiters = [connect(listener).get("/park") for _ in range(200)]
    park.wait_for(200)
    busy = connect(listener)
    assert [busy.get().text() for _ in range(200)] == [b"fast"] * 200
    assert connect(listener).get().text() == b"fast"
    assert listener.open_connections == 202
    park.leave.set()
    assert [waiter.text() for waiter in waiters] == [b"parked"] * 200


@pytest.mark.parametrize("leave", [Client.close, reset])
@pytest.mark.parametrize("tls", [False, True])
def test_waiter_notices_that_its_client_left(
    serve: Serve, connect: Connect, park: Park, secure, *, leave, tls: bool
):
    listener = serve(park, tls=secure if tls else None)
    client = connect(listener, tls=tls).get("/park")
    park.wait_for(1)
    assert not park.connections[0].closed()
    leave(client)
    assert await_closed(park.connections[0])


def test_waiter_notices_behind_a_pipelined_request(serve: Serve, connect: Connect, park: Park):
    client = connect(serve(park)).get("/park").get("/next")
    park.wait_for(1)
    assert not park.connections[0].closed()
    client.close()
    assert await_closed(park.connections[0])


def test_half_closed_client_gets_all_its_answers(serve: Serve, connect: Connect, park: Park):
    client = connect(serve(park)).get("/park").get("/next")
    client.sock.shutdown(socket.SHUT_WR)
    park.wait_for(1)
    assert await_closed(park.connections[0])
    park.leave.set()
    assert (client.text(), client.text()) == (b"parked", b"fast")
    assert client.ended()


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"GET / HT",
        request("GET", "/")[:-2],
        request("POST", "/", "Content-Length: 9") + b"1234",
        request("POST", "/", "Transfer-Encoding: chunked") + b"9\r\n1234",
    ],
)
@pytest.mark.parametrize("leave", [Client.close, reset])
def test_client_that_leaves_half_way(serve: Serve, connect: Connect, part: bytes, leave):
    listener = serve()
    leave(connect(listener).send(part))
    assert listener.wait_connections(0, 20)
    assert connect(listener).get("/next").text() == b"GET /next? "


def test_half_a_request_and_then_no_more_is_400(serve: Serve, connect: Connect):
    client = connect(serve()).send(b"GET / HT")
    client.sock.shutdown(socket.SHUT_WR)
    assert client.answer()[0] == 400


def test_client_that_leaves_a_stream(serve: Serve, connect: Connect):
    closed = threading.Event()

    class Endless:
        def __iter__(self):
            while True:
                yield bytes(100_000)

        def close(self) -> None:
            closed.set()

    listener = serve(lambda _: Response(200, body=Endless()))
    client = connect(listener).get()
    assert client.head()[0] == 200
    reset(client)
    assert closed.wait(20)
    assert listener.wait_connections(0, 20)


@pytest.mark.parametrize("leave", [Client.close, reset])
def test_hang_ups_are_seen_without_linux_too(leave):
    """Other systems have no POLLRDHUP; there the input is peeked at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = Client(socket.create_connection(server.getsockname()))
        sock, _ = server.accept()
    with sock:
        sock.setblocking(False)
        assert not _end_of_input(sock)
        leave(client)
        wake = threading.Event()
        assert any(_end_of_input(sock) or wake.wait(0.01) for _ in range(2000))


def test_silent_tls_client_does_not_stall_the_next(serve: Serve, connect: Connect, secure):
    listener = serve(tls=secure)
    silent = [connect(listener) for _ in range(20)]
    assert connect(listener, tls=True).get("/a").text() == b"GET /a? "
    assert listener.open_connections == 21
    for client in silent:
        client.close()
    assert listener.wait_connections(1, 20)


def test_handshake_has_a_time_limit(serve: Serve, connect: Connect, secure):
    listener = serve(tls=secure, handshake_seconds=0.1)
    silent = connect(listener)
    started = connect(listener).send(b"\x16\x03\x01\x02\x00\x01")
    assert silent.ended()
    assert started.ended()


def test_plain_text_on_a_tls_port(serve: Serve, connect: Connect, secure, caplog):
    listener = serve(tls=secure)
    connect(listener).get()
    assert listener.wait_connections(0, 20)
    assert connect(listener, tls=True).get("/a").text() == b"GET /a? "
    assert caplog.text == ""


def test_tls_answer_until_close_ends_properly(serve: Serve, connect: Connect, secure):
    """Without close_notify the client could not tell the end from a cut connection."""
    client = connect(serve(lambda _: Response(200, body=iter([b"all"])), tls=secure), tls=True)
    client.sock.suppress_ragged_eofs = False
    client.send(b"GET / HTTP/1.0\r\n\r\n")
    assert client.head()[0] == 200
    assert client.stream.read() == b"all"
