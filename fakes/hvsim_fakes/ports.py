"""Finding one port that is free on several loopback addresses."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ATTEMPTS = 50


def common_port(addresses: Sequence[str]) -> int:
    """Return a TCP port that was free on every one of the addresses a moment ago.

    XenServer sends clients of a member to the master by address alone, so all hosts of a lab
    answer on the same port.

    Raises:
        OSError: when an address is not this machine's, or no common port was found.
    """
    for _ in range(_ATTEMPTS):
        port = _try(addresses)
        if port is not None:
            return port
    raise OSError(errno.EADDRINUSE, f"no port is free on all of {', '.join(addresses)}")


def _try(addresses: Sequence[str]) -> int | None:
    port = 0
    with ExitStack() as held:
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = held.enter_context(socket.socket(family, socket.SOCK_STREAM))
            try:
                sock.bind((address, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE and port:
                    return None
                raise
            port = sock.getsockname()[1]
    return port
