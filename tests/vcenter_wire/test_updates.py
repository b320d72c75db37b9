"""Filters and the updates they give."""

import threading

import pytest

from vcenter_wire.vim import NS, PROPERTIES, FaultError, Vim, every, of_view, spec, text

NOW = "<options><maxWaitSeconds>0</maxWaitSeconds></options>"


@pytest.fixture
def vim():
    return Vim().login()


def create(vim, content, *, partial=False, collector=PROPERTIES):
    asked = f"<spec>{content}</spec><partialUpdates>{str(partial).lower()}</partialUpdates>"
    return vim.call("CreateFilter", collector, asked)[0].text


def wait(vim, version="", options=NOW, collector=PROPERTIES):
    return vim.call("WaitForUpdatesEx", collector, f"<version>{version}</version>{options}")


def told(answer):
    """Return kind, object and changed values of every object in an update."""
    return [
        (
            one.findtext(f"{NS}kind"),
            one.findtext(f"{NS}obj"),
            {
                c.findtext(f"{NS}name"): c.findtext(f"{NS}val")
                for c in one.findall(f"{NS}changeSet")
            },
        )
        for one in every(answer, "returnval/filterSet/objectSet")
    ]


def version_of(answer):
    return text(answer, "returnval/version")


def test_enter_modify_leave(vim):
    vm = vim.vm("vm0")
    create(vim, spec(vm, "VirtualMachine", "name", "runtime.powerState"))
    first = wait(vim)
    assert told(first) == [("enter", vm.moid, {"name": "vm0", "runtime.powerState": "poweredOff"})]
    assert len(wait(vim, version_of(first))) == 0
    vim.vcenter.store.change(vm, "name", "new")
    second = wait(vim, version_of(first))
    assert told(second) == [("modify", vm.moid, {"name": "new"})]
    vim.vcenter.store.change(vm, "guest.hostName", "unasked")
    assert len(wait(vim, version_of(second))) == 0
    vim.vcenter.store.remove(vm)
    assert told(wait(vim, version_of(second))) == [("leave", vm.moid, {})]


def test_an_old_version_is_told_everything_since(vim):
    vm = vim.vm("vm0")
    create(vim, spec(vm, "VirtualMachine", "name"))
    first = version_of(wait(vim))
    vim.vcenter.store.change(vm, "name", "one")
    second = version_of(wait(vim, first))
    vim.vcenter.store.change(vm, "name", "two")
    assert told(wait(vim, first)) == [("modify", vm.moid, {"name": "two"})]
    assert told(wait(vim, second)) == [("modify", vm.moid, {"name": "two"})]
    assert told(wait(vim)) == [("enter", vm.moid, {"name": "two"})]


def test_a_version_never_given_is_refused(vim):
    for version in ("99", "x"):
        with pytest.raises(FaultError) as refusal:
            wait(vim, version)
        assert refusal.value.name == "InvalidCollectorVersion"


@pytest.mark.parametrize(
    "options",
    ["<maxWaitSeconds>-1</maxWaitSeconds>", "<maxObjectUpdates>0</maxObjectUpdates>"],
)
def test_bounds_that_make_no_sense_are_refused(vim, options):
    with pytest.raises(FaultError) as refusal:
        wait(vim, "", f"<options>{options}</options>")
    assert refusal.value.name == "InvalidArgument"


def test_truncated_updates_go_on_where_they_stopped(vim):
    create(vim, of_view(vim.view(), "VirtualMachine", "name"))
    bounds = "<maxWaitSeconds>0</maxWaitSeconds><maxObjectUpdates>3</maxObjectUpdates>"
    options = f"<options>{bounds}</options>"
    first = wait(vim, "", options)
    assert text(first, "returnval/truncated") == "true"
    # What changes meanwhile is not lost.
    vim.vcenter.store.change(vim.vm("vm3"), "name", "later")
    second = wait(vim, version_of(first), options)
    assert text(second, "returnval/truncated") is None
    assert len({moid for _, moid, _ in told(first) + told(second)}) == 4
    assert told(wait(vim, version_of(second))) == [
        ("modify", vim.vm("later").moid, {"name": "later"})
    ]
    with pytest.raises(FaultError) as refusal:
        wait(vim, version_of(first))
    assert refusal.value.name == "InvalidCollectorVersion"


def test_whole_and_partial_changes(vim):
    vm = vim.vm("vm0")
    create(vim, spec(vm, "VirtualMachine", "runtime"))
    create(vim, spec(vm, "VirtualMachine", "runtime"), partial=True)
    first = version_of(wait(vim))
    vim.vcenter.store.change(vm, "runtime.maxCpuUsage", 99)
    names = [list(changes) for _, _, changes in told(wait(vim, first))]
    assert names == [["runtime"], ["runtime.maxCpuUsage"]]


def test_a_value_that_is_no_longer_set(vim):
    vm = vim.vm("vm1")
    create(vim, spec(vm, "VirtualMachine", "guest.ipAddress"))
    vim.vcenter.store.change(vm, "guest.ipAddress", "10.9.9.9")
    first = wait(vim)
    assert told(first)[0][2] == {"guest.ipAddress": "10.9.9.9"}
    vim.vcenter.store.change(vm, "guest.ipAddress", None)
    assert told(wait(vim, version_of(first))) == [("modify", vm.moid, {"guest.ipAddress": None})]


def test_objects_come_into_a_view_and_leave_it(vim):
    create(vim, of_view(vim.view(), "VirtualMachine", "name"))
    first = version_of(wait(vim))
    store, folder = vim.vcenter.store, vim.vcenter.store.value(vim.vm("vm0"), "parent")
    made = store.add("VirtualMachine", "vm-77", {"name": "made", "parent": folder})
    store.append(folder, "childEntity", made)
    second = wait(vim, first)
    assert told(second) == [("enter", "vm-77", {"name": "made"})]
    store.discard(folder, "childEntity", made)
    store.remove(made)
    assert told(wait(vim, version_of(second))) == [("leave", "vm-77", {})]


def test_a_list_view_that_its_client_changes(vim):
    one, two = vim.vm("vm0"), vim.vm("vm1")
    made = vim.call(
        "CreateListView", "ViewManager ViewManager", f'<obj type="VirtualMachine">{one.moid}</obj>'
    )[0].text
    select = (
        '<selectSet xsi:type="TraversalSpec"><type>ListView</type><path>view</path></selectSet>'
    )
    create(vim, spec(f"ListView {made}", "VirtualMachine", "name", select=select))
    first = wait(vim)
    assert told(first) == [("enter", one.moid, {"name": "vm0"})]
    added = f'<add type="VirtualMachine">{two.moid}</add>'
    change = f'{added}<remove type="VirtualMachine">{one.moid}</remove>'
    vim.call("ModifyListView", f"ListView {made}", change)
    assert told(wait(vim, version_of(first))) == [
        ("enter", two.moid, {"name": "vm1"}),
        ("leave", one.moid, {}),
    ]


def test_check_and_plain_wait(vim):
    vm = vim.vm("vm0")
    create(vim, spec(vm, "VirtualMachine", "name"))
    first = vim.call("CheckForUpdates", PROPERTIES, "<version></version>")
    assert told(first) == [("enter", vm.moid, {"name": "vm0"})]
    since = f"<version>{version_of(first)}</version>"
    assert len(vim.call("CheckForUpdates", PROPERTIES, since)) == 0
    vim.vcenter.store.change(vm, "name", "x")
    assert told(vim.call("WaitForUpdates", PROPERTIES, since)) == [
        ("modify", vm.moid, {"name": "x"})
    ]


class Waiter(threading.Thread):
    """Waits in the background, as a client's own request does."""

    def __init__(self, vim, version):
        super().__init__(daemon=True)
        self.vim, self.version = vim, version
        self.outcome = None
        self.parked = threading.Event()
        vim.world.activity.on_park = self.parked.set
        self.start()
        assert self.parked.wait(10)

    def run(self):
        try:
            self.outcome = told(wait(self.vim, self.version, ""))
        except FaultError as refusal:
            self.outcome = refusal.name

    def result(self):
        self.join(10)
        return self.outcome


def test_a_change_wakes_who_waits(vim):
    vm = vim.vm("vm0")
    create(vim, spec(vm, "VirtualMachine", "name"))
    waiter = Waiter(vim, version_of(wait(vim)))
    with vim.world.access():
        vim.vcenter.store.change(vm, "name", "woken")
    assert waiter.result() == [("modify", vm.moid, {"name": "woken"})]


def test_a_new_filter_wakes_who_waits(vim):
    vm, other = vim.vm("vm0"), vim.vm("vm1")
    create(vim, spec(vm, "VirtualMachine", "name"))
    waiter = Waiter(vim, version_of(wait(vim)))
    create(vim, spec(other, "VirtualMachine", "name"))
    assert waiter.result() == [("enter", other.moid, {"name": "vm1"})]


@pytest.mark.parametrize("how", ["cancel", "destroy-filter", "logout"])
def test_waits_can_be_ended(vim, how):
    made = create(vim, spec(vim.vm("vm0"), "VirtualMachine", "name"))
    waiter = Waiter(vim, version_of(wait(vim)))
    if how == "cancel":
        vim.call("CancelWaitForUpdates", PROPERTIES)
    elif how == "destroy-filter":
        vim.call("DestroyPropertyFilter", f"PropertyFilter {made}")
    else:
        vim.call("Logout", "SessionManager SessionManager")
    expected = "NotAuthenticated" if how == "logout" else "RequestCanceled"
    assert waiter.result() == expected


def test_collectors_of_their_own(vim):
    made = vim.call("CreatePropertyCollector", PROPERTIES)[0].text
    mine = f"PropertyCollector {made}"
    create(vim, spec(vim.vm("vm0"), "VirtualMachine", "name"), collector=mine)
    assert len(wait(vim)) == 0
    assert len(told(wait(vim, collector=mine))) == 1
    vim.call("DestroyPropertyCollector", mine)
    with pytest.raises(FaultError) as refusal:
        wait(vim, collector=mine)
    assert refusal.value.name == "ManagedObjectNotFound"


def test_sessions_do_not_see_each_others_filters(vim):
    other = vim.other().login()
    create(vim, spec(vim.vm("vm0"), "VirtualMachine", "name"))
    assert len(wait(other)) == 0
    assert len(told(wait(vim))) == 1


def test_new_events_change_a_collectors_latest_page(vim):
    made = vim.call("CreateCollectorForEvents", "EventManager EventManager", "<filter/>")[0].text
    create(vim, spec(f"EventHistoryCollector {made}", "EventHistoryCollector", "latestPage"))
    first = wait(vim)
    assert told(first)[0][0] == "enter"
    vim.other().login()
    assert [kind for kind, _, _ in told(wait(vim, version_of(first)))] == ["modify"]


def test_missing_objects_are_told_once(vim):
    more = "<reportMissingObjectsInResults>true</reportMissingObjectsInResults>"
    create(vim, spec("VirtualMachine vm-999", "VirtualMachine", "name", more=more))
    first = wait(vim)
    assert [one.findtext(f"{NS}obj") for one in every(first, "returnval/filterSet/missingSet")] == [
        "vm-999"
    ]
    assert len(wait(vim, version_of(first))) == 0


def test_a_task_is_followed_to_its_end(vim):
    task = vim.call("PowerOnVM_Task", vim.vm("vm0"))[0].text
    create(vim, spec(f"Task {task}", "Task", "info.state", "info.progress"))
    version, states = "", []
    for _ in range(50):
        answer = wait(vim, version)
        version = version_of(answer) or version
        states += [
            changes["info.state"] for _, _, changes in told(answer) if "info.state" in changes
        ]
        if states[-1] in ("success", "error"):
            break
        vim.world.advance_to_next()
    assert states[-1] == "success"
    assert set(states) <= {"queued", "running", "success"}
