"""The vim25 data model: which types, properties and methods there are, and since which version.

It is read from the type information that pyVmomi registers, one type at a time as it is first
needed. Names are those of the wire (``VirtualMachine``, ``PowerOnVM_Task``).
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

NAMESPACE: Final = "urn:vim25"
# Importing it imports its package, and that fills its tables. It has no annotations.
VmomiSupport: Final[Any] = importlib.import_module("pyVmomi.VmomiSupport")
_VERSION: Final = re.compile(r"[0-9]+(\.[0-9]+)*(u[0-9]+(server)?)?")

_SCALARS: Final[dict[type, str]] = {
    bool: "boolean",
    int: "int",
    float: "float",
    str: "string",
    datetime: "dateTime",
    VmomiSupport.byte: "byte",
    VmomiSupport.short: "short",
    VmomiSupport.long: "long",
    VmomiSupport.double: "double",
    VmomiSupport.binary: "base64Binary",
    VmomiSupport.URI: "anyURI",
    VmomiSupport.PropertyPath: "string",
    VmomiSupport.Link: "string",
    VmomiSupport.ManagedMethod: "string",
    type: "string",
    object: "anyType",
}
SCALAR_NAMES: Final = frozenset(_SCALARS.values()) - {"anyType"}


@dataclass(frozen=True, slots=True)
class Field:
    """A property, a field of a data object, a parameter or a result.

    Attributes:
        type: wire name of its (item) type.
        kind: ``scalar``, ``enum``, ``data``, ``reference`` or ``any``.
        many: whether it is a list.
        since: pyVmomi's name of the version that introduced it.
        privilege: what is needed to read or to pass it; empty when nothing is.
    """

    name: str
    type: str
    kind: str
    many: bool = False
    optional: bool = False
    since: str = ""
    privilege: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """A data or managed object type: its fields or properties, inherited ones first."""

    name: str
    kind: str
    parents: tuple[str, ...]
    fields: dict[str, Field]
    since: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method of a managed object type; ``result`` is None when it gives nothing."""

    name: str
    owner: str
    params: dict[str, Field]
    result: Field | None
    privilege: str
    is_task: bool
    since: str


def _flag(flags: int, which: int) -> bool:
    return bool(flags & which)


def _field(name: str, of: type, flags: int, since: str, privilege: str, *, within: str) -> Field:
    many = issubclass(of, list) if isinstance(of, type) else False
    item: Any = of.Item if many else of  # type: ignore[attr-defined] # of pyVmomi's arrays
    kind, named = _kind(item, within)
    return Field(
        name, named, kind, many, _flag(flags, VmomiSupport.F_OPTIONAL), since, privilege or ""
    )


def _kind(of: Any, within: str) -> tuple[str, str]:
    if of is object:
        return "any", "anyType"
    scalar = _SCALARS.get(of)
    if scalar is not None:
        return "scalar", scalar
    name: str = VmomiSupport.GetWsdlName(of)
    if issubclass(of, VmomiSupport.ManagedObject):
        return "reference", name
    if issubclass(of, VmomiSupport.Enum):
        return "enum", name
    if within != "LocalizedMethodFault" and issubclass(of, _FAULT):
        # Faults within data objects come with their text, whatever the fault's own type.
        return "data", "LocalizedMethodFault"
    return "data", name


_FAULT: Final[type] = VmomiSupport.GetVmodlType("vmodl.MethodFault")


def _type(name: str) -> Any:
    try:
        return VmomiSupport.GetWsdlType(NAMESPACE, name)
    except KeyError:
        return None


@cache
def shape(name: str) -> Shape | None:
    """Return a data or managed object type by name, or None."""
    found = _type(name)
    if found is None or name in SCALAR_NAMES or not isinstance(found, type):
        return None
    if issubclass(found, VmomiSupport.ManagedObject):
        kind = "managed"
    elif issubclass(found, VmomiSupport.DataObject):
        kind = "data"
    else:
        return None
    fields = {
        p.name: _field(p.name, p.type, p.flags, p.version, p.privId, within=name)
        for p in _properties(found, kind)
    }
    return Shape(name, kind, _ancestors(found), fields, getattr(found, "_version", ""))


def _properties(found: Any, kind: str) -> list[_Property]:
    listed = found._GetPropertyList()  # noqa: SLF001 - pyVmomi has no other way to them
    hidden = ("dynamicType", "dynamicProperty") if kind == "data" else ()
    return [_Property(p) for p in listed if p.name not in hidden]


class _Property:
    """One property as pyVmomi describes it; old entries have no privilege."""

    def __init__(self, info: Any) -> None:
        self.name: str = info.name
        self.type: type = info.type
        self.flags: int = info.flags
        self.version: str = info.version
        self.privId: str = getattr(info, "privId", None) or ""


def _ancestors(found: type) -> tuple[str, ...]:
    names = []
    for base in found.__mro__:
        if base in (VmomiSupport.ManagedObject, VmomiSupport.DataObject):
            break
        names.append(VmomiSupport.GetWsdlName(base))
    return tuple(names)


@cache
def is_a(name: str, base: str) -> bool:
    """Whether a managed or data object type is another one, or derives from it."""
    if base in (name, "ManagedObject"):
        return True
    found = shape(name)
    return found is not None and base in found.parents


@cache
def enum_values(name: str) -> frozenset[str]:
    """Return the values of an enumeration; none when there is no such one."""
    found = _type(name)
    if found is None or not issubclass(found, VmomiSupport.Enum):
        return frozenset()
    return frozenset(map(str, found.values))


@cache
def element_type(array: str) -> Field | None:
    """Return the items of an ``ArrayOf...`` type, or None when there is no such one."""
    name = array.removeprefix("ArrayOf")
    if name == array:
        return None
    if name == "ManagedObjectReference":
        return Field(name, "ManagedObject", "reference")
    scalar = _ARRAY_SCALARS.get(name)
    if scalar is not None:
        return Field(scalar, scalar, "any" if scalar == "anyType" else "scalar")
    found = _type(name)
    if found is None:
        return None
    kind, named = _kind(found, "LocalizedMethodFault")
    return Field(name, named, kind)


_ARRAY_SCALARS: Final = {name[0].upper() + name[1:]: name for name in _SCALARS.values()}


def named_type(name: str) -> Field | None:
    """Return how a value of a type is read, given the type's name in an ``xsi:type``."""
    if name in SCALAR_NAMES:
        return Field("", name, "scalar")
    if name == "ManagedObjectReference":
        return Field("", "ManagedObject", "reference")
    found = _type(name)
    if found is None or not isinstance(found, type):
        return None
    kind, named = _kind(found, "LocalizedMethodFault")
    return Field("", named, kind)


FETCH: Final = Method(
    "Fetch",
    "ManagedObject",
    {"prop": Field("prop", "string", "scalar")},
    Field("returnval", "anyType", "any", optional=True),
    "System.Anonymous",
    is_task=False,
    since="vmodl.version.version0",
)
"""How clients since pyVmomi 9 read one property; the type information does not list it."""


@cache
def method(name: str) -> Method | None:
    """Return a method by its wire name, or None."""
    if name == "Fetch":
        return FETCH
    try:
        info: Any = VmomiSupport.GetWsdlMethod(NAMESPACE, name).info
    except KeyError:
        return None
    owner = VmomiSupport.GetWsdlName(info.type)
    params = {
        p.name: _field(p.name, p.type, p.flags, p.version, p.privId, within=owner)
        for p in map(_Property, info.params)
    }
    result = None
    # Not by its name: that is gone once a client in this process has asked for the type.
    if info.result is not type(None):
        flags, since = info.resultFlags, info.version
        result = _field("returnval", info.result, flags, since, "", within=owner)
    return Method(name, owner, params, result, info.privId or "", info.isTask, info.version)


@cache
def faults_of(name: str) -> tuple[str, ...]:
    """Return the types of the faults that a method declares, besides ``RuntimeFault``."""
    if name == "Fetch":
        return ()
    info: Any = VmomiSupport.GetWsdlMethod(NAMESPACE, name).info
    found = (VmomiSupport.GetWsdlName(VmomiSupport.GetVmodlType(one)) for one in info.faults)
    return tuple(dict.fromkeys(one for one in found if one != "RuntimeFault"))


def method_names() -> list[str]:
    """Return the wire names of every method of vim25 itself, sorted."""
    # It is the only list of methods there is; lists of types name none.
    listed = VmomiSupport._wsdlMethodMap  # noqa: SLF001 - see above
    return sorted(name for namespace, name in listed if namespace == NAMESPACE)


@cache
def version_named(number: str) -> str | None:
    """Return pyVmomi's name of an API version (``8.0.3.0``), or None for an unknown one."""
    found: str | None = VmomiSupport.versionMap.get(f"vim25/{number}")
    return found


@cache
def visible(since: str, version: str) -> bool:
    """Whether what came with one version is known in another; both by pyVmomi's names."""
    return not since or bool(VmomiSupport.IsChildVersion(version, since))


def is_version(number: str) -> bool:
    """Whether a text reads as the number of an API version at all."""
    return _VERSION.fullmatch(number) is not None


def derived(base: str) -> list[str]:
    """Return the wire names of the data object types that derive from one, sorted."""
    parents = _parents()
    found = []
    for name in parents:
        at = parents.get(name)
        while at is not None and at != base:
            at = parents.get(at)
        if at == base:
            found.append(name)
    return sorted(found)


@cache
def _parents() -> dict[str, str | None]:
    """Return the wire name of every type's parent, without loading any of the types."""
    # Loading all of them would take tens of megabytes; their definitions are at hand.
    listed = VmomiSupport._wsdlDefMap  # noqa: SLF001 - see above
    ours = {facts[0]: facts for (ns, _), facts in listed.items() if ns == NAMESPACE}
    return {
        facts[1]: ours[facts[2]][1] if facts[2] in ours else None
        for facts in ours.values()
        if len(facts) > 2
    }


def type_names() -> list[str]:
    """Return the wire names of every type, data objects, enumerations and the rest, sorted."""
    enumerations = (
        VmomiSupport.GetWsdlName(of) for of in VmomiSupport.GetWsdlTypes() if _is_enum(of)
    )
    return sorted({*_parents(), *enumerations})


def _is_enum(of: Any) -> bool:
    return isinstance(of, type) and issubclass(of, VmomiSupport.Enum)
