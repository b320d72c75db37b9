"""A wake-up call for every thread that waits on sockets."""

import os
import weakref


class Alarm:
    """A file descriptor that becomes readable once, for ever, when the alarm rings.

    Threads put `fd` beside their socket in one poll. The descriptors live as long as anybody
    holds the alarm, so a late poll never meets a descriptor that was closed and reused.
    """

    def __init__(self) -> None:
        self.fd, self._ring = os.pipe()
        weakref.finalize(self, _close, self.fd, self._ring)

    def ring(self) -> None:
        """Wake everybody who waits now or will wait later."""
        os.write(self._ring, b"!")


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
