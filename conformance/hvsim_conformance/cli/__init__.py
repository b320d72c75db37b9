"""The `hvsim` command: one group, one module per subcommand."""

import click


@click.group()
def main() -> None:
    """Return simulated hypervisors behind real wire protocols, and the suite that checks clients of them."""
