"""What xend of Red Hat Enterprise Linux 5 does that clients have to know, by name."""

from __future__ import annotations

from typing import Final

from hvsim.behaviours import Behaviour, Provenance, register

PRODUCT: Final = "rhel5xen"
_PROFILES = frozenset({"rhel5-xen"})
_XEND = "xend of Xen 3"
_LIBVIRT = "libvirt 0.10, Xen driver"


def _read(
    name: str, text: str, requirements: tuple[str, ...], source: str, otherwise: str = ""
) -> Behaviour:
    return Behaviour(
        name,
        PRODUCT,
        text,
        requirements,
        Provenance.OBSERVED,
        source,
        _PROFILES,
        switchable=bool(otherwise),
        otherwise=otherwise,
    )


BEHAVIOURS: Final = (
    _read(
        "paused-keeps-shutdown-wish",
        "A paused domain is told to shut down all the same, and does so once it is unpaused.",
        ("POWER-RH5-2", "POWER-RH5-3"),
        _XEND,
        "The wish is lost: the domain runs on when it is unpaused.",
    ),
    _read(
        "paused-is-destroyed",
        "xend destroys a paused domain like any other: only a manager's rule forbids it.",
        ("POWER-RH5-4",),
        _XEND,
    ),
    _read(
        "active-refuses-start",
        "A guest that has a domain, paused or not, is not started a second time.",
        ("POWER-RH5-1",),
        f"{_XEND}; {_LIBVIRT}",
    ),
    _read(
        "migrating-renames",
        "While a domain is copied, its source is called migrating-<name>.",
        ("MIG-RH5-1", "MIG-ALL-1"),
        _XEND,
        "It keeps its name, so that the host cannot be told to be copying it.",
    ),
    _read(
        "live-keeps-running",
        "With --live a domain runs on while its memory is copied; without, it stands still.",
        ("MIG-RH5-1",),
        _XEND,
    ),
    _read(
        "source-keeps-definition",
        "After a move the guest's file still lies on the host that it left.",
        ("MIG-ALL-1", "EXT-2"),
        _XEND,
    ),
    _read(
        "restart-loop-is-broken",
        "A domain that ends within 20 s of its last restart is not restarted again.",
        ("POWER-ALL-4",),
        _XEND,
        "It is restarted as often as it ends.",
    ),
    Behaviour(
        "halted-only-in-files",
        PRODUCT,
        "xm lists only what runs; a guest that is off is a file on its host, which libvirt reads.",
        ("NAME-XEN-1", "POWER-ALL-1"),
        Provenance.DOCUMENTED,
        "Red Hat's virtualization guide for release 5; libvirt's Xen driver pages",
        _PROFILES,
    ),
    Behaviour(
        "no-pool-no-ha-no-maintenance",
        PRODUCT,
        "Hosts know nothing of each other: no pool, no high availability, no maintenance mode.",
        ("HA-RH5-1", "MAINT-RH5-1"),
        Provenance.DOCUMENTED,
        "setup guide A.3",
        _PROFILES,
    ),
)

register(BEHAVIOURS)
