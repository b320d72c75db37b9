"""Jobs: operations as VMM shows them, with their locks, progress, times and errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.operations import Cancelled, Stage, State
from hvsim.scvmm.actions import Call, action
from hvsim.scvmm.errors import VmmError, as_vmm

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.operations import Operation, Steps
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

_KEPT: Final = 5_000
"""Jobs that are remembered."""
_ENDS: Final = {
    State.SUCCEEDED: "Completed",
    State.FAILED: "Failed",
    State.CANCELLED: "Canceled",
}
_UI: Final = {"Running": 1, "Completed": 5, "SucceedWithInfo": 4, "Failed": 3, "Canceled": 2}
"""``TaskUIState`` as clients see it: 3 and 5 are read in real answers, the others recalled."""


def start(
    call: Call,
    text: str,
    subject: Record,
    steps: Steps,
    *,
    locks: Iterable[Record] = (),
    cancelable: bool = True,
) -> str:
    """Begin a job that carries a call out; return its ID.

    Args:
        text: what VMM calls it.
        subject: what it is done to, which it locks together with ``locks``.
        cancelable: whether a client may stop it.

    Raises:
        VmmError: 2602 when another job holds one of the objects.
    """
    vmm = call.vmm
    held = [subject.id, *(record.id for record in locks)]
    demand_free(vmm, held)
    job = _add(call, text, subject, cancelable=cancelable)
    for ident in held:
        vmm.locks[ident] = job.id
    operation = call.world.operations.start(
        call.name,
        vmm.store.path(subject),
        _carry_out(vmm, job, steps, held),
        foreground=not call.caller.background,
    )
    vmm.jobs[job.id] = operation
    operation.on_progress.append(lambda op: _progress(vmm, job, op))
    operation.on_done.append(lambda op: _ended(vmm, job, op))
    return job.id


def at_once(call: Call, text: str, subject: Record) -> str:
    """Note a job that took no time; return its ID."""
    vmm = call.vmm
    job = _add(call, text, subject, cancelable=False)
    vmm.store.change(job, **_end(vmm, "Completed"), ProgressValue=100)
    _point(vmm, job, "Completed")
    return job.id


def demand_free(vmm: VmmServer, idents: Iterable[str]) -> None:
    """Raise error 2602 when a job holds one of some objects."""
    if any(vmm.locks.get(ident) in vmm.jobs for ident in idents):
        raise VmmError(2602)


def inform(vmm: VmmServer, record: Record, error: VmmError) -> None:
    """Let the job that holds a record end with information instead of plain success."""
    job = vmm.store.find("Job", vmm.locks.get(record.id))
    if job is not None:
        told = [*(job["AdditionalMessages"] or ()), told_of(error)]
        vmm.store.change(job, AdditionalMessages=told)


def told_of(error: VmmError) -> dict[str, Any]:
    """Return an error as a job keeps it."""
    return {
        "Code": error.number,
        "DisplayableErrorCode": error.number,
        "Problem": error.problem,
        "RecommendedAction": error.action,
        "DetailedCode": error.detailed,
        "Category": error.category,
    }


def _add(call: Call, text: str, subject: Record, *, cancelable: bool) -> Record:
    vmm = call.vmm
    _forget(vmm)
    number = call.world.streams.number(f"{vmm.path}/job")
    job = vmm.store.add(
        "Job",
        call.world.streams.uuid(f"{vmm.path}/job"),
        {
            "Name": text,
            "Number": number,
            "Description": text,
            "CmdletName": call.caller.cmdlet or call.name,
            "Owner": call.caller.user or f"{vmm.netbios}\\Administrator",
            "Status": "Running",
            "ProgressValue": 0,
            "StartTime": vmm.world.now,
            "EndTime": None,
            "ResultObjectType": subject.kind,
            "ResultObjectID": subject.id,
            "ResultName": subject.name,
            "IsStoppable": cancelable,
            "IsRestartable": False,
            "ErrorInfo": None,
            "AdditionalMessages": [],
        },
    )
    _point(vmm, job, "Running")
    return job


def _carry_out(vmm: VmmServer, job: Record, steps: Steps, held: list[str]) -> Steps:
    yield Stage("queue")
    try:
        return (yield from steps)
    finally:
        for ident in held:
            if vmm.locks.get(ident) == job.id:
                del vmm.locks[ident]


def _progress(vmm: VmmServer, job: Record, operation: Operation) -> None:
    vmm.store.change(job, ProgressValue=int(operation.progress * 100))


def _ended(vmm: VmmServer, job: Record, operation: Operation) -> None:
    vmm.jobs.pop(job.id, None)
    status = _ENDS[operation.state]
    changes = _end(vmm, status)
    if operation.error is not None:
        changes["ErrorInfo"] = told_of(as_vmm(operation.error, job["Owner"]))
        changes["IsRestartable"] = True
    elif job["AdditionalMessages"]:
        changes["Status"] = status = "SucceedWithInfo"
    if status in ("Completed", "SucceedWithInfo"):
        changes["ProgressValue"] = 100
    vmm.store.change(job, **changes)
    _point(vmm, job, status)


def _end(vmm: VmmServer, status: str) -> dict[str, Any]:
    return {"Status": status, "EndTime": vmm.world.now}


def _point(vmm: VmmServer, job: Record, status: str) -> None:
    """Let the object that a job is about name it as its most recent one."""
    subject = vmm.store.find(job["ResultObjectType"], job["ResultObjectID"])
    if subject is not None:
        vmm.store.change(subject, MostRecentTaskID=job.id, MostRecentTaskUIState=_UI[status])


def _forget(vmm: VmmServer) -> None:
    jobs = vmm.store.of("Job")
    for job in jobs[: max(0, len(jobs) - _KEPT)]:
        if job.id not in vmm.jobs:
            vmm.store.remove(job)


@action("StopJob")
def stop(call: Call, Job: str) -> str:
    """Cancel a job that goes on."""
    job = call.store.get("Job", Job)
    operation = call.vmm.jobs.get(job.id)
    if operation is None or not job["IsStoppable"]:
        raise VmmError(2606, name=job.name)
    call.world.operations.interrupt(operation, Cancelled("canceled by a user"))
    return job.id


@action("RestartJob")
def restart(call: Call, Job: str) -> str:  # noqa: ARG001 - see below
    """Restart a job that failed: VMM keeps what it was given, this does not."""
    raise VmmError(50003, name="Restart-SCJob")
