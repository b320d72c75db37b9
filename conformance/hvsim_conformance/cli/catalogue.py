"""`hvsim catalogue`: read the requirements."""

from collections.abc import Iterable
from dataclasses import asdict
from fnmatch import fnmatchcase

import click
import orjson
from rich.console import Console
from rich.table import Table

from hvsim_conformance import catalogue
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.page import render
from hvsim_conformance.catalogue.record import Requirement
from hvsim_conformance.engine.suite import builtin


@click.command()
@click.argument("ids", nargs=-1, metavar="[GLOB]...")
@click.option("--level", type=click.Choice([level.value for level in catalogue.Level]))
@click.option("--product", type=click.Choice([product.value for product in Product]))
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "markdown"]),
    default="table",
    show_default=True,
    help="Markdown is the whole documentation page.",
)
def command(ids: tuple[str, ...], level: str | None, product: str | None, form: str) -> None:
    """List the requirements whose ids match, or all of them."""
    if form == "markdown":
        click.echo(render(check.requirement for check in builtin().checks), nl=False)
        return
    chosen = [r for r in catalogue.load().values() if _wanted(r, ids, level, product)]
    if not chosen:
        raise click.UsageError("no requirement matches")
    if form == "json":
        click.echo(orjson.dumps([asdict(r) for r in chosen], option=orjson.OPT_INDENT_2).decode())
    else:
        Console(highlight=False).print(_table(chosen))


def _wanted(
    record: Requirement, ids: tuple[str, ...], level: str | None, product: str | None
) -> bool:
    return (
        (not ids or any(fnmatchcase(record.id, glob) for glob in ids))
        and level in (None, record.level)
        and (product is None or product in record.products)
    )


def _table(records: Iterable[Requirement]) -> Table:
    table = Table("id", "level", "requirement", "profiles", "observed", box=None)
    for record in records:
        observed = record.untested or record.observability
        profiles = ", ".join(record.profiles)
        table.add_row(record.id, record.level, record.statement, profiles, observed)
    return table
