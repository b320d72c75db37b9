"""The shells that are open on a host."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hvsim_fakes.winrm import faults
from hvsim_fakes.winrm.faults import WsmanFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.winrm.accounts import Account
    from hvsim_fakes.winrm.machine import Machine
    from hvsim_fakes.winrm.shell import Shell


class Shells:
    """Keeps shells by their identifiers, within the quota of each user."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._shells: dict[str, Shell] = {}
        self._lock = threading.Lock()

    def open(self, shell_id: str, account: Account, make: Callable[[], Shell]) -> Shell:
        """Open a shell.

        Raises:
            WsmanFault: when there is one of that identifier, and over the quota.
        """
        self.expire()
        if self._machine.troubles.strikes("failing_creates"):
            raise WsmanFault(faults.TOO_MANY_SHELLS)
        with self._lock:
            if shell_id in self._shells:
                raise WsmanFault(faults.SHELL_EXISTS)
            mine = [s for s in self._shells.values() if s.facts.account == account]
            if len(mine) >= self._machine.settings.max_shells_per_user:
                raise WsmanFault(faults.TOO_MANY_SHELLS)
            made = self._shells[shell_id] = make()
        return made

    def find(self, shell_id: str, account: Account) -> Shell:
        """Return a shell; raises WsmanFault when it is not there, or another user's."""
        if not shell_id:
            raise WsmanFault(faults.NO_SHELL_ID)
        self.expire()
        found = self._shells.get(shell_id.upper())
        if found is None:
            raise WsmanFault(
                faults.UNKNOWN_SHELL,
                f"The request for the shell with ShellId {shell_id} failed:"
                " no such shell is on the server.",
            )
        if found.facts.account.qualified != account.qualified:
            raise WsmanFault(faults.ACCESS_DENIED)
        return found

    def enter(self, shell_id: str) -> Shell | None:
        """Return a shell that a request is for, counted as in use; None when there is none."""
        self.expire()
        found = self._shells.get(shell_id.upper())
        if found is not None:
            found.enter()
        return found

    def owned(self, account: Account) -> list[Shell]:
        """Return the shells of a user, oldest first."""
        self.expire()
        name = account.qualified
        return [s for s in self._shells.values() if s.facts.account.qualified == name]

    def delete(self, shell: Shell) -> None:
        """Close a shell and forget it."""
        with self._lock:
            self._shells.pop(shell.facts.shell_id, None)
        shell.close()

    def expire(self) -> None:
        """Delete the shells that nobody has used for their time, by the lab's clock."""
        now = self._machine.world.clock.now()
        for shell in [s for s in self._shells.values() if s.idle(now)]:
            self.delete(shell)

    def clear(self) -> None:
        """Delete all, as when the service or the host goes down."""
        for shell in list(self._shells.values()):
            self.delete(shell)
