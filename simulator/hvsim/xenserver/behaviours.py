"""What XenServer did at 5.5 and does at 8 where the two differ, each difference by name."""

from __future__ import annotations

from typing import Final

from hvsim.behaviours import Behaviour, Chosen, Provenance, register

PRODUCT: Final = "xenserver"
_OLD = frozenset({"xenserver-5.5"})
_NEW = frozenset({"xenserver-8"})
_BOTH = _OLD | _NEW
_XAPI_2009 = "xapi of June 2009"
_XAPI_NOW = "xapi of 2026"


def _seen(
    name: str,
    text: str,
    requirements: tuple[str, ...],
    profiles: frozenset[str],
    source: str | None = None,
) -> Behaviour:
    read = source or (_XAPI_2009 if profiles == _OLD else _XAPI_NOW)
    return Behaviour(name, PRODUCT, text, requirements, Provenance.OBSERVED, read, profiles)


_PROTECTION = (
    _seen(
        "ha-refuses-shutdown",
        "With HA on, a protected guest's shutdown, forced off and suspend get VM_IS_PROTECTED.",
        ("POWER-XS-1", "POWER-XS-2", "POWER-XS-3", "POWER-XS-5"),
        _OLD,
        "setup guide A.3; xapi of June 2009",
    ),
    _seen(
        "ha-shutdown-lifts-protection",
        "A shutdown by the API clears ha_always_run, so that HA leaves the guest halted.",
        ("POWER-XS-9",),
        _NEW,
    ),
    _seen(
        "ha-start-restores-protection",
        'Starting a guest whose priority is "restart" sets ha_always_run again.',
        ("POWER-XS-9",),
        _NEW,
    ),
    _seen(
        "ha-restart-on-internal-shutdown-optional",
        "pool.ha_reboot_vm_on_internal_shutdown=false leaves a guest that shut itself down halted.",
        ("POWER-XS-10",),
        _NEW,
    ),
    _seen(
        "ha-restarts-internal-shutdown",
        "HA starts a protected guest again that shut itself down from inside.",
        ("POWER-XS-8",),
        _BOTH,
    ),
    _seen(
        "ha-numbered-priorities",
        'Restart priorities are "1", "2", "3" and "best-effort" beside ha_always_run.',
        ("POWER-XS-7", "HA-XS-1"),
        _OLD,
    ),
)
_POWER = (
    _seen(
        "suspended-hard-reboot",
        "A suspended guest may be rebooted by force.",
        ("POWER-XS-11",),
        _OLD,
    ),
    _seen(
        "drivers-missing-not-allowed",
        "Without PV drivers a fully virtualised guest's clean shutdown, reboot, suspend and move "
        "get OPERATION_NOT_ALLOWED.",
        ("POWER-XS-13", "MIG-XS-6"),
        _OLD,
    ),
    _seen(
        "drivers-missing-lacks-feature",
        "Without PV drivers a fully virtualised guest's clean operations get VM_LACKS_FEATURE.",
        ("POWER-XS-13", "MIG-XS-6"),
        _NEW,
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
    ),
    _seen(
        "migration-not-live-by-default",
        "VM.pool_migrate without live=true freezes the guest for the whole copy.",
        ("MIG-XS-2",),
        _OLD,
    ),
    _seen(
        "cold-move-sets-home",
        "VM.pool_migrate of a halted or suspended guest only sets its home server.",
        ("MIG-XS-5", "HOME-XS-8"),
        _OLD,
    ),
)
_HOSTS = (
    _seen(
        "evacuate-one-by-one",
        "host.evacuate moves one guest after another, none of them live.",
        ("MAINT-XS-1", "MIG-XS-2"),
        _OLD,
    ),
    _seen(
        "evacuate-in-batches",
        "host.evacuate moves guests live, ten at a time.",
        ("MAINT-XS-1",),
        _NEW,
    ),
    _seen(
        "host-lost-after-200-seconds",
        "A silent member's host_metrics.live turns false after 200 seconds.",
        ("POOL-15", "HA-XS-3"),
        _OLD,
    ),
    _seen(
        "host-lost-after-600-seconds",
        "A silent member's host_metrics.live turns false after 600 seconds.",
        ("POOL-15", "HA-XS-3"),
        _NEW,
    ),
    _seen(
        "master-may-be-disabled",
        "host.disable and host.evacuate do not ask whether the host is the pool's master.",
        ("MAINT-XS-2",),
        _BOTH,
        "xapi of June 2009 and of 2026",
    ),
    _seen(
        "new-master-refused-under-ha",
        "pool.designate_new_master gets HA_IS_ENABLED while HA is on.",
        ("MAINT-XS-4", "POOL-13"),
        _BOTH,
        "xapi of June 2009 and of 2026",
    ),
)
_ACCESS = (
    _seen(
        "sessions-200-in-all",
        "A pool holds 200 sessions; the least used goes when one more comes.",
        (),
        _OLD,
    ),
    _seen(
        "sessions-500-each",
        "Each user, and each originator, holds 500 sessions.",
        (),
        _NEW,
    ),
    _seen("roles", "Accounts have roles, and a call needs one that permits it.", (), _NEW),
)

BEHAVIOURS: Final = (*_PROTECTION, *_POWER, *_MIGRATION, *_HOSTS, *_ACCESS)
register(BEHAVIOURS)


def chosen(profile: str) -> Chosen:
    """Return the behaviours that a profile's pool begins with."""
    return Chosen(PRODUCT, profile)
