"""What a scenario says about a XenServer pool: hosts, storage, networks, guests, accounts.

Sizes are bytes. Names refer to each other within one pool.
"""

from __future__ import annotations

from typing import Literal

import msgspec

GIB = 2**30


class HostSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A host; ``address`` is its management address, unique in the lab."""

    name: str
    address: str
    cpus: int = 8
    memory: int = 64 * GIB


class StorageSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A storage repository; one that is not shared lives on ``host``.

    ``images`` are the file names of CDs in a library, whose ``type`` is ``iso``.
    """

    name: str
    shared: bool = True
    type: str = "nfs"
    size: int = 2048 * GIB
    host: str | None = None
    images: list[str] = msgspec.field(default_factory=list)


class NetworkSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A network that every host of the pool is attached to; one on ``hosts`` only otherwise."""

    name: str
    bridge: str
    vlan: int = -1
    hosts: list[str] | None = None


class GuestSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A guest.

    ``host`` is where it runs (unused when halted), ``home`` its home server (affinity).
    ``tools`` says whether PV drivers are installed. ``restart_priority`` is "restart",
    "best-effort" or "" whatever the release calls it.
    """

    name: str
    power_state: Literal["Halted", "Running", "Paused", "Suspended"] = "Halted"
    host: str | None = None
    home: str | None = None
    memory: int = 1 * GIB
    vcpus: int = 1
    hvm: bool = True
    tools: bool = True
    hostname: str = ""
    os_name: str = "Debian GNU/Linux 12"
    address: str = ""
    storage: str | None = None
    disk: int = 8 * GIB
    network: str | None = None
    restart_priority: Literal["restart", "best-effort", ""] = ""
    order: int = 0
    migration: Literal["live", "frozen", "visible-suspend"] | None = None
    uuid: str = ""


class AccountSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may log in; ``role`` is an RBAC role (``pool-admin`` ... ``read-only``)."""

    user: str
    password: str
    role: str = "pool-admin"


class PoolSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A pool; its first host is the master. ``migration`` None takes the profile's mode."""

    name: str
    profile: Literal["xenserver-5.5", "xenserver-8"] = "xenserver-8"
    hosts: list[HostSpec] = msgspec.field(default_factory=list)
    storages: list[StorageSpec] = msgspec.field(default_factory=list)
    networks: list[NetworkSpec] = msgspec.field(default_factory=list)
    guests: list[GuestSpec] = msgspec.field(default_factory=list)
    accounts: list[AccountSpec] = msgspec.field(default_factory=list)
    migration: Literal["live", "frozen", "visible-suspend"] | None = None
    ha: bool = False
    bandwidth: int = 125_000_000
    """Bytes a second that a migration copies."""
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)
    """Switches behaviours that the profile chooses otherwise."""
