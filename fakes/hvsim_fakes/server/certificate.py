"""Self-signed certificates for simulated hosts, made in memory."""

import functools
import hashlib
import ssl
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate and its private key, both PEM; clients may trust `pem` as their CA file."""

    pem: bytes
    key_pem: bytes

    def thumbprint(self, algorithm: str = "sha256") -> str:
        """Give the fingerprint as upper-case hex pairs joined by colons; sha1 or sha256."""
        der = ssl.PEM_cert_to_DER_cert(self.pem.decode("ascii"))
        digest = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}[algorithm](der).digest()
        return digest.hex(":").upper()


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
    # What makes certificates is large, and many a process serves no TLS.
    from hvsim_fakes.server.issue import issue  # noqa: PLC0415 - see above

    return Certificate(*issue(names))
