"""What is around a pool's guests, as it is when the pool is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver import marks

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool


def settle(pool: Pool) -> None:
    """Work out what every disk, device and repository of a new pool allows."""
    for cls in ("SR", "VDI", "VBD", "VIF"):
        for ref in pool.db.tables[cls]:
            marks.refresh(pool, cls, ref)
