"""Ground truth about hosts with zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.zones.host import ZoneHost
from hvsim.zones.zone import State
from hvsim_fakes.control.truth import (
    Life,
    TrueGuest,
    TrueHost,
    TrueManager,
    insides_of,
    of_product,
)

if TYPE_CHECKING:
    from hvsim.zones.zone import Zone

_LIVES: Final = {
    State.READY: Life.PAUSED,
    State.RUNNING: Life.RUNNING,
    State.SHUTTING_DOWN: Life.RUNNING,
    State.DOWN: Life.HUNG,
}
"""Whatever is not in it has no processes."""


@insides_of.register
def _insides_of(_: ZoneHost) -> str:
    return "zone.inside-"


@of_product.register(ZoneHost)
def _of_host(host: ZoneHost) -> TrueManager:
    return TrueManager(
        name=host.name,
        product="solaris",
        profile=host.profile,
        native={"behaviours": list(host.behaviours)},
        hosts=[_host(host)],
        guests=[_guest(host, zone) for zone in host.zones.values()],
    )


def _host(host: ZoneHost) -> TrueHost:
    return TrueHost(
        name=host.name,
        native_id=host.name,
        server=host.server.name,
        address=host.server.address,
        alive=host.server.runs_own_system,
        answers=host.answers(),
        maintenance=False,
        native={"up": host.up, "ssh": host.ssh},
    )


def _guest(host: ZoneHost, zone: Zone) -> TrueGuest:
    """Return a zone, also one that has no system and is no guest for anybody."""
    lost = zone.active and not host.server.runs_own_system
    return TrueGuest(
        name=zone.name,
        native_id=zone.uuid or zone.name,
        state=Life.LOST if lost else _LIVES.get(zone.state, Life.STOPPED),
        host=host.name,
        home=host.name,
        inside={"nodename": host.nodename(zone), "boot": zone.boots, "serves": zone.serves},
        native={
            "power_state": zone.state,
            "id": zone.id,
            "uuid": zone.uuid,
            "zonepath": zone.config.zonepath,
            "brand": zone.config.brand,
            "busy": None if zone.busy is None else zone.busy.kind,
            "stuck": zone.stuck,
        },
    )
