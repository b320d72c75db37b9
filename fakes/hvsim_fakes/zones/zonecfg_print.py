"""What ``info`` and ``export`` of ``zonecfg`` print of a configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim.zones.schema import ALIASES, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.zones.config import Config, Resource, Value
    from hvsim.zones.release import Release

_SAFE = re.compile(r"[A-Za-z0-9_.:/%@+-]+")
_TOLD_WHEN_MISSING = frozenset(
    {
        ("net", "address"),
        ("net", "allowed-address"),
        ("net", "defrouter"),
        ("anet", "allowed-address"),
        ("anet", "defrouter"),
        ("fs", "raw"),
    }
)
"""Properties whose absence ``info`` tells."""


def info(name: str, config: Config, release: Release) -> str:
    """Return all of a configuration."""
    lines = [property_line(key, name, config) for key in release.properties]
    lines += alias_lines(config)
    text = "".join(f"{line}\n" for line in lines)
    for kind in release.resources:
        text += "".join(resource(one, config, release) for one in config.of_kind(kind))
    return text


def property_line(key: str, name: str, config: Config) -> str:
    """Return the line of one property."""
    return f"{key}: {name if key == 'zonename' else config.get(key)}"


def alias_lines(config: Config) -> list[str]:
    """Return the lines of the aliases that stand for a resource control."""
    found = ((alias, config.limit(alias)) for alias in ALIASES)
    return [f"[{alias}: {number}]" for alias, number in found if number]


def resource(one: Resource, config: Config, release: Release) -> str:
    """Return one resource with its properties."""
    lines = [f"{one.kind}:"]
    for name in _shown(one, config, release):
        lines += _property(one, name)
    return "".join(f"{line}\n" for line in lines)


def _shown(one: Resource, config: Config, release: Release) -> Iterator[str]:
    for name in RESOURCES[one.kind].properties:
        if one.kind == "net" and name in ("address", "allowed-address"):
            new = "fs-allowed" in release.properties
            wanted = "allowed-address" if new and config.exclusive else "address"
            if name != wanted and name not in one.values:
                continue
        yield name


def _property(one: Resource, name: str) -> list[str]:
    kind = RESOURCES[one.kind]
    value = one.values.get(name)
    if one.kind == "rctl" and isinstance(value, list):
        return [f"\tvalue: {item}" for item in value]
    if name in kind.lists:
        return [f"\t{name}: [{','.join(value or [])}]"]
    if not value:
        return [f"\t{name} not specified"] if (one.kind, name) in _TOLD_WHEN_MISSING else []
    return [f"\t[{name}: {value}]" if name in kind.bracketed else f"\t{name}: {value}"]


def export(config: Config, release: Release) -> str:
    """Return the commands that make a configuration again."""
    lines = ["create -b"]
    for key in release.properties[1:]:
        value = config.get(key)
        if value and not (key == "brand" and value == release.brand):
            lines.append(f"set {key}={quoted(value)}")
    for kind in release.resources:
        for one in config.of_kind(kind):
            lines += _commands(one)
    return "".join(f"{line}\n" for line in lines)


def _commands(one: Resource) -> list[str]:
    kind = RESOURCES[one.kind]
    lines = [f"add {one.kind}"]
    for name in kind.properties:
        value = one.values.get(name)
        if not value:
            continue
        lines += _setting(name, value)
    return [*lines, "end"]


def _setting(name: str, value: Value) -> list[str]:
    if isinstance(value, str):
        return [f"set {name}={quoted(value)}"]
    if name == "value":
        return [f"add value {item}" for item in value]
    return [f"add {name} [{','.join(quoted(item) for item in value)}]"]


def quoted(value: str) -> str:
    """Return a value in quotes, unless it needs none."""
    return value if _SAFE.fullmatch(value) else f'"{value}"'
