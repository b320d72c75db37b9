"""The exchanges of one client connection, from its handshake to its end."""

import contextlib
import logging
import ssl
import time

from hvsim_fakes.server.answer import Answer
from hvsim_fakes.server.channel import Channel, Hangup
from hvsim_fakes.server.head import Head, decode_path, split_target
from hvsim_fakes.server.limits import Limits
from hvsim_fakes.server.message import Connection, HttpError, RawApp, Request, Response
from hvsim_fakes.server.reader import Reader

_log = logging.getLogger("hvsim_fakes.server")


class Conversation:
    """Runs in a thread of its own; serves requests in order until either side ends it."""

    def __init__(
        self,
        channel: Channel,
        app: RawApp,
        limits: Limits,
        connection: Connection,
        tls: ssl.SSLContext | None,
    ) -> None:
        self._channel = channel
        self._app = app
        self._limits = limits
        self._connection = connection
        self._tls = tls
        self._reader = Reader(channel, limits)

    def run(self) -> None:
        """Serve the connection to its end; whatever the client does, this returns."""
        try:
            with contextlib.suppress(Hangup, TimeoutError):
                self._handshake()
                while self._exchange():
                    pass
                self._channel.end_output()
                self._reader.discard(self._limits.linger_seconds)
        except Exception:  # noqa: BLE001 - every failure ends this connection only
            # A broken stream, or a close() of an answer that failed: the reset tells the client.
            _log.exception("an answer broke off; its connection is reset")
            self._channel.abort()
        finally:
            self._channel.close()

    def _handshake(self) -> None:
        if self._tls is not None:
            deadline = time.monotonic() + self._limits.handshake_seconds
            self._channel.handshake(self._tls, deadline)

    def _exchange(self) -> bool:
        """Serve one request; tell whether another may follow."""
        try:
            head = self._reader.head()
            if head is None:
                return False
            request = self._request(head)
        except HttpError as error:
            return self._refuse(error)
        return self._answer(head, request)

    def _request(self, head: Head) -> Request:
        path, query = split_target(head.method, head.target)
        body = self._reader.body(head)
        return Request(
            head.method,
            decode_path(path),
            query,
            head.headers,
            body,
            head.target,
            head.version,
            self._connection,
        )

    def _answer(self, head: Head, request: Request) -> bool:
        patience = self._limits.send_seconds
        answer = Answer(head.method, head.version, head.keeps_alive(), patience)
        try:
            return answer.send(self._channel, self._call(request))
        except ValueError:
            _log.exception("the application's answer to %s cannot be sent", head.target)
            return answer.send(self._channel, _plain(500, "the answer cannot be sent"))

    def _call(self, request: Request) -> Response:
        try:
            return _checked(self._app(request))
        except HttpError as error:
            return _plain(error.status, error.detail)
        except Exception:  # noqa: BLE001 - whatever an application raises is a 500
            _log.exception("the application failed at %s %s", request.method, request.target)
            return _plain(500, "the server failed to answer")

    def _refuse(self, error: HttpError) -> bool:
        answer = Answer("", "HTTP/1.1", keep=False, patience=self._limits.send_seconds)
        return answer.send(self._channel, _plain(error.status, error.detail))


def turn_away(_request: Request, /) -> Response:
    """Answer for a listener that has too many connections."""
    response = _plain(503, "too many connections")
    response.headers = [*response.header_items(), ("Connection", "close"), ("Retry-After", "1")]
    return response


def _checked(response: object) -> Response:
    if not isinstance(response, Response):
        raise TypeError(f"an application answers with a Response, not {type(response).__name__}")
    return response


def _plain(status: int, detail: str) -> Response:
    return Response(status, [("Content-Type", "text/plain; charset=utf-8")], f"{detail}\n".encode())
