"""The registry of operations: what each takes, how it is reached, and who carries it out."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from hvsim_fakes.vcenter.rest.structures import Structure

Handler = Callable[..., Any]
Fields = dict[str, Any]
"""Parameters by name: a type, or a type and the default of what may be left out."""
_MODULES: Final = (
    "appliance",
    "changing",
    "compute",
    "datacenters",
    "guests",
    "hardware",
    "hosts",
    "introspection",
    "machines",
    "modules",
    "power",
    "resource_pools",
    "session",
    "storage",
    "tag_services",
    "tasks",
)


@dataclass(frozen=True, slots=True)
class Route:
    """How an operation is reached over HTTP.

    Attributes:
        path: below ``/api``, with ``{parameter}`` for what comes from it.
        action: value of the query's ``action``, empty when there is none.
        old_path: below ``/rest``; None when there it is not to be had.
        old_action: name and value in the query of ``/rest`` (``~action=attach``).
        body: the parameter that the body is; without one the body holds parameters by name.
        query: the parameter whose fields come from the query.
        status: of a success under ``/api``.
    """

    method: str
    path: str
    action: str = ""
    old_path: str | None = None
    old_action: str = ""
    body: str = ""
    query: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a service.

    Attributes:
        takes: the structure of its parameters.
        privilege: what its caller must hold on the object that it is carried out on.
        is_global: whether it must be held on everything instead, there being no such object.
        is_open: whether it is carried out without a session.
        is_write: whether it changes anything of the simulated datacentre.
        locked: whether the handler is called under the world's lock; those that wait are not.
        is_taskable: whether a client may ask for a task instead of the operation's end.
    """

    service: str
    name: str
    handler: Handler
    takes: type[msgspec.Struct]
    route: Route | None
    privilege: str
    is_global: bool
    is_open: bool
    is_write: bool
    locked: bool
    is_taskable: bool

    @property
    def full_name(self) -> str:
        """Service and operation."""
        return f"{self.service}.{self.name}"


_known: dict[tuple[str, str], Operation] = {}


def operation(
    name: str,
    route: Route | None,
    *,
    takes: Fields | None = None,
    privilege: str = "System.Read",
    is_global: bool = False,
    is_open: bool = False,
    is_write: bool = False,
    locked: bool = True,
    is_taskable: bool = False,
) -> Callable[[Handler], Handler]:
    """Register ``(call, **parameters) -> value`` as an operation, by its canonical name.

    A handler gives a value of the structure that the API names, or None; it raises
    :class:`~hvsim_fakes.vcenter.rest.errors.VapiError` or a refusal of the simulated product.
    """
    service, _, short = name.rpartition(".")
    fields = [(key, *_typed(kind)) for key, kind in (takes or {}).items()]
    structure = msgspec.defstruct(
        "OperationInput", fields, kw_only=True, forbid_unknown_fields=True
    )

    def register(handler: Handler) -> Handler:
        if (service, short) in _known:
            raise AssertionError(f"operation {name!r} has two handlers")
        _known[service, short] = Operation(
            service=service,
            name=short,
            handler=handler,
            takes=structure,
            route=route,
            privilege=privilege,
            is_global=is_global,
            is_open=is_open,
            is_write=is_write,
            locked=locked,
            is_taskable=is_taskable,
        )
        return handler

    return register


def _typed(kind: Any) -> tuple[Any, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


@cache
def load() -> None:
    """Import every module with operations."""
    for name in _MODULES:
        importlib.import_module(f"hvsim_fakes.vcenter.rest.{name}")


def find(service: str, name: str) -> Operation | None:
    """Return an operation, or None."""
    return _known.get((service, name))


def all_operations() -> list[Operation]:
    """Return every operation, sorted by service and name."""
    return [_known[key] for key in sorted(_known)]


def services() -> dict[str, list[str]]:
    """Return the names of operations by service, sorted."""
    found: dict[str, list[str]] = {}
    for service, name in sorted(_known):
        found.setdefault(service, []).append(name)
    return found


def listing(path: str, structure: type[Structure]) -> tuple[Route, Fields]:
    """Return route and parameters of an operation that lists what fits a filter."""
    return Route("GET", path, old_path=path, query="filter"), {"filter": (structure | None, None)}


def reading(path: str) -> Route:
    """Return the route of an operation that reads one thing."""
    return Route("GET", path, old_path=path)
