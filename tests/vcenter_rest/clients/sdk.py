"""A story told with the vSphere Automation SDK for Python, unmodified; runs in its environment.

Usage: ``sdk.py HOST:PORT``. Prints what came of each step as one line of JSON.
"""

import json
import sys

import requests
import urllib3
from com.vmware.cis.tagging_client import CategoryModel
from com.vmware.vapi.std import errors_client as errors
from com.vmware.vapi.std_client import DynamicID
from com.vmware.vcenter.vm_client import Power
from com.vmware.vcenter_client import VM, Datacenter, Folder, Host
from vmware.vapi.vsphere.client import create_vsphere_client

USER, PASSWORD = "administrator@vsphere.local", "secret"


def client(server, user=USER, password=PASSWORD):
    session = requests.Session()
    session.verify = session.trust_env = False
    return create_vsphere_client(server, user, password, session=session)


def refused(step):
    """Return the name of the error that a step ends with, and the identifier of its message."""
    try:
        step()
    except errors.Error as error:
        return [type(error).__name__, error.messages[0].id if error.messages else ""]
    return None


def sessions(server):
    made = client(server)
    told = {
        "wrong": refused(lambda: client(server, password="wrong")),
        "user": made.session_svc.get().user,
    }
    made.session_svc.delete()
    return told | {"after": refused(made.vcenter.VM.list)}


def inventory(vc):
    moid = vc.vcenter.VM.list(VM.FilterSpec(names={"web"}))[0].vm
    whole = vc.vcenter.VM.get(moid)
    return {
        "vms": [one.name for one in vc.vcenter.VM.list()],
        "running": [
            one.name
            for one in vc.vcenter.VM.list(VM.FilterSpec(power_states={Power.State.POWERED_ON}))
        ],
        "disk": whole.disks["2000"].capacity,
        "nic": whole.nics["4000"].backing.network_name,
        "guest_os": str(whole.guest_os),
        "hosts": [one.name for one in vc.vcenter.Host.list(Host.FilterSpec(standalone=True))],
        "folder": vc.vcenter.Folder.list(Folder.FilterSpec(type=Folder.Type.HOST))[0].name,
        "clusters": [one.name for one in vc.vcenter.Cluster.list()],
        "networks": [one.name for one in vc.vcenter.Network.list()],
        "datastores": [one.name for one in vc.vcenter.Datastore.list()],
        "pool": vc.vcenter.ResourcePool.list()[0].name,
        "identity": vc.vcenter.vm.guest.Identity.get(moid).host_name,
        "version": vc.appliance.system.Version.get().version,
        "missing": refused(lambda: vc.vcenter.VM.get("vm-77")),
    }


def power(vc):
    moid = vc.vcenter.VM.list(VM.FilterSpec(names={"db"}))[0].vm
    service, states = vc.vcenter.vm.Power, []
    for action in (service.start, service.reset, service.suspend, service.start, service.stop):
        action(moid)
        states.append(str(service.get(moid).state))
    return {
        "states": states,
        "again": refused(lambda: service.stop(moid)),
        "reset": refused(lambda: service.reset(moid)),
    }


def tags(vc):
    category, tag, on = vc.tagging.Category, vc.tagging.Tag, vc.tagging.TagAssociation
    spec = category.CreateSpec("sdk", "", CategoryModel.Cardinality.SINGLE, {"VirtualMachine"})
    made = category.create(spec)
    one, two = (tag.create(tag.CreateSpec(name, "", made)) for name in ("one", "two"))
    vm = DynamicID("VirtualMachine", vc.vcenter.VM.list()[0].vm)
    on.attach(one, vm)
    told = {
        "category": category.get(made).name,
        "twice": refused(lambda: category.create(spec)),
        "second": refused(lambda: on.attach(two, vm)),
        "batch": on.attach_multiple_tags_to_object(vm, [one, two, "nope"]).success,
        "attached": on.list_attached_tags(vm) == [one],
        "objects": [found.id for found in on.list_attached_objects(one)] == [vm.id],
    }
    tag.update(one, tag.UpdateSpec(name="uno"))
    told["renamed"] = tag.get(one).name
    category.delete(made)
    return told | {"left": tag.list()}


def machines(vc):
    cluster = vc.vcenter.Cluster.list()[0].cluster
    folder = vc.vcenter.Folder.list(Folder.FilterSpec(type=Folder.Type.VIRTUAL_MACHINE))[0].folder
    place = VM.PlacementSpec(folder=folder, cluster=cluster)
    made = vc.vcenter.VM.create(VM.CreateSpec(guest_os="UBUNTU_64", name="sdk", placement=place))
    copy = vc.vcenter.VM.clone(VM.CloneSpec(source=made, name="copy"))
    task = vc.vcenter.VM.clone_task(VM.CloneSpec(source=made, name="copy2"))
    while str(task.get_info().status) not in ("SUCCEEDED", "FAILED"):
        vc.vcenter.VM.get(made)
    third = task.get_result()
    names = [one.name for one in vc.vcenter.VM.list(VM.FilterSpec(vms={made, copy, third}))]
    for moid in (made, copy, third):
        vc.vcenter.VM.delete(moid)
    center = vc.vcenter.Datacenter.create(Datacenter.CreateSpec(name="west"))
    vc.vcenter.Datacenter.delete(center)
    return {"names": names, "gone": refused(lambda: vc.vcenter.VM.delete(made))}


def hosts(vc):
    (host,) = vc.vcenter.Host.list(Host.FilterSpec(standalone=True))
    vc.vcenter.Host.disconnect(host.host)
    again = refused(lambda: vc.vcenter.Host.disconnect(host.host))
    state = vc.vcenter.Host.list(Host.FilterSpec(hosts={host.host}))[0]
    vc.vcenter.Host.connect(host.host)
    return {"state": str(state.connection_state), "power": state.power_state, "again": again}


def reader(server):
    vc = client(server, "reader@vsphere.local", "read")
    moid = vc.vcenter.VM.list()[0].vm
    return {
        "power": refused(lambda: vc.vcenter.vm.Power.reset(moid)),
        "tag": refused(lambda: vc.tagging.Category.delete("x")),
    }


def main(server):
    urllib3.disable_warnings()
    vc = client(server)
    steps = (inventory, power, tags, machines, hosts)
    told = {"sessions": sessions(server), "reader": reader(server)}
    told |= {step.__name__: step(vc) for step in steps}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
