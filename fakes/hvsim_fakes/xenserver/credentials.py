"""Who sends a plain HTTP request: a session in its query or cookie, or a name and password."""

from __future__ import annotations

import base64
import binascii
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from hvsim.xenserver.accounts import session
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.pool import Role

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Member, Pool
    from hvsim_fakes.server import Request


def query_of(request: Request) -> dict[str, str]:
    """Return the request's query, the last value of each name."""
    found = parse_qs(request.query, keep_blank_values=True)
    return {name: values[-1] for name, values in found.items()}


def is_authorised(pool: Pool, member: Member, request: Request) -> bool:
    """Whether the request comes from somebody who may log in. Under the world's lock.

    A session of the pool is good on every member; name and password are a login, which only the
    master takes.
    """
    try:
        ref = query_of(request).get("session_id") or _cookie(request)
        if ref:
            session.look_up(pool, ref, member)
            return True
        name, password = _basic(request)
        session.authenticate(pool, name, password)
    except (XenError, ValueError):
        return False
    return member.role is Role.MASTER


def _cookie(request: Request) -> str | None:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get("session_id")
    except CookieError:
        return None
    return found.value if found else None


def _basic(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise ValueError("no credentials")
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("unreadable credentials") from error
    return name, password
