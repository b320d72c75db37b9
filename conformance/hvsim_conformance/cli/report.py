"""`hvsim report`: make the reports of an earlier run again."""

from pathlib import Path

import click
from rich.console import Console

from hvsim_conformance.engine.summary import summarise
from hvsim_conformance.reports import write_all
from hvsim_conformance.reports.data import ResultsError, parse
from hvsim_conformance.reports.terminal import show


@click.command()
@click.argument("results", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--strict", is_flag=True, help="A SHOULD that fails also fails the run.")
@click.option(
    "--report-dir",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIRECTORY",
    help="Write the reports there as well.",
)
def command(results: Path, strict: bool, report_dir: Path | None) -> int:
    """Show the run in RESULTS, a results.json, and end with its exit status."""
    try:
        run = parse(results.read_bytes())
    except ResultsError as problem:
        raise click.UsageError(f"{results} holds no results: {problem}") from problem
    summary = summarise(run, strict=strict)
    show(run, summary, Console(highlight=False))
    if report_dir is not None:
        try:
            write_all(run, summary, report_dir)
        except OSError as problem:
            raise click.UsageError(f"cannot write the reports: {problem}") from problem
    return summary.exit_code
