"""The XenAPI endpoint of one host: what its management address serves over HTTP(S)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from hvsim.xenserver.errors import UNFORESEEN, XenError
from hvsim.xenserver.release import SOFTWARE
from hvsim_fakes import wirelog
from hvsim_fakes.xenserver import jsonrpc, pages, rbac, xmlparser, xmlwriter
from hvsim_fakes.xenserver.codec import Codec, JsonCodec, XmlCodec
from hvsim_fakes.xenserver.dispatch import (
    ClientLeftError,
    Dispatcher,
    Incoming,
    NoAsyncFormError,
)
from hvsim_fakes.xenserver.errors import describe
from hvsim_fakes.xenserver.eventnext import EventNext
from hvsim_fakes.xenserver.performance import Performance
from hvsim_fakes.xenserver.xmlparser import MalformedCallError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.model import Param
    from hvsim.xenserver.pool import Member, Pool
    from hvsim_fakes.server import Request, Response

_log: Final = logging.getLogger(__name__)
_listeners: WeakKeyDictionary[Pool, EventNext] = WeakKeyDictionary()
_LIST_METHODS: Final = "system.listMethods"
_FIRST_REFUSAL: Final = 400


class XenApiEndpoint:
    """Serves a pool's API on one member; an application for the HTTP server's fast path.

    Args:
        wire_log: where every exchange is noted; none by default.
    """

    def __init__(self, pool: Pool, member: Member, wire_log: wirelog.WireLog | None = None) -> None:
        self._pool = pool
        self._member = member
        self._wire_log = wire_log
        event_next = _listeners.get(pool)
        if event_next is None:
            event_next = _listeners[pool] = EventNext(pool)
        self._dispatcher = Dispatcher(pool, member, event_next)
        self._performance = Performance(pool, member)

    def __call__(self, request: Request, /) -> Response:
        """Answer one request."""
        with self._pool.world.activity.request():
            if request.method == "POST":
                return self._post(request)
            return self._other(request)

    def _post(self, request: Request) -> Response:
        if request.path in pages.UNSERVED:
            return pages.not_implemented("POST")
        try:
            if request.path.startswith("/jsonrpc") and not self._pool.legacy:
                return self._json(request)
            return self._xml(request)
        except MalformedCallError as error:
            self._record(request, "(unreadable)", None, "INTERNAL_ERROR")
            return pages.internal_error(str(error))
        except ClientLeftError:
            return pages.unanswered()

    def _xml(self, request: Request) -> Response:
        call = xmlparser.parse_call(request.body)
        codec = XmlCodec(self._pool.db, legacy=self._pool.legacy)
        body = self._answer(request, call, codec, xmlwriter.failure)
        return pages.answer(codec.content_type, body, cors=not self._pool.legacy)

    def _json(self, request: Request) -> Response:
        call = jsonrpc.parse_call(request.body)
        codec = JsonCodec(call)
        body = self._answer(request, call.call, codec, jsonrpc.undispatched)
        return pages.answer(codec.content_type, body, cors=True)

    def _answer(
        self,
        request: Request,
        call: xmlparser.MethodCall,
        codec: Codec,
        refuse: Callable[[list[str]], bytes],
    ) -> bytes:
        incoming = Incoming(call, request.connection.closed)
        outcome = "ok"
        try:
            self._dispatcher.check_emergency(incoming)
        except XenError as error:
            description = describe(error, self._pool.profile)
            self._record(request, call.name, incoming, description[0])
            return refuse(description)
        try:
            return self._result(incoming, codec)
        except XenError as error:
            description = describe(error, self._pool.profile)
            outcome = description[0]
            return codec.error(description)
        except NoAsyncFormError as error:
            outcome = "Fault"
            return codec.fault(str(error))
        except ClientLeftError:
            outcome = "unanswered"
            raise
        except Exception:  # noqa: BLE001 - a client gets an answer whatever happens
            # Nothing of the simulator's own may reach a client but the product's word for it.
            _log.exception("call %s failed", call.name)
            outcome = "INTERNAL_ERROR"
            return codec.error(UNFORESEEN.description)
        finally:
            self._record(request, call.name, incoming, outcome)

    def _result(self, incoming: Incoming, codec: Codec) -> bytes:
        if incoming.call.name == _LIST_METHODS:
            return codec.names(self._dispatcher.names.listed)
        kind, value = self._dispatcher.dispatch(incoming, codec)
        return codec.value(kind, value)

    def _record(self, request: Request, name: str, incoming: Incoming | None, outcome: str) -> None:
        if self._wire_log is None:
            return
        message = incoming.message if incoming is not None else None
        names = [param.name for param in message.params] if message else []
        args = incoming.args if incoming is not None else []
        params = dict(zip(names, args, strict=False))
        if message is not None:
            secret = {p.name for p in message.params if _is_secret(p)}
            params = {k: wirelog.MASK if k in secret else v for k, v in params.items()}
        self._wire_log.record(
            time=self._pool.world.now,
            product="xenserver",
            endpoint=self._member.server.name,
            client=f"{request.connection.remote[0]}:{request.connection.remote[1]}",
            call=name,
            is_write=message is not None and rbac.is_write(message),
            outcome=outcome,
            params=wirelog.mask(params),
        )

    def _other(self, request: Request) -> Response:
        if request.method == "OPTIONS" and not self._pool.legacy:
            return pages.options(request.headers.get("access-control-request-headers"))
        if request.path in pages.UNSERVED or request.method not in ("GET", "HEAD", "PUT"):
            return pages.not_implemented(request.method)
        if request.method == "PUT":
            return pages.forbidden()
        if self._performance.serves(request.path):
            response = self._performance.answer(request)
            outcome = "ok" if response.status < _FIRST_REFUSAL else str(response.status)
            self._record(request, f"GET {request.path}", None, outcome)
            return response
        if request.path == "/":
            brand = SOFTWARE[self._pool.profile]["product_brand"]
            return pages.front(brand, self._member.server.name)
        return pages.missing(request.path)


def _is_secret(param: Param) -> bool:
    return param.type.secret or param.type.cls == "session" or param.name in _SECRETS


_SECRETS: Final = frozenset({"pwd", "old_pwd", "new_pwd", "psecret", "session_id", "passphrase"})
