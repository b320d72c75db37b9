"""From an operation and its parameters to its value: session, privilege, handler."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import HvsimError
from hvsim_fakes.vcenter.rest import errors
from hvsim_fakes.vcenter.rest.call import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.vcenter.access import Session
    from hvsim_fakes.vcenter.rest.operations import Operation
    from hvsim_fakes.vcenter.rest.sessions import Client, Sessions

_log: Final = logging.getLogger(__name__)


def invoke(
    sessions: Sessions,
    client: Client,
    operation: Operation,
    parameters: Callable[[], dict[str, Any]],
    *,
    gone: Callable[[], bool],
    as_task: bool = False,
) -> Any:
    """Carry an operation out; return its value.

    Args:
        parameters: reads them; asked after the caller is known to be one.

    Raises:
        VapiError: what the API answers instead, whatever goes wrong.
    """
    try:
        session = _session(sessions, client, operation)
        call = Call(sessions.vcenter, sessions, client, session, gone, operation.privilege, as_task)
        given = parameters()
        return _carried_out(call, operation, given)
    except errors.VapiError:
        raise
    except HvsimError as refusal:
        raise errors.from_refusal(refusal) from refusal
    except Exception as error:
        # Nothing of the simulator's own may reach a client but the product's word for it.
        _log.exception("operation %s failed", operation.full_name)
        raise errors.internal() from error


def _session(sessions: Sessions, client: Client, operation: Operation) -> Session | None:
    if operation.is_open:
        return None
    world = sessions.vcenter.world
    with world.access():
        session = sessions.find(client.token)
        if session is None:
            raise errors.unauthenticated()
        session.last, session.calls = world.now, session.calls + 1
    return session


def _carried_out(call: Call, operation: Operation, given: dict[str, Any]) -> Any:
    if operation.is_global:
        call.demand(operation.privilege)
    if operation.locked:
        with call.world.access():
            return operation.handler(call, **given)
    return operation.handler(call, **given)
