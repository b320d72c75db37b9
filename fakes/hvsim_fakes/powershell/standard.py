"""The library of a plain Windows host, to which a product adds its own cmdlets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim_fakes.powershell import dotnet
from hvsim_fakes.powershell.engine.library import Library

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Table

dotnet.load()


def library(*tables: Table) -> Library:
    """Return a library of PowerShell's own cmdlets and those of a product."""
    from hvsim_fakes.powershell.cmdlets import (  # noqa: F401, PLC0415 - they fill the tables
        data,
        files,
        json,
        members,
        objects,
        output,
        session,
    )

    own = (objects.CORE, objects.UTILITY, session.MANAGEMENT, data.SECURITY)
    return Library((*own, *tables), session.preset, files.to_file)
