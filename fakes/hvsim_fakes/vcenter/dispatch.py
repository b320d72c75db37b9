"""From a call to its answer: session, object, privilege, and who carries it out."""

from __future__ import annotations

import importlib
import inspect
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import HvsimError
from hvsim.vcenter import session as sessions
from hvsim.vcenter.faults import VimFault, as_fault
from hvsim.vcenter.methods import Caller, handler_of
from hvsim.vcenter.values import Ref
from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.context import Context, LocalMethod, Written, local_method
from hvsim_fakes.vcenter.writer import writer_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.vcenter.server import VCenter
    from hvsim_fakes.vcenter.registry import Method
    from hvsim_fakes.vcenter.requests import Incoming

ANONYMOUS: Final = "System.Anonymous"
_BEFORE_LOGIN: Final = frozenset({"ServiceInstance"})
"""Types whose properties are read without a session."""
_MODULES: Final = (
    "alarms",
    "authorization",
    "certificates",
    "environment",
    "history",
    "performance",
    "retrieval",
    "search",
    "service",
    "updates",
    "views",
)


@cache
def load() -> None:
    """Import every module of the wire's own methods."""
    for name in _MODULES:
        importlib.import_module(f"hvsim_fakes.vcenter.{name}")


def answer(context: Context, incoming: Incoming) -> tuple[bytes, ...]:
    """Carry a call out; return its result, written, in pieces to be joined.

    Raises:
        VimFault: what vCenter answers instead.
    """
    with context.world.access():
        this = _admit(context, incoming)
        found = _local(this.type, incoming.method)
        if found is not None and found.locked:
            return _written(context, incoming, _call(found, context, this, incoming))
    if found is not None:
        return _written(context, incoming, _call(found, context, this, incoming))
    return _written(context, incoming, _domain(context, this, incoming))


def is_known(type_name: str, method: Method) -> bool:
    """Whether somebody carries a method of a type out."""
    return _local(type_name, method) is not None or handler_of(type_name, method.name) is not None


def _admit(context: Context, incoming: Incoming) -> Ref:
    """Return the object called, unless vCenter would refuse the call."""
    method, this = incoming.method, incoming.this
    vcenter, key = context.vcenter, context.session.key
    session = sessions.find(vcenter, key) if key else None
    if session is None and not _open(incoming):
        raise _unknown_session(this)
    ref = context.scope.resolve(this)
    if not registry.is_a(ref.type, method.owner):
        raise _not_there(ref, method)
    if not registry.visible(method.since, context.version):
        raise _not_there(ref, method)
    if session is not None:
        session.last, session.calls = context.world.now, session.calls + 1
        if method.privilege and method.privilege != ANONYMOUS:
            context.scope.demand(method.privilege, ref)
        if not context.scope.plain:
            _demand_for_arguments(context, incoming)
    return ref


def _demand_for_arguments(context: Context, incoming: Incoming) -> None:
    """Raise ``NoPermission`` unless the user has what passing each object needs."""
    for name, value in incoming.args.items():
        needed = incoming.method.params[name].privilege
        for ref in value if isinstance(value, list) else [value]:
            if needed and isinstance(ref, Ref) and context.vcenter.store.exists(ref):
                context.scope.demand(needed, ref)


def _open(incoming: Incoming) -> bool:
    """Whether a call is answered without a session."""
    method = incoming.method
    if method.privilege != ANONYMOUS:
        return False
    if method.name == "Fetch":
        return incoming.this.type in _BEFORE_LOGIN
    if method.owner != "PropertyCollector":
        return True
    specs = incoming.args.get("specSet", ())
    starts = [start for spec in specs for start in spec["objectSet"] or ()]
    plain = (start["obj"].type in _BEFORE_LOGIN and not start["selectSet"] for start in starts)
    return bool(starts) and all(plain)


def _unknown_session(this: Ref) -> VimFault:
    return VimFault("NotAuthenticated", object=this, privilegeId="System.View")


def _not_there(this: Ref, method: Method) -> VimFault:
    return VimFault("MethodNotFound", receiver=this, method=method.name)


def _local(type_name: str, method: Method) -> LocalMethod | None:
    return _known_local(type_name, method.owner, method.name)


@cache
def _known_local(type_name: str, owner: str, wire: str) -> LocalMethod | None:
    return local_method(type_name, wire) or local_method(owner, wire)


def _call(found: LocalMethod, context: Context, this: Ref, incoming: Incoming) -> Any:
    return found.handler(context, this, **_taken(found.handler, incoming.args))


@cache
def _names(handler: Callable[..., Any]) -> frozenset[str] | None:
    """Return the arguments a handler takes; None when it takes any."""
    parameters = inspect.signature(handler).parameters.values()
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in parameters)


def _taken(handler: Callable[..., Any], args: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments without those a handler leaves unheeded."""
    names = _names(handler)
    if names is None or args.keys() <= names:
        return args
    return {name: value for name, value in args.items() if name in names}


def _domain(context: Context, this: Ref, incoming: Incoming) -> Any:
    vcenter, method = context.vcenter, incoming.method
    handler = handler_of(this.type, method.name)
    if handler is None:
        raise _not_there(this, method)
    caller = Caller(user=_user(vcenter, context), session=context.session.key)
    try:
        return vcenter.call(caller, this, method.name, _taken(handler, incoming.args))
    except VimFault:
        raise
    except HvsimError as error:
        raise as_fault(error) from None


def _user(vcenter: VCenter, context: Context) -> str:
    session = vcenter.access.sessions.get(context.session.key)
    return session.user if session is not None else ""


def _written(context: Context, incoming: Incoming, value: Any) -> tuple[bytes, ...]:
    if isinstance(value, Written):
        return value.pieces
    result = incoming.method.result
    if result is None or value is None:
        return ()
    writer = writer_for(context.version)
    if result.kind == "any":
        return (writer.typed("returnval", value).encode(errors="replace"),)
    return (writer.element(result, value).encode(errors="replace"),)
