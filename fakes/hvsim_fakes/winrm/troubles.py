"""What goes wrong on a host's remoting on purpose, whatever its product does."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field


@dataclass(slots=True)
class Troubles:
    """Faults of a WinRM service; each counts requests of its own kind.

    Attributes:
        deny_after: so many requests more are let in, then every one is answered 401; None never.
        failing_sends: the next so many Send requests are answered 500 without a fault.
        failing_creates: the next so many shells are refused as if the quota were used up.
        resets: the next so many Receive requests end with a reset connection.
        latency: simulated seconds that every command and pipeline waits before it begins.
    """

    deny_after: int | None = None
    failing_sends: int = 0
    failing_creates: int = 0
    resets: int = 0
    latency: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def denied(self) -> bool:
        """Count a request that somebody logged in for; tell whether it is turned away."""
        with self._lock:
            if self.deny_after is None:
                return False
            self.deny_after -= 1
            return self.deny_after < 0

    def strikes(self, kind: str) -> bool:
        """Count down one of the countable faults; tell whether it strikes now."""
        with self._lock:
            left: int = getattr(self, kind)
            if left > 0:
                setattr(self, kind, left - 1)
            return left > 0
