"""One SSH connection: who may log in."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from asyncssh import (
    OPEN_RESOURCE_SHORTAGE,
    ChannelOpenError,
    KeyImportError,
    SSHServer,
    import_authorized_keys,
)

from hvsim.files import FileError
from hvsim_fakes.shell.view import View
from hvsim_fakes.ssh.channel import ShellChannel

if TYPE_CHECKING:
    from asyncssh import SSHKey, SSHServerChannel, SSHServerConnection

    from hvsim.systems import Account
    from hvsim_fakes.ssh.gate import ShellGate


class Connection(SSHServer):
    """A client's connection to a host."""

    def __init__(self, gate: ShellGate) -> None:
        self._gate = gate
        self._connection: SSHServerConnection | None = None
        self._account: Account | None = None
        self.channels = 0
        self.quiet_since = gate.loop.loop.time()

    def connection_made(self, conn: SSHServerConnection) -> None:
        """Take the connection, unless there are too many."""
        self._connection = conn
        if not self._gate.admit(self, conn):
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - why is all the same
        """Forget the connection."""
        self._gate.forget(self)

    def begin_auth(self, username: str) -> bool:
        """Ask everybody for a proof, those without an account too."""
        self._account = self._gate.host.system.accounts.get(username)
        return True

    def password_auth_supported(self) -> bool:
        """Accept passwords."""
        return True

    def validate_password(self, username: str, password: str) -> bool:  # noqa: ARG002 - known since begin_auth
        """Judge a password."""
        known = None if self._account is None else self._account.password
        return known is not None and hmac.compare_digest(known.encode(), password.encode())

    def public_key_auth_supported(self) -> bool:
        """Accept keys."""
        return True

    async def validate_public_key(self, username: str, key: SSHKey) -> bool:  # noqa: ARG002 - as above
        """Judge a key: it is the account's by the lab, or by a file in its home."""
        account = self._account
        if account is None:
            return False
        lines = await self._gate.loop.in_thread(lambda: self._authorized(account))
        return any(_lets_in(line, key, self._address) for line in lines)

    @property
    def _address(self) -> str:
        peer = None if self._connection is None else self._connection.get_extra_info("peername")
        return str(peer[0]) if peer else ""

    def _authorized(self, account: Account) -> list[str]:
        gate = self._gate
        view = View(gate.world, gate.host.system, account, root=gate.host.root)
        try:
            text = view.text(f"{account.home.rstrip('/')}/.ssh/authorized_keys")
        except FileError:
            text = ""
        return [*account.keys, *text.splitlines()]

    def session_requested(self) -> tuple[SSHServerChannel[Any], ShellChannel]:
        """Open a channel for a command or shell."""
        if self._connection is None or self._account is None:
            raise ChannelOpenError(OPEN_RESOURCE_SHORTAGE, "nobody is logged in")
        if self.channels >= self._gate.limits.channels:
            raise ChannelOpenError(OPEN_RESOURCE_SHORTAGE, "too many sessions")
        self.channels += 1
        channel = self._connection.create_server_channel(None)
        return channel, ShellChannel(self._gate, self._account, self._address, self.channel_closed)

    def channel_closed(self) -> None:
        """Count a channel less."""
        self.channels -= 1
        self.quiet_since = self._gate.loop.loop.time()


def _lets_in(line: str, key: SSHKey, address: str) -> bool:
    """Tell whether a line of an ``authorized_keys`` file is about a key."""
    line = line.strip()
    if not line or line.startswith("#"):
        return False
    try:
        known = import_authorized_keys(line)
    except (ValueError, KeyImportError):
        return False
    return known.validate(key, address, address) is not None
