"""The reference manager's part for physical servers, on a lab of the suite and by JSON lines."""

from __future__ import annotations

import sys

import pytest

from hvsim_conformance.adapters.jsonlines import JsonLinesHost
from hvsim_conformance.adapters.model import (
    Credentials,
    Done,
    Failed,
    Product,
    Reason,
    Refused,
    Role,
    Session,
    Switch,
)
from hvsim_conformance.engine.lab import LabRequest
from hvsim_conformance.labs.xenserver import XenServerLab
from hvsim_conformance.reference import ReferenceManager
from hvsim_conformance.reference.hardware.door import Door, DoorError

SESSION = Session("SPARE-5", "xenserver-8", 1)


@pytest.fixture
def lab():
    lab = XenServerLab(LabRequest("SPARE-5", Product.XENSERVER, "xenserver-8", 1))
    yield lab
    lab.close()


@pytest.fixture
def manager(lab):
    manager = ReferenceManager(SESSION)
    enrol(manager, lab)
    yield manager
    manager.close()


def enrol(manager, lab):
    for end in (lab.hardware, *lab.endpoints):
        assert isinstance(manager.register(end.kind, end.address, end.credentials, end.role), Done)
    manager.refresh()


def host(manager, name):
    return next(found.id for found in manager.list_hosts() if found.name == name)


def empty(lab):
    tool = lab.tool
    guest, target = tool.ref("VM", "nested"), tool.ref("host", "alpha")
    tool.call("VM.pool_migrate", guest, target, {"live": "true"})


def fail(lab):
    lab.control.perform("hardware.fail", "erp")
    lab.control.perform("server.crash", "erp", silence="refused")


def test_a_spare_stands_in_by_itself_and_gives_the_place_back(lab, manager):
    empty(lab)
    manager.refresh()
    assert manager.assign_spare("erp", host(manager, "gamma")) == Done()
    before = lab.machines.contents("gamma")
    fail(lab)
    manager.refresh()
    assert lab.machines.server("gamma").system == "erp"
    assert isinstance(manager.switchover("erp"), Refused), "its only spare is taken"
    lab.control.perform("hardware.fail", "erp", ok=True)
    assert manager.failback("erp") == Done()
    assert lab.machines.contents("gamma") == before
    assert lab.machines.server("erp").runs_own_system
    lab.control.advance(600)
    assert lab.truth.host("gamma").alive
    assert not lab.truth.host("gamma").in_maintenance
    assert isinstance(manager.failback("erp"), Refused)


def test_a_master_is_no_spare_as_long_as_it_is_one(lab, manager):
    tool = lab.tool
    tool.call("VM.clean_shutdown", tool.ref("VM", "web"))
    manager.refresh()
    assert manager.assign_spare("erp", host(manager, "alpha")) == Done()
    fail(lab)
    outcome = manager.switchover("erp")
    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.HOST_IS_POOL_MASTER
    assert lab.machines.server("alpha").runs_own_system


def test_a_bare_spare_is_off_again_after_failback(lab, manager):
    assert manager.assign_spare("erp", "reserve1") == Done()
    assert manager.switchover("erp") == Done()
    assert lab.machines.server("reserve1").system == "erp"
    assert manager.failback("erp") == Done()
    assert lab.machines.server("reserve1").power == "off"
    assert lab.machines.server("erp").runs_own_system


def test_an_image_goes_back_to_its_own_host_only(manager):
    image = manager.backup_host(host(manager, "gamma"))
    assert isinstance(image, Done)
    assert manager.restore_host(host(manager, "gamma"), image.value) == Done()
    assert isinstance(manager.restore_host(host(manager, "beta"), image.value), Refused)
    assert isinstance(manager.restore_host(host(manager, "gamma"), "none"), Refused)
    assert isinstance(manager.backup_host("reserve1"), Refused), "there is nothing on it"


def test_strangers_are_refused(manager):
    for outcome in (
        manager.assign_spare("erp", "nobody"),
        manager.assign_spare("nobody", "erp"),
        manager.switchover("nobody"),
        manager.switchover("erp"),
        manager.failback("nobody"),
        manager.backup_host("nobody"),
        manager.restore_host("nobody", "image"),
        manager.maintenance("nobody", Switch.ON),
    ):
        assert isinstance(outcome, Refused), outcome


def test_without_hardware_there_are_no_spares_and_no_images(lab, manager):
    assert manager.unregister("hardware") == Done()
    gamma = host(manager, "gamma")
    for outcome in (
        manager.assign_spare("erp", gamma),
        manager.switchover("erp"),
        manager.failback("erp"),
        manager.backup_host(gamma),
        manager.restore_host(gamma, "image"),
        manager.maintenance("erp", Switch.ON),
    ):
        assert isinstance(outcome, Refused), outcome
    assert lab.machines.server("erp").runs_own_system


def test_a_wrong_token_is_told_by_the_door(lab):
    end = lab.hardware
    with pytest.raises(DoorError, match="token"):
        Door(end.address, Credentials("", "wrong")).servers()
    manager = ReferenceManager(SESSION)
    manager.register(end.kind, end.address, Credentials("", "wrong"), Role.HARDWARE)
    assert isinstance(manager.backup_host("gamma"), Failed)
    assert manager.refresh() == Done()


def test_the_door_is_passed_through_json_lines(lab):
    command = [sys.executable, "-m", "hvsim_conformance.adapters.serve"]
    served = JsonLinesHost([*command, "hvsim_conformance.reference:ReferenceManager"], 60.0)
    try:
        manager = served.open(SESSION)
        enrol(manager, lab)
        gamma = host(manager, "gamma")
        image = manager.backup_host(gamma)
        assert isinstance(image, Done)
        assert manager.restore_host(gamma, image.value) == Done()
        assert manager.assign_spare("erp", "reserve2") == Done()
        fail(lab)
        manager.refresh()
        assert lab.machines.server("reserve2").system == "erp"
    finally:
        served.close()
