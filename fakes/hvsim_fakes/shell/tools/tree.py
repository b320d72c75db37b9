"""Tools that change files: mkdir, rm, cp, mv, ln, touch, chmod, chown."""

from __future__ import annotations

import errno
import posixpath
import re
from typing import TYPE_CHECKING

from hvsim.files import FileError, Kind
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.inputs import complain, failed
from hvsim_fakes.shell.tools.options import UsageError, getopt

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.program import Process


def _each(process: Process, names: list[str], work: Callable[[str], object]) -> int:
    """Do something with each name; say for which it cannot be done."""
    if not names:
        raise UsageError("missing operand", 1)
    for name in names:
        process.step()
        try:
            work(name)
        except FileError as error:
            complain(process, f"{error.path}: {error.reason}")
    return int(failed(process))


@tool("mkdir")
def mkdir(process: Process) -> int:
    """Make directories."""
    options, names = getopt(process.argv[1:], "m:p")
    chosen, files = dict(options), process.files
    mode = _mode(chosen["m"], 0o777) if "m" in chosen else 0o777

    def make(name: str) -> None:
        if "p" not in chosen:
            files.make_directory(name, mode=mode)
            return
        path = "/" if name.startswith("/") else ""
        for part in name.split("/"):
            path = posixpath.join(path, part)
            if part and not files.exists(path):
                files.make_directory(path, mode=mode if path == name.rstrip("/") else 0o777)
        if not files.is_directory(name):
            raise FileError(errno.EEXIST, name)

    return _each(process, names, make)


@tool("rmdir")
def rmdir(process: Process) -> int:
    """Remove empty directories."""
    options, names = getopt(process.argv[1:], "ps")

    def remove(name: str) -> None:
        process.files.remove_directory(name)
        while options and "/" in name.strip("/"):
            name = name.rstrip("/").rpartition("/")[0]
            process.files.remove_directory(name)

    return _each(process, names, remove)


@tool("rm")
def rm(process: Process) -> int:
    """Remove files, and (``-r``) directories with all in them."""
    options, names = getopt(process.argv[1:], "firRv", permute=True)
    flags = {letter.lower() for letter, _ in options}
    if not names and "f" in flags:
        return 0

    def remove(name: str) -> None:
        if posixpath.basename(name.rstrip("/")) in (".", "..", ""):
            raise FileError(errno.EINVAL, name)
        if "f" in flags and not process.files.exists(name, follow=False):
            return
        if process.files.find(name, follow=False).kind is not Kind.DIRECTORY:
            process.files.remove(name)
        elif "r" in flags:
            process.files.remove_tree(name)
        else:
            raise FileError(errno.EISDIR, name)

    return _each(process, names, remove)


@tool("touch")
def touch(process: Process) -> int:
    """Set the time of files to now; make them where there are none."""
    options, names = getopt(process.argv[1:], "acmr:t:d:")
    create = not any(letter == "c" for letter, _ in options)

    def update(name: str) -> None:
        if process.files.exists(name):
            process.files.set_attributes(name, modified=process.world.clock.now())
        elif create:
            process.files.write(name, b"", at=-1)

    return _each(process, names, update)


@tool("chmod")
def chmod(process: Process) -> int:
    """Change permissions."""
    args = process.argv[1:]
    deep = args[:1] in (["-R"], ["-f"], ["-Rf"])
    args = args[1:] if deep else args
    if len(args) < 2:
        raise UsageError("missing operand", 1)

    def change(name: str) -> None:
        paths = process.files.walk(name) if deep else [(name, process.files.find(name))]
        for path, node in paths:
            process.files.set_attributes(path, mode=_mode(args[0], node.mode))

    return _each(process, args[1:], change)


def _mode(text: str, present: int) -> int:
    """Return permissions from an octal or symbolic mode."""
    if re.fullmatch(r"[0-7]{1,4}", text):
        return int(text, 8)
    mode = present
    for clause in text.split(","):
        match = re.fullmatch(r"([ugoa]*)([-+=])([rwxXst]*)", clause)
        if match is None:
            raise UsageError(f"invalid mode: {text}", 1)
        who, operator, letters = match.groups()
        bits = sum({"r": 4, "w": 2, "x": 1, "X": 1}.get(letter, 0) for letter in set(letters))
        mask = changed = 0
        for person, shift in (("u", 6), ("g", 3), ("o", 0)):
            if person in who or "a" in who or not who:
                mask |= 7 << shift
                changed |= bits << shift
        if operator == "=":
            mode = (mode & ~mask) | changed
        else:
            mode = mode | changed if operator == "+" else mode & ~changed
    return mode


@tool("chown", "chgrp")
def chown(process: Process) -> int:
    """Change owner and group."""
    args = process.argv[1:]
    deep = any(arg in ("-R", "-hR", "-Rh") for arg in args)
    args = [arg for arg in args if not arg.startswith("-")]
    if len(args) < 2:
        raise UsageError("missing operand", 1)
    user, _, group = args[0].replace(".", ":").partition(":")
    if posixpath.basename(process.argv[0]) == "chgrp":
        user, group = "", args[0]
    accounts = process.host.system.accounts
    uid = _number(user, {one.name: one.uid for one in accounts.values()})
    gid = _number(group, {one.group: one.gid for one in accounts.values()})

    def change(name: str) -> None:
        for path in [path for path, _ in process.files.walk(name)] if deep else [name]:
            process.files.set_attributes(path, uid=uid, gid=gid)

    return _each(process, args[1:], change)


def _number(name: str, known: dict[str, int]) -> int | None:
    if not name:
        return None
    if name in known:
        return known[name]
    if is_number(name) and len(name) < 10:
        return int(name)
    if name in _USUAL_GROUPS:
        return _USUAL_GROUPS[name]
    raise UsageError(f"unknown user or group: {name}", 1)


_USUAL_GROUPS = {"root": 0, "other": 1, "bin": 2, "sys": 3, "wheel": 10, "staff": 10}


@tool("cp")
def cp(process: Process) -> int:
    """Copy files, and (``-r``) directories."""
    options, names = getopt(process.argv[1:], "afiprRPHL")
    flags = {letter.lower() for letter, _ in options}
    sources, into = _sources_and_target(process, names)

    def copy(name: str) -> None:
        to = into(name)
        if not process.files.is_directory(name):
            _copy_file(process, name, to)
            return
        if not flags & {"r", "a"}:
            raise FileError(errno.EISDIR, name)
        for path, node in list(process.files.walk(name)):
            place = to + path[len(name) :]
            if node.kind is Kind.DIRECTORY:
                if not process.files.is_directory(place):
                    process.files.make_directory(place, mode=node.mode)
            elif node.kind is Kind.LINK:
                process.files.make_link(node.target, place)
            else:
                _copy_file(process, path, place)

    return _each(process, sources, copy)


def _copy_file(process: Process, name: str, to: str) -> None:
    if process.files.real_path(name) == (
        process.files.real_path(to) if process.files.exists(to) else ""
    ):
        raise FileError(errno.EEXIST, to)
    process.files.write(to, process.files.read(name), mode=process.files.find(name).mode)


@tool("mv")
def mv(process: Process) -> int:
    """Move files and directories."""
    _, names = getopt(process.argv[1:], "fiv")
    sources, into = _sources_and_target(process, names)
    return _each(process, sources, lambda name: process.files.rename(name, into(name)))


@tool("ln")
def ln(process: Process) -> int:
    """Make links."""
    options, names = getopt(process.argv[1:], "fns")
    flags = {letter for letter, _ in options}
    if len(names) == 1:
        names = [names[0], "."]
    sources, into = _sources_and_target(process, names)

    def link(name: str) -> None:
        place = into(name)
        if "f" in flags and process.files.exists(place, follow=False):
            process.files.remove(place)
        process.files.make_link(name, place, hard="s" not in flags)

    return _each(process, sources, link)


def _sources_and_target(
    process: Process, names: list[str]
) -> tuple[list[str], Callable[[str], str]]:
    """Split operands; the function says where a source goes."""
    if len(names) < 2:
        raise UsageError("missing operand", 1)
    target = names[-1]
    if process.files.is_directory(target):
        return names[
            :-1
        ], lambda name: f"{target.rstrip('/')}/{posixpath.basename(name.rstrip('/'))}"
    if len(names) > 2:
        raise UsageError(f"{target} not found", 1)
    return names[:-1], lambda _: target
