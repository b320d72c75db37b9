"""Arguments converted and validated for the parameter they are bound to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine.signature import (
    TRANSFORMATION,
    VALIDATION,
    Signature,
)
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.objects import patterns
from hvsim_fakes.powershell.objects.compare import order
from hvsim_fakes.powershell.objects.convert import convert, truth
from hvsim_fakes.powershell.objects.nettype import OBJECT
from hvsim_fakes.powershell.objects.registry import find, type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, elements, is_list

if TYPE_CHECKING:
    from hvsim_fakes.powershell.cmdlet import Parameter


def checked(signature: Signature, parameter: Parameter, value: Any, run: Any = None) -> Any:
    """Convert and validate an argument."""
    if value is NOTHING:
        value = None
    if parameter.mandatory or parameter.not_null:
        check_null(signature, parameter, value)
    value = coerced(signature, parameter, value)
    if _needs_check(parameter) and value is not None:
        _validate(signature, parameter, value, run)
    return value


@lru_cache(maxsize=4096)
def _needs_check(one: Parameter) -> bool:
    return bool(
        one.values
        or one.pattern
        or one.count
        or one.length
        or one.not_empty
        or one.least is not None
        or one.most is not None
        or one.check is not None
        or (one.mandatory and not one.empty)
    )


def check_null(signature: Signature, parameter: Parameter, value: Any) -> None:
    """Refuse a null where there may be none."""
    if value is None and not parameter.null and parameter.type != "switch":
        if parameter.type.lower() in ("string", "system.string") and parameter.empty:
            return
        text = f"Cannot bind argument to parameter '{parameter.name}' because it is null."
        word = "ParameterArgumentValidationErrorNullNotAllowed"
        if parameter.type.lower() in ("string", "system.string"):
            text = (
                f"Cannot bind argument to parameter '{parameter.name}' because it is an empty "
                "string."
            )
            word = "ParameterArgumentValidationErrorEmptyStringNotAllowed"
        raise signature.refuse(text, word, "InvalidData", VALIDATION)


def coerced(signature: Signature, parameter: Parameter, value: Any) -> Any:
    """Convert an argument to the parameter's type."""
    if parameter.type == "object":
        return value
    kind = find(parameter.type)
    if kind is None or kind is OBJECT:
        return value
    if parameter.type.lower() in ("string", "system.string") and is_list(value):
        raise _cannot_convert(
            signature, parameter, value, kind.name, "Specified method is not supported."
        )
    try:
        return convert(value, kind)
    except PowerShellError as wrong:
        if value is None:
            return None
        message = wrong.record.exception.message
        raise _cannot_convert(signature, parameter, value, kind.name, message) from None


def _cannot_convert(
    signature: Signature, parameter: Parameter, value: Any, kind: str, why: str
) -> PowerShellError:
    if signature.script:
        text = f"Cannot process argument transformation on parameter '{parameter.name}'. {why}"
        return signature.refuse(
            text, "ParameterArgumentTransformationError", "InvalidData", TRANSFORMATION
        )
    if 'Error: "' in why or why.startswith("Unable"):
        text = f"Cannot bind parameter '{parameter.name}'. {why}"
        word = "CannotConvertArgumentNoMessage"
    elif why.startswith("Specified"):
        text = (
            f"Cannot convert '{type_of(value).name}' to the type '{kind}' required by parameter "
            f"'{parameter.name}'. {why}"
        )
        word = "CannotConvertArgument"
    else:
        text = f"Cannot bind parameter '{parameter.name}'. {why}"
        word = "CannotConvertArgumentNoMessage"
    return signature.refuse(text, word)


def _validate(signature: Signature, parameter: Parameter, value: Any, run: Any) -> None:
    values = elements(value) if is_list(value) else [value]
    why = _count_wrong(parameter, value, values)
    for one in values:
        why = why or _wrong(parameter, one, run)
    if why is None:
        return
    if why.startswith("\0"):
        text, word = _empty_text(parameter, why)
    else:
        text = f"Cannot validate argument on parameter '{parameter.name}'. {why}"
        word = "ParameterArgumentValidationError"
    raise signature.refuse(text, word, "InvalidData", VALIDATION)


def _empty_text(parameter: Parameter, why: str) -> tuple[str, str]:
    text = f"Cannot bind argument to parameter '{parameter.name}' because it is an empty {why[1:]}."
    kind = "Array" if why[1:] == "array" else "String"
    return text, f"ParameterArgumentValidationErrorEmpty{kind}NotAllowed"


def _count_wrong(parameter: Parameter, value: Any, values: list[Any]) -> str | None:
    empty_list = is_list(value) and not values
    if parameter.not_empty and empty_list:
        return (
            "The argument is null, empty, or an element of the argument collection contains a "
            "null value. Supply a collection that does not contain any null values and then "
            "try the command again."
        )
    if parameter.mandatory and not parameter.empty and empty_list:
        return "\0array"
    if parameter.count is not None and not parameter.count[0] <= len(values) <= parameter.count[1]:
        least, most = parameter.count
        return (
            f"The number of provided arguments, ({len(values)}), exceeds or falls short of the "
            f"number allowed, {least} to {most}. Provide a fitting number of arguments."
        )
    return None


def _wrong(parameter: Parameter, value: Any, run: Any) -> str | None:
    """Return why a value is refused, None if it is not."""
    if value == "" and isinstance(value, str):
        if parameter.not_empty:
            return (
                "The argument is null or empty. Provide an argument that is not null or empty, "
                "and then try the command again."
            )
        if parameter.mandatory and not parameter.empty and _of_text(parameter):
            return "\0string"
    text = to_text(value)
    if parameter.values and text.lower() not in [one.lower() for one in parameter.values]:
        allowed = ",".join(parameter.values)
        return (
            f'The argument "{text}" does not belong to the set "{allowed}" specified by the '
            "ValidateSet attribute. Supply an argument that is in the set and then try the command "
            "again."
        )
    return _out_of_bounds(parameter, value) or _unlike(parameter, text, value, run)


def _of_text(parameter: Parameter) -> bool:
    return parameter.type.lower().removeprefix("system.") in ("string", "string[]")


def _out_of_bounds(parameter: Parameter, value: Any) -> str | None:
    if parameter.least is not None and order(value, parameter.least) < 0:
        return (
            f"The {to_text(value)} argument is less than the minimum allowed range of "
            f"{to_text(parameter.least)}. Supply an argument that is greater than or equal to "
            f"{to_text(parameter.least)} and then try the command again."
        )
    if parameter.most is not None and order(value, parameter.most) > 0:
        return (
            f"The {to_text(value)} argument is greater than the maximum allowed range of "
            f"{to_text(parameter.most)}. Supply an argument that is less than or equal to "
            f"{to_text(parameter.most)} and then try the command again."
        )
    return None


def _unlike(parameter: Parameter, text: str, value: Any, run: Any) -> str | None:
    if parameter.pattern:
        expression = patterns.compiled(parameter.pattern, patterns.flags_of(case=False))
        if patterns.search(expression, text) is None:
            return (
                f'The argument "{text}" does not match the "{parameter.pattern}" pattern. Supply '
                f'an argument that matches "{parameter.pattern}" and try the command again.'
            )
    if parameter.length is not None and not parameter.length[0] <= len(text) <= parameter.length[1]:
        side = "too short" if len(text) < parameter.length[0] else "too long"
        return f"The character length of the {len(text)} argument is {side}."
    if parameter.check is not None and run is not None and not truth(run(parameter.check, value)):
        return (
            f'The "{parameter.check.text.strip()}" validation script for the argument with value '
            f'"{text}" did not return a result of True. Determine why the validation script '
            "failed, and then try the command again."
        )
    return None
