"""What a cmdlet of VMM works on: the server it is run against, and how it looks things up."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from hvsim.scvmm.actions import Caller
from hvsim.scvmm.errors import VmmError
from hvsim_fakes.powershell.host import Wait
from hvsim_fakes.powershell.objects.nettype import NetObject
from hvsim_fakes.powershell.objects.values import NOTHING
from hvsim_fakes.scvmm.faults import error_record, job_record
from hvsim_fakes.scvmm.objects import bound, wrap

if TYPE_CHECKING:
    from collections.abc import Generator

    from hvsim.operations import Operation
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record
    from hvsim_fakes.powershell.cmdlet import Body, Call
    from hvsim_fakes.wirelog import WireLog

_READS: Final = ("Get", "Read", "Refresh", "Test", "Find")
"""Verbs of cmdlets that change nothing but what VMM knows."""
_HANGS: Final = 120.0
"""Seconds after which a cmdlet gives up a service that hangs."""


class VmmContext:
    """A VMM server as the PowerShell of its machine has it.

    Args:
        wirelog: where each cmdlet is noted, with whether it writes.
    """

    def __init__(self, vmm: VmmServer, wirelog: WireLog | None = None) -> None:
        self.vmm = vmm
        self._wirelog = wirelog

    def note(self, call: Call, outcome: str = "ok") -> None:
        """Note a cmdlet in the wire log."""
        if self._wirelog is None:
            return
        self._wirelog.record(
            time=self.vmm.world.now,
            product="scvmm",
            endpoint=self.vmm.name,
            client=call.host.user,
            call=call.name,
            is_write=call.name.partition("-")[0] not in _READS,
            outcome=outcome,
        )

    def is_local(self, name: str) -> bool:
        """Whether a name means this server."""
        known = ("localhost", ".", "127.0.0.1", self.vmm.server.name, self.vmm.fqdn)
        return name.lower() in (*(one.lower() for one in known), self.vmm.server.address)


def context_of(call: Call) -> VmmContext:
    """Return the context of a cmdlet; raises error 1602 where no VMM console is."""
    found = call.context
    if not isinstance(found, VmmContext):
        raise VmmError(1602, name="localhost")
    return found


def begin(call: Call) -> Body:
    """Do what every cmdlet does first: reach the server, with its service and the user's role.

    Raises:
        VmmError: what VMM tells when it cannot.
    """
    context = context_of(call)
    vmm = context.vmm
    with vmm.world.access():
        hung = vmm.service == "hung"
    if hung:
        yield Wait(seconds=_HANGS)
    server = call.get("VMMServer")
    if isinstance(server, str) and not context.is_local(server):
        raise VmmError(1602, name=server)
    with vmm.world.access():
        vmm.demand_service(call.host.user)


def find(call: Call, kind: str, value: Any) -> Record:
    """Return the record that an argument means: an object, an ID or a name.

    Raises:
        VmmError: 801 when there is none (any more).
    """
    store = context_of(call).vmm.store
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    known = bound(value, kind)
    if known is not None:
        return store.get(kind, known.record.id)
    text = str(value) if isinstance(value, str | uuid.UUID) else ""
    found = store.find(kind, text.lower()) or store.named(kind, text)
    if found is None and kind == "VMHost" and text:
        short = (one for one in store.of(kind) if one["ComputerName"].lower() == text.lower())
        found = next(short, None)
    if found is None:
        raise VmmError(801, kind=kind, name=text or _told(value))
    return found


def _told(value: Any) -> str:
    return value.ps_type.short if isinstance(value, NetObject) else ""


def ident(call: Call, kind: str, name: str) -> str:
    """Return the ID of what a parameter means; empty when it is not given."""
    value = call.get(name)
    return "" if value is None or value is NOTHING else find(call, kind, value).id


def perform(call: Call, action: str, **args: Any) -> Any:
    """Carry out an action of VMM's and note it; raises :class:`VmmError`."""
    context = context_of(call)
    try:
        gave = context.vmm.call(Caller(call.host.user, call.name), action, args)
    except VmmError as error:
        context.note(call, str(error.number))
        raise
    context.note(call)
    return gave


def follow(call: Call, job_id: str) -> Generator[Any, Any, bool]:
    """Wait for a job, unless told not to; return whether it did not fail.

    A failure is written as an error. ``-JobVariable`` gets the job.
    """
    vmm = context_of(call).vmm
    with vmm.world.access():
        job = vmm.store.get("Job", job_id)
        operation: Operation | None = vmm.jobs.get(job_id)
    variable = call.get("JobVariable")
    if variable:
        call.set_variable(str(variable), wrap(vmm, job))
    if call.on("RunAsynchronously"):
        return True
    if operation is not None:
        yield Wait(subject=operation)
    with vmm.world.access():
        failed = job["Status"] in ("Failed", "Canceled") and job["ErrorInfo"] is not None
    if failed:
        call.error(job_record(job))
        return False
    for told in job["AdditionalMessages"] or ():
        call.warning(f"{told['Problem']} (Error ID: {told['Code']}, Detailed Error: )")
    return True


def refuse(call: Call, error: VmmError) -> None:
    """Write an error of VMM's."""
    call.error(error_record(error))
