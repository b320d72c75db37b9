"""The control plane's routes as data: what serves them and what describes them are one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from hvsim_fakes.control.problems import Problem

if TYPE_CHECKING:
    from hvsim.world import World
    from hvsim_fakes.lab import Lab
    from hvsim_fakes.server import Connection

_T = TypeVar("_T")

NDJSON = "application/x-ndjson"
"""Media type of JSON lines."""


@dataclass(slots=True)
class Ask:
    """One request to the control plane, its body and query judged and typed.

    Attributes:
        lab: the lab it is about.
        place: the variable parts of the path.
        body: the decoded body (an instance of the route's ``body``), None without one.
        query: an instance of the route's ``query``, None without one.
        connection: the client's connection, for answers that take long.
    """

    lab: Lab
    place: dict[str, str]
    body: Any
    query: Any
    connection: Connection | None = None

    @property
    def world(self) -> World:
        """The lab's present world."""
        return self.lab.world


Handler = Callable[[Ask], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation of the interface.

    Attributes:
        method, path: as in OpenAPI (``/v1/servers/{server}``).
        summary: one line for a reader.
        handler: gives a value that msgspec can write as JSON, or a Flask response.
        body, query: msgspec types of what the request carries.
        gives: type of the answer, None for a media type without a schema.
        media: media type of the answer.
        body_media: media type of the request's body.
        open: whether it needs no token.
    """

    method: str
    path: str
    summary: str
    handler: Handler
    body: Any = None
    query: Any = None
    gives: Any = None
    media: str = "application/json"
    body_media: str = "application/json"
    open: bool = False

    @property
    def name(self) -> str:
        """The operation's identifier: its handler's name."""
        return self.handler.__name__


_routes: list[Route] = []


def route(method: str, path: str, **facts: Any) -> Callable[[Handler], Handler]:
    """Register a function as the handler of a route; its docstring's first line is the summary."""

    def register(handler: Handler) -> Handler:
        summary = (handler.__doc__ or "").strip().split("\n")[0]
        _routes.append(Route(method, path, summary, handler, **facts))
        return handler

    return register


def routes() -> tuple[Route, ...]:
    """Return every route in order of registration."""
    return tuple(_routes)


def decode_body(data: bytes, wanted: Any) -> Any:
    """Return a JSON body as an instance of ``wanted``; an empty body is an empty object.

    Raises:
        Problem: 400, naming what was expected and where.
    """
    try:
        return msgspec.json.decode(data or b"{}", type=wanted)
    except msgspec.ValidationError as error:
        raise Problem(400, f"The body does not fit: {error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem(400, f"The body is not JSON: {error}.") from None
    except RecursionError:
        raise Problem(400, "The body is nested too deeply.") from None


def decode_query(pairs: dict[str, str], wanted: type[_T]) -> _T:
    """Return query parameters as an instance of ``wanted``.

    Raises:
        Problem: 400, naming the parameter and what was expected.
    """
    try:
        return msgspec.convert(pairs, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise Problem(400, f"The query does not fit: {error}.") from None


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of query parameters."""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of request bodies."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Base of answers."""
