"""Argument specifications of Ansible's modules, and arguments judged by them.

Rules and messages are those of ``Ansible.Basic.cs`` of ansible-core 2.19, in our own code.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

NO_LOG: Final = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_TRUE: Final = frozenset({"y", "yes", "on", "1", "true", "t", "1.0"})
_FALSE: Final = frozenset({"n", "no", "off", "0", "false", "f", "0.0"})
_DEEPEST: Final = 20


class SpecError(Exception):
    """Arguments do not fit; the text is what the module fails with."""


@dataclass(slots=True)
class Judged:
    """Arguments that fit.

    Attributes:
        params: every option with its value; None where it has none.
        shown: the same for the invocation that is told, secrets masked.
        secrets: texts that must not be told anywhere.
    """

    params: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def judge(
    name: str, given: Mapping[str, Any], spec: Mapping[str, Any], *, lenient: bool = False
) -> Judged:
    """Judge arguments.

    Args:
        name: of the module, for messages.
        given: the arguments, without Ansible's own.
        spec: the specification; its keys in lower case, below ``options`` as written.
        lenient: whether an argument that the module does not know is no error.

    Raises:
        SpecError: for the first thing that is wrong.
    """
    judge_one = _Judge(name, lenient=lenient)
    params, shown = judge_one.level(given, spec, ())
    return Judged(params, shown, judge_one.secrets, judge_one.warnings)


class _Judge:
    def __init__(self, name: str, *, lenient: bool) -> None:
        self.name = name
        self.lenient = lenient
        self.secrets: set[str] = set()
        self.warnings: list[str] = []

    def level(
        self, given: Mapping[str, Any], spec: Mapping[str, Any], within: tuple[str, ...]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Judge the arguments of one level: of the module, or of an option that has options."""
        if len(within) > _DEEPEST:
            raise SpecError("the argument specification is nested too deeply")
        options: dict[str, Mapping[str, Any]] = dict(spec.get("options") or {})
        values = self._named(given, options, within)
        self._check_sets(values, spec, within)
        params = {option: values.get(option) for option in options}
        missing = [
            o for o, rule in options.items() if rule.get("required") and values.get(o) is None
        ]
        if missing:
            raise SpecError(f"missing required arguments: {', '.join(missing)}{_found(within)}")
        shown: dict[str, Any] = {}
        for option, rule in options.items():
            if params[option] is None:
                params[option] = rule.get("default")
            if params[option] is None and rule.get("apply_defaults"):
                params[option] = {}
            if params[option] is not None:
                params[option] = self._value(params[option], option, rule, within)
            shown[option] = self._shown(params[option], rule)
        self._check_conditions(params, spec, within)
        return params, shown

    def _named(
        self,
        given: Mapping[str, Any],
        options: Mapping[str, Mapping[str, Any]],
        within: tuple[str, ...],
    ) -> dict[str, Any]:
        """Return the arguments under the names of their options."""
        names = {option.lower(): option for option in options}
        for option, rule in options.items():
            names |= {str(alias).lower(): option for alias in _list(rule.get("aliases"))}
        unknown = [key for key in given if key.lower() not in names]
        if unknown and not self.lenient:
            known = ", ".join(_described(options))
            raise SpecError(
                f"Unsupported parameters for ({self.name}) module: {', '.join(unknown)}"
                f"{_found(within)}. Supported parameters include: {known}"
            )
        return {names[key.lower()]: value for key, value in given.items() if key.lower() in names}

    def _value(
        self, value: Any, option: str, rule: Mapping[str, Any], within: tuple[str, ...]
    ) -> Any:
        kind = str(rule.get("type") or "str")
        if rule.get("no_log"):
            self.secrets |= _texts(value)
        value = _converted(value, kind, option, within)
        if kind == "list" and rule.get("elements"):
            elements = str(rule["elements"])
            value = [_converted(one, elements, option, within) for one in value]
        self._check_choices(value, option, rule, within)
        if rule.get("options"):
            inner = (*within, option)
            if isinstance(value, list):
                return [self.level(_mapping(one, inner), rule, inner)[0] for one in value]
            return self.level(_mapping(value, inner), rule, inner)[0]
        return value

    def _shown(self, value: Any, rule: Mapping[str, Any]) -> Any:
        return NO_LOG if rule.get("no_log") and value is not None else value

    def _check_choices(
        self, value: Any, option: str, rule: Mapping[str, Any], within: tuple[str, ...]
    ) -> None:
        choices = [str(choice) for choice in _list(rule.get("choices"))]
        if not choices:
            return
        several = isinstance(value, list)
        given = [str(one) for one in (value if several else [value])]
        exact = [one for one in given if one not in choices]
        folded = {choice.lower() for choice in choices}
        bad = [one for one in exact if one.lower() not in folded]
        what = "one or more of" if several else "one of"
        if bad:
            raise SpecError(
                f"value of {option} must be {what}: {', '.join(choices)}."
                f" Got no match for: {', '.join(bad)}{_found(within)}"
            )
        if exact:
            self.warnings.append(
                f"value of {option} was a case insensitive match of {what}:"
                f" {', '.join(choices)}. Checking of choices will be case sensitive in a future"
                f" Ansible release. Case insensitive matches were: {', '.join(exact)}"
            )

    def _check_sets(
        self, values: Mapping[str, Any], spec: Mapping[str, Any], within: tuple[str, ...]
    ) -> None:
        has = {option for option, value in values.items() if value is not None}
        where = _found(within)
        for names in _groups(spec.get("mutually_exclusive")):
            if len([name for name in names if name in has]) > 1:
                raise SpecError(f"parameters are mutually exclusive: {_joined(names)}{where}")
        for names in _groups(spec.get("required_together")):
            if 0 < len([name for name in names if name in has]) < len(names):
                raise SpecError(f"parameters are required together: {_joined(names)}{where}")
        for names in _groups(spec.get("required_one_of")):
            if not any(name in has for name in names):
                raise SpecError(f"one of the following is required: {_joined(names)}{where}")
        for name, needed in (spec.get("required_by") or {}).items():
            lacking = _joined(one for one in map(str, _list(needed)) if one not in has)
            if name in has and lacking:
                raise SpecError(f"missing parameter(s) required by '{name}': {lacking}{where}")

    def _check_conditions(
        self, params: Mapping[str, Any], spec: Mapping[str, Any], within: tuple[str, ...]
    ) -> None:
        for rule in _list(spec.get("required_if")):
            name, wanted, needed, *rest = _list(rule)
            if str(params.get(str(name))) != str(wanted):
                continue
            names = [str(one) for one in _list(needed)]
            lacking = [one for one in names if params.get(one) is None]
            any_will_do = bool(rest and rest[0])
            if lacking and (not any_will_do or len(lacking) == len(names)):
                which = "any" if any_will_do else "all"
                raise SpecError(
                    f"{name} is {wanted} but {which} of the following are missing:"
                    f" {_joined(lacking)}{_found(within)}"
                )


def _described(options: Mapping[str, Mapping[str, Any]]) -> list[str]:
    told = []
    for option in sorted(options):
        aliases = [str(alias) for alias in _list(options[option].get("aliases"))]
        told.append(f"{option} ({', '.join(aliases)})" if aliases else option)
    return told


def _found(within: tuple[str, ...]) -> str:
    return f" found in {' -> '.join(within)}" if within else ""


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)


def _groups(value: Any) -> list[list[str]]:
    """Return lists of names; PowerShell unrolls a list of one list."""
    groups = _list(value)
    if groups and all(isinstance(one, str) for one in groups):
        groups = [groups]
    return [[str(name) for name in _list(group)] for group in groups]


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _mapping(value: Any, within: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SpecError(f"dictionary requested, could not parse JSON or key=value{_found(within)}")
    return value


def _texts(value: Any) -> set[str]:
    """Return the texts in a value, those that may be part of others left out."""
    if isinstance(value, dict):
        return {text for one in value.values() for text in _texts(one)}
    if isinstance(value, list):
        return {text for one in value for text in _texts(one)}
    return {str(value)} if str(value) else set()


def _converted(value: Any, kind: str, option: str, within: tuple[str, ...]) -> Any:
    convert = _CONVERSIONS.get(kind)
    if convert is None:
        raise SpecError(f"type '{kind}' of option {option} is not one that modules know")
    try:
        return convert(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise SpecError(
            f"argument for {option} is of type {_net_name(value)} and we were unable to convert"
            f" to {kind}: {error}{_found(within)}"
        ) from None


def _net_name(value: Any) -> str:
    names = {
        str: "System.String",
        bool: "System.Boolean",
        int: "System.Int32",
        float: "System.Double",
        list: "System.Collections.ArrayList",
        dict: "System.Collections.Generic.Dictionary`2[System.String,System.Object]",
    }
    return names.get(type(value), "System.Object")


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).lower().strip()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    known = ", ".join(sorted(_TRUE | _FALSE))
    raise ValueError(
        f"The value '{value}' is not a valid boolean.  Valid booleans include: {known}"
    )


def _to_int(value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return round(value)
    if isinstance(value, int):
        return value
    if not re.fullmatch(r"\s*[+-]?\d{1,20}\s*", str(value)):
        raise ValueError("Input string was not in a correct format.")
    return int(str(value))


def _to_float(value: Any) -> float:
    try:
        return float(str(value)) if len(str(value)) < 50 else float("nan")
    except ValueError:
        raise ValueError("Input string was not in a correct format.") from None


def _to_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    return [value]


def _to_dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    text = str(value).strip()
    if text.startswith("{"):
        found = json.loads(text)
        if isinstance(found, dict):
            return found
    pairs = [pair.partition("=") for pair in re.split(r"[,\s]+", text) if pair]
    if not pairs or not all(equals for _, equals, _ in pairs):
        raise ValueError("could not parse JSON or key=value")
    return {name.strip(): part for name, _, part in pairs}


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, dict | list):
        return _to_json(value)
    return str(value)


def _to_json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


_CONVERSIONS: Final[dict[str, Callable[[Any], Any]]] = {
    "str": _to_text,
    "bool": _to_bool,
    "int": _to_int,
    "float": _to_float,
    "list": _to_list,
    "dict": _to_dict,
    "json": _to_json,
    "path": _to_text,
    "raw": lambda value: value,
    "sid": _to_text,
}
