"""Running a shell: a text, commands from standard input, a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim_fakes.shell import builtins
from hvsim_fakes.shell.channels import decoded
from hvsim_fakes.shell.evaluator import Evaluator
from hvsim_fakes.shell.parser import Parser
from hvsim_fakes.shell.program import SIGINT, Interrupted
from hvsim_fakes.shell.scanner import ShellSyntaxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.state import State


def run_shell(
    state: State, script: str | None, on_line: Callable[[str], None] | None = None
) -> int:
    """Run shell text, or (None) what comes on standard input; return the exit status.

    Args:
        on_line: told every line that a person types.
    """
    shell = Evaluator(state)
    if script is not None:
        return shell.finish(lambda: shell.run_text(script))
    reader = _LineReader(shell, on_line)
    return shell.finish(reader.run)


class _LineReader:
    """Reads commands line by line, as many lines as a command takes."""

    def __init__(self, shell: Evaluator, on_line: Callable[[str], None] | None) -> None:
        self._shell = shell
        self._stdin = shell.state.fds[0]
        self._terminal = bool(self._stdin.is_tty)
        self._on_line = on_line

    def run(self) -> int:
        """Run everything up to the end of input."""
        state = self._shell.state
        state.interactive = self._terminal
        while (text := self._command()) is not None:
            try:
                status = self._shell.run_text(text)
            except Interrupted as signal:
                if not self._terminal or signal.signal != SIGINT:
                    raise
                status = self._after_interrupt()
            state.status = status
            builtins.flush_all(self._shell)
        return state.status

    def _command(self) -> str | None:
        """Return the text of the next complete command; None at the end of input."""
        lines = ""
        while True:
            try:
                line = self._line("PS2" if lines else "PS1")
            except Interrupted as signal:
                if not self._terminal or signal.signal != SIGINT:
                    raise
                self._shell.state.status = self._after_interrupt()
                lines = ""
                continue
            if not line:
                return lines or None
            lines += line
            if not _wants_more(lines):
                return lines

    def _line(self, prompt: str) -> str:
        state = self._shell.state
        if self._terminal:
            err = state.fds[2]
            err.write(state.variables.get(prompt, ""))  # type: ignore[union-attr] # a writer
            builtins.flush_all(self._shell)
        line = decoded(self._stdin.read_line())  # type: ignore[union-attr] # a reader
        if line and self._stdin is state.session.client.get(0):
            # Each line of a client's has the limits for itself; a script that feeds a shell in a
            # loop has not.
            state.session.budget.renew()
        if self._on_line is not None and line.strip():
            self._on_line(line.rstrip("\n"))
        if not line and self._terminal:
            state.fds[2].write("exit\n")  # type: ignore[union-attr] # a writer
        return line

    def _after_interrupt(self) -> int:
        state = self._shell.state
        state.session.forget_signal()
        state.fds[2].write("\n")  # type: ignore[union-attr] # a writer
        return 128 + SIGINT


def _wants_more(text: str) -> bool:
    if text.endswith("\\\n"):
        return True
    parser = Parser(text)
    try:
        while parser.next() is not None:
            pass
    except ShellSyntaxError as error:
        return error.incomplete
    return False
