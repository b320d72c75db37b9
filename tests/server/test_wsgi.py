"""Flask and other WSGI applications behind a listener."""

import threading

import flask
import pytest

from hvsim_fakes.server import Limits, Listener
from server.bare_client import Connect, request


@pytest.fixture
def app() -> flask.Flask:
    app = flask.Flask("test")

    @app.get("/hello/<name>")
    def hello(name: str) -> str:
        return f"hello {name}, {flask.request.args.get('q')}"

    @app.post("/json")
    def json() -> dict[str, object]:
        return {"got": flask.request.get_json(), "length": flask.request.content_length}

    @app.post("/form")
    def form() -> str:
        return flask.request.form["a"] + flask.request.files["f"].read().decode()

    @app.get("/state")
    def state() -> str:
        memory = flask.request.environ["hvsim.connection"]
        memory["n"] = memory.get("n", 0) + 1
        return f"{memory['n']} {memory.closed()}"

    @app.get("/facts")
    def facts() -> list[str]:
        asked = flask.request
        return [asked.url, asked.remote_addr or "", asked.headers["X-Own"], asked.scheme]

    @app.get("/fail")
    def fail() -> str:
        raise KeyError("secret")

    return app


@pytest.fixture
def listener(app: flask.Flask):
    with Listener(app, limits=Limits(), name="flask") as listener:
        yield listener


def test_routes_and_query(listener: Listener, connect: Connect):
    client = connect(listener).get("/hello/J%C3%B6rg%20A?q=%C3%BC")
    status, headers, body = client.answer()
    assert (status, body.decode()) == (200, "hello Jörg A, ü")
    assert headers["content-type"] == "text/html; charset=utf-8"


def test_json_in_chunks(listener: Listener, connect: Connect):
    head = request("POST", "/json", "Content-Type: application/json", "Transfer-Encoding: chunked")
    client = connect(listener).send(head + b'8\r\n{"a": 1}\r\n0\r\n\r\n')
    assert client.text() == b'{"got":{"a":1},"length":8}\n'


def test_multipart_form(listener: Listener, connect: Connect):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n2\r\n--x--\r\n'
    )
    kind = "Content-Type: multipart/form-data; boundary=x"
    assert connect(listener).send(request("POST", "/form", kind, body=body)).text() == b"12"


def test_connection_memory(listener: Listener, connect: Connect):
    client = connect(listener)
    assert [client.get("/state").text() for _ in range(2)] == [b"1 False", b"2 False"]
    assert connect(listener).get("/state").text() == b"1 False"


def test_environment(listener: Listener, connect: Connect):
    client = connect(listener).get("/facts", "X-Own: own", "X_Own: forged")
    assert client.text() == b'["http://test/facts","127.0.0.1","own","http"]\n'


def test_head_has_the_length_of_get(listener: Listener, connect: Connect):
    client = connect(listener).send(request("HEAD", "/hello/a")).get("/hello/a")
    assert client.head() == client.answer()[:2]


def test_errors(listener: Listener, connect: Connect):
    client = connect(listener).get("/none").get("/fail").send(request("PUT", "/json"))
    answers = [client.answer() for _ in range(3)]
    assert [status for status, _, _ in answers] == [404, 500, 405]
    assert not any(b"secret" in body for _, _, body in answers)


def test_server_sent_events(app: flask.Flask, connect: Connect):
    received, closed = threading.Event(), threading.Event()

    @app.get("/events")
    def events() -> flask.Response:
        def stream():
            try:
                yield "data: 1\n\n"
                assert received.wait(20)
                yield "data: 2\n\n"
            finally:
                closed.set()

        return flask.Response(stream(), mimetype="text/event-stream")

    with Listener(app) as listener:
        client = connect(listener).get("/events")
        assert client.head()[1]["transfer-encoding"] == "chunked"
        assert client.chunk() == b"data: 1\n\n"
        received.set()
        assert (client.chunk(), client.chunk()) == (b"data: 2\n\n", b"")
        assert closed.wait(20)


def test_bare_wsgi_application_may_start_late_and_write(connect: Connect):
    def app(environ, start_response):
        yield b""
        write = start_response("202 Taken", [("X", "y")])
        write(b"written ")
        yield environ["wsgi.input"].read()

    with Listener(app) as listener:
        client = connect(listener).send(request("POST", "/", body=b"body"))
        assert client.stream.readline() == b"HTTP/1.1 202 Taken\r\n"
        assert client.stream.readline() == b"X: y\r\n"
        assert client.stream.readline() == b"Transfer-Encoding: chunked\r\n"
        assert client.stream.readline() == b"\r\n"
        assert b"".join(iter(client.chunk, b"")) == b"written body"


def test_wsgi_application_that_never_starts_is_a_500(connect: Connect):
    closed = threading.Event()

    class Nothing:
        def __iter__(self):
            return iter([b"text"])

        def close(self) -> None:
            closed.set()

    with Listener(lambda _environ, _start_response: Nothing()) as listener:
        assert connect(listener).get().answer()[0] == 500
    assert closed.is_set()


def test_neither_kind_of_application():
    with pytest.raises(TypeError, match="one argument"):
        Listener(lambda: None)
