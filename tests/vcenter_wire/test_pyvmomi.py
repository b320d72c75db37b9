"""VMware's own Python client against a vCenter that listens."""

import threading

import pytest
from pyVim.connect import Disconnect, SmartConnect
from pyVim.task import WaitForTask
from pyVmomi import vim as api
from pyVmomi import vmodl

from hvsim.clock import Clock, ClockMode
from hvsim.pump import Pump
from hvsim_fakes.server import Listener, server_context
from vcenter_wire.vim import PASSWORD, USER, Vim

CLIENTS, TASKS = 8, 200


@pytest.fixture
def port():
    lab = Vim(guests=CLIENTS)
    lab.world.clock = Clock(ClockMode.SKIP_IDLE)
    pump = Pump(lab.world)
    pump.start()
    context = server_context(["127.0.0.1"])
    with Listener(lab.endpoint, "127.0.0.1", 0, tls=context) as listener:
        yield listener.address[1]
    pump.stop()


def connect(port, password=PASSWORD):
    return SmartConnect(
        host="127.0.0.1", port=port, user=USER, pwd=password, disableSslCertValidation=True
    )


def machines(service):
    content = service.RetrieveContent()
    root = content.rootFolder
    return content.viewManager.CreateContainerView(root, [api.VirtualMachine], True).view


def test_connect_read_and_power(port):
    service = connect(port)
    assert service.content.about.apiType == "VirtualCenter"
    assert service._stub.version == "vim.version.v8_0_3_0"
    found = {vm.name: vm for vm in machines(service)}
    vm = found["vm0"]
    assert vm.runtime.powerState == "poweredOff"
    WaitForTask(vm.PowerOn())
    assert vm.runtime.powerState == "poweredOn"
    assert vm.summary.config.name == "vm0"
    with pytest.raises(api.fault.InvalidPowerState):
        WaitForTask(vm.PowerOn())
    assert service.content.searchIndex.FindByInventoryPath("Datacenter/vm/vm0") == vm
    assert vm.parent.parent.name == "Datacenter"
    Disconnect(service)
    with pytest.raises(api.fault.NotAuthenticated):
        vm.name  # noqa: B018 - reading it asks


def test_a_bad_password(port):
    with pytest.raises(api.fault.InvalidLogin):
        connect(port, "wrong")


def test_faults_arrive_as_their_types(port):
    service = connect(port)
    with pytest.raises(vmodl.fault.ManagedObjectNotFound):
        api.VirtualMachine("vm-999", service._stub).name  # noqa: B018 - reading it asks
    query = vmodl.query.PropertyCollector
    asked = query.FilterSpec(
        objectSet=[query.ObjectSpec(obj=machines(service)[0])],
        propSet=[query.PropertySpec(type=api.VirtualMachine, pathSet=["nope"])],
    )
    with pytest.raises(vmodl.query.InvalidProperty) as refusal:
        service.content.propertyCollector.RetrieveContents([asked])
    assert refusal.value.name == "nope"
    Disconnect(service)


def follow(service, task):
    """Return the states a task is told to be in, to its end."""
    query = vmodl.query.PropertyCollector
    collector = service.content.propertyCollector
    asked = query.FilterSpec(
        objectSet=[query.ObjectSpec(obj=task)],
        propSet=[query.PropertySpec(type=api.Task, pathSet=["info.state"])],
    )
    made = collector.CreateFilter(asked, True)
    version, states = "", []
    while not states or states[-1] not in ("success", "error"):
        update = collector.WaitForUpdatesEx(version, query.WaitOptions(maxWaitSeconds=20))
        if update is None:
            states.append("lost")
            break
        version = update.version
        states += [c.val for f in update.filterSet for o in f.objectSet for c in o.changeSet]
    made.Destroy()
    return states


def work(port, number, ended):
    service = connect(port)
    vm = machines(service)[number]
    running = vm.runtime.powerState == "poweredOn"
    for _ in range(TASKS):
        task = vm.PowerOff() if running else vm.PowerOn()
        running = not running
        ended.append(follow(service, task)[-1])
    Disconnect(service)


def test_no_update_is_lost_among_many_clients(port):
    ended = []
    clients = [threading.Thread(target=work, args=(port, n, ended)) for n in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert ended == ["success"] * (CLIENTS * TASKS)
