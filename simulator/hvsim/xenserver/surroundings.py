"""What is around a pool's guests, as it is when the pool is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver import marks

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool


def settle(pool: Pool) -> None:
    """Work out what a new pool's repositories and disks allow; devices follow their guests."""
    for cls in ("SR", "VDI"):
        for ref in pool.db.tables[cls]:
            marks.refresh(pool, cls, ref)
