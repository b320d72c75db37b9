"""Whether a call's arguments have the shape that the data model declares.

Wires judge what clients send in the product's own words. This guards the behaviours against
commands that come another way: the control plane, a journal, a scenario.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import CommandError
from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.model import Model, Type


def require(model: Model, message: str, args: list[Any]) -> None:
    """Judge a message's arguments (without the session).

    Raises:
        XenError: ``MESSAGE_METHOD_UNKNOWN``.
        CommandError: for a wrong number of them, or one of the wrong type.
    """
    facts = model.message(message)
    if facts is None:
        raise XenError("MESSAGE_METHOD_UNKNOWN", message)
    if facts.kind == "create":
        if len(args) != 1 or not isinstance(args[0], dict):
            raise CommandError(f"{message} takes one object, the record")
        return
    if not facts.required <= len(args) <= len(facts.params):
        raise CommandError(f"{message} takes {len(facts.params)} arguments, not {len(args)}")
    for param, value in zip(facts.params, args, strict=False):
        if not fits(param.type, value):
            raise CommandError(f"{message}: {param.name} has to be {_noun(param.type)}")


def require_finite(args: list[Any]) -> None:
    """Raise ``INVALID_VALUE`` for a number that is none: rows and the journal are JSON."""
    for arg in args:
        inner = arg.values() if isinstance(arg, dict) else (arg,)
        for value in inner:
            if isinstance(value, float) and not isfinite(value):
                raise XenError("INVALID_VALUE", "float", str(value))


def fits(kind: Type, value: Any) -> bool:
    """Whether a value is one that rows hold for a type."""
    if kind.kind in ("set", "option"):
        inner = kind.of
        return isinstance(value, list) and (inner is None or all(fits(inner, v) for v in value))
    if kind.kind == "map":
        inner = kind.value
        return isinstance(value, dict) and (
            inner is None or all(fits(inner, v) for v in value.values())
        )
    wanted = _PYTHON.get(kind.kind, str)
    return isinstance(value, wanted) and (kind.kind == "bool" or not isinstance(value, bool))


_PYTHON: Final[dict[str, Any]] = {
    "int": int,
    "float": int | float,
    "bool": bool,
    "record": dict,
}


def _noun(kind: Type) -> str:
    return _NOUNS.get(kind.kind, "a string")


_NOUNS: Final = {
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "set": "a list of fitting values",
    "option": "a list of fitting values",
    "map": "an object of fitting values",
    "record": "an object",
}
