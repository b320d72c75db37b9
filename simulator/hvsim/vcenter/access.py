"""Who may log in to a vCenter, which roles they have where, and the sessions that are open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.vcenter.sso import Token

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


ROOT: Final = "group-d1"
"""Identifier of the folder that everything lies in."""
EVERY: Final = "*"
"""The privilege that is every one."""


@dataclass(slots=True)
class Role:
    """A set of privileges by name; ``system`` says that it is vCenter's own."""

    number: int
    name: str
    privileges: frozenset[str]
    system: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a user or a group has on an entity, and below it if it propagates."""

    principal: str
    group: bool
    role: int
    propagate: bool = True

    @property
    def key(self) -> tuple[str, bool]:
        """What an entity has one grant for."""
        return self.principal, self.group


def _roles() -> dict[int, Role]:
    return {
        number: Role(number, name, frozenset(privileges), name in ROLES)
        for name, (number, privileges) in ALL_ROLES.items()
    }


IDLE: Final = 1_800.0
"""Seconds after which an unused session is gone."""


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

    Tokens of single sign-on are there by the digests of their identifiers.

    Attributes:
        anyone: whether who has no account may log in as an administrator, with any password.
        roles: by number.
        grants: by the identifier of the entity that they are given on.
        scoped: whether any is given elsewhere than on everything.
        root: identifier of the root folder, which stands for everything.
    """

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    anyone: bool = False
    roles: dict[int, Role] = field(default_factory=_roles)
    grants: dict[str, dict[tuple[str, bool], Grant]] = field(default_factory=dict)
    scoped: bool = False
    root: str = ROOT

    def role_named(self, name: str) -> Role | None:
        """Return a role by name, or None."""
        return next((role for role in self.roles.values() if role.name == name), None)

    def give(self, moid: str, grant: Grant) -> None:
        """Give a role on an entity, in the place of what the same principal had there."""
        self.grants.setdefault(moid, {})[grant.key] = grant
        self._judge()

    def take(self, moid: str, key: tuple[str, bool]) -> None:
        """Take a grant away, if there is one."""
        self.grants.get(moid, {}).pop(key, None)
        self._judge()

    def _judge(self) -> None:
        """Note whether grants have to be looked for, entity by entity."""
        self.grants = {moid: found for moid, found in self.grants.items() if found}
        everywhere = self.grants.get(self.root, {}).values()
        self.scoped = bool(self.grants.keys() - {self.root}) or not all(
            g.propagate for g in everywhere
        )

    def held(self, user: str, roles: Iterable[int]) -> frozenset[str]:
        """Return the privileges that roles give to a user; none to one who is revoked."""
        account = self.accounts.get(user)
        if account is None or not account.enabled:
            return frozenset()
        found = [self.roles[number].privileges for number in roles if number in self.roles]
        return frozenset().union(*found)

    def idle(self, now: float) -> list[str]:
        """Return the keys of the sessions that nobody used for half an hour."""
        return [key for key, session in self.sessions.items() if session.last < now - IDLE]

    def privileges(self, user: str) -> frozenset[str]:
        """Return the privileges of a user over everything; empty when there is no such user."""
        grant = self.grants.get(self.root, {}).get((user, False))
        return self.held(user, () if grant is None else (grant.role,))

    def may(self, user: str, privilege: str) -> bool:
        """Whether a user has a privilege over everything."""
        held = self.privileges(user)
        return EVERY in held or privilege in held or not privilege
