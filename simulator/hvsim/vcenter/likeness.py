"""The inventory that govmomi's vcsim begins with, as a scenario of hvsim.

Names, counts and what is mounted where are vcsim's, so that what was written against it finds what
it looks for: ``DC0``, ``DC0_C0``, ``DC0_C0_H0``, ``DC0_H0``, ``DC0_C0_RP0_VM0``, ``LocalDS_0``,
``DC0_DVPG0``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from hvsim.vcenter.spec import Count

if TYPE_CHECKING:
    from collections.abc import Iterator

USER: Final = "user"
PASSWORD: Final = "pass"  # noqa: S105 - what vcsim prints in its own URL
NAME: Final = "localhost.localdomain"
HOST: Final = "ha-host"
_GIB: Final = 2**30
_HOST: Final = {
    "hostname": NAME,
    "own_address": "127.0.0.1",
    "memory": 4_294_430_720,
    "own_memory": 1404 * 2**20,
}
"""What every host of vcsim's has."""
_MEMORY: Final = 32 * 2**20
_DISK: Final = 10 * _GIB
_DESCRIBED: Final = frozenset(
    {
        "datacenters",
        "clusters",
        "hosts",
        "datastores",
        "networks",
        "guests",
        "folders",
        "pods",
        "history",
    }
)
"""What a table says of an inventory."""
_EXTENSION: Final = {
    "key": "com.vmware.govmomi.simulator",
    "tasks": ["com.vmware.govmomi.simulator.test"],
}
_MAKER: Final = "vcsim"
_SWITCH: Final = "6.5.0"
_AT_ONCE: Final = {"name": "at once", "operation": "*", "seconds": 0}


class Model(msgspec.Struct, kw_only=True, frozen=True):
    """How much of everything, as vcsim's flags count it.

    Attributes:
        dc: datacenters; the rest is for each of them.
        cluster: clusters, each with ``host`` hosts.
        standalone_host: hosts of no cluster.
        ds: datastores, mounted on every host of the datacenter.
        pg: port groups of the datacenter's distributed switch.
        pool: resource pools of each cluster beside its own.
        app: vApps of each cluster.
        pod: datastore clusters of the datacenter.
        pg_nsx: port groups that stand for logical switches of NSX.
        nsx: opaque networks of NSX, with a port group each.
        folder: the last so many datacenters lie in a folder each, and what they have in folders
            of its name.
        api_version: what the vCenter calls the version of its API.
        vm: machines of each pool, vApp and standalone host.
        autostart: whether the machines run.
    """

    dc: Count = 1
    cluster: int = 1
    host: int = 3
    standalone_host: int = 1
    ds: int = 1
    pg: int = 1
    pool: int = 0
    app: int = 0
    pod: int = 0
    pg_nsx: int = 0
    nsx: int = 0
    folder: int = 0
    vm: int = 2
    api_version: str = ""
    autostart: bool = True


def scenario(
    model: Model, address: str, accounts: dict[str, str] | None = None, *, at_once: bool = True
) -> dict[str, Any]:
    """Return the data of a scenario with one vCenter, ``vcsim``.

    Args:
        address: where the vCenter answers.
        accounts: passwords by user; anybody may log in when there is none.
        at_once: whether nothing takes time, as in vcsim; with what a real vCenter takes otherwise.
    """
    centers = [f"DC{number}" for number in range(model.dc)]
    table = {
        "name": "vcsim",
        "address": address,
        "datacenters": centers,
        "folders": _folders(model, centers),
        "pods": [
            {"name": f"{center}_POD{number}", "datacenter": center}
            for center in centers
            for number in range(model.pod)
        ],
        "api_version": model.api_version,
        "switch_version": _SWITCH,
        "extensions": [_EXTENSION],
        "clusters": [made for center in centers for made in _clusters(model, center)],
        "hosts": [made for center in centers for made in _hosts(model, center)],
        "datastores": [made for center in centers for made in _datastores(model, center)],
        "networks": [made for center in centers for made in _networks(model, center)],
        "guests": [made for center in centers for made in _guests(model, center)],
        "local_datastores": False,
        "anyone": not accounts,
        "any_host": True,
        "history": _MAKER,
        "accounts": _accounts(accounts or {}),
        "behaviours": {"maintenance-waits-for-guests": False},
    }
    rules = {"stage": [_AT_ONCE]} if at_once else {}
    return {"name": "vcsim", "vcenter": [table], "clock": {"mode": "real"}} | rules


def host(
    model: Model, address: str, accounts: dict[str, str] | None = None, *, at_once: bool = True
) -> dict[str, Any]:
    """Return the data of a scenario with one host that no vCenter manages; see above."""
    guests = [
        _guest(model, "", f"{HOST}_VM{number}", NAME) | {"network": "VM Network"}
        for number in range(model.vm)
    ]
    table = {
        "name": NAME,
        "address": address,
        "datastores": [{"name": f"LocalDS_{number}"} for number in range(model.ds)],
        "networks": [{"name": "VM Network"}],
        "guests": guests,
        "anyone": not accounts,
        "history": _MAKER,
        "accounts": _accounts(accounts or {}),
        "behaviours": {"maintenance-waits-for-guests": False},
    }
    rules = {"stage": [_AT_ONCE]} if at_once else {}
    return {"name": "vcsim", "esx": [table], "clock": {"mode": "real"}} | rules


def loaded(
    objects: str, address: str, accounts: dict[str, str] | None = None, *, at_once: bool = True
) -> dict[str, Any]:
    """Return the data of a scenario with a saved inventory in the place of vcsim's own.

    Args:
        objects: what :func:`hvsim.vcenter.savedobject.read` returned; the rest as above.
    """
    data = scenario(Model(), address, accounts, at_once=at_once)
    (table,) = data["vcenter"]
    kept = {key: value for key, value in table.items() if key not in _DESCRIBED}
    return data | {"vcenter": [kept | {"objects": objects}]}


def _folders(model: Model, centers: list[str]) -> dict[str, str]:
    """Return the folder of each datacenter that lies in one."""
    last = centers[len(centers) - min(model.folder, len(centers)) :]
    return {center: f"F{number}" for number, center in enumerate(last)}


def _accounts(passwords: dict[str, str]) -> list[dict[str, str]]:
    return [{"user": user, "password": secret} for user, secret in passwords.items()]


def _clusters(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.cluster):
        name = f"{center}_C{number}"
        yield {
            "name": name,
            "datacenter": center,
            "hosts": [{"name": f"{name}_H{host}"} | _HOST for host in range(model.host)],
            "pools": [f"{name}_RP{pool}" for pool in range(1, model.pool + 1)],
            "apps": [f"{name}_APP{app}" for app in range(model.app)],
        }


def _hosts(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.standalone_host):
        yield {"name": f"{center}_H{number}", "datacenter": center} | _HOST


def _datastores(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.ds):
        yield {"name": f"LocalDS_{number}", "datacenter": center}


def _networks(model: Model, center: str) -> Iterator[dict[str, Any]]:
    yield {"name": "VM Network", "datacenter": center}
    for number in range(model.pg):
        yield {"name": f"{center}_DVPG{number}", "switch": "DVS0", "datacenter": center}
    for number in range(model.pg_nsx + model.nsx):
        name = f"{center}_NSXPG{number}"
        yield {"name": name, "switch": "DVS0", "datacenter": center, "nsx": True}
    for number in range(model.nsx):
        yield {"name": f"{center}_NSX{number}", "datacenter": center, "nsx": True}


def _guests(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.standalone_host):
        host = f"{center}_H{number}"
        for order in range(model.vm):
            yield _guest(model, center, f"{host}_VM{order}", host)
    for number in range(model.cluster):
        cluster = f"{center}_C{number}"
        pools = [f"{cluster}_RP{pool}" for pool in range(1, model.pool + 1)]
        apps = [f"{cluster}_APP{app}" for app in range(model.app)]
        for pool in [*(pools or [f"{cluster}_RP0"]), *apps]:
            for order in range(model.vm if model.host else 0):
                host = f"{cluster}_H{order % model.host}"
                made = _guest(model, center, f"{pool}_VM{order}", host)
                # Tools are what clients shut machines down with: only those of vApps lack them.
                made |= {"tools": pool not in apps}
                yield made | ({"pool": pool} if pools or pool in apps else {})


def _guest(model: Model, center: str, name: str, host: str) -> dict[str, Any]:
    return {
        "name": name,
        "host": host,
        "power_state": "poweredOn" if model.autostart else "poweredOff",
        "memory": _MEMORY,
        "disk": _DISK,
        "hot_add": True,
        "guest_id": "otherGuest",
        "os_name": "Other (32-bit)",
        "datastore": "LocalDS_0",
        "network": f"{center}_DVPG0" if model.pg else "VM Network",
    }
