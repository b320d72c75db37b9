"""Cmdlets that go through objects: ForEach-Object, Where-Object, Select-Object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.projection import Plan, plan, projected
from hvsim_fakes.powershell.cmdlets.tables import CORE, INPUT, UTILITY
from hvsim_fakes.powershell.engine.signals import StopUpstream
from hvsim_fakes.powershell.errors import PowerShellError, record
from hvsim_fakes.powershell.objects.compare import equal
from hvsim_fakes.powershell.objects.convert import truth
from hvsim_fakes.powershell.objects.members import call_method, get_member, read
from hvsim_fakes.powershell.objects.operate import compared, contains, is_like, is_type, match
from hvsim_fakes.powershell.objects.registry import type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Member,
    PSObject,
    collapsed,
    elements,
    is_list,
    unrolled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@CORE.cmdlet(
    "ForEach-Object",
    INPUT,
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
        self.arguments: list[Any] = []

    def begin(self, call: Call) -> Body:
        """Sort out the blocks: of several, the first begins and the last ends."""
        given = call.get("Process")
        blocks = elements(given) if is_list(given) else [given] if given is not None else []
        rest = call.get("RemainingScripts")
        blocks += elements(rest) if is_list(rest) else [rest] if rest is not None else []
        self.member = to_text(call.get("MemberName"))
        if blocks and isinstance(blocks[0], str):
            self.member, self.arguments, blocks = to_text(blocks[0]), blocks[1:], []
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
            yield from _member(call, item, self.member, self.arguments)
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
        return iter(call.engine.call_block(block, [], frame=call.engine_frame))
    return iter(call.engine.call_block(block, [], item=item, frame=call.engine_frame))


def _member(call: Call, item: Any, name: str, rest: list[Any]) -> Iterator[Any]:
    has, value = read(item, name.lower(), call.engine)
    if not has:
        listed = call.get("ArgumentList")
        given = elements(listed) if is_list(listed) else [listed] if listed is not None else rest
        try:
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
    INPUT,
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
            found = call.engine.call_block(block, [], item=item, frame=call.engine_frame)
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


@UTILITY.cmdlet(
    "Select-Object",
    INPUT,
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
        found = projected(call, item, self.plans or [], hidden)
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
                for key, extra in projected(call, item, self.plans, []).items():
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
