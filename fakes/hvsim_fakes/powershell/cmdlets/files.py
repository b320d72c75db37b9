"""Files of the simulated host, and paths; nothing of the machine hvsim runs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.data import parse_csv
from hvsim_fakes.powershell.cmdlets.objects import UTILITY
from hvsim_fakes.powershell.cmdlets.session import MANAGEMENT
from hvsim_fakes.powershell.dotnet.streams import combine
from hvsim_fakes.powershell.dotnet.strings import ENCODINGS, Encoding
from hvsim_fakes.powershell.errors import PowerShellError, failure, record
from hvsim_fakes.powershell.format.render import render
from hvsim_fakes.powershell.host import DriveError, plain_path
from hvsim_fakes.powershell.objects import patterns
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Byte,
    Hashtable,
    PSObject,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.engine import Engine

_PATH: Final = Parameter(
    "Path",
    "string[]",
    position=0,
    mandatory=True,
    pipeline=True,
    by_name=True,
    aliases=("LiteralPath", "PSPath", "FilePath"),
)
_FORCE: Final = Parameter("Force", "switch")
_ENCODING: Final = Parameter("Encoding", "string")
_NOT_FOUND: Final = "System.Management.Automation.ItemNotFoundException"


def missing(path: str) -> PowerShellError:
    """Return the error for a path where there is nothing."""
    return failure(
        f"Cannot find path '{_full(path)}' because it does not exist.",
        "PathNotFound",
        "ObjectNotFound",
        path,
        _NOT_FOUND,
    )


def _full(path: str) -> str:
    return plain_path(path) if not _drive(path) else path


def _drive(path: str) -> str:
    """Return the name of the drive of a path that is not a file system's; empty otherwise."""
    head, colon, _ = path.partition(":")
    return head.lower() if colon and len(head) > 1 and "\\" not in head else ""


def _denied(wrong: DriveError, path: str) -> PowerShellError:
    kinds = {
        "missing": (
            f"Could not find a part of the path '{_full(path)}'.",
            "System.IO.DirectoryNotFoundException",
            "ObjectNotFound",
        ),
        "exists": (
            f"An item with the specified name {_full(path)} already exists.",
            "System.IO.IOException",
            "ResourceExists",
        ),
        "denied": (
            f"Access to the path '{_full(path)}' is denied.",
            "System.UnauthorizedAccessException",
            "PermissionDenied",
        ),
        "full": ("There is not enough space on the disk.", "System.IO.IOException", "WriteError"),
    }
    text, kind, category = kinds[wrong.kind]
    return failure(text, kind, category, path, kind)


def encoding_of(name: str, default: str = "Default") -> Encoding:
    """Return the encoding that a -Encoding argument names."""
    known = {
        "utf8": "UTF8",
        "unicode": "Unicode",
        "ascii": "ASCII",
        "default": "Default",
        "oem": "Default",
        "string": "Unicode",
        "bigendianunicode": "BigEndianUnicode",
        "utf32": "UTF32",
        "utf7": "UTF7",
    }
    return ENCODINGS[known.get(name.lower(), default)]


def decode(raw: bytes, encoding: str) -> str:
    """Return a file's text, by its mark or the encoding asked for."""
    for one in ENCODINGS.values():
        if one.mark and raw.startswith(one.mark):
            return one.decode(raw[len(one.mark) :])
    return encoding_of(encoding).decode(raw)


def write(call: Call, path: str, text: str, *, append: bool = False, encoding: str = "") -> None:
    """Write a text file of the simulated host."""
    found = encoding_of(encoding or to_text(call.get("Encoding")), "ASCII")
    raw = bytes(found.encode(text))
    try:
        fresh = not (append and call.host.drive.exists(path))
        mark = found.mark if fresh and found.codec != "ascii" else b""
        call.host.drive.write(path, mark + raw, append=append)
    except DriveError as wrong:
        raise _denied(wrong, path) from None


def to_file(engine: Engine, path: str, values: list[Any], *, append: bool) -> None:
    """Write objects as ``>`` does: UTF-16, with a mark."""
    text = "".join(f"{line}\r\n" for line in render(values, engine))
    one = ENCODINGS["Unicode"]
    try:
        fresh = not (append and engine.host.drive.exists(path))
        raw = (one.mark if fresh else b"") + bytes(one.encode(text))
        engine.host.drive.write(path, raw, append=append)
    except DriveError as wrong:
        raise _denied(wrong, path) from None


# Content


def resolve(call: Call, path: str) -> list[str]:
    """Return the paths that a pattern stands for; one without a pattern stands for itself."""
    if not has_wildcard(path):
        return [path]
    folder, _, pattern = plain_path(path).rpartition("\\")
    try:
        names = call.host.drive.children(folder)
    except DriveError:
        return []
    return [f"{folder}\\{name}" for name in names if like(name, pattern)]


def _read(call: Call, path: str) -> bytes | None:
    try:
        return call.host.drive.read(path)
    except DriveError as wrong:
        if wrong.kind == "missing":
            call.error(missing(path).record)
        else:
            call.error(_denied(wrong, path).record)
        return None


@MANAGEMENT.cmdlet(
    "Get-Content",
    _PATH,
    Parameter("Raw", "switch"),
    _ENCODING,
    Parameter("TotalCount", "long", aliases=("First", "Head")),
    Parameter("Tail", "int", aliases=("Last",)),
    Parameter("ReadCount", "long"),
    Parameter("Delimiter", "string"),
    _FORCE,
    Parameter("Wait", "switch"),
    aliases=("gc", "cat", "type"),
)
def get_content(call: Call) -> Body:
    """Give a file's lines."""
    for path in (one for given in call.get("Path") for one in resolve(call, to_text(given))):
        if _drive(path) == "env":
            yield call.engine.environment.get(path.partition(":")[2].lstrip("\\"))
            continue
        raw = _read(call, path)
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
                call.error(_denied(wrong, path).record)
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
    _ENCODING,
    _FORCE,
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
    _ENCODING,
    _FORCE,
    Parameter("NoNewline", "switch"),
    Parameter("PassThru", "switch"),
    confirm=True,
    aliases=("ac",),
)
class AddContent(_Put):
    """Adds to a file."""

    append = True


@MANAGEMENT.cmdlet("Clear-Content", _TARGET, _FORCE, aliases=("clc",), confirm=True)
def clear_content(call: Call) -> Body:
    """Empty files."""
    for one in call.get("Path"):
        if not call.host.drive.exists(to_text(one)):
            call.error(missing(to_text(one)).record)
            continue
        call.host.drive.write(to_text(one), b"")
    yield from ()


@UTILITY.cmdlet(
    "Out-File",
    Parameter(
        "FilePath", "string", position=0, mandatory=True, aliases=("LiteralPath", "Path", "PSPath")
    ),
    Parameter("Encoding", "string", position=1),
    Parameter("Append", "switch"),
    _FORCE,
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
    _ENCODING,
    Parameter("UseCulture", "switch"),
    aliases=("ipcsv",),
)
def import_csv(call: Call) -> Body:
    """Read a CSV file."""
    header = [to_text(one) for one in call.get("Header") or ()] or None
    for one in call.get("Path"):
        raw = _read(call, to_text(one))
        if raw is not None:
            yield from parse_csv(
                decode(raw, to_text(call.get("Encoding"))),
                to_text(call.get("Delimiter", ",")),
                header,
            )


# Items


class Item:
    """A file or directory."""

    def __init__(self, path: str, size: int | None, time: Any) -> None:
        self.path = path
        self.size = size
        self.time = time
        self.extra: dict[str, Any] | None = None

    @property
    def ps_type(self) -> NetType:
        """FileInfo or DirectoryInfo."""
        return _DIRECTORY if self.size is None else _FILE

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("\\")[2] or self.path


_COMMON: Final = [
    Property("Mode", lambda one: "d-----" if one.size is None else "-a----"),
    Property("Name", lambda one: one.name),
    Property("FullName", lambda one: one.path),
    Property("PSPath", lambda one: f"Microsoft.PowerShell.Core\\FileSystem::{one.path}"),
    Property("PSIsContainer", lambda one: one.size is None),
    Property("Extension", lambda one: _extension(one.name)),
    Property("BaseName", lambda one: one.name.removesuffix(_extension(one.name))),
    Property("Exists", lambda _: True),
    Property("LastWriteTime", lambda one: one.time),
    Property("CreationTime", lambda one: one.time),
]


def _extension(name: str) -> str:
    return "." + name.rpartition(".")[2] if "." in name else ""


_FILE: Final = register(
    NetType(
        "System.IO.FileInfo",
        OBJECT,
        properties=[
            *_COMMON,
            Property("Length", lambda one: one.size),
            Property("DirectoryName", lambda one: one.path.rpartition("\\")[0]),
        ],
        text=lambda one: one.path,
    )
)
_DIRECTORY: Final = register(
    NetType("System.IO.DirectoryInfo", OBJECT, properties=_COMMON, text=lambda one: one.path)
)


def _item(call: Call, path: str) -> Item | None:
    from hvsim_fakes.powershell.dotnet.moments import now  # noqa: PLC0415 - types come first

    drive = call.host.drive
    if not drive.exists(path):
        return None
    size = None if drive.is_directory(path) else len(drive.read(path))
    return Item(plain_path(path), size, now(call.engine))


@MANAGEMENT.cmdlet(
    "Test-Path",
    Parameter(
        "Path",
        "string[]",
        position=0,
        mandatory=True,
        pipeline=True,
        aliases=("LiteralPath", "PSPath"),
        empty=True,
        null=True,
    ),
    Parameter("PathType", "string", values=("Any", "Container", "Leaf"), aliases=("Type",)),
    Parameter("IsValid", "switch"),
)
def test_path(call: Call) -> Body:
    """Tell whether there is something at a path."""
    for one in call.get("Path") or ("",):
        path = to_text(one)
        if not path:
            raise failure(
                "Cannot bind argument to parameter 'Path' because it is an empty string.",
                "ParameterArgumentValidationErrorEmptyStringNotAllowed",
                "InvalidData",
                exception="System.Management.Automation.ParameterBindingValidationException",
            )
        yield _exists(call, path)


def _exists(call: Call, path: str) -> bool:
    drive, rest = _drive(path), path.partition(":")[2].lstrip("\\/")
    frame: Any = call
    if drive == "env":
        return call.engine.environment.get(rest) is not None
    if drive == "variable":
        return bool(frame.frame.scope.has(rest.lower()))
    if drive == "function":
        return frame.frame.scope.function(rest.lower()) is not None
    if drive:
        return False
    found = [one for one in resolve(call, path) if call.host.drive.exists(one)]
    kind = to_text(call.get("PathType")).lower()
    if kind == "container":
        return any(call.host.drive.is_directory(one) for one in found)
    if kind == "leaf":
        return any(not call.host.drive.is_directory(one) for one in found)
    return bool(found)


@MANAGEMENT.cmdlet("Get-Item", _PATH, _FORCE, Parameter("Filter", "string"), aliases=("gi",))
def get_item(call: Call) -> Body:
    """Give files and directories."""
    for path in (one for given in call.get("Path") for one in resolve(call, to_text(given))):
        if _drive(path) == "env":
            name = path.partition(":")[2].lstrip("\\")
            yield PSObject(
                [("Name", name), ("Value", call.engine.environment.get(name))],
                "System.Collections.DictionaryEntry",
            )
            continue
        found = _item(call, path)
        if found is None:
            call.error(missing(path).record)
        else:
            yield found


@MANAGEMENT.cmdlet(
    "Get-ChildItem",
    Parameter("Path", "string[]", position=0, pipeline=True, aliases=("LiteralPath", "PSPath")),
    Parameter("Filter", "string", position=1),
    Parameter("Recurse", "switch", aliases=("s",)),
    Parameter("Include", "string[]"),
    Parameter("Exclude", "string[]"),
    _FORCE,
    Parameter("Name", "switch"),
    Parameter("File", "switch"),
    Parameter("Directory", "switch"),
    Parameter("Depth", "int"),
    aliases=("dir", "gci", "ls"),
)
def get_child_item(call: Call) -> Body:
    """Give what is in a directory."""
    for one in call.get("Path") or (call.engine.scope.get("pwd"),):
        path = to_text(one)
        if _drive(path) == "env":
            for name, value in call.engine.environment.items():
                yield PSObject(
                    [("Name", name), ("Value", value)], "System.Collections.DictionaryEntry"
                )
            continue
        if not has_wildcard(path) and not call.host.drive.exists(path):
            call.error(missing(path).record)
            continue
        for found in _children(call, path):
            yield found.name if call.on("Name") else found


def _children(call: Call, path: str) -> list[Item]:
    drive = call.host.drive
    if has_wildcard(path) or not drive.is_directory(path):
        paths = resolve(call, path)
    else:
        paths = [f"{plain_path(path)}\\{name}" for name in drive.children(path)]
    out: list[Item] = []
    for one in paths:
        found = _item(call, one)
        if found is None:
            continue
        if _listed(call, found):
            out.append(found)
        if call.on("Recurse") and found.size is None:
            out += _children(call, one)
    return out


def _listed(call: Call, found: Item) -> bool:
    if (call.on("File") and found.size is None) or (
        call.on("Directory") and found.size is not None
    ):
        return False
    wanted = [to_text(one) for one in call.get("Include") or ()]
    if call.given("Filter"):
        wanted.append(to_text(call.get("Filter")))
    hidden = [to_text(one) for one in call.get("Exclude") or ()]
    good = not wanted or any(like(found.name, one) for one in wanted)
    return good and not any(like(found.name, one) for one in hidden)


@MANAGEMENT.cmdlet(
    "New-Item",
    Parameter("Path", "string[]", position=0, mandatory=True, by_name=True),
    Parameter("Name", "string"),
    Parameter("ItemType", "string", aliases=("Type",)),
    Parameter("Value", "object", pipeline=True),
    _FORCE,
    aliases=("ni",),
    confirm=True,
)
def new_item(call: Call) -> Body:
    """Make a file or a directory."""
    for one in call.get("Path"):
        path = (
            combine(to_text(one), to_text(call.get("Name"))) if call.given("Name") else to_text(one)
        )
        if not call.should_process(path):
            continue
        try:
            _make(call, path)
        except DriveError as wrong:
            call.error(_denied(wrong, path).record)
            continue
        found = _item(call, path)
        if found is not None:
            yield found


def _make(call: Call, path: str) -> None:
    drive = call.host.drive
    if to_text(call.get("ItemType")).lower().startswith("d"):
        if drive.exists(path) and not call.on("Force"):
            raise DriveError("exists", path)
        drive.make_directory(path)
        return
    if drive.exists(path) and not call.on("Force"):
        raise DriveError("exists", path)
    drive.write(path, to_text(call.get("Value")).encode("utf-8"))


@MANAGEMENT.cmdlet(
    "mkdir", Parameter("Path", "string[]", position=0, mandatory=True), _FORCE, aliases=("md",)
)
def mkdir(call: Call) -> Body:
    """Make directories."""
    for one in call.get("Path"):
        try:
            call.host.drive.make_directory(to_text(one))
        except DriveError as wrong:
            call.error(_denied(wrong, to_text(one)).record)
            continue
        yield _item(call, to_text(one))


@MANAGEMENT.cmdlet(
    "Remove-Item",
    _PATH,
    Parameter("Recurse", "switch"),
    _FORCE,
    Parameter("Include", "string[]"),
    Parameter("Exclude", "string[]"),
    Parameter("Filter", "string"),
    aliases=("del", "erase", "rd", "ri", "rm", "rmdir"),
    confirm=True,
)
def remove_item(call: Call) -> Body:
    """Remove files, directories, variables of the environment."""
    for path in (one for given in call.get("Path") for one in resolve(call, to_text(given))):
        drive, rest = _drive(path), path.partition(":")[2].lstrip("\\/")
        frame: Any = call
        if drive == "env":
            call.engine.environment.set(rest, None)
        elif drive == "variable":
            frame.frame.scope.variables.pop(rest.lower(), None)
        elif drive == "function":
            frame.frame.scope.functions.pop(rest.lower(), None)
        elif call.should_process(path):
            _remove(call, path)
    yield from ()


def _remove(call: Call, path: str) -> None:
    try:
        call.host.drive.remove(path, recurse=call.on("Recurse"))
    except DriveError as wrong:
        found = missing(path) if wrong.kind == "missing" else _denied(wrong, path)
        call.error(found.record)


@MANAGEMENT.cmdlet(
    "Copy-Item",
    _PATH,
    Parameter("Destination", "string", position=1),
    _FORCE,
    Parameter("Recurse", "switch"),
    Parameter("PassThru", "switch"),
    aliases=("copy", "cp", "cpi"),
    confirm=True,
)
def copy_item(call: Call) -> Body:
    """Copy files."""
    yield from _transfer(call, move=False)


@MANAGEMENT.cmdlet(
    "Move-Item",
    _PATH,
    Parameter("Destination", "string", position=1),
    _FORCE,
    Parameter("PassThru", "switch"),
    aliases=("move", "mv", "mi"),
    confirm=True,
)
def move_item(call: Call) -> Body:
    """Move files."""
    yield from _transfer(call, move=True)


def _transfer(call: Call, *, move: bool) -> Body:
    drive = call.host.drive
    for path in (one for given in call.get("Path") for one in resolve(call, to_text(given))):
        raw = _read(call, path)
        if raw is None:
            continue
        target = to_text(call.get("Destination"))
        if drive.is_directory(target):
            target = combine(target, path.replace("/", "\\").rpartition("\\")[2])
        try:
            drive.write(target, raw)
            if move:
                drive.remove(path)
        except DriveError as wrong:
            call.error(_denied(wrong, target).record)
            continue
        if call.on("PassThru"):
            yield _item(call, target)


# Paths


@MANAGEMENT.cmdlet(
    "Join-Path",
    Parameter("Path", "string[]", position=0, mandatory=True, pipeline=True, aliases=("PSPath",)),
    Parameter("ChildPath", "string", position=1, mandatory=True, empty=True, null=True),
    Parameter("Resolve", "switch"),
)
def join_path(call: Call) -> Body:
    """Join two parts of a path."""
    child = to_text(call.get("ChildPath")).lstrip("\\/")
    for one in call.get("Path"):
        yield f"{to_text(one).rstrip(chr(92) + '/')}\\{child}"


@MANAGEMENT.cmdlet(
    "Split-Path",
    Parameter(
        "Path",
        "string[]",
        position=0,
        mandatory=True,
        pipeline=True,
        aliases=("LiteralPath", "PSPath"),
    ),
    Parameter("Parent", "switch"),
    Parameter("Leaf", "switch"),
    Parameter("Qualifier", "switch"),
    Parameter("NoQualifier", "switch"),
    Parameter("IsAbsolute", "switch"),
    Parameter("Resolve", "switch"),
)
def split_path(call: Call) -> Body:
    """Give a part of a path."""
    for one in call.get("Path"):
        path = to_text(one).replace("/", "\\")
        plain = path.rstrip("\\") if len(path) > 3 else path
        qualifier, colon, rest = plain.partition(":")
        if call.on("Leaf"):
            yield plain.rpartition("\\")[2]
        elif call.on("Qualifier"):
            yield qualifier + colon if colon else ""
        elif call.on("NoQualifier"):
            yield rest if colon else plain
        elif call.on("IsAbsolute"):
            yield bool(colon) or plain.startswith("\\\\")
        else:
            head = plain.rpartition("\\")[0]
            yield head + "\\" if head.endswith(":") else head


@MANAGEMENT.cmdlet("Resolve-Path", _PATH, aliases=("rvpa",))
def resolve_path(call: Call) -> Body:
    """Give the paths that a pattern stands for."""
    for given in call.get("Path"):
        for path in resolve(call, to_text(given)):
            if call.host.drive.exists(path):
                yield PSObject(
                    [("Path", plain_path(path))], "System.Management.Automation.PathInfo"
                )
            else:
                call.error(missing(path).record)


@MANAGEMENT.cmdlet("Convert-Path", _PATH, aliases=("cvpa",))
def convert_path(call: Call) -> Body:
    """Give paths in full."""
    for given in call.get("Path"):
        yield plain_path(to_text(given))


# Select-String


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
    _ENCODING,
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
                raw = _read(call, path)
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
    import regex  # noqa: PLC0415 - to escape only

    plain = regex.escape(pattern) if call.on("SimpleMatch") else pattern
    return patterns.compiled(plain, patterns.flags_of(case=case))


def _has(line: str, pattern: str, call: Call, case: bool) -> bool:
    return patterns.search(_expression(pattern, call, case), line) is not None


def _matches(line: str, pattern: str | None, call: Call, case: bool) -> list[Any]:
    from hvsim_fakes.powershell.dotnet.expressions import Match, Regex  # noqa: PLC0415 - types

    if pattern is None:
        return []
    regex_of = Regex(pattern if not call.on("SimpleMatch") else "")
    regex_of.compiled = _expression(pattern, call, case)
    found = patterns.matches(regex_of.compiled, line)
    return [Match(one, regex_of) for one in (found if call.on("AllMatches") else found[:1])]


_ = (record, Hashtable)
