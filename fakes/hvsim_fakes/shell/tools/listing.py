"""``ls``, ``find``, ``file`` and what else looks at files without reading them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from hvsim.files import FileError, Kind
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.pattern import Pattern
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.dates import formatted
from hvsim_fakes.shell.tools.inputs import complain, failed
from hvsim_fakes.shell.tools.options import UsageError, getopt

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.files import Node
    from hvsim_fakes.shell.program import Process

    _Test = Callable[[str, Node], bool]

_LETTERS = {Kind.FILE: "-", Kind.DIRECTORY: "d", Kind.LINK: "l", Kind.DEVICE: "c"}


def mode_text(node: Node) -> str:
    """Return a node's type and permissions as ``ls -l`` shows them."""
    text = "".join(
        letter if node.mode >> (8 - index) & 1 else "-" for index, letter in enumerate("rwx" * 3)
    )
    if node.mode & 0o1000:
        text = text[:8] + ("t" if text[8] == "x" else "T")
    return _LETTERS[node.kind] + text


@tool("ls")
def ls(process: Process) -> int:
    """List files and directories."""
    options, names = getopt(process.argv[1:], "1AaCdFhilLnoprRStu", permute=True)
    flags = {letter for letter, _ in options}
    listing = _Listing(process, flags)
    files: list[tuple[str, Node]] = []
    directories: list[tuple[str, Node]] = []
    for name in names or ["."]:
        try:
            node = process.files.find(name, follow="l" not in flags and "d" not in flags)
        except FileError as error:
            process.env["?"] = "2"
            process.err(f"{name}: {error.reason}\n")
            continue
        inside = node.kind is Kind.DIRECTORY and "d" not in flags
        (directories if inside else files).append((name, node))
    listing.show(files)
    headed = len(names) > 1 or "R" in flags
    for index, (name, _) in enumerate(directories):
        if headed:
            process.out(("\n" if index or files else "") + f"{name}:\n")
        listing.directory(name)
    return 2 if failed(process) else 0


class _Listing:
    def __init__(self, process: Process, flags: set[str]) -> None:
        self._process = process
        self._flags = flags
        accounts = process.host.system.accounts.values()
        self._users = {one.uid: one.name for one in accounts}
        self._groups = {one.gid: one.group for one in accounts}

    def directory(self, name: str) -> None:
        """Show what is in a directory."""
        files, flags = self._process.files, self._flags
        names = files.names(name)
        if not flags & {"a", "A"}:
            names = [one for one in names if not one.startswith(".")]
        if "a" in flags:
            names = [".", "..", *names]
        entries = [(one, files.find(f"{name}/{one}", follow=False)) for one in names]
        if flags & {"l", "n", "o"}:
            blocks = sum(-(-node.size // 512) for _, node in entries)
            self._process.out(f"total {blocks}\n")
        self.show(entries)
        if "R" in flags:
            for one, node in entries:
                if node.kind is Kind.DIRECTORY and one not in (".", ".."):
                    path = f"{name.rstrip('/')}/{one}"
                    self._process.step()
                    self._process.out(f"\n{path}:\n")
                    self.directory(path)

    def show(self, entries: list[tuple[str, Node]]) -> None:
        """Show entries in the order asked for."""
        flags = self._flags
        if "S" in flags:
            entries = sorted(entries, key=lambda entry: -entry[1].size)
        if "t" in flags:
            entries = sorted(entries, key=lambda entry: -entry[1].modified)
        for name, node in reversed(entries) if "r" in flags else entries:
            self._process.step()
            self._process.out(self._line(name, node) + "\n")

    def _line(self, name: str, node: Node) -> str:
        flags = self._flags
        shown = name
        if flags & {"F", "p"} and node.kind is Kind.DIRECTORY:
            shown += "/"
        elif "F" in flags and node.mode & 0o111 and node.kind is Kind.FILE:
            shown += "*"
        if "i" in flags:
            shown = f"{node.number:>8} {shown}"
        if not flags & {"l", "n", "o"}:
            return shown
        if node.kind is Kind.LINK:
            shown += f" -> {node.target}"
        user = str(node.uid) if "n" in flags else self._users.get(node.uid, str(node.uid))
        group = str(node.gid) if "n" in flags else self._groups.get(node.gid, str(node.gid))
        when = formatted(self._process, node.modified, "%b %e %H:%M")
        links = node.links if node.kind is not Kind.DIRECTORY else 2
        owner = f"{user:<8}" + ("" if "o" in flags else f" {group:<8}")
        return f"{mode_text(node)} {links:>3} {owner} {node.size:>7} {when} {shown}"


@tool("find")
def find(process: Process) -> int:
    """Walk directories; write or treat what fits."""
    args = process.argv[1:]
    while args and args[0] in ("-H", "-L", "-P"):
        args = args[1:]
    count = next((i for i, arg in enumerate(args) if arg[:1] in ("-", "(", "!")), len(args))
    paths, search = args[:count] or ["."], _Find(process, args[count:])
    for path in paths:
        try:
            found = list(process.files.walk(path))
        except FileError as error:
            complain(process, f"{path}: {error.reason}")
            continue
        search.walk(path, found)
    search.finish()
    return int(failed(process) or search.failed)


class _Find:
    """An expression of ``find`` applied to one path after the other."""

    def __init__(self, process: Process, args: list[str]) -> None:
        self._process = process
        self._args = args
        self._at = 0
        self._depth = 0
        self._least, self._most = 0, 1_000
        self._acts = False
        self._pruned = ""
        self._batches: list[tuple[list[str], list[str]]] = []
        self.failed = False
        self._test = self._or() if args else lambda _path, _node: True
        if self._at < len(args):
            raise UsageError(f"bad option {args[self._at]}", 1)

    def walk(self, top: str, found: list[tuple[str, Node]]) -> None:
        """Judge everything below a path."""
        for path, node in found:
            self._process.step()
            depth = path[len(top) :].count("/") if path != top else 0
            if self._pruned and f"{path}/".startswith(self._pruned):
                continue
            if not self._least <= depth <= self._most:
                continue
            if self._test(path, node) and not self._acts:
                self._process.out(path + "\n")

    def finish(self) -> None:
        """Run what was gathered for ``-exec ... +``."""
        for argv, paths in self._batches:
            if paths:
                self.failed = self._process.run([*argv, *paths]) != 0 or self.failed

    def _peek(self) -> str:
        return self._args[self._at] if self._at < len(self._args) else ""

    def _take(self) -> str:
        if self._at >= len(self._args):
            raise UsageError(f"incomplete expression after {self._args[-1]}", 1)
        self._at += 1
        return self._args[self._at - 1]

    def _or(self) -> _Test:
        left = self._and()
        while self._peek() in ("-o", "-or"):
            self._at += 1
            one, other = left, self._and()
            left = _either(one, other)
        return left

    def _and(self) -> _Test:
        left = self._not()
        while self._peek() not in ("", "-o", "-or", ")"):
            if self._peek() in ("-a", "-and"):
                self._at += 1
            left = _both(left, self._not())
        return left

    def _not(self) -> _Test:
        if self._peek() in ("!", "-not"):
            self._at += 1
            inner = self._not()
            return lambda path, node: not inner(path, node)
        if self._peek() != "(":
            return self._primary(self._take())
        self._at += 1
        self._depth += 1
        if self._depth > 40:
            raise UsageError("expression too deep", 1)
        inner = self._or()
        if self._take() != ")":
            raise UsageError("missing )", 1)
        return inner

    def _primary(self, name: str) -> _Test:
        if name in ("-print", "-print0", "-ls", "-exec", "-ok", "-delete", "-prune"):
            return self._action(name)
        if name in ("-maxdepth", "-mindepth"):
            depth = int(value) if is_number(value := self._take()) else 0
            if name == "-maxdepth":
                self._most = depth
            else:
                self._least = depth
            return lambda _path, _node: True
        if name in ("-xdev", "-mount", "-depth", "-follow", "-true"):
            return lambda _path, _node: True
        return _property(self._process, name, self._take())

    def _action(self, name: str) -> _Test:
        if name == "-prune":
            return self._prune
        self._acts = True
        if name == "-delete":
            return self._delete
        if name in ("-exec", "-ok"):
            return self._exec()
        if name == "-ls":
            listing = _Listing(self._process, {"l"})
            return _done(lambda path, node: listing.show([(path, node)]))
        end = "\0" if name == "-print0" else "\n"
        return _done(lambda path, _node: self._process.out(path + end))

    def _prune(self, path: str, node: Node) -> bool:
        if node.kind is Kind.DIRECTORY:
            self._pruned = path.rstrip("/") + "/"
        return True

    def _delete(self, path: str, node: Node) -> bool:
        if node.kind is Kind.DIRECTORY:
            self._process.files.remove_tree(path)
        elif self._process.files.exists(path, follow=False):
            self._process.files.remove(path)
        return True

    def _exec(self) -> _Test:
        argv = []
        while (word := self._take()) not in (";", "+"):
            argv.append(word)
        if word == "+" and argv[-1:] == ["{}"]:
            batch: list[str] = []
            self._batches.append((argv[:-1], batch))
            return _done(lambda path, _node: batch.append(path))
        return lambda path, _node: (
            self._process.run([part.replace("{}", path) for part in argv]) == 0 if argv else False
        )


def _done(act: Callable[[str, Node], None]) -> _Test:
    """Return a test that acts, and is always passed."""

    def judge(path: str, node: Node) -> bool:
        act(path, node)
        return True

    return judge


def _either(one: _Test, other: _Test) -> _Test:
    return lambda path, node: one(path, node) or other(path, node)


def _both(one: _Test, other: _Test) -> _Test:
    return lambda path, node: one(path, node) and other(path, node)


def _property(process: Process, name: str, value: str) -> _Test:
    if name in _PROPERTIES:
        return _PROPERTIES[name](process, value)
    if name in ("-size", "-mtime", "-mmin", "-links", "-inum"):
        return _number_property(process, name, value)
    raise UsageError(f"bad option {name}", 1)


def _by_name(value: str) -> _Test:
    pattern = Pattern(value)
    return lambda path, _node: pattern.matches(posixpath.basename(path.rstrip("/")) or "/")


def _by_any_case(value: str) -> _Test:
    judge = _by_name(value.lower())
    return lambda path, node: judge(path.lower(), node)


def _by_path(value: str) -> _Test:
    pattern = Pattern(value)
    return lambda path, _node: pattern.matches(path)


def _by_type(value: str) -> _Test:
    kinds = {"f": Kind.FILE, "d": Kind.DIRECTORY, "l": Kind.LINK, "c": Kind.DEVICE}
    return lambda _path, node: node.kind is kinds.get(value)


def _by_user(process: Process, value: str) -> _Test:
    account = process.host.system.accounts.get(value)
    uid = account.uid if account else int(value) if re.fullmatch(r"\d{1,9}", value) else -1
    return lambda _path, node: node.uid == uid


def _by_mode(value: str) -> _Test:
    mode = int(value.lstrip("-"), 8) if re.fullmatch(r"-?[0-7]{1,4}", value) else 0
    if value.startswith("-"):
        return lambda _path, node: node.mode & mode == mode
    return lambda _path, node: node.mode == mode


def _by_age(process: Process, value: str) -> _Test:
    when = process.files.find(value).modified
    return lambda _path, node: node.modified > when


_PROPERTIES: dict[str, Callable[[Process, str], _Test]] = {
    "-name": lambda _, value: _by_name(value),
    "-iname": lambda _, value: _by_any_case(value),
    "-path": lambda _, value: _by_path(value),
    "-type": lambda _, value: _by_type(value),
    "-user": _by_user,
    "-perm": lambda _, value: _by_mode(value),
    "-newer": _by_age,
}


def _number_property(process: Process, name: str, value: str) -> _Test:
    match = re.fullmatch(r"([-+]?)(\d{1,12})([ckMG]?)", value)
    if match is None:
        raise UsageError(f"bad number {value}", 1)
    sign, number = match.group(1), int(match.group(2))
    unit = {"c": 1, "k": 1024, "M": 2**20, "G": 2**30}.get(match.group(3), 512)
    now = process.world.clock.now()
    measure: dict[str, Callable[[Node], int]] = {
        "-size": lambda node: -(-node.size // unit),
        "-mtime": lambda node: int((now - node.modified) // 86_400),
        "-mmin": lambda node: int((now - node.modified) // 60),
        "-links": lambda node: node.links,
        "-inum": lambda node: node.number,
    }

    def judge(_: str, node: Node) -> bool:
        found = measure[name](node)
        return found > number if sign == "+" else found < number if sign else found == number

    return judge


@tool("du")
def du(process: Process) -> int:
    """Write how much room directories take, in half or whole kilobytes."""
    options, names = getopt(process.argv[1:], "ahksxdm")
    flags = {letter for letter, _ in options}
    unit = 1024 if "k" in flags else 512
    for name in names or ["."]:
        sizes: dict[str, int] = {}
        for path, node in process.files.walk(name):
            process.step()
            above = path
            while above:
                sizes[above] = sizes.get(above, 0) + node.size
                above = above.rpartition("/")[0] if above != name else ""
        for path in [name] if "s" in flags else sorted(sizes, reverse=True):
            if path == name or "a" in flags or process.files.is_directory(path):
                process.out(f"{-(-sizes[path] // unit)}\t{path}\n")
    return 0


@tool("file")
def file(process: Process) -> int:
    """Say what kind of file each is."""
    for name in process.argv[1:]:
        try:
            node = process.files.find(name)
        except FileError:
            process.out(f"{name}:\tcannot open: No such file or directory\n")
            continue
        kind = {Kind.DIRECTORY: "directory", Kind.DEVICE: "character special"}.get(node.kind, "")
        data = process.files.read(name)[:4] if not kind else b""
        kind = kind or (
            "executable" if data[:4] == b"\x7fELF" else "ascii text" if data else "empty file"
        )
        process.out(f"{name}:\t{kind}\n")
    return 0


@tool("readlink")
def readlink(process: Process) -> int:
    """Write where a link leads; with ``-f`` the whole real path."""
    options, names = getopt(process.argv[1:], "efnm")
    whole = any(letter in "ef" for letter, _ in options)
    for name in names:
        if whole:
            process.out(process.files.real_path(name) + "\n")
            continue
        node = process.files.find(name, follow=False)
        if node.kind is not Kind.LINK:
            return 1
        process.out(node.target + "\n")
    return 0


@tool("stat")
def stat(process: Process) -> int:
    """Write a file's attributes in a format (``-c``)."""
    options, names = getopt(process.argv[1:], "c:L", permute=True)
    form = dict(options).get("c", "%n %s %a")
    for name in names:
        node = process.files.find(name)
        kind = "regular file" if node.kind is Kind.FILE else str(node.kind)
        values = {
            "n": name, "s": str(node.size), "a": f"{node.mode:o}", "u": str(node.uid),
            "g": str(node.gid), "i": str(node.number), "h": str(node.links), "F": kind,
            "A": mode_text(node), "Y": str(int(process.host.epoch + node.modified)), "%": "%",
        }  # fmt: skip
        shown = [
            values.get(one[1], "?") if len(one) == 2 else one
            for one in re.findall(r"%.|[^%]+|%", form)
        ]
        process.out("".join(shown) + "\n")
    return 0
