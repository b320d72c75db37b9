"""A playbook of Ansible's community.vmware modules, unmodified, against a vCenter's lab."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from vmware_modules import FOLDER, access, lab, named, need_modules, tool

if TYPE_CHECKING:
    from pathlib import Path

    from hvsim_fakes.lab import Lab

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module", name="told")
def _told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    need_modules()
    with lab() as running:
        return play(running, tmp_path_factory.mktemp("ansible"))


def play(running: Lab, place: Path) -> dict[str, Any]:
    """Run the playbook; return what its tasks registered."""
    runner, report = tool("ansible-playbook"), place / "report.json"
    assert runner is not None
    given = {
        "access": access(running),
        "report": str(report),
        # The modules need the pyVmomi that is installed beside Ansible itself.
        "ansible_python_interpreter": tool("python"),
    }
    environment = os.environ | {"ANSIBLE_LOCALHOST_WARNING": "false", "HOME": str(place)}
    environment |= {
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_DUPLICATE_YAML_DICT_KEY": "ignore",
        "ANSIBLE_DEPRECATION_WARNINGS": "false",
    }
    command = [runner, "-i", "localhost,", "-c", "local", str(FOLDER / "vmware.yml")]
    done = subprocess.run(  # noqa: S603 - our own playbook
        [*command, "-e", json.dumps(given)],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def test_a_guest_is_made_of_a_template_once(told: dict[str, Any]) -> None:
    made = told["made"]["instance"]
    assert told["about"]["about_info"]["api_type"] == "VirtualCenter"
    assert told["folder"]["changed"]
    assert (made["hw_processor_count"], made["hw_memtotal_mb"]) == (2, 2048)
    assert (made["hw_power_status"], made["annotation"]) == ("poweredOn", "Made by a playbook")
    assert made["hw_folder"] == "/dc1/vm/tests"
    assert not told["made_again"]["changed"]
    assert "nope" in told["no_template"]["msg"]


def test_its_tools_come_up_and_it_keeps_its_processors_while_it_runs(told: dict[str, Any]) -> None:
    assert told["tools"]["instance"]["guest_tools_status"] == "guestToolsRunning"
    assert told["busy"]["failed"]
    assert told["grown"]["instance"]["hw_processor_count"] == 4


def test_a_snapshot_is_taken_once(told: dict[str, Any]) -> None:
    assert told["snapshot"]["changed"]
    assert not told["snapshot_again"]["changed"]
    taken = told["snapshots"]["guest_snapshots"]["current_snapshot"]
    assert (taken["name"], taken["description"]) == ("before", "Before the change")


def test_a_running_guest_moves_once(told: dict[str, Any]) -> None:
    assert told["move_foretold"]["changed"]
    assert told["moved"]["changed"]
    assert told["moved"]["running_host"] != told["looked"]["instance"]["hw_esxi_host"]
    assert not told["moved_again"]["changed"]
    assert "nope" in told["no_host"]["msg"]


def test_a_host_is_maintained_with_its_guests_elsewhere(told: dict[str, Any]) -> None:
    assert told["drs"]["changed"]
    assert not told["drs_again"]["changed"]
    assert told["maintained"]["changed"]
    assert not told["maintained_again"]["changed"]
    machines = told["away"]["virtual_machines"]
    # A template has no power that would have to leave.
    assert named(machines, "web", "guest_name")["esxi_hostname"] in ("esx2", "esx3")
    assert named(machines, "bare", "guest_name")["power_state"] == "poweredOn"
    assert told["restarted"]["changed"]
    assert told["back"]["ansible_facts"]["ansible_in_maintenance_mode"]
    assert told["serves"]["changed"]
    assert "not in maintenance mode" in told["not_maintained"]["msg"]


def test_a_cluster_has_ha_and_shows_it(told: dict[str, Any]) -> None:
    assert told["ha"]["changed"]
    assert not told["ha_again"]["changed"]
    assert "nope" in told["no_cluster"]["msg"]
    cluster = told["cluster"]["clusters"]["c1"]
    assert (cluster["enable_ha"], cluster["enabled_drs"]) == (True, True)
    assert cluster["resource_summary"]["memCapacityMB"] == 3 * 32 * 1024


def test_a_host_joins_and_is_connected_again(told: dict[str, Any]) -> None:
    assert told["joined"]["changed"]
    assert not told["joined_again"]["changed"]
    assert told["cut"]["changed"]
    assert told["reconnected"]["changed"]


def test_a_guest_goes(told: dict[str, Any]) -> None:
    assert told["stopped"]["instance"]["hw_power_status"] == "poweredOff"
    assert told["found"]["folders"] == ["/dc1/vm/tests"]
    assert told["removed"]["changed"]
    assert told["gone"]["failed"]
