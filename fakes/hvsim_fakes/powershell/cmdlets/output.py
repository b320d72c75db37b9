"""Cmdlets that write: to the streams, the screen, as tables and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.projection import Plan, plan
from hvsim_fakes.powershell.cmdlets.tables import CORE, INPUT, UTILITY
from hvsim_fakes.powershell.dotnet.collections import entries
from hvsim_fakes.powershell.dotnet.enumerations import ERROR_CATEGORY
from hvsim_fakes.powershell.errors import ErrorRecord, NetException, exception_type
from hvsim_fakes.powershell.format import shapes
from hvsim_fakes.powershell.format.render import is_line, render, settled
from hvsim_fakes.powershell.format.shapes import WIDTH, Shaped, cell
from hvsim_fakes.powershell.format.views import Column, TableView, default_names, view_of
from hvsim_fakes.powershell.objects.members import list_members
from hvsim_fakes.powershell.objects.patterns import like
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    elements,
    is_list,
    unrolled,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@UTILITY.cmdlet(
    "Write-Output",
    Parameter(
        "InputObject",
        "object",
        position=0,
        pipeline=True,
        remaining=True,
        mandatory=True,
        null=True,
        empty=True,
    ),
    Parameter("NoEnumerate", "switch"),
    aliases=("echo", "write"),
)
def write_output(call: Call) -> Body:
    """Write objects to the pipeline."""
    value = call.get("InputObject")
    if call.on("NoEnumerate"):
        yield value
    elif is_list(value):
        yield from elements(value)
    else:
        yield value


@UTILITY.cmdlet(
    "Write-Error",
    Parameter(
        "Message",
        "string",
        position=0,
        pipeline=True,
        mandatory=True,
        null=True,
        empty=True,
        aliases=("Msg",),
        sets=("NoException", "WithException"),
    ),
    Parameter("Exception", "System.Exception", mandatory=True, sets=("WithException",)),
    Parameter("ErrorRecord", "object", mandatory=True, sets=("ErrorRecord",)),
    Parameter("Category", "System.Management.Automation.ErrorCategory"),
    Parameter("ErrorId", "string"),
    Parameter("TargetObject", "object"),
    Parameter("RecommendedAction", "string"),
    Parameter("CategoryActivity", "string"),
    Parameter("CategoryReason", "string"),
    Parameter("CategoryTargetName", "string"),
    Parameter("CategoryTargetType", "string"),
    default_set="NoException",
)
def write_error(call: Call) -> Body:
    """Write an error of the script's own; outside a function it has the name Write-Error."""
    given = call.get("ErrorRecord")
    made = given if isinstance(given, ErrorRecord) else _error(call)
    frame = call.engine_frame
    # The error is the caller's: of a function, at its call; of a script, whose text it then shows.
    made.command = frame.command or call.engine.text
    made.extent = frame.extent
    made.activity = made.activity or "Write-Error"
    call.error(made, signed=True, own_class=frame.command)
    yield from ()


def _error(call: Call) -> ErrorRecord:
    thrown = call.get("Exception")
    message = call.get("Message")
    if not isinstance(thrown, NetException):
        kind = exception_type("Microsoft.PowerShell.Commands.WriteErrorException")
        thrown = NetException(kind, to_text(message))
    category = call.get("Category")
    made = ErrorRecord(
        thrown,
        to_text(call.get("ErrorId")) or thrown.ps_type.name,
        category.name if category is not None else ERROR_CATEGORY.of(0).name,
        call.get("TargetObject"),
        activity=to_text(call.get("CategoryActivity")),
        reason=to_text(call.get("CategoryReason")),
        target_name=to_text(call.get("CategoryTargetName")),
        target_type=to_text(call.get("CategoryTargetType")),
        recommended=to_text(call.get("RecommendedAction")),
    )
    if message is not None and to_text(message) != thrown.message:
        made.details = to_text(message)
    thrown.record = made
    return made


_MESSAGE: Final = Parameter(
    "Message", "string", position=0, pipeline=True, mandatory=True, empty=True, aliases=("Msg",)
)


@UTILITY.cmdlet("Write-Warning", _MESSAGE)
def write_warning(call: Call) -> Body:
    """Write a warning."""
    call.warning(to_text(call.get("Message")))
    yield from ()


@UTILITY.cmdlet("Write-Verbose", _MESSAGE)
def write_verbose(call: Call) -> Body:
    """Write a verbose message."""
    call.verbose(to_text(call.get("Message")))
    yield from ()


@UTILITY.cmdlet("Write-Debug", _MESSAGE)
def write_debug(call: Call) -> Body:
    """Write a debug message."""
    call.debug(to_text(call.get("Message")))
    yield from ()


@UTILITY.cmdlet(
    "Write-Information",
    Parameter(
        "MessageData",
        "object",
        position=0,
        mandatory=True,
        pipeline=True,
        aliases=("Msg", "Message"),
    ),
    Parameter("Tags", "string[]", position=1),
)
def write_information(call: Call) -> Body:
    """Write to the information stream."""
    call.information(call.get("MessageData"), [to_text(one) for one in call.get("Tags") or ()])
    yield from ()


@UTILITY.cmdlet(
    "Write-Host",
    Parameter(
        "Object", "object", position=0, pipeline=True, remaining=True, aliases=("Msg", "Message")
    ),
    Parameter("NoNewline", "switch"),
    Parameter("Separator", "object"),
    Parameter("ForegroundColor", "System.ConsoleColor"),
    Parameter("BackgroundColor", "System.ConsoleColor"),
)
def write_host(call: Call) -> Body:
    """Write to the screen, by way of the information stream."""
    value = call.get("Object")
    separator = to_text(call.get("Separator")) if call.given("Separator") else " "
    parts = [to_text(one) for one in unrolled(value)] if value is not None else [""]
    engine: Any = call
    engine.information(separator.join(parts), ["PSHOST"], newline=not call.on("NoNewline"))
    yield from ()


@UTILITY.cmdlet(
    "Write-Progress",
    Parameter("Activity", "string", position=0, mandatory=True),
    Parameter("Status", "string", position=1),
    Parameter("Id", "int", position=2),
    Parameter("PercentComplete", "int", default=-1),
    Parameter("SecondsRemaining", "int", default=-1),
    Parameter("CurrentOperation", "string"),
    Parameter("ParentId", "int", default=-1),
    Parameter("Completed", "switch"),
    Parameter("SourceId", "int"),
)
def write_progress(call: Call) -> Body:
    """Show how far the script is."""
    call.progress(
        to_text(call.get("Activity")),
        to_text(call.get("Status")) or "Processing",
        int(call.get("PercentComplete", -1)),
        done=call.on("Completed"),
    )
    yield from ()


@CORE.cmdlet("Out-Null", INPUT)
def out_null(_: Call) -> Body:
    """Drop objects."""
    yield from ()


class _Gather(Stages):
    """Takes all its input."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        call.engine.budget.hold(64)
        if item is not None:
            self.items.append(item)
        yield from ()


def _width(call: Call) -> int:
    given = call.get("Width")
    return max(2, min(int(given), 32_768)) + 1 if given is not None else WIDTH


@UTILITY.cmdlet("Out-String", INPUT, Parameter("Stream", "switch"), Parameter("Width", "int"))
class OutString(_Gather):
    """Gives the text that the screen would show."""

    def end(self, call: Call) -> Body:
        """Give the text."""
        lines = render(self.items, call.engine, _width(call))
        call.engine.budget.hold(sum(map(len, lines)))
        if call.on("Stream"):
            yield from lines
        else:
            yield "".join(f"{line}\r\n" for line in lines)


@CORE.cmdlet("Out-Default", INPUT, Parameter("Transcript", "switch"))
def out_default(call: Call) -> Body:
    """Hand objects on: the host shows them."""
    yield call.item if call.item is not NOTHING else call.get("InputObject")


@CORE.cmdlet("Out-Host", INPUT, Parameter("Paging", "switch"), aliases=("oh",))
class OutHost(_Gather):
    """Shows objects on the screen."""

    def end(self, call: Call) -> Body:
        """Show them."""
        for line in render(self.items, call.engine):
            call.engine.streams.host(line)
        yield from ()


@UTILITY.cmdlet(
    "Format-Table",
    INPUT,
    Parameter("Property", "object[]", position=0),
    Parameter("AutoSize", "switch"),
    Parameter("HideTableHeaders", "switch"),
    Parameter("Wrap", "switch"),
    Parameter("GroupBy", "object"),
    Parameter("View", "string"),
    Parameter("ShowError", "switch"),
    Parameter("DisplayError", "switch"),
    Parameter("Force", "switch"),
    Parameter("Expand", "string"),
    aliases=("ft",),
)
class FormatTable(_Gather):
    """Lays objects out as a table."""

    def end(self, call: Call) -> Body:
        """Give the table."""
        if self.items and is_line(self.items[0]) and not call.given("Property"):
            yield Shaped(render(self.items, call.engine))
            return
        for title, items in _groups(call, self.items):
            columns, patterns, values = _columns(call, items)
            if not columns:
                continue
            lines = shapes.table_lines(
                columns,
                [values(item) for item in items],
                limit=shapes.limit_of(call),
                headers=not call.on("HideTableHeaders"),
                wrap=call.on("Wrap"),
                patterns=patterns,
            )
            head = ["", f"   {title}", ""] if title else [""]
            yield Shaped([*head, *lines, "", ""])


def _groups(call: Call, items: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    by = call.get("GroupBy")
    if by is None:
        if items:
            yield "", items
        return
    key = plan(by)
    group: list[Any] = []
    last = ""
    for item in items:
        title = f"{key.name}: {to_text(key.value(call, item))}"
        if group and title != last:
            yield last, group
            group = []
        last = title
        group.append(item)
    if group:
        yield last, group


def _columns(call: Call, items: list[Any]) -> tuple[list[Column], list[str], Any]:
    plans = _plans(call, items[0])
    if plans is None:
        return _default_columns(call, items)
    facts = [shapes.plan_facts(one) for one in plans]
    columns = [
        Column(one.name, width, right) for one, (width, right, _) in zip(plans, facts, strict=True)
    ]
    return (
        columns,
        [pattern for _, _, pattern in facts],
        lambda item: [one.value(call, item) for one in plans],
    )


def _plans(call: Call, first: Any) -> list[Plan] | None:
    """Return what -Property asks for, wildcards resolved by the first object."""
    given = call.get("Property")
    if given is None:
        return None
    found: list[Plan] = []
    for one in given:
        wanted = plan(one)
        if wanted.wild:
            found += [
                Plan(name)
                for name, _ in list_members(first, call.engine)
                if like(name, wanted.name)
            ]
        else:
            found.append(_named(first, wanted))
    return found


def _named(first: Any, wanted: Plan) -> Plan:
    if wanted.expression is None:
        for name, _ in list_members(first):
            if name.lower() == wanted.name.lower():
                return Plan(name)
    return wanted


def _default_columns(call: Call, items: list[Any]) -> tuple[list[Column], list[str], Any]:
    view = view_of(items[0])
    if isinstance(view, TableView):
        columns = settled(view)
    else:
        names = default_names(items[0]) or [
            name for name, _ in shapes.shown_properties(items[0], call.engine)
        ]
        columns = [Column(name) for name in names][:10]
    return (
        columns,
        [""] * len(columns),
        lambda item: [shapes.column_value(one, item, call.engine) for one in columns],
    )


@UTILITY.cmdlet(
    "Format-List",
    INPUT,
    Parameter("Property", "object[]", position=0),
    Parameter("GroupBy", "object"),
    Parameter("View", "string"),
    Parameter("ShowError", "switch"),
    Parameter("DisplayError", "switch"),
    Parameter("Force", "switch"),
    Parameter("Expand", "string"),
    aliases=("fl",),
)
class FormatList(_Gather):
    """Lays objects out as lists of their properties."""

    def end(self, call: Call) -> Body:
        """Give the lists."""
        if self.items and is_line(self.items[0]) and not call.given("Property"):
            yield Shaped(render(self.items, call.engine))
            return
        lines = [""]
        limit = shapes.limit_of(call)
        for item in self._items():
            lines.append("")
            lines += shapes.list_lines(
                [(name, cell(value, limit)) for name, value in self._pairs(call, item)]
            )
        if self.items:
            yield Shaped([*lines, "", "", ""])

    def _items(self) -> Iterator[Any]:

        for item in self.items:
            yield from entries(item) if isinstance(item, Hashtable) else [item]

    @staticmethod
    def _pairs(call: Call, item: Any) -> list[tuple[str, Any]]:
        plans = _plans(call, item)
        if plans is not None:
            return [(one.name, one.value(call, item)) for one in plans]
        pairs = shapes.shown_properties(item, call.engine)
        names = default_names(item)
        if not names:
            return pairs
        known = {name.lower(): value for name, value in pairs}
        return [(name, known.get(name.lower())) for name in names]


@UTILITY.cmdlet(
    "Format-Wide",
    INPUT,
    Parameter("Property", "object", position=0),
    Parameter("Column", "int"),
    Parameter("AutoSize", "switch"),
    aliases=("fw",),
)
class FormatWide(_Gather):
    """Lays one property of each object out in columns."""

    def end(self, call: Call) -> Body:
        """Give the columns."""
        count = max(int(call.get("Column", 2)), 1)
        one = plan(call.get("Property")) if call.given("Property") else None
        texts = [cell(one.value(call, item) if one else _first(call, item)) for item in self.items]
        size = (WIDTH - 1) // count
        lines = [
            " ".join(text[: size - 1].ljust(size - 1) for text in texts[at : at + count]).rstrip()
            for at in range(0, len(texts), count)
        ]
        if lines:
            yield Shaped(["", *lines, "", ""])


def _first(call: Call, item: Any) -> Any:
    if is_line(item):
        return item
    pairs = shapes.shown_properties(item, call.engine)
    return next((v for n, v in pairs if n.lower() == "name"), pairs[0][1] if pairs else item)
