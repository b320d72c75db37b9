"""Values of the vim25 model: data objects, references and times as plain Python.

Everything else is a str, int, float, bool, list or None; enumerations are their strings. Values
are replaced, never changed in place, so that they may be shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hvsim.clock import LAB_BEGINS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.world import World


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A reference to a managed object: its vim25 type (``VirtualMachine``) and its identifier."""

    type: str
    moid: str

    def __str__(self) -> str:
        return f"{self.type}:{self.moid}"


@dataclass(frozen=True, slots=True, eq=True)
class Data:
    """A data object: its vim25 type (``VirtualMachineRuntimeInfo``) and the fields that are set.

    A field that is not set is not in ``fields``; ``data["x"]`` then gives None.
    """

    type: str
    fields: dict[str, Any]

    __hash__ = None  # type: ignore[assignment]  # it holds a dict

    def __getitem__(self, name: str) -> Any:
        return self.fields.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a field, or ``default`` when it is not set."""
        found = self.fields.get(name)
        return default if found is None else found

    def having(self, **changes: Any) -> Data:
        """Return a copy with fields set; None unsets one."""
        fields = self.fields | changes
        for name, value in changes.items():
            if value is None:
                del fields[name]
        return Data(self.type, fields)


def packed(value: Data) -> Data:
    """Return the same data object in as little memory as it can do with."""
    # A dict that was made of two keeps room for both.
    return Data(value.type, {name: inner for name, inner in value.fields.items()})  # noqa: C416 - a copy would be as large


def data(type_name: str, /, **fields: Any) -> Data:
    """Return a data object with those of the fields that are not None."""
    return Data(type_name, {name: value for name, value in fields.items() if value is not None})


NOTHING: Final[list[Any]] = []
"""The empty list: nearly every object has a dozen."""


@lru_cache(maxsize=1024)
def several_of(items: tuple[Ref, ...]) -> list[Ref]:
    """Return a list of references, the same for the same ones."""
    return list(items)


def one_of(item: Ref) -> list[Ref]:
    """Return a list of one reference, the same for the same one."""
    return several_of((item,))


@lru_cache(maxsize=256)
def signed(content: bytes) -> list[int]:
    """Return bytes as vim25 has them in a list: as numbers with a sign."""
    return [byte - 256 if byte > 127 else byte for byte in content]


def date_at(seconds: float) -> datetime:
    """Return the date at a simulated time in seconds, to the millisecond as vCenter writes it."""
    return LAB_BEGINS + timedelta(milliseconds=int(seconds * 1000))


def now(world: World) -> datetime:
    """Return the present simulated date."""
    return date_at(world.now)


def plain(value: Any) -> Any:
    """Return a value as JSON-ready data, for journals; :func:`rich` reads it back."""
    if isinstance(value, Ref):
        return {"ref": [value.type, value.moid]}
    if isinstance(value, Data):
        return {"data": value.type, "fields": {k: plain(v) for k, v in value.fields.items()}}
    if isinstance(value, datetime):
        return {"date": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def rich(value: Any) -> Any:
    """Return the value that :func:`plain` wrote."""
    if isinstance(value, list):
        return [rich(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "ref" in value:
        return Ref(*value["ref"])
    if "data" in value:
        return Data(value["data"], {k: rich(v) for k, v in value["fields"].items()})
    if "date" in value:
        return datetime.fromisoformat(value["date"])
    return bytes.fromhex(value["bytes"])
