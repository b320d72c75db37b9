"""`hvsim demo`: see a lab at work, then the suite."""

from __future__ import annotations

import click
import XenAPI

from hvsim.clock import Clock, ClockMode
from hvsim_conformance.cli import _labs, conform
from hvsim_conformance.cli._demo import DemoError, Play, demo_lab
from hvsim_conformance.engine.suite import builtin


@click.command()
@click.option(
    "--scale",
    type=click.FloatRange(1, 100),
    default=20,
    show_default=True,
    help="Simulated seconds per second.",
)
@click.option("--no-suite", is_flag=True, help="Only the two scenes.")
@click.option(
    "--report-dir",
    default="hvsim-report",
    show_default=True,
    metavar="DIRECTORY",
    help="Where the suite's reports go.",
)
def command(scale: float, no_suite: bool, report_dir: str) -> int:
    r"""Show a live migration and the loss of a master, then run the suite.

    \b
    Everything is seen through XenServer's own SDK, over real sockets; the times are simulated.
    Exit status: that of `hvsim conform`, 0 without the suite.
    """
    try:
        _play(scale)
    except (DemoError, XenAPI.Failure, OSError) as error:
        raise click.ClickException(f"the demo did not go as it should: {error}") from error
    return 0 if no_suite else _suite(report_dir)


def _play(scale: float) -> None:
    clock = Clock(ClockMode.SCALED, scale)
    with _labs.plain_errors(), demo_lab(clock) as lab:
        play = Play(lab, click.echo)
        click.echo("1. A guest moves, and is seen suspended on its way")
        play.migrate()
        click.echo("\n2. A pool with high availability loses its master")
        play.lose_master()


def _suite(report_dir: str) -> int:
    click.echo("\n3. The suite, against the reference implementation")
    if builtin().reference is None:
        click.echo("This installation has no reference implementation.")
        return 0
    arguments = ["--product", "xenserver", "--report-dir", report_dir]
    status = conform.command.main(arguments, prog_name="hvsim conform", standalone_mode=False)
    return status if isinstance(status, int) else 0
