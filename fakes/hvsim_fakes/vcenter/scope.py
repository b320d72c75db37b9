"""What one session sees: the vCenter's objects, and those that are its own.

Filters, views and history collectors live and end with their session; they are no part of the
world, so nothing of them is journalled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from hvsim.vcenter import permission
from hvsim.vcenter.access import EVERY
from hvsim.vcenter.faults import VimFault, not_found
from hvsim.vcenter.values import Data, Ref, data, date_at, now
from hvsim_fakes.vcenter import certificates, descriptions, registry

if TYPE_CHECKING:
    from hvsim.vcenter.access import Session
    from hvsim.vcenter.server import VCenter
    from hvsim_fakes.vcenter.paths import Path

_DYNAMIC: Final = frozenset(
    {"SessionManager", "PropertyCollector", "ServiceInstance", "ViewManager"}
)


class Local(Protocol):
    """An object of one session: its reference, and its properties as they now are."""

    @property
    def ref(self) -> Ref:
        """What refers to it."""

    def properties(self, scope: Scope) -> dict[str, Any]:
        """Return its properties. Under the world's lock."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as a session sees it now.

    Attributes:
        stamp: generation of its last change; None when it may change without one.
    """

    ref: Ref
    properties: dict[str, Any]
    stamp: int | None


@dataclass(slots=True)
class WireSession:
    """A client's session, by the cookie it has; ``key`` is its login's, empty before one."""

    cookie: str = ""
    key: str = ""
    user: str = ""
    objects: dict[str, Local] = field(default_factory=dict)
    pages: dict[str, list[bytes]] = field(default_factory=dict)
    filters: dict[str, list[Ref]] = field(default_factory=dict)
    """The filters of each of its property collectors, by the collector's identifier."""
    collectors: dict[str, Any] = field(default_factory=dict)
    """The state of each property collector, by its identifier."""
    count: int = 0
    views: int = 0
    """Counts the changes that its client made to its views."""

    def number(self) -> int:
        """Return the next number for the identifier of something of the session's own."""
        self.count += 1
        return self.count

    def new_ref(self, type_name: str) -> Ref:
        """Return a reference for another object of the session's own."""
        return Ref(type_name, f"session[{self.key}]{type_name}-{self.number()}")

    def add(self, local: Local) -> Ref:
        """Keep an object until the session ends; return its reference."""
        self.objects[local.ref.moid] = local
        return local.ref


@dataclass(slots=True)
class Scope:
    """A vCenter as one session sees it."""

    vcenter: VCenter
    session: WireSession
    _held: dict[str, bool] = field(default_factory=dict)

    def get(self, ref: Ref) -> Seen:
        """Return an object; raise ``ManagedObjectNotFound`` when there is none."""
        found = self.find(ref)
        if found is None:
            raise not_found(ref)
        return found

    def resolve(self, ref: Ref) -> Ref:
        """Return an object's own reference; raise ``ManagedObjectNotFound`` when there is none."""
        known = self.vcenter.store.objects.get(ref.moid)
        if known is None:
            return self.local(ref).ref
        if not registry.is_a(known.type, ref.type):
            raise not_found(ref)
        return known.ref

    def find(self, ref: Ref) -> Seen | None:
        """Return an object, or None."""
        known = self.vcenter.store.objects.get(ref.moid)
        if known is None:
            local = self.session.objects.get(ref.moid)
            return None if local is None else Seen(local.ref, local.properties(self), None)
        if not registry.is_a(known.type, ref.type):
            return None
        if known.type in _DYNAMIC:
            return Seen(known.ref, known.properties | self._dynamic(known.type), None)
        fixed = descriptions.of(known.type)
        properties = known.properties | fixed if fixed else known.properties
        if known.type in certificates.OF:
            properties = certificates.shown(self.vcenter, known)
        return Seen(known.ref, properties, self.vcenter.store.modified[known.moid])

    def local(self, ref: Ref) -> Local:
        """Return an object of the session's own; raise ``ManagedObjectNotFound``."""
        found = self.session.objects.get(ref.moid)
        if found is None:
            raise not_found(ref)
        return found

    def may(self, privilege: str) -> bool:
        """Whether the user of the session has a privilege."""
        known = self._held.get(privilege)
        if known is None:
            known = self._held[privilege] = self.vcenter.access.may(self.account, privilege)
        return known

    @property
    def account(self) -> str:
        """The account of the session's user; empty before a login."""
        known = self.vcenter.access.sessions.get(self.session.key)
        return known.account if known is not None else ""

    @property
    def plain(self) -> bool:
        """Whether the user may do everything everywhere, so that nothing has to be looked up."""
        return not self.vcenter.access.scoped and self.may(EVERY)

    def may_on(self, privilege: str, ref: Ref) -> bool:
        """Whether the user has a privilege on an object (several: with spaces between)."""
        if self.plain:
            return True
        key = f"{privilege} {ref.moid}"
        known = self._held.get(key)
        if known is None:
            known = permission.may(self.vcenter, self.account, privilege, ref)
            self._held[key] = known
        return known

    def sees(self, ref: Ref) -> bool:
        """Whether the user sees that an object is there; always so of the session's own."""
        return ref.moid in self.session.objects or self.may_on("System.View", ref)

    def value(self, seen: Seen, path: Path) -> Any:
        """Return what is at a path of an object, as the user sees it; None when it is not set."""
        if path.property == "effectiveRole" and not self.plain:
            return sorted(permission.roles_on(self.vcenter, self.account, seen.ref.moid))
        return path.of(seen.properties)

    def demand(self, privilege: str, ref: Ref) -> None:
        """Raise ``NoPermission`` unless the user has a privilege on an object."""
        if not self.may_on(privilege, ref):
            raise VimFault("NoPermission", object=ref, privilegeId=privilege)

    def _dynamic(self, type_name: str) -> dict[str, Any]:
        if type_name == "SessionManager":
            return self._sessions()
        if type_name == "ViewManager":
            views = [o.ref for o in self.session.objects.values() if o.ref.type.endswith("View")]
            return {"viewList": views}
        if type_name == "ServiceInstance":
            return {"serverClock": now(self.vcenter.world)}
        return {"filter": list(self.session.filters.get("propertyCollector", ()))}

    def _sessions(self) -> dict[str, Any]:
        sessions = self.vcenter.access.sessions
        own = sessions.get(self.session.key)
        shown: dict[str, Any] = {"sessionList": [user_session(one) for one in sessions.values()]}
        if own is not None:
            shown["currentSession"] = user_session(own)
        return shown


def user_session(session: Session) -> Data:
    """Return a session as vim25 shows it."""
    return data(
        "UserSession",
        key=session.key,
        userName=session.user,
        fullName=session.user,
        loginTime=date_at(session.since),
        lastActiveTime=date_at(session.last),
        locale=session.locale,
        messageLocale=session.locale,
        extensionSession=False,
        ipAddress=session.address,
        userAgent=session.agent,
        callCount=session.calls,
    )
