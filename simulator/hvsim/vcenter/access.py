"""Who may log in to a vCenter, in which role, and the sessions that are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

ROLES: Final = {
    "NoAccess": (-5, ("System.Anonymous",)),
    "Anonymous": (-4, ("System.Anonymous",)),
    "View": (-3, ("System.Anonymous", "System.View")),
    "ReadOnly": (-2, ("System.Anonymous", "System.Read", "System.View")),
    "Admin": (-1, ("*",)),
}
"""vCenter's own roles: number and privileges (``*`` is every one)."""
_SAMPLES: Final = {
    "VirtualMachinePowerUser": (
        4,
        (
            *ROLES["ReadOnly"][1],
            "Datastore.Browse",
            "Global.CancelTask",
            "ScheduledTask.Create",
            "ScheduledTask.Delete",
            "ScheduledTask.Edit",
            "ScheduledTask.Run",
            "VirtualMachine.Config.Rename",
            "VirtualMachine.Config.Settings",
            "VirtualMachine.Interact.PowerOff",
            "VirtualMachine.Interact.PowerOn",
            "VirtualMachine.Interact.Reset",
            "VirtualMachine.Interact.Suspend",
            "VirtualMachine.State.CreateSnapshot",
            "VirtualMachine.State.RemoveSnapshot",
            "VirtualMachine.State.RenameSnapshot",
            "VirtualMachine.State.RevertToSnapshot",
        ),
    ),
    "VirtualMachineUser": (
        5,
        (
            *ROLES["ReadOnly"][1],
            "Global.CancelTask",
            "VirtualMachine.Interact.PowerOff",
            "VirtualMachine.Interact.PowerOn",
            "VirtualMachine.Interact.Reset",
            "VirtualMachine.Interact.Suspend",
        ),
    ),
}
ALL_ROLES: Final = ROLES | _SAMPLES


@dataclass(slots=True)
class Account:
    """Somebody who may log in."""

    user: str
    password: str
    role: str = "Admin"
    enabled: bool = True
    unguarded: bool = False
    """Whether any password will do."""


@dataclass(slots=True)
class Session:
    """An open session.

    Attributes:
        key: its key, as ``UserSession.key`` shows it.
        user: as vCenter shows it (``the domain in front``); ``account`` as it is kept.
        since, last: simulated seconds of the login and of the last call.
        agent, address: the client, as it told.
        locale: of its messages.
    """

    key: str
    user: str
    account: str
    since: float
    last: float
    agent: str = ""
    address: str = ""
    locale: str = "en"
    calls: int = 0


@dataclass(slots=True)
class Access:
    """Accounts by user name, sessions by key, tickets to clone a session by ticket.

    Attributes:
        anyone: whether who has no account may log in as an administrator, with any password.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    anyone: bool = False

    def privileges(self, user: str) -> frozenset[str]:
        """Return the privileges of a user over everything; empty when there is no such user."""
        account = self.accounts.get(user)
        if account is None or not account.enabled:
            return frozenset()
        return frozenset(ALL_ROLES[account.role][1])

    def may(self, user: str, privilege: str) -> bool:
        """Whether a user has a privilege."""
        held = self.privileges(user)
        return "*" in held or privilege in held or not privilege
