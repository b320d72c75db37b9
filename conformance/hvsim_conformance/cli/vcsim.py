"""`hvsim vcsim`: a vCenter in the place of govmomi's vcsim, with its flags and its inventory."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hvsim.vcenter import likeness, savedobject
from hvsim_conformance.cli import _labs
from hvsim_fakes.lab import Lab, Listening

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 10_000
_COUNTS = {
    "dc": "Datacenters.",
    "cluster": "Clusters per datacenter.",
    "host": "Hosts per cluster.",
    "standalone-host": "Hosts of no cluster per datacenter.",
    "ds": "Datastores per datacenter.",
    "pg": "Port groups per datacenter.",
    "pool": "Resource pools per cluster.",
    "app": "vApps per cluster.",
    "pod": "Datastore clusters per datacenter.",
    "pg-nsx": "Port groups of NSX per datacenter.",
    "nsx": "Opaque networks of NSX per datacenter.",
    "folder": "Datacenters that lie in a folder.",
    "vm": "Machines per resource pool, vApp and standalone host.",
}
_DEFAULTS = likeness.Model()
_SWITCH: dict[str, Any] = {
    "type": bool,
    "is_flag": False,
    "flag_value": True,
    "show_default": True,
    "metavar": "",
}
"""An option as Go has them: ``-flag`` alone, or ``-flag=false``."""


def _counts(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that count what there is."""
    for name, text in reversed(_COUNTS.items()):
        lowest = 1 if name == "dc" else 0
        default = getattr(_DEFAULTS, name.replace("-", "_"))
        kind = click.IntRange(lowest, _MOST)
        option = click.option(f"-{name}", type=kind, default=default, help=text, show_default=True)
        function = option(function)
    return function


@click.command()
@_counts
@click.option("-esx", help="A host that no vCenter manages.", default=False, **_SWITCH)
@click.option("-api-version", help="What the version of the API is called.", default="")
@click.option("-autostart", help="Machines run.", default=True, **_SWITCH)
@click.option("-l", "listen", default="127.0.0.1:8989", show_default=True, metavar="HOST:PORT")
@click.option("-tls", help="HTTPS.", default=True, **_SWITCH)
@click.option("-E", "env", default="-", metavar="FILE", help="Where the variables are written.")
@click.option("-username", default="", help="Who may log in; anybody otherwise.")
@click.option("-password", default="", help="That user's password.")
@click.option("-load", type=click.Path(path_type=Path), help="An inventory saved by govc.")
@click.option(
    "-instant",
    help="Tasks end at once, as vcsim's do; -instant=false takes a vCenter's times.",
    default=True,
    **_SWITCH,
)
def command(
    *,
    listen: str,
    tls: bool,
    env: str,
    username: str,
    password: str,
    load: Path | None,
    esx: bool,
    instant: bool,
    **counts: Any,
) -> None:
    """Serve a vCenter as vcsim does, until Ctrl-C.

    The flags are vcsim's, written as -flag value or -flag=value; so are the inventory's names. It
    prints the same GOVC_URL and GOVC_SIM_PID for a shell to evaluate.
    """
    host, port = _address(listen)
    accounts = {username: password} if username else None
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, lambda *_: stop.set())
    listening = Listening(
        port=None if tls else port,
        tls_port=port if tls else None,
        ssh_port=None,
        control_port=None,
        bind=host,
    )
    with _labs.plain_errors():
        if load is None:
            shape = likeness.host if esx else likeness.scenario
            data = shape(likeness.Model(**counts), host, accounts, at_once=instant)
        else:
            data = likeness.loaded(savedobject.read(load), host, accounts, at_once=instant)
        lab = Lab.from_scenario(data, listening)
        with lab:
            _tell(env, _variables(lab, accounts))
            stop.wait()


def _address(listen: str) -> tuple[str, int]:
    """Return the address and the port to listen on."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise click.BadParameter(f"expected HOST:PORT, not {listen!r}", param_hint="-l")
    return host or "127.0.0.1", int(port)


def _variables(lab: Lab, accounts: dict[str, str] | None) -> str:
    """Return the line that a shell evaluates."""
    user, secret = next(iter((accounts or {likeness.USER: likeness.PASSWORD}).items()))
    (_, urls), *_rest = lab.doors()
    scheme, _, rest = urls[0].partition("://")
    url = f"{scheme}://{user}:{secret}@{rest.rstrip('/')}/sdk"
    return f"export GOVC_URL={url} GOVC_SIM_PID={os.getpid()}"


def _tell(env: str, line: str) -> None:
    if env == "-":
        click.echo(line)
        return
    try:
        with Path(env).open("w", encoding="utf-8") as file:
            file.write(f"{line}\n")
    except OSError as error:
        raise click.ClickException(f"{env}: {error.strerror}") from error
