"""Running a command line on a simulated host without a network, for tools and tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim_fakes.shell.channels import ClientSink, ClientSource
from hvsim_fakes.shell.interactive import run_shell
from hvsim_fakes.shell.session import Session
from hvsim_fakes.shell.state import login_state

if TYPE_CHECKING:
    from hvsim_fakes.shell.limits import ShellLimits
    from hvsim_fakes.shell.program import Host


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command line came to."""

    status: int
    out: str
    err: str


def run_command(
    host: Host,
    line: str,
    stdin: str | bytes = b"",
    *,
    account: str = "root",
    limits: ShellLimits | None = None,
) -> Outcome:
    """Run a command line as ``ssh host line`` does, to its end."""
    session = Session(host.world, limits=limits)
    source = ClientSource(session)
    source.feed(stdin if isinstance(stdin, bytes) else stdin.encode("utf-8", "surrogateescape"))
    source.end()
    pieces: dict[int, list[bytes]] = {1: [], 2: []}
    out = ClientSink(session, pieces[1].append)
    err = ClientSink(session, pieces[2].append, after=out)
    session.client = {0: source, 1: out, 2: err}
    with host.world.activity.request():
        state = login_state(session, host, host.system.accounts[account], dict(session.client))
        status = run_shell(state, line)
        for job in session.jobs:
            job.let_go()
    text = {fd: b"".join(found).decode("utf-8", "surrogateescape") for fd, found in pieces.items()}
    return Outcome(status, text[1], text[2])
