"""The description of the service that WSDL-driven clients begin with, made from the data model.

``vimService.wsdl`` leads to ``vim.wsdl`` (operations), that to ``vim-types.xsd`` (data objects)
and ``vim-messagetypes.xsd`` (requests and answers), under the names they have at a real vCenter.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.registry import NAMESPACE, Field, Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.vcenter.registry import Method

_XML: Final = '<?xml version="1.0" encoding="UTF-8" ?>\n'
_SCHEMA: Final = (
    f'<schema targetNamespace="{NAMESPACE}" xmlns="http://www.w3.org/2001/XMLSchema"'
    f' xmlns:vim25="{NAMESPACE}" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' elementFormDefault="qualified">'
)
_WSDL: Final = (
    'xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"'
)
_REFERENCE: Final = (
    '<complexType name="ManagedObjectReference"><simpleContent><extension base="xsd:string">'
    '<attribute name="type" type="xsd:string"/></extension></simpleContent></complexType>'
)
_DYNAMIC: Final = (
    Field("dynamicType", "string", "scalar", optional=True),
    Field("dynamicProperty", "DynamicProperty", "data", many=True, optional=True),
)
_UNWIRED: Final = {"MethodFault": frozenset({"msg"})}
"""Fields that pyVmomi adds to types of its own; they are not on the wire."""


@cache
def document(name: str, version: str) -> bytes | None:
    """Return a file of the description by its name, or None; ``version`` is pyVmomi's name."""
    make = _FILES.get(name)
    return None if make is None else (_XML + "\n".join(make(version)) + "\n").encode()


def _service(_version: str) -> Iterator[str]:
    yield f'<definitions targetNamespace="{NAMESPACE}Service" {_WSDL} xmlns:v="{NAMESPACE}">'
    yield f'<import location="vim.wsdl" namespace="{NAMESPACE}"/>'
    yield '<service name="VimService"><port binding="v:VimBinding" name="VimPort">'
    yield '<soap:address location="https://localhost/sdk"/></port></service>'
    yield "</definitions>"


def _operations(version: str) -> Iterator[str]:
    names = [one.name for one in _methods(version)]
    yield f'<definitions targetNamespace="{NAMESPACE}" {_WSDL} xmlns:vim25="{NAMESPACE}">'
    yield f'<types>{_SCHEMA}<include schemaLocation="vim-messagetypes.xsd"/></schema></types>'
    for name in names:
        for kind, element in (("Request", name), ("Response", f"{name}Response")):
            part = f'<part name="parameters" element="vim25:{element}"/>'
            yield f'<message name="{name}{kind}Msg">{part}</message>'
    for fault in sorted({fault for name in names for fault in _faults(name, version)}):
        part = f'<part name="fault" element="vim25:{fault}Fault"/>'
        yield f'<message name="{fault}FaultMsg">{part}</message>'
    yield '<portType name="VimPortType">'
    for name in names:
        told = (
            f'<input message="vim25:{name}RequestMsg"/><output message="vim25:{name}ResponseMsg"/>'
        )
        refused = (
            f'<fault name="{_title(fault)}" message="vim25:{fault}FaultMsg"/>'
            for fault in _faults(name, version)
        )
        yield f'<operation name="{name}">{told}{"".join(refused)}</operation>'
    yield '</portType><binding name="VimBinding" type="vim25:VimPortType">'
    yield '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>'
    body = '<soap:body use="literal"/>'
    for name in names:
        action = f'<soap:operation soapAction="{NAMESPACE}" style="document"/>'
        told = f"{action}<input>{body}</input><output>{body}</output>"
        refused = (
            f'<fault name="{title}"><soap:fault name="{title}" use="literal"/></fault>'
            for title in map(_title, _faults(name, version))
        )
        yield f'<operation name="{name}">{told}{"".join(refused)}</operation>'
    yield "</binding></definitions>"


def _faults(name: str, version: str) -> list[str]:
    """Return the types of the faults of an operation; any may meet a ``RuntimeFault``."""
    shapes = ((fault, registry.shape(fault)) for fault in registry.faults_of(name))
    known = [fault for fault, of in shapes if of and registry.visible(of.since, version)]
    return [*known, "RuntimeFault"]


def _title(fault: str) -> str:
    """Return what a fault is called in operations: the general one has its type's own name."""
    return fault if fault == "RuntimeFault" else f"{fault}Fault"


def _messages(version: str) -> Iterator[str]:
    yield f'{_SCHEMA}<include schemaLocation="vim-types.xsd"/>'
    for method in _methods(version):
        kind = method.name.removesuffix("_Task") + "RequestType"
        this = Field("_this", "ManagedObject", "reference")
        params = (p for p in method.params.values() if registry.visible(p.since, version))
        yield f'<complexType name="{kind}">{_sequence([this, *params])}</complexType>'
        yield f'<element name="{method.name}" type="vim25:{kind}"/>'
        answer = _sequence([method.result] if method.result is not None else [])
        yield f'<element name="{method.name}Response"><complexType>{answer}</complexType></element>'
    yield "</schema>"


def _types(version: str) -> Iterator[str]:
    yield f"{_SCHEMA}{_REFERENCE}"
    for name in ("ManagedObjectReference", *sorted(registry.SCALAR_NAMES), "anyType"):
        own = f"vim25:{name}" if name == "ManagedObjectReference" else f"xsd:{name}"
        yield _array(name, own)
    for name in registry.type_names():
        values = sorted(registry.enum_values(name))
        if values:
            yield _enumeration(name, values)
            yield _array(name, f"vim25:{name}")
            continue
        known = registry.shape(name)
        if known is not None and known.kind == "data" and registry.visible(known.since, version):
            yield _data(known, version)
            yield _array(name, f"vim25:{name}")
            if registry.is_a(name, "MethodFault"):
                yield f'<element name="{name}Fault" type="vim25:{name}"/>'
    yield "</schema>"


def _data(known: Shape, version: str) -> str:
    parent = known.parents[1] if len(known.parents) > 1 else None
    above = registry.shape(parent) if parent is not None else None
    hidden = _UNWIRED.get(known.name, frozenset()) | (above.fields.keys() if above else set())
    if known.name == "DynamicData":
        own: list[Field] = [*_DYNAMIC]
    else:
        own = [f for f in known.fields.values() if f.name not in hidden]
    inner = _sequence([field for field in own if registry.visible(field.since, version)])
    if parent is not None:
        inner = f'<extension base="vim25:{parent}">{inner}</extension>'
        inner = f"<complexContent>{inner}</complexContent>"
    return f'<complexType name="{known.name}">{inner}</complexType>'


def _sequence(fields: list[Field]) -> str:
    return f"<sequence>{''.join(map(_element, fields))}</sequence>"


def _element(field: Field) -> str:
    least = ' minOccurs="0"' if field.optional or field.many else ""
    most = ' maxOccurs="unbounded"' if field.many else ""
    return f'<element name="{field.name}" type="{_type_of(field)}"{least}{most}/>'


def _type_of(field: Field) -> str:
    if field.kind == "reference":
        return "vim25:ManagedObjectReference"
    if field.kind in ("scalar", "any"):
        return f"xsd:{field.type}"
    return f"vim25:{field.type}"


def _array(name: str, of: str) -> str:
    shown = name[0].upper() + name[1:]
    item = f'<element name="{name}" type="{of}" minOccurs="0" maxOccurs="unbounded"/>'
    return f'<complexType name="ArrayOf{shown}"><sequence>{item}</sequence></complexType>'


def _enumeration(name: str, values: list[str]) -> str:
    listed = "".join(f'<enumeration value="{value}"/>' for value in values)
    return (
        f'<simpleType name="{name}"><restriction base="xsd:string">{listed}</restriction>'
        "</simpleType>"
    )


def _methods(version: str) -> list[Method]:
    found = [one for one in map(registry.method, registry.method_names()) if one is not None]
    return [one for one in found if registry.visible(one.since, version)]


_FILES: Final = {
    "vimService.wsdl": _service,
    "vim.wsdl": _operations,
    "vim-messagetypes.xsd": _messages,
    "vim-types.xsd": _types,
}
