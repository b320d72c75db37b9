"""`hvsim check-adapter`: the smoke stage, before a conformance run."""

import click

from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import AdapterSpec, open_host
from hvsim_conformance.cli import _options
from hvsim_conformance.engine.smoke import Step, smoke
from hvsim_conformance.engine.verdict import ExitCode
from hvsim_conformance.reports.text import legal


@click.command()
@_options.adapter_options
@_options.call_deadline_option
def command(adapter: str | None, adapter_cmd: str | None, call_deadline: float) -> int:
    """See whether an adapter keeps the contract at all.

    Ends with 0 when every step went well and with 3 when one did not.
    """
    spec = _options.adapter_spec(adapter, adapter_cmd)
    if spec is None:
        raise click.UsageError("give --adapter or --adapter-cmd")
    return _checked(spec, call_deadline)


def _checked(spec: AdapterSpec, call_deadline: float) -> int:
    try:
        host = open_host(spec, call_deadline)
    except AdapterNotFoundError as problem:
        raise click.UsageError(str(problem)) from problem
    status = ExitCode.CONFORMANT
    try:
        for step in smoke(host):
            _tell(step)
            if step.problem:
                status = ExitCode.ERROR
    except AdapterNotFoundError as problem:
        raise click.UsageError(str(problem)) from problem
    finally:
        host.close()
    return status


def _tell(step: Step) -> None:
    if not step.problem:
        click.echo(f"ok    {step.title}")
        return
    click.echo(f"wrong {step.title}: {legal(step.problem)}")
    for line in step.stderr.splitlines()[-10:]:
        click.echo(f"      stderr: {legal(line)}")
