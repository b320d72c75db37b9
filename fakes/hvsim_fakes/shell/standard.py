"""The tools that every simulated host has: ``Registry(STANDARD)`` begins with them."""

from __future__ import annotations

import importlib
import pkgutil

from hvsim_fakes.shell import tools
from hvsim_fakes.shell.tools import STANDARD

for _found in pkgutil.iter_modules(tools.__path__):
    importlib.import_module(f"{tools.__name__}.{_found.name}")

__all__ = ["STANDARD"]
