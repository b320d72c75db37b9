"""Cmdlets that work on objects of any kind: select, sort, group, measure, compare."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages, Table
from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.engine.signals import StopUpstream
from hvsim_fakes.powershell.errors import PowerShellError, failure, record
from hvsim_fakes.powershell.objects.compare import equal, order, order_text
from hvsim_fakes.powershell.objects.convert import truth
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.members import call_method, get_member, list_members, read
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.numbers import as_number
from hvsim_fakes.powershell.objects.operate import compared, contains, is_like, is_type, match
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    Member,
    PSObject,
    collapsed,
    elements,
    is_list,
    unrolled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UTILITY: Final = Table("Microsoft.PowerShell.Utility", "Microsoft.PowerShell.Commands", "3.1.0.0")
CORE: Final = Table("Microsoft.PowerShell.Core", "Microsoft.PowerShell.Commands", "3.0.0.0")
_INPUT: Final = Parameter("InputObject", pipeline=True)


# ForEach-Object and Where-Object


@CORE.cmdlet(
    "ForEach-Object",
    _INPUT,
    Parameter("Process", "object", position=0, mandatory=True, sets=("ScriptBlockSet",)),
    Parameter("Begin", "scriptblock", sets=("ScriptBlockSet",)),
    Parameter("End", "scriptblock", sets=("ScriptBlockSet",)),
    Parameter("RemainingScripts", "object", remaining=True, sets=("ScriptBlockSet",)),
    Parameter("MemberName", "string", sets=("PropertyAndMethodSet",), mandatory=True),
    Parameter("ArgumentList", "object", aliases=("Args",), sets=("PropertyAndMethodSet",)),
    aliases=("%", "foreach"),
    default_set="ScriptBlockSet",
    confirm=True,
)
class ForEachObject(Stages):
    """Runs a script block for each object, or reads a member of each."""

    def __init__(self) -> None:
        self.first: list[Any] = []
        self.each: list[Any] = []
        self.last: list[Any] = []
        self.member = ""

    def begin(self, call: Call) -> Body:
        """Sort out the blocks: of several, the first begins and the last ends."""
        given = call.get("Process")
        blocks = elements(given) if is_list(given) else [given] if given is not None else []
        rest = call.get("RemainingScripts")
        blocks += elements(rest) if is_list(rest) else [rest] if rest is not None else []
        self.member = to_text(call.get("MemberName"))
        if blocks and isinstance(blocks[0], str):
            self.member, blocks = to_text(blocks[0]), []
        self.first = [call.get("Begin")] if call.given("Begin") else []
        self.last = [call.get("End")] if call.given("End") else []
        if len(blocks) > 1 and not self.first:
            self.first, blocks = blocks[:1], blocks[1:]
            if len(blocks) > 1 and not self.last:
                self.last, blocks = blocks[-1:], blocks[:-1]
        self.each = blocks
        for one in self.first:
            yield from _run(call, one)

    def process(self, call: Call) -> Body:
        """Run the blocks for an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        if self.member:
            yield from _member(call, item, self.member)
            return
        for one in self.each:
            if one is not None:
                yield from _run(call, one, item)

    def end(self, call: Call) -> Body:
        """Run the last block."""
        for one in self.last:
            yield from _run(call, one)


def _run(call: Call, block: Any, item: Any = NOTHING) -> Iterator[Any]:
    if item is NOTHING:
        return iter(call.engine.call_block(block, [], frame=_frame(call)))
    return iter(call.engine.call_block(block, [], item=item, frame=_frame(call)))


def _frame(call: Call) -> Any:
    return getattr(call, "frame", None)


def _member(call: Call, item: Any, name: str) -> Iterator[Any]:
    has, value = read(item, name.lower(), call.engine)
    arguments = call.get("ArgumentList")
    if not has:
        try:
            given = (
                elements(arguments)
                if is_list(arguments)
                else ([] if arguments is None else [arguments])
            )
            value = call_method(call.engine, item, name, given)
        except PowerShellError as wrong:
            if wrong.record.error_id != "MethodNotFound":
                raise
            value = None
    yield from unrolled(value)


_COMPARE: Final = (
    "EQ NE GT GE LT LE Like NotLike Match NotMatch Contains NotContains In NotIn Is IsNot "
    "CEQ CNE CGT CGE CLT CLE CLike CNotLike CMatch CNotMatch CContains CNotContains CIn CNotIn"
)


@CORE.cmdlet(
    "Where-Object",
    _INPUT,
    Parameter("FilterScript", "scriptblock", position=0, mandatory=True, sets=("ScriptBlockSet",)),
    Parameter("Property", "string", position=0, mandatory=True, sets=("EqualSet",)),
    Parameter("Value", "object", position=1, sets=("EqualSet",)),
    *(Parameter(name, "switch", sets=("EqualSet",)) for name in _COMPARE.split()),
    aliases=("?", "where"),
    default_set="EqualSet",
)
class WhereObject(Stages):
    """Lets objects through that meet a condition."""

    def process(self, call: Call) -> Body:
        """Judge an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        block = call.get("FilterScript")
        if block is not None:
            found = call.engine.call_block(block, [], item=item, frame=_frame(call))
            good = truth(collapsed(found))
        else:
            good = _meets(call, item)
        if good:
            yield item


def _meets(call: Call, item: Any) -> bool:
    left = get_member(item, to_text(call.get("Property")).lower(), call.engine)
    operator = next((name for name in _COMPARE.split() if call.on(name)), "")
    if not operator:
        return equal(left, call.get("Value")) if call.given("Value") else truth(left)
    return _judge(operator.lower(), left, call.get("Value"))


def _judge(operator: str, left: Any, right: Any) -> bool:
    case = operator[0] == "c" and operator != "contains"
    name = operator[1:] if case else operator
    values = elements(left) if is_list(left) else [left]
    if name in ("contains", "notcontains"):
        return contains(left, right, case=case) is (name == "contains")
    if name in ("in", "notin"):
        return contains(right, left, case=case) is (name == "in")
    if name in ("is", "isnot"):
        return is_type(left, right) is (name == "is")
    judge = _single(name, right, case=case)
    return any(judge(one) for one in values) if is_list(left) else judge(left)


def _single(name: str, right: Any, *, case: bool) -> Callable[[Any], bool]:
    wanted = not name.startswith("not")
    plain = name.removeprefix("not")
    if plain == "like":
        return lambda one: is_like(one, right, case=case) is wanted
    if plain == "match":
        return lambda one: (match(to_text(one), to_text(right), case=case) is not None) is wanted
    return lambda one: compared(name, one, right, case=case)


# Select-Object


@UTILITY.cmdlet(
    "Select-Object",
    _INPUT,
    Parameter("Property", "object[]", position=0),
    Parameter("ExcludeProperty", "string[]"),
    Parameter("ExpandProperty", "string"),
    Parameter("Unique", "switch"),
    Parameter("Last", "int"),
    Parameter("First", "int"),
    Parameter("Skip", "int"),
    Parameter("SkipLast", "int"),
    Parameter("Wait", "switch"),
    Parameter("Index", "int[]"),
    aliases=("select",),
)
class SelectObject(Stages):
    """Chooses objects, or properties of them."""

    def __init__(self) -> None:
        self.plans: list[Plan] | None = None
        self.seen: list[Any] = []
        self.kept: list[Any] = []
        self.count = 0
        self.made = 0

    def begin(self, call: Call) -> Body:
        """Work out what is wanted."""
        if call.given("Property"):
            self.plans = [plan(one) for one in call.get("Property")]
        yield from ()

    def process(self, call: Call) -> Body:
        """Take an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        if item is None and not is_list(item):
            return
        self.count += 1
        if call.given("Last") or call.given("SkipLast") or call.given("Index"):
            self.kept.append(item)
            return
        if self.count <= int(call.get("Skip", 0)):
            return
        first = call.get("First") if call.given("First") else None
        if first is not None and self.made >= int(first):
            if not call.on("Wait"):
                raise StopUpstream(call)
            return
        self.made += 1
        yield from self.selected(call, item)
        if (
            first is not None
            and self.made >= int(first)
            and not call.on("Wait")
            and call.item is (item)
        ):
            raise StopUpstream(call)

    def end(self, call: Call) -> Body:
        """Give what had to wait for the last object."""
        for item in self._waiting(call):
            yield from self.selected(call, item)

    def _waiting(self, call: Call) -> list[Any]:
        kept = self.kept
        if call.given("Index"):
            wanted = [int(at) for at in call.get("Index")]
            return [one for at, one in enumerate(kept) if at in wanted]
        if call.given("SkipLast"):
            count = int(call.get("SkipLast"))
            return kept[: len(kept) - count] if count else kept
        skip = int(call.get("Skip", 0))
        kept = kept[: len(kept) - skip] if skip else kept
        last = int(call.get("Last", 0))
        tail = kept[-last:] if last else []
        if call.given("First"):
            head = kept[: int(call.get("First"))]
            return head + tail[max(0, len(head) + len(tail) - len(kept)) :]
        return tail

    def selected(self, call: Call, item: Any) -> Iterator[Any]:
        """Return what is selected of an object."""
        expand = to_text(call.get("ExpandProperty"))
        if expand:
            yield from self._once(call, self._expanded(call, item, expand))
            return
        if self.plans is None:
            yield from self._once(call, [item])
            return
        yield from self._once(call, [self._shaped(call, item)])

    def _shaped(self, call: Call, item: Any) -> PSObject:
        hidden = [to_text(one) for one in call.get("ExcludeProperty") or ()]
        found = _projected(call, item, self.plans or [], hidden)
        name = type_of(item).name
        if isinstance(item, PSObject):
            name = item.type_names[0]
        found.type_names = (f"Selected.{name.removeprefix('Selected.')}", *found.type_names)
        return found

    def _expanded(self, call: Call, item: Any, name: str) -> Iterator[Any]:
        has, value = read(item, name.lower(), call.engine)
        if not has:
            call.error(
                record(
                    f'Property "{name}" cannot be found.',
                    "ExpandPropertyNotFound",
                    "InvalidArgument",
                    item,
                    "System.Management.Automation.PSArgumentException",
                )
            )
            return
        for one in unrolled(value):
            if self.plans and isinstance(one, PSObject):
                for key, extra in _projected(call, item, self.plans, []).items():
                    one.members.setdefault(key.lower(), Member(key, extra))
            yield one

    def _once(self, call: Call, found: Any) -> Iterator[Any]:
        for one in found:
            if call.on("Unique"):
                if any(_same(one, old) for old in self.seen):
                    continue
                self.seen.append(one)
            yield one


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, PSObject) and isinstance(right, PSObject):
        first, second = left.items(), right.items()
        return [name.lower() for name, _ in first] == [name.lower() for name, _ in second] and all(
            equal(a, b, case=True) for (_, a), (_, b) in zip(first, second, strict=True)
        )
    return equal(left, right, case=True)


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
                found = call.engine.call_block(self.expression, [], item=item, frame=_frame(call))
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


def _projected(call: Call, item: Any, plans: list[Plan], hidden: list[str]) -> PSObject:
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


# Sort-Object, Get-Unique


@UTILITY.cmdlet(
    "Sort-Object",
    _INPUT,
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
        if plans and call.given("Property"):
            keyed = [one for one in keyed] if keyed else []
        keyed.sort(key=cmp_to_key(lambda a, b: _ordered(a[0], b[0], down, case=case)))
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
    _INPUT,
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


# Group-Object


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
    _INPUT,
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


# Measure-Object


@UTILITY.cmdlet(
    "Measure-Object",
    _INPUT,
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


# Compare-Object


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


# Tee-Object


@UTILITY.cmdlet(
    "Tee-Object",
    _INPUT,
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
