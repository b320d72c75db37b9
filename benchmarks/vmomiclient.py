"""What a user of pyVmomi waits for, in milliseconds as JSON; in a process of its own.

Started as ``python -m benchmarks.vmomiclient HOST:PORT MOST``; of labs of more than ``MOST``
machines it leaves out what takes pyVmomi itself too long to read.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any, Final

from benchmarks.vimclient import EIGHT, timed

# They have no annotations.
_connect: Final[Any] = importlib.import_module("pyVim.connect")
_task: Final[Any] = importlib.import_module("pyVim.task")
_types: Final[Any] = importlib.import_module("pyVmomi")
vim, vmodl = _types.vim, _types.vmodl


def connect(host: str, port: int) -> Any:
    user = {"user": "administrator@vsphere.local", "pwd": "secret"}
    return _connect.SmartConnect(protocol="http", host=host, port=port, **user)


def view(service: Any) -> Any:
    content = service.content
    return content.viewManager.CreateContainerView(content.rootFolder, [vim.VirtualMachine], True)


def retrieve(service: Any) -> int:
    """Read eight properties of every machine through a view; return how many there are."""
    collector = vmodl.query.PropertyCollector
    made = view(service)
    through = collector.TraversalSpec(
        name="view", path="view", skip=False, type=vim.view.ContainerView
    )
    spec = collector.FilterSpec(
        objectSet=[collector.ObjectSpec(obj=made, skip=True, selectSet=[through])],
        propSet=[collector.PropertySpec(type=vim.VirtualMachine, pathSet=list(EIGHT))],
    )
    found = service.content.propertyCollector.RetrievePropertiesEx(
        [spec], collector.RetrieveOptions()
    )
    made.DestroyView()
    return len(found.objects)


def visit(host: str, port: int) -> None:
    _connect.Disconnect(connect(host, port))


def switch(vm: Any) -> None:
    """Switch a machine off and on again, each time waiting for the task."""
    _task.WaitForTask(vm.PowerOff())
    _task.WaitForTask(vm.PowerOn())


def measure(host: str, port: int, most: int) -> dict[str, float]:
    service = connect(host, port)
    machines = list(view(service).view)
    vm = machines[0]
    if vm.runtime.powerState != "poweredOn":
        _task.WaitForTask(vm.PowerOn())
    figures = {
        "pyVmomi: connect and disconnect": timed(
            lambda: _connect.Disconnect(connect(host, port)), 20
        ),
        "pyVmomi: vm.name": timed(lambda: vm.name, 200),
        "pyVmomi: power off and on": timed(lambda: switch(vm), 50),
    }
    if len(machines) <= most:
        figures["pyVmomi: view, all x8"] = timed(lambda: retrieve(service), 3)
    _connect.Disconnect(service)
    return figures


if __name__ == "__main__":
    where, _, number = sys.argv[1].partition(":")
    print(json.dumps(measure(where, int(number), int(sys.argv[2]))))
