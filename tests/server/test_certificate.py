"""Self-signed certificates."""

import hashlib
import http.client
import ssl

import pytest
from cryptography import x509

from hvsim_fakes.server import self_signed, server_context
from server.bare_client import Connect, Serve, trusting

NAMES = ["host1.test", "127.0.0.1", "::1"]


def test_clients_that_trust_it_verify_names_and_addresses(serve: Serve):
    listener = serve(tls=server_context(NAMES))
    client = http.client.HTTPSConnection(*listener.address, context=trusting(NAMES), timeout=20)
    client.request("GET", "/")
    assert client.getresponse().status == 200
    client.close()


def test_strict_verifiers_accept_it(serve: Serve, connect: Connect):
    """What Python 3.13 switches on by default (RFC 5280 to the letter)."""
    context = trusting(NAMES)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    sock = connect(serve(tls=server_context(NAMES))).sock
    with context.wrap_socket(sock, server_hostname="host1.test") as secured:
        assert secured.version() == "TLSv1.3"


def test_other_names_are_refused(serve: Serve, connect: Connect):
    sock = connect(serve(tls=server_context(NAMES))).sock
    with pytest.raises(ssl.SSLCertVerificationError):
        trusting(NAMES).wrap_socket(sock, server_hostname="host2.test")


def test_made_once_for_the_same_names():
    assert self_signed(NAMES) is self_signed(tuple(NAMES))
    assert self_signed(NAMES) != self_signed(NAMES[::-1])


def test_facts():
    parsed = x509.load_pem_x509_certificate(self_signed(NAMES).pem)
    assert parsed.subject.rfc4514_string() == parsed.issuer.rfc4514_string() == "CN=host1.test"
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["host1.test"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == NAMES[1:]


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_thumbprint(algorithm: str):
    certificate = self_signed(NAMES)
    der = ssl.PEM_cert_to_DER_cert(certificate.pem.decode())
    plain = certificate.thumbprint(algorithm).replace(":", "").lower()
    assert plain == hashlib.new(algorithm, der).hexdigest()
    assert certificate.thumbprint(algorithm)[2] == ":"


def test_long_names_fit():
    name = ".".join(["a" * 60] * 3)
    assert self_signed([name]).pem


@pytest.mark.parametrize("names", [[], ["höst"]])
def test_names_that_no_certificate_can_bear(names: list[str]):
    with pytest.raises(ValueError, match=r"name|A-label"):
        self_signed(names)
