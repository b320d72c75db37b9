"""Select-String."""

from __future__ import annotations

from typing import Any

import regex

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.drive import ENCODING, decode, read_file, resolve
from hvsim_fakes.powershell.cmdlets.tables import UTILITY
from hvsim_fakes.powershell.dotnet.expressions import Match, Regex
from hvsim_fakes.powershell.host import plain_path
from hvsim_fakes.powershell.objects import patterns
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    PSObject,
)


@UTILITY.cmdlet(
    "Select-String",
    Parameter("Pattern", "string[]", position=0, mandatory=True),
    Parameter("InputObject", "object", pipeline=True, mandatory=True, sets=("Object",)),
    Parameter(
        "Path", "string[]", position=1, mandatory=True, sets=("File",), aliases=("LiteralPath",)
    ),
    Parameter("SimpleMatch", "switch"),
    Parameter("CaseSensitive", "switch"),
    Parameter("Quiet", "switch"),
    Parameter("List", "switch"),
    Parameter("NotMatch", "switch"),
    Parameter("AllMatches", "switch"),
    Parameter("Context", "int[]"),
    ENCODING,
    default_set="File",
    aliases=("sls",),
)
class SelectString(Stages):
    """Gives the lines that a pattern fits."""

    def __init__(self) -> None:
        self.line = 0
        self.found = False

    def process(self, call: Call) -> Body:
        """Judge a line, or a file's lines."""
        if not call.given("Path"):
            self.line += 1
            yield from self._judge(call, to_text(call.get("InputObject")), self.line, "InputStream")
            return
        for given in call.get("Path"):
            for path in resolve(call, to_text(given)):
                raw = read_file(call, path)
                lines = decode(raw, to_text(call.get("Encoding"))).splitlines() if raw else []
                for number, line in enumerate(lines, 1):
                    yield from self._judge(call, line, number, plain_path(path))

    def _judge(self, call: Call, line: str, number: int, path: str) -> Body:
        case = call.on("CaseSensitive")
        pattern = next(
            (p for p in map(to_text, call.get("Pattern")) if _has(line, p, call, case)), None
        )
        if (pattern is None) is not call.on("NotMatch"):
            return
        self.found = True
        if call.on("Quiet"):
            return
        yield PSObject(
            [
                ("IgnoreCase", not case),
                ("LineNumber", number),
                ("Line", line),
                ("Filename", path.rpartition("\\")[2]),
                ("Path", path),
                ("Pattern", pattern),
                ("Matches", _matches(line, pattern, call, case)),
            ],
            "Microsoft.PowerShell.Commands.MatchInfo",
        )

    def end(self, call: Call) -> Body:
        """Tell whether there was any, when only that is asked."""
        if call.on("Quiet") and self.found:
            yield True


def _expression(pattern: str, call: Call, case: bool) -> Any:

    plain = regex.escape(pattern) if call.on("SimpleMatch") else pattern
    return patterns.compiled(plain, patterns.flags_of(case=case))


def _has(line: str, pattern: str, call: Call, case: bool) -> bool:
    return patterns.search(_expression(pattern, call, case), line) is not None


def _matches(line: str, pattern: str | None, call: Call, case: bool) -> list[Any]:

    if pattern is None:
        return []
    regex_of = Regex(pattern if not call.on("SimpleMatch") else "")
    regex_of.compiled = _expression(pattern, call, case)
    found = patterns.matches(regex_of.compiled, line)
    return [Match(one, regex_of) for one in (found if call.on("AllMatches") else found[:1])]
