"""The part of the .NET class library that scripts may use; nothing of it touches the host."""

from __future__ import annotations

from importlib import import_module
from typing import Final

_MODULES: Final = (
    "automation",
    "basics",
    "collections",
    "enumerations",
    "expressions",
    "invocations",
    "moments",
    "secrets",
    "streams",
    "strings",
    "system",
)


def load() -> None:
    """Register all types."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
