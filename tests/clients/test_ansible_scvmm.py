"""Modules of Ansible's microsoft.scvmm, unmodified, against a VMM server over winrm and psrp.

``HVSIM_COLLECTIONS`` names the directory that the collection was installed into
(``ansible-galaxy collection install microsoft.scvmm -p DIRECTORY``).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab

pytestmark = [pytest.mark.clients, pytest.mark.timeout(900)]
COLLECTIONS = os.environ.get("HVSIM_COLLECTIONS", "")
ANSIBLE = os.environ.get("HVSIM_ANSIBLE") or shutil.which("ansible-playbook") or ""
ALL = "All Hosts"
VM, NIC = {"name": "fresh"}, {"vm_name": "fresh", "vm_network": "Production"}
DISK = {"vm_name": "fresh", "bus_type": "scsi", "bus": 0, "lun": 1}
DVD = {"vm_name": "fresh", "bus": 0, "lun": 1}
POOL = {
    "name": "p",
    "logical_network_definition": "lnd",
    "subnet": "10.1.0.0/24",
    "ip_address_range_start": "10.1.0.10",
    "ip_address_range_end": "10.1.0.20",
    "default_gateways": ["10.1.0.1"],
}
VLAN = {"subnet": "10.1.0.0/24", "vlan_id": 5}
SUBNET = {"name": "vs", "vm_network": "vn", "logical_network_definition": "lnd", **VLAN}

SHARE = {"name": "More", "share_path": "\\\\vmm1.lab.example\\More", "description": "x"}
PORT = {
    "vm_host": "hv9.lab.example",
    "adapter_name": "Intel(R) Ethernet 10G 2P X520 Adapter",
    "logical_network": "hn",
}


def gone(name, **more):
    return {"name": name, "state": "absent", **more}


# A module's name without its prefix, its arguments, and whether it changes something.
STORY = [
    ("vm_state", {"name": "web", "state": "suspended"}, True),
    ("vm_state", {"name": "web", "state": "started"}, True),
    ("vm_state", {"name": "web", "state": "started"}, False),
    ("vm_migrate", {"name": "web", "destination_host": "hv2.lab.example"}, True),
    ("vm_migrate", {"name": "web", "destination_host": "hv2.lab.example"}, False),
    ("vm", VM | {"vm_host": "hv9", "template": "w2019", "cpu_count": 2}, True),
    ("vm", VM | {"vm_host": "hv9", "template": "w2019", "cpu_count": 2}, False),
    ("vm", VM | {"vm_host": "hv9", "cpu_count": 4}, True),
    ("vm", {"name": "cloudy", "cloud": "blue"}, True),
    ("vm_clone", {"name": "copy", "source_vm": "fresh"}, True),
    ("vm_checkpoint", {"vm_name": "fresh", "name": "cp"}, True),
    ("vm_checkpoint", {"vm_name": "fresh", "name": "cp"}, False),
    ("vm_checkpoint", {"vm_name": "fresh", "name": "cp", "state": "reverted"}, True),
    ("vm_checkpoint", {"vm_name": "fresh", "name": "cp", "state": "absent"}, True),
    ("vm_disk", DISK | {"size_gb": 10}, True),
    ("vm_disk", DISK | {"size_gb": 10}, False),
    ("vm_disk", DISK | {"size_gb": 20, "convert_to_type": "Fixed", "validate": True}, True),
    ("vm_disk", DISK | {"state": "absent"}, True),
    ("vm_dvd_drive", DVD | {"iso": "debian"}, True),
    ("vm_dvd_drive", DVD | {"iso": "debian"}, False),
    ("vm_dvd_drive", DVD | {"state": "absent"}, True),
    ("vm_scsi_adapter", {"vm_name": "fresh", "adapter_id": 0, "shared": False}, True),
    ("vm_scsi_adapter", {"vm_name": "fresh", "adapter_id": 0, "shared": True}, True),
    ("vm_scsi_adapter", {"vm_name": "fresh", "adapter_id": 0, "state": "absent"}, True),
    ("vm_nic", NIC | {"vlan_enabled": True, "vlan_id": 7}, True),
    ("vm_nic", NIC | {"vlan_enabled": True, "vlan_id": 7}, False),
    ("network_adapter", NIC | {"state": "absent"}, True),
    ("network_adapter", NIC, True),
    ("host", {"name": "hv9.lab.example", "maintenance_mode": True}, True),
    ("host", {"name": "hv9.lab.example", "maintenance_mode": True}, False),
    ("host", {"name": "hv9.lab.example", "maintenance_mode": False}, True),
    ("host_group", {"name": "East", "description": "one"}, True),
    ("host_group", {"name": "East", "description": "two"}, True),
    ("host_group", gone("East"), True),
    ("cloud", {"name": "red", "host_group": ALL}, True),
    ("cloud", gone("red"), True),
    ("logical_network", {"name": "ln", "description": "one"}, True),
    ("logical_network", {"name": "ln", "description": "one"}, False),
    (
        "logical_network_definition",
        {"name": "lnd", "logical_network": "ln", "host_groups": [ALL], "subnet_vlans": [VLAN]},
        True,
    ),
    ("vm_network", {"name": "vn", "logical_network": "ln"}, True),
    ("vm_subnet", SUBNET, True),
    ("ip_pool", POOL, True),
    ("ip_pool", gone("p"), True),
    ("vm_subnet", gone("vs", vm_network="vn"), True),
    ("vm_network", gone("vn"), True),
    ("logical_network_definition", gone("lnd"), True),
    ("logical_network", gone("ln"), True),
    ("port_classification", {"name": "pc"}, True),
    ("port_classification", gone("pc"), True),
    ("storage_classification", {"name": "sc"}, True),
    ("storage_classification", gone("sc"), True),
    ("application_profile", {"name": "ap"}, True),
    ("sql_profile", {"name": "sp"}, True),
    ("user_role", {"name": "ur", "user_role_profile": "SelfServiceUser"}, True),
    ("run_as_account", {"name": "ra", "username": "LAB\\u", "password": "pw"}, True),
    ("custom_property", {"name": "cu", "member_types": ["VM"]}, True),
    ("template", {"name": "t", "source_vm": "fresh"}, True),
    ("template", {"name": "w2019", "cpu_count": 2}, True),
    ("logical_switch", {"name": "ls"}, True),
    ("uplink_port_profile", {"name": "up"}, True),
    ("library_share", {"name": "MSSCVMMLibrary", "description": "x"}, True),
    ("library_share", SHARE, True),
    ("library_share", SHARE, False),
    ("library_share", gone("More"), True),
    ("cloud_capacity", {"cloud": "blue", "cpu_count": 8, "memory_gb": 16}, True),
    ("cloud_capacity", {"cloud": "blue", "cpu_count": 8, "memory_gb": 16}, False),
    ("logical_network", {"name": "hn"}, True),
    ("host_network_adapter", PORT, True),
    ("host_network_adapter", PORT | {"logical_network_action": "remove"}, True),
    ("hardware_profile", {"name": "hp", "cpu_count": 2}, True),
    ("vm", {"name": "hw", "vm_host": "hv9", "hardware_profile": "hp"}, True),
    ("vm", gone("copy"), True),
    ("vm", gone("fresh"), True),
    ("vm", gone("nothing"), False),
    *(
        (name, {}, False)
        for name in (
            *("vm_info", "host_info", "host_cluster_info", "inventory_info", "cloud_info"),
            *("host_group_info", "job_info", "template_info", "logical_network_info"),
            *("vm_network_info", "library_share_info", "iso_info", "virtual_hard_disk_info"),
        )
    ),
]


@pytest.fixture
def lab():
    if not (ANSIBLE and COLLECTIONS and Path(COLLECTIONS, "ansible_collections").is_dir()):
        pytest.skip("needs ansible-playbook, and HVSIM_COLLECTIONS with microsoft.scvmm in it")
    table = {
        "name": "vmm1",
        "clusters": [{"name": "c1", "hosts": [{"name": f"hv{n}"} for n in (1, 2, 3)]}],
        "hosts": [{"name": "hv9"}],
        "templates": [{"name": "w2019"}],
        "isos": [{"name": "debian"}],
        "clouds": ["blue"],
        "guests": [{"name": "web", "state": "Running", "host": "hv1"}],
    }
    with Lab.from_scenario({"scvmm": [table]}, clock=Clock(ClockMode.SKIP_IDLE)) as found:
        yield found


@pytest.mark.parametrize("connection", ["winrm", "psrp"])
def test_a_story_told_by_modules(lab, connection, tmp_path):
    results = play(lab, connection, tmp_path)
    failures = [
        f"{name} {args}: {result.get('msg', result)}"
        for (name, args, changed), result in zip(STORY, results, strict=True)
        if result.get("failed") or result.get("changed") is not changed
    ]
    assert failures == []


def play(lab, connection, folder):
    """Run all modules in one play; return their results, in order."""
    url = urlsplit(next(u for _, urls in lab.doors() for u in urls if u.startswith("http:")))
    report = folder / "report.json"
    tasks = [
        {
            f"microsoft.scvmm.scvmm_{name}": args,
            "ignore_errors": True,
            "register": f"result{number}",
        }
        for number, (name, args, _) in enumerate(STORY)
    ]
    told = ", ".join(f"result{number}" for number in range(len(STORY)))
    # Variables of its own, so that the copy is made on this machine and not over the connection.
    local = {"ansible_connection": "local", "ansible_shell_type": "sh"}
    copy = {"content": "{{ [" + told + "] | to_json }}", "dest": str(report)}
    tasks.append({"ansible.builtin.copy": copy, "delegate_to": "localhost", "vars": local})
    (folder / "play.yml").write_text(
        json.dumps([{"hosts": "vmm", "gather_facts": False, "tasks": tasks}])
    )
    variables = {
        "ansible_host": url.hostname,
        "ansible_port": url.port,
        "ansible_user": "Administrator",
        "ansible_password": "hvsim",
        "ansible_connection": connection,
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_scheme": "http",
        "ansible_psrp_auth": "ntlm",
        "ansible_psrp_protocol": "http",
    }
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"vmm": variables}}}))
    done = subprocess.run(  # noqa: S603 - the client under test
        [ANSIBLE, "-i", str(inventory), str(folder / "play.yml")],
        env=os.environ | {"ANSIBLE_COLLECTIONS_PATH": COLLECTIONS, "ANSIBLE_HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    results: list[dict[str, Any]] = json.loads(report.read_text())
    return results
