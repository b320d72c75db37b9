"""`hvsim conform`: run the suite against an implementation."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console

from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import AdapterKind, AdapterSpec
from hvsim_conformance.cli import _options
from hvsim_conformance.engine.expectations import Expectations, ExpectationsError, read
from hvsim_conformance.engine.run import Order, Run, conform
from hvsim_conformance.engine.selection import SelectionError
from hvsim_conformance.engine.suite import Suite
from hvsim_conformance.engine.summary import summarise
from hvsim_conformance.reports import write_all
from hvsim_conformance.reports.progress import Progress
from hvsim_conformance.reports.terminal import show


@click.command()
@_options.adapter_options
@click.option("--mutant", metavar="ID", help="Implementation under test: one of `hvsim mutants`.")
@_options.selection_options
@click.option(
    "--expectations",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Known failures and disabled checks, as TOML.",
)
@click.option("--strict", is_flag=True, help="A SHOULD that fails also fails the run.")
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("hvsim-report"),
    show_default=True,
    help="Where results.json, junit.xml, report.html and badge.svg go.",
)
@_options.run_options
def command(strict: bool, report_dir: Path, suite_spec: str, **given: Any) -> int:
    r"""Check an implementation against the catalogue.

    Without an adapter the suite's own reference implementation is checked.

    \b
    Exit status: 0 conformant, 1 not conformant, 2 interrupted,
    3 the adapter or the harness broke, 4 usage, 5 too little executed.
    """
    suite = _options.suite(suite_spec)
    order = _order(suite, suite_spec, **given)
    run = _conformed(order, suite)
    summary = summarise(run, strict=strict)
    show(run, summary, Console(highlight=False))
    try:
        paths = write_all(run, summary, report_dir)
    except OSError as problem:
        raise click.UsageError(f"cannot write the reports: {problem}") from problem
    click.echo("Reports: " + ", ".join(str(path) for path in paths))
    return summary.exit_code


def _order(
    suite: Suite,
    suite_spec: str,
    *,
    adapter: str | None,
    adapter_cmd: str | None,
    mutant: str | None,
    expectations: Path | None,
    **given: Any,
) -> Order:
    return Order(
        adapter=_adapter(suite, adapter, adapter_cmd, mutant),
        selection=_options.take_selection(given),
        expectations=_expectations(suite, expectations),
        suite=suite_spec,
        **given,
    )


def _adapter(
    suite: Suite, adapter: str | None, adapter_cmd: str | None, mutant: str | None
) -> AdapterSpec:
    spec = _options.adapter_spec(adapter, adapter_cmd)
    if mutant is not None:
        if spec is not None:
            raise click.UsageError("give --mutant or an adapter, not both")
        return AdapterSpec(AdapterKind.MUTANT, mutant)
    if spec is None and suite.reference is None:
        raise click.UsageError("give --adapter or --adapter-cmd: the suite has no reference")
    return spec or AdapterSpec(AdapterKind.PYTHON, str(suite.reference))


def _expectations(suite: Suite, path: Path | None) -> Expectations:
    if path is None:
        return Expectations()
    try:
        return read(path, tuple(suite.requirements), tuple(p.id for p in suite.profiles))
    except ExpectationsError as problem:
        raise click.UsageError(str(problem)) from problem


def _conformed(order: Order, suite: Suite) -> Run:
    progress = Progress(sys.stderr)
    try:
        with terminable():
            return conform(order, suite, progress)
    except (AdapterNotFoundError, SelectionError) as problem:
        raise click.UsageError(str(problem)) from problem
    finally:
        progress.close()


@contextmanager
def terminable() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, so that a stopped run still reports and leaves no process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
