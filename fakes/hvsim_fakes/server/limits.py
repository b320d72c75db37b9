"""The bounds one listener puts on its clients."""

from dataclasses import dataclass, fields

_SMALLEST_STACK = 32 * 1024  # what Python accepts


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of a listener; sizes are bytes, times are seconds of the real clock.

    Network patience is about sockets, not about the simulated datacentre, so these times never
    follow the world's clock. Raises ValueError for a bound that would bar every client.
    """

    connections: int = 2000
    """Connections served at once; the next ones are answered 503."""

    turned_away: int = 32
    """Connections being answered 503 at once; the next ones are reset without an answer."""

    request_line_bytes: int = 16 * 1024
    """Longest request line; more is answered 414."""

    header_bytes: int = 64 * 1024
    """Longest request head, request line included; more is answered 431."""

    header_count: int = 200
    """Most header lines; more is answered 431."""

    body_bytes: int = 64 * 1024 * 1024
    """Longest request body, as sent and as decoded; more is answered 413."""

    handshake_seconds: float = 10.0
    """Time for the whole TLS handshake; a slower client is disconnected."""

    idle_seconds: float = 120.0
    """Silence allowed before the first byte of a request; then the connection is closed."""

    head_seconds: float = 20.0
    """Time from a request's first byte to the end of its head; more is answered 408."""

    body_seconds: float = 60.0
    """Time for a whole request body; more is answered 408."""

    send_seconds: float = 60.0
    """Time a client may take to accept the next piece of an answer before it is disconnected."""

    linger_seconds: float = 2.0
    """Time a closed conversation still swallows input, so that the client can read the answer."""

    stop_seconds: float = 5.0
    """Time `stop()` waits for the connections' threads to end."""

    stack_bytes: int = 4 * 1024 * 1024
    """Stack of each connection's thread: address space, of which only touched pages cost memory.

    With 256 KiB a runaway recursion through C code (`__getattr__`, `map`) overflows the stack and
    kills the whole process before Python counts to its recursion limit of 1,000; with 4 MiB it does
    not at 6,000 either, which a lab with PowerShell sets.
    """

    def __post_init__(self) -> None:
        for bound in fields(self):
            if getattr(self, bound.name) < 0:
                raise ValueError(f"the limit {bound.name} cannot be negative")
        if self.stack_bytes < _SMALLEST_STACK:
            raise ValueError(f"stack_bytes has to be at least {_SMALLEST_STACK}")
