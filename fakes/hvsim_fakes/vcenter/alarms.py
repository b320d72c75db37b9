"""``AlarmManager``: which alarms there are, and what they say of an entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter import alarmstate
from hvsim_fakes.vcenter.context import Context, local

if TYPE_CHECKING:
    from hvsim.vcenter.values import Data, Ref


@local("AlarmManager.GetAlarm")
def alarms(context: Context, this: Ref, entity: Ref | None = None) -> list[Ref]:
    """Return the alarms defined on an entity, or all."""
    wanted = context.scope.get(entity).ref if entity is not None else None
    found = context.vcenter.store.of_type("Alarm")
    return [one.ref for one in found if wanted is None or one["info.entity"] == wanted]


@local("AlarmManager.GetAlarmState")
def alarm_states(context: Context, this: Ref, entity: Ref) -> list[Data]:
    """Return the states of all alarms that are about an entity, those from above included."""
    return alarmstate.states(context.vcenter, context.scope.get(entity).ref)


@local("AlarmManager.AreAlarmActionsEnabled")
def alarm_actions(context: Context, this: Ref, entity: Ref) -> bool:
    """Return whether an entity's alarms act."""
    return bool(context.scope.get(entity).properties.get("alarmActionsEnabled"))
