"""Takes a call from its name and raw parameters to its typed result.

The order of judgements is the product's own, since the first one that fails decides the error:
emergency mode, name, number of parameters, their types, session, asynchronous form, roles, and
only then the message's own behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Operation
from hvsim.xenserver.accounts import session as sessions
from hvsim.xenserver.errors import XenError, as_xen_error
from hvsim.xenserver.mastery import membership
from hvsim.xenserver.messages import Caller, handler_of
from hvsim.xenserver.model import NULL_REF, Type
from hvsim.xenserver.pool import Role
from hvsim_fakes.xenserver import rbac, reads
from hvsim_fakes.xenserver.eventfrom import EventFrom
from hvsim_fakes.xenserver.logins import LOGINS
from hvsim_fakes.xenserver.names import Names, check_arity
from hvsim_fakes.xenserver.unmarshal import Unmarshaller

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.model import MessageModel
    from hvsim.xenserver.pool import Member, Pool
    from hvsim_fakes.xenserver.codec import Codec
    from hvsim_fakes.xenserver.eventnext import EventNext
    from hvsim_fakes.xenserver.values import RpcValue
    from hvsim_fakes.xenserver.xmlparser import MethodCall

TASK_REF: Final = Type("ref", cls="task")


WIRE_MESSAGES: Final = frozenset(
    {
        "event.from", "event.get_current_id", "event.next", "event.register", "event.unregister",
    }
)  # fmt: skip
"""Messages that wait or keep something for one client, answered here and not by the pool."""


class NoAsyncFormError(Exception):
    """The call asks for a task where the message has none."""


class ClientLeftError(Exception):
    """The client left before what it asked for had ended: there is no answer to give."""


@dataclass(slots=True)
class Incoming:
    """One call as it came in, and what has been made of it so far.

    ``gone`` tells whether its client has left; ``message``, ``args`` and ``caller`` appear as
    they become known, for whoever logs the exchange.
    """

    call: MethodCall
    gone: Callable[[], bool]
    name: str = ""
    is_async: bool = False
    message: MessageModel | None = None
    args: list[Any] = field(default_factory=list)
    caller: Caller | None = None


class Dispatcher:
    """Serves the messages of a pool on one of its members."""

    def __init__(self, pool: Pool, member: Member, event_next: EventNext) -> None:
        self._pool = pool
        self._member = member
        self._world = pool.world
        self.names = Names(pool.model)
        self._types = Unmarshaller(pool.model)
        self._event_from = EventFrom(pool)
        self._event_next = event_next
        self._wire: dict[str, Callable[..., Any]] = {
            "event.from": self._from,
            "event.next": self._next,
            "event.register": self._register,
            "event.unregister": self._unregister,
            "event.get_current_id": lambda _incoming: self._event_next.current_id(),
        }

    def check_emergency(self, incoming: Incoming) -> None:
        """Raise the member's stored error while it is in emergency mode, but for a few calls."""
        error = self._member.emergency
        message = self.names.find(incoming.call.name).message
        if error is not None and not (message is not None and message.emergency):
            raise error

    def dispatch(self, incoming: Incoming, codec: Codec) -> tuple[Type, Any]:
        """Carry a call out; return its result's type and its result.

        Raises:
            XenError: what the product answers with.
            NoAsyncFormError: for the asynchronous form of a message that has none.
        """
        message = self._find(incoming)
        if message.session and self._pool.legacy:
            # XenServer 5.5 looked at the session as soon as it had read it.
            self._identify(message, incoming)
        if not message.removed:
            incoming.args = self._typed(message, incoming.call.params)
        if message.name in LOGINS:
            return message.result, self._log_in(message, incoming)
        if message.session and incoming.caller is None:
            self._identify(message, incoming)
        if message.removed:
            raise XenError("MESSAGE_REMOVED")
        if incoming.is_async and not message.is_async:
            raise NoAsyncFormError(f"No async mode for this operation (rpc: {incoming.name})")
        if incoming.caller is not None:
            rbac.check_roles(message, incoming.caller, incoming.args)
        return self._carry_out(message, incoming, codec)

    def _find(self, incoming: Incoming) -> MessageModel:
        """Find the message, and see that the number of its parameters fits."""
        named = self.names.find(incoming.call.name)
        incoming.name, incoming.is_async = named.name, named.is_async
        incoming.message = message = named.message
        if message is None:
            raise self._unknown(named.name, incoming)
        check_arity(named.name, message, incoming.call.params)
        return message

    def _unknown(self, name: str, incoming: Incoming) -> XenError:
        """Return the error of an unknown method.

        The current release takes it for an extension, and so looks at the session first.
        """
        params = incoming.call.params
        if params and not self._pool.legacy:
            self._caller(params[0], incoming)
        return XenError("MESSAGE_METHOD_UNKNOWN", name)

    def _typed(self, message: MessageModel, params: list[RpcValue]) -> list[Any]:
        """Return the arguments after the session, the defaults of those left off included."""
        if message.session:
            self._types.argument(_SESSION, _STRING, params[0])
            params = params[1:]
        if message.kind == "create":
            return [self._types.constructor(self._pool.model.classes[message.cls], params[0])]
        given = [
            self._types.argument(param.name, param.type, value)
            for param, value in zip(message.params, params, strict=False)
        ]
        return given + [param.default for param in message.params[len(given) :]]

    def _identify(self, message: MessageModel, incoming: Incoming) -> None:
        caller = self._caller(incoming.call.params[0], incoming)
        rbac.check_origin(self._pool, message, caller)

    def _caller(self, session: RpcValue, incoming: Incoming) -> Caller:
        ref: str = self._types.argument(_SESSION, _STRING, session)
        message = incoming.message
        for_emergencies = message is not None and message.emergency
        if not (for_emergencies and ref in self._member.local_sessions):
            self._await_master(incoming)
        incoming.caller = caller = sessions.caller(self._pool, ref, self._member)
        return caller

    def _await_master(self, incoming: Incoming) -> None:
        """Stand still while the master is away, as calls on a member do.

        A member asks its master whether a session is good, and asks again for ever. Ends when
        the master answers, or when the member's own standing changes.
        """
        pool, member = self._pool, self._member
        if member.role is Role.MASTER:
            return
        self._world.park(
            (pool.path,), lambda: not membership.hangs(pool, member), None, incoming.gone
        )
        if member.emergency is not None and not (incoming.message and incoming.message.emergency):
            raise member.emergency

    def _log_in(self, message: MessageModel, incoming: Incoming) -> str:
        if incoming.is_async:
            raise NoAsyncFormError(f"No async mode for this operation (rpc: {incoming.name})")
        ref: str = LOGINS[message.name](self._pool, self._member, *incoming.args)
        return ref

    def _carry_out(
        self, message: MessageModel, incoming: Incoming, codec: Codec
    ) -> tuple[Type, Any]:
        own = self._wire.get(message.name)
        if own is not None and not incoming.is_async:
            return message.result, own(incoming, *incoming.args)
        reader = None if handler_of(message.name) else reads.reader_of(message)
        if reader is not None:
            with self._world.access():
                value = reader(self._pool.db, message, incoming.args, codec.collect)
            return message.result, value
        value = self._call(message, incoming)
        return TASK_REF if incoming.is_async else message.result, value

    def _call(self, message: MessageModel, incoming: Incoming) -> Any:
        caller = incoming.caller or self._anonymous()
        value = self._pool.call(caller, message.name, incoming.args, is_async=incoming.is_async)
        if not isinstance(value, Operation):
            return value
        self._world.park((value.topic,), lambda: value.done, None, incoming.gone)
        if value.error is not None:
            raise as_xen_error(value.error)
        if not value.done:
            raise ClientLeftError
        return value.value

    def _anonymous(self) -> Caller:
        return Caller(user="", roles=(), session=NULL_REF, host=self._member.host)

    def _from(self, incoming: Incoming, classes: list[str], token: str, timeout: float) -> Any:
        session = _session(incoming)
        return self._event_from.poll(session, classes, token, timeout, incoming.gone)

    def _next(self, incoming: Incoming) -> Any:
        return self._event_next.next(_session(incoming), incoming.gone)

    def _register(self, incoming: Incoming, classes: list[str]) -> None:
        self._event_next.register(_session(incoming), classes)

    def _unregister(self, incoming: Incoming, classes: list[str]) -> None:
        self._event_next.unregister(_session(incoming), classes)


_STRING: Final = Type("string")
_SESSION: Final = "session_id"


def _session(incoming: Incoming) -> str:
    return incoming.caller.session if incoming.caller is not None else NULL_REF
