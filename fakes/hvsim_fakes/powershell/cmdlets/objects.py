"""Cmdlets that work on all objects together: sort, group, measure, compare, tee."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.projection import Plan, plan
from hvsim_fakes.powershell.cmdlets.tables import INPUT, UTILITY
from hvsim_fakes.powershell.errors import PowerShellError, record
from hvsim_fakes.powershell.objects.compare import equal, order, order_text
from hvsim_fakes.powershell.objects.convert import truth
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.members import read
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.numbers import as_number
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    PSObject,
    collapsed,
    unrolled,
)


@UTILITY.cmdlet(
    "Sort-Object",
    INPUT,
    Parameter("Property", "object[]", position=0),
    Parameter("Descending", "switch"),
    Parameter("Unique", "switch"),
    Parameter("CaseSensitive", "switch"),
    Parameter("Culture", "string"),
    aliases=("sort",),
)
class SortObject(Stages):
    """Sorts objects; equal ones keep their order."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        if item is not None:
            call.engine.budget.hold(64)
            self.items.append(item)
        yield from ()

    def end(self, call: Call) -> Body:
        """Sort them."""
        case = call.on("CaseSensitive")
        plans = [plan(one) for one in call.get("Property") or ()]
        down = [_descending(one, default=call.on("Descending")) for one in plans] or [
            call.on("Descending")
        ]
        keyed = [
            ([one.value(call, item) for one in plans] if plans else [item], item)
            for item in self.items
        ]

        def compared(left: tuple[list[Any], Any], right: tuple[list[Any], Any]) -> int:
            return _ordered(left[0], right[0], down, case=case)

        keyed.sort(key=cmp_to_key(compared))
        last: Any = NOTHING
        for keys, item in keyed:
            if (
                call.on("Unique")
                and last is not NOTHING
                and all(equal(a, b, case=case) for a, b in zip(keys, last, strict=True))
            ):
                continue
            last = keys
            yield item


def _descending(one: Plan, *, default: bool) -> bool:
    for key, value in one.facts.items():
        word = to_text(key).lower()
        if word and "descending".startswith(word) and len(word) > 1:
            return truth(value)
        if word and "ascending".startswith(word):
            return not truth(value)
    return default


def _ordered(left: list[Any], right: list[Any], down: list[bool], *, case: bool) -> int:
    for first, second, reverse in zip(left, right, down, strict=True):
        found = compare_any(first, second, case=case)
        if found:
            return -found if reverse else found
    return 0


def compare_any(left: Any, right: Any, *, case: bool = False) -> int:
    """Compare any two values: those without an order by their text."""
    try:
        return order(left, right, case=case)
    except PowerShellError:
        return order_text(to_text(left), to_text(right), case=case)


@UTILITY.cmdlet(
    "Get-Unique",
    INPUT,
    Parameter("AsString", "switch"),
    Parameter("OnType", "switch"),
    aliases=("gu",),
)
class GetUnique(Stages):
    """Leaves out what is like the object before."""

    def __init__(self) -> None:
        self.last: Any = NOTHING

    def process(self, call: Call) -> Body:
        """Judge an object."""
        item = call.item
        shown = to_text(item) if call.on("AsString") else item
        if self.last is NOTHING or not equal(shown, self.last, case=not call.on("AsString")):
            self.last = shown
            yield item


class Group:
    """Microsoft.PowerShell.Commands.GroupInfo."""

    ps_type = NetType(
        "Microsoft.PowerShell.Commands.GroupInfo",
        OBJECT,
        properties=[
            Property("Count", lambda one: len(one.items)),
            Property("Name", lambda one: one.name),
            Property("Group", lambda one: one.items),
            Property("Values", lambda one: one.keys),
        ],
    )

    def __init__(self, keys: list[Any]) -> None:
        self.keys = keys
        self.items: list[Any] = []

    @property
    def name(self) -> str:
        """What its objects have in common, as text."""
        return ", ".join(to_text(one) for one in self.keys)


@UTILITY.cmdlet(
    "Group-Object",
    INPUT,
    Parameter("Property", "object[]", position=0),
    Parameter("NoElement", "switch"),
    Parameter("AsHashTable", "switch", aliases=("AHT",)),
    Parameter("AsString", "switch"),
    Parameter("CaseSensitive", "switch"),
    aliases=("group",),
)
class GroupObject(Stages):
    """Groups objects by what they have in common, in the order of sorting."""

    def __init__(self) -> None:
        self.groups: list[Group] = []
        self.known: dict[Any, Group] = {}

    def process(self, call: Call) -> Body:
        """Put an object into its group."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        plans = [plan(one) for one in call.get("Property") or ()]
        keys = [one.value(call, item) for one in plans] if plans else [item]
        mark = tuple(_mark(one, case=call.on("CaseSensitive")) for one in keys)
        group = self.known.get(mark)
        if group is None:
            group = self.known[mark] = Group(keys)
            self.groups.append(group)
        group.items.append(item)
        yield from ()

    def end(self, call: Call) -> Body:
        """Give the groups."""
        if not call.on("AsHashTable"):
            yield from self.groups
            return
        table = Hashtable()
        for one in self.groups:
            key = one.name if call.on("AsString") or len(one.keys) > 1 else one.keys[0]
            table.set(key, one.items)
        if self.groups:
            yield table


def _mark(value: Any, *, case: bool) -> str:
    text = to_text(value)
    return f"{type_of(value).name if not isinstance(value, str) else ''}:" + (
        text if case else text.lower()
    )


@UTILITY.cmdlet(
    "Measure-Object",
    INPUT,
    Parameter("Property", "object[]", position=0),
    Parameter("Sum", "switch"),
    Parameter("Average", "switch"),
    Parameter("Maximum", "switch"),
    Parameter("Minimum", "switch"),
    Parameter("Line", "switch"),
    Parameter("Word", "switch"),
    Parameter("Character", "switch"),
    Parameter("IgnoreWhiteSpace", "switch"),
    aliases=("measure",),
)
class MeasureObject(Stages):
    """Counts objects; sums up numbers; finds the least and the greatest."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}

    def begin(self, call: Call) -> Body:
        """Know what to measure."""
        for one in call.get("Property") or ("",):
            self.values[to_text(one)] = []
        yield from ()

    def process(self, call: Call) -> Body:
        """Take an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        if item is None:
            return
        for name, values in self.values.items():
            has, value = read(item, name.lower(), call.engine) if name else (True, item)
            if has:
                values.extend(unrolled(value) if name else [value])
        yield from ()

    def end(self, call: Call) -> Body:
        """Give what was measured."""
        for name, values in self.values.items():
            if call.on("Line") or call.on("Word") or call.on("Character"):
                yield _text_measure(call, values)
                continue
            if name and not values:
                self._nothing_found(call, name)
                continue
            yield _measured(call, name, values)

    @staticmethod
    def _nothing_found(call: Call, name: str) -> None:
        call.error(
            record(
                f'The property "{name}" cannot be found in the input for any objects.',
                "GenericMeasurePropertyNotFound",
                "InvalidArgument",
                exception="System.Management.Automation.PSArgumentException",
            )
        )


def _measured(call: Call, name: str, values: list[Any]) -> PSObject:
    numbers = _numbers(call, values) if call.on("Sum") or call.on("Average") else []
    total: Any = float(sum(numbers)) if numbers else None
    best = [one for one in values if one is not None]
    key = cmp_to_key(compare_any)
    found = [
        ("Count", len(values)),
        ("Average", total / len(numbers) if numbers and call.on("Average") else None),
        ("Sum", total if call.on("Sum") else None),
        ("Maximum", max(best, key=key) if best and call.on("Maximum") else None),
        ("Minimum", min(best, key=key) if best and call.on("Minimum") else None),
        ("Property", name or None),
    ]
    shown = [
        (word, _as_double(value) if word in ("Maximum", "Minimum") else value)
        for word, value in found
    ]
    return PSObject(shown, "Microsoft.PowerShell.Commands.GenericMeasureInfo")


def _as_double(value: Any) -> Any:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return float(value) if is_number else value


def _numbers(call: Call, values: list[Any]) -> list[Any]:
    found = []
    for one in values:
        try:
            number = as_number(one)
        except NetError:
            number = None
        if number is None:
            call.error(
                record(
                    f'Input object "{to_text(one)}" is not numeric.',
                    "NonNumericInputObject",
                    "InvalidType",
                    one,
                    "System.Management.Automation.PSInvalidCastException",
                )
            )
            continue
        found.append(number)
    return found


def _text_measure(call: Call, values: list[Any]) -> PSObject:
    texts = [to_text(one) for one in values]
    lines = sum(len(one.splitlines()) for one in texts)
    words = sum(len(one.split()) for one in texts)
    blank = call.on("IgnoreWhiteSpace")
    chars = sum(len("".join(one.split()) if blank else one) for one in texts)
    return PSObject(
        [
            ("Lines", lines if call.on("Line") else None),
            ("Words", words if call.on("Word") else None),
            ("Characters", chars if call.on("Character") else None),
            ("Property", None),
        ],
        "Microsoft.PowerShell.Commands.TextMeasureInfo",
    )


@UTILITY.cmdlet(
    "Compare-Object",
    Parameter("ReferenceObject", "object[]", position=0, mandatory=True, empty=True),
    Parameter(
        "DifferenceObject", "object[]", position=1, mandatory=True, pipeline=True, empty=True
    ),
    Parameter("Property", "object[]"),
    Parameter("IncludeEqual", "switch"),
    Parameter("ExcludeDifferent", "switch"),
    Parameter("PassThru", "switch"),
    Parameter("CaseSensitive", "switch"),
    Parameter("SyncWindow", "int"),
    Parameter("Culture", "string"),
    aliases=("compare", "diff"),
)
class CompareObject(Stages):
    """Tells what two collections do not have in common."""

    def __init__(self) -> None:
        self.others: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take an object to compare."""
        self.others += list(call.get("DifferenceObject") or ())
        yield from ()

    def end(self, call: Call) -> Body:
        """Compare."""
        plans = [plan(one) for one in call.get("Property") or ()]
        case = call.on("CaseSensitive")
        rest = list(call.get("ReferenceObject") or ())
        only: list[Any] = []
        for other in self.others:
            at = next(
                (at for at, one in enumerate(rest) if _alike(call, one, other, plans, case=case)),
                None,
            )
            if at is None:
                only.append(other)
                continue
            same = rest.pop(at)
            if call.on("IncludeEqual"):
                yield _difference(call, same, "==", plans)
        if call.on("ExcludeDifferent"):
            return
        for one in only:
            yield _difference(call, one, "=>", plans)
        for one in rest:
            yield _difference(call, one, "<=", plans)


def _alike(call: Call, left: Any, right: Any, plans: list[Plan], *, case: bool) -> bool:
    if plans:
        return all(equal(one.value(call, left), one.value(call, right), case=case) for one in plans)
    if isinstance(left, PSObject):
        return equal(to_text(left), to_text(right), case=case)
    return equal(left, right, case=case)


def _difference(call: Call, item: Any, side: str, plans: list[Plan]) -> Any:
    if call.on("PassThru"):
        if isinstance(item, PSObject):
            item.set("SideIndicator", side)
        return item
    shown = [(one.name, one.value(call, item)) for one in plans] or [("InputObject", item)]
    return PSObject([*shown, ("SideIndicator", side)])


@UTILITY.cmdlet(
    "Tee-Object",
    INPUT,
    Parameter("FilePath", "string", position=0, sets=("File",)),
    Parameter("Append", "switch", sets=("File",)),
    Parameter("Variable", "string", sets=("Variable",)),
    aliases=("tee",),
    default_set="File",
)
class TeeObject(Stages):
    """Lets objects through and keeps them in a variable or a file."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take an object."""
        self.items.append(call.item)
        yield call.item

    def end(self, call: Call) -> Body:
        """Keep them."""
        if call.given("Variable"):
            call.set_variable(to_text(call.get("Variable")), collapsed(self.items))
        elif call.given("FilePath"):
            call.engine.write_file(
                to_text(call.get("FilePath")), self.items, append=call.on("Append")
            )
        yield from ()
