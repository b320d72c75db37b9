"""Reading requests and writing answers: SOAP 1.2 envelopes of WS-Management."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from hvsim_fakes.winrm import faults, names
from hvsim_fakes.winrm.faults import WsmanFault

CONTENT_TYPE: Final = "application/soap+xml;charset=UTF-8"
SMALLEST_ENVELOPE: Final = 8192
_DEFAULT_TIMEOUT: Final = 60.0
"""``MaxTimeoutms`` of the configuration: what holds for a request that names no time."""
_LONGEST_TIMEOUT: Final = 86_400.0 * 50
_DURATION: Final = re.compile(
    r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?"
)
_UNDERSTOOD: Final = frozenset(
    f"{{{space}}}{name}"
    for space, local in {
        names.ADDRESSING: "Action To ReplyTo FaultTo From MessageID RelatesTo",
        names.WSMAN: (
            "ResourceURI SelectorSet OptionSet OperationTimeout MaxEnvelopeSize Locale"
            " FragmentTransfer RequestTotalItemsCountEstimate"
        ),
        names.WSMV: (
            "DataLocale SessionId OperationID SequenceId ActivityId CompressionType"
            " AllowSessionReconnect"
        ),
    }.items()
    for name in local.split()
)
_MUST_UNDERSTAND: Final = f"{{{names.SOAP}}}mustUnderstand"
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PREFIXES: Final = {
    "s": names.SOAP,
    "a": names.ADDRESSING,
    "w": names.WSMAN,
    "p": names.WSMV,
    "rsp": names.SHELL,
    "x": names.TRANSFER,
    "n": names.ENUMERATION,
    "e": names.EVENTING,
}
_OPEN: Final = '<s:Envelope xml:lang="en-US" {}>'.format(
    " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _PREFIXES.items())
)


@dataclass(slots=True)
class Message:
    """A request, read.

    Attributes:
        timeout: seconds within which an answer is wanted.
        limit: the most bytes an answer may have.
        selectors, options: by name, as the client spells it.
        body: what the body holds; None when it is empty.
    """

    action: str = ""
    resource: str = ""
    message_id: str = ""
    session_id: str = ""
    timeout: float = _DEFAULT_TIMEOUT
    limit: int = 512_000
    selectors: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    body: ET.Element | None = None
    identify: bool = False

    @property
    def shell_id(self) -> str:
        """The shell that is meant; empty when none is."""
        found = [value for name, value in self.selectors.items() if name.lower() == "shellid"]
        return found[0] if found else ""


def read(content: bytes) -> Message:
    """Read a request.

    Raises:
        WsmanFault: for what is no envelope of WS-Management.
    """
    root = _parsed(content)
    if root.tag != f"{{{names.SOAP}}}Envelope":
        raise WsmanFault(faults.VERSION_MISMATCH)
    body = root.find(f"{{{names.SOAP}}}Body")
    if body is None:
        raise WsmanFault(faults.SCHEMA, "The envelope has no body.")
    first = next(iter(body), None)
    message = Message(body=first)
    if first is not None and first.tag == f"{{{names.IDENTIFY}}}Identify":
        message.identify = True
        return message
    _read_header(message, root.find(f"{{{names.SOAP}}}Header"))
    return message


def message_id_of(content: bytes) -> str:
    """Return the identifier of a request that may be no good otherwise, for a fault's header."""
    try:
        root = _parsed(content)
    except WsmanFault:
        return ""
    return (root.findtext(f".//{{{names.ADDRESSING}}}MessageID") or "").strip()


def _parsed(content: bytes) -> ET.Element:
    try:
        text = _text(content)
        # Without a document type there is no entity to expand.
        if "<!DOCTYPE" in text:
            raise WsmanFault(faults.INVALID_XML, "A document type is not allowed.")
        return ET.fromstring(text)  # noqa: S314 - see above
    except (ET.ParseError, UnicodeError, ValueError):
        raise WsmanFault(faults.INVALID_XML) from None


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def _read_header(message: Message, header: ET.Element | None) -> None:
    if header is None:
        raise WsmanFault(faults.HEADER_REQUIRED)
    for item in header:
        _read_item(message, item)
    for name, value in (("Action", message.action), ("MessageID", message.message_id)):
        if not value:
            raise WsmanFault(faults.HEADER_REQUIRED, f"The header {name} is missing.")


def _read_item(message: Message, item: ET.Element) -> None:
    value = (item.text or "").strip()
    match item.tag.partition("}")[2] if item.tag in _UNDERSTOOD else "":
        case "Action":
            message.action = value
        case "MessageID":
            message.message_id = value
        case "ResourceURI":
            message.resource = value
        case "SessionId":
            message.session_id = value
        case "OperationTimeout":
            message.timeout = duration(value)
        case "MaxEnvelopeSize":
            message.limit = _limit(value)
        case "SelectorSet":
            message.selectors = _pairs(item, "Selector")
        case "OptionSet":
            message.options = _pairs(item, "Option")
        case "" if item.get(_MUST_UNDERSTAND) in ("true", "1"):
            raise WsmanFault(faults.NOT_UNDERSTOOD)


def _pairs(parent: ET.Element, name: str) -> dict[str, str]:
    found = parent.findall(f"{{{names.WSMAN}}}{name}")
    return {item.get("Name", ""): item.text or "" for item in found}


def _limit(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 12:
        raise WsmanFault(faults.INVALID_HEADER, "MaxEnvelopeSize is not a number.")
    if int(value) < SMALLEST_ENVELOPE:
        raise WsmanFault(faults.ENVELOPE_LIMIT_TOO_SMALL)
    return int(value)


def duration(value: str) -> float:
    """Return an ``xs:duration`` of days and less in seconds.

    Raises:
        WsmanFault: when it is none.
    """
    found = _DURATION.fullmatch(value)
    if found is None or value.endswith(("P", "T")):
        raise WsmanFault(faults.INVALID_TIMEOUT)
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return min(((days * 24 + hours) * 60 + minutes) * 60 + seconds, _LONGEST_TIMEOUT)


def text(value: str) -> str:
    """Return text as it stands in an element; what XML cannot hold becomes a question mark."""
    return escape(_NOT_XML.sub("?", value))


def attribute(value: str) -> str:
    """Return text as it stands, quoted, as the value of an attribute."""
    return quoteattr(_NOT_XML.sub("?", value))


def answer(request: Message, body: str) -> bytes:
    """Write the answer to a request; its action is the request's with ``Response`` behind."""
    return _envelope(f"{request.action}Response", request.message_id, body)


def fault(message_id: str, machine: str, raised: WsmanFault) -> bytes:
    """Write a fault."""
    kind = raised.kind
    code = kind.subcode if kind.subcode.startswith("s:") else ""
    subcode = "" if code else f"<s:Subcode><s:Value>{kind.subcode}</s:Value></s:Subcode>"
    code = code or ("s:Receiver" if kind.receiver else "s:Sender")
    detail = kind.detail and f"<w:FaultDetail>{names.FAULT_DETAIL}{kind.detail}</w:FaultDetail>"
    body = (
        f"<s:Fault><s:Code><s:Value>{code}</s:Value>{subcode}</s:Code>"
        f'<s:Reason><s:Text xml:lang="en-US">{text(kind.text)}</s:Text></s:Reason>'
        f'<s:Detail>{detail}<f:WSManFault xmlns:f="{names.FAULT}" Code="{kind.code}"'
        f" Machine={attribute(machine)}><f:Message>{text(raised.message)}</f:Message>"
        "</f:WSManFault></s:Detail></s:Fault>"
    )
    return _envelope(names.FAULT_ACTION, message_id, body)


def identity(version: str, stack: str) -> bytes:
    """Write the answer to an Identify request (DSP0226 11)."""
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{names.SOAP}"><s:Header/><s:Body>'
        f'<wsmid:IdentifyResponse xmlns:wsmid="{names.IDENTIFY}">'
        f"<wsmid:ProtocolVersion>{names.WSMAN}</wsmid:ProtocolVersion>"
        "<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor>"
        f"<wsmid:ProductVersion>OS: {version} SP: 0.0 Stack: {stack}</wsmid:ProductVersion>"
        "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()


def _envelope(action: str, relates_to: str, body: str) -> bytes:
    related = relates_to and f"<a:RelatesTo>{text(relates_to)}</a:RelatesTo>"
    # Made of the request's own, so that the same requests get the same answers.
    number = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{action}#{relates_to}")).upper()
    return (
        f"{_OPEN}<s:Header><a:Action>{text(action)}</a:Action>"
        f"<a:MessageID>uuid:{number}</a:MessageID>"
        f"<a:To>{names.ANONYMOUS}</a:To>{related}</s:Header>"
        f"<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()
