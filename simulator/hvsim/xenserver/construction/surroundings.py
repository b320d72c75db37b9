"""What is around a pool's guests, as it is when the pool is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.xenserver import marks
from hvsim.xenserver.storage import backend

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool


def settle(pool: Pool) -> None:
    """Enter a new pool's storage managers; work out what repositories and disks allow."""
    for kind, driver in sorted(backend.DRIVERS.items()):
        features = sorted(backend.features(pool, kind))
        pool.db.add(
            "SM",
            {
                "type": kind,
                "name_label": driver.name,
                "vendor": "Citrix Systems Inc",
                "version": "1.0",
                "required_api_version": "1.0",
                "capabilities": features,
                "features": dict.fromkeys(features, 1),
                "driver_filename": f"/opt/xensource/sm/{kind.upper()}SR",
            },
        )
    for cls in ("SR", "VDI"):
        for ref in pool.db.tables[cls]:
            marks.refresh(pool, cls, ref)
