"""Values as each of the three protocols writes them.

``/api`` writes plain JSON; ``/rest`` does too, but maps as lists of entries; JSON-RPC marks what a
value is (``STRUCTURE``, ``OPTIONAL``, ``SECRET``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hvsim_fakes.vcenter.rest.errors import VapiError
from hvsim_fakes.vcenter.rest.structures import Secret, Structure, optional_fields


def plain(value: Any) -> Any:
    """Return a value as ``/api`` writes it."""
    if isinstance(value, Structure):
        return {name: plain(item) for name, item in _fields(value) if item is not None}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, VapiError):
        return plain_error(value)
    return scalar(value)


def legacy(value: Any) -> Any:
    """Return a value as ``/rest`` writes it."""
    if isinstance(value, Structure):
        return {name: legacy(item) for name, item in _fields(value) if item is not None}
    if isinstance(value, dict):
        return [{"key": key, "value": legacy(item)} for key, item in value.items()]
    if isinstance(value, list):
        return [legacy(item) for item in value]
    if isinstance(value, VapiError):
        return legacy_error(value)
    return scalar(value)


def marked(value: Any) -> Any:
    """Return a value as JSON-RPC writes it."""
    if isinstance(value, Structure):
        return {"STRUCTURE": {value.vapi: dict(_marked_fields(value))}}
    if isinstance(value, dict):
        return [_entry(key, item) for key, item in value.items()]
    if isinstance(value, list):
        return [marked(item) for item in value]
    if isinstance(value, VapiError):
        return marked_error(value)
    if isinstance(value, Secret):
        return {"SECRET": str(value)}
    return scalar(value)


def _entry(key: str, value: Any) -> dict[str, Any]:
    return {"STRUCTURE": {"map-entry": {"key": key, "value": marked(value)}}}


def _fields(value: Structure) -> list[tuple[str, Any]]:
    return [(name, getattr(value, name)) for name in value.__struct_fields__]


def _marked_fields(value: Structure) -> list[tuple[str, Any]]:
    optional = optional_fields(type(value))
    return [
        (name, {"OPTIONAL": marked(item)} if name in optional else marked(item))
        for name, item in _fields(value)
    ]


def scalar(value: Any) -> Any:
    """Return a value without parts as JSON has it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    return str(value) if isinstance(value, Secret) else value


def plain_error(found: VapiError) -> dict[str, Any]:
    """Return an error as ``/api`` writes it."""
    told = {"error_type": found.discriminator, "messages": plain(found.messages)}
    return told if found.challenge is None else {"challenge": found.challenge, **told}


def legacy_error(found: VapiError) -> dict[str, Any]:
    """Return an error as ``/rest`` writes it."""
    return {"type": found.full_name, "value": plain_error(found)}


def marked_error(found: VapiError) -> dict[str, Any]:
    """Return an error as JSON-RPC writes it."""
    fields = {
        "messages": marked(found.messages),
        "data": {"OPTIONAL": None},
        "error_type": {"OPTIONAL": found.discriminator},
    }
    if found.name in ("unauthenticated", "unauthorized"):
        fields["challenge"] = {"OPTIONAL": found.challenge}
    return {"ERROR": {found.full_name: fields}}
