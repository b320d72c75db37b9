"""WSGI applications, Flask's among them, behind the fast path's interface (PEP 3333)."""

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from hvsim_fakes.server.head import split_target
from hvsim_fakes.server.message import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_JOINED_BYTES = 1024 * 1024
_UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class WsgiApp:
    """Runs a WSGI application as a RawApp."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, request: Request, /) -> Response:
        """Answer one request with the WSGI application's response."""
        start = _Start()
        body = _Body(self._app(environment(request), start.start_response), start)
        body.await_start()
        response = Response(start.status, start.headers, body, start.reason)
        length = {name.lower(): value for name, value in start.headers}.get("content-length")
        if length is not None and int(length) <= _JOINED_BYTES and request.method != "HEAD":
            response.body = body.joined()
        return response


def environment(request: Request) -> "WSGIEnvironment":
    """Make the WSGI environment of one request; `hvsim.connection` is its Connection."""
    connection = request.connection
    path, query = split_target(request.method, request.target or request.path)
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query or request.query,
        "REQUEST_URI": request.target,
        "RAW_URI": request.target,
        "SERVER_NAME": connection.local[0],
        "SERVER_PORT": str(connection.local[1]),
        "SERVER_PROTOCOL": request.version,
        "REMOTE_ADDR": connection.remote[0],
        "REMOTE_PORT": str(connection.remote[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": connection.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "hvsim.connection": connection,
    }
    environ.update(_header_variables(request.headers))
    return environ


def _header_variables(headers: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        if name in _UNPREFIXED:
            yield _UNPREFIXED[name], value
        elif "_" not in name:
            # With an underscore it would pass for the header that has a hyphen there.
            yield "HTTP_" + name.upper().replace("-", "_"), value


class _Start:
    """What the application said when it started its response."""

    def __init__(self) -> None:
        self.status = 0
        self.reason = ""
        self.headers: list[tuple[str, str]] = []
        self.written: list[bytes] = []

    def start_response(
        self,
        status: str,
        headers: list[tuple[str, str]],
        exc_info: _ExcInfo | None = None,
    ) -> Callable[[bytes], object]:
        if self.status and exc_info is None:
            raise RuntimeError("start_response was called twice")
        code, _, self.reason = status.partition(" ")
        self.status = int(code)
        self.headers = list(headers)
        return self.written.append


class _Body:
    """The iterable of a WSGI response, together with what came before it."""

    def __init__(self, result: Iterable[bytes], start: _Start) -> None:
        self._result = result
        self._items = iter(result)
        self._start = start

    def await_start(self) -> None:
        """Take items until the application has started its response."""
        try:
            early = self._items_before_start()
        except BaseException:
            self.close()
            raise
        self._start.written += early

    def joined(self) -> bytes:
        try:
            return b"".join(self)
        finally:
            self.close()

    def _items_before_start(self) -> list[bytes]:
        early: list[bytes] = []
        while not self._start.status:
            item = next(self._items, None)
            if item is None:
                raise RuntimeError("the application never called start_response")
            early.append(item)
        return early

    def __iter__(self) -> Iterator[bytes]:
        yield from self._start.written
        yield from self._items

    def close(self) -> None:
        close: Callable[[], object] | None = getattr(self._result, "close", None)
        if close is not None:
            close()
