"""Cmdlets that read and write the contents of files."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.drive import (
    ENCODING,
    FORCE,
    PATH,
    decode,
    denied,
    drive_of,
    missing,
    read_file,
    resolve,
    write,
)
from hvsim_fakes.powershell.cmdlets.tables import MANAGEMENT, UTILITY
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.format.render import render
from hvsim_fakes.powershell.host import DriveError
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Byte,
    elements,
    is_list,
)


@MANAGEMENT.cmdlet(
    "Get-Content",
    PATH,
    Parameter("Raw", "switch"),
    ENCODING,
    Parameter("TotalCount", "long", aliases=("First", "Head")),
    Parameter("Tail", "int", aliases=("Last",)),
    Parameter("ReadCount", "long"),
    Parameter("Delimiter", "string"),
    FORCE,
    Parameter("Wait", "switch"),
    aliases=("gc", "cat", "type"),
)
def get_content(call: Call) -> Body:
    """Give a file's lines."""
    for path in (one for given in call.get("Path") for one in resolve(call, to_text(given))):
        if drive_of(path) == "env":
            yield call.engine.environment.get(path.partition(":")[2].lstrip("\\"))
            continue
        raw = read_file(call, path)
        if raw is None:
            continue
        if to_text(call.get("Encoding")).lower() == "byte":
            yield from [Byte(one) for one in raw]
            continue
        text = decode(raw, to_text(call.get("Encoding")))
        call.engine.budget.hold(len(text))
        if call.on("Raw"):
            yield text
            continue
        lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []
        if call.given("TotalCount"):
            lines = lines[: int(call.get("TotalCount"))]
        if call.given("Tail"):
            lines = lines[-int(call.get("Tail")) :] if call.get("Tail") else []
        yield from lines


class _Put(Stages):
    """Writes what comes down the pipeline to files."""

    append = False

    def __init__(self) -> None:
        self.values: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take values."""
        value = call.get("Value")
        self.values += elements(value) if is_list(value) else [value]
        yield from ()

    def end(self, call: Call) -> Body:
        """Write the files."""
        for one in call.get("Path"):
            path = to_text(one)
            if call.should_process(path):
                self._write(call, path)
        yield from ()

    def _write(self, call: Call, path: str) -> None:
        if to_text(call.get("Encoding")).lower() == "byte":
            try:
                raw = bytes(int(one) & 255 for one in self.values)
                call.host.drive.write(path, raw, append=self.append)
            except DriveError as wrong:
                call.error(denied(wrong, path).record)
            return
        end = "" if call.on("NoNewline") else "\r\n"
        text = "".join(f"{to_text(value)}{end}" for value in self.values)
        try:
            write(call, path, text, append=self.append)
        except PowerShellError as wrong:
            call.error(wrong.record)


_VALUE: Final = Parameter(
    "Value", "object", position=1, mandatory=True, pipeline=True, null=True, empty=True
)


_TARGET: Final = Parameter(
    "Path", "string[]", position=0, mandatory=True, by_name=True, aliases=("LiteralPath", "PSPath")
)


@MANAGEMENT.cmdlet(
    "Set-Content",
    _TARGET,
    _VALUE,
    ENCODING,
    FORCE,
    Parameter("NoNewline", "switch"),
    Parameter("PassThru", "switch"),
    confirm=True,
    aliases=("sc",),
)
class SetContent(_Put):
    """Writes a file."""


@MANAGEMENT.cmdlet(
    "Add-Content",
    _TARGET,
    _VALUE,
    ENCODING,
    FORCE,
    Parameter("NoNewline", "switch"),
    Parameter("PassThru", "switch"),
    confirm=True,
    aliases=("ac",),
)
class AddContent(_Put):
    """Adds to a file."""

    append = True


@MANAGEMENT.cmdlet("Clear-Content", _TARGET, FORCE, aliases=("clc",), confirm=True)
def clear_content(call: Call) -> Body:
    """Empty files."""
    for one in call.get("Path"):
        if not call.host.drive.exists(to_text(one)):
            call.error(missing(to_text(one)).record)
            continue
        try:
            call.host.drive.write(to_text(one), b"")
        except DriveError as wrong:
            call.error(denied(wrong, to_text(one)).record)
    yield from ()


@UTILITY.cmdlet(
    "Out-File",
    Parameter(
        "FilePath", "string", position=0, mandatory=True, aliases=("LiteralPath", "Path", "PSPath")
    ),
    Parameter("Encoding", "string", position=1),
    Parameter("Append", "switch"),
    FORCE,
    Parameter("NoClobber", "switch"),
    Parameter("Width", "int"),
    Parameter("NoNewline", "switch"),
    Parameter("InputObject", pipeline=True),
    confirm=True,
)
class OutFile(Stages):
    """Writes to a file what the screen would show."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take an object."""
        self.items.append(call.item if call.item is not NOTHING else call.get("InputObject"))
        yield from ()

    def end(self, call: Call) -> Body:
        """Write the file."""
        path = to_text(call.get("FilePath"))
        width = int(call.get("Width")) + 1 if call.given("Width") else 80
        end = "" if call.on("NoNewline") else "\r\n"
        text = "".join(f"{line}{end}" for line in render(self.items, call.engine, width))
        write(
            call,
            path,
            text,
            append=call.on("Append"),
            encoding=to_text(call.get("Encoding")) or "unicode",
        )
        yield from ()
