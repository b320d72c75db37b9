"""The library of a plain Windows host, to which a product adds its own cmdlets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell import dotnet
from hvsim_fakes.powershell.cmdlets import (
    commands,
    content,
    data,
    drive,
    files,
    json,
    members,
    objects,
    output,
    search,
    selecting,
    session,
    tables,
    tabular,
    variables,
)
from hvsim_fakes.powershell.engine.library import Library

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Table

dotnet.load()
_FILLED_BY: Final = (
    commands,
    content,
    data,
    files,
    json,
    members,
    objects,
    output,
    search,
    selecting,
    session,
    tabular,
    variables,
)
"""The modules that fill the tables; to import them is enough."""
OWN: Final = (tables.CORE, tables.UTILITY, tables.MANAGEMENT, tables.SECURITY)


def library(*tables: Table) -> Library:
    """Return a library of PowerShell's own cmdlets and those of a product."""
    return Library((*OWN, *tables), session.preset, drive.to_file)
