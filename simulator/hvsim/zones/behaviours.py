"""What the releases of Solaris and its descendant do differently, each difference by name."""

from __future__ import annotations

from typing import Final

from hvsim.behaviours import Behaviour, Provenance, register

PRODUCT: Final = "zones"
_TEN = frozenset({"solaris-10"})
_ELEVEN = frozenset({"solaris-11"})
_OMNIOS = frozenset({"omnios"})
_ALL = _TEN | _ELEVEN | _OMNIOS


def _known(  # noqa: PLR0917 - a table's columns
    name: str,
    text: str,
    requirements: tuple[str, ...],
    profiles: frozenset[str],
    provenance: Provenance,
    source: str,
    otherwise: str,
) -> Behaviour:
    return Behaviour(
        name,
        PRODUCT,
        text,
        requirements,
        provenance,
        source,
        profiles,
        switchable=True,
        otherwise=otherwise,
    )


BEHAVIOURS: Final = (
    _known(
        "zoneadm-has-shutdown",
        "zoneadm can shut a zone down in good order; Solaris 10 can only halt it.",
        ("POWER-SOL-1",),
        _ELEVEN | _OMNIOS,
        Provenance.DOCUMENTED,
        "zoneadm(8) of Oracle Solaris 11; zoneadm(8) of illumos",
        "The command line is refused with the usage.",
    ),
    _known(
        "create-inherits-packages",
        "A zone made from the default template shares /lib, /platform, /sbin and /usr.",
        ("ZONE-1",),
        _TEN,
        Provenance.DOCUMENTED,
        "System Administration Guide: Containers, Solaris 10",
        "The zone has every file for itself.",
    ),
    _known(
        "create-makes-own-network",
        "A zone made from the default template has an exclusive IP stack and a link of its own.",
        ("ZONE-1",),
        _ELEVEN,
        Provenance.DOCUMENTED,
        "Creating and Using Oracle Solaris Zones, E36848",
        "It shares the host's IP stack and has no link.",
    ),
    _known(
        "zones-can-be-unavailable",
        "An installed zone whose storage is missing is unavailable instead of installed.",
        ("STATE-SOL-1", "ZONE-3"),
        _ELEVEN,
        Provenance.DOCUMENTED,
        "Introduction to Oracle Solaris Zones, E36848",
        "It stays installed, and booting it fails.",
    ),
    _known(
        "list-installed-shows-incomplete",
        "zoneadm list -i lists zones whose installation is under way or was broken off.",
        ("ZONE-2",),
        frozenset(),
        Provenance.DOCUMENTED,
        "Containers guide of Solaris 10; zoneadm's source code says otherwise",
        "They show with -c alone.",
    ),
    _known(
        "list-shows-protection",
        "zoneadm list -p tells after the IP type how a zone's files are protected.",
        ("ZONE-5",),
        _ELEVEN,
        Provenance.OBSERVED,
        "output of zoneadm list -cp on Solaris 11",
        "The IP type is followed by nothing of the kind.",
    ),
    _known(
        "list-shows-auxiliary-state",
        "zoneadm list -p ends with a field for the auxiliary state.",
        ("ZONE-5",),
        _ELEVEN,
        Provenance.OBSERVED,
        "output of zoneadm list -cp on Solaris 11.2 and later",
        "The line ends with the field before.",
    ),
    _known(
        "list-shows-debug-id",
        "zoneadm list -p ends with a zone's number that outlasts its reboots.",
        ("ZONE-5",),
        frozenset(),
        Provenance.INFERRED,
        "newer illumos; the release it came with is not known",
        "The line ends with the field before.",
    ),
    _known(
        "reboot-gives-new-id",
        "A zone that reboots gets the host's next zone ID.",
        ("POWER-SOL-1",),
        _ALL,
        Provenance.INFERRED,
        "the kernel makes the zone anew when it reboots",
        "It keeps the ID it had.",
    ),
)
register(BEHAVIOURS)
