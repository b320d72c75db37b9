"""Each behaviour that may be switched, on and off: what a client of the pool sees of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

import labs
from driving import call, do, finish, history, inside, set_row, state
from hvsim import behaviours
from hvsim.behaviours import BehaviourSwitch
from hvsim.operations import Operation, StageRule
from hvsim.xenserver.accounts import access, session
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.hosts import service
from hvsim.xenserver.spec import GIB, AccountSpec, GuestSpec
from pooling import fault, live, member

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.pool import Pool

BOTH = frozenset(labs.PROFILES)


@dataclass
class Scene:
    """What is done to a pool, and what is seen of it where a behaviour is on and off."""

    play: Callable[[Pool], Any]
    on: Any
    off: Any
    profiles: frozenset[str]
    lab: dict[str, Any] = field(default_factory=dict)


SCENES: dict[str, Scene] = {}


def scene(
    name: str, *, on: Any, off: Any, profiles: frozenset[str] = BOTH, **lab: Any
) -> Callable[[Callable[[Pool], Any]], Callable[[Pool], Any]]:
    def register(play: Callable[[Pool], Any]) -> Callable[[Pool], Any]:
        assert name not in SCENES
        SCENES[name] = Scene(play, on, off, profiles, lab)
        return play

    return register


OLD = frozenset({"xenserver-5.5"})
NEW = frozenset({"xenserver-8"})
KEPT = [
    GuestSpec(name="kept", power_state="Running", host="host2", restart_priority="restart"),
    GuestSpec(name="idle", restart_priority="restart"),
]
BARE = [GuestSpec(name="bare", power_state="Running", host="host2", tools=False)]
CROWD = [GuestSpec(name=f"g{n}", power_state="Running", host="host1") for n in range(12)]
BOUNDS = (
    "memory_static_min", "memory_static_max", "memory_dynamic_min", "memory_dynamic_max"
)  # fmt: skip


def protected(pool):
    return pool.db.row("VM", labs.vm(pool, "kept"))["ha_always_run"]


def code(pool, name, *args):
    """Return the error's code of a call, or ``ok``."""
    try:
        do(pool, name, *args)
    except XenError as error:
        return error.code
    return "ok"


def web(pool):
    return labs.vm(pool, "web")


def spare(pool):
    return labs.vm(pool, "spare")


def held(pool, message, *args):
    """Begin a call that stands still until the test's end."""
    pool.world.operations.add_rule("held", StageRule(kind=message, hold=True))
    operation = call(pool, message, *args)
    pool.world.advance(5000)
    assert isinstance(operation, Operation)
    assert not operation.done
    return operation


@scene("ha-refuses-shutdown", on="VM_IS_PROTECTED", off="ok", guests=KEPT, ha=True)
def _shut_down_protected(pool):
    return code(pool, "VM.clean_shutdown", labs.vm(pool, "kept"))


@scene(
    "ha-shutdown-lifts-protection",
    on=("Halted", False),
    off=("Running", True),
    guests=KEPT,
    ha=True,
    behaviours={"ha-refuses-shutdown": False},
)
def _shut_down_for_good(pool):
    kept = labs.vm(pool, "kept")
    do(pool, "VM.clean_shutdown", kept)
    pool.world.advance(300)
    return state(pool, kept), protected(pool)


@scene(
    "ha-start-restores-protection",
    on=True,
    off=False,
    guests=KEPT,
    behaviours={
        "ha-refuses-shutdown": False,
        "ha-shutdown-lifts-protection": False,
        "ha-numbered-priorities": False,
    },
)
def _start_protects(pool):
    kept = labs.vm(pool, "kept")
    do(pool, "VM.clean_shutdown", kept)
    set_row(pool, kept, ha_always_run=False)
    do(pool, "VM.start", kept, False, False)
    return protected(pool)


@scene(
    "ha-restart-on-internal-shutdown-optional",
    on="Halted",
    off="Running",
    guests=KEPT,
    ha=True,
    profiles=NEW,
)
def _stop_inside_where_the_pool_lets_it_rest(pool):
    do(pool, "pool.set_ha_reboot_vm_on_internal_shutdown", pool.ref, False)
    return _stop_inside(pool)


@scene("ha-restarts-internal-shutdown", on="Running", off="Halted", guests=KEPT, ha=True)
def _stop_inside(pool):
    inside(pool, "guest.shutdown", "kept")
    pool.world.advance(300)
    return state(pool, labs.vm(pool, "kept"))


@scene("ha-numbered-priorities", on=["ok", "INVALID_VALUE"], off=["INVALID_VALUE", "ok"])
def _set_priorities(pool):
    return [
        code(pool, "VM.set_ha_restart_priority", web(pool), value) for value in ("2", "restart")
    ]


@scene("ha-refuses-template", on="VM_IS_PROTECTED", off="ok", guests=KEPT, ha=True)
def _make_a_template_of_a_protected_guest(pool):
    idle = labs.vm(pool, "idle")
    set_row(pool, idle, ha_always_run=True)
    return code(pool, "VM.set_is_a_template", idle, True)


@scene(
    "drivers-missing-not-allowed", on="OPERATION_NOT_ALLOWED", off="VM_LACKS_FEATURE", guests=BARE
)
def _shut_down_without_drivers(pool):
    return code(pool, "VM.clean_shutdown", labs.vm(pool, "bare"))


@scene("busy-hides-power-state", on="OTHER_OPERATION_IN_PROGRESS", off="VM_BAD_POWER_STATE")
def _start_what_is_being_shut_down(pool):
    held(pool, "VM.clean_shutdown", web(pool))
    return code(pool, "VM.start", web(pool), False, False)


@scene(
    "force-interrupts",
    on=("ok", "Halted", True),
    off=("OTHER_OPERATION_IN_PROGRESS", "Running", False),
)
def _force_off_what_is_being_shut_down(pool):
    first = held(pool, "VM.clean_shutdown", web(pool))
    pool.world.operations.add_rule("held", StageRule(kind="VM.clean_shutdown", seconds=9000))
    return code(pool, "VM.hard_shutdown", web(pool)), state(pool, web(pool)), first.done


@scene("actions-after-bind-calls", on="Running", off="Halted")
def _shut_down_one_that_is_to_restart(pool):
    set_row(pool, web(pool), actions_after_shutdown="restart")
    do(pool, "VM.clean_shutdown", web(pool))
    return state(pool, web(pool))


@scene("reboot-needs-memory", on="HOST_NOT_ENOUGH_FREE_MEMORY", off="ok")
def _reboot_one_that_has_grown(pool):
    set_row(pool, web(pool), **dict.fromkeys(BOUNDS, 64 * GIB))
    return code(pool, "VM.clean_reboot", web(pool))


@scene("calls-wait-for-guests", on="ok", off="OTHER_OPERATION_IN_PROGRESS")
def _move_a_guest_twice(pool):
    call(pool, "VM.pool_migrate", web(pool), labs.host(pool, "host2"), {})
    return code(pool, "VM.pool_migrate", web(pool), labs.host(pool, "host3"), {})


@scene("silent-agents-noticed", on=[True, False], off=[True, True])
def _pause_a_guest_for_long(pool):
    metrics = pool.db.row("VM", web(pool))["guest_metrics"]
    do(pool, "VM.pause", web(pool))
    seen = []
    for _ in range(2):
        pool.world.advance(300)
        seen.append(pool.db.row("VM_guest_metrics", metrics)["live"])
    return seen


@scene("internal-stop-noted", on="halted", off=None)
def _read_the_note(pool):
    finish(pool, inside(pool, "guest.shutdown", "web"))
    return pool.db.row("VM", web(pool))["other_config"].get("last_shutdown_reason")


@scene("control-domain-never-reset", on="CANNOT_RESET_CONTROL_DOMAIN", off="DOMAIN_EXISTS")
def _reset_a_control_domain(pool):
    return code(pool, "VM.power_state_reset", labs.vm(pool, "Control domain on host: host1"))


@scene("evacuating-host-takes-no-start", on="HOST_EVACUATE_IN_PROGRESS", off="HOST_DISABLED")
def _start_on_a_host_that_is_emptied(pool):
    host1 = labs.host(pool, "host1")
    do(pool, "host.disable", host1)
    pool.world.operations.add_rule("held", StageRule(kind="VM.pool_migrate", hold=True))
    call(pool, "host.evacuate", host1)
    return code(pool, "VM.start_on", spare(pool), host1, False, False)


@scene("disabled-host-keeps-nobody", on=False, off=True)
def _ask_whether_a_guest_may_stay_on_a_disabled_host(pool):
    host1 = labs.host(pool, "host1")
    do(pool, "host.disable", host1)
    return host1 in do(pool, "VM.get_possible_hosts", web(pool))


@scene("placement-by-reported-memory", on="NO_HOSTS_AVAILABLE", off="HOST_NOT_ENOUGH_FREE_MEMORY")
def _start_one_too_big_for_any_host(pool):
    size = 64 * GIB
    set_row(pool, spare(pool), **dict.fromkeys(BOUNDS, size))
    return code(pool, "VM.start", spare(pool), False, False)


@scene("memory-in-full", on=4 * GIB, off=2 * GIB)
def _start_one_that_may_be_squeezed(pool):
    set_row(pool, spare(pool), memory_static_max=4 * GIB, memory_dynamic_max=2 * GIB)
    do(pool, "VM.start", spare(pool), False, False)
    return pool.db.row("VM_metrics", pool.db.row("VM", spare(pool))["metrics"])["memory_actual"]


@scene("static-range-judged", on="MEMORY_CONSTRAINT_VIOLATION", off="ok")
def _start_one_whose_bounds_are_crossed(pool):
    set_row(pool, spare(pool), memory_static_min=8 * GIB)
    return code(pool, "VM.start_on", spare(pool), labs.host(pool, "host1"), False, False)


@scene("static-maximum-any-time", on="ok", off="VM_BAD_POWER_STATE", profiles=NEW)
def _set_the_maximum_of_a_running_guest(pool):
    return code(pool, "VM.set_memory_static_max", web(pool), 2 * GIB)


@scene("memory-target-ignored", on=False, off=True)
def _set_a_target(pool):
    set_row(pool, web(pool), memory_dynamic_min=GIB // 2)
    do(pool, "VM.set_memory_target_live", web(pool), GIB * 3 // 4)
    return pool.db.row("VM", web(pool))["memory_target"] == GIB * 3 // 4


@scene("few-devices", on=(15, 6), off=(254, 15))
def _count_free_devices(pool):
    asked = ("VM.get_allowed_VBD_devices", "VM.get_allowed_VIF_devices")
    disks, interfaces = (do(pool, message, web(pool)) for message in asked)
    return len(disks), len(interfaces)


@scene("first-disks-named-hd", on="hda", off="xvda")
def _plug_the_first_disk(pool):
    vbd = next(
        ref
        for ref in pool.db.row("VM", web(pool))["VBDs"]
        if pool.db.row("VBD", ref)["userdevice"] == "0"
    )
    do(pool, "VBD.unplug", vbd)
    do(pool, "VBD.plug", vbd)
    return pool.db.row("VBD", vbd)["device"]


def move(pool, guest, **options):
    do(pool, "VM.pool_migrate", guest, labs.host(pool, "host3"), options)


@scene("migration-visible-suspend", on=["Suspended", "Running"], off=[])
def _watch_a_move(pool):
    move(pool, web(pool), live="true")
    return history(pool, web(pool), "power_state")


@scene(
    "migration-not-live-by-default",
    on=["suspend", "transfer"],
    off=["copy"],
    behaviours={"migration-visible-suspend": False},
)
def _move_without_options(pool):
    rule = StageRule(kind="VM.pool_migrate", stage="copy", hold=True)
    pool.world.operations.add_rule("held", rule)
    operation = call(pool, "VM.pool_migrate", web(pool), labs.host(pool, "host3"), {})
    stages = []
    while not operation.done and operation.held is None and pool.world.advance_to_next():
        stages.append(operation.stage)
    return [name for name in dict.fromkeys(stages) if name in ("suspend", "transfer", "copy")]


@scene(
    "migration-may-be-forced",
    on="ok",
    off="VM_LACKS_FEATURE",
    guests=BARE,
    behaviours={"drivers-missing-not-allowed": False},
)
def _move_one_without_drivers(pool):
    bare = labs.vm(pool, "bare")
    return code(pool, "VM.pool_migrate", bare, labs.host(pool, "host3"), {"force": "true"})


@scene("cold-move-sets-home", on=("ok", True), off=("VM_BAD_POWER_STATE", False))
def _move_a_halted_guest(pool):
    host1 = labs.host(pool, "host1")
    seen = code(pool, "VM.pool_migrate", spare(pool), host1, {})
    return seen, pool.db.row("VM", spare(pool))["affinity"] == host1


@scene("evacuate-one-by-one", on=1, off=10, guests=CROWD)
def _empty_a_host(pool):
    pool.world.operations.add_rule("held", StageRule(kind="VM.pool_migrate", hold=True))
    call(pool, "host.evacuate", labs.host(pool, "host1"))
    pool.world.advance(60)
    rows = pool.db.tables["VM"].values()
    return sum("pool_migrate" in row["current_operations"].values() for row in rows)


@scene("evacuate-wants-newest-drivers", on="VM_OLD_PV_DRIVERS", off=None)
def _empty_a_host_of_old_drivers(pool):
    metrics = pool.db.row("VM", web(pool))["guest_metrics"]
    pool.db.change("VM_guest_metrics", metrics, PV_drivers_up_to_date=False)
    blocked = do(pool, "host.get_vms_which_prevent_evacuation", labs.host(pool, "host1"))
    return blocked.get(web(pool), [None])[0]


@scene("evacuate-blames-memory", on="HOST_NOT_ENOUGH_FREE_MEMORY", off="NO_HOSTS_AVAILABLE")
def _empty_a_host_with_nowhere_to_go(pool):
    for name in ("host2", "host3"):
        do(pool, "host.disable", labs.host(pool, name))
    return code(pool, "host.evacuate", labs.host(pool, "host1"))


@scene("host-lost-after-200-seconds", on=False, off=True)
def _lose_a_host(pool):
    fault(pool, "server.crash", server="host2")
    pool.world.advance(300)
    return live(pool, "host2")


def stored_error(pool):
    error = member(pool, "host2").emergency
    return error and error.code


@scene("silent-master-holds-189-seconds", on=189.0, off=127.0)
def _start_a_member_of_a_silent_master(pool):
    fault(pool, "server.crash", server="host1", silence="dropped")
    fault(pool, "service.stop", server="host2")
    fault(pool, "service.start", server="host2")
    began = pool.world.now + service.START
    while stored_error(pool) != "INTERNAL_ERROR" and pool.world.advance_to_next():
        pass
    return pool.world.now - began


@scene("emergency-ends-after-a-minute", on={60.0}, off="longer")
def _wait_in_emergency(pool):
    seconds = {service.random_pause(pool, member(pool, "host2")) for _ in range(5)}
    return seconds if len(seconds) == 1 else "longer"


@scene("host-goes-down-empty", on="HOST_IN_USE", off="ok")
def _shut_a_host_down_with_its_guests(pool):
    host2 = labs.host(pool, "host2")
    do(pool, "host.disable", host2)
    return code(pool, "host.shutdown", host2)


@scene("ha-blind-host-stays-up", on="HA_LOST_STATEFILE", off="ok", guests=[], ha=True)
def _shut_a_blind_host_down(pool):
    host2 = labs.host(pool, "host2")
    do(pool, "host.disable", host2)
    fault(pool, "storage.lose", server="host2", storage="Shared storage")
    return code(pool, "host.shutdown", host2)


@scene("host-operations-exclude-all", on=False, off=True)
def _look_what_an_emptying_host_allows(pool):
    host1 = labs.host(pool, "host1")
    pool.world.operations.add_rule("held", StageRule(kind="VM.pool_migrate", hold=True))
    call(pool, "host.evacuate", host1)
    return "vm_start" in pool.db.row("host", host1)["allowed_operations"]


@scene("interfaces-known-by-address", on="ok", off="DUPLICATE_PIF_DEVICE_NAME")
def _enter_a_known_interface(pool):
    host1 = labs.host(pool, "host1")
    row = pool.db.row("PIF", pool.db.row("host", host1)["PIFs"][0])
    return code(pool, "PIF.introduce", host1, row["MAC"], row["device"])


def log_in(pool, user="root"):
    account = session.authenticate(pool, user, access.DEFAULT_PASSWORD)
    return session.open(pool, account, member(pool, "host1"))


@scene("sessions-200-in-all", on=200, off=210)
def _log_in_often(pool):
    for _ in range(210):
        log_in(pool)
    return len(pool.db.tables["session"])


OLGA = AccountSpec(user="olga", password=access.DEFAULT_PASSWORD, role="read-only")


@scene(
    "stranger-not-authenticated",
    on="SESSION_AUTHENTICATION_FAILED",
    off="SESSION_AUTHORIZATION_FAILED",
    accounts=[OLGA],
)
def _log_in_a_stranger(pool):
    pool.db.remove("subject", next(iter(pool.db.tables["subject"])))
    with pytest.raises(XenError) as refused:
        log_in(pool, "olga")
    return refused.value.code


@scene("roles", on=("read-only",), off=("pool-admin",), profiles=NEW, accounts=[OLGA])
def _log_in_a_reader(pool):
    return session.caller(pool, log_in(pool, "olga"), member(pool, "host1")).roles


@scene("pending-task-outlives-destroy", on=True, off=False)
def _destroy_a_pending_task(pool):
    held(pool, "VM.clean_shutdown", web(pool))
    task = next(iter(pool.db.row("VM", web(pool))["current_operations"]))
    do(pool, "task.destroy", task)
    return task in pool.db.tables["task"]


def cases():
    for name, known in SCENES.items():
        for profile in sorted(known.profiles):
            yield name, profile


def build(profile, known, name, *, on):
    fields = dict(known.lab)
    apart = fields.pop("behaviours", {})
    switches = {key: value for key, value in apart.items() if possible(key, profile)}
    return labs.small_pool(profile, behaviours=switches | {name: on}, **fields)


def possible(name, profile):
    limited = behaviours.behaviour(name).limited_to
    return not limited or profile in limited


def test_every_switchable_behaviour_has_its_scene():
    switchable = [b.id for b in behaviours.all_of("xenserver") if b.switchable]
    assert sorted(SCENES) == switchable


def test_a_scene_tells_on_from_off():
    assert [name for name, known in SCENES.items() if known.on == known.off] == []


@pytest.mark.parametrize(("name", "profile"), list(cases()))
def test_a_scenario_switches_it_on_and_off(name, profile):
    known = SCENES[name]
    assert known.play(build(profile, known, name, on=True)) == known.on
    assert known.play(build(profile, known, name, on=False)) == known.off


@pytest.mark.parametrize(("name", "profile"), list(cases()))
def test_a_command_switches_it_in_a_lab_that_runs(name, profile):
    known = SCENES[name]
    pool = build(profile, known, name, on=False)
    switch = BehaviourSwitch(product=pool.name, behaviour=name, on=True)
    pool.world.execute(switch)
    assert known.play(pool) == known.on


@pytest.mark.parametrize("profile", labs.PROFILES)
def test_what_is_allowed_follows_a_switch(profile):
    pool = labs.small_pool(profile, guests=BARE)
    bare = labs.vm(pool, "bare")
    held(pool, "VM.snapshot", bare, "s")
    seen = []
    for on in (True, False):
        pool.world.execute(BehaviourSwitch(product="pool1", behaviour="force-interrupts", on=on))
        seen.append("hard_shutdown" in pool.db.row("VM", bare)["allowed_operations"])
    assert seen == [True, False]
