"""One call of an operation: who calls, and the ways it reaches the simulated vCenter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import permission
from hvsim.vcenter.content import ROOT
from hvsim.vcenter.faults import VimFault, as_fault
from hvsim.vcenter.methods import Caller
from hvsim.vcenter.tagging_command import Change, TaggingChange
from hvsim_fakes.vcenter.rest import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.operations import Operation
    from hvsim.vcenter.access import Session
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.store import ManagedObject, Store
    from hvsim.vcenter.values import Ref
    from hvsim.world import World
    from hvsim_fakes.vcenter.rest.sessions import Client, Sessions


READ: Final = "System.Read"
VIEW: Final = "System.View"


@dataclass(slots=True)
class Call:
    """A call being carried out.

    Attributes:
        sessions: the identifiers of sessions that clients have.
        client: who sent it, with the session or the credentials it came with.
        session: the session, as vCenter keeps it; None where none is needed.
        gone: asked now and then; true when the client is no longer there.
        privilege: what the caller must hold on what the operation is carried out on.
        as_task: whether the client wants a task instead of the operation's end.
    """

    vcenter: VCenter
    sessions: Sessions
    client: Client
    session: Session | None
    gone: Callable[[], bool]
    privilege: str = READ
    as_task: bool = False

    @property
    def store(self) -> Store:
        """The vCenter's objects."""
        return self.vcenter.store

    @property
    def world(self) -> World:
        """The world that the vCenter is in."""
        return self.vcenter.world

    def may(self, privilege: str, ref: Ref) -> bool:
        """Whether the caller has a privilege on an object."""
        account = self.session.account if self.session is not None else ""
        return permission.may(self.vcenter, account, privilege, ref)

    def demand(self, privilege: str, ref: Ref = ROOT) -> None:
        """Raise ``unauthorized`` unless the caller has a privilege on an object, or everything."""
        if not self.may(privilege, ref):
            raise errors.unauthorized()

    def seen(self, kind: str, privilege: str = VIEW) -> Iterator[ManagedObject]:
        """Give the objects of a type that the caller has a privilege on, oldest first."""
        return (one for one in self.store.of_type(kind) if self.may(privilege, one.ref))

    def object(
        self, kind: str, identifier: str, code: str, title: str, privilege: str | None = None
    ) -> ManagedObject:
        """Return a managed object; raise ``not_found``, calling it by its title.

        Identifiers may carry that of the vCenter, as those in messages do.

        Args:
            privilege: what the caller must hold on it; that of the operation if None.
        """
        moid, _, where = identifier.partition(":")
        found = self.store.objects.get(moid)
        if found is None or found.type != kind or where not in ("", self.vcenter.uuid):
            text = f"{title} with identifier '%s' does not exist."
            raise errors.error("not_found", code, text, self.full_id(moid))
        self.demand(self.privilege if privilege is None else privilege, found.ref)
        return found

    def full_id(self, moid: str) -> str:
        """Return an identifier together with that of the vCenter."""
        return f"{moid}:{self.vcenter.uuid}"

    def perform(self, ref: Ref, method: str, **args: Any) -> Any:
        """Carry out a method of vim25 as the caller; arguments that are None are left out."""
        session = self.session
        caller = Caller() if session is None else Caller(session.user, session.key)
        given = {name: value for name, value in args.items() if value is not None}
        return self.vcenter.call(caller, ref, method, given)

    def begin(self, ref: Ref, method: str, **args: Any) -> Ref:
        """Begin a task of vim25; return its reference."""
        found: Ref = self.perform(ref, method, **args)
        return found

    def carry_out(self, ref: Ref, method: str, **args: Any) -> Any:
        """Carry out a task of vim25, wait for its end and return its result.

        Must be called without the world's lock.

        Raises:
            VimFault: what the task failed with.
        """
        with self.world.access():
            task = self.begin(ref, method, **args)
            operation = self.vcenter.tasks.get(task.moid)
            if operation is None:
                return self._result(task)
        return self._awaited(operation)

    def _awaited(self, operation: Operation) -> Any:
        if not self.world.park((operation.topic,), lambda: operation.done, gone=self.gone):
            code = "com.vmware.vapi.endpoint.client.gone"
            raise errors.error("service_unavailable", code, "The client is gone.")
        if operation.error is not None:
            raise as_fault(operation.error)
        return operation.value

    def _result(self, task: Ref) -> Any:
        """Return the result of a task that ended as it began."""
        info = self.store.value(task, "info")
        if info["error"] is not None:
            fault = info["error"]["fault"]
            raise VimFault(fault.type, msg=info["error"]["localizedMessage"], **fault.fields)
        return info["result"]

    def tag(self, change: Change, **args: Any) -> Any:
        """Change tags, categories or what they are attached to."""
        user = self.session.user if self.session is not None else ""
        return self.world.execute(
            TaggingChange(vcenter=self.vcenter.name, change=change, args=args, user=user)
        )
