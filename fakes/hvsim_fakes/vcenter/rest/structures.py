"""Structures of the vSphere Automation API, and what is the same for all of them."""

from __future__ import annotations

from functools import cache
from types import NoneType
from typing import Annotated, ClassVar, Final, get_args, get_type_hints

import msgspec

ERRORS: Final = "com.vmware.vapi.std.errors."
Long = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer as clients may send it."""
Positive = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
"""A number of things of which there is one at least."""


class Structure(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A structure: its fields under their canonical names; an optional one is None when unset.

    Attributes:
        vapi: the structure's canonical name.
    """

    vapi: ClassVar[str]


class Secret(str):
    """A string that JSON-RPC marks as a secret."""

    __slots__ = ()


class LocalizableMessage(Structure):
    """A message with its identifier; ``default_message`` is the English text."""

    vapi = "com.vmware.vapi.std.localizable_message"
    id: str
    default_message: str
    args: list[str] = []
    params: dict[str, str] | None = None
    localized: str | None = None


class DynamicID(Structure):
    """An object of any type: a managed object's vim25 type and identifier."""

    vapi = "com.vmware.vapi.std.dynamic_ID"
    type: str
    id: str


@cache
def optional_fields(kind: type[Structure]) -> frozenset[str]:
    """Return the fields of a structure that may be unset."""
    hints = get_type_hints(kind)
    names = kind.__struct_fields__
    return frozenset(name for name in names if NoneType in get_args(hints[name]))
