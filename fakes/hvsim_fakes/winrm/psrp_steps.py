"""The commands of a remote pipeline: clients send them taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psrpcore.types import PipelineResultTypes

from hvsim_fakes.winrm.engine import Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from psrpcore import Command, PowerShell


def steps_of(pipeline: PowerShell, taken: Callable[[Any], Any]) -> tuple[Step, ...]:
    """Return the commands of a pipeline.

    Args:
        taken: gives an argument in the engine's own form.
    """
    return tuple(_step(command, taken) for command in pipeline.commands)


def _step(command: Command, taken: Callable[[Any], Any]) -> Step:
    return Step(
        str(command.command_text),
        is_script=bool(command.is_script),
        arguments=tuple(_argument(name, value, taken) for name, value in command.parameters),
        local=bool(command.use_local_scope),
        merge_errors=_merges(command),
        ends_statement=bool(command.end_of_statement),
    )


def _argument(name: str | None, value: Any, taken: Callable[[Any], Any]) -> tuple[str, Any]:
    # A name without a value is a switch that is on.
    return _label(name), True if name and value is None else taken(value)


def _label(name: str | None) -> str:
    return "" if not name else name.removeprefix("-").removesuffix(":")


def _merges(command: Command) -> bool:
    to_output = PipelineResultTypes.Output
    older = command.merge_my == PipelineResultTypes.Error and command.merge_to == to_output
    return bool(command.merge_error == to_output or older)
