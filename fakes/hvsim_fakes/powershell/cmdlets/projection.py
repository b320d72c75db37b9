"""Properties that cmdlets are asked for: by name, by wildcard, or calculated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.errors import PowerShellError, failure, record
from hvsim_fakes.powershell.objects.members import get_member, list_members
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    Hashtable,
    PSObject,
    collapsed,
)

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Call


class Plan:
    """A property that a cmdlet is to show: by name, by wildcard, or calculated."""

    def __init__(self, name: str, expression: Any = None, facts: Hashtable | None = None) -> None:
        self.name = name
        self.expression = expression
        self.facts = facts or Hashtable()

    @property
    def wild(self) -> bool:
        """Whether it is a pattern."""
        return self.expression is None and has_wildcard(self.name)

    def value(self, call: Call, item: Any) -> Any:
        """Return the property's value of an object."""
        if self.expression is None:
            return get_member(item, self.name.lower(), call.engine)
        if not isinstance(self.expression, ScriptBlock):
            return get_member(item, to_text(self.expression).lower(), call.engine)
        try:
            with call.engine.catching():
                found = call.engine.call_block(
                    self.expression, [], item=item, frame=call.engine_frame
                )
        except PowerShellError as wrong:
            if wrong.fatal:
                raise
            call.engine.remember(wrong.record)
            return None
        return collapsed(found)


def plan(given: Any) -> Plan:
    """Return what a ``-Property`` argument asks for."""
    if isinstance(given, Hashtable):
        return _calculated(given)
    if isinstance(given, ScriptBlock):
        return Plan(given.text, given)
    return Plan(to_text(given))


def _calculated(given: Hashtable) -> Plan:
    expression: Any = None
    name = ""
    for key, value in given.items():
        word = to_text(key).lower()
        if word and "expression".startswith(word):
            expression = value
        elif word and ("name".startswith(word) or "label".startswith(word)):
            name = to_text(value)
    if expression is None:
        text = "The hash table must contain an Expression entry."
        raise failure(text, "DictionaryKeyIllegalValue", "InvalidArgument")
    return Plan(name or to_text(getattr(expression, "text", expression)), expression, given)


def projected(call: Call, item: Any, plans: list[Plan], hidden: list[str]) -> PSObject:
    """Return an object with the properties asked for."""
    found = PSObject()
    for one in plans:
        if one.wild:
            pairs = _wild(call, item, one.name)
        else:
            pairs = [(_spelled(item, one), one.value(call, item))]
        for name, value in pairs:
            if any(like(name, pattern) for pattern in hidden):
                continue
            if name.lower() in found.members:
                if not one.wild:
                    call.error(
                        record(
                            f'The property cannot be processed because the property "{name}" '
                            "already exists.",
                            "AlreadyExistingUserSpecifiedPropertyNoExpand",
                            "InvalidOperation",
                            item,
                            "System.Management.Automation.PSArgumentException",
                        )
                    )
                continue
            found.set(name, value)
    return found


def _spelled(item: Any, one: Plan) -> str:
    """Return the name that the result has: as the object spells it."""
    if one.expression is not None:
        return one.name
    if isinstance(item, PSObject):
        member = item.members.get(one.name.lower())
        return member.name if member is not None else one.name
    known = type_of(item).properties.get(one.name.lower())
    return known.name if known is not None else one.name


def _wild(call: Call, item: Any, pattern: str) -> list[tuple[str, Any]]:
    return [pair for pair in list_members(item, call.engine) if like(pair[0], pattern)]
