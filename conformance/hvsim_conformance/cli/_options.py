"""Options that several subcommands share, and what they mean."""

import os
from collections.abc import Callable
from typing import Any

import click

from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import AdapterKind, AdapterSpec
from hvsim_conformance.adapters.model import Product
from hvsim_conformance.catalogue.record import Level
from hvsim_conformance.engine.run import CALL_DEADLINE
from hvsim_conformance.engine.selection import Selection
from hvsim_conformance.engine.suite import BUILTIN_SPEC, Suite, SuiteError, load_suite

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def adapter_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --adapter and --adapter-cmd."""
    options = (
        click.option(
            "--adapter",
            metavar="NAME",
            help="Implementation under test: module:factory, or an entry point of hvsim.adapters.",
        ),
        click.option(
            "--adapter-cmd",
            metavar="COMMAND",
            help="Implementation under test: a program that speaks JSON lines.",
        ),
    )
    return _all(options, function)


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --id, --product, --level and --profile."""
    options = (
        click.option("--id", "ids", multiple=True, metavar="GLOB", help="Only these requirements."),
        click.option(
            "--product",
            "products",
            multiple=True,
            type=click.Choice([product.value for product in Product]),
            help="Only these products; otherwise all that the implementation handles.",
        ),
        click.option(
            "--level",
            "levels",
            multiple=True,
            type=click.Choice([level.value for level in Level], case_sensitive=False),
            help="Only requirements of this level.",
        ),
        click.option(
            "--profile",
            "profiles",
            multiple=True,
            metavar="NAME",
            help="Under these rule sets, such as vsphere-8; otherwise the default one of each "
            "product. A name that there is not is answered with all there are.",
        ),
    )
    return _all(options, function)


def run_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --seed, --jobs, the deadlines and --suite."""
    options = (
        click.option(
            "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all chance."
        ),
        click.option(
            "--jobs",
            type=click.IntRange(1, 256),
            default=os.cpu_count() or 1,
            show_default="one per processor",
            help="Checks that run at the same time.",
        ),
        click.option(
            "--deadline",
            type=click.FloatRange(0, min_open=True),
            metavar="SECONDS",
            help="Wall time a check may take, instead of its own limit.",
        ),
        call_deadline_option,
        click.option(
            "--suite",
            "suite_spec",
            default=BUILTIN_SPEC,
            metavar="MODULE:FACTORY",
            help="Another suite than the shipped one.",
        ),
    )
    return _all(options, function)


call_deadline_option = click.option(
    "--call-deadline",
    type=click.FloatRange(0, min_open=True),
    default=CALL_DEADLINE,
    show_default=True,
    metavar="SECONDS",
    help="Wall time in which an adapter's program must answer.",
)


def adapter_spec(adapter: str | None, adapter_cmd: str | None) -> AdapterSpec | None:
    """Return the adapter that was named, if one was; raises click.UsageError for two."""
    if adapter is not None and adapter_cmd is not None:
        raise click.UsageError("give --adapter or --adapter-cmd, not both")
    if adapter is not None:
        return AdapterSpec(AdapterKind.PYTHON, adapter)
    if adapter_cmd is not None:
        return AdapterSpec(AdapterKind.COMMAND, adapter_cmd)
    return None


def take_selection(given: dict[str, Any]) -> Selection:
    """Take the selection options out of a subcommand's parameters."""
    return Selection(
        ids=given.pop("ids"),
        products=tuple(Product(product) for product in given.pop("products")),
        levels=tuple(Level(level) for level in given.pop("levels")),
        profiles=given.pop("profiles"),
    )


def suite(spec: str) -> Suite:
    """Return the suite; raises click.UsageError when there is none."""
    try:
        return load_suite(spec)
    except (AdapterNotFoundError, SuiteError) as problem:
        raise click.UsageError(str(problem)) from problem


def _all(options: tuple[Decorator, ...], function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        function = option(function)
    return function
