"""New-Object, Add-Member, Get-Member."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.tables import UTILITY
from hvsim_fakes.powershell.dotnet.automation import add_member, infos, type_names
from hvsim_fakes.powershell.errors import failure, record
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.members import construct, has_member, set_member
from hvsim_fakes.powershell.objects.nettype import Method, NetType, Property
from hvsim_fakes.powershell.objects.patterns import like
from hvsim_fakes.powershell.objects.registry import find, type_of
from hvsim_fakes.powershell.objects.text import element_text, to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    Member,
    PSObject,
)

_ARGUMENT: Final = "System.Management.Automation.PSArgumentException"


@UTILITY.cmdlet(
    "New-Object",
    Parameter("TypeName", "string", position=0, mandatory=True, sets=("Net",)),
    Parameter("ArgumentList", "object[]", position=1, sets=("Net",), aliases=("Args",)),
    Parameter("ComObject", "string", position=0, mandatory=True, sets=("Com",)),
    Parameter("Property", "hashtable"),
    Parameter("Strict", "switch", sets=("Com",)),
    default_set="Net",
)
def new_object(call: Call) -> Body:
    """Make an object of a .NET class."""
    if call.given("ComObject"):
        raise failure(
            "Retrieving the COM class factory for component failed due to the following error: "
            "80040154 Class not registered (Exception from HRESULT: 0x80040154 "
            "(REGDB_E_CLASSNOTREG)).",
            "NoCOMClassIdentified",
            "ResourceUnavailable",
            exception="System.Runtime.InteropServices.COMException",
        )
    name = to_text(call.get("TypeName"))
    kind = find(name)
    if kind is None:
        raise failure(
            f"Cannot find type [{name}]: verify that the assembly containing this type is loaded.",
            "TypeNotFound",
            "InvalidType",
            exception=_ARGUMENT,
        )
    made = construct(call.engine, kind, list(call.get("ArgumentList") or ()))
    _fill(call, made, call.get("Property"))
    yield made


def _fill(call: Call, made: Any, given: Any) -> None:
    if not isinstance(given, Hashtable):
        return
    for key, value in given.items():
        name = to_text(key)
        if isinstance(made, PSObject):
            made.set(name, value)
        elif has_member(made, name.lower(), call.engine):
            set_member(made, name, value, call.engine)
        else:
            call.error(
                record(
                    f'The member "{name}" was not found for the specified .NET object.',
                    "InvalidOperationException",
                    "InvalidOperation",
                    made,
                    "System.InvalidOperationException",
                )
            )


@UTILITY.cmdlet(
    "Add-Member",
    Parameter("InputObject", "object", mandatory=True, pipeline=True),
    Parameter(
        "MemberType",
        "System.Management.Automation.PSMemberTypes",
        position=0,
        mandatory=True,
        aliases=("Type",),
        sets=("MemberSet",),
    ),
    Parameter("Name", "string", position=1, mandatory=True, sets=("MemberSet",)),
    Parameter("Value", "object", position=2, sets=("MemberSet",)),
    Parameter("SecondValue", "object", position=3, sets=("MemberSet",)),
    Parameter("TypeName", "string"),
    Parameter(
        "NotePropertyName",
        "string",
        position=0,
        mandatory=True,
        sets=("NotePropertySingleMemberSet",),
    ),
    Parameter(
        "NotePropertyValue",
        "object",
        position=1,
        mandatory=True,
        null=True,
        empty=True,
        sets=("NotePropertySingleMemberSet",),
    ),
    Parameter(
        "NotePropertyMembers",
        "System.Collections.IDictionary",
        position=0,
        mandatory=True,
        sets=("NotePropertyMultiMemberSet",),
    ),
    Parameter("Force", "switch"),
    Parameter("PassThru", "switch"),
    default_set="MemberSet",
)
def add_member_cmdlet(call: Call) -> Body:
    """Add a property or a script method to an object."""
    item = call.get("InputObject")
    for member in _wanted(call):
        try:
            add_member(item, member, force=call.on("Force"))
        except NetError as wrong:
            call.error(
                record(wrong.message, "MemberAlreadyExists", "InvalidOperation", item, wrong.kind)
            )
    if call.given("TypeName") and isinstance(item, PSObject):
        item.type_names = (to_text(call.get("TypeName")), *item.type_names)
    if call.on("PassThru"):
        yield item


def _wanted(call: Call) -> list[Member]:
    table = call.get("NotePropertyMembers")
    if isinstance(table, Hashtable):
        return [Member(to_text(key), value) for key, value in table.items()]
    if call.given("NotePropertyName"):
        return [Member(to_text(call.get("NotePropertyName")), call.get("NotePropertyValue"))]
    kinds = ("NoteProperty", "ScriptProperty", "ScriptMethod", "AliasProperty")
    given = to_text(call.get("MemberType")).lower()
    kind = next((one for one in kinds if one.lower() == given), None)
    if kind is None:
        raise failure(
            f"The member type {call.get('MemberType')} is not supported.",
            "MemberTypeNotSupported",
            "InvalidArgument",
            exception=_ARGUMENT,
        )
    return [Member(to_text(call.get("Name")), call.get("Value"), kind)]


@UTILITY.cmdlet(
    "Get-Member",
    Parameter("InputObject", "object", pipeline=True),
    Parameter("Name", "string[]", position=0),
    Parameter("MemberType", "System.Management.Automation.PSMemberTypes", aliases=("Type",)),
    Parameter("Static", "switch"),
    Parameter("View", "string"),
    Parameter("Force", "switch"),
    aliases=("gm",),
)
class GetMember(Stages):
    """The members of objects, once for each type."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, ...]] = []
        self.any = False

    def process(self, call: Call) -> Body:
        """Take an object."""
        item = call.item if call.item is not NOTHING else call.get("InputObject")
        if item is None:
            return
        self.any = True
        names = tuple(type_names(item))
        if names not in self.seen:
            self.seen.append(names)
            yield from _members(call, item)

    def end(self, call: Call) -> Body:
        """Complain when there was nothing."""
        if not self.any:
            call.error(
                record(
                    "You must specify an object for the Get-Member cmdlet.",
                    "NoObjectInGetMember",
                    "CloseError",
                    exception="System.InvalidOperationException",
                )
            )
        yield from ()


def _members(call: Call, value: Any) -> list[PSObject]:
    wanted = [to_text(one) for one in call.get("Name") or ("*",)]
    kinds = call.get("MemberType")
    static = call.on("Static") and isinstance(value, NetType)
    name = type_names(value)[0] if not static else value.name
    found = _static(value) if static else [*_methods(value), *_properties(value)]
    out = []
    for word, kind, definition in sorted(
        found, key=lambda one: (one[1] != "Method", one[0].lower())
    ):
        if not any(like(word, pattern) for pattern in wanted):
            continue
        if kinds is not None and not _fits(kind, kinds.number):
            continue
        out.append(
            PSObject(
                [
                    ("TypeName", name),
                    ("Name", word),
                    ("MemberType", kind),
                    ("Definition", definition),
                ],
                "Microsoft.PowerShell.Commands.MemberDefinition",
            )
        )
    return out


_BITS: Final = {
    "AliasProperty": 1,
    "Property": 4,
    "NoteProperty": 8,
    "ScriptProperty": 16,
    "Method": 64,
    "ScriptMethod": 256,
}


def _fits(kind: str, wanted: int) -> bool:
    return _BITS[kind] & wanted != 0


def _properties(value: Any) -> list[tuple[str, str, str]]:
    return [(one.name, one.kind, _shown(value, one)) for one in infos(value)]


def _shown(value: Any, one: Any) -> str:
    if one.kind == "NoteProperty":
        content = one.value
        kind = type_of(content).name if content is not None else "object"
        short = {"System.String": "string", "System.Int32": "int", "System.Boolean": "bool"}
        return f"{short.get(kind, kind)} {one.name}={element_text(content)}"
    known = type_of(value).properties.get(one.name.lower())
    if isinstance(known, Property):
        return f"{known.type} {known.name} {'{get;set;}' if known.set else '{get;}'}"
    return to_text(one.name)


def _methods(value: Any) -> list[tuple[str, str, str]]:
    found = [_signature(overloads) for overloads in type_of(value).methods.values()]
    if isinstance(value, PSObject):
        found += [
            (one.name, "ScriptMethod", f"System.Object {one.name}();")
            for one in value.members.values()
            if one.kind == "ScriptMethod"
        ]
    return found


def _signature(overloads: tuple[Method, ...]) -> tuple[str, str, str]:
    shown = []
    for one in overloads:
        parameters = ", ".join(
            f"{part.partition(':')[2]} {part.partition(':')[0].lstrip('?*')}"
            for part in one.parameters
        )
        shown.append(f"{one.name}({parameters})")
    return overloads[0].name, "Method", ", ".join(shown)


def _static(kind: NetType) -> list[tuple[str, str, str]]:
    found = [_signature(overloads) for overloads in kind.static_methods.values()]
    return found + [
        (one.name, "Property", f"static {one.type} {one.name} {{get;}}")
        for one in kind.static.values()
    ]
