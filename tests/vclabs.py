"""Small vCenter labs for tests, built from a scenario, and the ways tests drive them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim import scenario
from hvsim.vcenter.methods import Caller
from hvsim.vcenter.values import Data, Ref, data

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

PROFILES = ("vsphere-4", "vsphere-8")
ADMIN = Caller("administrator@vsphere.local")
GIB = 2**30


def guests() -> list[dict[str, Any]]:
    """Two that run, with Tools; one without Tools; one that is off."""
    return [
        {
            "name": "web",
            "power_state": "poweredOn",
            "host": "esx1",
            "address": "192.0.2.10",
            "hostname": "web.example",
        },
        {"name": "db", "power_state": "poweredOn", "host": "esx2", "hostname": "db.example"},
        {"name": "bare", "power_state": "poweredOn", "host": "esx1", "tools": False},
        {"name": "spare", "host": "esx3", "hostname": "spare.example", "address": "192.0.2.13"},
    ]


def lab(profile: str = "vsphere-8", *, seed: int = 1, **changes: Any) -> VCenter:
    """Return a vCenter ``vc1`` with cluster ``c1`` (esx1 to esx3) and esx9 of no cluster."""
    cluster = {
        "name": "c1",
        "hosts": [{"name": f"esx{n}", "memory": 32 * GIB, "cpus": 8} for n in (1, 2, 3)],
    }
    table = {
        "name": "vc1",
        "profile": profile,
        "clusters": [cluster | changes.pop("cluster", {})],
        "hosts": [{"name": "esx9", "memory": 32 * GIB, "cpus": 8}],
        "guests": guests(),
    } | changes
    world = scenario.build(scenario.from_data({"vcenter": [table]}), seed)
    found: VCenter = world.product("vc1")
    return found


def named(vcenter: VCenter, kind: str, name: str) -> Ref:
    """Return the object of a type that has a name."""
    found = [known.ref for known in vcenter.store.of_type(kind) if known["name"] == name]
    assert len(found) == 1, f"{len(found)} {kind} are called {name!r}"
    return found[0]


def vm(vcenter: VCenter, name: str) -> Ref:
    return named(vcenter, "VirtualMachine", name)


def host(vcenter: VCenter, name: str) -> Ref:
    return named(vcenter, "HostSystem", name)


def call(vcenter: VCenter, this: Ref, method: str, **args: Any) -> Any:
    """Call a method as the administrator."""
    return vcenter.call(ADMIN, this, method, args)


def run(vcenter: VCenter, this: Ref, method: str, **args: Any) -> Data:
    """Call a method that gives a task, let it end, and return its ``TaskInfo``."""
    task = call(vcenter, this, method, **args)
    return ended(vcenter, task)


def ended(vcenter: VCenter, task: Ref) -> Data:
    """Let time pass until a task has ended; return its ``TaskInfo``."""
    for _ in range(200):
        if info(vcenter, task)["state"] in ("success", "error"):
            break
        assert vcenter.world.advance_to_next(), "nothing is due any more"
    found = info(vcenter, task)
    assert found["state"] in ("success", "error"), found
    return found


def info(vcenter: VCenter, task: Ref) -> Data:
    found: Data = vcenter.store.value(task, "info")
    return found


def done(vcenter: VCenter, this: Ref, method: str, **args: Any) -> Any:
    """As :func:`run`, for what must succeed; return its result."""
    found = run(vcenter, this, method, **args)
    assert found["state"] == "success", found["error"]
    return found["result"]


def failed(vcenter: VCenter, this: Ref, method: str, **args: Any) -> str:
    """As :func:`run`, for what must fail; return the type of its fault."""
    found = run(vcenter, this, method, **args)
    assert found["state"] == "error"
    name: str = found["error"]["fault"].type
    return name


def kinds(vcenter: VCenter, after: int = 0) -> list[str]:
    """Return the types of the events since a key; of an ``EventEx`` what it calls itself."""
    return [e["eventTypeId"] or e.type for e in vcenter.events if e["key"] > after]


def latest(vcenter: VCenter) -> int:
    """Return the key of the latest event."""
    return vcenter.events[-1]["key"] if vcenter.events else 0


def spec(kind: str, **fields: Any) -> Data:
    return data(kind, **fields)
