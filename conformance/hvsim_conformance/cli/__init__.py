"""The `hvsim` command: one group, and one module of this package for each subcommand.

A module `some_name` that has a click command called `command` is the subcommand `some-name`;
modules whose names begin with an underscore are not. A module is loaded when it is needed.
"""

import click

from hvsim_conformance.cli._group import ModuleGroup


@click.group(
    cls=ModuleGroup,
    package=__name__,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.pass_context
def main(context: click.Context) -> None:
    """Simulate hypervisors behind real wire protocols, and check what manages them."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())
