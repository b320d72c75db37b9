"""The bootstrap script of ansible-core, recognised, and what it reads from its input."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS: Final = ("ConvertFrom-Json -InputObject $codeJson", "$input | & $cmd @splat")
_OLDER_MARKS: Final = ("$exec_wrapper_str = $input | Out-String", "$split_parts")
_SEPARATOR: Final = "\x00" * 4
_LONGEST: Final = 10_000
_MOST: Final = 64 * 1024 * 1024


class ManifestError(Exception):
    """What came by the input is not what ansible-core 2.19 and later send."""


def is_bootstrap(script: str) -> bool:
    """Tell whether a script is the bootstrap of ansible-core 2.19 or later."""
    return len(script) < _LONGEST and all(mark in script for mark in _MARKS)


def is_older_bootstrap(script: str) -> bool:
    """Tell whether a script is the bootstrap of ansible-core 2.18 or earlier."""
    return len(script) < _LONGEST and all(mark in script for mark in _OLDER_MARKS)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What the bootstrap is to run: a script of Ansible's own, known by its name."""

    name: str
    params: dict[str, Any]
    script: str = ""


@dataclass(slots=True)
class Manifest:
    """A module and all it needs.

    Attributes:
        name: the module's file, as Ansible calls it.
        script: its text.
        utilities: texts of the PowerShell modules it imports, by file name, in order.
        arguments: of the module, those for Ansible itself among them.
        environment: variables to set.
        is_module: whether it is a module; else it is a script of the user's.
    """

    name: str
    script: str
    utilities: dict[str, str] = field(default_factory=dict)
    arguments: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    is_module: bool = True


def read_wrapped(lines: Iterator[Any]) -> Wrapped:
    """Read the first part of the input, up to the separator; raises ManifestError."""
    taken: list[str] = []
    for text in _bounded(lines):
        if text == _SEPARATOR:
            break
        taken.append(text)
    found = _object("".join(taken))
    params = found.get("params")
    return Wrapped(
        str(found.get("name", "")),
        params if isinstance(params, dict) else {},
        str(found.get("script", "")),
    )


def read_manifest(text: str) -> Manifest:
    """Read a manifest; raises ManifestError for one whose module would be wrapped otherwise."""
    found = _object(text)
    actions = found.get("actions")
    if not isinstance(actions, list) or len(actions) != 1 or not isinstance(actions[0], dict):
        raise ManifestError("only modules that run at once and as the user itself are supported")
    action = actions[0]
    if action.get("name") != "module_wrapper.ps1":
        raise ManifestError(f"the wrapper {action.get('name')} is not supported")
    params = {**_table(action.get("params")), **_table(action.get("secure_params"))}
    name = str(params.get("Script", ""))
    utilities = params.get("PowerShellModules") or []
    return Manifest(
        name,
        _script(found, name),
        {str(one): _script(found, str(one)) for one in utilities},
        _arguments(params.get("Variables")),
        {key: str(value) for key, value in _table(params.get("Environment")).items()},
        bool(params.get("ForModule")),
    )


def read_older_manifest(lines: Iterator[Any]) -> Manifest:
    """Read all that the older bootstrap is sent: its wrapper, and behind it the manifest.

    Raises:
        ManifestError: for one whose module would be wrapped otherwise.
    """
    _, _, text = "\n".join(_bounded(lines)).partition(_SEPARATOR)
    found = _object(text)
    actions = found.get("actions")
    if actions != ["module_powershell_wrapper"]:
        raise ManifestError("only modules that run at once and as the user itself are supported")
    arguments = _table(found.get("module_args"))
    return Manifest(
        f"{arguments.get('_ansible_module_name', '')}.ps1",
        _decoded(found.get("module_entry")),
        {name: _decoded(one) for name, one in _table(found.get("powershell_modules")).items()},
        arguments,
        {key: str(value) for key, value in _table(found.get("environment")).items()},
    )


def _bounded(lines: Iterator[Any]) -> Iterator[str]:
    size = 0
    for line in lines:
        text = str(line)
        size += len(text)
        if size > _MOST:
            raise ManifestError("the input is too large")
        yield text


def _decoded(value: Any) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode("utf-8-sig")
    except (binascii.Error, ValueError):
        raise ManifestError("a script of the manifest cannot be read") from None


def _arguments(variables: Any) -> dict[str, Any]:
    for variable in variables if isinstance(variables, list) else ():
        if isinstance(variable, dict) and variable.get("Name") == "complex_args":
            return _table(variable.get("Value"))
    return {}


def _script(manifest: dict[str, Any], name: str) -> str:
    entry = _table(_table(manifest.get("scripts")).get(name))
    if "script" not in entry:
        raise ManifestError(f"the script {name} is not in the manifest")
    return _decoded(entry["script"])


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ManifestError("the input is not JSON") from None
    if not isinstance(found, dict):
        raise ManifestError("the input is no JSON object")
    return found


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
