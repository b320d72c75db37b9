"""The vim25 endpoint of a vCenter: what it serves under ``/sdk``."""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from hvsim.errors import HvsimError
from hvsim.vcenter.faults import VimFault, as_fault
from hvsim_fakes.server import Response
from hvsim_fakes.vcenter import dispatch, envelope, registry, saml, sts, uploads, versions
from hvsim_fakes.vcenter.context import Context
from hvsim_fakes.vcenter.requests import Reader, UnreadableError, invalid_request
from hvsim_fakes.vcenter.rest.endpoint import RestEndpoint
from hvsim_fakes.vcenter.scope import Scope, WireSession
from hvsim_fakes.vcenter.sts import TokenService
from hvsim_fakes.vcenter.writer import writer_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.vcenter.server import VCenter
    from hvsim_fakes import wirelog
    from hvsim_fakes.server import Request
    from hvsim_fakes.vcenter.requests import Incoming

COOKIE: Final = "vmware_soap_session"
_COOKIE: Final = re.compile(rf'(?:^|[;,\s]){COOKIE}="?([0-9A-Za-z-]+)"?')
_LOGINS: Final = frozenset({"Login", "LoginByToken", "LoginExtensionByCertificate", "CloneSession"})
_READS: Final = re.compile(
    "Query|Retrieve|Continue|Find|Fetch|Check|Current|Wait|Read|Log(in|out)|SessionIsActive"
    "|(Create|Destroy|Reset|Modify).*View|(Create|Destroy)(Property)?(Filter|Collector)"
    "|RequestSecurityToken|DestroyPropertyFilter|CancelWait|(SetCollector|Rewind|ResetCollector)"
)
"""Methods that change nothing but what vCenter keeps for the session itself."""
_WHOLE: Final = 1024 * 1024
"""Bytes of an answer above which it is never put together as a whole."""
_SENT: Final = 256 * 1024
"""Bytes of it that are then sent at once."""
_log: Final = logging.getLogger(__name__)


class VimEndpoint:
    """Serves a vCenter's API; an application for the HTTP server's fast path.

    Args:
        wire_log: where every exchange is noted; none by default.
    """

    def __init__(self, vcenter: VCenter, wire_log: wirelog.WireLog | None = None) -> None:
        dispatch.load()
        self._vcenter = vcenter
        self._wire_log = wire_log
        self._reader = Reader()
        self._sessions: dict[str, WireSession] = {}
        self._rest = RestEndpoint(vcenter, wire_log)
        self._sts = TokenService(vcenter)
        self._newest = str(registry.version_named(vcenter.api_version))

    def __call__(self, request: Request, /) -> Response:
        """Answer one request."""
        with self._vcenter.world.activity.request():
            if request.path in ("/sdk", "/sdk/", "/sdk/vimService", "/sdk/vim25"):
                if request.method == "POST":
                    return self._soap(request)
                return Response(405, [("Allow", "POST")])
            if request.path.startswith("/nfc/"):
                return self._noted(request, "Upload", uploads.answer(self._vcenter, request))
            service = self._service(request.path)
            if service is not None:
                return service(request)
            if request.method in ("GET", "HEAD"):
                return versions.page(request.path, self._vcenter)
            return Response(404)

    def _service(self, path: str) -> Callable[[Request], Response] | None:
        """Return which of the further services of a vCenter a path is of; a host has none."""
        if self._vcenter.agent:
            return None
        if path.startswith(sts.PATH):
            return lambda request: self._noted(request, "RequestSecurityToken", self._sts(request))
        return self._rest if self._rest.serves(path) else None

    def _noted(self, request: Request, name: str, response: Response) -> Response:
        """Note an exchange that is no call of vim25's; return its answer."""
        self._record(request, name, None, "ok" if response.status < 400 else str(response.status))
        return response

    def _soap(self, request: Request) -> Response:
        writer = writer_for(self._newest)
        try:
            version = self._spoken(request.headers.get("soapaction", ""))
            writer = writer_for(version)
            incoming = self._reader.read(request.body)
            if incoming.method.name == "LoginByToken":
                incoming = _with_token(incoming, request.body)
        except UnreadableError as error:
            self._record(request, "(unreadable)", None, "ClientFaultCode")
            return _answer(500, envelope.client_fault(str(error)))
        except VimFault as error:
            self._record(request, "(unreadable)", None, error.name)
            return _answer(500, envelope.fault(error, writer))
        return self._answered(request, incoming, version)

    def _spoken(self, action: str) -> str:
        """Return the API version that a client speaks, which may be the lab's own name of one.

        govc asks with ``-`` for the newest one before it knows which that is.
        """
        shown, number = self._vcenter.choices.api_version, action.strip('" ').rpartition("/")[2]
        if number == "-" or (number == shown and shown != self._vcenter.api_version):
            return self._newest
        return _version(action, self._newest)

    def _answered(self, request: Request, incoming: Incoming, version: str) -> Response:
        session = self._session(request)
        scope = Scope(self._vcenter, session)
        context = Context(scope, version, request.connection.closed)
        outcome, name = "ok", incoming.method.name
        headers: list[tuple[str, str]] = []
        try:
            pieces = dispatch.answer(context, incoming)
            if name in _LOGINS:
                headers = self._logged_in(request, pieces[0])
            elif name == "Logout":
                self._sessions.pop(session.cookie, None)
            return _answer_in_pieces(envelope.answer(name, pieces), headers)
        except VimFault as error:
            outcome = error.name
            return _answer(500, envelope.fault(error, writer_for(version)))
        except HvsimError as error:
            outcome = "SystemError"
            return _answer(500, envelope.fault(as_fault(error), writer_for(version)))
        except Exception:  # noqa: BLE001 - a client gets an answer whatever happens
            # Nothing of the simulator's own may reach a client but the product's word for it.
            _log.exception("call %s failed", name)
            outcome = "SystemError"
            return _answer(500, envelope.fault(_internal(), writer_for(version)))
        finally:
            self._record(request, name, incoming, outcome)

    def _session(self, request: Request) -> WireSession:
        found = _COOKIE.search(request.headers.get("cookie", ""))
        session = self._sessions.get(found[1]) if found is not None else None
        if session is None:
            return WireSession()
        if session.key not in self._vcenter.access.sessions:
            self._sessions.pop(session.cookie, None)
            return WireSession()
        return session

    def _logged_in(self, request: Request, content: bytes) -> list[tuple[str, str]]:
        """Give the client the cookie of the session it has just opened."""
        key = _KEY.search(content)
        if key is None:
            return []
        cookie = secrets.token_hex(20)
        self._sessions[cookie] = WireSession(cookie, key[1].decode())
        opened = self._vcenter.access.sessions.get(key[1].decode())
        if opened is not None:
            opened.agent = request.headers.get("user-agent", "")
            opened.address = str(request.connection.remote[0])
        secure = " Secure;" if request.connection.scheme == "https" else ""
        return [("Set-Cookie", f'{COOKIE}="{cookie}"; Path=/; HttpOnly;{secure}')]

    def _record(self, request: Request, name: str, incoming: Incoming | None, outcome: str) -> None:
        if self._wire_log is None:
            return
        self._wire_log.record(
            time=self._vcenter.world.now,
            product="vcenter",
            endpoint=self._vcenter.server.name,
            client=f"{request.connection.remote[0]}:{request.connection.remote[1]}",
            call=name,
            is_write=_writes(name),
            outcome=outcome,
            params=None if incoming is None else incoming.told,
        )


def _with_token(incoming: Incoming, body: bytes) -> Incoming:
    """Return a login with the token that a SOAP header carries; raise ``InvalidLogin`` without."""
    token = saml.of_envelope(body)
    if token is None:
        raise VimFault("InvalidLogin")
    return replace(incoming, args=incoming.args | {"token": token.key, "userName": token.user})


@lru_cache(maxsize=256)
def _version(action: str, newest: str) -> str:
    """Return the API version a client speaks, by its ``SOAPAction``.

    Args:
        newest: pyVmomi's name of the newest one that there is.

    Raises:
        VimFault: ``InvalidRequest`` for one that is none.
    """
    action = action.strip().strip('"')
    namespace, _, number = action.partition("/")
    if not action or (namespace == registry.NAMESPACE and not number):
        return newest
    known = registry.version_named(number)
    if namespace != registry.NAMESPACE or (known is None and not registry.is_version(number)):
        raise invalid_request(f'Unsupported version URI "{action}"', "SOAP body")
    if known is None or not registry.visible(known, newest):
        # A newer client: it is told what this vCenter's own newest version knows.
        return newest
    return known


_KEY: Final = re.compile(rb"<key>([^<]+)</key>")


def _answer(status: int, body: bytes, headers: list[tuple[str, str]] | None = None) -> Response:
    kind = ("Content-Type", envelope.CONTENT_TYPE)
    return Response(status, [kind, ("Cache-Control", "no-cache"), *(headers or ())], body)


def _answer_in_pieces(pieces: tuple[bytes, ...], headers: list[tuple[str, str]]) -> Response:
    """Return an answer whose pieces are put together as they are sent, if they are large."""
    length = sum(map(len, pieces))
    if length <= _WHOLE:
        return _answer(200, b"".join(pieces), headers)
    response = _answer(200, b"", [*headers, ("Content-Length", str(length))])
    response.body = _gathered(pieces)
    return response


def _gathered(pieces: tuple[bytes, ...]) -> Iterator[bytes]:
    begin = size = 0
    for end, piece in enumerate(pieces, 1):
        size += len(piece)
        if size >= _SENT:
            yield b"".join(pieces[begin:end])
            begin, size = end, 0
    yield b"".join(pieces[begin:])


def _internal() -> VimFault:
    return VimFault(
        "SystemError",
        reason="Internal error",
        msg="A general system error occurred: Internal error",
    )


@cache
def _writes(name: str) -> bool:
    return _READS.match(name) is None
