"""Certificates of a vCenter and its hosts, issued when asked for; and requests for others."""

from __future__ import annotations

import ipaddress
import ssl
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter.faults import bad_argument
from hvsim.vcenter.hosts import certificates, part
from hvsim.vcenter.methods import Call, Caller
from hvsim.vcenter.values import now, signed
from hvsim_fakes.server.certificate import self_signed
from hvsim_fakes.vcenter.context import Context, local

if TYPE_CHECKING:
    from cryptography.x509 import GeneralName, Name

    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject
    from hvsim.vcenter.values import Ref

OF: Final = frozenset({"CustomizationSpecManager", "HostCertificateManager", "HostSystem"})
"""Types of objects that show certificates."""


def shown(vcenter: VCenter, known: ManagedObject) -> dict[str, Any]:
    """Return the properties of an object of :data:`OF` with the certificate that it shows.

    It is issued when it is asked for. What the world knows better stands: a certificate that was
    installed. A host's own agent has the one that it answers with.
    """
    if known.type == "HostSystem":
        has_one = known["configManager.certificateManager"] and known["config"]
        issued = known.moid in vcenter.machines and has_one and not known["config.certificate"]
        return _Host(vcenter, known) if issued else known.properties
    if known.type == "HostCertificateManager":
        return _manager(vcenter, known)
    if known["encryptionKey"]:
        return known.properties
    der = ssl.PEM_cert_to_DER_cert(_issued((vcenter.server.address,)).decode())
    return known.properties | {"encryptionKey": signed(der)}


class _Host(dict[str, Any]):
    """The properties of a host, with a certificate as soon as somebody looks for it."""

    def __init__(self, vcenter: VCenter, known: ManagedObject) -> None:
        super().__init__(known.properties)
        self._vcenter, self._known = vcenter, known

    def get(self, name: str, default: Any = None) -> Any:
        """Return a property."""
        found = super().get(name, default)
        if name != "config":
            return found
        return found.having(certificate=signed(_of_host(self._vcenter, self._known)))


def _manager(vcenter: VCenter, known: ManagedObject) -> dict[str, Any]:
    hosts = vcenter.store.of_type("HostSystem")
    host = next((h for h in hosts if h["configManager.certificateManager"] == known.ref), None)
    if known["certificateInfo"] or host is None or host.moid not in vcenter.machines:
        return known.properties
    told = certificates.information(_of_host(vcenter, host), now(vcenter.world))
    return known.properties | {"certificateInfo": told}


def _of_host(vcenter: VCenter, host: ManagedObject) -> bytes:
    address = vcenter.machines[host.moid].server.address
    return _issued((address,) if vcenter.agent else (host["name"], address))


def _issued(names: tuple[str, ...]) -> bytes:
    """Return a certificate for names; the last one is an address, and stands in any case."""
    try:
        return self_signed(names).pem
    except ValueError:
        return self_signed(names[-1:]).pem


@local("HostCertificateManager.GenerateCertificateSigningRequest", locked=False)
def request(context: Context, this: Ref, useIpAddressAsCommonName: bool) -> str:
    """Return a request to sign a certificate for a host's name or address, as PEM."""
    from cryptography import x509  # noqa: PLC0415 - it is large, and seldom needed

    host = _host_of(context, this)
    name, domain = (host["config.network.dnsConfig"][key] for key in ("hostName", "domainName"))
    known: GeneralName = x509.DNSName(f"{name}.{domain}" if domain else name)
    if useIpAddressAsCommonName:
        address = host["config.network.vnic"][0]["spec"]["ip"]["ipAddress"]
        known = x509.IPAddress(ipaddress.ip_address(address))
    common = x509.NameAttribute(x509.NameOID.COMMON_NAME, str(known.value)[:64])
    return _signed(x509.Name([common]), [known])


@local("HostCertificateManager.GenerateCertificateSigningRequestByDn", locked=False)
def request_by_name(context: Context, this: Ref, distinguishedName: str) -> str:
    """Return a request to sign a certificate for a distinguished name; see above."""
    from cryptography import x509  # noqa: PLC0415 - see above

    _host_of(context, this)
    try:
        subject = x509.Name.from_rfc4514_string(distinguishedName)
    except ValueError:
        raise bad_argument("distinguishedName") from None
    return _signed(subject, [])


def _host_of(context: Context, manager: Ref) -> ManagedObject:
    with context.world.access():
        host = part.host_of(Call(context.vcenter, Caller(), ""), manager)
        return context.vcenter.store.get(host)


def _signed(subject: Name, names: list[GeneralName]) -> str:
    """Return a request with a key of its own, of the kind that hosts have."""
    from cryptography import x509  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - see above

    asked = x509.CertificateSigningRequestBuilder().subject_name(subject)
    if names:
        asked = asked.add_extension(x509.SubjectAlternativeName(names), critical=False)
    key = rsa.generate_private_key(65_537, 2048)
    return asked.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
