"""What XenServer did at 5.5 and does at 8 where the two differ, each difference by name.

Every one may be switched, except those that no release ever did otherwise: there is nothing that
a pool could do instead. "xapi of June 2009" is commit 36c9890efa, "of 2026" e2ee48d688.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hvsim.behaviours import Behaviour, Chosen, Provenance, register

PRODUCT: Final = "xenserver"
_OLD = frozenset({"xenserver-5.5"})
_NEW = frozenset({"xenserver-8"})
_BOTH = _OLD | _NEW
_XAPI_2009 = "xapi of June 2009"
_XAPI_NOW = "xapi of 2026"
_XAPI_ALWAYS = "xapi of June 2009 and of 2026"


def _old(
    name: str, text: str, otherwise: str, *requirements: str, source: str = _XAPI_2009
) -> Behaviour:
    """Return a habit of 5.5."""
    return _seen(name, text, requirements, _OLD, source, otherwise=otherwise)


def _new(
    name: str, text: str, otherwise: str, *requirements: str, needs_its_model: bool = False
) -> Behaviour:
    """Return a habit of 8; one that ``needs_its_model`` uses fields that 5.5 does not have."""
    limited = _NEW if needs_its_model else frozenset[str]()
    found = _seen(name, text, requirements, _NEW, _XAPI_NOW, otherwise=otherwise)
    return replace(found, limited_to=limited)


def _always(name: str, text: str, *requirements: str, otherwise: str = "") -> Behaviour:
    """Return a habit of both releases; without ``otherwise`` it cannot be switched."""
    return _seen(name, text, requirements, _BOTH, _XAPI_ALWAYS, otherwise=otherwise)


def _seen(
    name: str,
    text: str,
    requirements: tuple[str, ...],
    profiles: frozenset[str],
    source: str,
    *,
    otherwise: str,
) -> Behaviour:
    return Behaviour(
        name,
        PRODUCT,
        text,
        requirements,
        Provenance.OBSERVED,
        source,
        profiles,
        switchable=bool(otherwise),
        otherwise=otherwise,
    )


_PROTECTION = (
    _old(
        "ha-refuses-shutdown",
        "With HA on, a protected guest's shutdown, forced off and suspend get VM_IS_PROTECTED.",
        "HA has no say in them.",
        "POWER-XS-1", "POWER-XS-2", "POWER-XS-3", "POWER-XS-5",
        source="setup guide A.3; xapi of June 2009",
    ),
    _new(
        "ha-shutdown-lifts-protection",
        "A shutdown by the API clears ha_always_run, so that HA leaves the guest halted.",
        "ha_always_run stays, and HA starts the guest again.",
        "POWER-XS-9",
    ),
    _new(
        "ha-start-restores-protection",
        'Starting a guest whose priority is "restart" sets ha_always_run again.',
        "ha_always_run is what a client sets it to.",
        "POWER-XS-9",
    ),
    _new(
        "ha-restart-on-internal-shutdown-optional",
        "pool.ha_reboot_vm_on_internal_shutdown=false leaves a guest that shut itself down halted.",
        "HA starts it whatever that field says.",
        "POWER-XS-10",
        needs_its_model=True,
    ),
    _always(
        "ha-restarts-internal-shutdown",
        "HA starts a protected guest again that shut itself down from inside.",
        "POWER-XS-8",
        otherwise="Such a guest loses its protection and stays halted.",
    ),
    _old(
        "ha-numbered-priorities",
        'Restart priorities are "1", "2", "3" and "best-effort" beside ha_always_run.',
        'They are "restart" and "best-effort", and ha_always_run follows them.',
        "POWER-XS-7", "HA-XS-1",
    ),
    _new(
        "ha-refuses-template",
        "A guest that HA would start cannot be made a template: VM_IS_PROTECTED.",
        "It can, and loses its protection.",
        "POWER-XS-5",
    ),
)  # fmt: skip
_POWER = (
    _old(
        "drivers-missing-not-allowed",
        "Without PV drivers a fully virtualised guest's clean shutdown, reboot, suspend and move "
        "get OPERATION_NOT_ALLOWED.",
        "They get VM_LACKS_FEATURE.",
        "POWER-XS-13", "MIG-XS-6",
    ),
    _old(
        "busy-hides-power-state",
        "While something is done to a guest, its power state is not looked at: what may not join "
        "gets OTHER_OPERATION_IN_PROGRESS.",
        "The power state is judged first, with VM_BAD_POWER_STATE.",
        "POWER-XS-11",
    ),
    Behaviour(
        "calls-wait-for-guests",
        PRODUCT,
        "A call that meets a conflicting operation on a guest waits for up to two hours. Both "
        "releases do; no profile shows it, so that clients hear of a conflict at once.",
        ("EXT-5",),
        Provenance.OBSERVED,
        _XAPI_ALWAYS,
        frozenset(),
        switchable=True,
        otherwise="It gets OTHER_OPERATION_IN_PROGRESS.",
    ),
    _new(
        "force-interrupts",
        "Forced off and forced reboot are accepted beside other operations and cancel them.",
        "They wait their turn: OTHER_OPERATION_IN_PROGRESS.",
        "POWER-XS-12",
    ),
    _old(
        "actions-after-bind-calls",
        "VM.clean_shutdown obeys actions_after_shutdown, VM.clean_reboot actions_after_reboot.",
        "They do what they are called; only a guest's own acts follow these fields.",
        "POWER-XS-4",
    ),
    _old(
        "reboot-needs-memory",
        "A reboot is refused where the guest, with its settings of now, would not fit.",
        "It is not asked.",
        "POWER-XS-4",
    ),
    _old(
        "internal-stop-noted",
        "What a guest does to itself is noted in other_config: last_shutdown_reason and others.",
        "It leaves no note.",
        "POWER-XS-8",
    ),
    _old(
        "silent-agents-noticed",
        "VM_guest_metrics.live turns false 300 to 600 seconds after a guest's agent fell silent, "
        "because the guest is paused, stands still on a move or hangs.",
        "It stays true for as long as the guest has a domain.",
        "STATE-XEN-1",
    ),
    _new(
        "control-domain-never-reset",
        "VM.power_state_reset of a control domain gets CANNOT_RESET_CONTROL_DOMAIN.",
        "It is treated like a guest's.",
        "HA-XS-3",
    ),
)  # fmt: skip
_PLACES = (
    _new(
        "evacuating-host-takes-no-start",
        "VM.start_on gets HOST_EVACUATE_IN_PROGRESS on a host that is being emptied.",
        "It is judged like any other host.",
        "MAINT-XS-1",
    ),
    _old(
        "disabled-host-keeps-nobody",
        "A guest's own host counts as any other when its place is judged: HOST_DISABLED.",
        "A disabled host is no obstacle to the guest that runs on it.",
        "MIG-XS-4",
    ),
    _old(
        "placement-by-reported-memory",
        "A start goes to the home server if it fits, else to hosts by host_metrics.memory_free; "
        "with room nowhere it gets NO_HOSTS_AVAILABLE.",
        "Hosts are ranked by the room left for whole guests, then for squeezed ones; with room "
        "nowhere it gets HOST_NOT_ENOUGH_FREE_MEMORY.",
        "HOME-XS-4",
    ),
    _old(
        "memory-in-full",
        "A guest takes its static maximum of memory.",
        "It takes its dynamic maximum, and its host may squeeze it to the dynamic minimum.",
        "MAINT-XS-5",
    ),
    _new(
        "static-range-judged",
        "A guest whose static minimum exceeds the maximum gets MEMORY_CONSTRAINT_VIOLATION.",
        "Nobody compares them.",
    ),
    _old(
        "static-maximum-any-time",
        "VM.memory_static_max may be set in any power state and holds from the next boot.",
        "Only of a halted guest.",
    ),
    _new(
        "memory-target-ignored",
        "VM.set_memory_target_live is accepted and does nothing.",
        "A guest whose dynamic range is no single size gets the target.",
    ),
    _old(
        "few-devices",
        "A guest can get 16 disks and 7 interfaces.",
        "It can get 255 disks and 16 interfaces.",
    ),
    _old(
        "first-disks-named-hd",
        "A fully virtualised guest calls its first disks hda to hdd.",
        "It calls them xvda to xvdd.",
    ),
)
_MIGRATION = (
    Behaviour(
        "migration-visible-suspend",
        PRODUCT,
        "A guest on the move reads Running, Suspended, then Running on its target.",
        ("MIG-XS-2", "MIG-XS-3"),
        Provenance.DOCUMENTED,
        "setup guide A.3 says guests are suspended for a moment; no xapi source shows the state",
        _OLD,
        switchable=True,
        otherwise="It reads Running throughout.",
    ),
    _old(
        "migration-not-live-by-default",
        "VM.pool_migrate without live=true freezes the guest for the whole copy.",
        "Every move is live.",
        "MIG-XS-2",
    ),
    _new(
        "migration-may-be-forced",
        "force=true lets VM.pool_migrate and VM.migrate_send go without the guest's help.",
        "The option is not looked at.",
        "MIG-XS-6",
    ),
    _old(
        "cold-move-sets-home",
        "VM.pool_migrate of a halted or suspended guest only sets its home server.",
        "It gets VM_BAD_POWER_STATE.",
        "MIG-XS-5", "HOME-XS-8",
    ),
)  # fmt: skip
_HOSTS = (
    _old(
        "evacuate-one-by-one",
        "host.evacuate moves one guest after another, none of them live.",
        "It moves guests live, ten at a time.",
        "MAINT-XS-1", "MIG-XS-2",
    ),
    _old(
        "evacuate-wants-newest-drivers",
        "A guest without the newest PV drivers prevents an evacuation.",
        "One that could not be moved does.",
        "MAINT-XS-5",
    ),
    _old(
        "evacuate-blames-memory",
        "A guest with nowhere to go, or that HA does not protect, prevents an evacuation with "
        "HOST_NOT_ENOUGH_FREE_MEMORY.",
        "With NO_HOSTS_AVAILABLE and HOST_EVACUATE_VM_NOT_HA_PROTECTED.",
        "MAINT-XS-5",
    ),
    _old(
        "host-lost-after-200-seconds",
        "A silent member's host_metrics.live turns false after 200 seconds.",
        "After 600 seconds.",
        "POOL-15", "HA-XS-3",
    ),
    _old(
        "silent-master-holds-189-seconds",
        "A member that starts waits 189 seconds for a master whose address drops packets.",
        "It waits 127 seconds.",
        "POOL-5",
        source="Linux 2.6.18 and 4.19, which ask five and six times for a connection",
    ),
    _old(
        "emergency-ends-after-a-minute",
        "A service in emergency mode starts anew after 60 seconds.",
        "After 60 to 180, at random.",
        "POOL-5", "POOL-6",
    ),
    _old(
        "host-goes-down-empty",
        "host.shutdown and host.reboot get HOST_IN_USE while a guest runs on the host.",
        "They shut such guests down.",
        "MAINT-XS-1",
    ),
    _new(
        "ha-blind-host-stays-up",
        "Under HA they get HA_LOST_STATEFILE on a host that does not see the state file.",
        "Nobody asks.",
        "HA-XS-2",
    ),
    _old(
        "host-operations-exclude-all",
        "Evacuation, reboot and shutdown of a host exclude every other operation on it.",
        "They exclude each other, and what brings guests while they are under way.",
        "MAINT-XS-1",
    ),
    _always(
        "master-may-be-disabled",
        "host.disable and host.evacuate do not ask whether the host is the pool's master.",
        "MAINT-XS-2",
    ),
    _always(
        "new-master-refused-under-ha",
        "pool.designate_new_master gets HA_IS_ENABLED while HA is on.",
        "MAINT-XS-4", "POOL-13",
    ),
    _old(
        "interfaces-known-by-address",
        "PIF.introduce goes by the MAC address alone: MAC_DOES_NOT_EXIST, or the PIF it has.",
        "It looks for a device of that name and address, and refuses one that is known.",
    ),
)  # fmt: skip
_ACCESS = (
    _old(
        "sessions-200-in-all",
        "A pool holds 200 sessions; the least used goes when one more comes.",
        "Each user, and each originator, holds 500.",
    ),
    _old(
        "stranger-not-authenticated",
        "A directory user unknown to the pool gets SESSION_AUTHENTICATION_FAILED.",
        "SESSION_AUTHORIZATION_FAILED.",
    ),
    _new(
        "roles",
        "Accounts have roles, and a call needs one that permits it.",
        "Every account has every right.",
        needs_its_model=True,
    ),
    _new(
        "pending-task-outlives-destroy",
        "task.destroy of a task under way takes effect at its end.",
        "The task's row goes at once.",
    ),
)

BEHAVIOURS: Final = (*_PROTECTION, *_POWER, *_PLACES, *_MIGRATION, *_HOSTS, *_ACCESS)
register(BEHAVIOURS)


def chosen(profile: str) -> Chosen:
    """Return the behaviours that a profile's pool begins with."""
    return Chosen(PRODUCT, profile)
