"""Who plays a vCenter's script: the real pyVmomi, against a lab that is there, or a recording."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import pyVim.connect
import pyVmomi

from golden.played import PASSWORD, Played, managed

if TYPE_CHECKING:
    from collections.abc import Iterator

vim: Any = pyVmomi.vim
vmodl: Any = pyVmomi.vmodl
"""pyVmomi makes its types at run time: nothing is known of them before."""
RECORDED_WITH: Final = "9.1.1.0"
"""The pyVmomi whose words the recordings have; each release has words of its own."""
USER: Final = "administrator@vsphere.local"
_ADDRESS: Final = "127.0.0.91"

world: Final = managed(
    "vcenter",
    "vc1",
    USER,
    {"": _ADDRESS, "esx1": "127.0.0.92", "esx2": "127.0.0.93"},
    [
        {"name": "web", "host": "esx1", "power_state": "poweredOn", "address": "192.0.2.10"},
        {"name": "db", "host": "esx2", "power_state": "poweredOn", "tools": False},
        {"name": "golden", "host": "esx1", "template": True},
    ],
)
"""Makes a datacentre with a cluster of two hosts and three guests."""


class VimPlayer(Played):
    """Gives scripts their sessions."""

    @property
    def place(self) -> tuple[str, int]:
        """Address and port; a recording knows no ports."""
        if self.lab is None:
            return _ADDRESS, 80
        found = urlsplit(self.lab.member_url("vc1", "vc1", tls=False))
        assert found.hostname is not None
        assert found.port is not None
        return found.hostname, found.port

    def connect(self, password: str = PASSWORD) -> Any:
        """Log in; return the service instance."""
        host, port = self.place
        connect: Any = pyVim.connect.SmartConnect
        return connect(protocol="http", host=host, port=port, user=USER, pwd=password)

    @contextmanager
    def session(self) -> Iterator[Any]:
        """Log in for a ``with`` block, and out after it; give the service content."""
        service = self.connect()
        content = service.RetrieveContent()
        yield content
        content.sessionManager.Logout()


def found(content: Any, kind: Any, name: str) -> Any:
    """Return the object of a type that has a name, as clients find it: by a view."""
    view = content.viewManager.CreateContainerView(content.rootFolder, [kind], recursive=True)
    try:
        read = collect(content, view, kind, ["name"])
    finally:
        view.Destroy()
    return next(thing for thing, values in read if values["name"] == name)


def collect(content: Any, view: Any, kind: Any, paths: list[str]) -> list[tuple[Any, Any]]:
    """Return the objects of a view with some of their properties."""
    query = vmodl.query.PropertyCollector
    hop = query.TraversalSpec(name="view", path="view", skip=False, type=type(view))
    start = query.ObjectSpec(obj=view, skip=True, selectSet=[hop])
    spec = query.FilterSpec(
        objectSet=[start], propSet=[query.PropertySpec(type=kind, pathSet=paths, all=False)]
    )
    answer = content.propertyCollector.RetrievePropertiesEx([spec], query.RetrieveOptions())
    return [(one.obj, {prop.name: prop.val for prop in one.propSet}) for one in answer.objects]


def finish(content: Any, task: Any) -> Any:
    """Wait for a task's end by updates of it; return its information."""
    query = vmodl.query.PropertyCollector
    spec = query.FilterSpec(
        objectSet=[query.ObjectSpec(obj=task)],
        propSet=[query.PropertySpec(type=type(task), pathSet=["info.state"], all=False)],
    )
    collector = content.propertyCollector
    made = collector.CreateFilter(spec, partialUpdates=True)
    version, state = "", ""
    while state not in ("success", "error"):
        update = collector.WaitForUpdatesEx(version, query.WaitOptions(maxWaitSeconds=600))
        version = update.version
        changes = (c for f in update.filterSet for o in f.objectSet for c in o.changeSet)
        state = [change.val for change in changes][-1]
    made.Destroy()
    return task.info


def fault(call: Any, *args: Any, **named: Any) -> Any:
    """Return the fault of a call that is refused."""
    try:
        call(*args, **named)
    except vmodl.MethodFault as refusal:
        return refusal
    raise AssertionError("the call succeeded")
