"""Self-signed certificates for simulated hosts, made in memory."""

import datetime as dt
import functools
import ipaddress
import ssl
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = dt.timedelta(days=3650)
_CLOCK_SKEW = dt.timedelta(days=1)
_COMMON_NAME_LENGTH = 64
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key, both PEM; clients may trust `pem` as their CA file."""

    pem: bytes
    key_pem: bytes

    def thumbprint(self, algorithm: str = "sha256") -> str:
        """Give the fingerprint as upper-case hex pairs joined by colons; sha1 or sha256."""
        chosen: hashes.HashAlgorithm = {"sha1": hashes.SHA1, "sha256": hashes.SHA256}[algorithm]()
        return x509.load_pem_x509_certificate(self.pem).fingerprint(chosen).hex(":").upper()


def self_signed(names: Sequence[str]) -> Certificate:
    """Make a certificate for host names and IP addresses, the first one its common name.

    One per list of names and process: asking again gives the same certificate. Raises
    ValueError when there is no name or one that cannot stand in a certificate.
    """
    if not names:
        raise ValueError("a certificate needs at least one name")
    with _lock:
        return _made(tuple(names))


def server_context(names: Sequence[str]) -> ssl.SSLContext:
    """Give a TLS 1.2+ server context with the self-signed certificate for these names."""
    certificate = self_signed(names)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # The standard library loads keys from files only; these live for this one call.
    with tempfile.TemporaryDirectory(prefix="hvsim-") as folder:
        path = Path(folder, "host.pem")
        path.touch(mode=0o600)
        path.write_bytes(certificate.key_pem + certificate.pem)
        context.load_cert_chain(path)
    return context


@functools.cache
def _made(names: tuple[str, ...]) -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _builder(names, key.public_key()).sign(key, hashes.SHA256())
    return Certificate(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def _builder(names: tuple[str, ...], key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:_COMMON_NAME_LENGTH])])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFETIME)
    )
    for extension, critical in _extensions(names, key):
        builder = builder.add_extension(extension, critical)
    return builder


def _extensions(
    names: tuple[str, ...], key: ec.EllipticCurvePublicKey
) -> list[tuple[x509.ExtensionType, bool]]:
    """List what strict verifiers want of a certificate that is its own authority."""
    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return [
        (x509.SubjectAlternativeName([_general_name(name) for name in names]), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(digital_signature=True, key_cert_sign=True, **usage), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier.from_public_key(key), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(key), False),
    ]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
