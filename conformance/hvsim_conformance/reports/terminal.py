"""The run on the terminal: counts by area, every failure with its command line, the headline."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hvsim_conformance.engine.run import Run
from hvsim_conformance.engine.summary import Count, Summary
from hvsim_conformance.engine.verdict import CheckResult, ExitCode, Verdict
from hvsim_conformance.reports.page import rows
from hvsim_conformance.reports.text import legal

STDERR_SHOWN = 5
"""Lines of an adapter's standard error that are shown."""

_STYLES = {
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.KNOWN_FAILURE: "yellow",
}


def show(run: Run, summary: Summary, console: Console) -> None:
    """Print the report."""
    console.print(_table(summary))
    for group in _alike(r for r in run.results if r.verdict in _STYLES or r.remarks):
        _finding(group, console)
    _absences(run, console)
    style = "bold green" if summary.exit_code is ExitCode.CONFORMANT else "bold red"
    console.print(Text(summary.headline, style), soft_wrap=True)


def _table(summary: Summary) -> Table:
    table = Table("product", "profile", "area", box=None, header_style="bold")
    for level in ("MUST", "SHOULD", "MAY"):
        table.add_column(level, justify="right")
    products = {standing.profile: standing.product for standing in summary.standings}
    for row in rows(summary):
        counts = (_counted(count) for count in (row.must, row.should, row.may))
        table.add_row(products[row.profile], row.profile, row.area, *counts)
    return table


def _counted(count: Count) -> Text:
    if not count.total:
        return Text("-", "dim")
    return Text(str(count), "green" if count.passed == count.total else "red")


def _alike(results: Iterable[CheckResult]) -> Iterable[Sequence[CheckResult]]:
    """Group errors that tell the same: a program that does not start breaks every check."""
    groups: dict[object, list[CheckResult]] = {}
    for number, result in enumerate(results):
        same = (result.message,) if result.verdict is Verdict.ERROR else number
        groups.setdefault(same, []).append(result)
    return groups.values()


def _finding(group: Sequence[CheckResult], console: Console) -> None:
    """Print what was found, and of checks that found the same the first one's evidence."""
    result = group[0]
    head = Text()
    head.append(f"{result.verdict} ", _STYLES.get(result.verdict, "green"))
    head.append(f"{result.name} ", "bold")
    head.append(legal(f"({result.level}, {result.profile}) {result.message or result.statement}"))
    console.print(head, soft_wrap=True)
    if len(group) > 1:
        _line(f"and the same in {len(group) - 1} more: {_some(r.name for r in group[1:])}", console)
    for remark in result.remarks:
        _line(f"remark: {remark.text}", console)
    if result.issue:
        _line(f"issue: {result.issue}", console)
    if result.verdict in (Verdict.FAIL, Verdict.ERROR):
        _evidence(result, console)


def _evidence(result: CheckResult, console: Console) -> None:
    for line in result.stderr.splitlines()[-STDERR_SHOWN:]:
        _line(f"stderr: {line}", console)
    if result.reproduce:
        _line(result.reproduce, console)


def _line(text: str, console: Console) -> None:
    console.print(Text(legal(f"    {text}")), soft_wrap=True)


def _absences(run: Run, console: Console) -> None:
    """Say what was not put to the test, grouped by reason: nothing is dropped silently."""
    absent = [r for r in run.results if r.verdict in _ABSENT]
    for reason in dict.fromkeys((r.verdict, r.message) for r in absent):
        names = [r.name for r in absent if (r.verdict, r.message) == reason]
        text = f"{reason[0]}, {len(names)}: {reason[1]}: {_some(names)}"
        console.print(Text(legal(text), "dim"), soft_wrap=True)


_ABSENT = (Verdict.UNSUPPORTED, Verdict.DISABLED, Verdict.NOT_RUN)


def _some(names: Iterable[str]) -> str:
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - 8} more" if len(listed) > 8 else ""
    return ", ".join(listed[:8]) + more
