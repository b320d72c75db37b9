"""Hosts that listen, shared by the tests of a module."""

from __future__ import annotations

import pytest

from hvsim.clock import Clock, ClockMode
from winrm_host import Host


@pytest.fixture(scope="module")
def shared():
    """A host on both ports, whose clock skips what is idle."""
    with Host(Clock(ClockMode.SKIP_IDLE)).running(tls=True) as host:
        yield host


@pytest.fixture
def host():
    """A host of the test's own on its plain port, whose clock skips what is idle."""
    with Host(Clock(ClockMode.SKIP_IDLE)).running() as found:
        yield found


@pytest.fixture
def still():
    """A host whose clock stands; nothing listens."""
    made = Host()
    yield made
    made.endpoint.close()
