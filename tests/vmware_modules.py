"""What tests of Ansible's VMware modules share: a vCenter's lab, and a runner of modules in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from clients_support import need
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterable

GIB = 2**30
USER, PASSWORD = "administrator@vsphere.local", "hvsim"
OPERATOR = "operator@vsphere.local"
FOLDER = Path(__file__).parent / "clients" / "ansible"


def scenario() -> dict[str, Any]:
    """A vCenter ``vc1``: cluster c1 of three hosts, one host of no cluster, one that is unknown."""
    size = {"memory": 32 * GIB, "cpus": 8}
    guests = [
        {"name": "web", "host": "esx1", "power_state": "poweredOn", "address": "192.0.2.10"},
        {"name": "db", "host": "esx2", "power_state": "poweredOn", "address": "192.0.2.11"},
        {"name": "bare", "host": "esx1", "power_state": "poweredOn", "tools": False},
        {"name": "idle", "host": "esx3", "address": "192.0.2.13"},
        {"name": "golden", "host": "esx1", "template": True, "disk": 10 * GIB},
    ]
    table = {
        "name": "vc1",
        "datacenters": ["dc1"],
        "clusters": [{"name": "c1", "hosts": [{"name": f"esx{n}"} | size for n in (1, 2, 3)]}],
        "hosts": [{"name": "esx9"} | size],
        "guests": [{"hostname": f"{guest['name']}.example"} | guest for guest in guests],
        "datastores": [{"name": "ds1"}, {"name": "ds2"}],
        "networks": [{"name": "VM Network"}, {"name": "DPG 1", "switch": "dvs1", "vlan": 7}],
        "accounts": [
            {"user": USER, "password": PASSWORD, "role": "Admin"},
            {"user": OPERATOR, "password": PASSWORD, "role": "NoAccess"},
        ],
    }
    unknown = {"name": "esx7", "address": "127.0.0.77"} | size
    return {"name": "ansible", "server": [unknown], "vcenter": [table]}


def lab(*, quick: bool = False) -> Lab:
    """Return a lab of :func:`scenario`, not yet started; a minute passes in it each second.

    Where it is ``quick``, what takes time there takes none: a module that finds a task under way
    sleeps for seconds.
    """
    stages = [{"name": "quick", "operation": "*", "seconds": 0}] if quick else []
    # The modules poll: a clock that only skips while clients wait would run at their own pace.
    clock = Clock(ClockMode.SCALED, scale=60.0)
    return Lab.from_scenario(scenario() | {"stage": stages}, clock=clock)


def access(lab: Lab) -> dict[str, Any]:
    """Return what every module is told: where the vCenter is, and who asks."""
    found = next(url for _, urls in lab.doors() for url in urls if url.startswith("https"))
    place = urlsplit(found)
    return {
        "hostname": place.hostname,
        "port": place.port,
        "username": USER,
        "password": PASSWORD,
        "validate_certs": False,
    }


@cache
def tool(name: str) -> str | None:
    """Return a program of Ansible's environment: beside ``HVSIM_ANSIBLE``, or on the path."""
    runner = os.environ.get("HVSIM_ANSIBLE") or shutil.which("ansible-playbook")
    found = Path(runner).resolve().with_name(name) if runner else None
    return str(found) if found is not None and found.exists() else None


@cache
def installed() -> bool:
    """Whether Ansible, the collection, pyVmomi and requests are all there."""
    python = tool("python")
    if python is None:
        return False
    line = "import ansible_collections.community.vmware, pyVmomi, requests"
    done = subprocess.run([python, "-c", line], capture_output=True, check=False)  # noqa: S603 - found above
    return done.returncode == 0


def need_modules() -> str:
    """Skip unless the modules can run; return Ansible's interpreter."""
    need(
        installed(),
        "Ansible with community.vmware, pyVmomi and requests is not installed: "
        "pip install ansible pyvmomi requests",
    )
    python = tool("python")
    assert python is not None
    return python


class Modules:
    """Runs modules of Ansible, each as it is, in a process of its own."""

    def __init__(self, python: str) -> None:
        command = [python, "-W", "ignore", str(FOLDER / "run_modules.py")]
        self._process = subprocess.Popen(  # noqa: S603 - our own script
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __call__(self, lab: Lab, module: str, *, check: bool = False, **args: Any) -> Any:
        """Run one; return what it told. ``check`` runs it in check mode.

        ``module`` is one of ``community.vmware``, or has its collection's name before its own.
        """
        given = access(lab) | args | ({"_ansible_check_mode": True} if check else {})
        known_as = module if "." in module else f"community.vmware.{module}"
        call = {"module": known_as, "args": given}
        stdin = _open(self._process.stdin)
        stdin.write(json.dumps(call) + "\n")
        stdin.flush()
        return json.loads(_open(self._process.stdout).readline())

    def close(self) -> None:
        """End the process that the modules are forked from."""
        _open(self._process.stdin).close()
        self._process.wait(timeout=30)
        _open(self._process.stdout).close()


def _open(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def named(items: Iterable[dict[str, Any]], name: str, key: str = "name") -> dict[str, Any]:
    """Return the one of some items that has a name."""
    return next(item for item in items if item[key] == name)
