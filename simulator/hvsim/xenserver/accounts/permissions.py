"""The permissions that roles are made of, one for each message and plain HTTP request.

Source: xapi's data model (``datamodel.ml``, ``datamodel_roles.ml``) and ``rbac``. Some keys of a
map need another role than the rest of the map; such a key is a permission of its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hvsim.xenserver.release import ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hvsim.xenserver.model import MessageModel, Model

_RANKS: Final = tuple(ROLES)
_CERTIFIED: Final = frozenset({"client-cert"})


def _least(role: str) -> frozenset[str]:
    """Return a role and all above it; who may read includes who shows a certificate."""
    above = frozenset(_RANKS[: _RANKS.index(role) + 1])
    return above | _CERTIFIED if role == "read-only" else above


_HTTP: Final[dict[frozenset[str], tuple[str, ...]]] = {
    _least("pool-admin"): (
        "post_services", "put_services", "post_remote_db_access", "post_remote_db_access_v2",
        "connect_console/host_console", "connect_console_ws/host_console_ws", "get_host_backup",
        "put_host_restore", "get_vncsnapshot/host_console", "get_pool_xml_db_sync",
        "put_pool_xml_db_sync", "get_config_sync", "rrd", "connect_remotecmd",
    ),
    _least("pool-operator"): (
        "get_host_logs_download", "put_pool_patch_upload", "get_system_status", "put_bundle",
    ),
    _least("pool-operator") | _CERTIFIED: (
        "get_enabled_repository", "get_host_updates", "get_updates",
    ),
    _least("vm-power-admin"): (
        "get_services_xenops", "get_services_sm", "post_services_sm", "put_services_sm",
        "put_blob", "put_messages",
    ),
    _least("vm-power-admin") | _CERTIFIED: ("post_services_xenops", "put_services_xenops"),
    _least("vm-admin"): (
        "put_import", "put_import_metadata", "put_import_raw_vdi", "get_export",
        "get_export_metadata", "get_export_raw_vdi",
    ),
    _least("vm-operator"): ("connect_console", "connect_console_ws", "get_vncsnapshot"),
    _least("read-only"): (
        "get_services", "get_root", "post_cli", "vm_rrd", "get_vm_rrds", "host_rrd",
        "get_host_rrds", "sr_rrd", "rrd_updates", "get_blob", "get_wlb_report",
        "get_wlb_diagnostics", "get_audit_log", "post_root", "post_RPC2", "post_json",
        "post_root_options", "post_json_options", "post_jsonrpc", "post_jsonrpc_options",
        "get_pool_update_download",
    ),
}  # fmt: skip
"""Plain HTTP requests by the roles that may send them."""

_EXTRA: Final = {"task.destroy/any": _least("pool-operator")}

_FOLDERS: Final = {"folder": "vm-operator", "XenCenter.CustomFields.*": "vm-operator"}
_KEYS: Final[dict[str, dict[str, str]]] = {
    "VM.other_config": {"hvm_serial": "pool-admin", "pci": "pool-admin", **_FOLDERS},
    "VM.platform": {"hvm_serial": "pool-admin"},
    "task.other_config": dict.fromkeys(
        ("applies_to", "XenCenterUUID", "XenCenterMeddlingActionTitle"), "vm-operator"
    ),
    "network.other_config": {**_FOLDERS, "XenCenterCreateInProgress": "vm-operator"},
    "SR.other_config": _FOLDERS,
    "VDI.other_config": _FOLDERS,
    "host.other_config": _FOLDERS,
    "pool.other_config": {**_FOLDERS, "EMPTY_FOLDERS": "vm-operator"},
}
"""Maps with keys of their own role; a star stands for the rest of a key."""


@lru_cache(maxsize=8)
def of(model: Model) -> Mapping[str, frozenset[str]]:
    """Return every permission of a release, as messages are spelt, and the roles that have it.

    What only the hosts' own superuser may do is no permission of any role.
    """
    found: dict[str, frozenset[str]] = {}
    for name, facts in model.messages.items():
        found[name] = facts.roles
        for key, role in _keys(facts).items():
            found[f"{name}/key:{key}"] = _least(role)
    for roles, names in _HTTP.items():
        found |= {f"http/{name}": roles for name in names}
    return {name: roles for name, roles in (found | _EXTRA).items() if roles}


def needed(message: MessageModel, args: list[Any]) -> tuple[str, frozenset[str]]:
    """Return the permission a call needs, in lower case, and the roles that have it.

    Args:
        args: the call's arguments without the session; the second names the key of a map.
    """
    name = message.name.lower()
    found = _guard(_keys(message), str(args[1]) if len(args) > 1 else "")
    if found is None:
        return name, message.roles
    pattern, role = found
    return f"{name}/key:{pattern.lower()}", _least(role)


def of_change(
    owner: str, before: Mapping[str, str], after: Mapping[str, str]
) -> list[tuple[str, frozenset[str]]]:
    """Return the permissions that replacing a map needs, each with the roles that have it.

    They are those of adding what is new or different and of removing what goes.

    Args:
        owner: the class and the field, e.g. ``VM.other_config``.
    """
    cls, _, field = owner.lower().partition(".")
    added = [key for key, value in after.items() if before.get(key) != value]
    removed = [key for key in before if key not in after]
    found = []
    for verb, keys in (("add_to", added), ("remove_from", removed)):
        guards = {guard for key in keys if (guard := _guard(_KEYS[owner], key)) is not None}
        for pattern, role in sorted(guards):
            found.append((f"{cls}.{verb}_{field}/key:{pattern.lower()}", _least(role)))
    return found


def _guard(patterns: Mapping[str, str], key: str) -> tuple[str, str] | None:
    """Return the pattern that guards a key, and the least role that it wants."""
    for pattern, role in patterns.items():
        stem, star, _ = pattern.partition("*")
        if key.startswith(stem) if star else key == pattern:
            return pattern, role
    return None


def _keys(message: MessageModel) -> Mapping[str, str]:
    for verb in ("add_to_", "remove_from_"):
        if message.verb.startswith(verb):
            return _KEYS.get(f"{message.cls}.{message.verb.removeprefix(verb)}", {})
    return {}
