"""Makes calls of a profile's data model: fitting ones, and ones that are wrong in many ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from fuzz.documents import ODD_JSON, ODD_XML, Raw, Stamp, json_call, xml_call
from fuzz.mangling import mangled
from hvsim.xenserver.accounts import role
from hvsim.xenserver.messages import handled
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from random import Random

    from hvsim.xenserver.model import MessageModel, Param, Type
    from hvsim.xenserver.pool import Pool

WAITING: Final = frozenset({"event.next", "event.from"})
"""Messages whose answer may take for ever."""
_RARE: Final = (
    "host.shutdown", "host.reboot", "host.shutdown_agent", "host.restart_agent", "pool.eject",
    "pool.emergency", "pool.designate", "pool.enable_ha", "host.emergency", "session.change",
    "session.logout", "host.power_on", "pool.recover", "host.disable",
)  # fmt: skip
"""Messages that end much of what others could find out: chosen one time in ten as often."""
_TEXTS: Final = (
    "", " ", "x", "true", "autodetect", "0", "1", "-1", "9999999999999999999", "*", "vm", "VM/x",
    "name", "\u00e9\u4e16\U0001f600", "a\tb\nc", "<b>&amp;", "'\"\\", "../../etc/passwd", "%s%n",
    "00000000000000000001,00000000000000000000", 'field "name__label" = "web"', "not (",
    "00:16:3e:00:00:01", "192.0.2.77", "255.255.255.0", "xapi0", "nfs", "lvm", "user", "system",
    "unspecified", "Running", "halted", "hvm", "restart", "y" * 3_000, "\x7f\x1f", "\ufffe",
)  # fmt: skip
_INTS: Final = (
    0, 1, 2, 3, 7, -1, 64, 1000, 2**30, 2**31 - 1, 2**31, 2**40, 2**62, 2**63 - 1, -(2**63), 2**63,
    10**30,
)  # fmt: skip
_FLOATS: Final = (0.0, 1.0, 0.5, -1.0, 1e9, 1e308, -0.0, float("nan"), float("inf"))
_WILD: Final[tuple[Any, ...]] = (
    None, True, False, 0, 2**70, -5, 1.5, 1e300, float("nan"), float("inf"), "", "x", b"\x00\xff",
    [], [[]], ["a", 1, None], {}, {"a": {"b": []}}, {"": None}, Stamp("20090101T00:00:00Z"),
    Stamp("never"), Raw("<value/>"), Raw("<value><i4></i4></value>"),
    Raw("<value><i8>7</i8></value>"),
)  # fmt: skip
_FOREIGN: Final = (
    "OpaqueRef:00000000-0000-4000-a000-000000000000", "OpaqueRef:NULL", "", "session", "x" * 500,
    None, 5, [], {"a": 1}, True,
)  # fmt: skip


@dataclass
class Handles:
    """What there is in a pool to be talked about, as of a moment."""

    refs: dict[str, list[str]] = field(default_factory=dict)
    uuids: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def refresh(self, pool: Pool) -> None:
        with pool.world.access():
            tables = pool.db.tables
            self.refs = {cls: list(rows) for cls, rows in tables.items() if rows}
            self.refs |= {"role": roles} if (roles := list(role.of(pool.model).rows)) else {}
            rows = [row for cls in ("VM", "host", "SR", "VDI") for row in tables[cls].values()]
        self.uuids = [row["uuid"] for row in rows]
        self.names = [row.get("name_label", "") for row in rows]


@dataclass(frozen=True)
class Post:
    """One request's body and where it goes; ``waits`` when its answer may take for ever."""

    path: str
    body: bytes
    what: str
    waits: bool = False


class Caller:
    """Makes requests of a seed; the same seed and handles give the same requests."""

    def __init__(self, random: Random, pool: Pool, handles: Handles) -> None:
        self.random = random
        self.handles = handles
        self.session: Any = ""
        self._model = pool.model
        self._legacy = pool.legacy
        self._every = list(pool.model.messages.values())
        self._behaved = [m for m in self._every if m.name in handled()]
        self._changing = [m for m in self._every if m.kind.startswith("field_") and m.params[1:]]

    def post(self) -> Post:
        """Make a request, every second time a fitting one."""
        kind = self.random.choices(list(_KINDS), list(_KINDS.values()))[0]
        return kind(self)

    def fitting(self) -> Post:
        message = self._message()
        return self._written(message.name, self._params(message), message)

    def ill_typed(self) -> Post:
        message = self._message()
        params = self._params(message)
        if params:
            params[self.random.randrange(len(params))] = self._wild()
        return self._written(message.name, params, message)

    def miscounted(self) -> Post:
        message = self._message()
        params = self._params(message)
        if self.random.random() < 0.5:
            params = params[: self.random.randrange(len(params) + 1)]
        else:
            params += [self._wild() for _ in range(self.random.randint(1, 4))]
        return self._written(message.name, params, message)

    def unknown(self) -> Post:
        message = self._message()
        name = self.random.choice(
            (
                message.name.lower(),
                f"Async.{message.name}",
                f"InternalAsync.{message.name}",
                f"Async.Async.{message.name}",
                message.name.replace(".", "_"),
                message.name + "\u00e9",
                message.cls,
                "." + message.verb,
                "system.listMethods",
                "system.multicall",
                "__init__",
                "x" * 2_000,
                "",
            )
        )
        return self._written(name, self._params(message), message)

    def uninvited(self) -> Post:
        """A call with no session, a dead one or somebody else's kind of value."""
        message = self._message()
        params = self._params(message)
        if message.session and params:
            params[0] = self.random.choice(_FOREIGN)
        return self._written(message.name, params, message)

    def mangled(self) -> Post:
        found = self.fitting()
        return Post(found.path, mangled(self.random, found.body), "mangled " + found.what, True)

    def odd(self) -> Post:
        if self._legacy or self.random.random() < 0.6:
            return Post("/", self.random.choice(ODD_XML), "odd XML")
        return Post("/jsonrpc", self.random.choice(ODD_JSON), "odd JSON")

    def noise(self) -> Post:
        body = self.random.randbytes(self.random.randrange(300))
        return Post(self.random.choice(("/", "/jsonrpc")), body, "noise")

    def value(self, kind: Type, name: str = "") -> Any:
        """Make a value that fits a type, most of the time."""
        make = _MAKERS[kind.kind]
        return make(self, kind, name)

    def _written(self, name: str, params: list[Any], message: MessageModel) -> Post:
        waits = message.name in WAITING
        if not self._legacy and self.random.random() < 0.35:
            body = json_call(name, params, self.random.choice((1, 2)), self._identifier())
            return Post("/jsonrpc", body, name, waits)
        return Post("/", xml_call(name, params), name, waits)

    def _identifier(self) -> Any:
        return self.random.choice((0, 1, 2**53, "a", "", -1))

    def _message(self) -> MessageModel:
        random = self.random
        groups = (self._behaved, self._changing, self._every)
        found = random.choice(random.choices(groups, (70, 15, 15))[0])
        if found.name.startswith(_RARE) and random.random() < 0.9:
            return random.choice(self._behaved)
        return found

    def _params(self, message: MessageModel) -> list[Any]:
        params = [self.session] if message.session else []
        if message.kind == "create":
            return [*params, self._record(message.cls)]
        return params + [self._argument(message, param) for param in message.params]

    def _argument(self, message: MessageModel, param: Param) -> Any:
        if message.name == "event.from" and param.name == "timeout":
            return self.random.choice((0.0, 0.01, 1e9, -1.0))
        if message.cls == "session" and param.name in ("uname", "pwd"):
            return self.random.choice(("root", "password", "olga", "pw", "x"))
        if param.name in ("address", "master_address") and self.random.random() < 0.5:
            return self.random.choice(("127.0.0.11", "127.0.0.12", "127.0.0.13", "192.0.2.254"))
        if message.name == "session.change_password" and param.name == "new_pwd":
            return "changed"
        return self.value(param.type, param.name)

    def _record(self, cls: str) -> dict[str, Any]:
        fields = self._model.classes[cls].constructor_fields
        record = {f.name: self.value(f.type, f.name) for f in fields}
        if self.random.random() < 0.2 and record:
            del record[self.random.choice(list(record))]
        return record

    def _wild(self) -> Any:
        return self.random.choice(_WILD)

    def _ref(self, kind: Type, _name: str) -> Any:
        refs = self.handles.refs
        chance = self.random.random()
        if chance < 0.85 and kind.cls in refs:
            return self.random.choice(refs[kind.cls])
        if chance < 0.95:
            return self.random.choice(refs[self.random.choice(list(refs))])
        return self.random.choice((NULL_REF, "OpaqueRef:dead", "", "x"))

    def _string(self, _kind: Type, name: str) -> Any:
        chance = self.random.random()
        if "uuid" in name and chance < 0.8:
            return self.random.choice(self.handles.uuids)
        if chance < 0.25:
            return self.random.choice(self.handles.names)
        if chance < 0.3:
            return self._ref(_kind, name)
        return self.random.choice(_TEXTS)

    def _int(self, _kind: Type, _name: str) -> Any:
        number = self.random.choice(_INTS)
        return str(number) if self._legacy or self.random.random() < 0.5 else number

    def _enum(self, kind: Type, _name: str) -> Any:
        known = self._model.enums.get(kind.enum or "", ())
        if known and self.random.random() < 0.9:
            return self.random.choice(known)
        return self.random.choice(_TEXTS)

    def _set(self, kind: Type, name: str) -> Any:
        count = self.random.choice((0, 1, 1, 2, 5))
        return [self.value(kind.of, name) for _ in range(count)] if kind.of else []

    def _map(self, kind: Type, name: str) -> Any:
        if kind.key is None or kind.value is None:
            return {}
        count = self.random.choice((0, 1, 2))
        pairs = ((self.value(kind.key, name), self.value(kind.value, name)) for _ in range(count))
        return {str(key): value for key, value in pairs}


_Maker = Callable[["Caller", "Type", str], Any]
_MAKERS: Final[dict[str, _Maker]] = {
    "ref": Caller._ref,
    "string": Caller._string,
    "void": Caller._string,
    "int": Caller._int,
    "enum": Caller._enum,
    "set": Caller._set,
    "option": Caller._set,
    "map": Caller._map,
    "float": lambda caller, _kind, _name: caller.random.choice(_FLOATS),
    "bool": lambda caller, _kind, _name: caller.random.random() < 0.5,
    "datetime": lambda caller, _kind, _name: caller.random.choice(
        (Stamp("20300101T00:00:00Z"), Stamp("19700101T00:00:00Z"), Stamp("99999999T99:99:99Z"))
    ),
    "record": lambda caller, kind, _name: (
        caller._record(kind.cls) if kind.cls in caller._model.classes else {}
    ),
}
_KINDS: Final[dict[Callable[[Caller], Post], int]] = {
    Caller.fitting: 52,
    Caller.ill_typed: 12,
    Caller.miscounted: 6,
    Caller.unknown: 4,
    Caller.uninvited: 6,
    Caller.mangled: 14,
    Caller.odd: 4,
    Caller.noise: 2,
}
"""What is made, and how often in a hundred."""
