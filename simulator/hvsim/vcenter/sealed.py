"""Passwords that clients send, kept as salted digests: a journal is a file that people pass on."""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import pbkdf2_hmac
from typing import Any, Final

_SCHEME: Final = "pbkdf2-sha256"
_ROUNDS: Final = 200
"""Few: a lab's passwords guard nothing, and a login is to cost well below a millisecond."""
_SECRETS: Final = frozenset({"password", "adminPassword", "dbPassword", "passphrase"})


def seal(text: str, salt: str) -> str:
    """Return the digest of a password as ``scheme$salt$hexadecimal``."""
    return f"{_SCHEME}${salt}${_digest(text, salt)}"


def fits(sealed: str, text: str) -> bool:
    """Whether a password is the sealed one."""
    scheme, _, rest = sealed.partition("$")
    salt, _, digest = rest.partition("$")
    return scheme == _SCHEME and hmac.compare_digest(digest, _digest(text, salt))


def concerns(value: Any) -> bool:
    """Whether arguments (as a journal keeps them) carry a secret in clear."""
    if isinstance(value, list):
        return any(concerns(item) for item in value)
    if isinstance(value, dict):
        return any(_is_clear(key, item) or concerns(item) for key, item in value.items())
    return False


def arguments(value: Any, salt: str) -> Any:
    """Return arguments with every secret among them sealed."""
    if isinstance(value, list):
        return [arguments(item, salt) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: seal(item, salt) if _is_clear(key, item) else arguments(item, salt)
        for key, item in value.items()
    }


def _is_clear(key: str, item: Any) -> bool:
    return key in _SECRETS and isinstance(item, str) and not item.startswith(f"{_SCHEME}$")


# The same few passwords come with every login.
@lru_cache(maxsize=256)
def _digest(text: str, salt: str) -> str:
    return pbkdf2_hmac("sha256", text.encode(errors="surrogatepass"), salt.encode(), _ROUNDS).hex()
