"""libvirt's errors, numbered as its public header ``virterror.h`` does."""

from __future__ import annotations

from enum import IntEnum

from hvsim.errors import Refusal


class Code(IntEnum):
    """What went wrong."""

    INTERNAL_ERROR = 1
    NO_SUPPORT = 3
    INVALID_ARG = 8
    OPERATION_FAILED = 9
    POST_FAILED = 11
    XML_ERROR = 27
    RPC = 39
    NO_DOMAIN = 42
    OPERATION_INVALID = 55


class Origin(IntEnum):
    """Which part of libvirt says so."""

    XEN = 1
    XEND = 2
    RPC = 7
    DOMAIN = 10
    REMOTE = 13
    XENXM = 15


_WORDS = {
    Code.INTERNAL_ERROR: "internal error {}",
    Code.NO_SUPPORT: "this function is not supported by the connection driver: {}",
    Code.INVALID_ARG: "invalid argument: {}",
    Code.OPERATION_FAILED: "operation failed: {}",
    Code.POST_FAILED: "POST operation failed: {}",
    Code.XML_ERROR: "XML error: {}",
    Code.NO_DOMAIN: "Domain not found: {}",
    Code.OPERATION_INVALID: "Requested operation is not valid: {}",
}


class LibvirtError(Refusal):
    """An error of libvirt.

    Args:
        text: what the part itself says; the message puts the code's own words before it.
    """

    def __init__(self, code: Code, text: str, origin: Origin = Origin.XEN) -> None:
        self.code = code
        self.origin = origin
        self.text = text
        self.message = _WORDS.get(code, "{}").format(text)
        super().__init__(self.message)
