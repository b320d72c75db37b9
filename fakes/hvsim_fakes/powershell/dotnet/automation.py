"""PowerShell's own types: objects and their members, errors, script blocks."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.dotnet.enumerations import ERROR_CATEGORY, MEMBER_TYPES
from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.errors import EXCEPTION, ErrorRecord, NetException
from hvsim_fakes.powershell.objects.convert import convert, truth
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.members import (
    add_collection_method,
    add_view,
    get_member,
    set_member,
)
from hvsim_fakes.powershell.objects.nettype import (
    OBJECT,
    NetObject,
    NetType,
    Property,
    method,
)
from hvsim_fakes.powershell.objects.patterns import like
from hvsim_fakes.powershell.objects.registry import register, type_of
from hvsim_fakes.powershell.objects.text import element_text, to_text
from hvsim_fakes.powershell.objects.values import (
    Hashtable,
    Member,
    PSObject,
    TypedList,
    collapsed,
    elements,
    is_list,
)

_A: Final = "System.Management.Automation."


class MemberInfo:
    """A property of an object, as ``.PSObject.Properties`` lists it."""

    def __init__(self, owner: Any, name: str, kind: str, value: Any = None) -> None:
        self.owner = owner
        self.name = name
        self.kind = kind
        self.given = value

    @property
    def ps_type(self) -> NetType:
        """PSNoteProperty, PSProperty, ..."""
        return _INFO_TYPES[self.kind]

    @property
    def value(self) -> Any:
        """What the property holds now."""
        if self.owner is None:
            return self.given
        return get_member(self.owner, self.name.lower(), None)

    @value.setter
    def value(self, new: Any) -> None:
        if self.owner is None:
            self.given = new
        else:
            set_member(self.owner, self.name, new, None)


def _settable(one: MemberInfo) -> bool:
    if one.kind == "NoteProperty":
        return True
    known = type_of(one.owner).properties.get(one.name.lower())
    return known is not None and known.set is not None


def _info_text(one: MemberInfo) -> str:
    if one.kind == "NoteProperty":
        name = type_of(one.value).name if one.value is not None else "object"
        short = {"System.String": "string", "System.Int32": "int", "System.Boolean": "bool"}
        return f"{short.get(name, name)} {one.name}={element_text(one.value)}"
    known = type_of(one.owner).properties.get(one.name.lower())
    accessor = "{get;set;}" if known is not None and known.set else "{get;}"
    return f"{known.type if known else 'System.Object'} {one.name} {accessor}"


_INFO = register(NetType(_A + "PSMemberInfo", OBJECT)).extend(
    properties=[
        Property("Name", lambda one: one.name),
        Property("MemberType", lambda one: MEMBER_TYPES[one.kind]),
        Property("Value", lambda one: one.value, lambda one, new: setattr(one, "value", new)),
        Property("IsSettable", _settable),
        Property("IsGettable", lambda _: True),
        Property("TypeNameOfValue", lambda one: type_of(one.value).name),
        Property("IsInstance", lambda _: True),
    ],
    text=_info_text,
)


def _info_maker(kind: str) -> Any:
    def make(_: Any, given: list[Any]) -> MemberInfo:
        return MemberInfo(None, to_text(given[0]), kind, given[1] if len(given) > 1 else None)

    return make


_INFO_TYPES: Final = {
    kind: register(NetType(f"{_A}PS{kind}", _INFO, construct=_info_maker(kind)))
    for kind in (
        "NoteProperty",
        "Property",
        "ScriptProperty",
        "AliasProperty",
        "ScriptMethod",
        "Method",
    )
}


class MemberList(TypedList):
    """The properties of an object; they can be had by name."""

    __slots__ = ("owner",)

    def __init__(self, owner: Any, infos: list[MemberInfo]) -> None:
        super().__init__(_MEMBERS, OBJECT, infos)
        self.owner = owner

    def named(self, name: str) -> MemberInfo | None:
        """Return the property of a name."""
        return next((one for one in self if one.name.lower() == name.lower()), None)


def infos(owner: Any) -> list[MemberInfo]:
    """Return the properties of an object."""
    if isinstance(owner, PSObject):
        return [
            MemberInfo(owner, one.name, one.kind)
            for one in owner.members.values()
            if one.kind != "ScriptMethod"
        ]
    found = [MemberInfo(owner, one.name, "Property") for one in type_of(owner).properties.values()]
    if isinstance(owner, NetObject) and owner.extra:
        found += [MemberInfo(owner, one.name, one.kind) for one in owner.extra.values()]
    return found


def _add_info(members: MemberList, info: Any, *_: Any) -> None:
    add_member(members.owner, Member(info.name, info.value, info.kind), force=False)


def _remove_info(members: MemberList, name: str) -> None:
    if isinstance(members.owner, PSObject):
        members.owner.members.pop(name.lower(), None)


_MEMBERS: Final = register(
    NetType(
        _A + "PSMemberInfoCollection",
        OBJECT,
        interfaces=("System.Collections.IEnumerable",),
        methods=[
            method("Add", _add_info, "member:object", "?preValidated:bool"),
            method("Remove", _remove_info, "name:string"),
            method(
                "Match",
                lambda members, name: [one for one in members if like(one.name, name)],
                "name:string",
            ),
            method("Item", lambda members, name: members.named(name), "name:string"),
        ],
    )
)


def add_member(owner: Any, member: Member, *, force: bool) -> None:
    """Add a member to an object.

    Raises:
        NetError: it has one of the name, and ``force`` is off, or it can have none.
    """
    lower = member.name.lower()
    if isinstance(owner, PSObject):
        members: dict[str, Any] = owner.members
    elif hasattr(owner, "extra"):
        owner.extra = owner.extra if owner.extra is not None else {}
        members = owner.extra
    else:
        raise NetError(_A + "ExtendedTypeSystemException", "Cannot add a member to this object.")
    if lower in members and not force:
        raise NetError(
            "System.InvalidOperationException",
            f'Cannot add a member with the name "{member.name}" because a member with that name '
            "already exists. To overwrite the member anyway, add the Force parameter to your "
            "command.",
        )
    members[lower] = member


class View:
    """What ``.PSObject`` is."""

    ps_type = NetType(_A + "PSMemberSet", OBJECT)

    def __init__(self, owner: Any) -> None:
        self.owner = owner


def type_names(value: Any) -> list[str]:
    """Return the names that ``PSTypeNames`` lists."""
    if isinstance(value, PSObject):
        return list(value.type_names)
    return [one.name for one in type_of(value).lineage()]


class TypeNames(TypedList):
    """The type names of an object, which scripts may add to."""

    __slots__ = ("owner",)

    def __init__(self, owner: Any) -> None:
        super().__init__(_TYPE_NAMES, OBJECT, type_names(owner))
        self.owner = owner

    def insert(self, at: Any, value: Any) -> None:
        """Insert a name."""
        super().insert(at, value)
        self.keep()

    def keep(self) -> None:
        """Let the object have the names."""
        if isinstance(self.owner, PSObject):
            self.owner.type_names = tuple(to_text(one) for one in self)


def _insert_name(names: TypeNames, at: int, name: str) -> None:
    names.insert(at, name)


def _add_name(names: TypeNames, name: str) -> None:
    names.append(name)
    names.keep()


def _clear_names(names: TypeNames) -> None:
    names.clear()
    names.keep()


_TYPE_NAMES: Final = register(
    NetType(
        "System.Collections.ObjectModel.Collection`1[[System.String]]",
        OBJECT,
        properties=[Property("Count", len)],
        methods=[
            method("Insert", _insert_name, "index:int", "item:string"),
            method("Add", _add_name, "item:string"),
            method("Clear", _clear_names),
            method(
                "Contains",
                lambda names, name: name.lower() in (to_text(one).lower() for one in names),
                "item:string",
            ),
        ],
    )
)


def _copied(one: View) -> Any:
    if not isinstance(one.owner, PSObject):
        return one.owner
    found = PSObject()
    found.type_names = one.owner.type_names
    found.members = {key: Member(m.name, m.value, m.kind) for key, m in one.owner.members.items()}
    return found


register(View.ps_type).extend(
    properties=[
        Property("Properties", lambda one: MemberList(one.owner, infos(one.owner))),
        Property("Members", lambda one: MemberList(one.owner, infos(one.owner))),
        Property(
            "Methods",
            lambda one: MemberList(
                one.owner,
                [
                    MemberInfo(None, overloads[0].name, "Method")
                    for overloads in type_of(one.owner).methods.values()
                ],
            ),
        ),
        Property("TypeNames", lambda one: TypeNames(one.owner)),
        Property("BaseObject", lambda one: one.owner),
        Property("ImmediateBaseObject", lambda one: one.owner),
    ],
    methods=[method("Copy", _copied)],
)
add_view("PSObject", View)
add_view("PSTypeNames", TypeNames)
add_view("PSBase", lambda value: value)


def _make_object(_: Any, given: list[Any]) -> PSObject:
    if given and isinstance(given[0], PSObject):
        return given[0]
    if given and isinstance(given[0], Hashtable):
        return PSObject((to_text(key), value) for key, value in given[0].items())
    return PSObject()


register(PSObject.ps_type, "pscustomobject").extend(construct=_make_object)
register(NetType(_A + "PSObject", OBJECT, construct=_make_object), "psobject")


# ForEach and Where of collections


def _for_each(engine: Any, values: Any, what: Any, *arguments: Any) -> Any:
    given = elements(values) if is_list(values) else [values]
    if hasattr(what, "block"):
        return [
            one for item in given for one in engine.call_block(what, list(arguments), item=item)
        ]
    if isinstance(what, NetType):
        return [convert(one, what) for one in given]
    name = to_text(what).lower()
    return [get_member(one, name, engine) for one in given]


def _where(engine: Any, values: Any, block: Any, mode: Any = "Default", count: int = 0) -> Any:
    given = elements(values) if is_list(values) else [values]
    kind = to_text(mode).lower()
    kept = [one for one in given if truth(_flat(engine.call_block(block, [], item=one)))]
    if kind == "first":
        return kept[: count or 1]
    if kind == "last":
        return kept[-(count or 1) :]
    if kind == "split":
        return [kept, [one for one in given if not any(one is k for k in kept)]]
    return kept[:count] if count else kept


def _flat(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


add_collection_method(
    method("ForEach", _for_each, "expression:object", "*arguments:object", engine=True)
)
add_collection_method(
    method("Where", _where, "expression:object", "?mode:object", "?count:int", engine=True)
)


# Script blocks


def _invoke(engine: Any, block: ScriptBlock, *arguments: Any) -> list[Any]:
    return list(engine.call_block(block, list(arguments), inside=False))


def _invoke_as_is(engine: Any, block: ScriptBlock, *arguments: Any) -> Any:
    return collapsed(engine.call_block(block, list(arguments), inside=False))


def _make_block(engine: Any, text: str) -> Any:
    return engine.library.parse_block(text)


def _block_cast(value: Any) -> Any:
    raise ValueError(value)


register(ScriptBlock.ps_type, "scriptblock", of=ScriptBlock).extend(
    properties=[
        Property("File", lambda one: one.extent.source.file or None),
        Property("StartPosition", lambda one: one.extent.start),
        Property("Ast", lambda one: one.text),
    ],
    methods=[
        method("Invoke", _invoke, "*args:object", engine=True),
        method("InvokeReturnAsIs", _invoke_as_is, "*args:object", engine=True),
        method("GetNewClosure", lambda e, one: one.bound(e.scope), engine=True),
        method("ToString", lambda one: one.text),
    ],
    static_methods=[method("Create", _make_block, "script:string", engine=True)],
    text=lambda one: one.text,
    convert=_block_cast,
)


# Errors


def reason(one: ErrorRecord) -> str:
    """Return the short name of the exception's class."""
    return one.reason or one.exception.ps_type.short


def target_name(one: ErrorRecord) -> str:
    """Return the target as text."""
    if one.target_name or one.target is None:
        return one.target_name
    return (
        to_text(one.target) if not isinstance(one.target, Hashtable) else type_of(one.target).name
    )


def target_type(one: ErrorRecord) -> str:
    """Return the short name of the target's class."""
    if one.target_type or one.target is None:
        return one.target_type
    return type_of(one.target).short


def category_text(one: ErrorRecord) -> str:
    """Return ``Category: (target:Type) [activity], reason``."""
    target = f"{_shortened(target_name(one))}:{_shortened(target_type(one))}"
    return f"{one.category}: ({target}) [{_shortened(one.activity)}], {reason(one)}"


def _shortened(text: str) -> str:
    """Return a text of more than 40 characters by its first and last 15 (``ErrorPackage.cs``)."""
    return text if len(text) <= 40 else f"{text[:15]}...{text[-15:]}"


_LONGEST: Final = 69  # what 80 columns leave beside the marks
_BEFORE, _AFTER = 12, 8  # characters shown around an error on a line that is too long


def position_message(one: ErrorRecord) -> str:
    """Return where an error is: ``At line:1 char:1``, the line, and tildes under its part.

    A long line is cut as PowerShell does it (its published parser, ``Position.cs``): to 69
    characters, with up to 12 before the part in question, and 8 or whatever is left after it.
    """
    extent = one.extent
    if extent is None:
        return ""
    line, column = extent.line, extent.column
    name = extent.source.file or "line"
    where = f"At {name}:{line} char:{column}"
    text = extent.source.line(line).rstrip()
    if not text:
        return where
    at = column - 1
    size = min(extent.end - extent.start, max(len(text) - at, 0))
    before = text[:at].replace("\t", "    ")
    part = text[at : at + size].replace("\t", "    ")
    whole = before + part + text[at + size :].replace("\t", "    ")
    shown, pad, size = _cut(whole, len(before), len(part))
    return f"{where}\r\n+ {shown}\r\n+ {' ' * pad}{'~' * max(size, 1)}"


def _cut(text: str, at: int, size: int) -> tuple[str, int, int]:
    """Return what is shown of a line, and where its tildes begin and how many they are."""
    if len(text) <= _LONGEST:
        return text, at, size
    rest = len(text) - at - size
    prefix, suffix = min(at, _BEFORE), min(rest, _AFTER)
    if prefix + size + suffix >= _LONGEST:
        dots_after = True
    else:
        prefix = min(at, _LONGEST - size - suffix)
        suffix = min(rest, _LONGEST - size - prefix)
        dots_after = suffix < rest
    start = at - prefix
    shown = text[start : start + _LONGEST]
    size = min(size, _LONGEST - prefix)
    head = "... " if prefix < at else ""
    return head + shown + (" ..." if dots_after else ""), len(head) + prefix, size


_CATEGORY: Final = NetType(
    _A + "ErrorCategoryInfo",
    OBJECT,
    properties=[
        Property("Category", lambda one: ERROR_CATEGORY[one.category]),
        Property("Activity", lambda one: one.activity),
        Property("Reason", reason),
        Property("TargetName", target_name),
        Property("TargetType", target_type),
    ],
    text=category_text,
)


_DETAILS: Final = NetType(
    _A + "ErrorDetails",
    OBJECT,
    properties=[
        Property("Message", lambda one: one.message),
        Property("RecommendedAction", lambda one: one.recommended),
    ],
    text=lambda one: one.message,
)
_INVOCATION: Final = NetType(
    _A + "InvocationInfo",
    OBJECT,
    properties=[
        Property("MyCommand", lambda one: one.command or one.activity),
        Property("ScriptLineNumber", lambda one: one.extent.line if one.extent else 0),
        Property("OffsetInLine", lambda one: one.extent.column if one.extent else 0),
        Property(
            "Line",
            lambda one: one.extent.source.line(one.extent.line) if one.extent else "",
        ),
        Property("PositionMessage", position_message),
        Property("ScriptName", lambda one: one.extent.source.file if one.extent else ""),
        Property("InvocationName", lambda one: one.command or one.activity),
        Property("PSScriptRoot", lambda _: ""),
        Property("PSCommandPath", lambda _: ""),
    ],
)


register(EXCEPTION, "exception")
register(_CATEGORY)
register(_DETAILS)
register(_INVOCATION)


def _details(one: ErrorRecord) -> Any:
    if not one.details and not one.recommended:
        return None
    return NetObject(_DETAILS, one)


def _make_record(_: Any, given: list[Any]) -> ErrorRecord:
    thrown = given[0]
    if not isinstance(thrown, NetException):
        thrown = NetException(EXCEPTION, to_text(thrown))
    category = ERROR_CATEGORY.cast(given[2]).name
    return ErrorRecord(thrown, to_text(given[1]), category, given[3] if len(given) > 3 else None)


ERROR_RECORD: Final = register(
    NetType(
        _A + "ErrorRecord",
        OBJECT,
        properties=[
            Property("Exception", lambda one: one.exception),
            Property("TargetObject", lambda one: one.target),
            Property("CategoryInfo", lambda one: NetObject(_CATEGORY, one)),
            Property("FullyQualifiedErrorId", lambda one: one.full_id),
            Property("ErrorDetails", _details),
            Property("InvocationInfo", lambda one: NetObject(_INVOCATION, one)),
            Property(
                "ScriptStackTrace",
                lambda one: (
                    one.trace
                    or f"at <ScriptBlock>, <No file>: line {one.extent.line if one.extent else 1}"
                ),
            ),
            Property("PipelineIterationInfo", lambda _: []),
        ],
        text=lambda one: one.message,
        construct=_make_record,
    ),
    of=ErrorRecord,
)
