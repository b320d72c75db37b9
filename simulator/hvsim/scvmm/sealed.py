"""Passwords that clients send, kept as digests: a journal is a file that people pass on."""

from __future__ import annotations

from hashlib import pbkdf2_hmac
from typing import Any, Final

_SCHEME: Final = "pbkdf2-sha256"
_ROUNDS: Final = 200
"""Few: a lab's passwords guard nothing."""
_SECRETS: Final = frozenset({"Password", "Secret", "ProductKey", "AdminPassword"})


def concerns(value: Any) -> bool:
    """Whether arguments carry a secret in clear."""
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
        key: _seal(item, salt) if _is_clear(key, item) else arguments(item, salt)
        for key, item in value.items()
    }


def _is_clear(key: str, item: Any) -> bool:
    return key in _SECRETS and isinstance(item, str) and not item.startswith(f"{_SCHEME}$")


def _seal(text: str, salt: str) -> str:
    digest = pbkdf2_hmac("sha256", text.encode(errors="surrogatepass"), salt.encode(), _ROUNDS)
    return f"{_SCHEME}${salt}${digest.hex()}"
