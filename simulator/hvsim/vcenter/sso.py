"""Tokens of single sign-on: issued for a password, and good to log in with until they expire.

A token is known by its assertion's identifier, which nobody can guess; signatures are not checked.
Of the identifier only a digest is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.session import account_for, anybody, normal, open_session

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Data, Ref


@dataclass(frozen=True, slots=True)
class Token:
    """Whose a token is, and the simulated second of its end."""

    account: str
    expires: float


def digest(identifier: str) -> str:
    """Return what a token's identifier is kept as."""
    return sha256(identifier.encode(errors="surrogatepass")).hexdigest()


@method("SessionManager.IssueToken")
def issue(call: Call, this: Ref, userName: str, password: str, seconds: float) -> str:
    """Issue a token for a user; return its identifier. Raises ``InvalidLogin``."""
    return _new(call.vcenter, account_for(call.vcenter, userName, password).user.lower(), seconds)


@method("SessionManager.RenewToken")
def renew(call: Call, this: Ref, token: str, seconds: float) -> str:
    """Issue another token for the user of one; return its identifier. Raises ``InvalidLogin``."""
    found = _valid(call.vcenter, token)
    if found is None:
        raise VimFault("InvalidLogin")
    return _new(call.vcenter, found.account, seconds)


def _new(vcenter: VCenter, account: str, seconds: float) -> str:
    tokens, now = vcenter.access.tokens, vcenter.world.now
    for key in [key for key, token in tokens.items() if token.expires <= now]:
        del tokens[key]
    made = "_" + vcenter.world.streams.uuid(f"{vcenter.path}/token")
    tokens[digest(made)] = Token(account, now + seconds)
    return made


def _valid(vcenter: VCenter, key: str) -> Token | None:
    found = vcenter.access.tokens.get(key)
    return None if found is None or found.expires <= vcenter.world.now else found


@method("SessionManager.LoginByToken")
def login(call: Call, this: Ref, token: str, userName: str, locale: str = "en") -> Data:
    """Open a session for the user of a token.

    In a lab where anybody may log in, anybody's assertion will do, as with vcsim.

    Args:
        token: digest of the identifier.
        userName: whom the assertion names.

    Raises:
        VimFault: ``InvalidLogin``.
    """
    vcenter = call.vcenter
    found = _valid(vcenter, token)
    account = None if found is None else vcenter.access.accounts.get(found.account)
    if found is not None and normal(userName) != found.account:
        account = None
    elif found is None and vcenter.access.anyone and userName:
        account = anybody(vcenter, userName)
    if account is None or not account.enabled:
        raise VimFault("InvalidLogin")
    return open_session(call, account, locale)
