"""`hvsim scenario`: the files that describe labs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import hvsim_fixtures
from hvsim import scenario
from hvsim.errors import InputError
from hvsim_conformance.cli import _labs
from hvsim_conformance.cli._beginnings import PRODUCTS, Beginning, Wish
from hvsim_conformance.engine.verdict import ExitCode
from hvsim_fakes.truths import truth

if TYPE_CHECKING:
    from collections.abc import Sized

    from hvsim.world import World

_FIRST = "xenserver"
"""The product of whoever cannot be asked."""


@click.group(no_args_is_help=False)
def command() -> None:
    """List, show, check and begin scenario files."""


@command.command("list")
def list_command() -> None:
    """List the shipped scenarios: name, products, and what there is to see."""
    for name, path in hvsim_fixtures.scenarios().items():
        made = scenario.load(path)
        click.echo(f"{name:<11} {'+'.join(made.tables):<43} {made.head.description}")


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
@click.option(
    "--product",
    type=click.Choice(list(PRODUCTS)),
    help="Of what; asked for at a terminal, else xenserver.",
)
@click.option("--profile", metavar="NAME", help="Its release; the product's newest otherwise.")
@click.option("--hosts", type=click.IntRange(1, 99), default=2, show_default=True)
@click.option(
    "--guests", type=click.IntRange(0, 10_000), default=2, show_default=True, help="On all hosts."
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def new_command(
    file: Path, *, product: str | None, profile: str | None, hosts: int, guests: int, force: bool
) -> None:
    """Write a commented scenario of one product to begin with.

    For example: hvsim scenario new lab.toml --product vcenter --hosts 4 --guests 20
    """
    beginning = PRODUCTS[product or _asked()]
    text = beginning.text(Wish(_profile(beginning, profile), hosts, guests))
    try:
        with file.open("w" if force else "x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise click.UsageError(f"{file}: there already; --force replaces it") from None
    except OSError as error:
        raise click.UsageError(f"{file}: cannot be written: {error.strerror}") from error
    click.echo(f"{file}: run it with `hvsim serve {file}`")


def _asked() -> str:
    """Return the product that somebody at a terminal wants."""
    if not sys.stdin.isatty():
        return _FIRST
    wanted: str = click.prompt("Product", type=click.Choice(list(PRODUCTS)), default=_FIRST)
    return wanted


def _profile(beginning: Beginning, named: str | None) -> str:
    if named is None:
        return beginning.profiles[0]
    if named not in beginning.profiles:
        known = ", ".join(beginning.profiles)
        raise click.UsageError(f"--profile: no {named!r} of this product; there are: {known}")
    return named


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
