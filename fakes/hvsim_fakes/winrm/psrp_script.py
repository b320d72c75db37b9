"""The commands of a remote pipeline as a script: clients send them taken apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from psrpcore.types import PipelineResultTypes

if TYPE_CHECKING:
    from collections.abc import Callable

    from psrpcore import Command, PowerShell

_PLAIN: Final = re.compile(r"[\w][\w.\\:-]*")
_PREFIX: Final = "__hvsim_argument_"
_STREAMS: Final = (("warning", 3), ("verbose", 4), ("debug", 5), ("information", 6))


def is_bare(pipeline: PowerShell) -> bool:
    """Tell whether a pipeline is one script and nothing else, as it mostly is."""
    if len(pipeline.commands) != 1:
        return False
    command = pipeline.commands[0]
    return bool(command.is_script) and not command.parameters and not _merges(command)


def script_of(pipeline: PowerShell, taken: Callable[[Any], Any]) -> tuple[str, dict[str, Any]]:
    """Return a script that does what a pipeline's commands do, and the variables it reads.

    Args:
        taken: gives an argument in the engine's own form.
    """
    if is_bare(pipeline):
        return pipeline.commands[0].command_text, {}
    variables: dict[str, Any] = {}
    statements: list[list[str]] = [[]]
    for command in pipeline.commands:
        statements[-1].append(_text(command, variables, taken))
        if command.end_of_statement:
            statements.append([])
    return "\n".join(" | ".join(stages) for stages in statements if stages), variables


def _text(command: Command, variables: dict[str, Any], taken: Callable[[Any], Any]) -> str:
    parts = [_callee(command)]
    for name, value in command.parameters:
        variable = f"{_PREFIX}{len(variables)}"
        variables[variable] = taken(value)
        parts.append(f"{_label(name)}${variable}")
    return " ".join(parts) + _merges(command)


def _callee(command: Command) -> str:
    text = command.command_text
    if command.is_script:
        operator = "&" if command.use_local_scope else "."
        return f"{operator} {{ {text}\n}}"
    if _PLAIN.fullmatch(text):
        return text
    quoted = text.replace("'", "''")
    return f"& '{quoted}'"


def _label(name: str | None) -> str:
    return "" if not name else f"-{name.removeprefix('-').removesuffix(':')}:"


def _merges(command: Command) -> str:
    to_output = PipelineResultTypes.Output
    errors = command.merge_error == to_output or (
        command.merge_my == PipelineResultTypes.Error and command.merge_to == to_output
    )
    merged = " 2>&1" if errors else ""
    for name, number in _STREAMS:
        if getattr(command, f"merge_{name}") == to_output:
            merged += f" {number}>&1"
    return merged
