"""WS-Management faults with the codes of ``wsmerror.h``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault.

    Attributes:
        code: Windows' error code, in the ``Code`` of ``WSManFault``.
        subcode: the qualified name that WS-Management gives it.
        text: what it tells people.
        detail: last part of the URI of its ``FaultDetail``, if it has one.
        receiver: whether the server is to blame, not the client.
    """

    code: int
    subcode: str
    text: str
    detail: str = ""
    receiver: bool = False


class WsmanFault(Exception):  # noqa: N818 - the protocol's own word
    """A request is answered with a fault.

    Args:
        message: replaces the kind's own text.
    """

    def __init__(self, kind: Kind, message: str = "") -> None:
        super().__init__(message or kind.text)
        self.kind = kind
        self.message = message or kind.text


_SERVICE: Final = "The WS-Management service cannot process the request."
_WINRS: Final = "The Windows Remote Shell cannot process the request."

TIMED_OUT: Final = Kind(
    2150858793,
    "w:TimedOut",
    "The operation did not complete within the time of its OperationTimeout header.",
    receiver=True,
)
UNKNOWN_SHELL: Final = Kind(
    2150858843,
    "w:InvalidSelectors",
    f"{_WINRS} No shell of that ShellId is on the server.",
    "UnexpectedSelectors",
)
UNKNOWN_COMMAND: Final = Kind(
    2150858843,
    "w:InvalidSelectors",
    f"{_WINRS} No command of that identifier exists; it may have ended.",
    "UnexpectedSelectors",
)
NO_SHELL_ID: Final = Kind(
    2150858842,
    "w:InvalidSelectors",
    f"{_WINRS} It requires the selector ShellId.",
    "InsufficientSelectors",
)
ACTION_NOT_SUPPORTED: Final = Kind(
    2150858771, "a:ActionNotSupported", f"{_SERVICE} The resource does not support the action."
)
UNKNOWN_RESOURCE: Final = Kind(
    2150858752,
    "a:DestinationUnreachable",
    f"{_SERVICE} The resource URI is not in the WS-Management catalog.",
    "InvalidResourceURI",
)
HEADER_REQUIRED: Final = Kind(
    2150858769,
    "a:MessageInformationHeaderRequired",
    f"{_SERVICE} A required header of the message is missing.",
)
INVALID_HEADER: Final = Kind(
    2150858767,
    "a:InvalidMessageInformationHeader",
    f"{_SERVICE} A header of the message is not valid.",
)
NOT_UNDERSTOOD: Final = Kind(
    2150858768,
    "s:MustUnderstand",
    f"{_SERVICE} It does not understand a header that has to be understood.",
)
VERSION_MISMATCH: Final = Kind(
    2150858765, "s:VersionMismatch", f"{_SERVICE} The envelope is not one of SOAP 1.2."
)
INVALID_XML: Final = Kind(
    2150858819, "w:SchemaValidationError", f"{_SERVICE} The request is not well-formed XML."
)
SCHEMA: Final = Kind(
    2150858817,
    "w:SchemaValidationError",
    f"{_SERVICE} The XML of the request does not follow its schema.",
)
INVALID_PARAMETER: Final = Kind(87, "w:InvalidParameter", "The parameter is incorrect.")
INVALID_TIMEOUT: Final = Kind(
    2150858881,
    "a:InvalidMessageInformationHeader",
    f"{_SERVICE} The OperationTimeout header is not a duration.",
)
ENVELOPE_TOO_LARGE: Final = Kind(
    2150858825,
    "w:EncodingLimit",
    f"{_SERVICE} The envelope is larger than MaxEnvelopeSizekb allows.",
    "ServiceEnvelopeLimit",
)
ANSWER_TOO_LARGE: Final = Kind(
    2150858824,
    "w:EncodingLimit",
    f"{_SERVICE} The answer is larger than the client's MaxEnvelopeSize.",
    "MaxEnvelopeSizeExceeded",
)
ENVELOPE_LIMIT_TOO_SMALL: Final = Kind(
    2150858878,
    "w:EncodingLimit",
    f"{_SERVICE} A MaxEnvelopeSize below 8192 is not supported.",
    "MinimumEnvelopeLimit",
)
TOO_MANY_SHELLS: Final = Kind(
    2150859173,
    "w:QuotaLimit",
    f"{_SERVICE} The user has as many concurrent shells as the quota allows.",
    receiver=True,
)
TOO_MANY_COMMANDS: Final = Kind(
    2150859241,
    "w:QuotaLimit",
    f"{_SERVICE} The shell has as many concurrent commands as the quota allows.",
    receiver=True,
)
TOO_MANY_OPERATIONS: Final = Kind(
    2150859174,
    "w:QuotaLimit",
    f"{_SERVICE} The user has as many concurrent operations as the quota allows.",
    receiver=True,
)
SHELL_EXISTS: Final = Kind(
    2150859223, "w:AlreadyExists", f"{_WINRS} A shell of that ShellId exists already."
)
COMMAND_EXISTS: Final = Kind(
    2150859222, "w:AlreadyExists", f"{_WINRS} A command of that CommandId exists already."
)
INVALID_SHELL_ID: Final = Kind(
    2150859221, "w:InvalidParameter", f"{_WINRS} The ShellId is not a valid one."
)
INVALID_COMMAND_ID: Final = Kind(
    2150859220, "w:InvalidParameter", f"{_WINRS} The CommandId is not a valid one."
)
IDLE_TIMEOUT: Final = Kind(
    2150859250, "w:InvalidParameter", f"{_WINRS} The IdleTimeOut is out of bounds."
)
CODE_PAGE: Final = Kind(2150859072, "w:InvalidOptions", f"{_WINRS} The code page is not supported.")
RECEIVE_IN_PROGRESS: Final = Kind(
    2150859047, "w:Concurrency", f"{_WINRS} A receive operation of the command is under way."
)
DISCONNECTED: Final = Kind(2150859204, "w:InvalidParameter", f"{_WINRS} The shell is disconnected.")
DISCONNECT_NOT_SUPPORTED: Final = Kind(
    2150859205, "w:UnsupportedFeature", f"{_WINRS} The shell does not support disconnecting."
)
NOT_DISCONNECTED: Final = Kind(
    2150859216, "w:InvalidParameter", f"{_WINRS} Only a disconnected shell can be reconnected."
)
OTHER_CLIENT: Final = Kind(
    2150859213, "w:InvalidParameter", f"{_WINRS} The shell is connected to another client."
)
STREAM_DISCONNECTED: Final = Kind(
    2150859230,
    "w:InternalError",
    f"{_SERVICE} The stream is no longer there: its shell was disconnected.",
    receiver=True,
)
ABORTED: Final = Kind(
    995,
    "w:InternalError",
    "The operation was aborted: its shell or command is gone.",
    receiver=True,
)
ACCESS_DENIED: Final = Kind(5, "w:AccessDenied", "Access is denied.")
FILTER_EXPECTED: Final = Kind(
    2150859200, "n:CannotProcessFilter", f"{_SERVICE} Commands are enumerated by a ShellId filter."
)
BAD_FILTER: Final = Kind(
    2150858778, "n:CannotProcessFilter", f"{_SERVICE} The filter cannot be processed."
)
INTERNAL: Final = Kind(
    2147500037, "w:InternalError", "The provider failed in an unspecified way.", receiver=True
)
NOT_SUPPORTED: Final = Kind(
    2150858818, "w:UnsupportedFeature", f"{_SERVICE} It does not support the feature asked for."
)
