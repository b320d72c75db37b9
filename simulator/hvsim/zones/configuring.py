"""Keeping and forgetting configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.zones import verify
from hvsim.zones.config import demand_name
from hvsim.zones.errors import ZoneError
from hvsim.zones.schema import FIXED_ONCE_INSTALLED
from hvsim.zones.zone import State

if TYPE_CHECKING:
    from hvsim.zones.config import Config
    from hvsim.zones.host import ZoneHost
    from hvsim.zones.zone import Zone


def commit(host: ZoneHost, name: str, config: Config, renamed: str = "") -> None:
    """Keep a configuration.

    Args:
        renamed: the zone's new name, if it gets one.

    Raises:
        ZoneError: when it is not complete, or changes what an installed zone keeps.
    """
    demand_name(renamed or name, host.release)
    verify.demand(config)
    zone = host.zones.get(name)
    if renamed and renamed != name and renamed in host.zones:
        raise ZoneError("zone-exists", renamed)
    if zone is None:
        host.add(renamed or name, config)
        return
    _demand_kept(zone, config)
    host.reconfigure(zone, config)
    if renamed and renamed != name:
        if zone.state is not State.CONFIGURED:
            raise ZoneError("fixed", "zonename")
        host.rename(zone, renamed)


def delete(host: ZoneHost, name: str, *, force: bool = False) -> None:
    """Forget a zone that is configured only, or with ``force`` one that is not active.

    Its files stay where they are. Raises ZoneError.
    """
    zone = host.zone(name)
    configured = zone.state is State.CONFIGURED
    if zone.active or zone.busy is not None or not (configured or force):
        raise ZoneError("delete-state", zone.state)
    host.remove(zone)


def _demand_kept(zone: Zone, config: Config) -> None:
    if zone.state is State.CONFIGURED:
        return
    for name in sorted(FIXED_ONCE_INSTALLED):
        if zone.config.get(name) != config.get(name):
            raise ZoneError("fixed", name)
