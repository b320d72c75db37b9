"""A click group whose commands are modules, and whose mistakes are one line and status 4."""

import importlib
import pkgutil
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from hvsim_conformance.engine.verdict import ExitCode


class ModuleGroup(click.Group):
    """Finds its commands in the modules of a package."""

    def __init__(self, *arguments: Any, package: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of every subcommand."""
        path = importlib.import_module(self._package).__path__
        modules = (found.name for found in pkgutil.iter_modules(path))
        found = {name.replace("_", "-") for name in modules if not name.startswith("_")}
        return sorted({*found, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, loading its module; None when there is none."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if known := super().get_command(ctx, cmd_name):
            return known
        module = importlib.import_module(f"{self._package}.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line; a mistake in it is one line on stderr and status 4."""
        run = super().main
        if not standalone_mode:
            return run(args, prog_name, complete_var, standalone_mode=False, **extra)
        try:
            status = run(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as problem:
            _end(problem.format_message(), ExitCode.USAGE)
        except (click.Abort, KeyboardInterrupt):
            _end("interrupted", ExitCode.INTERRUPTED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader has gone: nothing more can be said
            sys.exit(ExitCode.FAILED)
        sys.exit(status if isinstance(status, int) else 0)


def _end(message: str, status: ExitCode) -> NoReturn:
    line = " ".join(message.split())
    click.echo(f"hvsim: {line}", err=True)
    sys.exit(status)
