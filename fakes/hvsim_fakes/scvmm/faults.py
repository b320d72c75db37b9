"""VMM's errors as PowerShell's error records.

The layout of the text, the category and the class are those of a real answer: the problem with
its number, the recommended action, and how to restart the job that failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.jobs import told_of
from hvsim_fakes.powershell.errors import exception_type, record

if TYPE_CHECKING:
    from hvsim.scvmm.errors import VmmError
    from hvsim.scvmm.store import Record
    from hvsim_fakes.powershell.errors import ErrorRecord

_RESTART: Final = (
    'PS> Restart-Job -Job (Get-VMMServer localhost | Get-Job | where {{ $_.ID -eq "{{{job}}}"}})'
)
_EXCEPTION: Final = "Microsoft.VirtualManager.Utils.CarmineException"
exception_type(_EXCEPTION, "System.ApplicationException")


def error_record(error: VmmError, job: Record | None = None) -> ErrorRecord:
    """Return the record of an error; ``job`` is the one that failed with it."""
    return _record(told_of(error), job)


def job_record(job: Record) -> ErrorRecord:
    """Return the record of what a job failed with."""
    return _record(job["ErrorInfo"], job)


def _record(told: dict[str, Any], job: Record | None) -> ErrorRecord:
    number, action = told["Code"], told["RecommendedAction"]
    lines = [
        f"{told['Problem']} (Error ID: {number}, Detailed Error: {told['DetailedCode']})",
        "",
        action,
    ]
    if job is not None:
        lines += [
            "",
            "To restart the job, run the following command:",
            _RESTART.format(job=job.id),
        ]
    text = "\r\n".join(lines)
    category = told["Category"]
    return record(text, str(number), category, exception=_EXCEPTION)
