"""Small VMM labs for tests, built from a scenario, and the ways tests drive them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim import scenario
from hvsim.commands import decode
from hvsim.scvmm.actions import Caller

if TYPE_CHECKING:
    from hvsim.scvmm.fabric import Guest
    from hvsim.scvmm.server import VmmServer
    from hvsim.scvmm.store import Record

PROFILES = ("scvmm-2008r2", "scvmm-2012r2", "scvmm-2019")
ADMIN = Caller("LAB\\Administrator", "test")
GIB = 2**30


def guests() -> list[dict[str, Any]]:
    """Two that run in the cluster, one without protection; one never started; one alone."""
    return [
        {"name": "web", "state": "Running", "host": "hv1", "address": "192.0.2.10"},
        {"name": "db", "state": "Running", "host": "hv2", "highly_available": False},
        {"name": "new", "started": False, "host": "hv3"},
        {"name": "lone", "state": "Running", "host": "hv9"},
    ]


def lab(profile: str = "scvmm-2019", *, seed: int = 1, **changes: Any) -> VmmServer:
    """Return ``vmm1`` with cluster ``c1`` (hv1 to hv3) and hv9 of no cluster."""
    hosts = [{"name": f"hv{n}", "memory": 32 * GIB, "cpus": 16} for n in (1, 2, 3)]
    table = {
        "name": "vmm1",
        "profile": profile,
        "clusters": [{"name": "c1", "hosts": hosts} | changes.pop("cluster", {})],
        "hosts": [{"name": "hv9", "memory": 32 * GIB, "cpus": 16}],
        "templates": [{"name": "w2019"}],
        "isos": [{"name": "debian"}],
        "clouds": ["blue"],
        "guests": guests(),
    } | changes
    world = scenario.build(scenario.from_data({"scvmm": [table]}), seed)
    found: VmmServer = world.product("vmm1")
    return found


def vm(vmm: VmmServer, name: str) -> Record:
    """Return VMM's record of a machine."""
    return named(vmm, "VM", name)


def host(vmm: VmmServer, name: str) -> Record:
    """Return VMM's record of a host."""
    return named(vmm, "VMHost", f"{name}.lab.example")


def named(vmm: VmmServer, kind: str, name: str) -> Record:
    """Return the record of a kind with a name."""
    found = vmm.store.named(kind, name)
    assert found is not None, f"no {kind} is called {name!r}"
    return found


def guest(vmm: VmmServer, name: str) -> Guest:
    """Return the true guest of a name."""
    return next(one for one in vmm.fabric.guests.values() if one.name == name)


def start(vmm: VmmServer, name: str, **args: Any) -> Record:
    """Begin an action; return its job."""
    given = {key: value.id if hasattr(value, "id") else value for key, value in args.items()}
    job = vmm.call(ADMIN, name, given)
    return vmm.store.get("Job", job["Job"] if isinstance(job, dict) else job)


def run(vmm: VmmServer, name: str, **args: Any) -> Record:
    """Carry an action out to its end; return its job."""
    job = start(vmm, name, **args)
    while job["Status"] == "Running":
        assert vmm.world.advance_to_next(), "nothing is left to happen"
    return job


def done(vmm: VmmServer, name: str, **args: Any) -> Record:
    """As :func:`run`, for what succeeds."""
    job = run(vmm, name, **args)
    assert job["Status"] == "Completed", job["ErrorInfo"]
    return job


def failed(vmm: VmmServer, name: str, **args: Any) -> int:
    """As :func:`run`, for what fails; return the error's number."""
    job = run(vmm, name, **args)
    assert job["Status"] == "Failed"
    return int(job["ErrorInfo"]["Code"])


def do(vmm: VmmServer, kind: str, /, **fields: Any) -> Any:
    """Give the lab a command."""
    return vmm.world.execute(decode({"kind": kind, **fields}))


def view(vmm: VmmServer, name: str) -> tuple[str, str, str]:
    """Return what VMM shows of a machine: both its states, and its host's short name."""
    found = vm(vmm, name)
    where = vmm.store.get("VMHost", found["VMHostID"])
    return found["Status"], found["VirtualMachineState"], where["ComputerName"]
