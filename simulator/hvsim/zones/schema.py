"""The kinds of resources and the properties each has, in the order in which they are shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource.

    Attributes:
        properties: in the order in which they are shown.
        required: those that a resource is not complete without.
        lists: those that are added to, and not set.
        key: those that no two resources of the kind may share.
        bracketed: shown in brackets: aliases of resource controls.
        defaults: what a fresh one has.
        single: whether a zone can have one only.
    """

    properties: tuple[str, ...]
    required: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()
    key: tuple[str, ...] = ()
    bracketed: frozenset[str] = frozenset()
    defaults: dict[str, str] = field(default_factory=dict)
    single: bool = False


RESOURCES: Final[dict[str, Kind]] = {
    "inherit-pkg-dir": Kind(("dir",), ("dir",), key=("dir",)),
    "fs": Kind(
        ("dir", "special", "raw", "type", "options"),
        ("dir", "special", "type"),
        lists=frozenset({"options"}),
        key=("dir",),
    ),
    "net": Kind(
        ("address", "allowed-address", "physical", "defrouter"),
        ("physical",),
        key=("physical", "address"),
    ),
    "anet": Kind(
        (
            "linkname",
            "lower-link",
            "allowed-address",
            "configure-allowed-address",
            "defrouter",
            "link-protection",
            "mac-address",
        ),
        ("linkname",),
        key=("linkname",),
        defaults={
            "lower-link": "auto",
            "configure-allowed-address": "true",
            "link-protection": "mac-nospoof",
            "mac-address": "auto",
        },
    ),
    "device": Kind(("match",), ("match",), key=("match",)),
    "dedicated-cpu": Kind(("ncpus", "importance"), ("ncpus",), single=True),
    "capped-cpu": Kind(("ncpus",), ("ncpus",), bracketed=frozenset({"ncpus"}), single=True),
    "capped-memory": Kind(
        ("physical", "swap", "locked"), bracketed=frozenset({"swap", "locked"}), single=True
    ),
    "attr": Kind(("name", "type", "value"), ("name", "type", "value"), key=("name",)),
    "dataset": Kind(("name",), ("name",), key=("name",)),
    "rctl": Kind(("name", "value"), ("name", "value"), lists=frozenset({"value"}), key=("name",)),
    "admin": Kind(("user", "auths"), ("user",), key=("user",)),
}

ALIASES: Final = {
    "cpu-shares": "zone.cpu-shares",
    "max-lwps": "zone.max-lwps",
    "max-msg-ids": "zone.max-msg-ids",
    "max-sem-ids": "zone.max-sem-ids",
    "max-shm-ids": "zone.max-shm-ids",
    "max-shm-memory": "zone.max-shm-memory",
}
"""Properties that stand for resource controls, and the controls."""

BOOLEAN: Final = frozenset({"autoboot"})
CHOICES: Final = {
    "autoboot": ("true", "false"),
    "ip-type": ("shared", "exclusive"),
}
FIXED_ONCE_INSTALLED: Final = frozenset({"zonepath", "brand", "ip-type"})
"""Properties that an installed zone keeps."""
REQUIRED: Final = ("zonepath", "brand")
"""Properties that a zone cannot be without."""
PROPERTIES: Final = frozenset(
    {
        *ALIASES,
        *(name for kind in RESOURCES.values() for name in kind.properties),
        *("zonename", "zonepath", "brand", "autoboot", "bootargs", "pool", "limitpriv"),
        *("scheduling-class", "ip-type", "hostid", "fs-allowed"),
    }
)
"""All names of properties, of zones and of resources."""
