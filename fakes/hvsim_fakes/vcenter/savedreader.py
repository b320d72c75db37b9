"""Makes saved inventories readable for scenarios; vim25's types are loaded when one is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import savedobject

if TYPE_CHECKING:
    from pathlib import Path

    from hvsim.vcenter.savedobject import Found


def _read(directory: Path) -> Found:
    # Not before it is asked for: the type information takes its time to read.
    from hvsim_fakes.vcenter import savedfiles  # noqa: PLC0415 - see above

    return savedfiles.read(directory)


savedobject.register(_read)
