"""The shell's built-in commands."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from hvsim.files import FileError
from hvsim_fakes.shell import printing, testing
from hvsim_fakes.shell.channels import Sink, decoded
from hvsim_fakes.shell.evaluator import BUILTINS, SPECIAL, Evaluator
from hvsim_fakes.shell.launch import find_command
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.program import SIGHUP, SIGINT, SIGKILL, SIGTERM
from hvsim_fakes.shell.state import Jump, ShellError, ShellExit

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.task import Task

    _Run = Callable[[Evaluator, Task], int]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_OPTIONS = "aCefhmnuvx"
_LONG_OPTIONS = {"errexit": "e", "nounset": "u", "noglob": "f", "xtrace": "x", "allexport": "a"}
_KEYWORDS = frozenset(
    (
        *("if", "then", "else", "elif", "fi", "do", "done", "case", "esac"),
        *("while", "until", "for", "in", "{", "}", "!"),
    )
)
_SIGNALS = {"HUP": SIGHUP, "INT": SIGINT, "KILL": SIGKILL, "TERM": SIGTERM}


def builtin(*names: str) -> Callable[[_Run], _Run]:
    """Decorate what the shell does itself under these names."""

    def register(run: _Run) -> _Run:
        for name in names:
            BUILTINS[name] = run
        return run

    return register


@builtin(":", "true")
def _true(_: Evaluator, __: Task) -> int:
    return 0


@builtin("false")
def _false(_: Evaluator, __: Task) -> int:
    return 1


@builtin("echo")
def _echo(_: Evaluator, task: Task) -> int:
    return printing.echo(task)


@builtin("printf")
def _printf(_: Evaluator, task: Task) -> int:
    return printing.printf(task)


@builtin("test", "[")
def _test(_: Evaluator, task: Task) -> int:
    return testing.test(task)


@builtin(".")
def _dot(shell: Evaluator, task: Task) -> int:
    if len(task.argv) < 2:
        return 0
    path = task.argv[1]
    if "/" not in path and not task.files.exists(path):
        path = find_command(shell.state, path) or path
    try:
        text = task.files.text(path)
    except FileError as error:
        raise ShellError(f"cannot open {task.argv[1]}: {error.reason}", 2) from None
    try:
        return shell.run_text(text)
    except Jump as jump:
        if jump.kind == "return":
            return jump.count
        raise


@builtin("eval")
def _eval(shell: Evaluator, task: Task) -> int:
    state = shell.state
    if state.depth >= state.session.budget.limits.depth:
        raise ShellError("too many of them within each other")
    state.depth += 1
    try:
        return shell.run_text(" ".join(task.argv[1:]))
    finally:
        state.depth -= 1


@builtin("exec")
def _exec(shell: Evaluator, task: Task) -> int:
    if len(task.argv) == 1:
        return 0
    argv = task.argv[1:]
    if argv[0] not in BUILTINS and find_command(shell.state, argv[0]) is None:
        raise ShellError(f"{argv[0]}: not found", 127)
    status = shell.plain(argv)
    raise ShellExit(status)


@builtin("exit")
def _exit(shell: Evaluator, task: Task) -> int:
    raise ShellExit(_number(task, shell.state.status))


@builtin("return")
def _return(shell: Evaluator, task: Task) -> int:
    raise Jump("return", _number(task, shell.state.status) & 0xFF)


@builtin("break", "continue")
def _jump(shell: Evaluator, task: Task) -> int:
    count = _number(task, 1)
    if count < 1:
        raise ShellError(f"Illegal number: {count}")
    if not shell.state.loops:
        return 0
    raise Jump(task.argv[0], min(count, shell.state.loops))


def _number(task: Task, default: int) -> int:
    if len(task.argv) < 2:
        return default
    text = task.argv[1]
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ShellError(f"Illegal number: {text}", 2, fatal=True)
    return int(text)


@builtin("export", "readonly")
def _export(shell: Evaluator, task: Task) -> int:
    variables = shell.state.variables
    names = variables.exported if task.argv[0] == "export" else variables.readonly
    args = [arg for arg in task.argv[1:] if arg != "-p"]
    if not args:
        for name in sorted(names):
            value = f"={_quoted(variables[name])}" if name in variables else ""
            task.out(f"{task.argv[0]} {name}{value}\n")
    for arg in args:
        name, equals, value = arg.partition("=")
        if not _NAME.match(name):
            raise ShellError(f"{name}: bad variable name")
        if equals:
            variables[name] = value
        names[name] = None
    return 0


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\"'\"'") + "'"


@builtin("local")
def _local(shell: Evaluator, task: Task) -> int:
    state = shell.state
    if not state.locals:
        raise ShellError("local: not in a function", fatal=True)
    for arg in task.argv[1:]:
        name, equals, value = arg.partition("=")
        if not _NAME.match(name):
            raise ShellError(f"local: {name}: bad variable name", fatal=True)
        state.locals[-1].setdefault(name, state.variables.get(name))
        if equals:
            state.variables[name] = value
    return 0


@builtin("unset")
def _unset(shell: Evaluator, task: Task) -> int:
    functions = "-f" in task.argv[1:2]
    for name in task.argv[1:]:
        if name in ("-f", "-v"):
            continue
        if functions:
            shell.state.functions.pop(name, None)
        else:
            shell.state.variables.unset(name)
    return 0


@builtin("set")
def _set(shell: Evaluator, task: Task) -> int:
    state, args = shell.state, task.argv[1:]
    if not args:
        for name in sorted(state.variables):
            task.out(f"{name}={_quoted(state.variables[name])}\n")
        return 0
    while args and args[0][:1] in "-+" and len(args[0]) > 1 and args[0] != "--":
        arg = args.pop(0)
        letters = arg[1:]
        if letters == "o":
            letters = _LONG_OPTIONS.get(args.pop(0) if args else "", "")
        for letter in letters:
            if letter not in _OPTIONS:
                raise ShellError(f"Illegal option {arg[0]}{letter}")
            (state.options.add if arg[0] == "-" else state.options.discard)(letter)
        if not args:
            return 0
    if args[0] in ("--", "-"):
        args.pop(0)
    state.args = args
    return 0


@builtin("shift")
def _shift(shell: Evaluator, task: Task) -> int:
    count = _number(task, 1)
    if count > len(shell.state.args):
        raise ShellError("can't shift that many")
    del shell.state.args[:count]
    return 0


@builtin("times")
def _times(_: Evaluator, task: Task) -> int:
    task.out("0m0.000000s 0m0.000000s\n0m0.000000s 0m0.000000s\n")
    return 0


@builtin("trap")
def _trap(shell: Evaluator, task: Task) -> int:
    traps, args = shell.state.traps, task.argv[1:]
    if not args:
        for name, text in traps.items():
            task.out(f"trap -- {_quoted(text)} {name}\n")
        return 0
    args = args[1:] if args[0] == "--" else args
    resets = args[:1] == ["-"] or (len(args) == 1 and is_number(args[0]))
    action = None if resets or not args else args.pop(0)
    for arg in args:
        signal = "EXIT" if arg == "0" else arg.upper().removeprefix("SIG")
        if action is None:
            traps.pop(signal, None)
        else:
            traps[signal] = action
    return 0


@builtin("cd", "chdir")
def _cd(shell: Evaluator, task: Task) -> int:
    state, args = shell.state, [arg for arg in task.argv[1:] if arg not in ("-P", "-L", "--")]
    target = args[0] if args else state.variables.get("HOME", "/")
    if target == "-":
        target = state.variables.get("OLDPWD", state.cwd)
        task.out(target + "\n")
    path = posixpath.normpath(posixpath.join(state.cwd, target or "."))
    path = "/" + path.lstrip("/")
    if not state.view.is_directory(target or "."):
        raise ShellError(f"cd: can't cd to {target}")
    if not state.view.allows(path, 1):
        raise ShellError(f"cd: can't cd to {target}")
    state.variables["OLDPWD"] = state.cwd
    state.cwd = state.variables["PWD"] = path
    return 0


@builtin("pwd")
def _pwd(shell: Evaluator, task: Task) -> int:
    physical = "-P" in task.argv[1:]
    task.out((task.files.real_path(".") if physical else shell.state.cwd) + "\n")
    return 0


@builtin("umask")
def _umask(shell: Evaluator, task: Task) -> int:
    if len(task.argv) < 2:
        task.out(f"{shell.state.umask:04o}\n")
        return 0
    if not re.fullmatch(r"[0-7]{1,4}", task.argv[1]):
        raise ShellError(f"Illegal number: {task.argv[1]}")
    shell.state.umask = int(task.argv[1], 8) & 0o777
    return 0


@builtin("read")
def _read(shell: Evaluator, task: Task) -> int:
    args, raw = task.argv[1:], False
    while args and args[0].startswith("-") and len(args[0]) > 1:
        option = args.pop(0)
        raw = raw or "r" in option
        if option == "-p" and args:
            task.err(args.pop(0))
    for name in args:
        if not _NAME.match(name):
            raise ShellError(f"{name}: bad variable name")
    task.flush()
    line, ended = _logical_line(task, raw=raw)
    separators = shell.state.variables.get("IFS", " \t\n")
    values = _split(line, separators, len(args) or 1)
    for name, value in zip(args or ["REPLY"], values, strict=True):
        shell.state.variables[name] = value
    return int(ended)


def _logical_line(task: Task, *, raw: bool) -> tuple[list[tuple[str, bool]], bool]:
    """Read a line as characters with whether each was escaped; and whether input ended."""
    found: list[tuple[str, bool]] = []
    while True:
        text = decoded(task.stdin.read_line())
        ended = not text.endswith("\n")
        text = text.removesuffix("\n")
        at, joined = 0, False
        while at < len(text):
            if text[at] == "\\" and not raw:
                at += 1
                joined = at == len(text)
                found += [(text[at], True)] if at < len(text) else []
            else:
                found.append((text[at], False))
            at += 1
        if not joined or ended:
            return found, ended


def _split(line: list[tuple[str, bool]], separators: str, count: int) -> list[str]:
    """Split as ``read`` does: the last name takes the rest of the line."""
    blanks = "".join(char for char in separators if char in " \t\n")

    def is_in(at: int, chars: str) -> bool:
        return at < len(line) and not line[at][1] and line[at][0] in chars

    def skip(at: int) -> int:
        while is_in(at, blanks):
            at += 1
        return at

    at, end, values = skip(0), len(line), []
    while end > at and is_in(end - 1, blanks):
        end -= 1
    for _ in range(count - 1):
        start = at
        while at < end and not is_in(at, separators):
            at += 1
        values.append("".join(char for char, _ in line[start:at]))
        at = skip(at)
        if is_in(at, separators) and not is_in(at, blanks):
            at = skip(at + 1)
    rest = "".join(char for char, _ in line[at:end])
    if count > 1 or end > at:
        hard = [char for char in separators if char not in " \t\n"]
        if rest and rest[-1] in hard and sum(rest.count(char) for char in separators) == 1:
            rest = rest[:-1]
    return [*values, rest]


@builtin("command")
def _command(shell: Evaluator, task: Task) -> int:
    args = task.argv[1:]
    if args[:1] == ["-v"] or args[:1] == ["-V"]:
        status = 0
        for name in args[1:]:
            found = _meaning(shell, name) if args[0] == "-v" else _description(shell, name)
            task.out(f"{found}\n" if found else "")
            status = status if found else 127
        return status
    args = args[1:] if args[:1] in (["-p"], ["--"]) else args
    return shell.plain(args) if args else 0


def _meaning(shell: Evaluator, name: str) -> str:
    if name in _KEYWORDS or name in BUILTINS or name in shell.state.functions:
        return name
    return find_command(shell.state, name) or ""


def _description(shell: Evaluator, name: str) -> str:
    if name in _KEYWORDS:
        return f"{name} is a shell keyword"
    if name in shell.state.functions:
        return f"{name} is a shell function"
    if name in BUILTINS:
        return f"{name} is a {'special ' if name in SPECIAL else ''}shell builtin"
    path = find_command(shell.state, name)
    return f"{name} is {path}" if path else ""


@builtin("type")
def _type(shell: Evaluator, task: Task) -> int:
    status = 0
    for name in task.argv[1:]:
        found = _description(shell, name)
        task.out(f"{found or name + ': not found'}\n")
        status = status if found else 127
    return status


@builtin("hash")
def _hash(_: Evaluator, __: Task) -> int:
    return 0


@builtin("alias", "unalias")
def _alias(shell: Evaluator, task: Task) -> int:
    for arg in task.argv[1:]:
        name, equals, value = arg.partition("=")
        if task.argv[0] == "unalias":
            shell.state.aliases.pop(name, None)
        elif equals:
            shell.state.aliases[name] = value
    return 0


@builtin("wait")
def _wait(shell: Evaluator, task: Task) -> int:
    jobs = shell.state.jobs
    task.flush()
    if len(task.argv) == 1:
        for job in jobs.values():
            job.wait()
        jobs.clear()
        return 0
    status = 0
    for arg in task.argv[1:]:
        found = jobs.get(int(arg.lstrip("%")) if re.fullmatch(r"%?\d{1,9}", arg) else -1)
        status = 127 if found is None else found.wait()
    return status


@builtin("jobs")
def _jobs(shell: Evaluator, task: Task) -> int:
    for number, job in enumerate(shell.state.jobs.values(), 1):
        shown = "Running" if job.status is None else "Done"
        task.out(f"[{number}]   {shown}\n")
    return 0


@builtin("kill")
def _kill(shell: Evaluator, task: Task) -> int:
    args, number = task.argv[1:], SIGTERM
    if args and args[0].startswith("-"):
        name = args.pop(0)[1:].upper().removeprefix("SIG")
        number = int(name) if is_number(name) else _SIGNALS.get(name, SIGTERM)
    status = 0
    for arg in args:
        pid = int(arg) if re.fullmatch(r"\d{1,9}", arg) else -1
        job = shell.state.jobs.get(pid)
        if pid == shell.state.pid:
            raise ShellExit(128 + number)
        if job is None or not job.kill(number):
            task.err(f"{shell.state.name}: kill: No such process\n")
            status = 1
    return status


@builtin("getopts")
def _getopts(shell: Evaluator, task: Task) -> int:
    if len(task.argv) < 3:
        raise ShellError("getopts: usage: getopts optstring var [arg...]")
    variables, letters, name = shell.state.variables, task.argv[1], task.argv[2]
    args = task.argv[3:] or shell.state.args
    at, inner = _getopts_place(variables.get("OPTIND", "1"), variables.get("_OPTCHAR", "1"))
    arg = args[at - 1] if at <= len(args) else ""
    if inner == 1 and (not arg.startswith("-") or arg in ("-", "--")):
        variables["OPTIND"] = str(at + int(arg == "--"))
        variables[name] = "?"
        return 1
    letter, last = arg[inner], inner + 1 >= len(arg)
    variables.unset("OPTARG")
    known = letter in letters and letter != ":"
    if known and letters[letters.index(letter) + 1 : letters.index(letter) + 2] == ":":
        following = args[at] if at < len(args) else None
        value = following if last else arg[inner + 1 :]
        variables["OPTIND"], variables["_OPTCHAR"] = str(at + (2 if last else 1)), "1"
        if value is None:
            return _getopts_bad(shell, task, letter, "No arg for")
        variables["OPTARG"] = value
    else:
        variables["OPTIND"], variables["_OPTCHAR"] = (
            (str(at + 1), "1") if last else (str(at), str(inner + 1))
        )
        if not known:
            return _getopts_bad(shell, task, letter, "Illegal option")
    variables[name] = letter
    return 0


def _getopts_place(index: str, inner: str) -> tuple[int, int]:
    at = int(index) if re.fullmatch(r"\d{1,9}", index) else 1
    return max(at, 1), int(inner) if is_number(inner) else 1


def _getopts_bad(shell: Evaluator, task: Task, letter: str, what: str) -> int:
    quiet = task.argv[1].startswith(":")
    missing = what.startswith("No arg")
    shell.state.variables[task.argv[2]] = ":" if quiet and missing else "?"
    if quiet:
        shell.state.variables["OPTARG"] = letter
    else:
        task.err(f"{what} -{letter}{' option' if missing else ''}\n")
    return 0


@builtin("ulimit")
def _ulimit(_: Evaluator, task: Task) -> int:
    task.out("unlimited\n")
    return 0


def flush_all(shell: Evaluator) -> None:
    """Let everything the shell wrote be seen."""
    for channel in shell.state.fds.values():
        if isinstance(channel, Sink):
            channel.flush()
