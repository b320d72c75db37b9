"""A session at a vCenter, through pyVmomi."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pyVim.connect
import pyVmomi

from hvsim_conformance.adapters.model import Credentials

_connect: Any = pyVim.connect
vim: Any = pyVmomi.vim
vmodl: Any = pyVmomi.vmodl
"""pyVmomi makes its types at run time: nothing is known of them before."""

_LOST = (OSError, vmodl.fault.HostCommunication)


class UnreachableError(Exception):
    """Nobody answers at the vCenter's address."""


class RefusedError(Exception):
    """vCenter refused a call, or a task failed; ``fault`` is the type of its fault."""

    def __init__(self, fault: str, text: str) -> None:
        self.fault = fault
        super().__init__(f"{fault}: {text}")


class Connection:
    """A vCenter, logged in to at first use, and again when the session is gone."""

    def __init__(self, address: str, credentials: Credentials) -> None:
        self.address = address
        self._credentials = credentials
        self._service: Any = None

    @property
    def content(self) -> Any:
        """The service content."""
        if self._service is None:
            place = urlsplit(self.address)
            self._service = _connect.SmartConnect(
                protocol=place.scheme,
                host=place.hostname,
                port=place.port,
                user=self._credentials.username,
                pwd=self._credentials.password,
                disableSslCertValidation=True,
            )
        return self._service.content

    @contextmanager
    def speaking(self) -> Iterator[Any]:
        """Give the service content; errors of pyVmomi become this module's."""
        try:
            yield self._ready()
        except vmodl.MethodFault as fault:
            raise RefusedError(type(fault).__name__.rpartition(".")[2], fault.msg or "") from None
        except _LOST as problem:
            self._service = None
            raise UnreachableError(str(problem)) from None

    def read(self, kind: Any, paths: list[str]) -> dict[str, dict[str, Any]]:
        """Return properties of every object of a type, by identifier."""
        with self.speaking() as content:
            view = content.viewManager.CreateContainerView(content.rootFolder, [kind], True)
            try:
                return {
                    moid_of(found.obj): _values(found)
                    for found in _collect(content, view, kind, paths)
                }
            finally:
                view.Destroy()

    def reference(self, kind: Any, moid: str) -> Any:
        """Return a managed object by its identifier."""
        with self.speaking():
            return kind(moid, self._service._stub)  # noqa: SLF001 - pyVmomi's own way

    def finish(self, task: Any) -> Any:
        """Wait for a task's end; return its result or raise :class:`RefusedError`."""
        with self.speaking() as content:
            _await(content, task, "info.state", ("success", "error"))
            info = task.info
            if info.state == "error":
                raise info.error
            return info.result

    def wait(self, thing: Any, path: str, value: str) -> None:
        """Wait until a property of an object has a value."""
        with self.speaking() as content:
            _await(content, thing, path, (value,))

    def close(self) -> None:
        """Log out."""
        if self._service is not None:
            try:
                _connect.Disconnect(self._service)
            except (*_LOST, vmodl.MethodFault):
                return
            finally:
                self._service = None

    def _ready(self) -> Any:
        try:
            content = self.content
            if content.sessionManager.currentSession is not None:
                return content
        except vim.fault.NotAuthenticated:
            pass
        self._service = None
        return self.content


def _collect(content: Any, view: Any, kind: Any, paths: list[str]) -> list[Any]:
    collector = vmodl.query.PropertyCollector
    hop = collector.TraversalSpec(name="view", path="view", skip=False, type=type(view))
    chosen = collector.PropertySpec(type=kind, pathSet=paths, all=False)
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=view, skip=True, selectSet=[hop])], propSet=[chosen]
    )
    found: list[Any] = content.propertyCollector.RetrieveContents([spec])
    return found


def _values(found: Any) -> dict[str, Any]:
    return {prop.name: prop.val for prop in found.propSet}


def _await(content: Any, thing: Any, path: str, values: tuple[str, ...]) -> None:
    collector = vmodl.query.PropertyCollector
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=thing)],
        propSet=[collector.PropertySpec(type=type(thing), pathSet=[path], all=False)],
    )
    made = content.propertyCollector.CreatePropertyCollector()
    version = ""
    try:
        made.CreateFilter(spec, partialUpdates=True)
        while True:
            update = made.WaitForUpdatesEx(version, collector.WaitOptions(maxWaitSeconds=60))
            if update is None:
                raise RefusedError("Timedout", f"{path} never became {' or '.join(values)}")
            version = update.version
            if _last(update, path) in values:
                return
    finally:
        made.DestroyPropertyCollector()


def _last(update: Any, path: str) -> str | None:
    changes = [
        change.val
        for item in update.filterSet
        for seen in item.objectSet
        for change in seen.changeSet
        if change.name == path
    ]
    return str(changes[-1]) if changes else None


def moid_of(thing: Any) -> str:
    """Return the identifier of a managed object."""
    found: str = thing._moId  # noqa: SLF001 - pyVmomi has no other name for it
    return found
