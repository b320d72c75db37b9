"""`hvsim replay`: build a saved lab again and see whether it comes out the same."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hvsim import saved, scenario
from hvsim.clock import Clock
from hvsim.saved import Mismatch
from hvsim_conformance.cli import _labs
from hvsim_conformance.engine.verdict import ExitCode

if TYPE_CHECKING:
    from hvsim.world import World


@click.command()
@click.argument("file", metavar="LABFILE")
@click.option("--until", type=click.FloatRange(0), metavar="SECONDS", help="Stop there instead.")
@click.option(
    "--event-log",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write every event of the replay, as lines of JSON.",
)
def command(file: str, until: float | None, event_log: Path | None) -> int:
    r"""Replay the journal of a saved lab and verify the digest of its event log.

    \b
    Exit status: 0 the same, 1 not the same, 4 not a saved lab.
    """
    with _labs.plain_errors(), _labs.line_files(event_log) as (events,):
        lab = saved.read(file)
        end = lab.head.time if until is None else until
        if end > lab.head.time:
            raise click.UsageError(f"the lab was saved at {lab.head.time:g} seconds")
        with _labs.working("replaying"):
            world = scenario.build(lab.scenario, lab.head.seed, Clock(), events=events)
            world.replay((entry for entry in lab.entries if entry.time <= end), end)
        replayed = len(world.journal.entries)
        click.echo(
            f"{file}: {replayed} of {lab.head.commands} commands to {world.now:g} s, "
            f"{world.log.generation} events, digest {world.log.digest}"
        )
        if until is not None and until < lab.head.time:
            return 0
        return _verdict(lab, world)


def _verdict(lab: saved.SavedLab, world: World) -> int:
    try:
        saved.verify(lab, world)
    except Mismatch as error:
        click.echo(f"hvsim: {error}", err=True)
        return int(ExitCode.FAILED)
    click.echo("The digest is that of the saved lab.")
    return 0
