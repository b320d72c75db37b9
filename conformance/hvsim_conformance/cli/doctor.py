"""`hvsim doctor`: whether this machine can run labs."""

from __future__ import annotations

import shutil
import socket
import ssl
import sys
import urllib.request
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import click

from hvsim_conformance.engine.verdict import ExitCode
from hvsim_fakes.sandbox.bubble import trouble
from hvsim_fakes.server import Listener, Request, Response, self_signed, server_context

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOPBACK = "127.0.0.1"
_ALIASES = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
_PORTS = (8080, 8443, 2222, 8090)
_OLDEST = (3, 11)


class _State(StrEnum):
    OK = "ok"
    NOTE = "note"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class _Finding:
    """What was found; ``help`` says what to do about it."""

    state: _State
    what: str
    help: str = ""


@click.command()
def command() -> int:
    r"""Check Python, loopback addresses, ports, TLS, optional clients and sandboxes.

    \b
    Exit status: 0 labs can run here, 1 they cannot.
    """
    findings = [finding for check in _CHECKS for finding in check()]
    for found in findings:
        click.echo(f"{found.state:<5} {found.what}")
        if found.help:
            click.echo(f"      {found.help}")
    failed = any(found.state is _State.FAIL for found in findings)
    return int(ExitCode.FAILED) if failed else 0


def _python() -> list[_Finding]:
    present = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < _OLDEST:
        return [_Finding(_State.FAIL, f"Python {present}", "hvsim needs Python 3.11 or newer.")]
    return [_Finding(_State.OK, f"Python {present}, hvsim {version('hvsim')}")]


def _loopback() -> list[_Finding]:
    missing = [address for address in _ALIASES if not _bindable(address, 0)]
    if not missing:
        return [_Finding(_State.OK, f"loopback addresses {', '.join(_ALIASES)}")]
    commands = "; ".join(f"sudo ifconfig lo0 alias {address}" for address in missing)
    what = f"loopback addresses {', '.join(missing)} are not this machine's"
    return [_Finding(_State.FAIL, what, f"Every host has an address; on macOS: {commands}")]


def _ports() -> list[_Finding]:
    found = []
    for port in _PORTS:
        free = all(_bindable(address, port) for address in (_LOOPBACK, *_ALIASES))
        if free:
            found.append(_Finding(_State.OK, f"port {port} is free"))
        else:
            options = "--port, --tls-port, --ssh-port and --control-port"
            help_text = f"`hvsim serve` takes others with {options}."
            found.append(_Finding(_State.NOTE, f"port {port} is in use", help_text))
    return found


def _tls() -> list[_Finding]:
    try:
        answer = _greet()
    except OSError as error:
        return [_Finding(_State.FAIL, f"TLS on the loopback interface: {error}")]
    return [_Finding(_State.OK, f"TLS on the loopback interface ({answer})")]


def _greet() -> str:
    """Ask a listener with a certificate of its own, and return the TLS version spoken."""
    names = [_LOOPBACK]
    trusted = ssl.create_default_context(cadata=self_signed(names).pem.decode())
    with Listener(_hello, _LOOPBACK, 0, tls=server_context(names), name="doctor") as listener:
        host, port = listener.address
        with (
            socket.create_connection((host, port), timeout=10) as plain,
            trusted.wrap_socket(plain, server_hostname=host) as secure,
        ):
            return secure.version() or "no version"


def _hello(_request: Request, /) -> Response:
    return Response(200, {}, b"")


def _clients() -> list[_Finding]:
    return [
        _package("XenAPI", "the XenServer SDK, which `hvsim demo` drives"),
        _package("ansible-core", "for the Ansible tests: pip install 'hvsim[clients]'"),
        _program("node", "for implementations under test written in JavaScript"),
    ]


def _sandbox() -> list[_Finding]:
    reason = trouble()
    if reason is None:
        return [_Finding(_State.OK, "sandboxes for programs of clients (bubblewrap)")]
    help_text = "Optional: for labs whose hosts run Ansible modules (`hvsim serve --remote-code`)."
    return [_Finding(_State.NOTE, f"no sandbox can run here: {reason}", help_text)]


def _proxies() -> list[_Finding]:
    proxy = urllib.request.getproxies().get("http")
    if not proxy or urllib.request.proxy_bypass(_LOOPBACK):
        return []
    help_text = "Clients may send what is for the lab there; set NO_PROXY=127.0.0.0/8,localhost."
    return [_Finding(_State.NOTE, f"an HTTP proxy is set ({proxy})", help_text)]


def _package(name: str, use: str) -> _Finding:
    try:
        return _Finding(_State.OK, f"{name} {version(name)}")
    except PackageNotFoundError:
        return _Finding(_State.NOTE, f"{name} is not installed", f"Optional: {use}.")


def _program(name: str, use: str) -> _Finding:
    path = shutil.which(name)
    if path is None:
        return _Finding(_State.NOTE, f"{name} is not installed", f"Optional: {use}.")
    return _Finding(_State.OK, f"{name} at {path}")


def _bindable(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((address, port))
        except OSError:
            return False
    return True


_CHECKS: tuple[Callable[[], list[_Finding]], ...] = (
    _python,
    _loopback,
    _ports,
    _tls,
    _proxies,
    _clients,
    _sandbox,
)
