"""Finding a command by its name and running it."""

from __future__ import annotations

import logging
import posixpath
from typing import TYPE_CHECKING

from hvsim.errors import HvsimError
from hvsim.files import FileError, Kind
from hvsim_fakes.shell.channels import decoded
from hvsim_fakes.shell.program import SIGPIPE, Entry, Interrupted
from hvsim_fakes.shell.secrets import conceal_argv
from hvsim_fakes.shell.state import Jump, ShellError, ShellExit
from hvsim_fakes.shell.task import Task
from hvsim_fakes.wirelog import mask

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hvsim_fakes.shell.program import Program, Reader, Writer
    from hvsim_fakes.shell.state import State

_log = logging.getLogger("hvsim_fakes.shell")
NOT_FOUND, NOT_EXECUTABLE = 127, 126


def find_command(state: State, name: str) -> str | None:
    """Return the path of the program or script that a name means; None when there is none."""
    if "/" in name:
        return name if _entry(state, name) or state.view.exists(name) else None
    view = state.view
    for directory in state.variables.get("PATH", "").split(":"):
        path = f"{directory or '.'}/{name}"
        if _entry(state, path) is not None or (view.is_file(path) and view.allows(path, 1)):
            return path
    return None


def launch(
    state: State,
    argv: list[str],
    fds: Mapping[int, Reader | Writer],
    env: Mapping[str, str] | None = None,
) -> int:
    """Run a program or script of the host; return its status."""
    task = Task(state, argv, fds, env)
    path = find_command(state, argv[0])
    if path is None:
        return task.fail(state.host.not_found.format(shell=state.name, name=argv[0]), NOT_FOUND)
    entry = _entry(state, path)
    if entry is not None:
        return run_entry(task, entry)
    return _run_script(task, path)


def run_entry(task: Task, entry: Entry) -> int:
    """Run a registered program, and note it in the wire log if it is a product's."""
    status = run_program(task, entry.program)
    host = task.host
    if entry.noted and host.wirelog is not None:
        host.wirelog.record(
            time=task.world.clock.now(),
            product=host.product,
            endpoint=f"{host.owner}/{host.name}",
            client=task.peer,
            call=entry.call(task.argv),
            is_write=entry.is_write(task.argv),
            outcome="ok" if status == 0 else f"exit {status}",
            params=mask({"argv": conceal_argv(task.argv)}),
        )
    return status


def run_program(task: Task, program: Program) -> int:
    """Run a program; a signal or a refusal ends it as on a real host."""
    session = task.state.session
    try:
        with session.masking(session.ignored):
            session.step()
            status = program(task)
            task.flush()
    except Interrupted as signal:
        if signal.signal != SIGPIPE:
            raise
        return 128 + SIGPIPE
    except FileError as error:
        return task.fail(f"{posixpath.basename(task.argv[0])}: {error.path}: {error.reason}")
    except HvsimError as error:
        return task.fail(f"{posixpath.basename(task.argv[0])}: {error}")
    except (RecursionError, ShellError, ShellExit, Jump):
        raise
    except Exception as error:  # noqa: BLE001 - a fault of ours ends one program, not the client
        return _note_crash(task, error)
    return status & 0xFF


def _note_crash(task: Task, error: Exception) -> int:
    _log.exception("a program failed: %s", conceal_argv(task.argv))
    with task.world.access():
        what = f"{type(error).__name__}: {error}"
        task.world.log.append(
            "crash", "simulator", None, {"error": what, "argv": conceal_argv(task.argv)}
        )
    return task.fail(f"{posixpath.basename(task.argv[0])}: internal error of the simulator", 70)


def _entry(state: State, path: str) -> Entry | None:
    whole = path if path.startswith("/") else posixpath.join(state.cwd, path)
    return state.host.registry.at(posixpath.normpath(whole))


def _run_script(task: Task, path: str) -> int:
    view = task.files
    if view.find(path).kind is Kind.DIRECTORY or not view.allows(path, 1):
        return task.fail(f"{task.state.name}: {path}: Permission denied", NOT_EXECUTABLE)
    text = decoded(view.read(path))
    first, _, rest = text.partition("\n")
    if first.startswith("#!"):
        interpreter = first[2:].split()
        name = posixpath.basename(interpreter[0]) if interpreter else ""
        if name not in _SHELLS:
            return task.run([*interpreter, path, *task.argv[1:]]) if interpreter else 126
        text = "\n" + rest
    return task.shell(text, [path, *task.argv[1:]])


_SHELLS = frozenset({"sh", "bash", "ksh", "ksh93", "dash"})
