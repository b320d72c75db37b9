"""Commands: the only way to change a world from outside, each one plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import msgspec
import orjson

from hvsim.errors import CommandError

if TYPE_CHECKING:
    from hvsim.world import World


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One change asked of the world. Subclasses give fields, ``kind`` and :meth:`apply`."""

    kind: ClassVar[str]

    def apply(self, world: World) -> Any:
        """Carry the command out under the world's lock; raise a :class:`HvsimError` to refuse."""
        raise NotImplementedError

    def sealed(self, world: World) -> Command:  # noqa: ARG002 - most commands keep no secret
        """Return the command as it may be journalled: without a password in clear."""
        return self


_Kind = TypeVar("_Kind", bound=type[Command])
_kinds: dict[str, type[Command]] = {}


def command(kind: str) -> Any:
    """Class decorator: register a :class:`Command` under ``kind`` (``server.crash``)."""

    def register(cls: _Kind) -> _Kind:
        if kind in _kinds:
            raise AssertionError(f"command {kind!r} is registered twice")
        cls.kind = kind
        _kinds[kind] = cls
        return cls

    return register


def kinds() -> dict[str, type[Command]]:
    """Return every command class by kind, sorted."""
    _complete()
    return dict(sorted(_kinds.items()))


def named(kind: str) -> type[Command] | None:
    """Return the command class of a kind, or None."""
    if kind not in _kinds:
        _complete()
    return _kinds.get(kind)


def _complete() -> None:
    # Commands register themselves with the products, which are imported as labs need them.
    from hvsim import modules  # noqa: PLC0415 - they import this module

    modules.load()


def encode(item: Command) -> dict[str, Any]:
    """Return the command as JSON-ready data: ``{"kind": ..., <field>: ...}``."""
    fields: dict[str, Any] = msgspec.to_builtins(item)
    return {"kind": item.kind, **fields}


def decode(data: Any) -> Command:
    """Return the command that JSON-ready ``data`` describes.

    Raises:
        CommandError: naming the unknown kind, or the field and what was expected of it.
    """
    if not isinstance(data, dict):
        raise CommandError("a command is an object with a 'kind'")
    fields = dict(data)
    kind = fields.pop("kind", None)
    cls = named(kind) if isinstance(kind, str) else None
    if cls is None:
        raise CommandError(f"unknown command kind {kind!r}; known: {', '.join(sorted(_kinds))}")
    try:
        orjson.dumps(fields)
    except TypeError as error:
        raise CommandError(f"{kind}: the journal cannot keep it: {error}") from None
    try:
        return msgspec.convert(fields, cls)
    except msgspec.ValidationError as error:
        raise CommandError(f"{kind}: {error}") from None
