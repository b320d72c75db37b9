"""Acting inside guests through the control plane."""

from __future__ import annotations

from typing import Any

import pytest

import hvsim_fixtures
from control_api import Api
from hvsim import scenario as scenarios
from hvsim.clock import Clock, ClockMode
from hvsim.commands import kinds
from hvsim_fakes.lab import Lab, Listening
from labs import vm


def state(api: Api, name: str) -> Any:
    (manager,) = api.get("/v1/truth").data["managers"]
    return next(guest for guest in manager["guests"] if guest["name"] == name)


def test_every_action_inside_a_guest_is_offered(api: Api) -> None:
    offered = api.get("/v1/guest-actions").data["pool1"]
    assert {f"guest.{action}" for action in offered} == {
        kind for kind in kinds() if kind.startswith("guest.")
    }
    assert "shutdown" in offered


def test_a_shutdown_from_inside_halts_the_guest(api: Api) -> None:
    answer = api.post("/v1/guests/pool1/web/shutdown")
    assert answer.status == 200
    assert answer.data["kind"] == "guest.shutdown"
    assert api.post("/v1/clock/settle").data["reached"]
    api.post("/v1/clock/advance", {"seconds": 300})
    assert state(api, "web")["state"] == "stopped"
    assert state(api, "db")["state"] == "running"


def test_a_guest_goes_by_uuid_as_well(api: Api) -> None:
    pool = api.lab.pools["pool1"]
    uuid = pool.db.row("VM", vm(pool, "web"))["uuid"]
    assert api.post(f"/v1/guests/pool1/{uuid}/hang").status == 200
    assert state(api, "web")["state"] == "hung"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/guests/pool1/web/dance", None, 404),
        ("/v1/guests/pool1/nobody/shutdown", None, 422),
        ("/v1/guests/pool9/web/shutdown", None, 404),
        ("/v1/guests/pool1/web/set-hostname", None, 400),
        ("/v1/guests/pool1/web/shutdown", {"fast": True}, 400),
    ],
)
def test_what_cannot_be_done_is_told(api: Api, path: str, body: Any, status: int) -> None:
    answer = api.post(path, body)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_path_decides_which_guest(api: Api) -> None:
    api.post("/v1/guests/pool1/web/hang", {"guest": "db"})
    assert (state(api, "web")["state"], state(api, "db")["state"]) == ("hung", "running")


@pytest.mark.parametrize(
    ("scenario", "guest", "action", "kind"),
    [
        ("consoles", "site/web", "shutdown", "rhel5xen.guest.shutdown"),
        ("containers", "sun/web", "shutdown", "zone.inside-shutdown"),
    ],
)
def test_every_product_has_its_own_insides(
    scenario: str, guest: str, action: str, kind: str
) -> None:
    made = scenarios.load(hvsim_fixtures.scenario(scenario))
    world = scenarios.build(made, clock=Clock(ClockMode.STEPPED))
    with Lab(world, Listening(port=None, tls_port=None, control_port=0)) as lab:
        api = Api(lab)
        manager = guest.partition("/")[0]
        assert action in api.get("/v1/guest-actions").data[manager]
        answer = api.post(f"/v1/guests/{guest}/{action}")
        assert (answer.status, answer.data.get("kind")) == (200, kind)
