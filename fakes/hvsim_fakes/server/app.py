"""Telling the two kinds of application apart."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from hvsim_fakes.server.message import RawApp
from hvsim_fakes.server.wsgi import WsgiApp

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def adapt(app: "RawApp | WSGIApplication") -> RawApp:
    """Give any application the fast path's interface.

    An application called with one argument is a RawApp, with two a WSGI application. Raises
    TypeError for anything else.
    """
    arity = _arity(app)
    if arity == 1:
        return cast("RawApp", app)
    if arity == 2:
        return WsgiApp(cast("WSGIApplication", app))
    raise TypeError("an application takes one argument (RawApp) or two (WSGI)")


def _arity(app: Callable[..., object]) -> int:
    """Count the arguments that have to be given."""
    parameters = inspect.signature(app).parameters.values()
    return sum(
        parameter.kind in _POSITIONAL and parameter.default is inspect.Parameter.empty
        for parameter in parameters
    )
