"""A raw vim25 client in a process of its own; prints what it measured as JSON.

Started as ``python -m benchmarks.vimclient HOST:PORT WAITERS``. It parses next to nothing, so
that what it times is the server.
"""

from __future__ import annotations

import http.client
import json
import re
import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)
_COLLECTOR = '<_this type="PropertyCollector">propertyCollector</_this>'
_RETURNED = re.compile(rb">([^<>]+)</returnval>")
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
        self.connection = http.client.HTTPConnection(host, port, timeout=300)
        self.cookie = ""

    def call(self, content: str) -> bytes:
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": "urn:vim25/8.0.3.0"}
        if self.cookie:
            headers["Cookie"] = self.cookie
        self.connection.request("POST", "/sdk", _ENVELOPE.format(content).encode(), headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(body[-500:].decode())
        given = answer.getheader("Set-Cookie")
        if given:
            self.cookie = given.partition(";")[0]
        return body

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
        self.cookie = ""

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


def retrieve(obj: str, paths: tuple[str, ...]) -> str:
    asked = "".join(f"<pathSet>{path}</pathSet>" for path in paths)
    return (
        f'<RetrievePropertiesEx xmlns="urn:vim25">{_COLLECTOR}<specSet><propSet>'
        f"<type>VirtualMachine</type>{asked}</propSet><objectSet>{obj}</objectSet></specSet>"
        "<options/></RetrievePropertiesEx>"
    )


def in_view(view: str) -> str:
    return (
        f'<obj type="ContainerView">{view}</obj><skip>true</skip>'
        '<selectSet xsi:type="TraversalSpec"><type>ContainerView</type><path>view</path>'
        "<skip>false</skip></selectSet>"
    )


class Power:
    """Switches one machine on and off, each time waiting for the task through a filter."""

    def __init__(self, client: Client, vm: str) -> None:
        self.client, self.vm = client, vm
        obj = f'<obj type="VirtualMachine">{vm}</obj>'
        self.running = b"poweredOn" in client.call(retrieve(obj, ("runtime.powerState",)))

    def __call__(self) -> None:
        method = "PowerOffVM_Task" if self.running else "PowerOnVM_Task"
        self.running = not self.running
        this = f'<_this type="VirtualMachine">{self.vm}</_this>'
        task = self.client.returned(f'<{method} xmlns="urn:vim25">{this}</{method}>')
        made = self.client.returned(
            create_filter(f'<obj type="Task">{task}</obj>', "Task", "info.state")
        )
        version = ""
        while True:
            answer = self.client.call(wait(version))
            found = re.search(rb"<version>([^<]*)", answer)
            if found is None:
                raise RuntimeError("an update was lost")
            version = found[1].decode()
            if b">success<" in answer or b">error<" in answer:
                break
        self.client.call(
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


def timed(action: Callable[[], object], seconds: float = 2.0, most: int = 2_000) -> float:
    """Return the median milliseconds of an action, after one run that counts for nothing."""
    action()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end and len(taken) < most:
        begin = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1e3


def woken(host: str, port: int, vm: str, crowd: int) -> float:
    """Return the milliseconds until the last of a crowd that waits on a machine is answered."""
    ready = threading.Barrier(crowd + 1)
    ended: list[float] = []

    def wait_once() -> None:
        client = Client(host, port).login()
        client.call(
            create_filter(f'<obj type="VirtualMachine">{vm}</obj>', "VirtualMachine", "name")
        )
        found = re.search(rb"<version>([^<]*)", client.call(wait("")))
        assert found is not None
        ready.wait()
        if b"<version>" in client.call(wait(found[1].decode(), 60)):
            ended.append(time.perf_counter())

    threads = [threading.Thread(target=wait_once) for _ in range(crowd)]
    for thread in threads:
        thread.start()
    ready.wait()
    time.sleep(2.0)
    actor = Client(host, port).login()
    begin = time.perf_counter()
    this = f'<_this type="VirtualMachine">{vm}</_this>'
    actor.call(f'<Rename_Task xmlns="urn:vim25">{this}<newName>n{begin}</newName></Rename_Task>')
    for thread in threads:
        thread.join()
    if len(ended) != crowd:
        raise RuntimeError(f"{crowd - len(ended)} of {crowd} clients lost the update")
    return (max(ended) - begin) * 1e3


def measure(host: str, port: int, crowds: list[int]) -> dict[str, Any]:
    client = Client(host, port).login()
    view = client.view()
    begin = time.perf_counter()
    first = client.call(retrieve(in_view(view), EIGHT))
    cold = (time.perf_counter() - begin) * 1e3
    vms = [vm.decode() for vm in re.findall(rb'<obj type="VirtualMachine">([^<]+)', first)]
    visitor = Client(host, port)
    return {
        "machines": len(vms),
        "all x8, first time": cold,
        "all x8": timed(lambda: client.call(retrieve(in_view(view), EIGHT))),
        "all x2": timed(lambda: client.call(retrieve(in_view(view), TWO))),
        "one x8": timed(
            lambda: client.call(retrieve(f'<obj type="VirtualMachine">{vms[0]}</obj>', EIGHT))
        ),
        "login and logout": timed(lambda: visitor.login().logout()),
        "power task, waited for": timed(Power(client, vms[0])),
        **{f"{crowd} waiters woken": woken(host, port, vms[1], crowd) for crowd in crowds},
    }


if __name__ == "__main__":
    where, _, number = sys.argv[1].partition(":")
    print(json.dumps(measure(where, int(number), [int(crowd) for crowd in sys.argv[2:]])))
