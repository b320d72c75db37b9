"""The WinRM service of a host: what it serves under ``/wsman``."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from hvsim_fakes import wirelog
from hvsim_fakes.server import HttpError, Response
from hvsim_fakes.winrm import actions, faults, sealing, soap
from hvsim_fakes.winrm.faults import WsmanFault
from hvsim_fakes.winrm.login import Login, Refused
from hvsim_fakes.winrm.shells import Shells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.server import Request
    from hvsim_fakes.winrm.accounts import Account
    from hvsim_fakes.winrm.machine import Machine
    from hvsim_fakes.winrm.soap import Message

_PATH: Final = "/wsman"
_ANONYMOUS: Final = "/wsman-anon/identify"
_RECEIVE: Final = b"/windows/shell/Receive<"
_HEAD: Final = 8192
"""Bytes in which a message's header stands."""
_log: Final = logging.getLogger(__name__)


class WinRmEndpoint:
    """Serves WS-Management; an application for the HTTP server's fast path.

    Args:
        machine: the host.
        wire_log: where every exchange is noted; none by default.
        product: how the wire log calls the product.
    """

    def __init__(
        self, machine: Machine, wire_log: wirelog.WireLog | None = None, product: str = "scvmm"
    ) -> None:
        self.machine = machine
        self.shells = Shells(machine)
        self._wire_log = wire_log
        self._product = product
        self._operations: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, request: Request, /) -> Response:
        """Answer one request."""
        with self.machine.world.activity.request():
            path = request.path.rstrip("/").lower()
            if path == _ANONYMOUS:
                return self._anonymous(request)
            if path != _PATH:
                return Response(404)
            if request.method != "POST":
                return Response(405, [("Allow", "POST")])
            return self._post(request)

    def close(self) -> None:
        """End all shells, as when the service stops or the host goes down."""
        self.shells.clear()

    def _post(self, request: Request) -> Response:
        login = Login.of(request.connection, self.machine)
        try:
            account = login.judge(request.headers.get("authorization", ""))
        except Refused as refusal:
            return self._challenge(refusal.challenge)
        if self.machine.troubles.denied():
            login.forget()
            return self._challenge("")
        headers = [("WWW-Authenticate", login.token)] if login.token else []
        if not request.body:
            # The last round of a login brings no message with it.
            return Response(200, headers)
        return self._message(request, login, account, headers)

    def _message(
        self, request: Request, login: Login, account: Account, headers: list[tuple[str, str]]
    ) -> Response:
        sealed = sealing.is_sealed(request.headers.get("content-type", ""))
        content = request.body
        if sealed:
            try:
                content = sealing.unseal(_sealer(login), content)
            except sealing.SealError:
                login.forget()
                return self._challenge("")
        reset = _RECEIVE in content[:_HEAD] and self.machine.troubles.strikes("resets")
        status, content = self._answered(request, content, account)
        kind = soap.CONTENT_TYPE
        if sealed:
            kind, content = sealing.seal(_sealer(login), content, login.protocol)
        all_headers = [("Content-Type", kind), *headers]
        return Response(status, all_headers, _cut_off(content) if reset else content)

    def _answered(self, request: Request, body: bytes, account: Account) -> tuple[int, bytes]:
        """Return status and envelope for a message."""
        message: Message | None = None
        outcome = "ok"
        try:
            if len(body) > self.machine.settings.max_envelope * 1024:
                raise WsmanFault(faults.ENVELOPE_TOO_LARGE)  # noqa: TRY301 - told as the others are
            message = soap.read(body)
            if message.identify:
                return 200, self._identity()
            return 200, self._performed(request, message, account)
        except WsmanFault as raised:
            outcome = str(raised.kind.code)
            message_id = soap.message_id_of(body) if message is None else message.message_id
            return 500, soap.fault(message_id, self.machine.computer, raised)
        except HttpError:
            outcome = "500"
            raise
        except Exception:  # noqa: BLE001 - a client gets an answer whatever happens
            _log.exception("request failed")
            outcome = str(faults.INTERNAL.code)
            message_id = "" if message is None else message.message_id
            fault = soap.fault(message_id, self.machine.computer, WsmanFault(faults.INTERNAL))
            return 500, fault
        finally:
            self._record(request, message, account, outcome)

    def _performed(self, request: Request, message: Message, account: Account) -> bytes:
        name = message.action.rpartition("/")[2]
        if name == "Send" and self.machine.troubles.strikes("failing_sends"):
            raise HttpError(500, "")
        client = str(request.connection.remote[0])
        gone = request.connection.closed
        asked = actions.Request(self.machine, self.shells, message, account, client, gone)
        with self._operation(account):
            return self._within_shell(asked, name)

    def _within_shell(self, asked: actions.Request, name: str) -> bytes:
        shell = self.shells.enter(asked.message.shell_id)
        if shell is None:
            return self._written(asked)
        try:
            if name == "Receive":
                message_id = asked.message.message_id
                return shell.answered_once(message_id, lambda: self._written(asked))
            return self._written(asked)
        finally:
            shell.leave()

    @contextmanager
    def _operation(self, account: Account) -> Iterator[None]:
        """Count an operation of a user; raises WsmanFault over the quota."""
        user = account.qualified
        with self._lock:
            if self._operations[user] >= self.machine.settings.max_operations_per_user:
                raise WsmanFault(faults.TOO_MANY_OPERATIONS)
            self._operations[user] += 1
        try:
            yield
        finally:
            with self._lock:
                self._operations[user] -= 1

    def _written(self, asked: actions.Request) -> bytes:
        content = soap.answer(asked.message, actions.perform(asked))
        if len(content) > asked.message.limit:
            raise WsmanFault(faults.ANSWER_TOO_LARGE)
        return content

    def _anonymous(self, request: Request) -> Response:
        try:
            message = soap.read(request.body)
        except WsmanFault:
            return Response(400)
        if request.method != "POST" or not message.identify:
            return Response(404)
        return Response(200, [("Content-Type", soap.CONTENT_TYPE)], self._identity())

    def _identity(self) -> bytes:
        settings = self.machine.settings
        return soap.identity(settings.version, settings.stack)

    def _challenge(self, token: str) -> Response:
        settings = self.machine.settings
        if token:
            return Response(401, [("WWW-Authenticate", token)])
        offered = [("WWW-Authenticate", "Negotiate")]
        if settings.basic:
            offered.append(("WWW-Authenticate", 'Basic realm="WSMAN"'))
        if settings.credssp:
            offered.append(("WWW-Authenticate", "CredSSP"))
        return Response(401, offered)

    def _record(
        self, request: Request, message: Message | None, account: Account, outcome: str
    ) -> None:
        if self._wire_log is None:
            return
        name = "(unreadable)" if message is None else message.action.rpartition("/")[2]
        params = {} if message is None else {"resource": message.resource, **message.selectors}
        remote = request.connection.remote
        self._wire_log.record(
            time=self.machine.world.now,
            product=self._product,
            endpoint=self.machine.computer,
            client=f"{remote[0]}:{remote[1]}",
            call=name or "Identify",
            # What a script changes, its cmdlets note themselves; opening a shell changes nothing.
            is_write=False,
            outcome=outcome,
            params={**wirelog.mask(params), "user": account.qualified},
        )


def _sealer(login: Login) -> sealing.Sealer:
    """Return the keys of a login; raises SealError for one that has none."""
    sealer = login.sealer
    if sealer is None:
        raise sealing.SealError("the login has no keys")
    return sealer


def _cut_off(content: bytes) -> Iterator[bytes]:
    """Give the first half of an answer, and end its connection."""
    yield content[: len(content) // 2]
    raise ConnectionResetError("the connection is reset, as was asked for")
