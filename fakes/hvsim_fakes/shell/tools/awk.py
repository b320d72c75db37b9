"""``awk``: runs the programs that :mod:`hvsim_fakes.shell.tools.awk_parser` reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.files import FileError
from hvsim_fakes.shell.tools import tool
from hvsim_fakes.shell.tools.awk_machine import Exit, Machine
from hvsim_fakes.shell.tools.awk_parser import parse
from hvsim_fakes.shell.tools.options import UsageError, getopt

if TYPE_CHECKING:
    from hvsim_fakes.shell.program import Process


@tool("awk", "nawk", "gawk", "/usr/xpg4/bin/awk")
def awk(process: Process) -> int:
    """Run a program over the records of the inputs."""
    options, operands = getopt(process.argv[1:], "F:f:v:")
    texts = [process.files.text(value) for letter, value in options if letter == "f"]
    if not texts:
        if not operands:
            raise UsageError("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]")
        texts = [operands.pop(0)]
    try:
        program = parse("\n".join(texts))
    except RecursionError:
        raise UsageError("program too deep") from None
    machine = Machine(process, program)
    for letter, value in options:
        if letter == "F":
            machine.assign("FS", "\t" if value == "t" else value)
        elif letter == "v":
            machine.assign(*value.partition("=")[::2])
    try:
        return machine.run(operands)
    except Exit as end:
        return end.status
    except FileError as error:
        raise UsageError(f"can't open file {error.path}") from None
    except RecursionError:
        raise UsageError("function calls too deep") from None
