"""What the engine needs of the simulated Windows host that scripts run on."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Wait:
    """What a cmdlet yields to let simulated time pass; the host parks the script until then.

    Exactly one of both is given.

    Attributes:
        seconds: how long, in simulated seconds.
        subject: what to wait for instead, in the host's own terms (an operation of the world);
            what the host's ``wait`` returns is the value of the ``yield``.
    """

    seconds: float | None = None
    subject: Any = None


class Stopped(BaseException):
    """The client stopped the pipeline, or the host is going down: nothing catches it."""


class Drive(Protocol):
    """The host's files: paths as Windows writes them, without regard to case.

    All methods raise :class:`DriveError` when they cannot.
    """

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or directory."""

    def is_directory(self, path: str) -> bool:
        """Tell whether there is a directory."""

    def read(self, path: str) -> bytes:
        """Return a file's contents."""

    def write(self, path: str, data: bytes, *, append: bool = False) -> None:
        """Write a file, which is made if need be."""

    def make_directory(self, path: str) -> None:
        """Make a directory and those above it."""

    def remove(self, path: str, *, recurse: bool = False) -> None:
        """Remove a file or directory."""

    def children(self, path: str) -> list[str]:
        """Return the names in a directory, sorted."""


class DriveError(Exception):
    """A file operation failed; ``kind`` is ``missing``, ``exists``, ``denied`` or ``full``."""

    def __init__(self, kind: str, path: str) -> None:
        self.kind = kind
        self.path = path
        super().__init__(f"{kind}: {path}")


class Host(Protocol):
    r"""A simulated host as scripts see it.

    Attributes:
        computer: NetBIOS name, upper case.
        domain: DNS name of its domain, empty if none.
        user: who runs the script, as ``DOMAIN\name``.
        context: the product's own object, for its cmdlets (``call.context``).
        drive: its files.
        environment: variables of ``$env:``.
        utc_offset: minutes that its local time is ahead of UTC.
    """

    computer: str
    domain: str
    user: str
    context: Any
    drive: Drive
    environment: Mapping[str, str]
    utc_offset: int

    def now(self) -> float:
        """Return the simulated time, in Unix seconds."""

    def random(self, stream: str) -> random.Random:
        """Return the named random stream of the lab."""

    def wait(self, wait: Wait) -> Any:
        """Park until it is over; raise :class:`Stopped` when the client stops the script."""


@dataclass
class MemoryDrive:
    """Files in memory, bounded in size and number.

    Attributes:
        limit: bytes that all files may have together.
        entries: contents by path in lower case; None for a directory.
    """

    limit: int = 16 * 2**20
    entries: dict[str, tuple[str, bytes | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in ("C:", "C:\\Windows", "C:\\Windows\\Temp", "C:\\Temp", "C:\\Users"):
            self.entries[one.lower()] = (one, None)

    def exists(self, path: str) -> bool:
        """Tell whether there is a file or directory."""
        return plain_path(path).lower() in self.entries

    def is_directory(self, path: str) -> bool:
        """Tell whether there is a directory."""
        return self.entries.get(plain_path(path).lower(), ("", b""))[1] is None

    def read(self, path: str) -> bytes:
        """Return a file's contents."""
        found = self.entries.get(plain_path(path).lower())
        if found is None:
            raise DriveError("missing", path)
        if found[1] is None:
            raise DriveError("denied", path)
        return found[1]

    def write(self, path: str, data: bytes, *, append: bool = False) -> None:
        """Write a file, which is made if need be."""
        plain = plain_path(path)
        parent = plain.rpartition("\\")[0]
        if parent.lower() not in self.entries:
            raise DriveError("missing", path)
        name, old = self.entries.get(plain.lower(), (plain, b""))
        if old is None:
            raise DriveError("denied", path)
        whole = old + data if append else data
        used = sum(len(content or b"") + 256 for _, content in self.entries.values())
        if used - len(old) + len(whole) > self.limit:
            raise DriveError("full", path)
        self.entries[plain.lower()] = (name, whole)

    def make_directory(self, path: str) -> None:
        """Make a directory and those above it."""
        parts = plain_path(path).split("\\")
        for size in range(1, len(parts) + 1):
            name = "\\".join(parts[:size])
            if len(self.entries) * 256 > self.limit:
                raise DriveError("full", path)
            if self.entries.setdefault(name.lower(), (name, None))[1] is not None:
                raise DriveError("exists", path)

    def remove(self, path: str, *, recurse: bool = False) -> None:
        """Remove a file or directory."""
        key = plain_path(path).lower()
        if key not in self.entries:
            raise DriveError("missing", path)
        inside = [one for one in self.entries if one.startswith(key + "\\")]
        if inside and not recurse:
            raise DriveError("denied", path)
        for one in [*inside, key]:
            del self.entries[one]

    def children(self, path: str) -> list[str]:
        """Return the names in a directory, sorted."""
        start = plain_path(path).lower() + "\\"
        names = (
            name
            for key, (name, _) in self.entries.items()
            if key.startswith(start) and "\\" not in key[len(start) :]
        )
        return sorted((name[len(start) :] for name in names), key=str.lower)


@dataclass
class PlainHost:
    """A host of its own, for tests and for products that need no more; its clock is stepped."""

    computer: str = "VMM01"
    domain: str = "lab.example"
    user: str = "LAB\\Administrator"
    context: Any = None
    drive: Drive = field(default_factory=MemoryDrive)
    environment: Mapping[str, str] = field(default_factory=dict)
    utc_offset: int = 0
    time: float = 1_700_000_000.0
    waiter: Callable[[Wait], Any] | None = None
    streams: dict[str, random.Random] = field(default_factory=dict)

    def now(self) -> float:
        """Return the simulated time, in Unix seconds."""
        return self.time

    def random(self, stream: str) -> random.Random:
        """Return the named random stream, seeded by its name."""
        return self.streams.setdefault(stream, random.Random(stream))

    def wait(self, wait: Wait) -> Any:
        """Let the time pass at once, or ask the waiter given."""
        if self.waiter is not None:
            return self.waiter(wait)
        self.time += wait.seconds or 0.0
        return None


def plain_path(path: str) -> str:
    """Return a path in full, without ``.`` and ``..``; relative ones are under ``C:``."""
    text = path.replace("/", "\\")
    if text[:2] == "\\\\":
        return "\\\\" + "\\".join(_walk(text[2:].split("\\")))
    if text[1:2] != ":":
        text = "C:\\" + text.lstrip("\\")
    return "\\".join(_walk(text.split("\\")))


def _walk(parts: list[str]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if part == ".." and len(kept) > 1:
            kept.pop()
        elif part not in ("", ".", ".."):
            kept.append(part)
    return kept
