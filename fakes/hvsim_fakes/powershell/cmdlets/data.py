"""Cmdlets that make or convert values: dates, random numbers, secrets, CLIXML."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.drive import write
from hvsim_fakes.powershell.cmdlets.tables import SECURITY, UTILITY
from hvsim_fakes.powershell.dotnet.basics import new_guid
from hvsim_fakes.powershell.dotnet.moments import now
from hvsim_fakes.powershell.errors import failure
from hvsim_fakes.powershell.format.clixml import Writer, document
from hvsim_fakes.powershell.host import Wait
from hvsim_fakes.powershell.objects.convert import convert
from hvsim_fakes.powershell.objects.formatting import format_value
from hvsim_fakes.powershell.objects.moments import TICKS, UNIX_EPOCH, DateTime, TimeSpan
from hvsim_fakes.powershell.objects.numbers import to_double
from hvsim_fakes.powershell.objects.registry import INT32
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Credential,
    SecureString,
)

_INPUT: Final = Parameter("InputObject", pipeline=True)


@UTILITY.cmdlet(
    "Get-Date",
    Parameter(
        "Date", "datetime", position=0, pipeline=True, by_name=True, aliases=("LastWriteTime",)
    ),
    *(
        Parameter(name, "int")
        for name in ("Year", "Month", "Day", "Hour", "Minute", "Second", "Millisecond")
    ),
    Parameter("DisplayHint", "string", values=("Date", "Time", "DateTime")),
    Parameter("Format", "string"),
    Parameter("UFormat", "string"),
)
def get_date(call: Call) -> Body:
    """Give the simulated time, or a date with some parts set."""
    moment = call.get("Date") if call.given("Date") else now(call.engine)
    moment = _with_parts(call, moment)
    if call.given("Format"):
        pattern = to_text(call.get("Format"))
        if pattern.lower() in ("filedate", "filedatetime"):
            pattern = {"filedate": "yyyyMMdd", "filedatetime": "yyyyMMddTHHmmssffff"}[
                pattern.lower()
            ]
        yield format_value(moment, pattern)
    elif call.given("UFormat"):
        yield _unix_format(call, moment, to_text(call.get("UFormat")))
    else:
        yield moment


def _with_parts(call: Call, moment: DateTime) -> DateTime:
    parts = {
        name: int(call.get(name))
        for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")
        if call.given(name)
    }
    if not parts and not call.given("Millisecond"):
        return moment
    day = moment.python
    try:
        day = day.replace(**{name.lower(): value for name, value in parts.items()})  # type: ignore[arg-type] # all of them are numbers
    except ValueError:
        raise failure(
            "Cannot bind parameter because the date is not valid.",
            "ArgumentOutOfRangeException",
            "InvalidArgument",
            exception="System.ArgumentOutOfRangeException",
        ) from None
    found = DateTime.of(day, moment.kind, moment.offset)
    if call.given("Millisecond"):
        millis = int(call.get("Millisecond"))
        return DateTime(found.ticks // TICKS * TICKS + millis * 10_000, found.kind, found.offset)
    return DateTime(found.ticks + moment.ticks % 10, found.kind, found.offset)


_UNIX: Final = {
    "Y": "yyyy",
    "m": "MM",
    "d": "dd",
    "H": "HH",
    "M": "mm",
    "S": "ss",
    "y": "yy",
    "B": "MMMM",
    "b": "MMM",
    "A": "dddd",
    "a": "ddd",
    "p": "tt",
    "I": "hh",
    "D": "MM/dd/yy",
    "T": "HH:mm:ss",
    "R": "HH:mm",
    "F": "yyyy-MM-dd",
}


def _unix_format(call: Call, moment: DateTime, pattern: str) -> str:
    out, at = [], 0
    while at < len(pattern):
        char = pattern[at]
        letter = pattern[at + 1 : at + 2]
        if char == "%" and letter in _UNIX:
            out.append(moment.format(_UNIX[letter]))
            at += 1
        elif char == "%" and letter == "s":
            # 5.1 counts from the local time
            out.append(f"{(moment.ticks - UNIX_EPOCH) / TICKS:.5f}")
            at += 1
        elif char == "%" and letter == "%":
            out.append("%")
            at += 1
        else:
            out.append(char)
        at += 1
    del call
    return "".join(out)


@UTILITY.cmdlet(
    "New-TimeSpan",
    Parameter(
        "Start",
        "datetime",
        position=0,
        pipeline=True,
        by_name=True,
        sets=("Date",),
        aliases=("LastWriteTime",),
    ),
    Parameter("End", "datetime", position=1, by_name=True, sets=("Date",)),
    *(Parameter(name, "int", sets=("Time",)) for name in ("Days", "Hours", "Minutes", "Seconds")),
    default_set="Date",
)
def new_time_span(call: Call) -> Body:
    """Give a length of time."""
    if any(call.given(name) for name in ("Days", "Hours", "Minutes", "Seconds")):
        parts = [int(call.get(name, 0)) for name in ("Days", "Hours", "Minutes", "Seconds")]
        yield TimeSpan.of(*parts)
        return
    start = call.get("Start") or now(call.engine)
    end = call.get("End") or now(call.engine)
    yield TimeSpan(end.ticks - start.ticks)


@UTILITY.cmdlet(
    "Start-Sleep",
    Parameter(
        "Seconds",
        "int",
        position=0,
        mandatory=True,
        pipeline=True,
        by_name=True,
        sets=("Seconds",),
        least=0,
        most=2_147_483,
    ),
    Parameter(
        "Milliseconds",
        "int",
        mandatory=True,
        by_name=True,
        sets=("Milliseconds",),
        least=0,
        most=2_147_483_647,
    ),
    aliases=("sleep",),
    default_set="Seconds",
)
def start_sleep(call: Call) -> Body:
    """Wait in simulated time."""
    seconds = (
        int(call.get("Milliseconds")) / 1000
        if call.given("Milliseconds")
        else float(int(call.get("Seconds")))
    )
    yield Wait(seconds=seconds)


@UTILITY.cmdlet(
    "Get-Random",
    Parameter("Maximum", "object", position=0, sets=("RandomNumberParameterSet",)),
    Parameter("Minimum", "object", sets=("RandomNumberParameterSet",)),
    Parameter(
        "InputObject",
        "object[]",
        position=0,
        pipeline=True,
        mandatory=True,
        sets=("RandomListItemParameterSet",),
    ),
    Parameter("Count", "int", sets=("RandomListItemParameterSet",), default=1),
    Parameter("SetSeed", "int"),
    default_set="RandomNumberParameterSet",
)
class GetRandom(Stages):
    """Random numbers, or elements, from the lab's stream."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take elements."""
        self.items += list(call.get("InputObject") or ())
        yield from ()

    def end(self, call: Call) -> Body:
        """Draw."""
        stream = call.host.random("powershell.random")
        if call.given("InputObject") or self.items:
            count = min(int(call.get("Count", 1)), len(self.items))
            yield from stream.sample(self.items, count)
            return
        low, high = call.get("Minimum", 0), call.get("Maximum", 2_147_483_647)
        if isinstance(low, float) or isinstance(high, float):
            yield stream.uniform(to_double(low), to_double(high))
            return
        first, last = int(convert(low, INT32)), int(convert(high, INT32))
        if first >= last:
            raise failure(
                f"The Minimum value ({first}) cannot be greater than or equal to the Maximum value "
                f"({last}).",
                "MinGreaterThanOrEqualMax",
                "InvalidArgument",
                exception="System.ArgumentException",
            )
        yield stream.randrange(first, last)


@UTILITY.cmdlet("New-Guid")
def new_guid_cmdlet(call: Call) -> Body:
    """Give a new GUID, from the lab's stream."""
    yield new_guid(call.engine)


@SECURITY.cmdlet(
    "ConvertTo-SecureString",
    Parameter("String", "string", position=0, mandatory=True, pipeline=True, empty=True),
    Parameter("AsPlainText", "switch", position=1),
    Parameter("Force", "switch", position=2),
    Parameter("Key", "byte[]"),
    Parameter("SecureKey", "object"),
)
def convert_to_secure_string(call: Call) -> Body:
    """Give a secure string of a plain text, or of what ConvertFrom-SecureString gave."""
    text = to_text(call.get("String"))
    if call.on("AsPlainText"):
        if not call.on("Force"):
            raise failure(
                "The system cannot protect plain text input. To suppress this warning and convert "
                "the plain text to a SecureString, reissue the command specifying the Force "
                "parameter. For more information, type: get-help ConvertTo-SecureString.",
                "ImportSecureString_ForceRequired",
                "InvalidArgument",
                exception="System.ArgumentException",
            )
        yield SecureString(text)
        return
    plain = _unprotected(text)
    if plain is None:
        raise failure(
            "Input string was not in a correct format.",
            "ImportSecureString_InvalidArgument",
            "InvalidArgument",
            exception="System.Management.Automation.PSArgumentException",
        )
    yield SecureString(plain)


_MARK: Final = "01000000d08c9ddf0115d1118c7a00c04fc297eb"


def _unprotected(text: str) -> str | None:
    if not text.startswith(_MARK):
        return None
    try:
        return bytes.fromhex(text[len(_MARK) :]).decode("utf-16-le")
    except ValueError:
        return None


@SECURITY.cmdlet(
    "ConvertFrom-SecureString",
    Parameter("SecureString", "securestring", position=0, mandatory=True, pipeline=True),
    Parameter("Key", "byte[]"),
)
def convert_from_secure_string(call: Call) -> Body:
    """Give a secure string as hexadecimal text; nothing is kept secret here."""
    yield _MARK + call.get("SecureString").text.encode("utf-16-le").hex()


@SECURITY.cmdlet(
    "Get-Credential",
    Parameter("Credential", "object", position=0),
    Parameter("Message", "string"),
    Parameter("UserName", "string"),
)
def get_credential(call: Call) -> Body:
    """Nobody is there to be asked: only a credential that is given can be given back."""
    given = call.get("Credential")
    if isinstance(given, Credential):
        yield given
        return
    raise failure(
        "A command that prompts the user failed because the host program or the command type does "
        "not support user interaction. The host was attempting to request confirmation with the "
        "following message: Enter your credentials.",
        "GetCredentialCommand",
        "NotImplemented",
        exception="System.Management.Automation.PSNotSupportedException",
    )


@UTILITY.cmdlet(
    "Export-Clixml",
    Parameter("InputObject", mandatory=True, pipeline=True, null=True),
    Parameter("Path", "string", position=0, mandatory=True, aliases=("LiteralPath",)),
    Parameter("Depth", "int", default=2),
    Parameter("Force", "switch"),
    Parameter("NoClobber", "switch"),
    Parameter("Encoding", "string"),
)
class ExportClixml(Stages):
    """Objects as a CLIXML file of the simulated host."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take an object."""
        self.items.append(call.item if call.item is not NOTHING else call.get("InputObject"))
        yield from ()

    def end(self, call: Call) -> Body:
        """Write the file."""
        writer = Writer(int(call.get("Depth", 2)))
        text = document(writer.write(one) for one in self.items)
        write(call, to_text(call.get("Path")), text, encoding="Unicode")
        yield from ()
