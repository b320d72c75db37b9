"""Files of the simulated host as cmdlets reach them: paths, errors, encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Call, Parameter
from hvsim_fakes.powershell.dotnet.strings import ENCODINGS, Encoding
from hvsim_fakes.powershell.errors import PowerShellError, failure
from hvsim_fakes.powershell.format.render import render
from hvsim_fakes.powershell.host import DriveError, plain_path
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.text import to_text

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.engine import Engine


PATH: Final = Parameter(
    "Path",
    "string[]",
    position=0,
    mandatory=True,
    pipeline=True,
    by_name=True,
    aliases=("LiteralPath", "PSPath", "FilePath"),
)


FORCE: Final = Parameter("Force", "switch")


ENCODING: Final = Parameter("Encoding", "string")


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
    return plain_path(path) if not drive_of(path) else path


def drive_of(path: str) -> str:
    """Return the name of the drive of a path that is not a file system's; empty otherwise."""
    head, colon, _ = path.partition(":")
    return head.lower() if colon and len(head) > 1 and "\\" not in head else ""


def denied(wrong: DriveError, path: str) -> PowerShellError:
    """Return the error for a file operation that failed."""
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
        raise denied(wrong, path) from None


def to_file(engine: Engine, path: str, values: list[Any], *, append: bool) -> None:
    """Write objects as ``>`` does: UTF-16, with a mark."""
    text = "".join(f"{line}\r\n" for line in render(values, engine))
    one = ENCODINGS["Unicode"]
    try:
        fresh = not (append and engine.host.drive.exists(path))
        raw = (one.mark if fresh else b"") + bytes(one.encode(text))
        engine.host.drive.write(path, raw, append=append)
    except DriveError as wrong:
        raise denied(wrong, path) from None


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


def read_file(call: Call, path: str) -> bytes | None:
    """Return a file's contents; None, with an error written, if there is none."""
    try:
        return call.host.drive.read(path)
    except DriveError as wrong:
        if wrong.kind == "missing":
            call.error(missing(path).record)
        else:
            call.error(denied(wrong, path).record)
        return None
