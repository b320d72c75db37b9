"""Passwords that clients send, kept as salted digests: a journal is a file that people pass on.

What is sealed is every parameter that the data model or its name marks as a secret. The product
needs none of them in clear: a password it is given it only compares with later ones.
"""

from __future__ import annotations

import hmac
from functools import cache
from hashlib import pbkdf2_hmac
from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.model import Model

if TYPE_CHECKING:
    from hvsim.xenserver.model import Param

_SCHEME: Final = "pbkdf2-sha256"
_ROUNDS: Final = 2_000
"""Few: a lab's passwords guard nothing, and a login has to cost a few milliseconds at most."""
_SECRETS: Final = frozenset({"pwd", "old_pwd", "new_pwd", "psecret"})
_CONFIGURATION: Final = "config"
_SECRET_KEYS: Final = frozenset({"pass", "password"})


def seal(text: str, salt: str) -> str:
    """Return the digest of a password as ``scheme$salt$hexadecimal``."""
    return f"{_SCHEME}${salt}${_digest(text, salt)}"


def fits(sealed: str, text: str) -> bool:
    """Whether a password is the sealed one."""
    _scheme, salt, digest = sealed.split("$")
    return hmac.compare_digest(digest, _digest(text, salt))


def concerns(profile: str, message: str) -> bool:
    """Whether a message carries a secret."""
    return bool(_places(profile, message))


def arguments(profile: str, message: str, args: list[Any], salt: str) -> list[Any]:
    """Return the arguments of a message with every secret among them sealed."""
    places = _places(profile, message)
    return [_sealed(arg, salt) if at in places else arg for at, arg in enumerate(args)]


def _digest(text: str, salt: str) -> str:
    return pbkdf2_hmac("sha256", text.encode(errors="surrogatepass"), salt.encode(), _ROUNDS).hex()


def _sealed(value: Any, salt: str) -> Any:
    if isinstance(value, str):
        return seal(value, salt)
    if isinstance(value, dict):
        return {k: _sealed(v, salt) if k in _SECRET_KEYS else v for k, v in value.items()}
    return value


@cache
def _places(profile: str, message: str) -> frozenset[int]:
    """Return which of a message's arguments hold secrets."""
    facts = Model.for_profile(profile).message(message)
    params = facts.params if facts else ()
    return frozenset(at for at, param in enumerate(params) if _is_secret(param))


def _is_secret(param: Param) -> bool:
    named = param.name in _SECRETS or param.name.endswith("password")
    # The configuration of an external directory carries the account that joins it.
    return param.type.secret or named or param.name == _CONFIGURATION
