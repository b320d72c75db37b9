"""Tools that run other commands: xargs, env, sh, nohup, timeout, which, sleep."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from hvsim.files import FileError
from hvsim_fakes.shell.channels import decoded
from hvsim_fakes.shell.program import SIGHUP
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.options import UsageError, getopt

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Process


@tool("sh", "bash", "ksh", "dash", "/sbin/sh", "/usr/xpg4/bin/sh")
def sh(process: Process) -> int:
    """Run shell text: of ``-c``, of a file, or of standard input."""
    args, flags = process.argv[1:], ""
    while args and args[0][:1] == "-" and len(args[0]) > 1:
        option = args.pop(0)
        if option == "--":
            break
        if option.startswith("--"):
            continue
        flags += option[1:]
        if "c" in option:
            break
    front = "".join(f"set -{letter}; " for letter in flags if letter in "aefux")
    if "c" in flags:
        if not args:
            raise UsageError("-c requires an argument")
        return process.shell(front + args[0], args[1:] or [process.argv[0]])
    if args and "s" not in flags:
        try:
            text = process.files.text(args[0])
        except FileError as error:
            return process.fail(f"{process.argv[0]}: 0: cannot open {args[0]}: {error.reason}", 127)
        return process.shell(front + text, args)
    return process.shell(None, [process.argv[0], *args])


@tool("env")
def env(process: Process) -> int:
    """Show the environment, or run a command in another one."""
    args, environment = process.argv[1:], dict(process.env)
    while args and (args[0].startswith("-") or "=" in args[0]):
        arg = args.pop(0)
        if arg in ("-", "-i"):
            environment.clear()
        elif arg == "-u" and args:
            environment.pop(args.pop(0), None)
        elif "=" in arg:
            name, _, value = arg.partition("=")
            environment[name] = value
        else:
            raise UsageError(f"illegal option -- {arg.lstrip('-')}", 125)
    if args:
        return process.run(args, env=environment)
    process.out("".join(f"{name}={value}\n" for name, value in environment.items()))
    return 0


@tool("printenv")
def printenv(process: Process) -> int:
    """Write variables of the environment."""
    names = process.argv[1:]
    for name in names or process.env:
        if name not in process.env:
            return 1
        process.out(process.env[name] + "\n" if names else f"{name}={process.env[name]}\n")
    return 0


@tool("xargs")
def xargs(process: Process) -> int:
    """Run a command with arguments from standard input."""
    options, command = getopt(process.argv[1:], "0d:I:L:n:P:rtx")
    chosen = dict(options)
    command = command or ["echo"]
    text = decoded(process.stdin.read())
    if "I" in chosen:
        runs = [
            [part.replace(chosen["I"], line.strip()) for part in command]
            for line in text.splitlines()
            if line.strip()
        ]
    else:
        words = _words(text, chosen)
        size = int(chosen["n"]) if re.fullmatch(r"[1-9]\d{0,5}", chosen.get("n", "")) else 5_000
        runs = [[*command, *words[at : at + size]] for at in range(0, len(words), size)]
        if not words and "r" not in chosen:
            runs = [command]
    status = 0
    for argv in runs:
        process.step()
        if "t" in chosen:
            process.err(" ".join(argv) + "\n")
        found = process.run(argv, stdin=_Nothing())
        if found in (126, 127):
            return found
        status = 123 if found else status
    return status


def _words(text: str, chosen: dict[str, str]) -> list[str]:
    if "0" in chosen or "d" in chosen:
        separator = "\0" if "0" in chosen else chosen["d"].replace("\\n", "\n")
        return [word for word in text.removesuffix(separator).split(separator or "\n") if text]
    if "L" in chosen:
        return text.split()
    try:
        lexer = shlex.shlex(text, posix=True, punctuation_chars="")
        lexer.whitespace_split, lexer.commenters = True, ""
        return list(lexer)
    except ValueError:
        raise UsageError("unmatched quote", 1) from None


class _Nothing:
    is_tty = False

    def read(self) -> bytes:
        return b""

    def read_some(self, most: int = 0) -> bytes:  # noqa: ARG002 - there is nothing
        return b""

    def read_line(self) -> bytes:
        return b""


@tool("nohup")
def nohup(process: Process) -> int:
    """Run a command that goes on when the client has gone."""
    if not process.argv[1:]:
        raise UsageError("missing operand", 125)
    process.ignore(SIGHUP)
    return process.run(process.argv[1:])


@tool("nice", "time", "command", "stdbuf", "ionice")
def nice(process: Process) -> int:
    """Run a command; its priority makes no difference."""
    args = process.argv[1:]
    while args and args[0].startswith("-"):
        taken = 2 if args[0] in ("-n", "-c", "-o", "-i", "-e") else 1
        args = args[taken:]
    if not args:
        return 0
    return process.run(args)


@tool("timeout")
def timeout(process: Process) -> int:
    """Run a command; in simulated time none is cut short."""
    args = process.argv[1:]
    while args and args[0].startswith("-"):
        args = args[2 if args[0] in ("-s", "-k") else 1 :]
    if len(args) < 2:
        raise UsageError("missing operand", 125)
    _seconds(args[0])
    return process.run(args[1:])


@tool("sleep")
def sleep(process: Process) -> int:
    """Let simulated time pass."""
    if not process.argv[1:]:
        raise UsageError("missing operand", 1)
    process.sleep(sum(_seconds(arg) for arg in process.argv[1:]))
    return 0


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})([smhd]?)", text)
    if match is None:
        raise UsageError(f"invalid time interval '{text}'", 1)
    return float(match.group(1)) * {"m": 60, "h": 3_600, "d": 86_400}.get(match.group(2), 1)


@tool("which", "whence")
def which(process: Process) -> int:
    """Write the paths of commands."""
    status = 0
    for name in process.argv[1:]:
        found = None
        for directory in process.env.get("PATH", "").split(":"):
            path = f"{directory}/{name}"
            if process.files.is_file(path) and process.files.allows(path, 1):
                found = path
                break
        if found is None:
            status = 1
        else:
            process.out(found + "\n")
    return status
