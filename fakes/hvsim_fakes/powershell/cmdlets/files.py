"""Cmdlets about files, directories and paths of the simulated host."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter
from hvsim_fakes.powershell.cmdlets.drive import (
    FORCE,
    PATH,
    denied,
    drive_of,
    missing,
    read_file,
    resolve,
)
from hvsim_fakes.powershell.cmdlets.tables import MANAGEMENT
from hvsim_fakes.powershell.dotnet.moments import now
from hvsim_fakes.powershell.dotnet.streams import combine
from hvsim_fakes.powershell.errors import failure
from hvsim_fakes.powershell.host import DriveError, plain_path
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    PSObject,
)


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


def _exists(call: Call, path: str) -> bool:  # noqa: PLR0911 - a case a line
    drive, rest = drive_of(path), path.partition(":")[2].lstrip("\\/")
    if drive == "env":
        return call.engine.environment.get(rest) is not None
    if drive == "variable":
        return bool(call.engine_frame.scope.has(rest.lower()))
    if drive == "function":
        return call.engine_frame.scope.function(rest.lower()) is not None
    if drive:
        return False
    found = [one for one in resolve(call, path) if call.host.drive.exists(one)]
    kind = to_text(call.get("PathType")).lower()
    if kind == "container":
        return any(call.host.drive.is_directory(one) for one in found)
    if kind == "leaf":
        return any(not call.host.drive.is_directory(one) for one in found)
    return bool(found)


@MANAGEMENT.cmdlet("Get-Item", PATH, FORCE, Parameter("Filter", "string"), aliases=("gi",))
def get_item(call: Call) -> Body:
    """Give files and directories."""
    for path in (one for given in call.get("Path") for one in resolve(call, to_text(given))):
        if drive_of(path) == "env":
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
    FORCE,
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
        if drive_of(path) == "env":
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
    FORCE,
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
            call.error(denied(wrong, path).record)
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
    "mkdir", Parameter("Path", "string[]", position=0, mandatory=True), FORCE, aliases=("md",)
)
def mkdir(call: Call) -> Body:
    """Make directories."""
    for one in call.get("Path"):
        try:
            call.host.drive.make_directory(to_text(one))
        except DriveError as wrong:
            call.error(denied(wrong, to_text(one)).record)
            continue
        yield _item(call, to_text(one))


@MANAGEMENT.cmdlet(
    "Remove-Item",
    PATH,
    Parameter("Recurse", "switch"),
    FORCE,
    Parameter("Include", "string[]"),
    Parameter("Exclude", "string[]"),
    Parameter("Filter", "string"),
    aliases=("del", "erase", "rd", "ri", "rm", "rmdir"),
    confirm=True,
)
def remove_item(call: Call) -> Body:
    """Remove files, directories, variables of the environment."""
    for path in (one for given in call.get("Path") for one in resolve(call, to_text(given))):
        drive, rest = drive_of(path), path.partition(":")[2].lstrip("\\/")
        if drive == "env":
            call.engine.environment.set(rest, None)
        elif drive == "variable":
            call.engine_frame.scope.variables.pop(rest.lower(), None)
        elif drive == "function":
            call.engine_frame.scope.functions.pop(rest.lower(), None)
        elif call.should_process(path):
            _remove(call, path)
    yield from ()


def _remove(call: Call, path: str) -> None:
    try:
        call.host.drive.remove(path, recurse=call.on("Recurse"))
    except DriveError as wrong:
        found = missing(path) if wrong.kind == "missing" else denied(wrong, path)
        call.error(found.record)


@MANAGEMENT.cmdlet(
    "Copy-Item",
    PATH,
    Parameter("Destination", "string", position=1),
    FORCE,
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
    PATH,
    Parameter("Destination", "string", position=1),
    FORCE,
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
        raw = read_file(call, path)
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
            call.error(denied(wrong, target).record)
            continue
        if call.on("PassThru"):
            yield _item(call, target)


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


@MANAGEMENT.cmdlet("Resolve-Path", PATH, aliases=("rvpa",))
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


@MANAGEMENT.cmdlet("Convert-Path", PATH, aliases=("cvpa",))
def convert_path(call: Call) -> Body:
    """Give paths in full."""
    for given in call.get("Path"):
        yield plain_path(to_text(given))
