"""The usual small tools; each module registers its own with :data:`STANDARD`."""

from __future__ import annotations

import functools
import posixpath
from typing import TYPE_CHECKING

from hvsim_fakes.shell.program import Registry
from hvsim_fakes.shell.tools.options import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.shell.program import Process, Program

STANDARD = Registry()


def tool(*names: str) -> Callable[[Program], Program]:
    """Decorate a tool, which nobody notes in the wire log; a wrong command line ends it."""

    def register(program: Program) -> Program:
        @functools.wraps(program)
        def careful(process: Process) -> int:
            try:
                return program(process)
            except UsageError as error:
                name = posixpath.basename(process.argv[0])
                return process.fail(f"{name}: {error}", error.status)

        STANDARD.add(careful, *names, noted=False)
        return careful

    return register
