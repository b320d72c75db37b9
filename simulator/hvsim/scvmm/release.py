"""Releases: what each version of VMM, and of Windows on the hosts, does and is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Windows:
    """A release of Windows Server with Hyper-V.

    Attributes:
        name: what scenarios call it.
        title: what the system calls itself; ``version`` and ``build`` its numbers.
        threshold: heartbeats, one a second, that a node may miss before it is down.
        resilience: seconds that guests of a silent node are left to it (compute resiliency).
        live: whether guests of a cluster move live; ``shared_nothing`` without a cluster too.
        dynamic_quorum: whether the votes follow the nodes that are up.
        drains: whether a node that is shut down moves its guests away first.
        at_once: live migrations that a host takes part in at a time.
    """

    name: str
    title: str
    version: str
    hyperv: str
    threshold: int
    resilience: float
    live: bool
    shared_nothing: bool
    dynamic_quorum: bool
    drains: bool
    at_once: int


WINDOWS: Final = {
    known.name: known
    for known in (
        Windows(
            "2008",
            "Microsoft Windows Server 2008 Enterprise ",
            "6.0.6002",
            "6.0.6002.18005",
            threshold=5,
            resilience=0.0,
            live=False,
            shared_nothing=False,
            dynamic_quorum=False,
            drains=False,
            at_once=1,
        ),
        Windows(
            "2008r2",
            "Microsoft Windows Server 2008 R2 Enterprise ",
            "6.1.7601",
            "6.1.7601.17514",
            threshold=5,
            resilience=0.0,
            live=True,
            shared_nothing=False,
            dynamic_quorum=False,
            drains=False,
            at_once=1,
        ),
        Windows(
            "2012r2",
            "Microsoft Windows Server 2012 R2 Datacenter ",
            "6.3.9600",
            "6.3.9600.18623",
            threshold=10,
            resilience=0.0,
            live=True,
            shared_nothing=True,
            dynamic_quorum=True,
            drains=True,
            at_once=2,
        ),
        Windows(
            "2019",
            "Microsoft Windows Server 2019 Datacenter",
            "10.0.17763",
            "10.0.17763.1",
            threshold=20,
            resilience=240.0,
            live=True,
            shared_nothing=True,
            dynamic_quorum=True,
            drains=True,
            at_once=2,
        ),
    )
}
"""Thresholds: Microsoft's "Tuning failover cluster network thresholds"; 5, 10 (Hyper-V role of
2012 R2) and 20. Resiliency: "Virtual machine compute resiliency in Windows Server 2016"."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release of VMM.

    Attributes:
        interface: what ``ServerInterfaceVersion`` shows; ``product`` what ``ProductVersion`` does.
        windows: the release of Windows on hosts of which a scenario says nothing.
        legacy: whether cmdlets have their old names (``Get-VM`` for ``Get-SCVirtualMachine``).
    """

    interface: str
    product: str
    agent: str
    windows: str
    legacy: bool


RELEASES: Final = {
    "scvmm-2008r2": Release("2.0", "2.0.4521.0", "2.0.4521.0", "2008r2", legacy=True),
    "scvmm-2012r2": Release("2.1.0", "3.2.8377.0", "3.2.8377.0", "2012r2", legacy=False),
    "scvmm-2019": Release("2.6.0", "10.19.1013.0", "10.19.1013.0", "2019", legacy=False),
}
"""By profile. The interface of 2008 R2 and of 2019 is recalled; that of 2012 R2 is read in a real
answer."""
