"""Storage repositories: made, introduced, scanned and removed.

Sources: xapi's ``xapi_sr`` and its message forwarding; the storage managers' own checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from hvsim.operations import Stage
from hvsim.xenserver import marks
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import message
from hvsim.xenserver.storage import backend, pbd, sr_rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

FORMAT_SECONDS: Final = 5.0
"""How long a storage manager takes to lay a new repository out."""
SCAN_SECONDS: Final = 2.0
WIPE_SECONDS: Final = 5.0
_KEY: Final = {"nfs": "serverpath", "iso": "location", "ext": "device", "lvm": "device"}
"""The device configuration key that names the place itself."""


@message("SR.create")
def create(  # noqa: PLR0917 - the message has them
    call: Call,
    host: str,
    device_config: dict[str, str],
    physical_size: int,
    name_label: str,
    name_description: str,
    type: str,  # noqa: A002 - the parameter's own name
    content_type: str,
    shared: bool,
    sm_config: dict[str, str] | None = None,
) -> Operation:
    """Lay a repository out, connect its hosts to it and give its reference.

    A shared one is made by the master and connected to every host; another by ``host`` alone.

    Raises:
        XenError: ``SR_UNKNOWN_DRIVER``; the storage managers' numbered errors for missing
            configuration, unknown places and places in use.
    """
    del physical_size  # The storage says itself how large it is.
    call.db.row("host", host)
    maker = call.pool.row["master"] if shared else host
    kind = type.lower()
    size = _prepare(call.pool, maker, kind, device_config)
    hosts = [maker, *(ref for ref in call.db.tables["host"] if ref != maker)] if shared else [host]
    sr = _enter(
        call.pool,
        {
            "name_label": name_label,
            "name_description": name_description,
            "type": type,
            "content_type": content_type,
            "shared": shared,
            "sm_config": sm_config or {},
        },
    )
    pbds = [pbd.add(call.pool, ref, sr, device_config) for ref in hosts]

    def steps() -> Steps:
        yield Stage("format", FORMAT_SECONDS, 0.7)
        call.db.change("SR", sr, physical_size=size, physical_utilisation=0)
        yield Stage("plug", pbd.ATTACH_SECONDS, 1.0)
        _plug_all(call.pool, pbds)
        return sr

    return marks.run(call, ("SR", sr), [], steps(), lambda: _forget(call.pool, sr))


@message("SR.introduce")
def introduce(  # noqa: PLR0917 - the message has them
    call: Call,
    uuid: str,
    name_label: str,
    name_description: str,
    type: str,  # noqa: A002 - the parameter's own name
    content_type: str,
    shared: bool,
    sm_config: dict[str, str] | None = None,
) -> str:
    """Enter a repository that exists already; return its reference (``SR_UUID_EXISTS``)."""
    if uuid and any(row["uuid"] == uuid for row in call.db.tables["SR"].values()):
        raise XenError("SR_UUID_EXISTS", uuid)
    return _enter(
        call.pool,
        {
            "uuid": uuid,
            "name_label": name_label,
            "name_description": name_description,
            "type": type,
            "content_type": content_type,
            "shared": shared,
            "sm_config": sm_config or {},
        },
    )


@message("SR.make")
def make(call: Call, *args: Any) -> None:
    """Refuse: the message is older than every release here and does nothing."""
    del call, args
    raise XenError("MESSAGE_DEPRECATED")


@message("SR.destroy")
def destroy(call: Call, sr: str) -> Operation:
    """Remove a repository and its content from the storage, then from the database.

    Raises:
        XenError: ``SR_HAS_PBD`` while attached, ``SR_HAS_NO_PBDS`` when nobody can reach it,
            ``SR_NOT_EMPTY``, ``SR_INDESTRUCTIBLE``, ``SR_IS_CACHE_SR``.
    """
    sr_rules.check(call.pool, sr, "destroy")
    if call.db.row("SR", sr)["other_config"].get("indestructible") == "true":
        raise XenError("SR_INDESTRUCTIBLE", sr)
    for host, row in call.db.tables["host"].items():
        if row.get("local_cache_sr") == sr:
            raise XenError("SR_IS_CACHE_SR", host)
    backend.carrier(call.pool, sr, attached=False)

    def steps() -> Steps:
        yield Stage("wipe", WIPE_SECONDS)
        _forget(call.pool, sr)

    return marks.run(call, ("SR", sr), [("SR", sr, "destroy")], steps())


@message("SR.forget")
def forget(call: Call, sr: str) -> None:
    """Take a repository that no host has attached out of the database, content untouched."""
    sr_rules.check(call.pool, sr, "forget")
    _forget(call.pool, sr)


@message("SR.scan")
def scan(call: Call, sr: str) -> Operation:
    """Compare a repository with the database."""
    sr_rules.check(call.pool, sr, "scan")
    backend.carrier(call.pool, sr)

    def steps() -> Steps:
        yield Stage("scan", SCAN_SECONDS)
        settle(call.pool, sr)

    return marks.run(call, ("SR", sr), [("SR", sr, "scan")], steps())


@message("SR.update")
def update(call: Call, sr: str) -> None:
    """Ask the storage how large and how full it is."""
    backend.carrier(call.pool, sr)
    settle(call.pool, sr)


def settle(pool: Pool, sr: str) -> None:
    """Set what a repository has given out to the sum of its disks."""
    disks = [pool.db.row("VDI", ref) for ref in pool.db.row("SR", sr)["VDIs"]]
    pool.db.change(
        "SR",
        sr,
        virtual_allocation=sum(disk["virtual_size"] for disk in disks),
        physical_utilisation=sum(disk["physical_utilisation"] for disk in disks),
    )


@message("SR.get_supported_types")
def get_supported_types(call: Call) -> list[str]:
    """Return the types of repository that the pool has storage managers for."""
    del call
    return sorted(backend.DRIVERS)


@message("SR.probe")
def probe(
    call: Call,
    host: str,
    device_config: dict[str, str],
    type: str,  # noqa: A002 - the parameter's own name
    sm_config: dict[str, str] | None = None,
) -> str:
    """Return, as XML, the repositories that a host finds where ``device_config`` points."""
    del sm_config
    call.db.row("host", host)
    kind = type.lower()
    if "SR_PROBE" not in backend.driver(kind).features:
        raise XenError("SR_OPERATION_NOT_SUPPORTED")
    backend.require_config(kind, device_config)
    found = Element("SRlist")
    for ref, row in call.db.tables["SR"].items():
        if row["type"] == kind and _lies_at(call.pool, ref, host, kind, device_config):
            SubElement(SubElement(found, "SR"), "UUID").text = row["uuid"]
    return '<?xml version="1.0" ?>\n' + tostring(found, encoding="unicode")


@message("SR.set_name_label")
def set_name_label(call: Call, sr: str, value: str) -> None:
    """Name a repository (``SR_HAS_NO_PBDS`` unless a host can note it there)."""
    backend.carrier(call.pool, sr)
    call.db.change("SR", sr, name_label=value)


@message("SR.set_name_description")
def set_name_description(call: Call, sr: str, value: str) -> None:
    """Describe a repository (``SR_HAS_NO_PBDS`` unless a host can note it there)."""
    backend.carrier(call.pool, sr)
    call.db.change("SR", sr, name_description=value)


@message("SR.set_shared")
def set_shared(call: Call, sr: str, value: bool) -> None:
    """Say whether several hosts may have a repository (``SR_HAS_MULTIPLE_PBDS``)."""
    connections = call.db.row("SR", sr)["PBDs"]
    if not value and len(connections) > 1:
        raise XenError("SR_HAS_MULTIPLE_PBDS", *connections)
    call.db.change("SR", sr, shared=value)


@message("SR.set_physical_size")
def set_physical_size(call: Call, sr: str, value: int) -> None:
    """Refuse: only a storage manager's own session may set it."""
    del value
    call.db.row("SR", sr)
    raise XenError("PERMISSION_DENIED", "")


@message("SR.assert_can_host_ha_statefile")
def assert_can_host_ha_statefile(call: Call, sr: str) -> None:
    """Raise why a repository cannot hold the statefile of high availability.

    Raises:
        XenError: ``HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED`` unless shared and attached to every
            host; ``SR_OPERATION_NOT_SUPPORTED`` for a type that cannot describe its disks.
    """
    row = call.db.row("SR", sr)
    attached = {connection["host"] for connection in backend.pbds(call.db, sr)}
    if not row["shared"] or attached != set(call.db.tables["host"]):
        raise XenError("HA_CONSTRAINT_VIOLATION_SR_NOT_SHARED", sr)
    if not backend.supports(call.pool, row, "VDI_GENERATE_CONFIG"):
        raise XenError("SR_OPERATION_NOT_SUPPORTED", sr)


def _prepare(pool: Pool, host: str, kind: str, config: dict[str, str]) -> int:
    backend.driver(kind)
    backend.require_config(kind, config)
    storage = backend.locate(pool, host, kind, config)
    if storage is None:
        return _prepare_local(pool, host, kind, config)
    if not storage.reached_by(pool.members[host].server.name):
        raise backend.unreachable(kind)
    return storage.size


def _prepare_local(pool: Pool, host: str, kind: str, config: dict[str, str]) -> int:
    if "device" not in config:
        return 0
    for row in pool.db.tables["PBD"].values():
        if row["host"] == host and row["device_config"].get("device") == config["device"]:
            raise backend.failure(42 if kind == "ext" else 56)
    return backend.local_size(pool.members[host].server, config["device"])


def _lies_at(pool: Pool, sr: str, host: str, kind: str, config: dict[str, str]) -> bool:
    key = _KEY.get(kind, "target")
    connections = backend.pbds(pool.db, sr, attached=False)
    return any(
        row["device_config"].get(key) == config.get(key)
        and (pool.db.row("SR", sr)["shared"] or row["host"] == host)
        for row in connections
    )


def _enter(pool: Pool, fields: dict[str, Any]) -> str:
    unknown = {"physical_size": -1, "physical_utilisation": -1}
    sr = pool.db.add("SR", {**fields, "type": fields["type"].lower(), **unknown})
    marks.refresh(pool, "SR", sr)
    return sr


def _plug_all(pool: Pool, pbds: list[str]) -> None:
    for ref in pbds:
        # A host that finds no path stays unplugged; the others have their repository.
        try:
            pbd.require_storage(pool, ref)
        except XenError:
            continue
        pbd.attach(pool, ref)


def _forget(pool: Pool, sr: str) -> None:
    row = pool.db.row("SR", sr)
    remove: Callable[[str, str], None] = pool.db.remove
    for ref in row["PBDs"]:
        remove("PBD", ref)
    for ref in row["VDIs"]:
        remove("VDI", ref)
    remove("SR", sr)
