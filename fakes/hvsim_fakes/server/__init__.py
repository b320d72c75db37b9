"""The HTTP server that hosts every HTTP endpoint: one listener a simulated host."""

from hvsim_fakes.server.certificate import Certificate, self_signed, server_context
from hvsim_fakes.server.limits import Limits
from hvsim_fakes.server.listener import Listener
from hvsim_fakes.server.message import (
    Address,
    Connection,
    Headers,
    HttpError,
    RawApp,
    Request,
    Response,
)
from hvsim_fakes.server.wsgi import WsgiApp

__all__ = [
    "Address",
    "Certificate",
    "Connection",
    "Headers",
    "HttpError",
    "Limits",
    "Listener",
    "RawApp",
    "Request",
    "Response",
    "WsgiApp",
    "self_signed",
    "server_context",
]
