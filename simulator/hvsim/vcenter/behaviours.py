"""What vSphere did at 4 and does at 8 where the two differ, each difference by name."""

from __future__ import annotations

from typing import Final

from hvsim.behaviours import Behaviour, Chosen, Provenance, register

PRODUCT: Final = "vsphere"
_OLD = frozenset({"vsphere-4"})
_NEW = frozenset({"vsphere-8"})
_BOTH = _OLD | _NEW

_GUESTS = (
    Behaviour(
        "tools-name-after-restart",
        PRODUCT,
        "guest.hostName of a guest whose Tools were just installed is set at its next boot only.",
        ("NAME-VMW-2", "NAME-VMW-3"),
        Provenance.DOCUMENTED,
        "setup guide A.3, English edition",
        _OLD,
        switchable=True,
        otherwise="It is set as soon as the Tools run.",
    ),
    Behaviour(
        "host-name-kept-when-off",
        PRODUCT,
        "A guest with Tools that is powered off keeps its last guest.hostName and loses ipAddress.",
        ("NAME-VMW-6",),
        Provenance.INFERRED,
        "recalled of vCenter; no page says so",
        _BOTH,
        switchable=True,
        otherwise="It loses both.",
    ),
    Behaviour(
        "names-escaped",
        PRODUCT,
        "Slash, backslash and a percent sign that begins no escape are kept as %2f, %5c and %25.",
        ("NAME-VMW-4", "NAME-VMW-5"),
        Provenance.DOCUMENTED,
        "vSphere API reference, ManagedEntity.name",
        _BOTH,
    ),
)
_MOVES = (
    Behaviour(
        "vmotion-same-datacenter-only",
        PRODUCT,
        "A guest that runs moves between hosts of one datacenter only.",
        ("MIG-VMW-2",),
        Provenance.INFERRED,
        "recalled of vSphere 4; no page at hand says so",
        _OLD,
        switchable=True,
        otherwise="It moves between datacenters as well.",
    ),
    Behaviour(
        "vmotion-needs-shared-storage",
        PRODUCT,
        "A guest that runs moves only to a host that reaches the datastores it lies on.",
        ("MIG-VMW-2",),
        Provenance.DOCUMENTED,
        "VI 3 Resource Management Guide: VMotion requirements",
        _OLD,
        switchable=True,
        otherwise="Its disks move along when a datastore of the target is named.",
    ),
    Behaviour(
        "maintenance-waits-for-guests",
        PRODUCT,
        "A host enters maintenance mode when the last guest that runs on it is off or moved away.",
        ("MAINT-VMW-2",),
        Provenance.DOCUMENTED,
        "vSphere API reference, EnterMaintenanceMode_Task",
        _BOTH,
        switchable=True,
        otherwise="It enters at once, whatever runs on it, as in labs of vcsim.",
    ),
)
_PROTECTION = (
    Behaviour(
        "ha-restart-event-typed",
        PRODUCT,
        "A restart by HA is told as VmRestartedOnAlternateHostEvent.",
        ("HA-VMW-2",),
        Provenance.DOCUMENTED,
        "vSphere API reference: the event is deprecated since 5.0",
        _OLD,
        switchable=True,
        otherwise="It is told as EventEx com.vmware.vc.ha.VmRestartedByHAEvent.",
    ),
    Behaviour(
        "ha-isolation-shuts-down",
        PRODUCT,
        "The default response to the isolation of a host is to shut its guests down.",
        ("HA-VMW-2",),
        Provenance.DOCUMENTED,
        "Broadcom KB 322784; other pages of the maker say that they are left running",
        _OLD,
        switchable=True,
        otherwise="They are left running.",
    ),
    Behaviour(
        "ha-isolation-at-once",
        PRODUCT,
        "A host is isolated after twelve seconds, and acts on its guests two seconds later.",
        ("HA-VMW-2",),
        Provenance.DOCUMENTED,
        "Broadcom KB 322784",
        _OLD,
        switchable=True,
        otherwise="The master after five seconds, others after thirty; they act thirty later.",
    ),
    Behaviour(
        "ha-slot-256-mhz",
        PRODUCT,
        "For admission control a guest without a reservation counts for 256 MHz.",
        ("HA-VMW-2",),
        Provenance.DOCUMENTED,
        "vSphere 4.1 Availability guide, as others quote it; Broadcom KB 344227 since 5.0",
        _OLD,
        switchable=True,
        otherwise="It counts for 32 MHz.",
    ),
)

BEHAVIOURS: Final = (*_GUESTS, *_MOVES, *_PROTECTION)
register(BEHAVIOURS)


def chosen(profile: str) -> Chosen:
    """Return the behaviours that a profile's vCenter begins with."""
    return Chosen(PRODUCT, profile)
