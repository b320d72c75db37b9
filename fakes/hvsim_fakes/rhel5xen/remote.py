"""libvirt's remote protocol, as libvirtd of RHEL 5 (0.8.2) speaks it on its socket.

A message is its length and a header of six numbers: program, version, procedure, type, serial,
status. Procedures that came after 0.8.2 are not known, so that newer clients fall back.
"""

from __future__ import annotations

import logging
import struct
from typing import TYPE_CHECKING, Final

from hvsim.errors import HvsimError
from hvsim_fakes.rhel5xen import procedures
from hvsim_fakes.rhel5xen.actor import await_answer
from hvsim_fakes.rhel5xen.libvirt_error import Code, LibvirtError, Origin
from hvsim_fakes.rhel5xen.procedures import FIRST, Connection
from hvsim_fakes.rhel5xen.xdr import MOST_STRING, Reader, Writer, XdrError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.rhel5xen.site import Host
    from hvsim_fakes.rhel5xen.actor import Actor
    from hvsim_fakes.rhel5xen.procedures import Procedure

_log: Final = logging.getLogger(__name__)
PROGRAM: Final = 0x20008086
VERSION: Final = 1
HEADER: Final = struct.Struct("!IIIiIII")
"""Length of the whole message, then the header's six numbers."""
CALL, REPLY = 0, 1
OK, ERROR = 0, 1


class Remote:
    """One client's connection to the libvirtd of a host.

    Args:
        note: told of every call: its name, whether it changes anything, and its outcome.
    """

    def __init__(
        self, host: Host, actor: Actor, note: Callable[[str, bool, str], object] | None = None
    ) -> None:
        self._host = host
        self._actor = actor
        self._note = note
        self._connection = Connection(host, actor)

    def serve(self, read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
        """Answer messages until the client closes or sends what is none.

        Args:
            read: gives at least one byte and at most so many, none at the end.
        """
        while not self._connection.closed:
            message = self._next(read)
            if message is None:
                return
            answer = self.answer(message)
            if answer is None:
                return
            write(answer)

    def answer(self, message: bytes) -> bytes | None:
        """Return the reply to a whole message, None where libvirtd hangs up."""
        if len(message) < HEADER.size:
            return None
        _, program, version, number, kind, serial, status = HEADER.unpack_from(message)
        if kind != CALL or status != OK:
            return None
        await_answer(self._actor, self._host, self._host.libvirtd)
        known = procedures.KNOWN.get(number)
        try:
            self._demand(known, program, version, number)
            body, state = self._carry_out(known, message[HEADER.size :]), OK
        except LibvirtError as error:
            body, state = _told(error), ERROR
        return _framed((program, version, number), serial, state, body)

    def _demand(self, known: Procedure | None, program: int, version: int, number: int) -> None:
        if program != PROGRAM or version != VERSION:
            text = f"Cannot find program {program} version {version}"
            raise LibvirtError(Code.RPC, text, Origin.RPC)
        if known is None:
            raise LibvirtError(Code.RPC, f"unknown procedure: {number}", Origin.REMOTE)
        if not self._connection.opened and number not in FIRST:
            raise LibvirtError(Code.INTERNAL_ERROR, "connection not open", Origin.REMOTE)

    def _carry_out(self, known: Procedure | None, body: bytes) -> bytes:
        if known is None:
            return b""
        outcome = "ok"
        try:
            arguments = Reader(body)
            result = Writer()
            known.handler(self._connection, arguments, result)
            return bytes(result.data)
        except LibvirtError as error:
            outcome = error.code.name
            raise
        except (XdrError, struct.error):
            outcome = "RPC"
            text = f"couldn't decode arguments of {known.name}"
            raise LibvirtError(Code.RPC, text, Origin.REMOTE) from None
        except HvsimError as error:
            outcome = Code.INTERNAL_ERROR.name
            raise LibvirtError(Code.INTERNAL_ERROR, str(error), Origin.REMOTE) from None
        except Exception:  # noqa: BLE001 - a fault of the simulator: the client gets an answer all the same
            _log.exception("procedure %s failed", known.name)
            outcome = Code.INTERNAL_ERROR.name
            text = "the call failed"
            raise LibvirtError(Code.INTERNAL_ERROR, text, Origin.REMOTE) from None
        finally:
            if self._note is not None:
                self._note(known.name, known.writes, outcome)

    def _next(self, read: Callable[[int], bytes]) -> bytes | None:
        head = _exactly(read, 4)
        if head is None:
            return None
        length = int.from_bytes(head, "big")
        if not HEADER.size <= length <= MOST_STRING + HEADER.size:
            return None
        rest = _exactly(read, length - 4)
        return None if rest is None else head + rest


def _exactly(read: Callable[[int], bytes], length: int) -> bytes | None:
    data = bytearray()
    while len(data) < length:
        some = read(length - len(data))
        if not some:
            return None
        data += some
    return bytes(data)


def _framed(call: tuple[int, int, int], serial: int, state: int, body: bytes) -> bytes:
    length = HEADER.size + len(body)
    return HEADER.pack(length, *call, REPLY, serial, state) + body


def _told(error: LibvirtError) -> bytes:
    """Return an error as the protocol carries it."""
    out = Writer().sint(error.code).sint(error.origin).optional_string(error.message).sint(2)
    # No domain; what the message was made of; two numbers; no network.
    out.uint(0).optional_string(error.message).optional_string(error.text).optional_string(None)
    return bytes(out.sint(-1).sint(-1).uint(0).data)
