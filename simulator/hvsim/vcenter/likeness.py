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
_MEMORY: Final = 32 * 2**20
_DISK: Final = 10 * _GIB
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
        vm: machines of each pool and each standalone host.
        autostart: whether the machines run.
    """

    dc: Count = 1
    cluster: int = 1
    host: int = 3
    standalone_host: int = 1
    ds: int = 1
    pg: int = 1
    pool: int = 0
    vm: int = 2
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
        "clusters": [made for center in centers for made in _clusters(model, center)],
        "hosts": [made for center in centers for made in _hosts(model, center)],
        "datastores": [made for center in centers for made in _datastores(model, center)],
        "networks": [made for center in centers for made in _networks(model, center)],
        "guests": [made for center in centers for made in _guests(model, center)],
        "local_datastores": False,
        "anyone": not accounts,
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
    described = ("datacenters", "clusters", "hosts", "datastores", "networks", "guests")
    kept = {key: value for key, value in table.items() if key not in described}
    return data | {"vcenter": [kept | {"objects": objects}]}


def _accounts(passwords: dict[str, str]) -> list[dict[str, str]]:
    return [{"user": user, "password": secret} for user, secret in passwords.items()]


def _clusters(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.cluster):
        name = f"{center}_C{number}"
        yield {
            "name": name,
            "datacenter": center,
            "hosts": [{"name": f"{name}_H{host}"} for host in range(model.host)],
            "pools": [f"{name}_RP{pool}" for pool in range(1, model.pool + 1)],
        }


def _hosts(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.standalone_host):
        yield {"name": f"{center}_H{number}", "datacenter": center}


def _datastores(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.ds):
        yield {"name": f"LocalDS_{number}", "datacenter": center}


def _networks(model: Model, center: str) -> Iterator[dict[str, Any]]:
    yield {"name": "VM Network", "datacenter": center}
    for number in range(model.pg):
        yield {"name": f"{center}_DVPG{number}", "switch": "DVS0", "datacenter": center}


def _guests(model: Model, center: str) -> Iterator[dict[str, Any]]:
    for number in range(model.standalone_host):
        host = f"{center}_H{number}"
        for order in range(model.vm):
            yield _guest(model, center, f"{host}_VM{order}", host)
    for number in range(model.cluster):
        cluster = f"{center}_C{number}"
        pools = [f"{cluster}_RP{pool}" for pool in range(1, model.pool + 1)]
        for pool in pools or [f"{cluster}_RP0"]:
            for order in range(model.vm if model.host else 0):
                host = f"{cluster}_H{order % model.host}"
                made = _guest(model, center, f"{pool}_VM{order}", host)
                yield made | ({"pool": pool} if pools else {})


def _guest(model: Model, center: str, name: str, host: str) -> dict[str, Any]:
    return {
        "name": name,
        "host": host,
        "power_state": "poweredOn" if model.autostart else "poweredOff",
        "memory": _MEMORY,
        "disk": _DISK,
        "guest_id": "otherGuest",
        "os_name": "Other (32-bit)",
        "datastore": "LocalDS_0",
        "network": f"{center}_DVPG0" if model.pg else "VM Network",
    }
