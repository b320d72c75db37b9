"""Sessions: who is logged in, as ``SessionManager`` shows and ends it."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from hvsim.vcenter import event, sealed
from hvsim.vcenter.access import IDLE, Account, Grant, Session
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, data, date_at

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

MANAGER: Final = Ref("SessionManager", "SessionManager")
_MOST: Final = 2_000
"""Sessions that a vCenter keeps open."""


@method("SessionManager.Login")
def login(call: Call, this: Ref, userName: str, password: str, locale: str = "en") -> Data:
    """Open a session; its key is what the client's cookie stands for.

    Raises ``InvalidLogin``; a bad name and a bad password are not told apart.
    """
    return open_session(call, account_for(call.vcenter, userName, password), locale)


def account_for(vcenter: VCenter, userName: str, password: str) -> Account:
    """Return whom a name and a password are of; raise ``InvalidLogin`` and tell otherwise."""
    account = vcenter.access.accounts.get(normal(userName))
    if account is None and vcenter.access.anyone and userName and not _is_empty(password):
        account = anybody(vcenter, userName)
    if account is None or not account.enabled or not _fits(account, password):
        text = f"Cannot login {userName}"
        event.post(
            vcenter, "BadUsernameSessionEvent", vcenter.root, text, user=userName, ipAddress=""
        )
        raise VimFault("InvalidLogin")
    return account


def anybody(vcenter: VCenter, userName: str) -> Account:
    """Return the account of somebody in a lab where anybody may log in, made if there is none."""
    known = vcenter.access.accounts.get(normal(userName))
    if known is not None:
        return known
    made = vcenter.access.accounts[normal(userName)] = Account(userName, "", unguarded=True)
    vcenter.access.give(vcenter.access.root, Grant(normal(userName), group=False, role=-1))
    return made


def open_session(call: Call, account: Account, locale: str = "en") -> Data:
    """Open a session for an account and return it as ``UserSession``."""
    vcenter, access = call.vcenter, call.vcenter.access
    if len(access.sessions) >= _MOST:
        raise VimFault("SystemError", reason="The maximum number of sessions is reached.")
    key = vcenter.world.streams.uuid(f"{vcenter.path}/session")
    now = vcenter.world.now
    made = Session(key, shown_name(account.user), account.user.lower(), now, now, locale=locale)
    access.sessions[key] = made
    event.post(
        vcenter,
        "UserLoginSessionEvent",
        vcenter.root,
        f"User {made.user} logged in",
        user=made.user,
        ipAddress=made.address,
        locale=locale,
        sessionId=key,
    )
    return shown(made)


def normal(user: str) -> str:
    """Return a user's name as accounts keep it: ``user@domain``, in lower case."""
    domain, slash, name = user.partition("\\")
    return (f"{name}@{domain}" if slash else user).lower()


def shown_name(user: str) -> str:
    """Return a user's name as vCenter shows it: the domain in front."""
    name, at, domain = user.partition("@")
    return f"{domain.upper()}\\{name.capitalize()}" if at else user


def _fits(account: Account, password: str) -> bool:
    if account.unguarded:
        return not _is_empty(password)
    if password.startswith("pbkdf2-sha256$"):
        return sealed.fits(password, account.password)
    return hmac.compare_digest(account.password.encode(), password.encode())


def _is_empty(password: str) -> bool:
    return not password or sealed.fits(password, "")


def shown(session: Session) -> Data:
    """Return a session as ``UserSession``."""
    return data(
        "UserSession",
        key=session.key,
        userName=session.user,
        fullName=session.user.rpartition("\\")[2],
        loginTime=date_at(session.since),
        lastActiveTime=date_at(session.last),
        locale=session.locale,
        messageLocale="en",
        extensionSession=False,
        ipAddress=session.address or "127.0.0.1",
        userAgent=session.agent,
        callCount=session.calls,
    )


def find(vcenter: VCenter, key: str) -> Session | None:
    """Return an open session that is still used, or None."""
    found = vcenter.access.sessions.get(key)
    if found is None or found.last < vcenter.world.now - IDLE:
        return None
    return found


@method("SessionManager.Logout")
def logout(call: Call, this: Ref) -> None:
    """End the caller's session."""
    _end(call.vcenter, call.caller.session)


@method("SessionManager.TerminateSession")
def terminate(call: Call, this: Ref, sessionId: list[str]) -> None:
    """End other sessions; refuses the caller's own."""
    access = call.vcenter.access
    for key in sessionId:
        if key == call.caller.session:
            raise bad_argument("sessionId")
        if key not in access.sessions:
            raise VimFault("NotFound")
    for key in sessionId:
        _end(call.vcenter, key)


def _end(vcenter: VCenter, key: str) -> None:
    session = vcenter.access.sessions.pop(key, None)
    if session is None:
        raise VimFault("NotAuthenticated", object=MANAGER, privilegeId="System.View")
    event.post(
        vcenter,
        "UserLogoutSessionEvent",
        vcenter.root,
        f"User {session.user} logged out",
        user=session.user,
        sessionId=key,
        callCount=session.calls,
        loginTime=date_at(session.since),
    )


@method("SessionManager.SessionIsActive")
def is_active(call: Call, this: Ref, sessionID: str, userName: str) -> bool:
    """Tell whether a session of a user is open."""
    found = find(call.vcenter, sessionID)
    return found is not None and normal(found.user) == normal(userName)


@method("SessionManager.AcquireCloneTicket")
def acquire_ticket(call: Call, this: Ref) -> str:
    """Return a ticket with which another client opens a session of the same user, once."""
    vcenter = call.vcenter
    session = find(vcenter, call.caller.session)
    if session is None:
        raise VimFault("NotAuthenticated", object=MANAGER, privilegeId="System.View")
    ticket = "cst-VCT-" + vcenter.world.streams.uuid(f"{vcenter.path}/ticket")
    vcenter.access.tickets[ticket] = session.account
    return ticket


@method("SessionManager.CloneSession")
def clone(call: Call, this: Ref, cloneTicket: str) -> Data:
    """Open a session with a ticket."""
    user = call.vcenter.access.tickets.pop(cloneTicket, None)
    account = call.vcenter.access.accounts.get(user or "")
    if account is None or not account.enabled:
        raise VimFault("InvalidLogin")
    return open_session(call, account)


@method("SessionManager.ImpersonateUser")
def impersonate(call: Call, this: Ref, userName: str, locale: str = "en") -> Data:
    """Let the caller's session be another user's from now on; raises ``InvalidLogin``."""
    session = find(call.vcenter, call.caller.session)
    account = call.vcenter.access.accounts.get(normal(userName))
    if session is None or account is None or not account.enabled:
        raise VimFault("InvalidLogin")
    session.user, session.account = shown_name(account.user), account.user.lower()
    session.locale = locale
    return shown(session)


@method("SessionManager.SetLocale")
def set_locale(call: Call, this: Ref, locale: str) -> None:
    """Choose the language of the caller's session."""
    session = find(call.vcenter, call.caller.session)
    if session is not None:
        session.locale = locale


@method("ServiceInstance.CurrentTime")
def current_time(call: Call, this: Ref) -> object:
    """Return the lab's date."""
    return date_at(call.world.now)


@method("ServiceInstance.RetrieveServiceContent")
def content(call: Call, this: Ref) -> Data:
    """Return the managers that there are."""
    found: Data = call.store.value(this, "content")
    return found
