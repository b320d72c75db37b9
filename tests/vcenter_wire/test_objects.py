"""Views, searches, histories, counters and permissions."""

import pytest

from vcenter_wire.vim import FaultError, Vim, every, text

INDEX = "SearchIndex SearchIndex"


@pytest.fixture
def vim():
    return Vim().login()


@pytest.mark.parametrize(
    ("method", "asked", "name"),
    [
        ("FindByInventoryPath", "<inventoryPath>Datacenter/vm/vm1</inventoryPath>", "vm1"),
        ("FindByInventoryPath", "<inventoryPath>/Datacenter/vm/vm1/</inventoryPath>", "vm1"),
        ("FindByInventoryPath", "<inventoryPath>Datacenter/vm/nope</inventoryPath>", None),
        ("FindByInventoryPath", "<inventoryPath>Datacenter//vm1</inventoryPath>", None),
        ("FindByDnsName", "<dnsName>GUEST1</dnsName><vmSearch>true</vmSearch>", "vm1"),
        ("FindByDnsName", "<dnsName>esx1</dnsName><vmSearch>false</vmSearch>", "esx1"),
        ("FindByIp", "<ip>10.0.0.2</ip><vmSearch>true</vmSearch>", "vm1"),
        ("FindByIp", "<ip>127.30.0.2</ip><vmSearch>false</vmSearch>", "esx2"),
        ("FindAllByIp", "<ip>10.0.0.99</ip><vmSearch>true</vmSearch>", None),
        (
            "FindByIp",
            (
                '<datacenter type="Datacenter">datacenter-1</datacenter>'
                "<ip>10.0.0.2</ip><vmSearch>true</vmSearch>"
            ),
            "vm1",
        ),
    ],
)
def test_searches(vim, method, asked, name):
    datacenter = next(vim.vcenter.store.of_type("Datacenter")).moid
    found = vim.call(method, INDEX, asked.replace("datacenter-1", datacenter))
    refs = [one.text for one in every(found, "returnval")]
    assert [vim.vcenter.store.value(ref, "name") for ref in refs] == ([name] if name else [])


def test_search_by_uuid_and_path(vim):
    store, vm = vim.vcenter.store, vim.vm("vm1")
    for path, instance in (("config.uuid", "false"), ("config.instanceUuid", "true")):
        asked = f"<uuid>{store.value(vm, path).upper()}</uuid><vmSearch>true</vmSearch>"
        asked += f"<instanceUuid>{instance}</instanceUuid>"
        assert text(vim.call("FindByUuid", INDEX, asked), "returnval") == vm.moid
    datacenter = next(store.of_type("Datacenter")).moid
    path = store.value(vm, "config.files.vmPathName")
    asked = f'<datacenter type="Datacenter">{datacenter}</datacenter><path>{path}</path>'
    assert text(vim.call("FindByDatastorePath", INDEX, asked), "returnval") == vm.moid


def test_search_among_children(vim):
    folder = vim.vcenter.store.value(vim.vm("vm1"), "parent").moid
    asked = f'<entity type="Folder">{folder}</entity><name>vm2</name>'
    assert text(vim.call("FindChild", INDEX, asked), "returnval") == vim.vm("vm2").moid


def names_in(vim, view):
    found = vim.call("Fetch", view, "<prop>view</prop>")
    refs = every(found, "returnval/ManagedObjectReference")
    return [vim.vcenter.store.value(ref.text, "name") for ref in refs]


def test_a_container_view_of_one_level(vim):
    asked = '<container type="Folder">group-d1</container><recursive>false</recursive>'
    made = vim.call("CreateContainerView", "ViewManager ViewManager", asked)[0].text
    assert names_in(vim, f"ContainerView {made}") == ["Datacenter"]


def test_what_is_no_container_is_refused(vim):
    vm = vim.vm("vm0").moid
    asked = f'<container type="VirtualMachine">{vm}</container><recursive>true</recursive>'
    with pytest.raises(FaultError) as refusal:
        vim.call("CreateContainerView", "ViewManager ViewManager", asked)
    assert refusal.value.name == "InvalidArgument"


def test_an_inventory_view_opens_and_closes(vim):
    made = f"InventoryView {vim.call('CreateInventoryView', 'ViewManager ViewManager')[0].text}"
    assert names_in(vim, made) == ["Datacenters"]
    root = '<entity type="Folder">group-d1</entity>'
    assert len(vim.call("OpenInventoryViewFolder", made, root)) == 0
    assert names_in(vim, made) == ["Datacenters", "Datacenter"]
    gone = vim.call("OpenInventoryViewFolder", made, '<entity type="Folder">group-x</entity>')
    assert text(gone, "returnval") == "group-x"
    vim.call("CloseInventoryViewFolder", made, root)
    assert names_in(vim, made) == ["Datacenters"]
    vim.call("DestroyView", made)
    with pytest.raises(FaultError):
        names_in(vim, made)


def events(vim, asked):
    found = vim.call("QueryEvents", "EventManager EventManager", f"<filter>{asked}</filter>")
    said = "{http://www.w3.org/2001/XMLSchema-instance}type"
    return [one.get(said) for one in every(found, "returnval")]


def test_events_by_type_user_and_entity(vim):
    with pytest.raises(FaultError):
        vim.other().login(password="wrong")
    vim.call("PowerOnVM_Task", vim.vm("vm0"))
    vim.world.advance(300)
    vm = vim.vm("vm0").moid
    within = "<entity><entity type='%s'>%s</entity><recursion>%s</recursion></entity>"
    assert "BadUsernameSessionEvent" in events(vim, "")
    assert set(events(vim, "<eventTypeId>vim.event.VmPoweredOnEvent</eventTypeId>")) == {
        "VmPoweredOnEvent"
    }
    assert "VmPoweredOnEvent" in events(vim, within % ("VirtualMachine", vm, "self"))
    assert events(vim, within % ("VirtualMachine", vim.vm("vm2").moid, "self")) == []
    assert "VmPoweredOnEvent" in events(vim, within % ("Folder", "group-d1", "all"))
    late = "<time><beginTime>2030-01-01T00:00:00Z</beginTime></time>"
    assert events(vim, late) == []
    assert len(events(vim, "<maxCount>1</maxCount>")) == 1


def test_a_task_collector_pages(vim):
    for name in ("vm0", "vm2"):
        vim.call("PowerOnVM_Task", vim.vm(name))
    vim.world.advance(300)
    manager = "TaskManager TaskManager"
    made = (
        f"TaskHistoryCollector {vim.call('CreateCollectorForTasks', manager, '<filter/>')[0].text}"
    )
    vim.call("RewindCollector", made)
    first = vim.call("ReadNextTasks", made, "<maxCount>1</maxCount>")
    second = vim.call("ReadNextTasks", made, "<maxCount>5</maxCount>")
    assert [text(first, "returnval/entityName"), text(second, "returnval/entityName")] == [
        "vm0",
        "vm2",
    ]
    back = vim.call("ReadPreviousTasks", made, "<maxCount>1</maxCount>")
    assert text(back, "returnval/entityName") == "vm2"
    with pytest.raises(FaultError) as refusal:
        vim.call("ReadNextTasks", made, "<maxCount>0</maxCount>")
    assert refusal.value.name == "InvalidArgument"
    vim.call("DestroyCollector", made)
    with pytest.raises(FaultError):
        vim.call("RewindCollector", made)


def test_counters_and_figures(vim):
    manager = "PerformanceManager PerfMgr"
    vm = f'<entity type="VirtualMachine">{vim.vm("vm1").moid}</entity>'
    metrics = every(vim.call("QueryAvailablePerfMetric", manager, vm), "returnval")
    assert {text(one, "counterId") for one in metrics} >= {"2", "24"}
    vim.world.advance(300)
    asked = f"<querySpec>{vm}<maxSample>3</maxSample><metricId><counterId>2</counterId>"
    asked += "<instance></instance></metricId><intervalId>20</intervalId></querySpec>"
    figures = vim.call("QueryPerf", manager, asked)
    assert len(every(figures, "returnval/sampleInfo")) == 3
    assert len(every(figures, "returnval/value/value")) == 3
    with pytest.raises(FaultError) as refusal:
        vim.call("QueryPerfCounter", manager, "<counterId>99999</counterId>")
    assert refusal.value.name == "InvalidArgument"


def test_permissions(vim):
    manager = "AuthorizationManager AuthorizationManager"
    found = vim.call("RetrieveAllPermissions", manager)
    assert {text(one, "roleId") for one in every(found, "returnval")} == {"-1", "-2"}
    key = next(iter(vim.vcenter.access.sessions))
    asked = '<entity type="Folder">group-d1</entity>'
    asked += (
        f"<sessionId>{key}</sessionId><privId>System.View</privId><privId>Global.Licenses</privId>"
    )
    held = vim.call("HasPrivilegeOnEntity", manager, asked)
    assert [one.text for one in every(held, "returnval")] == ["true", "true"]
