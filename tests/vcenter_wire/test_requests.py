"""What vCenter says to requests that are not as vim25 wants them."""

import gzip
import http.client

import pytest

from hvsim_fakes.server import Listener
from vcenter_wire.vim import HEAD, TAIL, FaultError, Vim

LOGIN = '<_this type="SessionManager">SessionManager</_this>'


@pytest.fixture
def vim():
    return Vim()


def refused(vim, body, action='"urn:vim25/8.0.3.0"'):
    response = vim.send(body, action)
    assert response.status == 500
    return bytes(response.body).decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no xml",
        b"<Envelope",
        b"<Envelope/>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
        HEAD.encode() + TAIL.encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 500 + b"</a>" * 500,
    ],
)
def test_a_body_without_a_method_is_the_clients_fault(vim, body):
    answer = refused(vim, body)
    assert "<faultcode>ClientFaultCode</faultcode>" in answer
    assert "while parsing HTTP request before method was determined" in answer
    assert "<detail>" not in answer
    assert "Traceback" not in answer


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('<NoSuch xmlns="urn:vim25"/>', "Unable to resolve WSDL method name NoSuch"),
        ('<Login xmlns="urn:vim2"/>', 'Unsupported namespace "urn:vim2"'),
        ('<Login xmlns="urn:vim25"/>', "Missing parameter _this"),
        (f'<Login xmlns="urn:vim25">{LOGIN}</Login>', '"userName" is missing'),
        (f'<Login xmlns="urn:vim25">{LOGIN}<bad>1</bad></Login>', "Unexpected element tag"),
        (
            (
                '<ReadNextEvents xmlns="urn:vim25"><_this>x</_this><maxCount>many</maxCount>'
                "</ReadNextEvents>"
            ),
            "is not a valid value of type int",
        ),
        (
            (
                '<ReadNextEvents xmlns="urn:vim25"><_this>x</_this><maxCount>2147483648</maxCount>'
                "</ReadNextEvents>"
            ),
            "is not a valid value of type int",
        ),
        (
            (
                '<CreateFilter xmlns="urn:vim25"><_this>x</_this><spec xsi:type="OptionValue"/>'
                "<partialUpdates>true</partialUpdates></CreateFilter>"
            ),
            "not compatible with the expected type",
        ),
    ],
)
def test_what_is_not_vim25_is_an_invalid_request(vim, content, said):
    answer = refused(vim, HEAD + content + TAIL)
    assert said in answer.replace("&quot;", '"')
    assert '<InvalidRequestFault xmlns="urn:vim25" xsi:type="InvalidRequest">' in answer


def test_a_version_that_is_none_is_refused(vim):
    body = f'{HEAD}<CurrentTime xmlns="urn:vim25"><_this>x</_this></CurrentTime>{TAIL}'
    assert 'Unsupported version URI "urn:vim25/x"' in refused(vim, body, "urn:vim25/x")


@pytest.mark.parametrize("action", ["", "urn:vim25", "urn:vim25/9.1.0.0", '"urn:vim25/6.5"'])
def test_known_newer_and_absent_versions_are_served(vim, action):
    this = '<_this type="ServiceInstance">ServiceInstance</_this>'
    body = f'{HEAD}<RetrieveServiceContent xmlns="urn:vim25">{this}</RetrieveServiceContent>{TAIL}'
    assert vim.send(body, action).status == 200


def test_prefixes_do_not_matter(vim):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:v="urn:vim25">'
        '<e:Header/><e:Body><v:RetrieveServiceContent><v:_this type="ServiceInstance">'
        "ServiceInstance</v:_this></v:RetrieveServiceContent></e:Body></e:Envelope>"
    )
    assert vim.send(body).status == 200


def test_chunked_and_compressed_bodies(vim):
    this = '<_this type="ServiceInstance">ServiceInstance</_this>'
    body = f'{HEAD}<RetrieveServiceContent xmlns="urn:vim25">{this}</RetrieveServiceContent>{TAIL}'
    with Listener(vim.endpoint, "127.0.0.1", 0) as listener:
        client = http.client.HTTPConnection(*listener.address, timeout=10)
        client.request("POST", "/sdk", iter([body[:40].encode(), body[40:].encode()]))
        answer = client.getresponse()
        assert (answer.status, b"propertyCollector" in answer.read()) == (200, True)
        squeezed = gzip.compress(body.encode())
        client.request("POST", "/sdk", squeezed, {"Content-Encoding": "gzip"})
        answer = client.getresponse()
        assert (answer.status, b"propertyCollector" in answer.read()) == (200, True)
        client.close()


def test_a_known_method_that_an_object_lacks_is_not_found(vim):
    vim.login()
    with pytest.raises(FaultError) as refusal:
        vim.call("PowerOnVM_Task", "HostSystem host-1")
    assert refusal.value.name in ("MethodNotFound", "ManagedObjectNotFound")
    with pytest.raises(FaultError) as refusal:
        vim.call("PowerOnVM_Task", "Folder group-d1")
    assert refusal.value.name == "MethodNotFound"


def test_an_unknown_object_is_not_found(vim):
    with pytest.raises(FaultError) as refusal:
        vim.login().call("PowerOnVM_Task", "VirtualMachine vm-999")
    assert refusal.value.name == "ManagedObjectNotFound"
    assert refusal.value.detail is not None
    assert refusal.value.detail[0].get("type") == "VirtualMachine"
