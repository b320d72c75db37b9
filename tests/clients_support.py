"""Help for tests of real clients that have to be installed first."""

from __future__ import annotations

import os

import pytest


def need(there: bool, otherwise: str) -> None:
    """Skip the test with a reason, or fail where CI promises that the client is installed.

    CI sets ``HVSIM_CLIENTS`` to ``required``, and ``HVSIM_CLIENTS_WITHOUT`` to the names of clients
    that it cannot install, with blanks between them.
    """
    if there:
        return
    without = os.environ.get("HVSIM_CLIENTS_WITHOUT", "").split()
    promised = os.environ.get("HVSIM_CLIENTS") == "required"
    excused = any(otherwise.startswith(name) for name in without)
    (pytest.fail if promised and not excused else pytest.skip)(otherwise)
