"""`hvsim scenario`: the files that describe labs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

import hvsim_fixtures
from hvsim import scenario
from hvsim.errors import InputError
from hvsim_conformance.cli import _labs
from hvsim_conformance.engine.verdict import ExitCode
from hvsim_fakes.truths import truth

if TYPE_CHECKING:
    from collections.abc import Sized

    from hvsim.world import World

_TEMPLATE = """\
# A lab for `hvsim serve`. Sizes may be written as "4 GiB"; times are simulated seconds.
name = "my-lab"
description = "One XenServer pool"
seed = 1

[clock]
mode = "real"        # or scaled, stepped, paused, skip-idle

[[xenserver]]
name = "pool1"
profile = "xenserver-8"   # or xenserver-5.5
hosts = [
  { name = "host1", address = "127.0.0.11", memory = "32 GiB" },
  { name = "host2", address = "127.0.0.12", memory = "32 GiB" },
]

[[xenserver.accounts]]
user = "root"
password = "hvsim"

[[xenserver.guests]]
name = "web"
power_state = "Running"
host = "host1"
memory = "2 GiB"

[[xenserver.guests]]
name = "batch"
home = "host2"

# What shall go wrong, and when.
# [[fault]]
# at = 600
# kind = "server.crash"
# server = "host1"
"""


@click.group(no_args_is_help=False)
def command() -> None:
    """List, show, check and begin scenario files."""


@command.command("list")
def list_command() -> None:
    """List the shipped scenarios."""
    table = Table("name", "description", box=None)
    for name, path in hvsim_fixtures.scenarios().items():
        table.add_row(name, scenario.load(path).head.description)
    Console(highlight=False).print(table)


@command.command("show")
@click.argument("name")
def show_command(name: str) -> None:
    """Print the shipped scenario NAME, for example to begin a file of one's own."""
    shipped = hvsim_fixtures.scenarios()
    if name not in shipped:
        raise click.UsageError(f"no shipped scenario {name!r}; there are: {', '.join(shipped)}")
    click.echo(shipped[name].read_text("utf-8"), nl=False)


@command.command("check")
@click.argument("sources", nargs=-1, required=True, metavar="FILE...")
def check_command(sources: tuple[str, ...]) -> int:
    """Read scenario files, build their labs once, and say what is in them."""
    wrong = 0
    for source in sources:
        try:
            with _labs.working(f"building {source}"):
                made = scenario.load(source)
                world = scenario.build(made)
        except InputError as error:
            wrong += 1
            click.echo(f"hvsim: {error}", err=True)
        else:
            click.echo(f"{source}: {_summary(world)}")
    return int(ExitCode.USAGE) if wrong else 0


@command.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def new_command(file: Path, force: bool) -> None:
    """Write a commented scenario to begin with."""
    try:
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(_TEMPLATE)
    except FileExistsError:
        raise click.UsageError(f"{file}: there already; --force replaces it") from None
    except OSError as error:
        raise click.UsageError(f"{file}: cannot be written: {error.strerror}") from error
    click.echo(f"{file}: run it with `hvsim serve {file}`")


def _summary(world: World) -> str:
    """Return what there is, pool by pool and manager by manager."""
    managers = [
        f"{found.name} ({found.profile}): {_count(found.hosts, 'host')},"
        f" {_count(found.guests, 'guest')}"
        for found in truth(world).managers
    ]
    return "; ".join([_count(world.hardware.servers, "server"), *managers])


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'s' if len(things) != 1 else ''}"
