"""Guest operating systems as this API names them: ``DEBIAN_12_64`` for vim25's own identifier.

The names follow from vim25's by rule, but for a few.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from hvsim_fakes.vcenter import registry

_ODD: Final = {
    "amazonlinux2_64Guest": "AMAZONLINUX2_64",
    "amazonlinux3_64Guest": "AMAZONLINUX3_64",
    "crxPod1Guest": "CRXPOD_1",
    "crxSys1Guest": "CRXSYS_1",
    "eComStation2Guest": "ECOMSTATION_2",
    "eComStationGuest": "ECOMSTATION",
    "openServer5Guest": "OPENSERVER_5",
    "openServer6Guest": "OPENSERVER_6",
    "os2Guest": "OS2",
    "unixWare7Guest": "UNIXWARE_7",
    "windows2019srvNext_64Guest": "WINDOWS_SERVER_2021",
    "windows2019srv_64Guest": "WINDOWS_SERVER_2019",
    "windows2022srvNext_64Guest": "WINDOWS_SERVER_2025",
    "windowsHyperVGuest": "WINDOWS_HYPERV",
}
_WORDS: Final = re.compile(r"\d+x?|[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def name_of(guest_id: str) -> str:
    """Return this API's name of an operating system by vim25's identifier."""
    odd = _ODD.get(guest_id)
    if odd is not None:
        return odd
    return "_".join(_WORDS.findall(guest_id.replace("Guest", ""))).upper() or "OTHER"


def guest_id_of(name: str) -> str | None:
    """Return vim25's identifier by this API's name, or None for a name that is none."""
    return _identifiers().get(name)


@cache
def _identifiers() -> dict[str, str]:
    known = sorted(registry.enum_values("VirtualMachineGuestOsIdentifier"))
    return {name_of(identifier): identifier for identifier in known}
