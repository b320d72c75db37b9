"""The log of every exchange on every wire: who asked what of whom, and what came of it."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

MASK = "********"
_SECRET_WORDS = (
    "password",
    "passwd",
    "secret",
    "token",
    "cookie",
    "credential",
    "privatekey",
    "pwd",
)
_SECRET_NAMES = frozenset(
    {"authorization", "key", "pass", "passphrase", "session", "sessionid", "sessionref"}
)
_LONGEST_TEXT = 256
_SHORTENED = "..."


class WireLogOverrunError(LookupError):
    """The question reaches back to entries that the bounded log has already dropped."""


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """One request and its outcome.

    `time` is simulated seconds; `endpoint` names the host or manager asked, `client` who asked,
    `call` the product's own name of the call. `outcome` is "ok" or the product's error code.
    `seq` counts from 1 without gaps, in the order of recording.
    """

    seq: int
    time: float
    product: str
    endpoint: str
    client: str
    call: str
    is_write: bool
    outcome: str
    params: Mapping[str, object] = msgspec.field(default_factory=dict)


class WireLog:
    """A bounded, thread-safe log; the newest `capacity` exchanges are kept.

    Every question covers the exchanges after `since` up to and including `until`, both seq
    numbers; so `mark = log.last_seq` before an act and `since=mark` after it frame that act.
    A question about dropped entries raises WireLogOverrunError: an answer could be wrong.
    """

    def __init__(self, capacity: int = 100_000) -> None:
        if capacity < 1:
            raise ValueError("a wire log holds at least one exchange")
        self._capacity = capacity
        self._ring: list[Exchange] = []
        self._last = 0
        self._lock = threading.Lock()

    @property
    def last_seq(self) -> int:
        """The seq of the newest exchange, 0 when there is none."""
        return self._last

    @property
    def dropped(self) -> int:
        """How many exchanges, the oldest ones, are no longer kept."""
        return max(0, self._last - self._capacity)

    def record(
        self,
        *,
        time: float,
        product: str,
        endpoint: str,
        client: str,
        call: str,
        is_write: bool,
        outcome: str = "ok",
        params: Mapping[str, object] | None = None,
    ) -> Exchange:
        """Append one exchange; the caller has masked `params`."""
        with self._lock:
            exchange = Exchange(
                self._last + 1,
                time,
                product,
                endpoint,
                client,
                call,
                is_write,
                outcome,
                params or {},
            )
            self._append(exchange)
        return exchange

    def entries(
        self,
        since: int = 0,
        until: int | None = None,
        *,
        product: str | None = None,
        endpoint: str | None = None,
        client: str | None = None,
        call: str | None = None,
        is_write: bool | None = None,
    ) -> list[Exchange]:
        """List the exchanges of a span that match all the facts given, oldest first."""
        asked = {
            "product": product,
            "endpoint": endpoint,
            "client": client,
            "call": call,
            "is_write": is_write,
        }
        wanted = {name: value for name, value in asked.items() if value is not None}
        return [exchange for exchange in self._span(since, until) if _matches(exchange, wanted)]

    def newest(self, count: int) -> list[Exchange]:
        """List the newest exchanges, `count` at most, oldest first; never an overrun."""
        with self._lock:
            first = max(self.dropped, self._last - count)
            return [self._ring[seq % self._capacity] for seq in range(first, self._last)]

    def writes(
        self, since: int = 0, until: int | None = None, *, endpoint: str | None = None
    ) -> list[Exchange]:
        """List the writes of a span, whatever came of them."""
        return self.entries(since, until, endpoint=endpoint, is_write=True)

    def wrote(
        self, since: int = 0, until: int | None = None, *, endpoint: str | None = None
    ) -> bool:
        """Tell whether any write reached the endpoint (or any endpoint) in the span."""
        return bool(self.writes(since, until, endpoint=endpoint))

    def _append(self, exchange: Exchange) -> None:
        if len(self._ring) < self._capacity:
            self._ring.append(exchange)
        else:
            self._ring[(exchange.seq - 1) % self._capacity] = exchange
        self._last = exchange.seq

    def _span(self, since: int, until: int | None) -> list[Exchange]:
        since = max(0, since)
        with self._lock:
            last = self._last if until is None else min(until, self._last)
            if since < last and since < self.dropped:
                raise WireLogOverrunError(
                    f"exchanges up to {self.dropped} are dropped; asked for those after {since}"
                )
            return [self._ring[seq % self._capacity] for seq in range(since, last)]


def mask(params: Mapping[str, object]) -> dict[str, object]:
    """Copy named parameters for the log: secrets masked at any depth, long texts shortened.

    A parameter is secret by its name, in any spelling: passwords, tokens, keys, sessions,
    cookies. Secrets passed by position are the caller's to name.
    """
    return {str(name): MASK if _secret(str(name)) else _tame(v) for name, v in params.items()}


def _matches(exchange: Exchange, wanted: Mapping[str, object]) -> bool:
    return all(getattr(exchange, name) == value for name, value in wanted.items())


@lru_cache(maxsize=4096)
def _secret(name: str) -> bool:
    plain = "".join(_letters(name))
    return plain in _SECRET_NAMES or any(word in plain for word in _SECRET_WORDS)


def _letters(name: str) -> Iterator[str]:
    return (letter for letter in name.lower() if letter.isalnum())


def _tame(value: object) -> object:
    if isinstance(value, Mapping):
        return mask(value)
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + _SHORTENED
    if isinstance(value, Sequence):
        return [_tame(item) for item in value]
    return value
