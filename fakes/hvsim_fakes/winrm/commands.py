"""Commands that ``cmd`` carries out itself, and small programs of Windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.powershell.host import DriveError
from hvsim_fakes.winrm import cmdline
from hvsim_fakes.winrm.cmd import Exit, lines
from hvsim_fakes.winrm.paths import absolute, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.winrm.cmd import Process, Shell

_SYNTAX: Final = "The syntax of the command is incorrect.\n"


def _names(tail: str) -> list[str]:
    """Return the arguments that are no switches."""
    return [word for word in cmdline.arguments(tail) if not word.startswith("/")]


def _switches(tail: str) -> set[str]:
    words = [word for word in tail.lower().split() if word.startswith("/")]
    return {switch for word in words for switch in word.split("/") if switch}


def _each(shell: Shell, tail: str, action: Callable[[Process, str], None]) -> int:
    """Do something with each name; what fails is told, and the others follow all the same."""
    process, names = shell.process, _names(tail)
    if not names:
        process.complain(_SYNTAX)
        return 1
    code = 0
    for name in names:
        try:
            action(process, name)
        except DriveError as error:
            process.complain(f"{told(error)}\n")
            code = 1
    return code


def echo(shell: Shell, tail: str) -> int:
    """Write the rest of the line."""
    if tail.strip().lower() in ("on", "off"):
        return 0
    if not tail.strip():
        shell.process.write("\n" if tail[:1] in tuple(".:(/\\+[],;") else "ECHO is on.\n")
    else:
        shell.process.write(f"{tail[1:]}\n")
    return 0


def mkdir(shell: Shell, tail: str) -> int:
    """Make directories."""
    return _each(shell, tail, _make)


def _make(process: Process, name: str) -> None:
    path = process.path(name)
    if process.drive.exists(path):
        raise DriveError("exists", name)
    process.drive.make_directory(path)


def type_(shell: Shell, tail: str) -> int:
    """Write what is in files."""
    return _each(shell, tail, lambda process, name: process.out(_content(process, name)))


def _content(process: Process, name: str) -> bytes:
    return process.drive.read(process.path(name))


def delete(shell: Shell, tail: str) -> int:
    """Remove files; one that is not there is told, and no error."""
    return _each(shell, tail, _delete)


def _delete(process: Process, name: str) -> None:
    path = process.path(name)
    if not process.drive.exists(path):
        process.complain(f"Could Not Find {path}\n")
    elif not process.drive.is_directory(path):
        process.drive.remove(path)


def rmdir(shell: Shell, tail: str) -> int:
    """Remove directories: with ``/s`` also those that are not empty."""
    whole = "s" in _switches(tail)
    return _each(shell, tail, lambda process, name: _remove(process, name, whole=whole))


def _remove(process: Process, name: str, *, whole: bool) -> None:
    path = process.path(name)
    if not process.drive.is_directory(path):
        raise DriveError("missing", name)
    if process.drive.children(path) and not whole:
        raise DriveError("full directory", name)
    process.drive.remove(path, recurse=True)


def chdir(shell: Shell, tail: str) -> int:
    """Change or tell the directory."""
    process = shell.process
    if not _names(tail):
        process.write(f"{process.directory}\n")
        return 0
    path = process.path(" ".join(_names(tail)))
    if not process.drive.is_directory(path):
        raise DriveError("path", path)
    process.directory = path
    return 0


def set_(shell: Shell, tail: str) -> int:
    """Tell or set variables."""
    process, text = shell.process, tail.lstrip()
    if text.startswith('"'):
        text = text.strip().strip('"')
    name, equals, value = text.partition("=")
    if equals and name:
        if value:
            process.environment[name.upper()] = value
        else:
            process.environment.pop(name.upper(), None)
        return 0
    found = [
        f"{known}={value}\n"
        for known, value in sorted(process.environment.items())
        if known.startswith(name.strip().upper())
    ]
    if not found:
        process.complain(f"Environment variable {name} not defined\n")
        return 1
    process.write("".join(found))
    return 0


def ver(shell: Shell, _: str) -> int:
    """Tell the version of Windows."""
    shell.process.write(f"\nMicrosoft Windows [Version {shell.process.version}]\n")
    return 0


def exit_(shell: Shell, tail: str) -> int:
    """End the shell."""
    words = [word for word in tail.split() if not word.startswith("/")]
    number = words[0] if words else ""
    digits = number.removeprefix("-")
    fits = digits.isascii() and digits.isdigit() and len(digits) < 10
    raise Exit(int(number) if fits else (0 if number else shell.code))


def if_(shell: Shell, tail: str) -> int:
    """Carry out a command ``if [not] exist FILE`` or ``if [not] A==B``."""
    rest = tail.strip()
    wanted = True
    if rest.lower().startswith("not "):
        wanted, rest = False, rest[4:].lstrip()
    word, _, rest = rest.partition(" ")
    if word.lower() == "exist":
        name, rest = _quoted_word(rest)
        holds = shell.process.drive.exists(absolute(name, shell.process.directory))
    elif "==" in word:
        left, _, right = word.partition("==")
        holds = left == right
    else:
        shell.process.complain(_SYNTAX)
        return 255
    return shell.run(rest) if holds is wanted else 0


def _quoted_word(text: str) -> tuple[str, str]:
    text = text.lstrip()
    if text.startswith('"'):
        name, _, rest = text[1:].partition('"')
        return name, rest
    name, _, rest = text.partition(" ")
    return name, rest


def cmd(shell: Shell, tail: str) -> int:
    """Carry out ``cmd /c LINE``; without one, the lines of the input."""
    text = tail.lstrip()
    while text[:2].lower() in ("/q", "/d", "/s", "/v", "/a", "/u", "/e"):
        text = text.partition(" ")[2].lstrip()
    if text[:2].lower() in ("/c", "/k"):
        line = text[2:].strip()
        if line.startswith('"') and line.endswith('"') and len(line) > 1:
            line = line[1:-1]
        return shell.nested(line)
    code = 0
    for line in lines(shell.process.stdin, shell.process.encoding):
        code = shell.nested(line)
    return code


def nothing(_: Shell, __: str) -> int:
    """Do nothing, as ``rem`` does."""
    return 0


def chcp(shell: Shell, tail: str) -> int:
    """Tell or change the code page."""
    number = tail.strip()
    if number:
        try:
            shell.process.encoding = codec(number)
        except LookupError:
            shell.process.write("Invalid code page\n")
            return 1
    shown = number or shell.process.encoding.removeprefix("cp").replace("utf-8", "65001")
    shell.process.write(f"Active code page: {shown}\n")
    return 0


def codec(page: str) -> str:
    """Return Python's name of a code page; raises LookupError for one that is not known."""
    import codecs  # noqa: PLC0415 - its name is close to this function's

    if page == "65001":
        return "utf-8"
    if not (page.isascii() and page.isdigit()) or len(page) > 5:
        raise LookupError(page)
    codecs.lookup(f"cp{page}")
    if "a\r\n".encode(f"cp{page}") != b"a\r\n":
        # Consoles have no code page without ASCII, as those of mainframes are.
        raise LookupError(page)
    return f"cp{page}"


BUILTINS: Final[dict[str, Callable[[Shell, str], int]]] = {
    "echo": echo,
    "mkdir": mkdir,
    "md": mkdir,
    "type": type_,
    "del": delete,
    "erase": delete,
    "rmdir": rmdir,
    "rd": rmdir,
    "cd": chdir,
    "chdir": chdir,
    "set": set_,
    "ver": ver,
    "exit": exit_,
    "if": if_,
    "cmd": cmd,
    "cmd.exe": cmd,
    "rem": nothing,
    "title": nothing,
    "setlocal": nothing,
    "endlocal": nothing,
    "chcp": chcp,
}


def hostname(process: Process, _: str) -> int:
    """Tell the computer's name."""
    process.write(f"{process.environment['COMPUTERNAME']}\n")
    return 0


def whoami(process: Process, _: str) -> int:
    """Tell who is logged in."""
    process.write(f"{process.user.lower()}\n")
    return 0


PROGRAMS: Final[dict[str, Callable[[Process, str], int]]] = {
    "hostname": hostname,
    "whoami": whoami,
}
