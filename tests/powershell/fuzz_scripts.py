"""Random and damaged scripts: whatever the text, PowerShell answers in its own words.

``python -m tests.powershell [scripts] [seed]`` runs as many as wanted.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from dataclasses import dataclass, field

from hvsim_fakes.powershell.format.clixml import Writer
from hvsim_fakes.powershell.host import PlainHost, Stopped
from hvsim_fakes.powershell.limits import Limits
from hvsim_fakes.powershell.program import powershell
from hvsim_fakes.powershell.standard import library
from powershell.cases import load

LIBRARY = library()
LIMITS = Limits(steps=20_000, output=2**20, memory=2**25, value=2**21, depth=40)

ATOMS = [
    "$a",
    "$_",
    "$null",
    "$true",
    "$x.Name",
    "$a[0]",
    "$a[-1]",
    "$a[1..2]",
    "$h.k",
    "$h['k']",
    "@()",
    "@{}",
    "@{a=1;b=@{c=2}}",
    "1",
    "0",
    "-1",
    "1.5",
    "2gb",
    "1e3",
    "0xff",
    "'text'",
    '"v:',
    "$a",
    '$($a.b)"',
    "@(1,2,3)",
    "(1..5)",
    "[int]'5'",
    "[string]1",
    "[datetime]'2020-01-01'",
    "[guid]::Empty",
    "[math]::PI",
    "[version]'1.2'",
    "{",
    "$_",
    "}",
    "{",
    "param($p)",
    "$p",
    "}",
    "(Get-Date)",
    "[pscustomobject]@{n=1;s='q'}",
    "'a','b','c'",
    "$Error[0]",
    "$args",
    "${x",
    "y}",
    "$env:TEMP",
    "$(1;2)",
    "[System.Collections.ArrayList]@(1)",
    "[ordered]@{z=1}",
    "[regex]'a+'",
    "(,1)",
    "[System.DayOfWeek]::Monday",
    "[timespan]'1:02:03'",
]
OPERATORS = [
    "+",
    "-",
    "*",
    "/",
    "%",
    "-eq",
    "-ne",
    "-gt",
    "-lt",
    "-ge",
    "-le",
    "-like",
    "-notlike",
    "-match",
    "-notmatch",
    "-contains",
    "-in",
    "-notin",
    "-replace",
    "-split",
    "-join",
    "-f",
    "-is",
    "-isnot",
    "-as",
    "-and",
    "-or",
    "-xor",
    "-band",
    "-bor",
    "-bxor",
    "-shl",
    "-shr",
    "..",
    ",",
    "-ceq",
    "-cmatch",
    "-cin",
    "-ireplace",
]
COMMANDS = """
Get-Date|Write-Output|Write-Error x|Write-Warning w|Write-Host h|Get-Variable|Get-Command
Get-Member|Sort-Object|Select-Object *|Select-Object -First 1|Group-Object
Measure-Object -Sum|ConvertTo-Json|ConvertFrom-Json|Out-String|Format-Table|Format-List
ConvertTo-Csv|Where-Object { $_ }|ForEach-Object { $_ }|Compare-Object 1 2
New-Object psobject|Get-Content C:\\x|Set-Content C:\\Temp\\x|Test-Path C:\\
Get-ChildItem C:\\|New-Item C:\\Temp\\d -ItemType Directory|Start-Sleep 1|Get-Random
Invoke-Expression '1+1'|Join-Path a b|Split-Path a\\b|Select-String a|Add-Member n 1
ConvertTo-SecureString a -AsPlainText -Force|New-TimeSpan|Tee-Object -Variable t|Get-Unique
Nothing-There|Set-Variable
""".replace("\n", "|").split("|")
TYPES = [
    "string",
    "int",
    "long",
    "double",
    "decimal",
    "bool",
    "char",
    "byte",
    "guid",
    "version",
    "datetime",
    "timespan",
    "array",
    "hashtable",
    "regex",
    "scriptblock",
    "pscustomobject",
    "string[]",
    "int[]",
    "object",
    "System.DayOfWeek",
    "xml",
    "nosuch",
    "type",
    "void",
    "ref",
    "securestring",
]
METHODS = [
    "ToString()",
    "Length",
    "Count",
    "Split(',')",
    "Replace('a','b')",
    "Substring(1)",
    "Trim()",
    "GetType()",
    "GetType().Name",
    "Keys",
    "Values",
    "Add(1)",
    "Contains('a')",
    "IndexOf('a')",
    "PadLeft(5)",
    "ToUpper()",
    "AddDays(1)",
    "Invoke()",
    "GetEnumerator()",
    "Clone()",
    "Where({$_})",
    "ForEach({$_})",
    "PSObject.Properties.Name",
    "PSTypeNames",
    "__class__",
    "__dict__",
    "ps_type",
    "data",
    "Equals(1)",
    "CompareTo(1)",
    "Insert(0,'x')",
    "Remove(0)",
    "Year",
    "Ticks",
    "Major",
    "Value",
    "Name",
    "ToCharArray()",
    "StartsWith('a')",
    "TotalSeconds",
    "Message",
    "Exception",
    "Format(1)",
]
SCRAPS = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "@",
    "$",
    "`",
    "'",
    '"',
    ";",
    "|",
    "&",
    ",",
    ".",
    "::",
    "--",
    "++",
    "=",
    "+=",
    "#",
    "<#",
    "#>",
    "@'",
    "'@",
    '@"',
    '"@',
    "2>&1",
    ">",
    "\n",
    "\t",
    "\x00",
    "\ufeff",
    "é",
    "日",
    "%",
]


FORMS = (
    "{e}",
    "{e} | {c}",
    "{c}",
    "$a = {e}",
    "$a += {e}",
    "if ({e}) { {s} } else { {s} }",
    "foreach ($x in {e}) { {s} }",
    "try { {s} } catch { {s} } finally { {s} }",
    "switch ({e}) { 1 { {s} } default { {s} } }",
    "for ($i=0; $i -lt 3; $i++) { {s} }",
    "function f { param($p) {s} }; f {e}",
    "& { {s} } {e}",
    "$a[0] = {e}",
    "$x.Name = {e}",
    "throw {e}",
    "return {e}",
    "while ({e}) { {s}; break }",
    "do { {s} } until ($true)",
    "{e} > C:\\Temp\\o",
    "trap { continue }; {s}",
    "$a, $b = {e}",
    "[int]$t = {e}",
    "exit {e}",
)


class Maker:
    """Makes scripts out of the language's pieces."""

    def __init__(self, stream: random.Random) -> None:
        self.stream = stream

    def script(self) -> str:
        """Return a script."""
        lines = [self.statement(3) for _ in range(self.stream.randint(1, 4))]
        return self.stream.choice("\n;").join(lines)

    def statement(self, depth: int) -> str:
        """Return a statement."""
        forms = FORMS if depth else ("{e}", "{c}")
        form = self.stream.choice(forms)
        while "{e}" in form:
            form = form.replace("{e}", self.expression(max(depth - 1, 0)), 1)
        while "{s}" in form:
            form = form.replace("{s}", self.statement(max(depth - 1, 0)), 1)
        while "{c}" in form:
            form = form.replace("{c}", self.command(), 1)
        return form

    def expression(self, depth: int) -> str:
        """Return an expression."""
        choose = self.stream.random()
        atom = self.stream.choice(ATOMS)
        if depth == 0 or choose < 0.3:
            return atom
        inner = self.expression(depth - 1)
        if choose < 0.6:
            return f"{inner} {self.stream.choice(OPERATORS)} {self.expression(depth - 1)}"
        if choose < 0.75:
            return f"({inner}).{self.stream.choice(METHODS)}"
        if choose < 0.85:
            return f"[{self.stream.choice(TYPES)}]({inner})"
        if choose < 0.92:
            return f"-not ({inner})"
        return f"@({inner} | {self.command()})"

    def command(self) -> str:
        """Return a command."""
        return self.stream.choice(COMMANDS)


def damaged(stream: random.Random, text: str) -> str:
    """Return a text with some injuries."""
    for _ in range(stream.randint(1, 4)):
        at, to = sorted((stream.randint(0, len(text)), stream.randint(0, len(text))))
        kind = stream.randrange(5)
        if kind == 0:
            text = text[:at] + stream.choice(SCRAPS) + text[at:]
        elif kind == 1:
            text = text[:at] + text[min(to, at + 8) :]
        elif kind == 2:
            text = text[:to] + text[at:to][:200] + text[to:]
        elif kind == 3:
            text = text[:at]
        else:
            text = text[:at] + stream.choice(ATOMS) + text[at + 1 :]
    return text[:4000]


@dataclass
class Findings:
    """What came out."""

    scripts: int = 0
    slowest: float = 0.0
    slow: str = ""
    broken: list[tuple[str, str]] = field(default_factory=list)


def seeds() -> list[str]:
    """Return scripts to damage: those of the tests."""
    return [case.script for case in load()]


def run(count: int, seed: int = 1, guard: object = None) -> Findings:
    """Run scripts; collect those that PowerShell had no words for."""
    stream = random.Random(seed)
    maker, known, found = Maker(stream), seeds(), Findings()
    for _ in range(count):
        script = maker.script() if stream.random() < 0.5 else stream.choice(known)
        if stream.random() < 0.6:
            script = damaged(stream, script)
        begin = time.process_time()
        wrong = attempt(script, guard)
        spent = time.process_time() - begin
        found.scripts += 1
        if spent > found.slowest:
            found.slowest, found.slow = spent, script
        if wrong:
            found.broken.append((script, wrong))
    return found


def attempt(script: str, guard: object = None) -> str:
    """Run a script; return what broke, empty if nothing did."""
    host = PlainHost()
    try:
        if callable(guard):
            with guard():
                done = powershell(host, LIBRARY, script, limits=LIMITS)
        else:
            done = powershell(host, LIBRARY, script, limits=LIMITS)
        Writer().write(done.outcome.error.message if done.outcome.error else "")
        done.stdout.encode("utf-8", "surrogatepass")
    except Stopped:
        return ""
    except BaseException as wrong:  # noqa: BLE001 - any other error is a finding
        return f"{type(wrong).__name__}: {wrong}\n{traceback.format_exc(limit=-4)}"
    return ""


def main(arguments: list[str]) -> int:
    """Run as many scripts as asked for."""
    count = int(arguments[0]) if arguments else 100_000
    seed = int(arguments[1]) if len(arguments) > 1 else 1
    found = run(count, seed)
    lines = [
        f"{found.scripts} scripts, {len(found.broken)} broken, slowest {found.slowest:.2f} s",
        repr(found.slow[:400]),
    ]
    for script, wrong in found.broken[:20]:
        lines += ["-----", repr(script[:400]), wrong]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found.broken else 0
