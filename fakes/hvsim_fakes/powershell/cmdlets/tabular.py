"""CSV: objects as lines of text, and back."""

from __future__ import annotations

import csv
import io
from typing import Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.drive import ENCODING, decode, read_file, write
from hvsim_fakes.powershell.cmdlets.tables import UTILITY
from hvsim_fakes.powershell.objects.members import get_member, list_members
from hvsim_fakes.powershell.objects.moments import DateTime
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    PSObject,
    is_list,
)

_DELIMITER: Final = Parameter("Delimiter", "char", position=1, default=",")


class _Csv(Stages):
    """Objects as lines of CSV."""

    def __init__(self) -> None:
        self.names: list[str] | None = None

    def lines(self, call: Call, item: Any) -> list[str]:
        """Return the lines that an object adds."""
        delimiter = to_text(call.get("Delimiter", ","))
        out = []
        if self.names is None:
            self.names = [name for name, _ in list_members(item, call.engine)]
            if not call.on("NoTypeInformation"):
                kind = item.type_names[0] if isinstance(item, PSObject) else type_of(item).name
                out.append(f"#TYPE {kind}")
            out.append(delimiter.join(_quoted(name) for name in self.names))
        values = [get_member(item, name.lower(), call.engine) for name in self.names]
        out.append(
            delimiter.join(
                "" if one is None or one is NOTHING else _quoted(_field(one)) for one in values
            )
        )
        return out


def _field(value: Any) -> str:
    if is_list(value):
        return type_of(value).name
    return value.format("G") if isinstance(value, DateTime) else to_text(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@UTILITY.cmdlet(
    "ConvertTo-Csv",
    Parameter("InputObject", mandatory=True, position=0, pipeline=True),
    Parameter("Delimiter", "char", position=1, default=","),
    Parameter("NoTypeInformation", "switch", aliases=("NTI",)),
    Parameter("UseCulture", "switch"),
)
class ConvertToCsv(_Csv):
    """Objects as lines of CSV."""

    def process(self, call: Call) -> Body:
        """Give an object's lines."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        yield from self.lines(call, item)


@UTILITY.cmdlet(
    "Export-Csv",
    Parameter("InputObject", mandatory=True, pipeline=True),
    Parameter("Path", "string", position=0, aliases=("FilePath", "LiteralPath")),
    _DELIMITER,
    Parameter("NoTypeInformation", "switch", aliases=("NTI",)),
    Parameter("Append", "switch"),
    Parameter("Force", "switch"),
    Parameter("NoClobber", "switch"),
    Parameter("Encoding", "string"),
    Parameter("UseCulture", "switch"),
    aliases=("epcsv",),
)
class ExportCsv(_Csv):
    """Objects as a CSV file of the simulated host."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[str] = []

    def process(self, call: Call) -> Body:
        """Take an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        self.held += self.lines(call, item)
        yield from ()

    def end(self, call: Call) -> Body:
        """Write the file."""
        text = "".join(f"{line}\r\n" for line in self.held)
        write(call, to_text(call.get("Path")), text, append=call.on("Append"))
        yield from ()


def parse_csv(text: str, delimiter: str, header: list[str] | None) -> list[PSObject]:
    """Return the objects that lines of CSV tell."""
    lines = [line for line in text.splitlines() if not line.startswith("#TYPE ")]
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter or ","))
    rows = [row for row in rows if row]
    names = header if header is not None else rows[0] if rows else []
    body = rows if header is not None else rows[1:]
    return [
        PSObject((name, row[at] if at < len(row) else None) for at, name in enumerate(names))
        for row in body
    ]


@UTILITY.cmdlet(
    "ConvertFrom-Csv",
    Parameter("InputObject", "string[]", mandatory=True, position=0, pipeline=True),
    Parameter("Delimiter", "char", position=1, default=","),
    Parameter("Header", "string[]"),
    Parameter("UseCulture", "switch"),
)
class ConvertFromCsv(Stages):
    """Lines of CSV as objects."""

    def __init__(self) -> None:
        self.held: list[str] = []

    def process(self, call: Call) -> Body:
        """Take lines."""
        self.held += [to_text(one) for one in call.get("InputObject")]
        yield from ()

    def end(self, call: Call) -> Body:
        """Give the objects."""
        header = [to_text(one) for one in call.get("Header") or ()] or None
        yield from parse_csv("\n".join(self.held), to_text(call.get("Delimiter", ",")), header)


@UTILITY.cmdlet(
    "Import-Csv",
    Parameter(
        "Path",
        "string[]",
        position=0,
        mandatory=True,
        pipeline=True,
        aliases=("LiteralPath", "PSPath"),
    ),
    Parameter("Delimiter", "char", position=1, default=","),
    Parameter("Header", "string[]"),
    ENCODING,
    Parameter("UseCulture", "switch"),
    aliases=("ipcsv",),
)
def import_csv(call: Call) -> Body:
    """Read a CSV file."""
    header = [to_text(one) for one in call.get("Header") or ()] or None
    for one in call.get("Path"):
        raw = read_file(call, to_text(one))
        if raw is not None:
            yield from parse_csv(
                decode(raw, to_text(call.get("Encoding"))),
                to_text(call.get("Delimiter", ",")),
                header,
            )
