"""Brings in every module that registers commands, messages, behaviours or scenario sections."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CORE = (
    "hvsim.behaviours",
    "hvsim.faults",
    "hvsim.file_commands",
    "hvsim.images",
    "hvsim.services",
    "hvsim.stages",
)
PRODUCTS = {
    "xenserver": "hvsim.xenserver",
    "rhel5xen": "hvsim.rhel5xen",
    "solaris": "hvsim.zones",
    "vcenter": "hvsim.vcenter",
    "esx": "hvsim.vcenter",
    "scvmm": "hvsim.scvmm",
}
"""Packages whose modules all register what they model as they are imported, by the scenario
table of each; in the order in which tables are read and built."""


@cache
def load() -> None:
    """Import them; afterwards every registry is complete."""
    load_for(PRODUCTS)


def load_for(tables: Iterable[str]) -> None:
    """Import what a scenario with these tables needs; names of no table count for nothing.

    Products are large, and most labs have one.
    """
    for name in _CORE:
        importlib.import_module(name)
    for table in tables:
        if table in PRODUCTS:
            load_package(PRODUCTS[table])


@cache
def load_package(name: str) -> None:
    """Import a package with every module in it and below."""
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(found.name)
