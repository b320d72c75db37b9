"""Help for tests of real clients that have to be installed first."""

from __future__ import annotations

import os

import pytest


def need(there: bool, otherwise: str) -> None:
    """Skip the test with a reason, or fail where CI promises that the client is installed."""
    if not there:
        (pytest.fail if os.environ.get("HVSIM_CLIENTS") == "required" else pytest.skip)(otherwise)
