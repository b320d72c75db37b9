"""``[Ansible.Basic.AnsibleModule]``, built into the interpreter: what modules are written on."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.engine.signals import ExitSignal
from hvsim_fakes.powershell.errors import ErrorRecord
from hvsim_fakes.powershell.format.layout import error_text
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.moments import DateTime
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, Hashtable, PSObject
from hvsim_fakes.winrm.ansible import spec

if TYPE_CHECKING:
    from collections.abc import Mapping

ARGUMENTS: Final = "complex_args"
"""The variable that a module's arguments are in."""
_DEPTH: Final = 30
_MASK: Final = "********"
_OWN: Final = "_ansible_"
_SHORT_SECRET: Final = 3
"""Texts no longer than this are masked only where they stand alone."""


class AnsibleModule:
    """One module's object, ``$module``.

    Attributes:
        params, result, diff: as scripts see and change them.
        own: what Ansible tells of itself: ``check_mode``, ``verbosity`` and so on.
    """

    def __init__(self, given: Mapping[str, Any], specification: Any) -> None:
        self.own = {k.removeprefix(_OWN): v for k, v in given.items() if k.startswith(_OWN)}
        self.params = Hashtable()
        self.result = Hashtable([("changed", False)])
        self.diff = Hashtable()
        self.warnings: list[str] = []
        self.deprecations: list[dict[str, Any]] = []
        self._shown: dict[str, Any] = {k: v for k, v in given.items() if not k.startswith(_OWN)}
        self._secrets: set[str] = set()
        self._check(specification)

    @property
    def ps_type(self) -> NetType:
        """Its type."""
        return MODULE

    @property
    def name(self) -> str:
        """The module's name."""
        return str(self.own.get("module_name", ""))

    def exit_json(self) -> None:
        """End the module with its result; never returns."""
        self._end(0)

    def fail_json(self, message: Any, cause: Any = None) -> None:
        """End the module with an error; never returns."""
        self.result.set("failed", True)
        self.result.set("msg", to_text(message))
        if cause is not None and int(self.own.get("verbosity") or 0) > 2:
            detail = error_text(cause) if isinstance(cause, ErrorRecord) else to_text(cause)
            self.result.set("exception", detail)
        self._end(1)

    def warn(self, message: Any) -> None:
        """Add a warning to the result."""
        self.warnings.append(to_text(message))

    def deprecate(self, message: Any, version: Any = None, collection: Any = None) -> None:
        """Add a deprecation to the result."""
        told = {"msg": to_text(message), "version": plain(version)}
        if collection is not None:
            told["collection_name"] = to_text(collection)
        self.deprecations.append(told)

    def _check(self, specification: Any) -> None:
        """Judge the arguments by the module's specification; ends the module if they do not fit."""
        wanted = _specification(specification)
        given, lenient = self._shown, bool(self.own.get("ignore_unknown_opts"))
        try:
            judged = spec.judge(self.name, given, wanted, lenient=lenient)
        except spec.SpecError as error:
            self.fail_json(str(error))
            return
        self.params = net(judged.params)
        self._shown, self._secrets = judged.shown, judged.secrets
        self.warnings += judged.warnings
        if self.own.get("check_mode") and not wanted.get("supports_check_mode"):
            self.result.set("skipped", True)
            text = f"remote module ({self.name}) does not support check mode"
            self.result.set("msg", text)
            self._end(0)

    def _end(self, code: int) -> None:
        told = plain(self.result)
        told["invocation"] = {"module_args": self._shown}
        if self.warnings:
            told["warnings"] = self.warnings
        if self.deprecations:
            told["deprecations"] = self.deprecations
        if self.own.get("diff") and len(self.diff):
            told["diff"] = plain(self.diff)
        masked = _masked(told, sorted(self._secrets, key=len, reverse=True))
        raise ExitSignal(code, json.dumps(masked))


def plain(value: Any, depth: int = _DEPTH) -> Any:  # noqa: PLR0911 - one for each kind
    """Return a value of the interpreter's as JSON has it."""
    if value is None or value is NOTHING:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, EnumValue):
        return value.number
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if isfinite(value) else to_text(value)
    if isinstance(value, DateTime):
        return value.format("o")
    if depth <= 0:
        return to_text(value)
    if isinstance(value, list | bytearray):
        return [plain(one, depth - 1) for one in value]
    if isinstance(value, Hashtable | PSObject):
        return {to_text(key): plain(one, depth - 1) for key, one in value.items()}
    return to_text(value)


def net(value: Any) -> Any:
    """Return a value of JSON as the interpreter has it."""
    if isinstance(value, dict):
        return Hashtable((key, net(one)) for key, one in value.items())
    if isinstance(value, list):
        return [net(one) for one in value]
    return value


def _specification(value: Any) -> dict[str, Any]:
    """Return a specification with its own words in lower case, and options as they are spelt."""
    if not isinstance(value, Hashtable):
        return {}
    found: dict[str, Any] = {}
    for key, one in value.items():
        word = to_text(key).lower()
        if word == "options" and isinstance(one, Hashtable):
            found[word] = {to_text(name): _specification(rule) for name, rule in one.items()}
        else:
            found[word] = plain(one)
    return found


def _masked(value: Any, secrets: list[str]) -> Any:
    if not secrets:
        return value
    if isinstance(value, dict):
        return {key: _masked(one, secrets) for key, one in value.items()}
    if isinstance(value, list):
        return [_masked(one, secrets) for one in value]
    if not isinstance(value, str):
        return value
    for secret in secrets:
        if value == secret:
            return spec.NO_LOG
        if len(secret) > _SHORT_SECRET:
            value = value.replace(secret, _MASK)
    return value


def _create(engine: Any, _: Any, specification: Any, __: Any = None) -> AnsibleModule:
    given = plain(engine.scope.get(ARGUMENTS))
    return AnsibleModule(given if isinstance(given, dict) else {}, specification)


def _own(name: str, default: Any = None) -> Any:
    return lambda module: module.own.get(name, default)


def _set_result(module: AnsibleModule, value: Any) -> None:
    module.result = value if isinstance(value, Hashtable) else Hashtable()


MODULE: Final = register(
    NetType(
        "Ansible.Basic.AnsibleModule",
        OBJECT,
        properties=[
            Property("Params", lambda module: module.params),
            Property("Result", lambda module: module.result, _set_result),
            Property("Diff", lambda module: module.diff),
            Property("CheckMode", lambda module: bool(module.own.get("check_mode"))),
            Property("DiffMode", lambda module: bool(module.own.get("diff"))),
            Property("DebugMode", lambda module: bool(module.own.get("debug"))),
            Property("NoLog", lambda module: bool(module.own.get("no_log"))),
            Property("Verbosity", _own("verbosity", 0)),
            Property("AnsibleVersion", _own("version", "")),
            Property("ModuleName", lambda module: module.name),
            Property("KeepRemoteFiles", lambda module: bool(module.own.get("keep_remote_files"))),
            Property("Tmpdir", lambda _: "C:\\Windows\\Temp"),
        ],
        methods=[
            method("ExitJson", AnsibleModule.exit_json),
            method("FailJson", AnsibleModule.fail_json, "message:object", "?cause:object"),
            method("Warn", AnsibleModule.warn, "message:object"),
            method(
                "Deprecate",
                AnsibleModule.deprecate,
                "message:object",
                "?version:object",
                "?collection:object",
            ),
            method("LogEvent", lambda *_: None, "*text:object"),
            method("Debug", lambda *_: None, "*text:object"),
        ],
        static_methods=[
            method("Create", _create, "args:object", "spec:object", "?more:object", engine=True)
        ],
    ),
    of=AnsibleModule,
)
