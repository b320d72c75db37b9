"""Malformed, oversized and slow requests, and too many of them."""

import contextlib
import socket

import pytest

from hvsim_fakes.server import Listener, Request, Response
from server.bare_client import Client, Connect, Park, Serve, cut_off, request


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /\r\n\r\n",
        b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1 \r\nHost: x\r\n\r\n",
        b"G@T / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / http/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\nHost: x\n\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET relative HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\ry\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n\r\n\0",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1_0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + b"0" * 3000,
    ],
)
def test_malformed_requests_are_400(serve: Serve, connect: Connect, raw: bytes):
    asked: list[Request] = []

    def note(request: Request) -> Response:
        asked.append(request)
        return Response(200)

    client = connect(serve(note)).send(raw)
    status, headers, body = client.answer()
    assert (status, headers["connection"]) == (400, "close")
    assert body.count(b"\n") == 1
    assert client.ended()
    assert asked == []


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
    ],
)
def test_what_the_server_does_not_speak(serve: Serve, connect: Connect, raw: bytes, status: int):
    assert connect(serve()).send(raw).answer()[0] == status


def test_request_line_limit(serve: Serve, connect: Connect):
    listener = serve(request_line_bytes=100, header_bytes=1000)
    fits = "/" + "x" * (100 - len("GET / HTTP/1.1"))
    assert connect(listener).get(fits).answer()[0] == 200
    assert connect(listener).get(fits + "x").answer()[0] == 414
    assert connect(listener).send(b"x" * 101).answer()[0] == 414


def test_header_size_limit(serve: Serve, connect: Connect):
    listener = serve(header_bytes=1000)
    room = 1000 - len(request("GET", "/", "X: ")) + len("\r\n\r\n")
    assert connect(listener).get("/", "X: " + "x" * room).answer()[0] == 200
    assert connect(listener).get("/", "X: " + "x" * (room + 1)).answer()[0] == 431
    endless = request("GET", "/")[:-2] + b"X: " + b"x" * 2000
    assert connect(listener).send(endless).answer()[0] == 431


def test_header_count_limit(serve: Serve, connect: Connect):
    listener = serve(header_count=10)
    assert connect(listener).get("/", *["X: y"] * 9).answer()[0] == 200
    assert connect(listener).get("/", *["X: y"] * 10).answer()[0] == 431


def test_trailer_count_limit(serve: Serve, connect: Connect):
    trailers = b"0\r\n" + b"X: y\r\n" * 10
    client = connect(serve(header_count=10))
    client.send(request("POST", "/", "Transfer-Encoding: chunked") + trailers)
    assert client.answer()[0] == 431


def test_body_limit(serve: Serve, connect: Connect):
    listener = serve(body_bytes=10)
    assert connect(listener).send(request("POST", "/", body=b"x" * 10)).answer()[0] == 200
    assert connect(listener).send(request("POST", "/", body=b"x" * 11)).answer()[0] == 413
    chunked = request("POST", "/", "Transfer-Encoding: chunked")
    assert connect(listener).send(chunked + b"6\r\n123456\r\n5\r\n").answer()[0] == 413
    assert connect(listener).send(chunked + b"fffffffffffffff\r\n").answer()[0] == 413


def test_client_that_sends_everything_first_can_read_its_413(serve: Serve, connect: Connect):
    """Closing with unread input would reset the connection and lose the answer."""
    client = connect(serve(body_bytes=10, linger_seconds=20))
    client.send(request("POST", "/", body=bytes(8_000_000)))
    assert client.answer()[0] == 413
    assert client.ended()


def test_slow_head_is_408(serve: Serve, connect: Connect):
    client = connect(serve(head_seconds=0.05)).send(b"GET / HTTP/1.1\r\nX: ")
    assert client.answer()[0] == 408
    assert client.ended()


@pytest.mark.parametrize(
    "sent",
    [
        request("POST", "/", "Content-Length: 5") + b"1234",
        request("POST", "/", "Transfer-Encoding: chunked") + b"5\r\n1234",
        request("POST", "/", "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n",
    ],
)
def test_slow_body_is_408(serve: Serve, connect: Connect, sent: bytes):
    client = connect(serve(body_seconds=0.05)).send(sent)
    assert client.answer()[0] == 408
    assert client.ended()


def test_trickling_does_not_extend_the_time(serve: Serve, connect: Connect):
    """A slow loris sends a byte again and again; its request as a whole has the limit."""
    client = connect(serve(head_seconds=0.2, linger_seconds=20)).send(b"GET / HTTP/1.1\r\nX: ")
    client.sock.settimeout(0.01)
    while not _has_answer(client.sock):
        client.send(b"x")
    client.sock.settimeout(20)
    assert client.answer()[0] == 408


def _has_answer(sock: socket.socket) -> bool:
    try:
        return bool(sock.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False


def test_idle_connection_is_closed_without_a_word(serve: Serve, connect: Connect):
    listener = serve(idle_seconds=0.05)
    assert connect(listener).ended()
    assert served(connect, listener).ended()
    assert connect(listener).send(b"\r\n\r").ended()


def served(connect: Connect, listener: Listener) -> Client:
    """Get one answer on a connection whose idle time may be over before the client asks."""
    while True:
        client = connect(listener)
        with contextlib.suppress(EOFError, ConnectionError):
            assert client.get().answer()[0] == 200
            return client


def test_client_that_lingers_after_the_end_is_let_go(serve: Serve, connect: Connect):
    listener = serve(linger_seconds=0.05)
    client = connect(listener).get("/", "Connection: close")
    assert client.answer()[0] == 200
    assert listener.wait_connections(0, 20)


def test_client_that_reads_nothing_is_disconnected(serve: Serve, connect: Connect):
    listener = serve(lambda _: Response(200, body=bytes(30_000_000)), send_seconds=0.05)
    connect(listener).get()
    reached = listener.wait_connections(0, 20)
    assert reached


def test_connections_over_the_cap_are_503(serve: Serve, connect: Connect, park: Park):
    listener = serve(park, connections=2, turned_away=2)
    parked = [connect(listener).get("/park") for _ in range(2)]
    park.wait_for(2)
    for _ in range(3):
        status, headers, _ = (over := connect(listener).get()).answer()
        assert (status, headers["connection"]) == (503, "close")
        assert over.ended()
        over.close()
        assert listener.wait_connections(2, 20)
    park.leave.set()
    assert [client.answer()[0] for client in parked] == [200, 200]
    parked[0].close()
    assert listener.wait_connections(1, 20)
    assert connect(listener).get().answer()[0] == 200


def test_a_crowd_over_the_cap_is_cut_off(serve: Serve, connect: Connect):
    """Clients that take a 503's place without asking cannot hold more than their few threads."""
    listener = serve(connections=1, turned_away=2)
    crowd = [connect(listener) for _ in range(3)]
    crowd[0].get().answer()
    assert cut_off(connect, listener)
    assert listener.open_connections == 3
    assert crowd[1].get().answer()[0] == 503
