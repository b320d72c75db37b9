"""Every operation in every power state, against tables read out of xapi's sources.

Read in ``ocaml/xapi/xapi_vm_lifecycle.ml``: commit 36c9890efa (June 2009, XenServer 5.5) and
e2ee48d688 (August 2026).
"""

from __future__ import annotations

from dataclasses import replace

import pytest

import labs
from driving import call, do, finish, refusal, set_row
from hvsim.operations import StageRule
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import rules
from hvsim.xenserver.life.traits import VM, of

ALLOWED_IN = {
    "xenserver-5.5": {
        "Halted": "start start_on destroy make_into_template clone copy export snapshot"
        " assert_operation_valid update_allowed_operations power_state_reset",
        "Paused": "unpause hard_reboot hard_shutdown get_boot_record snapshot"
        " assert_operation_valid update_allowed_operations power_state_reset",
        "Suspended": "resume resume_on csvm export get_boot_record hard_shutdown snapshot"
        " assert_operation_valid update_allowed_operations power_state_reset",
        "Running": "changing_shadow_memory_live changing_VCPUs_live awaiting_memory_live"
        " changing_memory_live data_source_op pool_migrate suspend send_sysrq send_trigger pause"
        " clean_shutdown clean_reboot hard_reboot get_boot_record hard_shutdown snapshot"
        " assert_operation_valid update_allowed_operations power_state_reset",
    },
    "xenserver-8": {
        "Halted": "changing_VCPUs changing_static_range changing_memory_limits"
        " changing_shadow_memory changing_NVRAM make_into_template start start_on"
        " changing_dynamic_range clone copy create_template destroy export migrate_send"
        " assert_operation_valid metadata_export power_state_reset reverting snapshot"
        " update_allowed_operations create_vtpm",
        "Paused": "unpause hard_reboot checkpoint get_boot_record shutdown hard_shutdown"
        " assert_operation_valid metadata_export power_state_reset reverting snapshot"
        " update_allowed_operations",
        "Suspended": "csvm resume resume_on create_template destroy export checkpoint"
        " get_boot_record shutdown hard_shutdown migrate_send assert_operation_valid"
        " metadata_export power_state_reset reverting snapshot update_allowed_operations",
        "Running": "awaiting_memory_live call_plugin clean_reboot clean_shutdown"
        " changing_memory_live changing_shadow_memory_live changing_VCPUs_live data_source_op"
        " pause pool_migrate send_sysrq send_trigger sysprep suspend changing_dynamic_range"
        " hard_reboot checkpoint get_boot_record shutdown hard_shutdown migrate_send"
        " assert_operation_valid metadata_export power_state_reset reverting snapshot"
        " update_allowed_operations",
    },
}
"""Power state -> what an ordinary guest with tools may do in it, nothing else under way."""

EXPECTED = {
    ("xenserver-5.5", "start", "Running"): "halted",
    ("xenserver-5.5", "hard_shutdown", "Halted"): "paused, suspended, running",
    ("xenserver-5.5", "hard_reboot", "Suspended"): "paused, running",
    ("xenserver-5.5", "clone", "Running"): "halted, suspended",
    ("xenserver-5.5", "clone", "Suspended"): "halted",
    ("xenserver-8", "clone", "Suspended"): "halted",
    ("xenserver-8", "destroy", "Running"): "halted, suspended",
    ("xenserver-8", "hard_shutdown", "Halted"): "paused, suspended, running",
    ("xenserver-8", "migrate_send", "Paused"): "halted, suspended, running",
    ("xenserver-8", "clean_shutdown", "Suspended"): "running",
}
"""What ``VM_BAD_POWER_STATE`` says would do, in the source's order."""


PATIENT = {"calls-wait-for-guests": True}


def traits(pool, name="web", **changes):
    return replace(of(pool, pool.db.row("VM", labs.vm(pool, name))), **changes)


def every_cell():
    for profile in labs.PROFILES:
        operations = labs.small_pool(profile).model.enums["vm_operations"]
        for state in ("Halted", "Paused", "Suspended", "Running"):
            for op in operations:
                yield profile, state, op


@pytest.fixture(scope="module", name="pools")
def _pools():
    return {profile: labs.small_pool(profile) for profile in labs.PROFILES}


@pytest.mark.parametrize(("profile", "state", "op"), list(every_cell()))
def test_every_operation_in_every_state(pools, profile, state, op):
    fault = rules.judge(traits(pools[profile], power_state=state), op, strict=True)
    if op in ALLOWED_IN[profile][state].split():
        assert fault is None
        return
    assert fault is not None
    if (profile, op, state) in EXPECTED:
        wanted = ("VM_BAD_POWER_STATE", VM, EXPECTED[profile, op, state], state.lower())
        assert fault == wanted


@pytest.mark.parametrize(("cell", "expected"), EXPECTED.items())
def test_error_names_the_states_that_would_do(pools, cell, expected):
    profile, op, state = cell
    fault = rules.judge(traits(pools[profile], power_state=state), op, strict=True)
    assert fault == ("VM_BAD_POWER_STATE", VM, expected, state.lower())


LISTED = {
    ("xenserver-5.5", "web"): [
        "pool_migrate", "changing_VCPUs_live", "suspend", "hard_reboot", "hard_shutdown",
        "clean_reboot", "clean_shutdown", "pause", "snapshot",
    ],
    ("xenserver-5.5", "lost"): [
        "make_into_template", "destroy", "export", "start_on", "start", "clone", "copy", "snapshot",
    ],
    ("xenserver-5.5", "Other install media"): ["provision", "export", "clone", "copy"],
    ("xenserver-5.5", "Control domain on host: host1"): [],
    ("xenserver-8", "lost"): [
        "create_vtpm", "destroy", "metadata_export", "export", "make_into_template",
        "changing_NVRAM", "changing_shadow_memory", "changing_static_range",
        "changing_dynamic_range", "migrate_send", "start_on", "start", "copy", "clone", "snapshot",
    ],
    ("xenserver-8", "Control domain on host: host1"): [
        "metadata_export", "changing_static_range", "changing_dynamic_range",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("which", "expected"), LISTED.items())
def test_rows_list_what_is_allowed(pools, which, expected):
    profile, name = which
    row = pools[profile].db.row("VM", labs.vm(pools[profile], name))
    assert row["allowed_operations"] == expected


JOINS = {
    # Under way, and what may join it, of those the power state would allow (Running or Halted).
    ("xenserver-5.5", "Running", "clean_shutdown"): [],
    ("xenserver-5.5", "Running", "snapshot"): ["snapshot"],
    ("xenserver-5.5", "Halted", "clone"): ["export", "clone", "copy"],
    ("xenserver-8", "Running", "clean_shutdown"): ["hard_reboot", "hard_shutdown"],
    ("xenserver-8", "Running", "hard_reboot"): ["hard_shutdown"],
    ("xenserver-8", "Running", "hard_shutdown"): [],
    ("xenserver-8", "Running", "snapshot"): [
        "hard_reboot", "hard_shutdown", "checkpoint", "snapshot",
    ],
    ("xenserver-8", "Running", "migrate_send"): [
        "metadata_export", "hard_reboot", "hard_shutdown", "clean_reboot", "clean_shutdown",
    ],
    ("xenserver-8", "Halted", "clone"): ["export", "copy", "clone"],
}  # fmt: skip


@pytest.mark.parametrize(("cell", "expected"), JOINS.items())
def test_what_may_join_an_operation(pools, cell, expected):
    profile, state, under_way = cell
    found = traits(pools[profile], power_state=state, under_way=(under_way,))
    assert rules.allowed(found) == expected


@pytest.mark.parametrize("profile", labs.PROFILES)
def test_the_loser_is_told_what_is_under_way(profile):
    pool = labs.small_pool(profile)
    web = labs.vm(pool, "web")
    call(pool, "VM.clean_shutdown", web)
    pool.world.advance(1)
    (task,) = pool.db.row("VM", web)["current_operations"]
    assert pool.db.row("VM", web)["current_operations"] == {task: "clean_shutdown"}
    expected = ["OTHER_OPERATION_IN_PROGRESS", "VM", web, "clean_shutdown", task]
    assert refusal(pool, "VM.suspend", web) == expected


def test_power_state_comes_before_concurrency_today_and_after_it_in_5_5():
    for profile, code in (
        ("xenserver-5.5", "OTHER_OPERATION_IN_PROGRESS"),
        ("xenserver-8", "VM_BAD_POWER_STATE"),
    ):
        pool = labs.small_pool(profile)
        web = labs.vm(pool, "web")
        call(pool, "VM.clean_shutdown", web)
        assert refusal(pool, "VM.start", web, False, False)[0] == code


def test_two_operations_under_way_are_listed_in_braces():
    pool = labs.small_pool()
    web = labs.vm(pool, "web")
    set_row(pool, web, current_operations={"t1": "snapshot", "t2": "snapshot"})
    with pytest.raises(XenError) as refused:
        raise rules.error(pool, web, "suspend")
    assert refused.value.params == ("VM", web, "{snapshot,snapshot}", "{t1,t2}")


@pytest.mark.parametrize("profile", labs.PROFILES)
def test_blocked_operations_come_first(profile):
    pool = labs.small_pool(profile)
    web = labs.vm(pool, "web")
    do(pool, "VM.set_blocked_operations", web, {"start": "frozen", "suspend": "by night"})
    assert refusal(pool, "VM.start", web, False, False) == ["OPERATION_BLOCKED", web, "frozen"]
    assert "suspend" not in pool.db.row("VM", web)["allowed_operations"]
    do(pool, "VM.remove_from_blocked_operations", web, "suspend")
    assert "suspend" in pool.db.row("VM", web)["allowed_operations"]


NO_DRIVERS = {
    "xenserver-5.5": {
        "suspend": "OPERATION_NOT_ALLOWED", "pool_migrate": "OPERATION_NOT_ALLOWED",
        "clean_shutdown": "OPERATION_NOT_ALLOWED", "clean_reboot": "OPERATION_NOT_ALLOWED",
        "hard_shutdown": None, "hard_reboot": None, "pause": None, "snapshot": None,
    },
    "xenserver-8": {
        "suspend": "VM_LACKS_FEATURE", "pool_migrate": "VM_LACKS_FEATURE",
        "migrate_send": "VM_LACKS_FEATURE", "checkpoint": "VM_LACKS_FEATURE",
        "clean_shutdown": "VM_LACKS_FEATURE", "clean_reboot": "VM_LACKS_FEATURE",
        "hard_shutdown": None, "hard_reboot": None, "pause": None, "snapshot": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("profile", labs.PROFILES)
def test_fully_virtualised_guests_need_drivers(pools, profile):
    bare = traits(pools[profile], drivers=None, features=(), hvm=True)
    for op, code in NO_DRIVERS[profile].items():
        fault = rules.judge(bare, op, strict=True)
        assert (fault and fault[0]) == code, op
    text = rules.judge(bare, "suspend", strict=True)
    if profile == "xenserver-5.5":
        assert text[1] == "suspend not possible for HVM domains (are PV drivers installed?)"


def test_force_overrides_a_missing_feature_today_but_not_in_5_5(pools):
    bare = traits(pools["xenserver-8"], drivers=None, features=())
    assert rules.judge(bare, "pool_migrate", strict=False) is None
    old = traits(pools["xenserver-5.5"], drivers=None, features=())
    assert rules.judge(old, "pool_migrate", strict=False) is not None


LEGACY_DRIVERS = [
    ({"drivers": ("3", "2", "0")}, "suspend", ("VM_OLD_PV_DRIVERS", VM, "3", "2", "0")),
    ({"drivers": ("3", "2", "0")}, "clean_shutdown", None),
    ({"drivers": None, "hvm": False}, "suspend", ("VM_MISSING_PV_DRIVERS", VM)),
    ({"drivers": None, "hvm": False}, "clean_shutdown", None),
    ({"rhel3": True, "smp": True}, "suspend",
     ("OPERATION_NOT_ALLOWED", "suspend not possible for SMP RHEL 3 linux guests")),
    ({"rhel3": True, "smp": False}, "suspend", None),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "op", "expected"), LEGACY_DRIVERS)
def test_drivers_of_5_5(pools, changes, op, expected):
    assert rules.judge(traits(pools["xenserver-5.5"], **changes), op, strict=True) == expected


KINDS = [
    ("xenserver-8", {"template": True}, "start", ("VM_IS_TEMPLATE", VM, "start")),
    ("xenserver-5.5", {"template": True}, "start", ("VM_IS_TEMPLATE", VM, "start")),
    ("xenserver-8", {"template": True, "default_template": True}, "destroy",
     ("VM_IS_TEMPLATE", VM, "destroy")),
    ("xenserver-8", {"template": True}, "destroy", None),
    ("xenserver-8", {"template": True, "snapshot": True}, "start", ("VM_IS_SNAPSHOT", VM, "start")),
    ("xenserver-8", {}, "provision", ("PROVISION_ONLY_ALLOWED_ON_TEMPLATE",)),
    ("xenserver-8", {}, "revert", ("REVERT_ONLY_ALLOWED_ON_SNAPSHOT",)),
    ("xenserver-5.5", {"control_domain": True}, "destroy",
     ("OPERATION_NOT_ALLOWED", "Operations on domain 0 are not allowed")),
    ("xenserver-8", {"control_domain": True, "domain_zero": True}, "destroy",
     ("OPERATION_NOT_ALLOWED", "This operation is not allowed on dom0")),
    ("xenserver-8", {"control_domain": True}, "clone",
     ("OPERATION_NOT_ALLOWED", "This operation is not allowed on a control domain")),
    ("xenserver-8", {"belongs_to": (("VM_IS_PART_OF_AN_APPLIANCE", "a"),)}, "make_into_template",
     ("VM_IS_PART_OF_AN_APPLIANCE", VM, "a")),
    ("xenserver-8", {"vtpms": 1}, "create_vtpm", ("VTPM_MAX_AMOUNT_REACHED", "1")),
]  # fmt: skip


@pytest.mark.parametrize(("profile", "changes", "op", "expected"), KINDS)
def test_kinds_of_guests(pools, profile, changes, op, expected):
    found = traits(pools[profile], "lost", **changes)
    assert rules.judge(found, op, strict=True) == expected


HARDWARE = [
    ({"pci": True}, "suspend", "VM_HAS_PCI_ATTACHED"),
    ({"vgpu": True}, "pool_migrate", "VM_HAS_VGPU"),
    ({"vusb": True}, "snapshot", "VM_HAS_VUSBS"),
    ({"pci": True, "vusb": True}, "suspend", "VM_HAS_PCI_ATTACHED"),
    ({"immobile": True}, "pool_migrate", "VM_IS_IMMOBILE"),
    ({"nested_virt": True}, "changing_dynamic_range", "VM_IS_USING_NESTED_VIRT"),
    ({"cannot_suspend": "no room"}, "suspend", "VM_NON_SUSPENDABLE"),
    ({"resets_disks": True}, "snapshot", "VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION"),
    ({"caches_disks": True}, "pool_migrate", "VDI_ON_BOOT_MODE_INCOMPATIBLE_WITH_OPERATION"),
    ({}, "snapshot_with_quiesce", "VM_SNAPSHOT_WITH_QUIESCE_NOT_SUPPORTED"),
    ({"power_state": "Halted", "vgpu": True}, "migrate_send", None),
]


@pytest.mark.parametrize(("changes", "op", "code"), HARDWARE)
def test_what_is_attached_ties_a_guest_down(pools, changes, op, code):
    fault = rules.judge(traits(pools["xenserver-8"], **changes), op, strict=True)
    assert (fault and fault[0]) == code


def test_guests_alike_share_one_list():
    pool = labs.small_pool(guests=[labs.GuestSpec(name=f"g{n}") for n in range(50)])
    lists = {id(row["allowed_operations"]) for row in pool.db.tables["VM"].values()}
    assert len(lists) < 10


def test_a_call_waits_for_another_operation_where_the_pool_is_patient():
    pool = labs.small_pool(behaviours=PATIENT)
    web = labs.vm(pool, "web")
    first = call(pool, "VM.clean_reboot", web)
    second = call(pool, "VM.suspend", web)
    assert set(pool.db.row("VM", web)["current_operations"].values()) == {"clean_reboot"}
    finish(pool, first)
    with pytest.raises(XenError, match="VM_LACKS_FEATURE"):
        # Just rebooted: its agent has not reported yet.
        finish(pool, second)


def test_a_patient_call_goes_through_once_the_guest_is_free():
    pool = labs.small_pool(behaviours=PATIENT)
    web = labs.vm(pool, "web")
    first = call(pool, "VM.pool_migrate", web, labs.host(pool, "host2"), {})
    second = call(pool, "VM.pool_migrate", web, labs.host(pool, "host3"), {})
    finish(pool, second)
    assert first.done
    assert pool.db.row("VM", web)["resident_on"] == labs.host(pool, "host3")
    assert pool.db.row("VM", web)["current_operations"] == {}


def test_patience_has_an_end():
    pool = labs.small_pool(behaviours=PATIENT)
    web = labs.vm(pool, "web")
    pool.world.operations.add_rule("held", StageRule(kind="VM.clean_shutdown", hold=True))
    call(pool, "VM.clean_shutdown", web)
    waiting = call(pool, "VM.pause", web)
    pool.world.advance(7190)
    assert not waiting.done
    pool.world.advance(40)
    assert waiting.error.code == "OTHER_OPERATION_IN_PROGRESS"
