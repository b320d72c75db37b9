"""`hvsim version`."""

import platform

import click

import hvsim


@click.command()
def command() -> None:
    """Print the version of hvsim and of Python."""
    click.echo(f"hvsim {hvsim.__version__} (Python {platform.python_version()})")
