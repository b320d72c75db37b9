"""What releases of VMM and Hyper-V do differently, each difference by name."""

from __future__ import annotations

from typing import Final

from hvsim.behaviours import Behaviour, Chosen, Provenance, register

PRODUCT: Final = "scvmm"
_OLD = frozenset({"scvmm-2008r2"})
_MIDDLE = frozenset({"scvmm-2012r2"})
_NEW = frozenset({"scvmm-2019"})
_ALL = _OLD | _MIDDLE | _NEW

BEHAVIOURS: Final = (
    Behaviour(
        "refresh-by-events",
        PRODUCT,
        "Hosts tell VMM of states and moves that changed without it, within seconds.",
        ("EXT-1", "EXT-2", "HA-HV-2"),
        Provenance.DOCUMENTED,
        "Microsoft KB 3001854 and the product group's page on refreshers of 2012 SP1",
        _MIDDLE | _NEW,
        switchable=True,
        otherwise="VMM finds them at its light refresh, every two minutes.",
    ),
    Behaviour(
        "compute-resiliency",
        PRODUCT,
        "A cluster leaves the guests of a silent node to it for four minutes before it starts them"
        " elsewhere; this works on hosts with Windows Server 2016 and later only.",
        ("HA-HV-2", "SPARE-4"),
        Provenance.DOCUMENTED,
        "Microsoft: virtual machine compute resiliency in Windows Server 2016",
        _ALL,
        switchable=True,
        otherwise="They are started elsewhere as soon as the node has missed its heartbeats.",
    ),
    Behaviour(
        "shared-nothing-live-migration",
        PRODUCT,
        "A running machine moves live between hosts of no common cluster, from Windows Server 2012"
        " on.",
        ("MIG-HV-3",),
        Provenance.DOCUMENTED,
        "reference of Move-SCVirtualMachine",
        _MIDDLE | _NEW,
        switchable=True,
        otherwise="It is saved, copied and restored, or has to be stopped.",
    ),
    Behaviour(
        "quick-storage-migration",
        PRODUCT,
        "A running machine that no cluster moves is saved, copied to its new host and restored.",
        ("MIG-HV-2", "MIG-HV-3"),
        Provenance.INFERRED,
        "recalled of VMM 2008 R2 (quick storage migration)",
        _ALL,
        switchable=True,
        otherwise="It has to be stopped before it is moved.",
    ),
    Behaviour(
        "name-by-data-exchange",
        PRODUCT,
        "ComputerName is empty until the guest has booted with integration services and VMM has"
        " refreshed its properties; then it is the guest's host name, and stays when it is off.",
        ("NAME-HV-1", "NAME-HV-2"),
        Provenance.INFERRED,
        "a real answer has null for a machine that never ran; the rest is recalled",
        _ALL,
    ),
    Behaviour(
        "maintenance-saves-or-moves",
        PRODUCT,
        "Starting maintenance mode with MoveWithinCluster moves highly available guests live and"
        " saves the others; without it all running guests are saved, and stay so at its end.",
        ("MAINT-HV-1", "MAINT-HV-4", "MAINT-HV-5"),
        Provenance.DOCUMENTED,
        "reference of Disable-SCVMHost",
        _ALL,
    ),
    Behaviour(
        "restart-highly-available-only",
        PRODUCT,
        "When a node is lost its highly available guests are booted anew on other nodes; the others"
        " are not responding until it returns.",
        ("HA-HV-1", "HA-HV-2", "SPARE-4"),
        Provenance.DOCUMENTED,
        "Microsoft: failover clustering; setup guide A.3",
        _ALL,
    ),
    Behaviour(
        "two-views-of-a-state",
        PRODUCT,
        "Status tells what VMM makes of a machine (jobs, a silent host, a missing one), while"
        " VirtualMachineState keeps the last state that Hyper-V told.",
        ("STATE-HV-1", "STATE-ALL-3"),
        Provenance.OBSERVED,
        "a recorded inventory in which both differ",
        _ALL,
    ),
)
register(BEHAVIOURS)


def chosen(profile: str) -> Chosen:
    """Return the behaviours that a profile's VMM begins with."""
    return Chosen(PRODUCT, profile)
