"""Values of a vCenter's domain as pyVmomi's own objects, which refuse what vim25 does not have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from hvsim.vcenter.values import Data, Ref

support = pytest.importorskip("pyVmomi.VmomiSupport")


def judge_object(ref: Ref, properties: dict[str, Any]) -> list[str]:
    """Return what is wrong with an object's properties; nothing when vim25 takes them."""
    kind = support.GuessWsdlType(ref.type)
    known = {prop.name: prop for prop in kind._GetPropertyList()}
    found = [f"{ref}: no property {name}" for name in properties if name not in known]
    for name, prop in known.items():
        value = properties.get(name)
        if value is not None:
            found += _judge(f"{ref.type}.{name}", prop.type, value)
        elif not prop.flags & support.F_OPTIONAL:
            found.append(f"{ref}: {name} is missing")
    return found


def judge(value: Any) -> list[str]:
    """Return what is wrong with a data object."""
    return _judge(value.type, support.GuessWsdlType(value.type), value)


def _judge(path: str, kind: Any, value: Any) -> list[str]:
    if isinstance(value, list):
        item = getattr(kind, "Item", None)
        if item is None:
            return [] if kind is object else [f"{path}: expected no list"]
        return [wrong for entry in value for wrong in _judge(f"{path}[]", item, entry)]
    if isinstance(value, Data):
        return _judge_data(path, kind, value)
    return _judge_plain(path, kind, value)


def _judge_data(path: str, kind: Any, value: Data) -> list[str]:
    try:
        own = support.GuessWsdlType(value.type)
    except KeyError:
        return [f"{path}: no type {value.type}"]
    found = []
    if value.type == "LocalizedMethodFault":
        return _judge(f"{path}.fault", support.GuessWsdlType("MethodFault"), value["fault"])
    if not (kind is object or issubclass(own, kind)):
        found.append(f"{path}: {value.type} is no {kind.__name__}")
    known = {prop.name: prop for prop in own._GetPropertyList()}
    found += [f"{path}: {value.type} has no field {name}" for name in value if name not in known]
    for name, prop in known.items():
        if value[name] is not None:
            found += _judge(f"{path}.{name}", prop.type, value[name])
        elif not prop.flags & support.F_OPTIONAL:
            found.append(f"{path}: {value.type}.{name} is missing")
    return found


def _judge_plain(path: str, kind: Any, value: Any) -> list[str]:
    if kind is object:
        return []
    if isinstance(value, Ref):
        own = support.GuessWsdlType(value.type)
        fits = issubclass(own, kind)
    elif isinstance(value, datetime):
        fits = kind is datetime
    elif isinstance(value, bool):
        fits = kind is bool
    elif isinstance(value, int):
        fits = issubclass(kind, int) and kind is not bool
    elif isinstance(value, float):
        fits = issubclass(kind, float)
    else:
        fits = issubclass(kind, str) or kind is type or kind.__name__ in ("Link", "ManagedMethod")
        values = getattr(kind, "values", None)
        if fits and values and value not in values:
            return [f"{path}: {value!r} is none of {values}"]
    return [] if fits else [f"{path}: {value!r} is no {kind.__name__}"]
