"""Environment, Console, culture and the like: what the simulated host says of itself."""

from __future__ import annotations

import random
from typing import Any, Final

from hvsim_fakes.powershell.dotnet.strings import ENCODINGS
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.fault import out_of_range
from hvsim_fakes.powershell.objects.formatting import format_string
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import Byte, Version

_OS: Final = NetType(
    "System.OperatingSystem",
    OBJECT,
    properties=[
        Property("Platform", lambda _: "Win32NT"),
        Property("ServicePack", lambda _: ""),
        Property("Version", lambda version: version),
        Property("VersionString", lambda version: f"Microsoft Windows NT {version}"),
    ],
    text=lambda version: f"Microsoft Windows NT {version}",
)
_FOLDERS: Final = {
    "Desktop": "C:\\Users\\Administrator\\Desktop",
    "MyDocuments": "C:\\Users\\Administrator\\Documents",
    "ApplicationData": "C:\\Users\\Administrator\\AppData\\Roaming",
    "LocalApplicationData": "C:\\Users\\Administrator\\AppData\\Local",
    "CommonApplicationData": "C:\\ProgramData",
    "Windows": "C:\\Windows",
    "System": "C:\\Windows\\system32",
    "ProgramFiles": "C:\\Program Files",
    "UserProfile": "C:\\Users\\Administrator",
}
WINDOWS: Final = Version(10, 0, 17763, 0)


def _variable(engine: Any, name: str, *_: Any) -> Any:
    return engine.environment.get(name.upper())


def _set_variable(engine: Any, name: str, value: Any, *_: Any) -> None:
    engine.environment.set(name, value)


def _folder(value: Any) -> str:
    name = value.name if isinstance(value, EnumValue) else to_text(value)
    return _FOLDERS.get(name, "")


def _ticks(engine: Any) -> int:
    return int(engine.host.now() * 1000) & 0x7FFFFFFF


register(NetType("System.Environment", OBJECT), "environment").extend(
    static={
        "MachineName": lambda e: e.host.computer,
        "UserName": lambda e: e.host.user.rpartition("\\")[2],
        "UserDomainName": lambda e: e.host.user.rpartition("\\")[0] or e.host.computer,
        "NewLine": lambda _: "\r\n",
        "OSVersion": lambda _: NetObject(_OS, WINDOWS),
        "Version": lambda _: Version(4, 0, 30319, 42000),
        "ProcessorCount": lambda _: 4,
        "Is64BitOperatingSystem": lambda _: True,
        "Is64BitProcess": lambda _: True,
        "CurrentDirectory": lambda _: "C:\\Users\\Administrator",
        "SystemDirectory": lambda _: "C:\\Windows\\system32",
        "TickCount": _ticks,
        "ExitCode": lambda _: 0,
        "UserInteractive": lambda _: False,
    },
    static_methods=[
        method(
            "GetEnvironmentVariable", _variable, "variable:string", "?target:object", engine=True
        ),
        method(
            "SetEnvironmentVariable",
            _set_variable,
            "variable:string",
            "value:object",
            "?target:object",
            engine=True,
        ),
        method("GetFolderPath", _folder, "folder:object", "?option:object"),
    ],
)
register(_OS)


class Random:
    """System.Random, over a random stream of the lab."""

    ps_type = NetType("System.Random", OBJECT)

    def __init__(self, stream: Any) -> None:
        self.stream = stream


def _make_random(engine: Any, given: list[Any]) -> Random:
    if given:
        return Random(random.Random(int(given[0])))
    return Random(engine.host.random("powershell.random"))


def _next(one: Random, *bounds: int) -> int:
    low, high = (bounds[0], bounds[1]) if len(bounds) == 2 else (0, (bounds or (2**31 - 1,))[0])
    if low > high:
        raise out_of_range("'minValue' cannot be greater than maxValue.", "minValue")
    return low if low == high else int(one.stream.randrange(low, high))


def _next_bytes(one: Random, target: Any) -> None:
    for at in range(len(target)):
        number = one.stream.getrandbits(8)
        target[at] = number if isinstance(target, bytearray) else Byte(number)


register(Random.ps_type, "random").extend(
    methods=[
        method("Next", _next, "?minValue:int", "?maxValue:int"),
        method("NextDouble", lambda one: one.stream.random()),
        method("NextBytes", _next_bytes, "buffer:object"),
    ],
    construct=_make_random,
)


# Culture and console


_CULTURE: Final = NetType(
    "System.Globalization.CultureInfo",
    OBJECT,
    properties=[
        Property("LCID", lambda name: 1033 if name else 127),
        Property("Name", lambda name: name),
        Property(
            "DisplayName",
            lambda name: (
                "English (United States)" if name else "Invariant Language (Invariant Country)"
            ),
        ),
        Property("TwoLetterISOLanguageName", lambda name: name[:2] or "iv"),
    ],
    text=lambda name: name,
)
CULTURE: Final = NetObject(_CULTURE, "en-US")
register(_CULTURE, "cultureinfo").extend(
    static={
        "InvariantCulture": lambda _: NetObject(_CULTURE, ""),
        "CurrentCulture": lambda _: CULTURE,
        "CurrentUICulture": lambda _: CULTURE,
    },
    static_methods=[
        method("GetCultureInfo", lambda name: NetObject(_CULTURE, name), "name:string")
    ],
    construct=lambda _engine, given: NetObject(_CULTURE, to_text(given[0])),
)


def _write(engine: Any, value: Any = "", *more: Any) -> None:

    text = format_string(to_text(value), list(more)) if more else to_text(value)
    engine.streams.host(text, newline=False)


def _write_line(engine: Any, value: Any = "", *more: Any) -> None:

    text = format_string(to_text(value), list(more)) if more else to_text(value)
    engine.streams.host(text, newline=True)


class Console:
    """What ``[Console]::Out`` and ``[Console]::In`` are."""

    ps_type = NetType("System.IO.TextWriter", OBJECT)


class Input:
    """What ``[Console]::In`` is: the standard input of the process."""

    ps_type = NetType("System.IO.TextReader", OBJECT)


register(Console.ps_type).extend(
    methods=[
        method("Write", lambda e, _, *v: _write(e, *v), "*value:object", engine=True),
        method("WriteLine", lambda e, _, *v: _write_line(e, *v), "*value:object", engine=True),
        method("Flush", lambda _: None),
    ]
)
register(Input.ps_type).extend(
    methods=[
        method("ReadToEnd", lambda e, _: e.read_input(), engine=True),
        method("ReadLine", lambda e, _: e.read_line(), engine=True),
    ]
)
register(NetType("System.Console", OBJECT), "console").extend(
    writable=("OutputEncoding", "InputEncoding"),
    static={
        "Out": lambda _: Console(),
        "Error": lambda _: Console(),
        "In": lambda _: Input(),
        "OutputEncoding": lambda _: ENCODINGS["UTF8"],
        "InputEncoding": lambda _: ENCODINGS["UTF8"],
        "IsOutputRedirected": lambda _: True,
    },
    static_methods=[
        method("Write", _write, "*value:object", engine=True),
        method("WriteLine", _write_line, "*value:object", engine=True),
    ],
)
register(NetType("System.Net.ServicePointManager", OBJECT)).extend(
    static={
        "SecurityProtocol": lambda _: "Tls12",
        "ServerCertificateValidationCallback": lambda _: None,
        "Expect100Continue": lambda _: True,
    },
    writable=("SecurityProtocol", "ServerCertificateValidationCallback", "Expect100Continue"),
)
register(NetType("System.Net.Dns", OBJECT), "net.dns").extend(
    static_methods=[method("GetHostName", lambda e: e.host.computer, engine=True)]
)


def _collect(*_: Any) -> None:
    return None


register(NetType("System.GC", OBJECT), "gc").extend(
    static_methods=[method("Collect", _collect), method("WaitForPendingFinalizers", _collect)]
)
