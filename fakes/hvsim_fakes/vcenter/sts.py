"""The security token service of single sign-on: WS-Trust 1.3 under ``/sts/STSService``.

It issues bearer tokens for a name and a password, and renews those that it has issued; what is
asked with a certificate alone is refused. Tokens carry no signature.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.methods import Caller
from hvsim.vcenter.session import MANAGER
from hvsim.vcenter.values import now
from hvsim_fakes.server import Response
from hvsim_fakes.vcenter import saml
from hvsim_fakes.vcenter.requests import UnreadableError, parse
from hvsim_fakes.vcenter.writer import escape

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from hvsim.vcenter.server import VCenter
    from hvsim_fakes.server import Request

PATH: Final = "/sts/STSService"
_TRUST: Final = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
_WSU: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
_LIFETIME: Final = 300.0
"""Seconds that a bearer token lives by default, and at most (vSphere's policy)."""


class TokenService:
    """Answers requests for tokens of one vCenter's single sign-on."""

    def __init__(self, vcenter: VCenter) -> None:
        self._vcenter = vcenter

    def __call__(self, request: Request, /) -> Response:
        """Answer one request."""
        if request.method != "POST":
            return Response(405, [("Allow", "POST")])
        try:
            root = parse(request.body)
            wanted = _text(root, "RequestType").rpartition("/")[2]
            if wanted == "Issue":
                return _answer(200, self._issued(root))
            if wanted == "Renew":
                return _answer(200, self._renewed(root))
            return _fault("InvalidRequest", "The request is not supported")
        except UnreadableError:
            return _fault("InvalidRequest", "Error parsing the request")
        except VimFault:
            return _fault("FailedAuthentication", "Invalid credentials")

    def _issued(self, root: Element) -> str:
        user, password = _text(root, "Username"), _text(root, "Password")
        seconds = _seconds(root)
        args = {"userName": user, "password": password, "seconds": seconds}
        identifier = self._vcenter.call(Caller(), MANAGER, "IssueToken", args)
        content = self._response(identifier, user, seconds)
        name = "RequestSecurityTokenResponseCollection"
        return f'<wst:{name} xmlns:wst="{_TRUST}">{content}</wst:{name}>'

    def _renewed(self, root: Element) -> str:
        target = next((one for one in root.iter() if saml.local(one) == "RenewTarget"), None)
        known = None if target is None else saml.found(target)
        if known is None:
            raise VimFault("InvalidLogin")
        seconds = _seconds(root)
        args = {"token": known.key, "seconds": seconds}
        identifier = self._vcenter.call(Caller(), MANAGER, "RenewToken", args)
        return self._response(identifier, known.user, seconds)

    def _response(self, identifier: str, user: str, seconds: float) -> str:
        with self._vcenter.world.access():
            begin = now(self._vcenter.world)
        end = begin + timedelta(seconds=seconds)
        issuer = f"https://{self._vcenter.server.address}/websso/SAML2/Metadata/vsphere.local"
        token = saml.written(identifier, user, issuer, begin, end)
        created, expires = (one.strftime("%Y-%m-%dT%H:%M:%S.000Z") for one in (begin, end))
        return (
            f'<wst:RequestSecurityTokenResponse xmlns:wst="{_TRUST}" xmlns:wsu="{_WSU}">'
            "<wst:TokenType>urn:oasis:names:tc:SAML:2.0:assertion</wst:TokenType>"
            f"<wst:Lifetime><wsu:Created>{created}</wsu:Created>"
            f"<wsu:Expires>{expires}</wsu:Expires></wst:Lifetime>"
            f"<wst:RequestedSecurityToken>{token}</wst:RequestedSecurityToken>"
            f"<wst:KeyType>{_TRUST}/Bearer</wst:KeyType>"
            "</wst:RequestSecurityTokenResponse>"
        )


def _seconds(root: Element) -> float:
    """Return how long a token is asked for; what is too long is cut to what may be."""
    lifetime = next((one for one in root.iter() if saml.local(one) == "Lifetime"), None)
    if lifetime is None:
        return _LIFETIME
    try:
        begin, end = (
            datetime.fromisoformat(_text(lifetime, name)) for name in ("Created", "Expires")
        )
        asked = (end - begin).total_seconds()
    except (ValueError, TypeError):
        raise UnreadableError("\nThe lifetime is none") from None
    return min(asked, _LIFETIME) if asked > 0 else _LIFETIME


def _text(root: Element, name: str) -> str:
    """Return the text of the first element of a name, empty when there is none."""
    found = next((one for one in root.iter() if saml.local(one) == name), None)
    return "" if found is None else (found.text or "").strip()


def _answer(status: int, content: str) -> Response:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<S:Envelope xmlns:S="{_SOAP}"><S:Body>{content}</S:Body></S:Envelope>'
    )
    return Response(status, [("Content-Type", "text/xml; charset=utf-8")], body.encode())


def _fault(code: str, text: str) -> Response:
    space = _WSSE if code == "FailedAuthentication" else _TRUST
    content = (
        f'<S:Fault xmlns:ns0="{space}"><faultcode>ns0:{code}</faultcode>'
        f"<faultstring>{escape(text)}</faultstring></S:Fault>"
    )
    return _answer(500, content)
