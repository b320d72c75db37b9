"""Ansible's community.general modules for XenServer, unmodified, against a running lab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import labs
from clients_support import need
from hvsim.clock import Clock, ClockMode
from hvsim.xenserver.spec import StorageSpec
from hvsim_fakes.lab import Lab

if TYPE_CHECKING:
    from hvsim.xenserver.pool import Pool

pytestmark = pytest.mark.clients
PLAYBOOK = Path(__file__).parent / "ansible" / "guest.yml"
GIB = 2**30


def tool(name: str) -> str | None:
    """Return Ansible's program: beside ``HVSIM_ANSIBLE`` (its playbook runner), or on the path."""
    runner = os.environ.get("HVSIM_ANSIBLE")
    return str(Path(runner).with_name(name)) if runner else shutil.which(name)


def installed() -> bool:
    collections, runner = tool("ansible-galaxy"), tool("ansible-playbook")
    if collections is None or runner is None:
        return False
    command = [collections, "collection", "list", "community.general"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - found above
    return "community.general" in listed.stdout


@pytest.fixture(scope="module", name="told")
def _told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    need(
        installed(),
        "Ansible with community.general and XenAPI is not installed: pip install ansible XenAPI",
    )
    # The modules poll: a clock that only skips while clients wait would run at their own pace.
    storages = [
        StorageSpec(name="Shared storage"),
        StorageSpec(name="CDs", type="iso", images=["setup.iso"]),
    ]
    pool = labs.small_pool(clock=Clock(ClockMode.SCALED, scale=60.0), storages=storages)
    with Lab(pool.world) as lab:
        before = counts(pool)
        told = play(lab, tmp_path_factory.mktemp("ansible"))
        return told | {"before": before, "after": counts(pool)}


def counts(pool: Pool) -> dict[str, int]:
    with pool.world.access():
        return {cls: len(pool.db.tables[cls]) for cls in ("VM", "VDI", "VBD", "VIF", "VM_metrics")}


def play(lab: Lab, tmp_path: Path) -> dict[str, Any]:
    """Run the playbook; return what its tasks registered."""
    runner = tool("ansible-playbook")
    assert runner is not None
    user, password = lab.credentials()
    report = tmp_path / "report.json"
    given = {
        "endpoint": lab.url(tls=False),
        "user": user,
        "password": password,
        "template": "Debian Bookworm 12",
        "disk_storage": "Shared storage",
        "network": "Pool-wide network associated with eth0",
        "home": "host2",
        "image": "setup.iso",
        "report": str(report),
        # The modules need the SDK that is installed beside Ansible itself.
        "ansible_python_interpreter": str(Path(runner).with_name("python")),
    }
    environment = os.environ | {"ANSIBLE_LOCALHOST_WARNING": "false", "HOME": str(tmp_path)}
    environment["ANSIBLE_INVENTORY_UNPARSED_WARNING"] = "false"
    command = [runner, "-i", "localhost,", "-c", "local", str(PLAYBOOK), "-e", json.dumps(given)]
    done = subprocess.run(  # noqa: S603 - our own playbook
        command, capture_output=True, text=True, timeout=110, check=False, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(report.read_text())
    return told


def test_a_guest_is_looked_at_and_driven(told: dict[str, Any]) -> None:
    looked = told["looked"]
    assert (looked["state"], looked["networks"][0]["ip"]) == ("poweredon", "192.0.2.10")
    assert told["stopped"]["instance"]["state"] == "poweredoff"
    assert told["started"]["instance"]["networks"][0]["ip"] == "192.0.2.10"


def test_a_guest_is_made_of_a_template_once(told: dict[str, Any]) -> None:
    made = told["made"]["instance"]
    assert told["made"]["changed"]
    assert made["name_desc"] == "Made by a playbook"
    assert (made["hardware"]["num_cpus"], made["hardware"]["memory_mb"]) == (2, 1024)
    assert [disk["size"] for disk in made["disks"]] == [10 * GIB]
    assert made["networks"][0]["mac"] == "aa:bb:cc:dd:ee:01"
    assert not told["again"]["changed"]


def test_a_guest_is_changed_started_and_removed_with_its_disks(told: dict[str, Any]) -> None:
    grown = told["grown"]["instance"]
    assert (grown["home_server"], grown["hardware"]["num_cpus"]) == ("host2", 4)
    assert [disk["size"] for disk in grown["disks"]] == [20 * GIB, 5 * GIB]
    assert [nic["mac"] for nic in grown["networks"]] == ["aa:bb:cc:dd:ee:01", "aa:bb:cc:dd:ee:02"]
    assert told["runs"]["instance"]["state"] == "poweredon"
    assert told["kept"]["failed"]
    assert told["removed"]["changed"]
    assert told["gone"]["failed"]
    assert told["after"] == told["before"]


def test_a_cd_goes_in_once_and_out_again(told: dict[str, Any]) -> None:
    assert told["loaded"]["changed"]
    assert told["loaded"]["instance"]["cdrom"] == {"type": "iso", "iso_name": "setup.iso"}
    assert not told["loaded_again"]["changed"]
    assert told["emptied"]["instance"]["cdrom"]["type"] == "none"


def test_a_running_guest_keeps_its_processors_and_checks_change_nothing(
    told: dict[str, Any],
) -> None:
    assert "has to be in powered off state" in told["busy"]["msg"]
    assert told["suspended"]["instance"]["state"] == "suspended"
    assert told["foretold"]["changed"]
    assert told["foretold"]["instance"]["state"] == "poweredon"
    assert told["asleep"]["instance"]["state"] == "suspended"
    assert told["resumed"]["instance"]["state"] == "poweredon"
