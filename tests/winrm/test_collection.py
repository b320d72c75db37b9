"""Every module of microsoft.scvmm that reads, and some that change, run unmodified.

Without Ansible itself, which takes a second for each: the shim is given the modules' own files.
``HVSIM_COLLECTIONS`` names a directory of collections with microsoft.scvmm in it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import scvmmlabs
from hvsim_fakes.scvmm.doors import endpoint_of
from hvsim_fakes.winrm.ansible import shim
from hvsim_fakes.winrm.ansible.basic import ARGUMENTS, net
from hvsim_fakes.winrm.engine import Invocation
from hvsim_fakes.wirelog import WireLog

PLACE = Path(os.environ.get("HVSIM_COLLECTIONS", "/nowhere")) / (
    "ansible_collections/microsoft/scvmm/plugins"
)
OF_A_MACHINE = {"vm_name": "web"}
NEEDED = {
    "scvmm_cloud_capacity_info": {"cloud": "blue"},
    "scvmm_host_rating_info": OF_A_MACHINE,
    "scvmm_network_adapter_info": OF_A_MACHINE,
    "scvmm_vm_checkpoint_info": OF_A_MACHINE,
    "scvmm_vm_disk_info": OF_A_MACHINE,
    "scvmm_vm_dvd_drive_info": OF_A_MACHINE,
    "scvmm_vm_scsi_adapter_info": OF_A_MACHINE,
}
WRITES = (
    ("scvmm_vm_state", {"name": "new", "state": "started"}),
    ("scvmm_vm_migrate", {"name": "db", "destination_host": "hv1.lab.example"}),
    ("scvmm_vm_checkpoint", {"vm_name": "web", "name": "before", "state": "present"}),
    ("scvmm_vm", {"name": "lone", "state": "absent"}),
)
pytestmark = pytest.mark.skipif(
    not PLACE.exists(), reason="HVSIM_COLLECTIONS names no microsoft.scvmm"
)


class Windows:
    """A VMM server's PowerShell; jobs are waited for by stepping the lab's clock."""

    def __init__(self) -> None:
        self.vmm = scvmmlabs.lab()
        self.engine = endpoint_of(self.vmm, WireLog()).machine.engine.engine

    def pause(self, wanted) -> None:
        for _ in range(500):
            if wanted.ready():
                return
            assert self.vmm.world.advance_to_next()
        raise AssertionError("never")

    def run(self, name: str, arguments: dict) -> dict:
        session = self.engine.open("LAB\\Administrator")
        session.set_variable("ErrorActionPreference", "Stop")
        session.set_variable(ARGUMENTS, net({"_ansible_module_name": name, **arguments}))
        call = Invocation((), pause=self.pause)
        utilities = (PLACE / "module_utils" / "scvmm.psm1").read_text(encoding="utf-8")
        for text in (shim._PRELUDE, shim._module_of("scvmm", utilities)):
            assert shim._ran(session, call, text).terminated is None
        told: list[str] = []
        module = (PLACE / "modules" / f"{name}.ps1").read_text(encoding="utf-8")
        shim._module_ended(session, shim._ran(session, call, module), told.append)
        return json.loads(told[0])


def test_modules_that_read():
    windows = Windows()
    ended = {
        path.stem: windows.run(path.stem, NEEDED.get(path.stem, {}))
        for path in sorted((PLACE / "modules").glob("*_info.ps1"))
    }
    failed = {name: told["msg"] for name, told in ended.items() if told.get("failed")}
    # What is left needs cmdlets of VMM that are not there, and says so.
    assert len(ended) - len(failed) >= 25
    assert all(
        "is not recognized" in told or "missing required" in told for told in failed.values()
    )


@pytest.mark.parametrize(("name", "arguments"), WRITES)
def test_modules_that_change(name, arguments):
    told = Windows().run(name, arguments)
    assert not told.get("failed"), told
    assert told["changed"] is True
