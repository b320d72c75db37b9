"""Alarms as clients define them: the product's own, and those that are made, changed, taken away.

An alarm is an object with one property, ``info``. What it finds is kept where clients look for it,
in the ``triggeredAlarmState`` of an entity and of all above it; see
:mod:`hvsim.vcenter.alarmstate`. Source: vSphere API reference, AlarmManager and Alarm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import alarmstate, event
from hvsim.vcenter.alarmdefault import DEFAULTS
from hvsim.vcenter.faults import VimFault, bad_argument
from hvsim.vcenter.methods import Call, method
from hvsim.vcenter.values import Data, Ref, now

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

MANAGER: Final = Ref("AlarmManager", "AlarmManager")
_EXPRESSIONS: Final = frozenset(
    {
        "AndAlarmExpression",
        "OrAlarmExpression",
        "StateAlarmExpression",
        "MetricAlarmExpression",
        "EventAlarmExpression",
    }
)


def install(vcenter: VCenter, root: Ref) -> None:
    """Define the product's own alarms at the root folder, and let all alarms watch from now on.

    A vCenter that has alarms already, since it was saved with them, keeps to those.
    """
    for spec in () if any(vcenter.store.of_type("Alarm")) else DEFAULTS:
        _add(vcenter, root, spec, "", 0)
    alarmstate.follow(vcenter)


def _add(vcenter: VCenter, entity: Ref, spec: Data, user: str, creation: int) -> Ref:
    store = vcenter.store
    ref = Ref("Alarm", store.new_moid("alarm-"))
    own = {
        "key": ref.moid,
        "alarm": ref,
        "entity": entity,
        "lastModifiedTime": now(vcenter.world),
        "lastModifiedUser": user,
        "creationEventId": creation,
    }
    info = Data("AlarmInfo", spec.fields | own)
    store.add(ref.type, ref.moid, {"info": info, "value": [], "availableField": []})
    return ref


@method("AlarmManager.CreateAlarm")
def create(call: Call, this: Ref, entity: Ref, spec: Data) -> Ref:
    """Define an alarm on an entity and all below it.

    Raises ``DuplicateName`` when there is one of the name, ``InvalidArgument`` without a condition.
    """
    del this
    vcenter = call.vcenter
    entity = vcenter.store.get(entity).ref
    _judge(vcenter, spec)
    ref = _add(vcenter, entity, spec, call.caller.user, 0)
    made = _tell(call, "AlarmCreatedEvent", ref, f"Created alarm '{spec['name']}'")
    vcenter.store.change(ref, "info.creationEventId", made["key"])
    alarmstate.watch(vcenter)
    alarmstate.review(vcenter, ref)
    return ref


def _judge(vcenter: VCenter, spec: Data, but: Ref | None = None) -> None:
    name = spec["name"]
    if not name:
        raise bad_argument("spec.name")
    for other in vcenter.store.of_type("Alarm"):
        if other["info.name"] == name and other.ref != but:
            raise VimFault("DuplicateName", name=name, object=other.ref)
    _judge_expression(spec["expression"])


def _judge_expression(expression: Data) -> None:
    inner = expression["expression"]
    compound = expression.type in ("AndAlarmExpression", "OrAlarmExpression")
    if expression.type not in _EXPRESSIONS or (compound and not inner):
        raise bad_argument("spec.expression")
    for part in inner or ():
        _judge_expression(part)


@method("Alarm.ReconfigureAlarm")
def reconfigure(call: Call, this: Ref, spec: Data) -> None:
    """Define an alarm anew; what it has found so far is judged again."""
    vcenter, store = call.vcenter, call.store
    _judge(vcenter, spec, this)
    before: Data = store.value(this, "info")
    own = ("key", "alarm", "entity", "creationEventId", "systemName")
    kept = {name: before[name] for name in own if before[name] is not None}
    changed = {"lastModifiedTime": now(vcenter.world), "lastModifiedUser": call.caller.user}
    store.change(this, "info", Data("AlarmInfo", spec.fields | kept | changed))
    _tell(call, "AlarmReconfiguredEvent", this, f"Reconfigured alarm '{spec['name']}'")
    alarmstate.watch(vcenter)
    alarmstate.forget(vcenter, this)
    alarmstate.review(vcenter, this)


@method("Alarm.RemoveAlarm")
def remove(call: Call, this: Ref) -> None:
    """Take an alarm away, with all that it has found."""
    vcenter = call.vcenter
    name = call.store.value(this, "info.name")
    alarmstate.forget(vcenter, this)
    _tell(call, "AlarmRemovedEvent", this, f"Removed alarm '{name}'")
    call.store.remove(this)
    alarmstate.watch(vcenter)


def _tell(call: Call, kind: str, alarm: Ref, text: str, **more: Any) -> Data:
    vcenter = call.vcenter
    entity: Ref = vcenter.store.value(alarm, "info.entity")
    where = alarmstate.entity_argument(vcenter, entity)
    arguments = {"alarm": alarmstate.argument(vcenter, alarm), "entity": where}
    user = call.caller.user
    name = where["name"]
    return event.post(vcenter, kind, entity, f"{text} on {name}", user=user, **(arguments | more))


@method("AlarmManager.AcknowledgeAlarm")
def acknowledge(call: Call, this: Ref, alarm: Ref, entity: Ref) -> None:
    """Note that somebody knows of an alarm that an entity has triggered."""
    del this
    vcenter = call.vcenter
    state = alarmstate.state_of(vcenter, alarm, vcenter.store.get(entity).ref)
    if state is None or state["acknowledged"]:
        return
    user = call.caller.user
    known = state.having(
        acknowledged=True, acknowledgedByUser=user, acknowledgedTime=now(vcenter.world)
    )
    alarmstate.keep(vcenter, known)
    source = alarmstate.entity_argument(vcenter, state["entity"])
    text = f"Acknowledged alarm '{vcenter.store.value(alarm, 'info.name')}'"
    _tell(call, "AlarmAcknowledgedEvent", alarm, text, source=source)


@method("AlarmManager.ClearTriggeredAlarms")
def clear(call: Call, this: Ref, filter: Data) -> None:
    """Clear what alarms have found, of the kinds that a filter names."""
    del this
    wanted = frozenset(filter["status"] or ())
    kind = {"entityTypeHost": "HostSystem", "entityTypeVm": "VirtualMachine"}
    types = kind.get(filter["typeEntity"] or "")
    for state in alarmstate.triggered(call.vcenter):
        if wanted and state["overallStatus"] not in wanted:
            continue
        if types is None or state["entity"].type == types:
            alarmstate.set_status(call.vcenter, state["alarm"], state["entity"], "green")


@method("AlarmManager.EnableAlarmActions")
def enable_actions(call: Call, this: Ref, entity: Ref, enabled: bool) -> None:
    """Let alarms of an entity act, or not."""
    del this
    call.store.change(entity, "alarmActionsEnabled", enabled)
