"""Ansible, unmodified, over its winrm and psrp connections, against a lab with a VMM server.

``HVSIM_ANSIBLE`` names the playbook runner of an environment with ansible-core 2.17 or later,
ansible.windows, pywinrm and pypsrp; ``HVSIM_COLLECTIONS`` a directory of collections with
microsoft.scvmm in it, which no package brings.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clients_support import need
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab, Listening

pytestmark = pytest.mark.clients
CONNECTIONS = ("winrm", "psrp")
MODULES = (
    ("scvmm_vm_info", ""),
    ("scvmm_host_info", ""),
    ("scvmm_host_cluster_info", ""),
    ("scvmm_inventory_info", ""),
)
HOSTS = [{"name": f"hv{n}", "address": f"127.44.0.{n}"} for n in (1, 2)]
TABLE = {
    "name": "vmm",
    "address": "127.44.0.9",
    "clusters": [{"name": "c1", "hosts": HOSTS}],
    "guests": [
        {"name": "web", "state": "Running", "host": "hv1"},
        {"name": "db", "host": "hv2"},
    ],
}


def tool(name: str) -> str | None:
    runner = os.environ.get("HVSIM_ANSIBLE")
    found = Path(runner).with_name(name) if runner else None
    return str(found) if found and found.exists() else shutil.which(name)


def installed() -> bool:
    ansible = tool("ansible")
    if ansible is None:
        return False
    python = Path(ansible).resolve().with_name("python")
    done = subprocess.run(  # noqa: S603 - found above
        [str(python), "-c", "import winrm, pypsrp"], capture_output=True, check=False
    )
    return done.returncode == 0


def collections() -> str:
    return os.environ.get("HVSIM_COLLECTIONS", "")


@pytest.fixture(scope="module")
def lab():
    need(installed(), "Ansible with pywinrm and pypsrp is not installed: see HVSIM_ANSIBLE")
    data = {"name": "ansible", "scvmm": [TABLE]}
    clock = Clock(ClockMode.SKIP_IDLE)
    with Lab.from_scenario(data, Listening(tls_port=None), clock=clock) as running:
        yield running


def run(lab: Lab, place: Path, connection: str, module: str, arguments: str = "") -> Any:
    """Run one module; return what it says, and how the command ended."""
    (_, urls), *_ = lab.doors()
    facts = {
        "ansible_host": "127.44.0.9",
        "ansible_port": int(urls[0].rpartition(":")[2]),
        "ansible_connection": connection,
        "ansible_user": "LAB\\Administrator",
        "ansible_password": "hvsim",
        "ansible_winrm_transport": "ntlm",
        "ansible_winrm_scheme": "http",
        "ansible_psrp_auth": "ntlm",
        "ansible_psrp_protocol": "http",
        "ansible_shell_type": "powershell",
    }
    inventory = place / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": {"vmm": facts}}}), encoding="utf-8")
    ansible = tool("ansible")
    assert ansible is not None
    command = [ansible, "-i", str(inventory), "vmm", "-m", module, "-a", arguments]
    environment = {
        **os.environ,
        "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.oneline",
        "ANSIBLE_NOCOLOR": "1",
        "no_proxy": "*",
    }
    if collections():
        environment["ANSIBLE_COLLECTIONS_PATH"] = collections()
    done = subprocess.run(  # noqa: S603 - found above
        command, capture_output=True, text=True, check=False, timeout=100, env=environment
    )
    return done.returncode, done.stdout.strip(), done.stderr


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_raw_runs_a_script(lab, tmp_path, connection):
    code, out, err = run(lab, tmp_path, connection, "raw", "(Get-SCVirtualMachine web).Name; 1+1")
    assert code == 0, out + err
    assert "web" in out
    assert "2" in out


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_raw_tells_the_exit_code(lab, tmp_path, connection):
    code, out, _ = run(lab, tmp_path, connection, "raw", "exit 4")
    assert code == 2
    assert "rc=4" in out


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_module_runs_unmodified(lab, tmp_path, connection):
    code, out, err = run(lab, tmp_path, connection, "ansible.windows.win_ping", "data=hello")
    assert code == 0, out + err
    assert '"ping": "hello"' in out


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_module_s_failure_is_its_own(lab, tmp_path, connection):
    code, out, _ = run(lab, tmp_path, connection, "ansible.windows.win_ping", "data=crash")
    assert code == 2
    assert "Unhandled exception while executing module: boom" in out
    code, out, _ = run(lab, tmp_path, connection, "ansible.windows.win_ping", "other=1")
    assert code == 2
    assert "Unsupported parameters for (ansible.windows.win_ping) module: other" in out


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_win_shell_runs_a_script(lab, tmp_path, connection):
    code, out, err = run(lab, tmp_path, connection, "ansible.windows.win_shell", "'a'; exit 0")
    assert code == 0, out + err
    assert "a" in out


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize(("module", "arguments"), MODULES)
def test_modules_for_vmm_read(lab, tmp_path, connection, module, arguments):
    if not collections():
        pytest.skip("HVSIM_COLLECTIONS names no collections with microsoft.scvmm")
    code, out, err = run(lab, tmp_path, connection, f"microsoft.scvmm.{module}", arguments)
    assert code == 0, out + err
    assert '"changed": false' in out


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_a_module_for_vmm_changes_a_machine_once(lab, tmp_path, connection):
    if not collections():
        pytest.skip("HVSIM_COLLECTIONS names no collections with microsoft.scvmm")
    module = "microsoft.scvmm.scvmm_vm_state"
    for state, changed in (("stopped", "true"), ("stopped", "false"), ("started", "true")):
        asked = f"name=web state={state}"
        code, out, err = run(lab, tmp_path, connection, module, asked)
        assert code == 0, out + err
        assert f'"changed": {changed}' in out
    code, out, _ = run(lab, tmp_path, connection, module, "name=none state=started")
    assert code == 2
    assert "not found" in out
