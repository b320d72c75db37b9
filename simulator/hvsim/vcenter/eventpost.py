"""Events that clients post: their own, and what a user writes about an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import event
from hvsim.vcenter.faults import bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

_PLACES: Final = (
    ("vm", "vm"),
    ("host", "host"),
    ("ds", "datastore"),
    ("net", "network"),
    ("computeResource", "computeResource"),
    ("datacenter", "datacenter"),
)
"""Fields that say what an event is about, the nearest first, and the reference in each."""
_OURS: Final = frozenset(
    {"key", "chainId", "createdTime", "userName", "fullFormattedMessage"} | {f for f, _ in _PLACES}
)


@method("EventManager.PostEvent")
def post(call: Call, this: Ref, eventToPost: Data, taskInfo: Data | None = None) -> None:
    """Post an event of a client's; it gets its key, its time and its user here."""
    del this
    own = {name: value for name, value in eventToPost.fields.items() if name not in _OURS}
    text = eventToPost["fullFormattedMessage"] or eventToPost["message"] or ""
    event.post(
        call.vcenter,
        eventToPost.type,
        _subject(call.vcenter, eventToPost),
        text,
        user=call.caller.user,
        chain=taskInfo["eventChainId"] if taskInfo is not None else 0,
        **own,
    )


def _subject(vcenter: VCenter, posted: Data) -> Ref | None:
    """Return what an event is about; None when it says nothing of that.

    Raises ``ManagedObjectNotFound`` or ``InvalidArgument`` when there is no such object.
    """
    for name, inner in _PLACES:
        argument = posted[name]
        if argument is not None and argument[inner] is not None:
            return vcenter.store.get(argument[inner]).ref
    moid = posted["objectId"]
    if not moid:
        return None
    if not vcenter.store.exists(moid):
        raise bad_argument("eventToPost.objectId")
    return vcenter.store.get(str(moid)).ref


@method("EventManager.LogUserEvent")
def log(call: Call, this: Ref, entity: Ref, msg: str) -> None:
    """Post what a user has to say about an entity."""
    del this
    found = call.store.get(entity)
    more: dict[str, Any] = {"entity": event_entity(found.ref, found["name"])}
    event.post(
        call.vcenter,
        "GeneralUserEvent",
        found.ref,
        f"User logged event: {msg}",
        user=call.caller.user,
        message=msg,
        **more,
    )


def event_entity(ref: Ref, name: str) -> Data:
    """Return any entity as events of users name it."""
    return Data("ManagedEntityEventArgument", {"name": name, "entity": ref})
