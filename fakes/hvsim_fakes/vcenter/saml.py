"""SAML assertions: the tokens that single sign-on issues, as clients keep and show them."""

from __future__ import annotations

import re
import zlib
from base64 import b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim.vcenter import sso
from hvsim_fakes.vcenter.requests import UnreadableError, parse
from hvsim_fakes.vcenter.writer import escape

if TYPE_CHECKING:
    from datetime import datetime
    from xml.etree.ElementTree import Element

_SIGNED: Final = re.compile(r'\btoken="([^"]*)"')
_LARGEST: Final = 256 * 1024
_SAML: Final = "urn:oasis:names:tc:SAML:2.0"
_CLAIMS: Final = "http://schemas.xmlsoap.org/claims/UPN"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an assertion says: its identifier, as it is kept, and whom it is about."""

    key: str
    user: str


def found(root: Element) -> Assertion | None:
    """Return the assertion in a document, or None."""
    assertion = next((one for one in root.iter() if local(one) == "Assertion"), None)
    if assertion is None:
        return None
    named = [one.text or "" for one in assertion.iter() if local(one) == "NameID"]
    return Assertion(sso.digest(assertion.get("ID", "")), named[0].strip() if named else "")


def of_envelope(body: bytes) -> Assertion | None:
    """Return the assertion in the header of a SOAP message, or None."""
    header = next((one for one in parse(body) if local(one) == "Header"), None)
    return None if header is None else found(header)


def of_authorization(value: str) -> Assertion | None:
    """Return the assertion of a request's header ``Authorization: SIGN token="..."``, or None."""
    given = _SIGNED.search(value)
    try:
        packed = b64decode(given[1] if given else "", validate=True)
        unpacking = zlib.decompressobj(wbits=31)
        return found(parse(unpacking.decompress(packed, _LARGEST)))
    except (Base64Error, zlib.error, UnreadableError):
        return None


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def written(identifier: str, user: str, issuer: str, begin: datetime, end: datetime) -> str:
    """Return an assertion; times are UTC."""
    since, until = _time(begin), _time(end)
    return (
        f'<saml2:Assertion xmlns:saml2="{_SAML}:assertion" ID="{identifier}"'
        f' IssueInstant="{since}" Version="2.0">'
        f'<saml2:Issuer Format="{_SAML}:nameid-format:entity">{escape(issuer)}</saml2:Issuer>'
        f'<saml2:Subject><saml2:NameID Format="{_CLAIMS}">{escape(user)}</saml2:NameID>'
        f'<saml2:SubjectConfirmation Method="{_SAML}:cm:bearer">'
        f'<saml2:SubjectConfirmationData NotOnOrAfter="{until}"/>'
        "</saml2:SubjectConfirmation></saml2:Subject>"
        f'<saml2:Conditions NotBefore="{since}" NotOnOrAfter="{until}"/>'
        f'<saml2:AuthnStatement AuthnInstant="{since}"><saml2:AuthnContext>'
        f"<saml2:AuthnContextClassRef>{_SAML}:ac:classes:PasswordProtectedTransport"
        "</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>"
        "</saml2:Assertion>"
    )


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
