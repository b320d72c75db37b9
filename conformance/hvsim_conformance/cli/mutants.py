"""`hvsim mutants`: prove that every check catches what it should."""

import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import AdapterKind, AdapterSpec
from hvsim_conformance.cli import _options
from hvsim_conformance.cli.conform import terminable
from hvsim_conformance.engine.run import Order
from hvsim_conformance.engine.selection import SelectionError
from hvsim_conformance.engine.suite import Suite
from hvsim_conformance.engine.verdict import ExitCode, Verdict
from hvsim_conformance.mutants.matrix import Fate, Matrix, run_matrix
from hvsim_conformance.reports.progress import Progress


@click.command()
@click.option("--full", is_flag=True, help="Run every check on every mutant, not only its own.")
@_options.selection_options
@_options.run_options
def command(full: bool, suite_spec: str, **given: Any) -> int:
    """Run the deliberately wrong implementations and print which check kills which.

    Ends with 1 when a mutant survives, a MUST has none, or the reference fails a check.
    """
    suite = _options.suite(suite_spec)
    chosen = _options.take_selection(given)
    order = Order(_reference(suite), chosen, suite=suite_spec, **given)
    console = Console(highlight=False)
    matrix = _run(order, suite, full=full)
    if not matrix.fates and not matrix.unguarded:
        raise click.UsageError("there is no mutant for this selection")
    show(matrix, console)
    return ExitCode.CONFORMANT if matrix.sound else ExitCode.FAILED


def _run(order: Order, suite: Suite, *, full: bool) -> Matrix:
    progress = Progress(sys.stderr)

    def told(done: int, total: int, adapter: str) -> None:
        progress.tell(f"{done}/{total} checks of mutants; last of {adapter}")

    try:
        with terminable():
            return run_matrix(order, suite, full=full, told=told)
    except (AdapterNotFoundError, SelectionError) as problem:
        raise click.UsageError(str(problem)) from problem
    finally:
        progress.close()


def show(matrix: Matrix, console: Console) -> None:
    """Print the matrix and what is missing from it."""
    table = Table("mutant", "breaks", "profile", "fate", "also caught by", box=None)
    for fate in matrix.fates:
        table.add_row(fate.mutant.id, fate.mutant.breaks, fate.profile, _fate(fate), _others(fate))
    console.print(table)
    for fate in matrix.survivors:
        _line(f"survived: {fate.mutant.id}: {fate.mutant.description}", console)
    for name in matrix.unguarded:
        _line(f"no mutant breaks {name}", console)
    for name in matrix.unproven:
        _line(f"the reference does not pass {name}", console)
    killed = len(matrix.fates) - len(matrix.survivors)
    _line(f"{killed} of {len(matrix.fates)} mutants killed", console)


def _fate(fate: Fate) -> Text:
    if fate.killed:
        return Text("killed", "green")
    verdict = fate.verdicts.get(fate.mutant.breaks)
    return Text(f"survived ({verdict or 'no check'})", "red")


def _others(fate: Fate) -> str:
    own = fate.mutant.breaks
    return ", ".join(n for n, v in fate.verdicts.items() if v is Verdict.FAIL and n != own)


def _line(text: str, console: Console) -> None:
    console.print(Text(text), soft_wrap=True)


def _reference(suite: Suite) -> AdapterSpec:
    if suite.reference is None:
        raise click.UsageError("the suite has no reference implementation to compare with")
    return AdapterSpec(AdapterKind.PYTHON, suite.reference)
