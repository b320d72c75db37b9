"""A raw vim25 client in a process of its own; prints the milliseconds it measured as JSON.

Started as ``python -m benchmarks.vimclient HOST:PORT WHAT``, where ``WHAT`` is ``first``,
``calls`` or a number of waiters. It parses next to nothing, so that what it times is the server.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.http import Line, await_all

if TYPE_CHECKING:
    from collections.abc import Callable

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)
_HEADERS = b'Content-Type: text/xml; charset=utf-8\r\nSOAPAction: "urn:vim25/8.0.3.0"\r\n'
_COLLECTOR = '<_this type="PropertyCollector">propertyCollector</_this>'
_RETURNED = re.compile(rb">([^<>]+)</returnval>")
_VERSION = re.compile(rb"<version>([^<]*)")
_OVER = re.compile(rb">(success|error)<")
_VM = re.compile(rb'<obj type="VirtualMachine">([^<]+)')
EIGHT = (
    "name",
    "runtime.powerState",
    "runtime.host",
    "summary.config.numCpu",
    "summary.config.memorySizeMB",
    "guest.ipAddress",
    "config.uuid",
    "summary",
)
TWO = EIGHT[:2]


class Client:
    def __init__(self, host: str, port: int) -> None:
        self.line = Line(host, port)

    def call(self, content: str) -> bytes:
        self.send(content)
        while not self.line.take():
            pass
        return self.line.answer()

    def send(self, content: str) -> None:
        """Begin a call, whose answer ``line`` takes."""
        self.line.send(b"/sdk", _HEADERS, _ENVELOPE.format(content).encode())

    def returned(self, content: str) -> str:
        found = _RETURNED.search(self.call(content))
        assert found is not None
        return found[1].decode()

    def login(self) -> Client:
        this = '<_this type="SessionManager">SessionManager</_this>'
        user = "<userName>administrator@vsphere.local</userName><password>secret</password>"
        self.call(f'<Login xmlns="urn:vim25">{this}{user}</Login>')
        return self

    def logout(self) -> None:
        this = '<_this type="SessionManager">SessionManager</_this>'
        self.call(f'<Logout xmlns="urn:vim25">{this}</Logout>')
        self.line.cookie = b""

    def view(self) -> str:
        this = '<_this type="ServiceInstance">ServiceInstance</_this>'
        content = self.call(
            f'<RetrieveServiceContent xmlns="urn:vim25">{this}</RetrieveServiceContent>'
        )
        root = re.search(rb'<rootFolder type="Folder">([^<]+)', content)
        assert root is not None
        asked = (
            f'<container type="Folder">{root[1].decode()}</container><type>VirtualMachine</type>'
        )
        this = '<_this type="ViewManager">ViewManager</_this>'
        return self.returned(
            f'<CreateContainerView xmlns="urn:vim25">{this}{asked}'
            "<recursive>true</recursive></CreateContainerView>"
        )


def retrieve(kind: str, obj: str, paths: tuple[str, ...]) -> str:
    asked = "".join(f"<pathSet>{path}</pathSet>" for path in paths)
    return (
        f'<RetrievePropertiesEx xmlns="urn:vim25">{_COLLECTOR}<specSet><propSet>'
        f"<type>{kind}</type>{asked}</propSet><objectSet>{obj}</objectSet></specSet>"
        "<options/></RetrievePropertiesEx>"
    )


def in_view(view: str) -> str:
    return (
        f'<obj type="ContainerView">{view}</obj><skip>true</skip>'
        '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path>'
        "<skip>false</skip></selectSet>"
    )


class Power:
    """Switches one machine on and off, each time waiting for the task.

    Args:
        wait: follows a task to its end, given the client and the task's identifier.
    """

    def __init__(self, client: Client, vm: str, wait: Callable[[Client, str], None]) -> None:
        self.client, self.vm, self.wait = client, vm, wait
        obj = f'<obj type="VirtualMachine">{vm}</obj>'
        shown = client.call(retrieve("VirtualMachine", obj, ("runtime.powerState",)))
        self.running = b"poweredOn" in shown

    def __call__(self) -> None:
        method = "PowerOffVM_Task" if self.running else "PowerOnVM_Task"
        self.running = not self.running
        this = f'<_this type="VirtualMachine">{self.vm}</_this>'
        task = self.client.returned(f'<{method} xmlns="urn:vim25">{this}</{method}>')
        self.wait(self.client, task)


def by_polling(client: Client, task: str) -> None:
    """Ask for a task's state until it is over."""
    asked = retrieve("Task", f'<obj type="Task">{task}</obj>', ("info.state",))
    while not _OVER.search(client.call(asked)):
        pass


def by_filter(client: Client, task: str) -> None:
    """Wait for the end of a task through a property filter."""
    made = client.returned(create_filter(f'<obj type="Task">{task}</obj>', "Task", "info.state"))
    version = ""
    while True:
        answer = client.call(wait(version))
        found = _VERSION.search(answer)
        if found is None:
            raise RuntimeError("an update was lost")
        version = found[1].decode()
        if _OVER.search(answer):
            break
    client.call(
        '<DestroyPropertyFilter xmlns="urn:vim25">'
        f'<_this type="PropertyFilter">{made}</_this></DestroyPropertyFilter>'
    )


def create_filter(obj: str, kind: str, path: str) -> str:
    return (
        f'<CreateFilter xmlns="urn:vim25">{_COLLECTOR}<spec><propSet><type>{kind}</type>'
        f"<pathSet>{path}</pathSet></propSet><objectSet>{obj}</objectSet></spec>"
        "<partialUpdates>false</partialUpdates></CreateFilter>"
    )


def wait(version: str, seconds: int = 20) -> str:
    return (
        f'<WaitForUpdatesEx xmlns="urn:vim25">{_COLLECTOR}<version>{version}</version>'
        f"<options><maxWaitSeconds>{seconds}</maxWaitSeconds></options></WaitForUpdatesEx>"
    )


def timed(action: Callable[[], object], most: int, seconds: float = 10.0) -> float:
    """Return the median milliseconds of an action, after one run that counts for nothing.

    It is carried out so many times, unless that takes longer than ``seconds``: a server that is
    fast has then done no more than one that is slow, and remembers no more.
    """
    action()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while len(taken) < most and (not taken or time.perf_counter() < end):
        begin = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e3


class Waiter:
    """Waits for a change of one machine, with a property collector of its own.

    vcsim tells only one of the sessions that wait with the collector that every session has.
    """

    def __init__(self, where: tuple[str, int], vm: str) -> None:
        self.client = Client(*where).login()
        create = (
            f'<CreatePropertyCollector xmlns="urn:vim25">{_COLLECTOR}</CreatePropertyCollector>'
        )
        self._own = f'<_this type="PropertyCollector">{self.client.returned(create)}</_this>'
        obj = f'<obj type="VirtualMachine">{vm}</obj>'
        self.client.call(self._mine(create_filter(obj, "VirtualMachine", "name")))
        found = _VERSION.search(self.client.call(self._mine(wait(""))))
        assert found is not None
        self._version = found[1].decode()

    def wait(self) -> None:
        """Ask for the next change; the answer is not waited for."""
        self.client.send(self._mine(wait(self._version, 60)))

    def _mine(self, content: str) -> str:
        return content.replace(_COLLECTOR, self._own)


def woken(where: tuple[str, int], vm: str, crowd: int) -> float:
    """Return the milliseconds until the last of a crowd that waits on a machine is answered.

    One thread reads all the answers: as many threads as clients would measure one another.
    """
    waiters = [Waiter(where, vm) for _ in range(crowd)]
    for waiter in waiters:
        waiter.wait()
    time.sleep(2.0)
    actor = Client(*where).login()
    lines = [actor.line, *(waiter.client.line for waiter in waiters)]
    this = f'<_this type="VirtualMachine">{vm}</_this>'
    begin = time.perf_counter()
    actor.send(f'<Rename_Task xmlns="urn:vim25">{this}<newName>n{begin}</newName></Rename_Task>')
    await_all(lines)
    taken = time.perf_counter() - begin
    lost = sum(_VERSION.search(line.answer()) is None for line in lines[1:])
    for client in (actor, *(waiter.client for waiter in waiters)):
        client.logout()
    if lost:
        raise RuntimeError(f"{lost} of {crowd} clients lost the update")
    return taken * 1e3


class Visit:
    """One run against a server: a client logged in, with a view of every machine."""

    def __init__(self, where: tuple[str, int]) -> None:
        self.where = where
        self.client = Client(*where).login()
        self.view = in_view(self.client.view())

    def machines(self, paths: tuple[str, ...]) -> bytes:
        return self.client.call(retrieve("VirtualMachine", self.view, paths))

    def first(self) -> dict[str, float]:
        begin = time.perf_counter()
        self.machines(EIGHT)
        return {"all x8, first time": (time.perf_counter() - begin) * 1e3}

    def calls(self) -> dict[str, float]:
        vm = self._names()[0]
        obj = f'<obj type="VirtualMachine">{vm}</obj>'
        visitor = Client(*self.where)
        filtered = Power(self.client, vm, by_filter)
        return {
            "all x8": timed(lambda: self.machines(EIGHT), 100, 2.0),
            "all x2": timed(lambda: self.machines(TWO), 100, 2.0),
            "one x8": timed(lambda: self.client.call(retrieve("VirtualMachine", obj, EIGHT)), 300),
            "login and logout": timed(lambda: visitor.login().logout(), 300),
            "power task, waited for": timed(filtered, 150),
            "power task, polled": timed(Power(self.client, vm, by_polling), 150),
        }

    def crowd(self, size: int) -> dict[str, float]:
        return {f"{size} waiters woken": woken(self.where, self._names()[1], size)}

    def _names(self) -> list[str]:
        return [vm.decode() for vm in _VM.findall(self.machines(TWO))]


def measure(where: tuple[str, int], what: str) -> dict[str, float]:
    visit = Visit(where)
    try:
        if what == "first":
            return visit.first()
        return visit.crowd(int(what)) if what.isdecimal() else visit.calls()
    finally:
        visit.client.logout()


if __name__ == "__main__":
    host, _, number = sys.argv[1].partition(":")
    print(json.dumps(measure((host, int(number)), sys.argv[2])))
