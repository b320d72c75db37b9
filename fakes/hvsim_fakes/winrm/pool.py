"""The server's side of PowerShell remoting's messages ([MS-PSRP]), within limits.

psrpcore reads and writes them; what is here guards it against input that is meant to harm, and
makes up for three things: clients that spell a property in capitals, a null as output, and
durations, of which psrpcore 0.3 loses the zeros at the end of whole seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psrpcore import PSRPPayload, ServerRunspacePool, StreamType
from psrpcore.types import PSVersion, _serializer, add_note_property

if TYPE_CHECKING:
    import datetime as dt
    import uuid
    from collections.abc import Iterator

    from psrpcore import PSRPEvent

FRAGMENT: Final = 32 * 1024
"""Bytes that go out at once, as Windows has it."""
_LARGEST_MESSAGE: Final = 50 * 1024 * 1024
"""``MaximumReceivedDataSizePerCommandMB`` of a session configuration."""
_MOST_OPEN: Final = 1000


def duration_text(value: dt.timedelta) -> str:
    """Write a duration as CLIXML has it (``xs:duration`` in ticks of 100 ns)."""
    whole = (value.days * 86_400 + value.seconds) * 10_000_000
    ticks = whole + value.microseconds * 10 + getattr(value, "nanosecond", 0) // 100
    sign, ticks = ("-", -ticks) if ticks < 0 else ("", ticks)
    seconds, fraction = divmod(ticks, 10_000_000)
    part = f".{fraction:07}".rstrip("0") if fraction else ""
    days, seconds = divmod(seconds, 86_400)
    clock = f"T{seconds // 3600}H{seconds // 60 % 60}M{seconds % 60}{part}S"
    return f"{sign}P{f'{days}D' if days else ''}{clock}"


_serializer._serialize_duration = duration_text  # noqa: SLF001 - see the module's docstring


class DataError(Exception):
    """What a client sent are no messages of the protocol."""


class Pool(ServerRunspacePool):
    """A runspace pool's messages. Not safe among threads.

    Args:
        version: of Windows, whose PowerShell it tells the client to be.
    """

    def __init__(self, version: str) -> None:
        super().__init__(application_private_data={"PSVersionTable": _version_table(version)})

    def feed(self, data: bytes) -> list[PSRPEvent[Any, Any]]:
        """Take bytes of a client and return what they complete; raises DataError."""
        found = []
        try:
            self.receive_data(PSRPPayload(data, StreamType.default, None))
            while (event := self.next_event()) is not None:
                found.append(event)
        except Exception as error:
            # The library's reader fails in any way on what is damaged, with errors of names too.
            # Nothing of what is half read would be understood afterwards.
            self._receive_buffer = bytearray()
            self._incoming_fragments.clear()
            raise DataError(str(error)) from error
        self._check_size()
        return found

    def outgoing(self) -> Iterator[tuple[uuid.UUID | None, bytes]]:
        """Give what is to be sent, each piece with the pipeline that it belongs to."""
        while (payload := self.data_to_send(FRAGMENT)) is not None:
            yield payload.pipeline_id, payload.data

    def welcome(self) -> tuple[bytes, list[tuple[uuid.UUID | None, bytes]]]:
        """Part what a client that takes over is told: with the answer to it, and afterwards.

        The capability and the pool's size go with the answer ([MS-PSRP] 3.1.5.4.14).
        """
        later, self._send_buffer = self._send_buffer[2:], self._send_buffer[:2]
        now = b"".join(data for _, data in self.outgoing())
        self._send_buffer = later
        return now, list(self.outgoing())

    def prepare_message(self, message: Any, *args: Any, **more: Any) -> None:
        """Queue a message; a null is told as PowerShell tells it, not as nothing at all."""
        super().prepare_message(message, *args, **more)
        if message is None:
            self._send_buffer[-1]._data += b"<Nil />"  # noqa: SLF001 - there is no other way

    def forget(self, pipeline_id: uuid.UUID) -> None:
        """Drop a pipeline, whatever its state."""
        self.pipeline_table.pop(pipeline_id, None)

    def _check_size(self) -> None:
        parts = self._incoming_fragments
        waiting = sum(len(part) for message in parts.values() for part in message)
        if waiting > _LARGEST_MESSAGE or len(parts) > _MOST_OPEN:
            parts.clear()
            raise DataError("the data is larger than the session's configuration allows")

    def _process_message(self, message: Any) -> PSRPEvent[Any, Any]:
        # Without a document type there is no entity that could be expanded.
        if b"<!DOCTYPE" in message.data:
            raise ValueError("a document type is not allowed")
        return super()._process_message(message)

    def _process_SetMaxRunspaces(self, event: Any) -> None:  # noqa: N802 - the library's name
        super()._process_SetMaxRunspaces(_spelt(event))

    def _process_SetMinRunspaces(self, event: Any) -> None:  # noqa: N802 - likewise
        super()._process_SetMinRunspaces(_spelt(event))


def _spelt(event: Any) -> Any:
    """Let a call be found by its number: PowerShell minds no case, so clients send ``CI``."""
    sent = event._ps_object  # noqa: SLF001 - the library gives no other access
    if not hasattr(sent, "ci"):
        add_note_property(sent, "ci", sent.CI)
    return event


def _version_table(version: str) -> dict[str, Any]:
    """Return ``$PSVersionTable`` of PowerShell 5.1."""
    return {
        "PSVersion": PSVersion(f"5.1.{version.rpartition('.')[2]}.1"),
        "PSEdition": "Desktop",
        "PSCompatibleVersions": [PSVersion(v) for v in ("1.0", "2.0", "3.0", "4.0", "5.0")],
        "CLRVersion": PSVersion("4.0.30319.42000"),
        "BuildVersion": PSVersion(f"{version}.1"),
        "WSManStackVersion": PSVersion("3.0"),
        "PSRemotingProtocolVersion": PSVersion("2.3"),
        "SerializationVersion": PSVersion("1.1.0.1"),
    }
