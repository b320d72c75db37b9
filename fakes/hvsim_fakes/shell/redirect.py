"""Redirections: opening files and copying descriptors."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, cast

from hvsim.files import FileError, Kind
from hvsim_fakes.shell.channels import DeviceSource, FileSink, Sink, Source, encoded
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.shell.state import ShellError
from hvsim_fakes.shell.syntax import HereDocument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim_fakes.shell.expansion import Expander
    from hvsim_fakes.shell.program import Reader, Writer
    from hvsim_fakes.shell.state import State
    from hvsim_fakes.shell.syntax import Redirection

Fds = dict[int, "Reader | Writer"]


def redirected(
    state: State, expander: Expander, redirections: Iterable[Redirection]
) -> tuple[Fds, list[Sink]]:
    """Return the descriptors with redirections done, and what is to be closed after use.

    Raises:
        ShellError: when one cannot be done; none is left open.
    """
    fds, opened = dict(state.fds), []
    for one in redirections:
        if isinstance(one.target, HereDocument):
            fds[one.fd] = Source(encoded(expander.text(one.target.body)))
            continue
        target = expander.text(one.target)
        if one.operator in ("<&", ">&"):
            _copy(fds, one.fd, target)
            continue
        try:
            channel = _open(state, one.operator, target)
        except FileError as error:
            verb = "open" if one.operator == "<" else "create"
            raise ShellError(f"cannot {verb} {target}: {error.reason}") from None
        fds[one.fd] = channel
        if isinstance(channel, Sink):
            opened.append(channel)
    return fds, opened


def _copy(fds: Fds, fd: int, target: str) -> None:
    if target == "-":
        fds.pop(fd, None)
        return
    source = int(target) if is_number(target) and len(target) < 4 else -1
    if source not in fds:
        raise ShellError(f"{target}: bad file descriptor")
    fds[fd] = fds[source]


def open_file(state: State, path: str) -> Reader:
    """Return a reader of a file or device; raises FileError."""
    return cast("Reader", _open(state, "<", path))


def _open(state: State, operator: str, path: str) -> Reader | Writer:
    view, session = state.view, state.session
    device = _device(state, path)
    if device is not None:
        if device == "tty" and session.tty is None:
            raise FileError(errno.ENXIO, path)
        return _open_device(state, operator, device)
    if operator == "<":
        return Source(view.read(path))
    if operator == ">" and "C" in state.options and view.is_file(path):
        raise FileError(errno.EEXIST, path)
    if operator == "<>":
        view.write(path, b"", at=-1)
        return Source(view.read(path))
    view.write(path, b"", at=-1 if operator == ">>" else None)
    return FileSink(session, view, path, -1 if operator == ">>" else 0)


def _device(state: State, path: str) -> str | None:
    try:
        node = state.view.find(path)
    except FileError:
        return None
    return node.target if node.kind is Kind.DEVICE else None


def _open_device(state: State, operator: str, device: str) -> Reader | Writer:
    session = state.session
    if operator == "<":
        if device == "zero":
            return DeviceSource(session)
        if device == "tty" and session.terminal is not None:
            return session.terminal.source
        return Source()
    if device == "tty" and session.terminal is not None:
        return session.terminal.sink
    return Sink(session)
