"""`hvsim demo`: see a lab at work, then the suite."""

from __future__ import annotations

import click
import XenAPI

from hvsim.clock import Clock, ClockMode
from hvsim_conformance.cli import _labs, conform
from hvsim_conformance.cli._demo import DemoError, Play, demo_lab
from hvsim_conformance.engine.suite import builtin

PRODUCTS = ("xenserver", "vcenter", "scvmm", "hyperv", "rhel5-xen", "zones", "datacentre")
"""What there is to see; the first is shown to whoever names none."""


@click.command()
@click.argument("product", type=click.Choice(PRODUCTS), default=PRODUCTS[0], metavar="[PRODUCT]")
@click.option(
    "--scale",
    type=click.FloatRange(1, 100),
    default=20,
    show_default=True,
    help="Simulated seconds per second, of xenserver; the others skip what is idle.",
)
@click.option("--no-suite", is_flag=True, help="Only the scenes.")
@click.option(
    "--report-dir",
    default="hvsim-report",
    show_default=True,
    metavar="DIRECTORY",
    help="Where the suite's reports go.",
)
def command(product: str, scale: float, no_suite: bool, report_dir: str) -> int:
    r"""Show what happens in a lab, seen through the product's real client over real sockets.

    \b
    PRODUCT is one of
      xenserver   a live migration and the loss of a master, then the suite (XenAPI)
      vcenter     a host fails, HA starts its guest elsewhere (pyVmomi)
      scvmm       a cluster node crashes, VMM finds out late (pypsrp)
      hyperv      a host and its VMM disagree (pypsrp)
      rhel5-xen   a domain moves, its host crashes (SSH)
      zones       zones and their states, one without a system (SSH)
      datacentre  a rack loses its power, seen through all five at once
    Without it xenserver is shown. Times are simulated.
    Exit status: that of `hvsim conform`, 0 without the suite, 4 if a scene goes wrong.
    """
    if product != PRODUCTS[0]:
        return _scene(product)
    try:
        _play(scale)
    except BrokenPipeError:
        raise  # nobody reads the story any more: nothing went wrong in it
    except (DemoError, XenAPI.Failure, OSError) as error:
        raise _wrong(error) from error
    return 0 if no_suite else _suite(report_dir)


def _scene(product: str) -> int:
    # It brings every product's client along.
    from hvsim_conformance.cli import _scenes  # noqa: PLC0415 - see above

    try:
        with _labs.plain_errors():
            _scenes.play(product, click.echo)
    except BrokenPipeError:
        raise  # nobody reads the story any more: nothing went wrong in it
    except (DemoError, *_scenes.LOST) as error:
        raise _wrong(error) from error
    return 0


def _wrong(error: Exception) -> click.ClickException:
    return click.ClickException(f"the demo did not go as it should: {error}")


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
