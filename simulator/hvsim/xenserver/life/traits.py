"""What about a guest decides which operations it allows, gathered from its rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from hvsim.xenserver.database import Database, Row
    from hvsim.xenserver.pool import Pool

VM: Final = "\0VM"
"""Stands for a guest's reference in errors that are judged for many guests at once."""

_PARAVIRTUAL: Final = frozenset({"pv", "pv_in_pvh", "pvh"})
_MEMBERSHIPS: Final = (
    ("appliance", "VM_IS_PART_OF_AN_APPLIANCE"),
    ("protection_policy", "VM_ASSIGNED_TO_PROTECTION_POLICY"),
    ("snapshot_schedule", "VM_ASSIGNED_TO_SNAPSHOT_SCHEDULE"),
)


@dataclass(frozen=True, slots=True)
class Traits:
    """A guest as the rules see it; equal for guests that the rules treat alike.

    Attributes:
        legacy: whether the release is 5.5, with its own operations and their order.
        behaviours: names of the pool's behaviours.
        operations: the release's names of operations, in the data model's order.
        under_way: operations in progress, in order.
        blocked: (operation, reason) a client forbade.
        hvm: booted fully virtualised, as far as is known.
        drivers: major, minor and micro version of the PV drivers that its agent reported.
        features: what its agent says it can do.
        cannot_suspend: the agent's reason why it must not be suspended.
        belongs_to: (error code, reference) of appliance, policy and schedule.
    """

    legacy: bool
    behaviours: frozenset[str]
    operations: tuple[str, ...]
    power_state: str
    under_way: tuple[str, ...] = ()
    blocked: tuple[tuple[str, str], ...] = ()
    template: bool = False
    default_template: bool = False
    snapshot: bool = False
    control_domain: bool = False
    domain_zero: bool = False
    clones_suspended: bool = False
    hvm: bool = True
    drivers: tuple[str, str, str] | None = None
    features: tuple[str, ...] = ()
    cannot_suspend: str = ""
    rhel3: bool = False
    smp: bool = False
    immobile: bool = False
    nested_virt: bool = False
    resets_disks: bool = False
    caches_disks: bool = False
    pci: bool = False
    vgpu: bool = False
    vusb: bool = False
    vtpms: int = 0
    system_domain: bool = False
    belongs_to: tuple[tuple[str, str], ...] = ()

    def has(self, behaviour: str) -> bool:
        """Whether the guest's pool shows a behaviour."""
        return behaviour in self.behaviours


def of(pool: Pool, row: Row) -> Traits:
    """Return a guest's traits."""
    db = pool.db
    other = row["other_config"]
    return Traits(
        legacy=pool.legacy,
        behaviours=pool.behaviours.on,
        operations=pool.model.enums["vm_operations"],
        power_state=row["power_state"],
        under_way=tuple(row["current_operations"].values()),
        blocked=tuple(row["blocked_operations"].items()),
        template=row["is_a_template"],
        default_template=_is_default(pool, row),
        snapshot=row["is_a_snapshot"],
        control_domain=row["is_control_domain"],
        domain_zero=row["is_control_domain"] and row["domid"] == 0,
        clones_suspended=truth(pool.row["other_config"].get("allow_clone_suspended_vm")),
        hvm=booted_hvm(db, row),
        smp=row["VCPUs_max"] != 1,
        pci=bool(row.get("attached_PCIs")),
        vgpu=bool(row.get("VGPUs")),
        vusb=bool(row["VUSBs"]),
        vtpms=len(row["VTPMs"]),
        system_domain=truth(other.get("is_system_domain")),
        belongs_to=_memberships(db, row),
        **_reported(db, row),
        **_mobility(db, row),
        **_disks(db, row),
    )


def truth(text: str | None) -> bool:
    """Whether a string of a map says yes, as xapi reads them."""
    return text is not None and (text == "1" or text.lower() == "true")


def booted_hvm(db: Database, row: Row) -> bool:
    """Whether the guest runs fully virtualised; today's release knows once it has booted."""
    metrics = db.tables["VM_metrics"].get(row["metrics"], {})
    if "current_domain_type" in metrics:
        return metrics["current_domain_type"] not in _PARAVIRTUAL
    return bool(row["HVM_boot_policy"])


def _is_default(pool: Pool, row: Row) -> bool:
    said = row["other_config"].get("default_template")
    if pool.legacy:
        return bool(said == "true")
    return bool(row["is_default_template"]) or truth(said)


def _reported(db: Database, row: Row) -> dict[str, Any]:
    metrics = db.tables["VM_guest_metrics"].get(row["guest_metrics"])
    if metrics is None:
        return {}
    version, system, other = metrics["PV_drivers_version"], metrics["os_version"], metrics["other"]
    return {
        "drivers": _drivers(tuple(version.get(part, "") for part in ("major", "minor", "micro"))),
        "features": tuple(sorted(name for name, value in other.items() if value == "1")),
        "cannot_suspend": other.get("data-cant-suspend-reason", ""),
        "rhel3": system.get("distro") == "rhel" and system.get("major") == "3",
    }


@lru_cache(maxsize=256)
def _drivers(version: tuple[str, str, str]) -> tuple[str, str, str] | None:
    major, minor, micro = version
    if not (major.isdigit() and minor.isdigit()):
        return None
    return (major, minor, micro or "-1")


def _mobility(db: Database, row: Row) -> dict[str, Any]:
    metrics = db.tables["VM_metrics"].get(row["metrics"])
    if metrics is None or "nested_virt" not in metrics:
        platform = row["platform"]
        nested, pinned = truth(platform.get("nested-virt")), truth(platform.get("nomigrate"))
    else:
        nested, pinned = metrics["nested_virt"], metrics["nomigrate"]
    return {"nested_virt": nested, "immobile": nested or pinned}


def _disks(db: Database, row: Row) -> dict[str, Any]:
    found = {"resets_disks": False, "caches_disks": False}
    for vbd in row["VBDs"]:
        disk = db.tables["VDI"].get(db.tables["VBD"][vbd]["VDI"])
        if disk is not None and disk["sm_config"].get("on_boot") == "reset":
            found["resets_disks"] = True
            found["caches_disks"] |= truth(disk["sm_config"].get("caching"))
    return found


def _memberships(db: Database, row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(
        (code, row[name]) for name, code in _MEMBERSHIPS if row.get(name, NULL_REF) in db.class_of
    )
