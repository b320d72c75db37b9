"""What alarms find: judged when what they watch changes, shown on the entity and all above it.

Conditions about states and events are judged; those about measured values are kept and shown, but
nothing is measured that could meet them.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import event
from hvsim.vcenter.alarmwatch import Watch
from hvsim.vcenter.values import Data, Ref, data, now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.vcenter.server import VCenter

_RANKS: Final = {"gray": 0, "green": 0, "yellow": 1, "red": 2}
_SEVERITIES: Final = {"error": "red", "warning": "yellow", "info": "green"}
_WATCHING: Final = frozenset({"red", "yellow"})


def follow(vcenter: VCenter) -> None:
    """Let alarms see what changes and what is told from now on."""
    vcenter.on_event.append(lambda told, subject: _heard(vcenter, told, subject))
    watch(vcenter)


def watch(vcenter: VCenter) -> None:
    """Note anew what alarms look at, after one was defined, changed or taken away."""
    found = Watch()
    for alarm in vcenter.store.of_type("Alarm"):
        for part in leaves(alarm["info.expression"]):
            if part.type == "StateAlarmExpression":
                key = (plain_name(part["type"]), part["statePath"].partition(".")[0])
                _note(found.states, key, alarm.ref)
            elif part.type == "EventAlarmExpression":
                _note(found.events, plain_name(part["eventType"]), alarm.ref)
    vcenter.watch = found
    vcenter.store.watch({key: partial(_seen, vcenter, key) for key in found.states})


def _note(into: dict[Any, list[Ref]], key: Any, alarm: Ref) -> None:
    listed = into.setdefault(key, [])
    if alarm not in listed:
        listed.append(alarm)


def leaves(expression: Data) -> Iterator[Data]:
    """Give the conditions that a condition is made of."""
    parts = expression["expression"]
    if parts is None:
        yield expression
        return
    for part in parts:
        yield from leaves(part)


def plain_name(name: str) -> str:
    """Return a type's name; conditions may have it in its long form (``vim.event.EventEx``)."""
    return name.rpartition(".")[2]


def _seen(vcenter: VCenter, key: tuple[str, str], ref: Ref) -> None:
    """Judge the alarms that look at a property that has just changed."""
    for alarm in vcenter.watch.states.get(key, ()):
        if vcenter.store.value(alarm, "info.enabled") and concerns(vcenter, alarm, ref):
            _judge(vcenter, alarm, ref)


def review(vcenter: VCenter, alarm: Ref) -> None:
    """Judge an alarm about states for every entity that it is about."""
    store = vcenter.store
    expression = store.value(alarm, "info.expression")
    states = (part for part in leaves(expression) if part.type == "StateAlarmExpression")
    types = {plain_name(part["type"]) for part in states}
    if not store.value(alarm, "info.enabled"):
        return
    for kind in sorted(types):
        for found in store.of_type(kind):
            if concerns(vcenter, alarm, found.ref):
                _judge(vcenter, alarm, found.ref)


def _judge(vcenter: VCenter, alarm: Ref, ref: Ref) -> None:
    expression = vcenter.store.value(alarm, "info.expression")
    set_status(vcenter, alarm, ref, _status(vcenter, expression, ref))


def _status(vcenter: VCenter, expression: Data, ref: Ref) -> str:
    """Return what a condition says of an entity: ``green``, ``yellow`` or ``red``."""
    parts = expression["expression"]
    if parts is not None:
        found = [_status(vcenter, part, ref) for part in parts]
        choose = min if expression.type == "AndAlarmExpression" else max
        return choose(found, key=_RANKS.__getitem__)
    if expression.type != "StateAlarmExpression" or plain_name(expression["type"]) != ref.type:
        return "green"
    value = vcenter.store.value(ref, expression["statePath"])
    equal = expression["operator"] == "isEqual"
    for status in ("red", "yellow"):
        wanted = expression[status]
        if wanted is not None and (_text(value) == wanted) == equal:
            return status
    return "green"


def _text(value: Any) -> str:
    """Return a value as conditions write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _heard(vcenter: VCenter, told: Data, subject: Ref | None) -> None:
    """Let an event that was just posted set the alarms that listen for it."""
    listening = vcenter.watch.events.get(told.type)
    if not listening or subject is None or not vcenter.store.exists(subject):
        return
    subject = vcenter.store.get(subject).ref
    for alarm in listening:
        if not vcenter.store.value(alarm, "info.enabled") or not concerns(vcenter, alarm, subject):
            continue
        for part in leaves(vcenter.store.value(alarm, "info.expression")):
            if part.type == "EventAlarmExpression" and _fits(part, told, subject):
                status = part["status"] or _SEVERITIES.get(told["severity"] or "", "red")
                set_status(vcenter, alarm, subject, status, told["key"])


def _fits(part: Data, told: Data, subject: Ref) -> bool:
    about = plain_name(part["objectType"] or subject.type)
    if plain_name(part["eventType"]) != told.type or about != subject.type:
        return False
    if told.type != "EventEx" or not part["eventTypeId"]:
        return all(_compares(one, told) for one in part["comparisons"] or ())
    named: bool = part["eventTypeId"] == told["eventTypeId"]
    return named


def _compares(comparison: Data, told: Data) -> bool:
    """Whether an event has what a condition compares with."""
    value = told[comparison["attributeName"]]
    text = _text(value["name"] if isinstance(value, Data) else value)
    wanted: str = comparison["value"]
    return {
        "equals": text == wanted,
        "notEqualTo": text != wanted,
        "startsWith": text.startswith(wanted),
        "doesNotStartWith": not text.startswith(wanted),
        "endsWith": text.endswith(wanted),
        "doesNotEndWith": not text.endswith(wanted),
    }.get(comparison["operator"], False)


def concerns(vcenter: VCenter, alarm: Ref, ref: Ref) -> bool:
    """Whether an entity is the one that an alarm is defined on, or lies below it."""
    wanted = vcenter.store.value(alarm, "info.entity")
    return any(one == wanted for one in lineage(vcenter, ref))


def lineage(vcenter: VCenter, ref: Ref) -> Iterator[Ref]:
    """Give an entity and all above it; a machine lies below its folder."""
    at: Ref | None = ref
    while at is not None and vcenter.store.exists(at):
        yield at
        at = vcenter.store.value(at, "parent")


def state_of(vcenter: VCenter, alarm: Ref, ref: Ref) -> Data | None:
    """Return what an alarm has found about an entity, if it has triggered it."""
    listed = vcenter.store.value(ref, "triggeredAlarmState") or ()
    return next((one for one in listed if one["alarm"] == alarm and one["entity"] == ref), None)


def triggered(vcenter: VCenter) -> list[Data]:
    """Return all that alarms have found, as the root folder shows it."""
    root = vcenter.store.value("ServiceInstance", "content.rootFolder")
    return list(vcenter.store.value(root, "triggeredAlarmState") or ())


def states(vcenter: VCenter, ref: Ref) -> list[Data]:
    """Return the state of every alarm that is about an entity, or about what may lie below it."""
    return [
        state_of(vcenter, alarm.ref, ref) or _calm(vcenter, alarm.ref, ref)
        for alarm in vcenter.store.of_type("Alarm")
        if concerns(vcenter, alarm.ref, ref)
    ]


def _calm(vcenter: VCenter, alarm: Ref, ref: Ref) -> Data:
    """Return the state of an alarm that an entity has not triggered."""
    expression = vcenter.store.value(alarm, "info.expression")
    about = {plain_name(p["type"] or p["objectType"] or "") for p in leaves(expression)}
    status = "green" if ref.type in about else "gray"
    when = vcenter.store.value(alarm, "info.lastModifiedTime")
    return _state(alarm, ref, status, when)


def _state(alarm: Ref, ref: Ref, status: str, when: Any, key: int | None = None) -> Data:
    return data(
        "AlarmState",
        key=f"{alarm.moid}.{ref.moid}",
        entity=ref,
        alarm=alarm,
        overallStatus=status,
        time=when,
        acknowledged=False,
        eventKey=key,
    )


def set_status(
    vcenter: VCenter, alarm: Ref, ref: Ref, status: str, event_key: int | None = None
) -> None:
    """Let an alarm's state about an entity be ``green``, ``yellow`` or ``red`` from now on."""
    known = state_of(vcenter, alarm, ref)
    before = known["overallStatus"] if known is not None else "green"
    if status == before or (status not in _WATCHING and before not in _WATCHING):
        return
    if status in _WATCHING:
        keep(vcenter, _state(alarm, ref, status, now(vcenter.world), event_key))
    else:
        _drop(vcenter, alarm, ref)
    _show_health(vcenter, ref)
    _tell(vcenter, alarm, ref, before, status)


def keep(vcenter: VCenter, state: Data) -> None:
    """Show a state on its entity and all above it, in the place of what was shown before."""
    for at in lineage(vcenter, state["entity"]):
        listed = vcenter.store.value(at, "triggeredAlarmState") or []
        rest = [one for one in listed if one["key"] != state["key"]]
        vcenter.store.change(at, "triggeredAlarmState", [*rest, state])
    _declare(vcenter, state["entity"])


def _drop(vcenter: VCenter, alarm: Ref, ref: Ref) -> None:
    for at in lineage(vcenter, ref):
        listed = vcenter.store.value(at, "triggeredAlarmState") or []
        rest = [one for one in listed if (one["alarm"], one["entity"]) != (alarm, ref)]
        vcenter.store.change(at, "triggeredAlarmState", rest)
    _declare(vcenter, ref)


def _declare(vcenter: VCenter, ref: Ref) -> None:
    """Show the states of all alarms of an entity that one of them has concerned."""
    vcenter.store.change(ref, "declaredAlarmState", states(vcenter, ref))


def _show_health(vcenter: VCenter, ref: Ref) -> None:
    """Show an entity as well as the worst that alarms say of it; one out of reach stays gray."""
    store = vcenter.store
    listed = store.value(ref, "triggeredAlarmState") or ()
    own = [one["overallStatus"] for one in listed if one["entity"] == ref]
    if store.value(ref, "overallStatus") != "gray":
        store.change(ref, "overallStatus", max(own, key=_RANKS.__getitem__, default="green"))


def forget(vcenter: VCenter, alarm: Ref) -> None:
    """Let go of all that an alarm has found."""
    for state in triggered(vcenter):
        if state["alarm"] == alarm:
            set_status(vcenter, alarm, state["entity"], "green")


def _tell(vcenter: VCenter, alarm: Ref, ref: Ref, before: str, after: str) -> None:
    store = vcenter.store
    name, subject = store.value(alarm, "info.name"), store.value(ref, "name")
    origin = store.value(alarm, "info.entity")
    text = f"Alarm '{name}' on {subject} changed from {before.title()} to {after.title()}"
    more: dict[str, Any] = {
        "alarm": argument(vcenter, alarm),
        "source": entity_argument(vcenter, origin),
        "entity": entity_argument(vcenter, ref),
        "from": before,
        "to": after,
    }
    event.post(vcenter, "AlarmStatusChangedEvent", ref, text, **more)


def argument(vcenter: VCenter, alarm: Ref) -> Data:
    """Return an alarm as events name it."""
    return data("AlarmEventArgument", name=vcenter.store.value(alarm, "info.name"), alarm=alarm)


def entity_argument(vcenter: VCenter, ref: Ref) -> Data:
    """Return any entity as events about alarms name it."""
    return data("ManagedEntityEventArgument", name=vcenter.store.value(ref, "name"), entity=ref)
