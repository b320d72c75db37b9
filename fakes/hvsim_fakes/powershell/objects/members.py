"""Members of any value: reading, writing, listing and calling them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.errors import (
    NetException,
    PowerShellError,
    exception_type,
    failure,
)
from hvsim_fakes.powershell.objects.convert import convert
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.nettype import OBJECT, Method, NetObject, NetType
from hvsim_fakes.powershell.objects.registry import find, type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Dictionary,
    Hashtable,
    Member,
    PSObject,
    collapsed,
    elements,
    is_list,
    unrolled,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MISSING: Final = object()
_VIEWS: dict[str, Callable[[Any], Any]] = {}
"""What ``.PSObject``, ``.PSTypeNames`` and the like give; :mod:`dotnet.automation` has them."""


def add_view(name: str, make: Callable[[Any], Any]) -> None:
    """Register a member that every value has."""
    _VIEWS[name.lower()] = make


def get_member(value: Any, name: str, engine: Any) -> Any:
    """Return a property's value; None if there is none. ``name`` is in lower case."""
    found = find_member(value, name, engine)
    return None if found is _MISSING else found


def has_member(value: Any, name: str, engine: Any) -> bool:
    """Tell whether a value has a property, itself or in its elements."""
    return find_member(value, name, engine) is not _MISSING


def read(value: Any, name: str, engine: Any) -> tuple[bool, Any]:
    """Return whether a value has a property, and its value."""
    found = find_member(value, name, engine)
    return (False, None) if found is _MISSING else (True, found)


def find_member(value: Any, name: str, engine: Any) -> Any:
    """Return a property's value, or a mark that there is none."""
    kind = type(value)
    if kind is NetObject:
        known = value.ps_type.properties.get(name)
        if known is not None:
            return _got(known.get(value.data))
        if value.extra is not None and name in value.extra:
            return member_value(value.extra[name], value, engine)
    elif kind is PSObject:
        member = value.members.get(name)
        if member is not None:
            return (
                member.value
                if member.kind == "NoteProperty"
                else member_value(member, value, engine)
            )
    elif value is None or value is NOTHING:
        return 0 if name in ("count", "length") else _MISSING
    else:
        return _other_member(value, name, engine)
    return _common_member(value, name)


def _other_member(value: Any, name: str, engine: Any) -> Any:
    if isinstance(value, Hashtable) and value.has(name):
        return value.get(name) if not isinstance(value, Dictionary) else _dictionary(value, name)
    known = type_of(value).properties.get(name)
    if known is not None:
        return _got(known.get(value))
    if isinstance(value, Dictionary):
        found = _dictionary(value, name)
        if found is not None:
            return found
    if is_list(value) and name not in _VIEWS:
        return _enumerated(value, name, engine)
    extra = getattr(value, "extra", None)
    if isinstance(extra, dict) and name in extra:
        return member_value(extra[name], value, engine)
    return _common_member(value, name)


def _dictionary(value: Dictionary, name: str) -> Any:
    """Look a key up as a property: without regard to case, though keys have one."""
    for key, found in value.items():
        if isinstance(key, str) and key.lower() == name:
            return found
    return None


def _got(found: Any) -> Any:
    return None if found is NOTHING else found


def _common_member(value: Any, name: str) -> Any:
    view = _VIEWS.get(name)
    if view is not None:
        return view(value)
    if name in ("count", "length") and not _is_custom(value):
        return 1  # every single value counts as one; a custom object does not in 5.1
    return _MISSING


def _is_custom(value: Any) -> bool:
    """Tell whether a value is a custom object, not one that stands for an object of .NET."""
    return isinstance(value, PSObject) and value.type_names[0].startswith(
        ("Selected.", "System.Management.Automation.PSCustomObject", "System.Object")
    )


def _enumerated(values: Any, name: str, engine: Any) -> Any:
    found: list[Any] = []
    any_has = False
    for one in elements(values):
        part = find_member(one, name, engine)
        if part is not _MISSING and not (one is None and name in ("count", "length")):
            any_has = True
            found.extend(unrolled(part))
    if not any_has:
        return _MISSING
    return None if not found else collapsed(found)


def member_value(member: Member, owner: Any, engine: Any) -> Any:
    """Return the value of a member of any kind."""
    if member.kind == "NoteProperty":
        return member.value
    if member.kind == "AliasProperty":
        return get_member(owner, to_text(member.value).lower(), engine)
    if member.kind == "ScriptProperty" and engine is not None:
        return collapsed_or_none(engine.call_block(member.value, [], this=owner))
    return None


def collapsed_or_none(values: list[Any]) -> Any:
    """Return what a property makes of a script's outputs."""
    found = collapsed(values)
    return None if found is NOTHING else found


def list_members(value: Any, engine: Any = None) -> Iterator[tuple[str, Any]]:
    """Go through all properties with their values, in order."""
    if isinstance(value, PSObject):
        for member in list(value.members.values()):
            if member.kind != "ScriptMethod":
                yield member.name, member_value(member, value, engine)
        return
    data = value.data if isinstance(value, NetObject) else value
    for known in type_of(value).properties.values():
        yield known.name, _safe(known.get, data)
    for member in list((getattr(value, "extra", None) or {}).values()):
        if member.kind != "ScriptMethod":
            yield member.name, member_value(member, value, engine)


def _safe(get: Any, data: Any) -> Any:
    try:
        return _got(get(data))
    except (NetError, PowerShellError):
        return None


# Writing


def set_member(value: Any, name: str, new: Any, engine: Any) -> None:
    """Assign a property.

    Raises:
        PowerShellError: there is none, or it is read-only, or the value does not fit.
    """
    if isinstance(value, Hashtable):
        value.set(name, new)
        return
    lower = name.lower()
    member = _member_of(value, lower)
    if member is not None:
        _assign_member(member, value, new, engine)
        return
    if value is None or value is NOTHING:
        raise failure(_not_there(name), "PropertyNotFound", "InvalidOperation")
    _assign_property(value, name, lower, new, engine)


def _member_of(value: Any, lower: str) -> Member | None:
    if isinstance(value, PSObject):
        return value.members.get(lower)
    extra = getattr(value, "extra", None)
    return extra.get(lower) if isinstance(extra, dict) else None


def _assign_member(member: Member, owner: Any, new: Any, engine: Any) -> None:
    if member.kind == "AliasProperty":
        set_member(owner, to_text(member.value), new, engine)
    elif member.kind == "NoteProperty":
        member.value = new
    else:
        text = (
            f'Exception setting "{member.name}": "Set accessor for property "{member.name}" is '
            'unavailable."'
        )
        raise failure(text, "ExceptionWhenSetting", "NotSpecified", exception=_SET)


_SET = "System.Management.Automation.SetValueException"


def _assign_property(value: Any, name: str, lower: str, new: Any, engine: Any) -> None:
    known = type_of(value).properties.get(lower)
    if known is None:
        if is_list(value) and elements(value) and all(has_member(v, lower, engine) for v in value):
            for one in elements(value):
                set_member(one, name, new, engine)
            return
        raise _no_property(value, name)
    if known.set is None:
        text = f"'{known.name}' is a ReadOnly property."
        raise failure(text, "PropertyAssignmentException", "InvalidOperation")
    kind = find(known.type)
    converted = new if kind is None or kind is OBJECT else convert(new, kind)
    try:
        known.set(value.data if isinstance(value, NetObject) else value, converted)
    except NetError as wrong:
        text = f'Exception setting "{known.name}": "{wrong.message}"'
        cause = NetException(exception_type(wrong.kind), wrong.message)
        raise failure(
            text,
            "ExceptionWhenSetting",
            "NotSpecified",
            exception="System.Management.Automation.SetValueInvocationException",
            inner=cause,
        ) from None


def _not_there(name: str) -> str:
    return (
        f"The property '{name}' cannot be found on this object. Verify that the property exists "
        "and can be set."
    )


def _no_property(value: Any, name: str) -> PowerShellError:
    plain = _not_there(name)
    if isinstance(value, PSObject):
        text = f'Exception setting "{name}": "{plain}"'
        return failure(
            text,
            "ExceptionWhenSetting",
            "NotSpecified",
            exception="System.Management.Automation.SetValueInvocationException",
        )
    return failure(plain, "PropertyNotFound", "InvalidOperation")


# Calling


def call_method(engine: Any, value: Any, name: str, arguments: list[Any]) -> Any:
    """Call a method of a value.

    Raises:
        PowerShellError: there is none, the arguments do not fit, or it failed.
    """
    if value is None or value is NOTHING:
        text = "You cannot call a method on a null-valued expression."
        raise failure(text, "InvokeMethodOnNull", "InvalidOperation")
    lower = name.lower()
    script = _script_method(value, lower)
    if script is not None:
        return collapsed_or_none(engine.call_block(script, arguments, this=value))
    kind = type_of(value)
    found = kind.methods.get(lower) or _COLLECTION_METHODS.get(lower)
    if found is None:
        return _enumerated_call(engine, value, name, arguments)
    own = isinstance(value, NetObject) and found is not OBJECT.methods.get(lower)
    return invoke(engine, found, (value.data if own else value,), name, arguments)


def _enumerated_call(engine: Any, value: Any, name: str, arguments: list[Any]) -> Any:
    """Call the method of each element of a list, when all have it."""
    inner = elements(value) if is_list(value) else []
    if inner and all(one is not None and has_method(one, name.lower()) for one in inner):
        found: list[Any] = []
        for one in inner:
            found.extend(unrolled(call_method(engine, one, name, arguments)))
        return collapsed_or_none(found)
    raise no_method(value, name)


def has_method(value: Any, lower: str) -> bool:
    """Tell whether a value has a method."""
    return lower in type_of(value).methods or _script_method(value, lower) is not None


_COLLECTION_METHODS: dict[str, tuple[Method, ...]] = {}
"""``ForEach`` and ``Where``, which every value has; filled by :mod:`dotnet.automation`."""


def add_collection_method(method: Method) -> None:
    """Register a method that every value has."""
    lower = method.name.lower()
    _COLLECTION_METHODS[lower] = (*_COLLECTION_METHODS.get(lower, ()), method)


def _script_method(value: Any, lower: str) -> Any:
    member = _member_of(value, lower)
    if member is None:
        return None
    if member.kind == "ScriptMethod":
        return member.value
    return None


def no_method(value: Any, name: str) -> PowerShellError:
    """Return the error for a method that a value does not have."""
    kind = value if isinstance(value, NetType) else type_of(value)
    text = (
        f"Method invocation failed because [{kind.name}] does not contain a method named '{name}'."
    )
    return failure(
        text, "MethodNotFound", "InvalidOperation", name, target_name=name, target_type="String"
    )


def call_static(engine: Any, kind: NetType, name: str, arguments: list[Any]) -> Any:
    """Call a method of a type."""
    found = kind.static_methods.get(name.lower())
    if name.lower() == "new":
        return construct(engine, kind, arguments)
    if found is None:
        base = kind.base
        while base is not None and found is None:
            found = base.static_methods.get(name.lower())
            base = base.base
    if found is None:
        raise no_method(kind, name)
    return invoke(engine, found, (), name, arguments)


def construct(engine: Any, kind: NetType, arguments: list[Any]) -> Any:
    """Make an object of a type."""
    if kind.construct is None:
        text = (
            "A constructor was not found. Cannot find an appropriate constructor for type "
            f"{kind.name}."
        )
        raise failure(
            text,
            "CannotFindAppropriateCtor",
            "ObjectNotFound",
            exception=_ARGUMENT,
        )
    try:
        return kind.construct(engine, arguments)
    except NetError as wrong:
        raise _invocation(".ctor", arguments, wrong) from None
    except (TypeError, ValueError, IndexError):
        raise no_overload(kind.short, len(arguments)) from None


_ARGUMENT = "System.Management.Automation.PSArgumentException"
_METHOD = "System.Management.Automation.MethodException"


def get_static(engine: Any, kind: NetType, name: str) -> Any:
    """Return a static property of a type; None if there is none."""
    at: NetType | None = kind
    while at is not None:
        found = at.static.get(name)
        if found is not None:
            kept = engine.statics.get((at.name, name)) if found.set is not None else None
            return found.get(engine) if kept is None else kept
        at = at.base
    return None


def set_static(engine: Any, kind: NetType, name: str, value: Any) -> None:
    """Assign a static property; it is kept as long as the session.

    Raises:
        PowerShellError: there is none, or it is read-only.
    """
    found = kind.static.get(name.lower())
    if found is None:
        raise failure(_not_there(name), "PropertyNotFound", "InvalidOperation")
    if found.set is None:
        text = f"'{found.name}' is a ReadOnly property."
        raise failure(text, "PropertyAssignmentException", "InvalidOperation")
    engine.statics[(kind.name, name.lower())] = value


def invoke(
    engine: Any, overloads: tuple[Method, ...], owner: tuple[Any, ...], name: str, given: list[Any]
) -> Any:
    """Call the overload that fits the arguments."""
    chosen, arguments = _choose(overloads, name, given)
    try:
        if chosen.engine:
            return chosen.call(engine, *owner, *arguments)
        return chosen.call(*owner, *arguments)
    except NetError as wrong:
        raise _invocation(chosen.name, given, wrong) from None
    except (TypeError, ValueError, AttributeError, OverflowError):
        # An argument that the table leaves open is of a kind that the method has no use for.
        raise no_overload(chosen.name, len(given)) from None


def no_overload(name: str, count: int) -> PowerShellError:
    """Return the error for arguments that no form of a method takes."""
    text = f'Cannot find an overload for "{name}" and the argument count: "{count}".'
    return failure(text, "MethodCountCouldNotFindBest", "NotSpecified", exception=_METHOD)


def _invocation(name: str, given: list[Any], wrong: NetError) -> PowerShellError:
    text = f'Exception calling "{name}" with "{len(given)}" argument(s): "{wrong.message}"'
    cause = NetException(exception_type(wrong.kind), wrong.message)
    refused = failure(
        text,
        wrong.kind.rpartition(".")[2],
        "NotSpecified",
        exception="System.Management.Automation.MethodInvocationException",
        inner=cause,
    )
    refused.fatal = wrong.fatal
    return refused


def _choose(overloads: tuple[Method, ...], name: str, given: list[Any]) -> tuple[Method, list[Any]]:
    fitting = [
        one
        for one in overloads
        if one.fewest <= len(given) and (one.most is None or len(given) <= one.most)
    ]
    if not fitting:
        raise no_overload(name, len(given))
    wrong: PowerShellError | None = None
    if len(fitting) > 1:
        fitting.sort(key=lambda one: -_closeness(one, given))
    for one in fitting:
        try:
            return one, _converted(one, name, given)
        except PowerShellError as refused:
            wrong = wrong or refused
    raise wrong or no_method(None, name)


def _kinds(method: Method, count: int) -> list[str]:
    kinds: list[str] = []
    for parameter in method.parameters:
        kind = parameter.partition(":")[2]
        if parameter[0] == "*":
            kinds += [kind] * (count - len(kinds))
        else:
            kinds.append(kind)
    return kinds[:count]


def _closeness(method: Method, given: list[Any]) -> int:
    score = 0
    for kind, value in zip(_kinds(method, len(given)), given, strict=False):
        wanted = find(kind)
        if wanted is None:
            continue
        actual = type_of(value)
        score += 3 if actual is wanted else 1 if wanted is OBJECT or actual.fits(wanted) else 0
    return score - (1 if method.most is None else 0)


def _converted(method: Method, name: str, given: list[Any]) -> list[Any]:
    starred = method.parameters[:1] and method.parameters[0][0] == "*"
    if starred and len(given) == 1 and is_list(given[0]):
        given = elements(given[0])
    out = []
    for kind, value, parameter in zip(
        _kinds(method, len(given)), given, _names(method, len(given)), strict=False
    ):
        wanted = find(kind)
        if wanted is None or wanted is OBJECT:
            out.append(None if value is NOTHING else value)
            continue
        try:
            out.append(convert(value, wanted))
        except PowerShellError as refused:
            text = (
                f'Cannot convert argument "{parameter}", with value: "{to_text(value)}", for '
                f'"{name}" to type "{wanted.name}": "{refused.record.exception.message}"'
            )
            raise failure(
                text,
                "MethodArgumentConversionInvalidCastArgument",
                "NotSpecified",
                exception=_METHOD,
                inner=refused.record.exception,
            ) from None
    return out


def _names(method: Method, count: int) -> list[str]:
    names = [one.partition(":")[0].lstrip("?*") for one in method.parameters]
    return names + [names[-1] if names else ""] * (count - len(names))
