"""Inventories that ``govc object.save`` wrote: what a scenario keeps of them, and who reads them.

The files are XML in vim25's types, which the simulator knows nothing of; whoever knows them
registers a reader here. A scenario that names such a directory keeps what was read, so that it
stands for itself from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from hvsim.errors import InputError
from hvsim.vcenter.values import Ref, plain, rich


class SavedObject(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One managed object; properties are written as :func:`hvsim.vcenter.values.plain` does."""

    type: str
    moid: str
    properties: dict[str, Any] = msgspec.field(default_factory=dict)

    @property
    def ref(self) -> Ref:
        """What refers to it."""
        return Ref(self.type, self.moid)

    @property
    def values(self) -> dict[str, Any]:
        """Its properties by name."""
        return {name: rich(value) for name, value in self.properties.items()}


Found = list[tuple[Ref, dict[str, Any]]]
"""Objects in the order of their files, each with its properties."""
Reader = Callable[[Path], Found]
_readers: Final[list[Reader]] = []


def register(reader: Reader) -> None:
    """Let directories of saved objects be read."""
    _readers[:] = [reader]


def read(directory: Path) -> str:
    """Return what a directory holds, as the text that a scenario keeps.

    Raises:
        InputError: one line with file and line, and what was expected there.
    """
    if not _readers:
        raise InputError("load: saved inventories need the package hvsim_fakes")
    saved = [
        SavedObject(
            type=ref.type, moid=ref.moid, properties={k: plain(v) for k, v in values.items()}
        )
        for ref, values in _readers[0](directory)
    ]
    return msgspec.json.encode(saved).decode()


def parse(text: str) -> list[SavedObject]:
    """Return the objects that :func:`read` made a text of."""
    try:
        return msgspec.json.decode(text, type=list[SavedObject])
    except msgspec.MsgspecError as error:
        raise InputError(f"objects: expected what was read from a directory: {error}") from None
