"""SOAP envelopes: answers and faults as vCenter frames them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from hvsim_fakes.vcenter.registry import NAMESPACE
from hvsim_fakes.vcenter.writer import escape

if TYPE_CHECKING:
    from hvsim.vcenter.faults import VimFault
    from hvsim_fakes.vcenter.writer import Writer

CONTENT_TYPE: Final = "text/xml; charset=utf-8"
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<soapenv:Envelope xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/"'
    ' xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n<soapenv:Body>\n'
)
_TAIL: Final = "\n</soapenv:Body>\n</soapenv:Envelope>"


def answer(method: str, pieces: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Return a method's answer in pieces; those given are its result, already written."""
    head, tail = _frame(method)
    return (head, *pieces, tail)


@cache
def _frame(method: str) -> tuple[bytes, bytes]:
    head = f'{_HEAD}<{method}Response xmlns="{NAMESPACE}">'
    return head.encode(), f"</{method}Response>{_TAIL}".encode()


def fault(error: VimFault, writer: Writer) -> bytes:
    """Return a fault that vCenter answers a call with."""
    return _fault("ServerFaultCode", error.message, f"<detail>{writer.fault(error.fault)}</detail>")


def client_fault(text: str) -> bytes:
    """Return the fault about a request in which no method could be made out."""
    return _fault("ClientFaultCode", text, "")


def _fault(code: str, text: str, detail: str) -> bytes:
    said = f"<faultcode>{code}</faultcode><faultstring>{escape(text)}</faultstring>"
    whole = f"{_HEAD}<soapenv:Fault>{said}{detail}</soapenv:Fault>{_TAIL}"
    return whole.encode(errors="replace")
