"""Well-formed requests of every shape, and their answers."""

import gzip
import http.client
import threading

import pytest

from hvsim_fakes.server import HttpError, Request, Response
from server.bare_client import Client, Connect, Serve, request


def test_http_client_of_the_standard_library_is_served(serve: Serve):
    client = http.client.HTTPConnection(*serve().address, timeout=20)
    for number in range(3):
        client.request("POST", f"/path?n={number}", body=b"body")
        answer = client.getresponse()
        assert (answer.status, answer.read()) == (200, b"POST /path?n=%d body" % number)
        assert answer.headers["content-type"] == "text/plain"
    client.close()


def test_connection_is_kept_and_one_dict_accompanies_it(serve: Serve, connect: Connect):
    def count(asked: Request) -> Response:
        seen = asked.connection.setdefault("seen", [])
        assert isinstance(seen, list)
        seen.append(asked.path)
        return Response(200, body=",".join(seen).encode())

    listener = serve(count)
    first, second = connect(listener), connect(listener)
    assert first.get("/a").text() == b"/a"
    assert second.get("/b").text() == b"/b"
    assert first.get("/c").text() == b"/a,/c"


def test_connection_knows_both_ends(serve: Serve, connect: Connect):
    seen: list[object] = []

    def look(asked: Request) -> Response:
        seen.extend([asked.connection.local, asked.connection.remote, asked.connection.scheme])
        return Response(200)

    listener = serve(look)
    client = connect(listener)
    client.get().answer()
    assert seen == [listener.address, client.sock.getsockname(), "http"]


def test_pipelined_requests_are_answered_in_order(serve: Serve, connect: Connect):
    client = connect(serve())
    client.send(
        b"".join(request("POST", f"/{n}", body=b"b%d" % n) for n in range(50))
        + request("GET", "/last", "Connection: close")
    )
    for n in range(50):
        assert client.text() == b"POST /%d? b%d" % (n, n)
    assert client.text() == b"GET /last? "
    assert client.ended()


def test_requests_byte_by_byte(serve: Serve, connect: Connect):
    client = connect(serve())
    for byte in request("POST", "/slow", body=b"ab") * 2:
        client.send(bytes([byte]))
    assert client.text() == client.text() == b"POST /slow? ab"


def test_http_1_0_closes_unless_asked_to_stay(serve: Serve, connect: Connect):
    listener = serve()
    staying = connect(listener).send(b"GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
    status, headers, _ = staying.answer()
    assert (status, headers["connection"]) == (200, "keep-alive")
    staying.send(b"GET /b HTTP/1.0\r\n\r\n")
    assert staying.answer()[1]["connection"] == "close"
    assert staying.ended()


def test_connection_close_ends_it(serve: Serve, connect: Connect):
    client = connect(serve()).get("/", "Connection: close")
    assert client.answer()[1]["connection"] == "close"
    assert client.ended()


def test_application_may_close(serve: Serve, connect: Connect):
    client = connect(serve(lambda _: Response(200, [("Connection", "close")], b"bye"))).get()
    status, headers, body = client.answer()
    assert (status, headers["connection"], body) == (200, "close", b"bye")
    assert client.ended()


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a%20b/%C3%A9?x=%20", "/a b/\u00e9", "x=%20"),
        ("http://other:80/abs?q", "/abs", "q"),
        ("http://other", "/", ""),
        ("http://other?q", "/", "q"),
        ("/bad%ff%zz", "/bad\ufffd%zz", ""),
        ("//double", "//double", ""),
    ],
)
def test_targets(serve: Serve, connect: Connect, target: str, path: str, query: str):
    client = connect(serve()).get(target)
    assert client.text().decode() == f"GET {path}?{query} "


def test_repeated_headers_are_joined(serve: Serve, connect: Connect):
    seen: list[dict[str, str]] = []

    def look(asked: Request) -> Response:
        seen.append(asked.headers)
        return Response(200, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])

    client = connect(serve(look)).get("/", "X-A: 1", "x-a:\t2 ", "Cookie: a", "Cookie: b")
    client.answer()
    assert seen == [{"host": "test", "x-a": "1, 2", "cookie": "a; b"}]


def test_repeated_response_headers_are_sent(serve: Serve, connect: Connect):
    pairs = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    client = connect(serve(lambda _: Response(200, pairs))).get()
    raw = b"".join(client.stream.readline() for _ in range(4))
    assert raw == b"HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n"


def test_chunked_request_body(serve: Serve, connect: Connect):
    client = connect(serve())
    chunks = b'3\r\nabc\r\n0A ;ext="1"\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n'
    client.send(request("POST", "/c", "Transfer-Encoding: chunked") + chunks)
    client.get("/after")
    assert client.text() == b"POST /c? abc0123456789"
    assert client.text() == b"GET /after? "


def test_chunked_body_looks_whole_to_the_application(serve: Serve, connect: Connect):
    seen: list[dict[str, str]] = []

    def look(asked: Request) -> Response:
        seen.append(asked.headers)
        return Response(204)

    client = connect(serve(look))
    client.send(request("POST", "/", "Transfer-Encoding: chunked") + b"1\r\na\r\n0\r\n\r\n")
    assert client.answer()[0] == 204
    assert seen == [{"host": "test", "content-length": "1"}]


def test_streamed_answer_arrives_piece_by_piece(serve: Serve, connect: Connect):
    """Each piece is on the wire before the application makes the next one."""
    received = [threading.Event(), threading.Event()]
    closed = threading.Event()

    class Stream:
        def __iter__(self):
            for number, event in enumerate(received):
                yield b"data: %d\n\n" % number
                yield b""
                assert event.wait(20)
            yield b"data: end\n\n"

        def close(self) -> None:
            closed.set()

    kind = {"Content-Type": "text/event-stream"}
    client = connect(serve(lambda _: Response(200, kind, Stream()))).get()
    assert client.head()[1]["transfer-encoding"] == "chunked"
    for number, event in enumerate(received):
        assert client.chunk() == b"data: %d\n\n" % number
        event.set()
    assert (client.chunk(), client.chunk()) == (b"data: end\n\n", b"")
    assert closed.wait(20)
    assert client.get().head()[0] == 200


def test_streamed_answer_to_http_1_0_ends_with_the_connection(serve: Serve, connect: Connect):
    client = connect(serve(lambda _: Response(200, body=iter([b"a", b"b"]))))
    client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert client.head() == (200, {"connection": "close"})
    assert client.stream.read() == b"ab"


def test_streamed_answer_of_known_length(serve: Serve, connect: Connect):
    response = Response(200, {"Content-Length": "4"}, [b"ab", b"cd"])
    client = connect(serve(lambda _: response)).get().get()
    assert (client.text(), client.text()) == (b"abcd", b"abcd")


@pytest.mark.parametrize("pieces", [[b"abc"], [b"abcde"], [b"ab", "text"]])
def test_stream_that_breaks_its_word_breaks_the_connection(
    serve: Serve, connect: Connect, pieces: list[bytes]
):
    response = Response(200, {"Content-Length": "4"}, pieces)
    client = connect(serve(lambda _: response)).get()
    assert client.head()[0] == 200
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        read_to_the_end(client)


def read_to_the_end(client: Client) -> None:
    if len(client.stream.read()) != 4:
        raise http.client.IncompleteRead(b"")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_expect_100_continue(serve: Serve, connect: Connect, method: str):
    client = connect(serve())
    client.send(request(method, "/", "Expect: 100-continue", "Content-Length: 4"))
    assert client.head() == (100, {})
    client.send(b"body")
    assert client.head()[0] == 200


def test_no_100_when_the_body_is_already_there(serve: Serve, connect: Connect):
    client = connect(serve()).send(request("POST", "/", "Expect: 100-continue", body=b"body"))
    assert client.text() == b"POST /? body"


def test_no_100_for_a_body_that_is_too_large(serve: Serve, connect: Connect):
    client = connect(serve(body_bytes=3))
    client.send(request("POST", "/", "Expect: 100-continue", "Content-Length: 4"))
    assert client.head()[0] == 413


def test_unknown_expectation(serve: Serve, connect: Connect):
    client = connect(serve()).get("/", "Expect: wonders")
    assert client.answer()[0] == 417


@pytest.mark.parametrize("coding", ["gzip", "X-GZIP"])
def test_gzip_body_is_decoded(serve: Serve, connect: Connect, coding: str):
    packed = gzip.compress(b"hello ", mtime=0) + gzip.compress(b"world", mtime=0)
    client = connect(serve()).send(request("POST", "/", f"Content-Encoding: {coding}", body=packed))
    assert client.text() == b"POST /? hello world"


def test_gzip_bomb(serve: Serve, connect: Connect):
    listener = serve(body_bytes=1_000_000)
    fits, bursts = gzip.compress(bytes(1_000_000)), gzip.compress(bytes(1_000_001))
    coding = "Content-Encoding: gzip"
    client = connect(listener).send(request("POST", "/", coding, body=fits))
    assert len(client.text()) > 1_000_000
    client = connect(listener).send(request("POST", "/", coding, body=bursts))
    assert client.answer()[0] == 413
    client = connect(listener).send(request("POST", "/", coding, body=fits + fits))
    assert client.answer()[0] == 413


@pytest.mark.parametrize(
    "body", [b"not gzip", gzip.compress(b"cut short", mtime=0)[:-4], b"\x1f\x8b"]
)
def test_damaged_gzip(serve: Serve, connect: Connect, body: bytes):
    client = connect(serve()).send(request("POST", "/", "Content-Encoding: gzip", body=body))
    assert client.answer()[0] == 400


def test_unknown_content_coding_is_left_to_the_application(serve: Serve, connect: Connect):
    client = connect(serve()).send(request("POST", "/", "Content-Encoding: br", body=b"raw"))
    assert client.text() == b"POST /? raw"


def test_head_answers_the_length_alone(serve: Serve, connect: Connect):
    client = connect(serve()).send(request("HEAD", "/x") + request("GET", "/y"))
    assert client.head() == (200, {"content-type": "text/plain", "content-length": "9"})
    assert client.text() == b"GET /y? "


def test_options_asterisk_and_connect_reach_the_application(serve: Serve, connect: Connect):
    client = connect(serve())
    assert client.send(request("OPTIONS", "*")).text() == b"OPTIONS *? "
    client.send(request("CONNECT", "host:443"))
    status, headers = client.head()
    assert (status, "content-length" in headers) == (200, False)
    assert client.stream.read() == b"CONNECT host:443? "


@pytest.mark.parametrize(
    ("status", "length"), [(204, None), (205, "0"), (304, None), (299, "2"), (599, "2")]
)
def test_bodiless_statuses(serve: Serve, connect: Connect, status: int, length: str | None):
    client = connect(serve(lambda _: Response(status, body=b"no"))).get().get()
    for _ in range(2):
        got, headers = client.head()
        assert (got, headers.get("content-length")) == (status, length)
        client.stream.read(2 if length == "2" else 0)


def test_own_reason_phrase(serve: Serve, connect: Connect):
    client = connect(serve(lambda _: Response(200, reason="Fine"))).get()
    assert client.stream.readline() == b"HTTP/1.1 200 Fine\r\n"


@pytest.mark.parametrize("tls", [False, True])
def test_large_bodies_both_ways(serve: Serve, connect: Connect, secure, tls: bool):
    body = bytes(range(256)) * 40_000
    client = connect(serve(tls=secure if tls else None), tls=tls)
    sender = threading.Thread(target=client.send, args=(request("PUT", "/", body=body),))
    sender.start()
    assert client.text() == b"PUT /? " + body
    sender.join()


def test_failing_application_is_a_bare_500(serve: Serve, connect: Connect, caplog):
    def fail(_: Request) -> Response:
        raise KeyError("the secret of the house")

    client = connect(serve(fail)).get().get()
    for _ in range(2):
        status, _, body = client.answer()
        assert (status, b"secret" in body, b"Traceback" in body) == (500, False, False)
    assert "the application failed at GET /" in caplog.text


def test_application_may_refuse_with_a_status(serve: Serve, connect: Connect):
    def refuse(_: Request) -> Response:
        raise HttpError(418, "short and stout")

    client = connect(serve(refuse)).get()
    assert (client.answer()[::2]) == (418, b"short and stout\n")


@pytest.mark.parametrize(
    "response",
    [
        None,
        Response(200, {"X": "a\r\nInjected: yes"}),
        Response(200, {"X": "\u2014"}),
        Response(200, {"Content-Length": "many"}, [b"x"]),
    ],
)
def test_answer_that_cannot_be_sent_is_a_500(serve: Serve, connect: Connect, response: Response):
    client = connect(serve(lambda _: response)).get()
    status, headers, _ = client.answer()
    assert (status, "injected" in headers) == (500, False)


def test_close_that_fails_ends_the_connection_only(serve: Serve, connect: Connect):
    class Stream:
        def __iter__(self):
            yield b"x"

        def close(self) -> None:
            raise OSError("disk gone")

    listener = serve(lambda _: Response(200, body=Stream()))
    client = connect(listener).get()
    assert client.head()[0] == 200
    assert client.chunk() == b"x"
    assert listener.wait_connections(0, 20)
    assert connect(listener).get().head()[0] == 200
