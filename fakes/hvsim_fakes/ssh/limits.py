"""Bounds that an SSH port puts on its clients."""

from __future__ import annotations

from dataclasses import dataclass, field

from hvsim_fakes.shell.limits import ShellLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class SshLimits:
    """Bounds of one host's SSH port; times are seconds of the machine's clock.

    Attributes:
        connections: at one time; the next ones are reset.
        channels: sessions of one connection at one time; the next ones are refused.
        login_seconds: a connection that has not logged in by then is closed.
        idle_seconds: a connection without a session is closed after this silence.
        typed_ahead: bytes from a client that nobody has read before it is asked to wait.
        unsent: bytes to a client that it has not taken before its program waits.
        shell: of every command line.
    """

    connections: int = 1_000
    channels: int = 400
    login_seconds: float = 60.0
    idle_seconds: float = 3_600.0
    typed_ahead: int = 2**20
    unsent: int = 2**20
    shell: ShellLimits = field(default_factory=ShellLimits)
