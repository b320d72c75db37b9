"""The tools that every simulated host has."""

from __future__ import annotations

from hvsim_fakes.shell.program import Registry

STANDARD = Registry()
