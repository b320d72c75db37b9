"""What ``zoneadm list`` prints, release by release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim.zones.zone import GLOBAL, UNINSTALLED, State

if TYPE_CHECKING:
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a list, before it is formatted."""

    id: str
    name: str
    state: str
    path: str
    uuid: str
    brand: str
    ip_type: str
    protection: str
    debug_id: int

    @property
    def in_kernel(self) -> bool:
        """Whether the zone has an ID."""
        return self.id != "-"


def global_entry(host: ZoneHost) -> Entry:
    """Return the global zone's entry."""
    brand = host.release.global_brand
    return Entry("0", GLOBAL, State.RUNNING, "/", "", brand, "shared", "none", 0)


def entry_of(zone: Zone, *, inside: bool = False) -> Entry:
    """Return a zone's entry, as it is seen from the global zone or from ``inside`` itself."""
    number = "-" if zone.id is None else str(zone.id)
    path = "/" if inside else zone.config.zonepath
    brand, ip = zone.config.brand, zone.ip_type
    return Entry(number, zone.name, zone.state, path, zone.uuid, brand, ip, "", zone.debug_id)


def chosen(host: ZoneHost, *, installed: bool, configured: bool) -> list[Entry]:
    """Return the global zone and those that the options of ``list`` select, in order."""
    hidden = set(UNINSTALLED)
    if "list-installed-shows-incomplete" in host.behaviours:
        hidden.discard(State.INCOMPLETE)
    if "zones-can-be-unavailable" in host.behaviours:
        hidden.discard(State.UNAVAILABLE)
    zones = [
        zone
        for zone in host.listed()
        if zone.active or configured or (installed and zone.state not in hidden)
    ]
    return [global_entry(host), *(entry_of(zone) for zone in zones)]


def parsable(host: ZoneHost, entry: Entry) -> str:
    """Return a line of ``list -p``; a colon in the path is escaped."""
    path = entry.path.replace(":", "\\:")
    fields = [entry.id, entry.name, entry.state, path, entry.uuid, entry.brand, entry.ip_type]
    if "list-shows-protection" in host.behaviours:
        fields += ["-", entry.protection]
    if "list-shows-auxiliary-state" in host.behaviours:
        fields.append("")
    if "list-shows-debug-id" in host.behaviours:
        fields.append(str(entry.debug_id))
    return ":".join(fields)


def verbose(host: ZoneHost, entries: list[Entry]) -> list[str]:
    """Return the header and the lines of ``list -v``."""
    form = _ELEVEN if host.profile == "solaris-11" else _TEN
    lines = [form.format("ID", "NAME", "STATUS", "PATH", "BRAND", "IP")]
    return lines + [
        form.format(one.id, one.name, one.state, one.path, one.brand, one.ip_type)
        for one in entries
    ]


_TEN = "{:>4} {:<16} {:<10} {:<30} {:<8} {:<6}"
_ELEVEN = "{:>4} {:<16} {:<11} {:<28} {:<10} {:<6}"
