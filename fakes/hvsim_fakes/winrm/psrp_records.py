"""Records of an engine as messages of PowerShell remoting."""

from __future__ import annotations

import datetime as dt
from functools import singledispatch
from typing import TYPE_CHECKING, Final

from psrpcore import ServerHostRequestor
from psrpcore.types import (
    ConsoleColor,
    ErrorCategory,
    ErrorCategoryInfo,
    ErrorRecord,
    NETException,
    ProgressRecordType,
    PSCustomObject,
    PSInvocationState,
    add_note_property,
)

from hvsim_fakes.winrm.engine import (
    Exited,
    Failure,
    Fault,
    Information,
    Message,
    Output,
    Progress,
    Record,
)

if TYPE_CHECKING:
    from hvsim_fakes.winrm.pipeline import Pipeline

_HRESULT: Final = -2146233087
_HOST_MESSAGE: Final = "System.Management.Automation.HostInformationMessage"
_INFORMATION_SINCE: Final = "2.3"


@singledispatch
def write(record: Record, pipeline: Pipeline) -> None:
    """Make a message of a record, whose object psrpcore serializes; the pool's lock is held."""
    raise TypeError(f"{record} of {pipeline}")


@write.register(Output)
def _output(record: Output, pipeline: Pipeline) -> None:
    pipeline.psrp.write_output(record.value)


@write.register(Failure)
def _failure(record: Failure, pipeline: Pipeline) -> None:
    fault = record.fault
    pipeline.psrp.write_error(
        _exception(fault),
        _category(fault),
        target_object=fault.target or None,
        fully_qualified_error_id=fault.error_id,
    )


@write.register(Message)
def _message(record: Message, pipeline: Pipeline) -> None:
    match record.stream:
        case "warning":
            pipeline.psrp.write_warning(record.text)
        case "verbose":
            pipeline.psrp.write_verbose(record.text)
        case _:
            pipeline.psrp.write_debug(record.text)


@write.register(Progress)
def _progress(record: Progress, pipeline: Pipeline) -> None:
    done = ProgressRecordType.Completed if record.completed else ProgressRecordType.Processing
    pipeline.psrp.write_progress(
        record.activity,
        record.activity_id,
        record.status or " ",
        record.operation or None,
        record.parent_id,
        record.percent,
        done,
        record.seconds,
    )


@write.register(Information)
def _information(record: Information, pipeline: Pipeline) -> None:
    if record.to_host and pipeline.has_host:
        _show(record, pipeline)
    if not pipeline.speaks(_INFORMATION_SINCE):
        return
    pipeline.psrp.write_information(
        _host_message(record) if record.to_host else record.text,
        record.source,
        time_generated=dt.datetime.fromtimestamp(pipeline.time, dt.UTC),
        tags=list(record.tags),
        user=pipeline.user,
        computer=pipeline.computer,
        process_id=_PROCESS,
        native_thread_id=_PROCESS + 1,
        managed_thread_id=1,
    )


_PROCESS: Final = 4242
"""The number of every simulated process: a client is told one, and can do nothing with it."""


@write.register(Exited)
def _exited(record: Exited, pipeline: Pipeline) -> None:
    if pipeline.has_host:
        ServerHostRequestor(pipeline.psrp).set_should_exit(record.code)


def _show(record: Information, pipeline: Pipeline) -> None:
    """Have the client's host show a text."""
    host = ServerHostRequestor(pipeline.psrp)
    foreground, background = _colour(record.foreground), _colour(record.background)
    if (foreground is None) != (background is None):
        foreground, background = foreground or ConsoleColor.Gray, background or ConsoleColor.Black
    if record.newline:
        host.write_line(record.text, foreground, background)
    else:
        host.write(record.text, foreground, background)


def _colour(number: int | None) -> ConsoleColor | None:
    return None if number is None else ConsoleColor(number)


def _host_message(record: Information) -> PSCustomObject:
    message = PSCustomObject()
    message.PSObject.type_names = [_HOST_MESSAGE, "System.Object"]
    message.PSObject.to_string = record.text
    add_note_property(message, "Message", record.text)
    add_note_property(message, "NoNewLine", not record.newline)
    for name, number in (
        ("ForegroundColor", record.foreground),
        ("BackgroundColor", record.background),
    ):
        add_note_property(message, name, _colour(number))
    return message


def _exception(fault: Fault) -> NETException:
    exception = NETException(Message=fault.message, HResult=_HRESULT)
    names = (fault.exception, *fault.inherits, "System.Exception", "System.Object")
    exception.PSObject.type_names = list(dict.fromkeys(names))
    return exception


def _category(fault: Fault) -> ErrorCategoryInfo:
    known = {category.name: category for category in ErrorCategory}
    return ErrorCategoryInfo(
        Category=known.get(fault.category, ErrorCategory.NotSpecified),
        Activity=fault.activity,
        Reason=fault.reason or fault.exception.rpartition(".")[2],
        TargetName=fault.target,
        TargetType=fault.target_type,
    )


def fail(fault: Fault, pipeline: Pipeline) -> None:
    """End a pipeline with a terminating error; the pool's lock is held."""
    record = ErrorRecord(
        Exception=_exception(fault),
        CategoryInfo=_category(fault),
        TargetObject=fault.target or None,
        FullyQualifiedErrorId=fault.error_id,
    )
    # The library's server can complete and stop a pipeline, but not let it fail.
    pipeline.psrp._change_state(PSInvocationState.Failed, error=record)  # noqa: SLF001 - see above
