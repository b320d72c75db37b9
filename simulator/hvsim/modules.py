"""Brings in every module that registers commands, messages, behaviours or scenario sections."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

_CORE = (
    "hvsim.behaviours",
    "hvsim.faults",
    "hvsim.file_commands",
    "hvsim.images",
    "hvsim.services",
    "hvsim.stages",
)
_PRODUCTS = (
    "hvsim.xenserver",
    "hvsim.rhel5xen",
    "hvsim.zones",
    "hvsim.vcenter",
    "hvsim.scvmm",
)
"""Packages whose modules all register what they model as they are imported."""


@cache
def load() -> None:
    """Import them; afterwards every registry is complete."""
    for name in _CORE:
        importlib.import_module(name)
    for product in _PRODUCTS:
        load_package(product)


@cache
def load_package(name: str) -> None:
    """Import a package with every module in it and below."""
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(found.name)
