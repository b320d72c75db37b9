"""Certificates of hosts: shown, asked for and installed."""

from __future__ import annotations

import ipaddress

import pytest
from cryptography import x509

from hvsim import scenario
from hvsim.vcenter.hosts import certificates
from hvsim_fakes.server.certificate import self_signed
from vcenter_wire.vim import FaultError, Vim, text

OTHER = self_signed(["other.example"]).pem


@pytest.fixture
def vim():
    return Vim().login()


def host_of(vim):
    return next(vim.vcenter.store.of_type("HostSystem"))


def manager_of(vim):
    return host_of(vim)["configManager"]["certificateManager"]


def fetched(vim, ref, path):
    return vim.call("Fetch", ref, f"<prop>{path}</prop>")[0]


def content_of(vim, ref, path):
    return bytes(int(one.text) % 256 for one in fetched(vim, ref, path))


def names(found):
    return found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def ask(vim, method, arguments):
    return vim.call(method, manager_of(vim), arguments)


def request(vim, *, address):
    flag = "true" if address else "false"
    asked = f"<useIpAddressAsCommonName>{flag}</useIpAddressAsCommonName>"
    found = ask(vim, "GenerateCertificateSigningRequest", asked)
    return x509.load_pem_x509_csr(text(found, "returnval").encode())


def test_a_host_shows_its_certificate(vim):
    pem = content_of(vim, host_of(vim).ref, "config.certificate")
    found = x509.load_pem_x509_certificate(pem)
    assert names(found).get_values_for_type(x509.DNSName) == ["esx1"]
    told = fetched(vim, manager_of(vim), "certificateInfo")
    assert (text(told, "subject"), text(told, "status")) == ("CN=esx1", "good")
    assert text(told, "notAfter").startswith(found.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:"))
    whole = fetched(vim, host_of(vim).ref, "config")
    numbers = [one.text for one in whole if one.tag.endswith("}certificate")]
    assert bytes(int(number) for number in numbers) == pem


def test_requests_name_the_host_or_its_address(vim):
    of_name, of_address = request(vim, address=False), request(vim, address=True)
    assert of_name.is_signature_valid
    assert list(names(of_name)) == [x509.DNSName("esx1")]
    assert list(names(of_address)) == [x509.IPAddress(ipaddress.ip_address("127.30.0.1"))]
    assert of_address.subject.rfc4514_string() == "CN=127.30.0.1"


def test_requests_have_the_subject_that_is_asked_for(vim):
    asked = "<distinguishedName>CN=esx,O=Example</distinguishedName>"
    found = ask(vim, "GenerateCertificateSigningRequestByDn", asked)
    made = x509.load_pem_x509_csr(text(found, "returnval").encode())
    assert made.subject.rfc4514_string() == "CN=esx,O=Example"
    wrong = "<distinguishedName>nonsense</distinguishedName>"
    with pytest.raises(FaultError, match="InvalidArgument"):
        ask(vim, "GenerateCertificateSigningRequestByDn", wrong)


def test_another_certificate_is_installed_and_replayed(vim):
    ask(vim, "InstallServerCertificate", f"<cert>{OTHER.decode()}</cert>")
    ask(vim, "NotifyAffectedServices", "")
    assert content_of(vim, host_of(vim).ref, "config.certificate") == OTHER
    assert text(fetched(vim, manager_of(vim), "certificateInfo"), "subject") == "CN=other.example"
    twin = scenario.build(vim.world.origin, vim.world.seed)
    twin.replay(vim.world.journal.entries, vim.world.now)
    assert twin.log.digest == vim.world.log.digest


def test_what_is_no_certificate_is_refused(vim):
    before = content_of(vim, host_of(vim).ref, "config.certificate")
    with pytest.raises(FaultError, match="HostConfigFault"):
        ask(vim, "InstallServerCertificate", "<cert>nonsense</cert>")
    assert content_of(vim, host_of(vim).ref, "config.certificate") == before


def test_a_host_that_is_away_does_nothing_for_certificates(vim):
    vim.vcenter.store.change(host_of(vim).ref, "runtime.connectionState", "disconnected")
    with pytest.raises(FaultError, match="HostNotConnected"):
        request(vim, address=True)
    with pytest.raises(FaultError, match="HostNotConnected"):
        ask(vim, "InstallServerCertificate", f"<cert>{OTHER.decode()}</cert>")


def test_passwords_are_encrypted_for_the_certificate_of_the_vcenter(vim):
    manager = vim.vcenter.store.value("ServiceInstance", "content.customizationSpecManager")
    content = content_of(vim, manager, "encryptionKey")
    found = x509.load_der_x509_certificate(content)
    assert found.subject.rfc4514_string() == "CN=127.30.0.9"
    assert certificates.signed(b"\x00\x7f\x80\xff") == [0, 127, -128, -1]
