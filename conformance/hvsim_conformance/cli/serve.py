"""`hvsim serve`: run a lab until somebody stops it."""

from __future__ import annotations

import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from hvsim import saved
from hvsim.clock import Clock, ClockMode
from hvsim.scvmm.server import VmmServer
from hvsim.vcenter.server import VCenter
from hvsim_conformance.cli import _labs
from hvsim_fakes.doors import Door
from hvsim_fakes.lab import Lab, Listening
from hvsim_fakes.sandbox.bubble import PYTHON, trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim_fakes.ssh.door import ShellDoor

_SNIPPET = """
import XenAPI  # pip install XenAPI

session = XenAPI.Session("{url}")
session.xenapi.login_with_password("{user}", "{password}")
for vm in session.xenapi.VM.get_all_records().values():
    if not (vm["is_a_template"] or vm["is_control_domain"]):
        print(vm["name_label"], vm["power_state"])
"""
_Port = click.IntRange(0, 65535)


@dataclass(frozen=True, slots=True)
class _Order:
    """What the command line asked for."""

    source: str | None
    listening: Listening
    mode: ClockMode | None
    scale: float | None
    seed: int | None
    token: str | None

    def build(self, events: Callable[[bytes], object] | None, journal: Any) -> Lab:
        """Build the lab, from a scenario or from a saved lab."""
        if self.source is not None and _labs.is_saved_lab(self.source):
            lab = self._build_saved(self.source)
            lab.world.log.sink, lab.world.journal.sink = events, journal
            return lab
        made = _labs.scenario_of(self.source)
        return Lab.from_scenario(
            made,
            self.listening,
            seed=self.seed,
            clock=self._clock(told="clock" in made.data, spec=made.head.clock.make()),
            token=self.token,
            events=events,
            journal=journal,
        )

    def _build_saved(self, file: str) -> Lab:
        if self.seed is not None:
            raise click.UsageError("a saved lab has its own seed; leave --seed out")
        lab = saved.read(file)
        spec = lab.scenario.head.clock.make()
        world = saved.restore(lab, self._clock(told="clock" in lab.scenario.data, spec=spec))
        return Lab(world, self.listening, token=self.token)

    def _clock(self, *, told: bool, spec: Clock) -> Clock:
        """Return the clock: as ordered, else as the scenario says, else following real time."""
        if self.mode is ClockMode.REAL and self.scale not in (None, 1.0):
            raise click.UsageError("--clock real has scale 1; choose --clock scaled")
        mode = self.mode or (spec.mode if told else ClockMode.REAL)
        if self.scale is not None and self.mode is None and mode is ClockMode.REAL:
            mode = ClockMode.SCALED
        return Clock(mode, self.scale if self.scale is not None else spec.scale)


@click.command()
@click.argument("scenario", required=False)
@click.option("--port", type=_Port, default=8080, show_default=True, help="Plain HTTP of hosts.")
@click.option("--tls-port", type=_Port, default=8443, show_default=True, help="HTTPS of hosts.")
@click.option("--ssh-port", type=_Port, default=2222, show_default=True, help="SSH of hosts.")
@click.option("--control-port", type=_Port, default=8090, show_default=True)
@click.option(
    "--bind",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="The control plane's address; one that is not loopback also lets hosts have such.",
)
@click.option("--no-tls", is_flag=True, help="No HTTPS.")
@click.option("--clock", type=click.Choice([mode.value for mode in ClockMode]), help="Time.")
@click.option(
    "--scale",
    type=click.FloatRange(0, 1e6, min_open=True),
    help="Simulated seconds per second.",
)
@click.option("--seed", type=click.IntRange(0, 2**53), help="Instead of the scenario's.")
@click.option(
    "--remote-code",
    is_flag=True,
    help="Let clients run programs of their own on hosts with SSH, in sandboxes.",
)
@click.option("--token", envvar="HVSIM_TOKEN", help="Of the control plane; made up otherwise.")
@click.option("--event-log", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--journal", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--save-on-exit", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Addresses as one line of JSON.")
def command(
    scenario: str | None,
    event_log: Path | None,
    journal: Path | None,
    save_on_exit: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run a lab until Ctrl-C.

    SCENARIO is a file, the name of a shipped scenario (see `hvsim scenario list`), or a saved lab
    (*.hvlab); without it a small pool is simulated. Time is real unless the scenario or --clock
    says otherwise. Port 0 takes one that is free.
    """
    order = _order(scenario, **options)
    stop = _stop_signal()
    with _labs.plain_errors(), _labs.line_files(event_log, journal) as (events, commands):
        with _labs.working("building the lab"):
            lab = order.build(events, commands)
        with lab:
            click.echo(_as_json(lab) if as_json else _as_text(lab))
            stop.wait()
        if save_on_exit is not None:
            saved.write(lab.world, save_on_exit)
            click.echo(f"Saved: {save_on_exit}", err=True)


def _order(
    source: str | None,
    *,
    port: int,
    tls_port: int,
    ssh_port: int,
    control_port: int,
    bind: str,
    no_tls: bool,
    remote_code: bool,
    clock: str | None,
    scale: float | None,
    seed: int | None,
    token: str | None,
) -> _Order:
    listening = Listening(
        port=port,
        tls_port=None if no_tls else tls_port,
        ssh_port=ssh_port,
        control_port=control_port,
        bind=bind,
        remote_code=remote_code,
    )
    mode = None if clock is None else ClockMode(clock)
    return _Order(source, listening, mode, scale, seed, token)


def _stop_signal() -> threading.Event:
    """Return what is set by Ctrl-C or SIGTERM; a second Ctrl-C acts at once."""
    stop = threading.Event()

    def end(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    return stop


def _as_json(lab: Lab) -> str:
    pools = {}
    for name, pool in lab.pools.items():
        user, password = lab.credentials(name)
        pools[name] = {
            "profile": pool.profile,
            "url": lab.url(name),
            "members": [lab.member_urls(name, host) for host in pool.members],
            "user": user,
            "password": password,
        }
    shells = [
        {"name": door.owner, "host": door.host, "url": url, "users": _users(door)}
        for door, url in lab.shells()
    ]
    facts = {
        "control": lab.control_url,
        "token": lab.token,
        "pools": pools,
        "managers": {manager.name: manager.facts for manager in _managers(lab)},
        "shells": shells,
    }
    return orjson.dumps(facts).decode()


def _as_text(lab: Lab) -> str:
    clock = lab.world.clock
    time = f"clock {clock.mode} (scale {clock.scale:g})"
    lines = [f"Lab {lab.scenario_name}: {time}, seed {lab.world.seed}", ""]
    for name in lab.pools:
        lines += _pool_lines(lab, name)
    lines += _manager_lines(lab)
    lines += _shell_lines(lab)
    lines += [
        f"Control plane: {lab.control_url}",
        f"Token:         {lab.token}",
        f"  curl -H 'Authorization: Bearer {lab.token}' {lab.control_url}/v1/truth",
    ]
    if lab.pools:
        user, password = lab.credentials()
        lines.append(_SNIPPET.format(url=lab.url(), user=user, password=password))
    lines.append("Ctrl-C stops the lab.")
    return "\n".join(lines)


def _pool_lines(lab: Lab, name: str) -> Iterator[str]:
    pool = lab.pools[name]
    user, password = lab.credentials(name)
    yield f"Pool {name} ({pool.profile}), user {user}, password {password}"
    for member in pool.members.values():
        role = " (master)" if member is pool.master else ""
        urls = "  ".join(lab.member_urls(name, member.host))
        yield f"  {member.server.name:<12} {urls}{role}"
    yield ""


@dataclass(frozen=True, slots=True)
class _Manager:
    """A management product as it is told: where it and its hosts answer, and to whom."""

    name: str
    profile: str
    users: dict[str, str]
    urls: list[str] = field(default_factory=list)
    hosts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def facts(self) -> dict[str, Any]:
        """The same, for JSON; hosts only where they answer for themselves."""
        hosts = {"hosts": self.hosts} if self.hosts else {}
        return {"profile": self.profile, "urls": self.urls, "users": self.users, **hosts}


def _managers(lab: Lab) -> list[_Manager]:
    """Return the vCenters and VMM servers of a lab."""
    found: dict[str, _Manager] = {}
    for door, urls in lab.doors():
        product = lab.world.product(door.owner)
        if not isinstance(door, Door) or not isinstance(product, VCenter | VmmServer):
            continue
        known = product.accounts if isinstance(product, VmmServer) else product.access.accounts
        users = {one.user: one.password for one in known.values()}
        made = _Manager(door.owner, product.profile, users)
        manager = found.setdefault(door.owner, made)
        shown = [f"{url}/wsman" for url in urls] if isinstance(product, VmmServer) else urls
        if door.server is product.server:
            manager.urls.extend(shown)
        else:
            manager.hosts[door.server.name] = shown
    return list(found.values())


def _manager_lines(lab: Lab) -> Iterator[str]:
    for manager in _managers(lab):
        accounts = ", ".join(
            f"user {user}, password {word}" for user, word in manager.users.items()
        )
        yield f"Manager {manager.name} ({manager.profile}), {accounts}"
        yield f"  {'  '.join(manager.urls)}"
        for host, urls in manager.hosts.items():
            yield f"  host {host:<16} {'  '.join(urls)}"
        yield ""


def _shell_lines(lab: Lab) -> Iterator[str]:
    for door, url in lab.shells():
        accounts = "  ".join(f"{user}:{secret}" for user, secret in _users(door).items())
        yield f"SSH of {door.owner}: {door.host:<12} {url}  {accounts}"
    if any(door.shell.registry.at(PYTHON) for door, _ in lab.shells()):
        yield from _sandbox_lines()
    if lab.shells():
        yield ""


def _sandbox_lines() -> Iterator[str]:
    reason = trouble()
    if reason is None:
        yield f"  Clients' programs ({PYTHON}) run in sandboxes of this machine."
    else:
        yield f"  Clients' programs are refused: no sandbox can run here: {reason}"


def _users(door: ShellDoor) -> dict[str, str]:
    """Return the passwords of a host's accounts that have one."""
    accounts = door.shell.system.accounts.values()
    return {one.name: one.password for one in accounts if one.password is not None}
