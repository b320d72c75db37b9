"""Garbage of every kind: the connection may end, the server goes on."""

import contextlib
import itertools
import socket
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hvsim_fakes.server import HttpError, Limits, Listener, server_context
from hvsim_fakes.server.body import chunk_size, gunzip
from hvsim_fakes.server.head import Head, parse_head
from server.bare_client import Connect, echo, request

SMALL = Limits(
    request_line_bytes=200,
    header_bytes=400,
    body_bytes=400,
)
FRAGMENTS = [
    b"GET / HTTP/1.1\r\n",
    b"POST /x HTTP/1.1\r\n",
    b"Host: x\r\n",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Expect: 100-continue\r\n",
    b"Connection: close\r\n",
    b"\r\n",
    b"5\r\nabcde\r\n",
    b"0\r\n\r\n",
    b"\x1f\x8b\x08",
]
garbage = st.one_of(
    st.binary(max_size=600),
    st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=8), max_size=12).map(b"".join),
)


@pytest.fixture(scope="module")
def plain():
    with Listener(echo, limits=SMALL) as listener:
        yield listener


@pytest.fixture(scope="module")
def secured():
    with Listener(echo, limits=SMALL, tls=server_context(["localhost"])) as listener:
        yield listener


def throw(listener: Listener, data: bytes) -> bytes:
    """Send it all, end the output, read what comes until the server ends it too."""
    received = b""
    with socket.create_connection(listener.address, timeout=20) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            while piece := sock.recv(65536):
                received += piece
        except TimeoutError:
            raise
        except OSError:
            pass  # The server may reset a client that has not ended its garbage yet.
    return received


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=garbage)
def test_garbage_never_stops_the_server(plain: Listener, connect: Connect, caplog, data: bytes):
    answer = throw(plain, data)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 ")
    assert b"HTTP/1.1 500" not in answer
    with contextlib.closing(connect(plain)) as client:
        assert client.get("/next").text() == b"GET /next? "
    assert caplog.text == ""


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=600) | st.binary(max_size=100).map(b"\x16\x03\x01".__add__))
def test_garbage_before_tls(secured: Listener, connect: Connect, caplog, data: bytes):
    throw(secured, data)
    with contextlib.closing(connect(secured, tls=True)) as client:
        assert client.get("/next").text() == b"GET /next? "
    assert caplog.text == ""


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=6))
def test_the_cut_of_the_input_changes_nothing(plain: Listener, connect: Connect, cuts: list[int]):
    """However TCP slices a conversation, the answers are the same."""
    chunked = request("POST", "/b", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\nX: y\r\n\r\n"
    whole = request("GET", "/a") + chunked + b"\r\n" + request("PUT", "/c", body=b"end")
    edges = sorted({0, len(whole), *(cut % len(whole) for cut in cuts)})
    with contextlib.closing(connect(plain)) as client:
        for start, end in itertools.pairwise(edges):
            client.send(whole[start:end])
        texts = [client.text() for _ in range(3)]
    assert texts == [b"GET /a? ", b"POST /b? abc", b"PUT /c? end"]


@given(raw=st.binary(max_size=300) | garbage)
def test_head_parser_gives_a_head_or_a_status(raw: bytes):
    head = value_or_status(lambda: parse_head(raw, SMALL))
    if isinstance(head, Head):
        assert head.version in {"HTTP/1.0", "HTTP/1.1"}
        assert all(name == name.lower() for name in head.headers)
    else:
        assert head in {400, 414, 431, 505}


def value_or_status(parse: Callable[[], object]) -> object:
    try:
        return parse()
    except HttpError as error:
        return error.status


tokens = st.from_regex(r"[A-Za-z][A-Za-z0-9\-]{0,10}", fullmatch=True)
texts = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=20)


@given(headers=st.dictionaries(tokens.map(str.lower), texts.map(lambda text: text.strip(" \t"))))
def test_head_parser_reads_what_was_written(headers: dict[str, str]):
    headers = {"host": "x"} | headers
    lines = ["GET /p HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    head = parse_head("\r\n".join(lines).encode("latin-1"), Limits())
    assert head == Head("GET", "/p", "HTTP/1.1", headers)


@given(data=st.binary(max_size=100))
def test_coding_parsers_give_a_value_or_a_status(data: bytes):
    assert value_or_status(lambda: chunk_size(data)) in range(16**15)
    unpacked = value_or_status(lambda: gunzip(data, 100))
    assert unpacked in {400, 413} or isinstance(unpacked, bytes)
