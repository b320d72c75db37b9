"""The XenAPI data model of one product release: classes, fields, messages, types.

The facts stand in ``datamodel.json`` (classes, fields, messages, life cycles and error
parameters as xapi declares them in its interface description). Life cycles date every
element, so a release's model is a filter over one file.

What a release serves follows xapi's own dispatcher and record writers:

* a record carries every field introduced up to that release, whether the life cycle calls
  it published, prototyped, deprecated or removed (xapi never drops a field from a record;
  a removed one keeps its empty value);
* a message introduced later does not exist; a removed one exists and answers
  ``MESSAGE_REMOVED``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable

Value: TypeAlias = str | int | float | bool | list[Any] | dict[str, Any]
"""A JSON-ready value of any XenAPI type, as rows hold it."""

NULL_REF: Final = "OpaqueRef:NULL"
EPOCH: Final = "19700101T00:00:00Z"

TypeKind = Literal[
    "void", "string", "int", "float", "bool", "datetime", "ref", "enum", "set", "map", "record",
    "option",
]  # fmt: skip
MessageKind = Literal[
    "custom", "field_get", "field_set", "field_add", "field_remove", "get_record", "get_by_uuid",
    "get_by_name_label", "get_all", "get_all_where", "get_all_records", "get_all_records_where",
    "create", "destroy",
]  # fmt: skip
Qualifier = Literal["RW", "RO/constructor", "RO/runtime"]
State = Literal["unreleased", "prototyped", "published", "deprecated", "removed"]

PROFILES: Final[dict[str, tuple[str, bool]]] = {
    "xenserver-5.5": ("george", False),
    "xenserver-8": ("nile", True),
}
"""Profile name -> (release that names it, whether it is updated continuously).

A continuously updated release contains everything the model declares: its additions are
dated by component versions ("23.18.0"), which follow the named releases.
"""

_STATE_AFTER: Final[dict[str, State]] = {
    "prototyped": "prototyped",
    "published": "published",
    "deprecated": "deprecated",
    "removed": "removed",
}
_PREFIXES: Final = {
    "field_get": ("get_",),
    "field_set": ("set_",),
    "field_add": ("add_to_", "add_"),
    "field_remove": ("remove_from_", "remove_"),
}


@dataclass(frozen=True, slots=True)
class Type:
    """One XenAPI type.

    ``of`` is the element of a set or option; ``cls`` names the class of a ref or record;
    ``secret`` marks a string that must never be logged.
    """

    kind: TypeKind
    of: Type | None = None
    key: Type | None = None
    value: Type | None = None
    cls: str | None = None
    enum: str | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True)
class FieldModel:
    """One field of a record. ``default`` is the model's own default, JSON-ready, or ``None``."""

    name: str
    cls: str
    type: Type
    qualifier: Qualifier
    default: Any
    state: State

    @property
    def writable(self) -> bool:
        """Whether the generic setters may change it."""
        return self.qualifier == "RW"


@dataclass(frozen=True, slots=True)
class Param:
    """One message parameter after the session. ``default`` only means something if ``optional``."""

    name: str
    type: Type
    optional: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True)
class MessageModel:
    """One message, e.g. ``VM.start``. ``params`` exclude the leading session reference.

    ``field`` names the field of a generic getter, setter, add or remove.
    """

    name: str
    cls: str
    verb: str
    params: tuple[Param, ...]
    result: Type
    session: bool
    is_async: bool
    kind: MessageKind
    field: str | None
    roles: frozenset[str]
    emergency: bool
    hidden: bool
    pool_internal: bool
    state: State
    lifecycle: tuple[tuple[str, str], ...]

    @property
    def removed(self) -> bool:
        """Whether the release answers ``MESSAGE_REMOVED``."""
        return self.state == "removed"

    @property
    def required(self) -> int:
        """How many parameters have no default: what an arity error calls expected."""
        return sum(not param.optional for param in self.params)

    @property
    def is_generic(self) -> bool:
        """Whether the message is implied by the class and its fields rather than hand-made."""
        return self.kind not in ("custom", "create", "destroy")


@dataclass(frozen=True, slots=True)
class ClassModel:
    """One class. ``in_database`` ones have a table; ``events`` ones appear in event streams."""

    name: str
    fields: dict[str, FieldModel]
    messages: dict[str, MessageModel]
    events: bool
    in_database: bool
    state: State

    @property
    def constructor_fields(self) -> tuple[FieldModel, ...]:
        """The fields a ``create`` struct may carry."""
        return tuple(f for f in self.fields.values() if f.qualifier != "RO/runtime")


_LATER_VALUES: Final[dict[str, frozenset[str]]] = {
    "vdi_type": frozenset({"redo_log", "rrd", "pvs_cache", "cbt_metadata"}),
    "vbd_type": frozenset({"Floppy"}),
    "cls": frozenset({"VMPP", "VMSS", "PVS_proxy", "VDI", "Certificate"}),
}
"""Values that clients can send and that xapi's model of June 2009 does not have."""


class Model:
    """The data model as one profile's product serves it. Immutable; share freely."""

    def __init__(self, profile: str, facts: dict[str, Any]) -> None:
        self.profile = profile
        self.release, rolling = PROFILES[profile]
        self.api_version = _api_version(facts["releases"], self.release)
        later = {} if rolling else _LATER_VALUES
        self.enums: dict[str, tuple[str, ...]] = {
            name: tuple(value for value in values if value not in later.get(name, ()))
            for name, values in facts["enums"].items()
        }
        self.error_params: dict[str, tuple[str, ...]] = {
            code: tuple(names) for code, names in facts["errors"].items()
        }
        era = "error_codes" if rolling else "error_codes_june_2009"
        self.error_codes: frozenset[str] = frozenset(facts[era])
        self.alerts: dict[str, int] = facts["alerts"]
        self.classes = _Builder(facts, None if rolling else self.release).classes()
        self.relations = tuple(
            (a, f, b, g)
            for a, f, b, g in facts["relations"]
            if f in self._fields(a) and g in self._fields(b)
        )
        self._messages = {m.name: m for c in self.classes.values() for m in c.messages.values()}
        self._folded = {name.lower(): name for name in self.classes}
        self._defaults: dict[str, dict[str, Value]] = {}

    @staticmethod
    def for_profile(profile: str) -> Model:
        """Return the model of ``"xenserver-5.5"`` or ``"xenserver-8"``; built once per process.

        Raises ``ValueError`` for an unknown profile.
        """
        return _for_profile(profile)

    def message(self, name: str) -> MessageModel | None:
        """Return the message of that dotted name (``VM.start``), or ``None``."""
        return self._messages.get(name)

    @property
    def messages(self) -> dict[str, MessageModel]:
        """Every message of the profile by dotted name, in the model's order."""
        return self._messages

    def class_named(self, name: str) -> ClassModel | None:
        """Return the class named so in any case (event streams use lower case), or ``None``."""
        exact = self._folded.get(name.lower())
        return None if exact is None else self.classes[exact]

    def default_row(self, cls: str) -> dict[str, Value]:
        """Return a fresh record of ``cls``: each field at its default or its type's empty value."""
        template = self._defaults.get(cls)
        if template is None:
            fields = self.classes[cls].fields
            template = {name: self._initial(field) for name, field in fields.items()}
            self._defaults[cls] = template
        return {
            name: value.copy() if isinstance(value, (list, dict)) else value
            for name, value in template.items()
        }

    def empty(self, kind: Type) -> Value:
        """Return the empty value of a type: ``""``, ``0``, the null reference, ``[]``, ``{}``..."""
        if kind.kind == "enum":
            values = self.enums.get(kind.enum or "", ())
            return values[0] if values else ""
        return _EMPTY[kind.kind]()

    def _initial(self, field: FieldModel) -> Value:
        return self.empty(field.type) if field.default is None else cast("Value", field.default)

    def _fields(self, cls: str) -> dict[str, FieldModel]:
        found = self.classes.get(cls)
        return found.fields if found else {}


_EMPTY: Final[dict[str, Callable[[], Value]]] = {
    "void": str,
    "string": str,
    "int": int,
    "float": float,
    "bool": bool,
    "datetime": lambda: EPOCH,
    "ref": lambda: NULL_REF,
    "set": list,
    "map": dict,
    "record": dict,
    "option": list,
}


@cache
def parse_type(text: str) -> Type:
    """Parse the data file's type notation, e.g. ``(string -> VM ref) map`` or ``enum x set``."""
    if text.endswith(" set"):
        return Type("set", of=parse_type(text[:-4]))
    if text.endswith(" option"):
        return Type("option", of=parse_type(text[:-7]))
    if text.startswith("(") and text.endswith(") map"):
        key, _, value = text[1:-5].partition(" -> ")
        return Type("map", key=parse_type(key), value=parse_type(value))
    if text.startswith("enum "):
        return Type("enum", enum=text[5:])
    return _plain_type(text)


def _plain_type(text: str) -> Type:
    name, _, suffix = text.rpartition(" ")
    if suffix == "ref":
        return Type("ref", cls=name)
    if suffix == "record":
        return Type("record", cls=name)
    if text == "secret":
        return Type("string", secret=True)
    if text in ("void", "string", "int", "float", "bool", "datetime"):
        return Type(text)  # type: ignore[arg-type]  # narrowed by the membership test above
    raise ValueError(f"unknown XenAPI type {text!r}")


class _Builder:
    """Turns the facts into class models as of one release."""

    def __init__(self, facts: dict[str, Any], release: str | None) -> None:
        self._facts = facts
        self._order = {name: index for index, name in enumerate(facts["releases"])}
        self._limit = None if release is None else self._order[release]
        self._roles = [frozenset(roles) for roles in facts["role_sets"]]

    def classes(self) -> dict[str, ClassModel]:
        built = {}
        for name, raw in self._facts["classes"].items():
            state = self._state(raw["lifecycle"])
            if state != "unreleased":
                built[name] = self._class(name, raw, state)
        return built

    def _class(self, name: str, raw: dict[str, Any], state: State) -> ClassModel:
        fields = {}
        for field, facts in raw["fields"].items():
            since = self._state(facts["lifecycle"])
            if since != "unreleased" and not facts.get("internal_only"):
                fields[field] = _field(name, field, facts, since)
        messages = {}
        for verb, facts in raw["messages"].items():
            since = self._state(facts["lifecycle"])
            if since != "unreleased":
                messages[verb] = self._message(name, verb, facts, fields, since)
        return ClassModel(name, fields, messages, raw["events"], raw["in_database"], state)

    def _message(
        self, cls: str, verb: str, raw: dict[str, Any], fields: dict[str, FieldModel], state: State
    ) -> MessageModel:
        params = tuple(_param(entry) for entry in raw["params"])
        if self._limit is not None:
            params = tuple(_as_of_2009(param) for param in params if _known_in_2009(param))
        kind, field = _kind(verb, raw["kind"], params, fields)
        return MessageModel(
            name=f"{cls}.{verb}",
            cls=cls,
            verb=verb,
            params=params,
            result=parse_type(raw["result"]),
            session=raw.get("session", True),
            is_async=raw.get("async", False),
            kind=kind,
            field=field,
            roles=self._roles[raw["roles"]],
            emergency=raw.get("emergency", False),
            hidden=raw.get("hidden", False),
            pool_internal=raw.get("pool_internal", False),
            state=state,
            lifecycle=tuple((change, release) for change, release in raw["lifecycle"]),
        )

    def _state(self, lifecycle: list[list[str]]) -> State:
        state: State = "unreleased"
        for change, release in lifecycle:
            if self._limit is None or self._order.get(release, len(self._order)) <= self._limit:
                state = _STATE_AFTER.get(change, state)
        # The named releases know no MESSAGE_REMOVED: what later data calls removed works there.
        return "deprecated" if state == "removed" and self._limit is not None else state


def _field(cls: str, name: str, raw: dict[str, Any], state: State) -> FieldModel:
    default = raw.get("default")
    return FieldModel(name, cls, parse_type(raw["type"]), raw["qualifier"], default, state)


def _param(raw: list[Any]) -> Param:
    if len(raw) == 2:
        return Param(raw[0], parse_type(raw[1]))
    return Param(raw[0], parse_type(raw[1]), optional=True, default=raw[2])


_OPTIONAL_IN_2009: Final = frozenset(
    {
        "config", "disallow_unplug", "driver_params", "external_auth_configuration",
        "external_auth_service_name", "external_auth_type", "sm_config", "sr", "token", "version",
        "xenstore_data",
    }
)  # fmt: skip
"""Parameters with a default that xapi declared in June 2009; later ones are unknown to it."""


def _known_in_2009(param: Param) -> bool:
    return not param.optional or param.name in _OPTIONAL_IN_2009


def _as_of_2009(param: Param) -> Param:
    # VDI.copy has had a default for its target since it can also copy into a given disk.
    return Param(param.name, param.type) if param.name == "sr" else param


def _kind(
    verb: str, declared: str, params: tuple[Param, ...], fields: dict[str, FieldModel]
) -> tuple[MessageKind, str | None]:
    """Return the message's kind and field.

    Hand-declared ``add_to_F``/``remove_from_F`` on a plain collection field count as the
    generic ones they copy.
    """
    if declared == "custom" and params and params[0].name == "self":
        for kind, prefix in (("field_add", "add_to_"), ("field_remove", "remove_from_")):
            field = verb.removeprefix(prefix)
            if field != verb and field in fields and fields[field].type.kind in ("map", "set"):
                return kind, field  # type: ignore[return-value]  # both literals are kinds
    for prefix in _PREFIXES.get(declared, ()):
        if verb.startswith(prefix):
            return declared, verb.removeprefix(prefix)  # type: ignore[return-value]  # data file kinds
    return declared, None  # type: ignore[return-value]  # data file kinds


def _api_version(releases: dict[str, dict[str, str]], release: str) -> tuple[int, int]:
    major, _, minor = releases[release]["api_version"].partition(".")
    return int(major), int(minor)


@cache
def _facts() -> dict[str, Any]:
    data = resources.files("hvsim.xenserver").joinpath("datamodel.json").read_bytes()
    facts: dict[str, Any] = orjson.loads(data)
    return facts


@cache
def _for_profile(profile: str) -> Model:
    if profile not in PROFILES:
        raise ValueError(f"unknown XenServer profile {profile!r}: choose from {sorted(PROFILES)}")
    return Model(profile, _facts())
