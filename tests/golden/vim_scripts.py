"""What is said to a vCenter in each recording: pyVmomi's scripts, which check their answers."""

from __future__ import annotations

from typing import Any

from golden.player import PASSWORD
from golden.scripts import script
from golden.vim_player import VimPlayer, collect, fault, finish, found, vim, vmodl

PROFILES = ("vsphere-4", "vsphere-8")


@script("login", profiles=PROFILES)
def login(player: VimPlayer) -> None:
    """Logins good and bad, what a session knows of itself, and what is left of it afterwards."""
    assert isinstance(fault(player.connect, "not-the-password"), vim.fault.InvalidLogin)
    with player.session() as content:
        assert content.about.apiType == "VirtualCenter"
        assert content.sessionManager.currentSession.userName.endswith("Administrator")
        root = content.rootFolder
        assert root.name == "Datacenters"
    assert isinstance(fault(getattr, root, "name"), vim.fault.NotAuthenticated)


@script("inventory", profiles=PROFILES)
def inventory(player: VimPlayer) -> None:
    """What a client reads first: guests, hosts and storage by views, and by search."""
    with player.session() as content:
        wanted = {
            vim.VirtualMachine: ["name", "runtime.powerState", "guest", "config.instanceUuid"],
            vim.HostSystem: ["name", "summary"],
            vim.Datastore: ["name", "summary.capacity"],
            vim.ClusterComputeResource: ["name", "host"],
        }
        seen: dict[Any, list[str]] = {}
        for kind, paths in wanted.items():
            types = [kind]
            view = content.viewManager.CreateContainerView(
                content.rootFolder, types, recursive=True
            )
            seen[kind] = [values["name"] for _, values in collect(content, view, kind, paths)]
            view.Destroy()
        assert seen[vim.VirtualMachine] == ["web", "db", "golden"]
        assert seen[vim.HostSystem] == ["esx1", "esx2"]
        search = content.searchIndex
        web = search.FindByInventoryPath("/Datacenter/vm/web")
        assert web.config.hardware.memoryMB == 1024
        assert search.FindByUuid(None, web.config.uuid, vmSearch=True) == web
        assert search.FindByInventoryPath("/Datacenter/vm/nope") is None


@script("power", profiles=PROFILES)
def power(player: VimPlayer) -> None:
    """A guest's life by tasks that are waited for, and the events of it."""
    with player.session() as content:
        db = found(content, vim.VirtualMachine, "db")
        assert finish(content, db.SuspendVM_Task()).state == "success"
        assert finish(content, db.PowerOnVM_Task()).state == "success"
        again = finish(content, db.PowerOnVM_Task())
        assert isinstance(again.error, vim.fault.InvalidPowerState)
        assert isinstance(fault(db.ShutdownGuest), vim.fault.ToolsUnavailable)
        assert finish(content, db.PowerOffVM_Task()).state == "success"
        spec = vim.event.EventFilterSpec(
            entity=vim.event.EventFilterSpec.ByEntity(entity=db, recursion="self")
        )
        told = [
            type(one).__name__.rpartition(".")[2] for one in content.eventManager.QueryEvents(spec)
        ]
        assert told[-2:] == ["VmStoppingEvent", "VmPoweredOffEvent"]


@script("updates", profiles=PROFILES)
def updates(player: VimPlayer) -> None:
    """A filter's first answer, a change in it, nothing new, a version that there is not."""
    with player.session() as content:
        query = vmodl.query.PropertyCollector
        web = found(content, vim.VirtualMachine, "web")
        spec = query.FilterSpec(
            objectSet=[query.ObjectSpec(obj=web)],
            propSet=[query.PropertySpec(type=vim.VirtualMachine, pathSet=["name", "runtime"])],
        )
        collector = content.propertyCollector.CreatePropertyCollector()
        collector.CreateFilter(spec, partialUpdates=True)
        now = query.WaitOptions(maxWaitSeconds=0)
        first = collector.WaitForUpdatesEx("", now)
        assert [c.name for c in first.filterSet[0].objectSet[0].changeSet] == ["name", "runtime"]
        assert collector.WaitForUpdatesEx(first.version, now) is None
        finish(content, web.Rename_Task("web & db"))
        second = collector.WaitForUpdatesEx(first.version, now)
        (change,) = second.filterSet[0].objectSet[0].changeSet
        assert (change.name, change.val) == ("name", "web & db")
        wrong = fault(collector.WaitForUpdatesEx, "no version", now)
        assert isinstance(wrong, vmodl.query.InvalidCollectorVersion)
        collector.Destroy()


@script("machines", profiles=PROFILES)
def machines(player: VimPlayer) -> None:
    """A guest of a template: made, changed, kept by a snapshot, brought back, destroyed."""
    with player.session() as content:
        golden = found(content, vim.VirtualMachine, "golden")
        pool = found(content, vim.ClusterComputeResource, "c1").resourcePool
        place = vim.vm.RelocateSpec(pool=pool)
        spec = vim.vm.CloneSpec(location=place, powerOn=False, template=False)
        copy = finish(content, golden.CloneVM_Task(golden.parent, "cöpy", spec)).result
        assert copy.name == "cöpy"
        twice = finish(content, golden.CloneVM_Task(golden.parent, "cöpy", spec))
        assert isinstance(twice.error, vim.fault.DuplicateName)
        finish(content, copy.ReconfigVM_Task(vim.vm.ConfigSpec(memoryMB=2048)))
        assert copy.config.hardware.memoryMB == 2048
        kept = finish(content, copy.CreateSnapshot_Task("before", "", memory=False, quiesce=False))
        finish(content, copy.ReconfigVM_Task(vim.vm.ConfigSpec(memoryMB=4096)))
        finish(content, kept.result.RevertToSnapshot_Task())
        assert copy.config.hardware.memoryMB == 2048
        assert finish(content, copy.Destroy_Task()).state == "success"
        assert isinstance(fault(getattr, copy, "name"), vmodl.fault.ManagedObjectNotFound)


@script("moves", profiles=PROFILES)
def moves(player: VimPlayer) -> None:
    """A move of a guest that runs, a host in maintenance, and one that cannot take a guest."""
    with player.session() as content:
        web = found(content, vim.VirtualMachine, "web")
        first, second = (found(content, vim.HostSystem, name) for name in ("esx1", "esx2"))
        assert (
            finish(content, web.RelocateVM_Task(vim.vm.RelocateSpec(host=second))).state
            == "success"
        )
        assert web.runtime.host == second
        assert finish(content, first.EnterMaintenanceMode_Task(timeout=0)).state == "success"
        assert first.runtime.inMaintenanceMode
        refused = finish(content, web.RelocateVM_Task(vim.vm.RelocateSpec(host=first)))
        assert isinstance(refused.error, vim.fault.InvalidState)
        assert finish(content, first.ExitMaintenanceMode_Task(timeout=0)).state == "success"


@script("cluster", profiles=PROFILES)
def cluster(player: VimPlayer) -> None:
    """HA and DRS are switched on, and a rule keeps two guests apart."""
    with player.session() as content:
        group = found(content, vim.ClusterComputeResource, "c1")
        web, db = (found(content, vim.VirtualMachine, name) for name in ("web", "db"))
        apart = vim.cluster.AntiAffinityRuleSpec(name="apart", enabled=True, vm=[web, db])
        spec = vim.cluster.ConfigSpecEx(
            dasConfig=vim.cluster.DasConfigInfo(enabled=True, failoverLevel=1),
            drsConfig=vim.cluster.DrsConfigInfo(enabled=True, defaultVmBehavior="manual"),
            rulesSpec=[vim.cluster.RuleSpec(operation="add", info=apart)],
        )
        assert (
            finish(content, group.ReconfigureComputeResource_Task(spec, modify=True)).state
            == "success"
        )
        now = group.configurationEx
        assert (now.dasConfig.enabled, now.drsConfig.defaultVmBehavior) == (True, "manual")
        assert [rule.name for rule in now.rule] == ["apart"]


@script("errors", profiles=PROFILES)
def errors(player: VimPlayer) -> None:
    """Objects, properties and methods that there are not, and arguments that are wrong."""
    with player.session() as content:
        web = found(content, vim.VirtualMachine, "web")
        gone = vim.VirtualMachine("vm-4711", web._stub)
        assert isinstance(fault(getattr, gone, "name"), vmodl.fault.ManagedObjectNotFound)
        assert isinstance(fault(gone.PowerOnVM_Task), vmodl.fault.ManagedObjectNotFound)
        wrong = fault(_read, content, web, "runtime.colour")
        assert isinstance(wrong, vmodl.query.InvalidProperty)
        assert isinstance(fault(web.CreateScreenshot_Task), vmodl.fault.MethodNotFound)
        low = finish(content, web.ReconfigVM_Task(vim.vm.ConfigSpec(numCPUs=-1)))
        assert isinstance(low.error, vmodl.fault.InvalidArgument)
        assert PASSWORD not in str(content.sessionManager.sessionList)


def _read(content: Any, thing: Any, path: str) -> Any:
    query = vmodl.query.PropertyCollector
    spec = query.FilterSpec(
        objectSet=[query.ObjectSpec(obj=thing)],
        propSet=[query.PropertySpec(type=type(thing), pathSet=[path])],
    )
    return content.propertyCollector.RetrieveProperties([spec])
