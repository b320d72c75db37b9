"""Parameter binding: which argument belongs to which parameter, and whether it fits."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import ALL_SETS, Parameter
from hvsim_fakes.powershell.errors import PowerShellError, failure
from hvsim_fakes.powershell.objects import patterns
from hvsim_fakes.powershell.objects.compare import order
from hvsim_fakes.powershell.objects.convert import convert, truth, try_convert
from hvsim_fakes.powershell.objects.members import read
from hvsim_fakes.powershell.objects.nettype import OBJECT
from hvsim_fakes.powershell.objects.registry import find, is_of, type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, elements, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMMON: Final = (
    Parameter("Verbose", "switch", aliases=("vb",)),
    Parameter("Debug", "switch", aliases=("db",)),
    Parameter("ErrorAction", "System.Management.Automation.ActionPreference", aliases=("ea",)),
    Parameter("WarningAction", "System.Management.Automation.ActionPreference", aliases=("wa",)),
    Parameter(
        "InformationAction", "System.Management.Automation.ActionPreference", aliases=("infa",)
    ),
    Parameter("ErrorVariable", "string", aliases=("ev",)),
    Parameter("WarningVariable", "string", aliases=("wv",)),
    Parameter("InformationVariable", "string", aliases=("iv",)),
    Parameter("OutVariable", "string", aliases=("ov",)),
    Parameter("OutBuffer", "int", aliases=("ob",)),
    Parameter("PipelineVariable", "string", aliases=("pv",)),
)
CONFIRM: Final = (
    Parameter("WhatIf", "switch", aliases=("wi",)),
    Parameter("Confirm", "switch", aliases=("cf",)),
)
_BINDING: Final = "System.Management.Automation.ParameterBindingException"
_TRANSFORMATION: Final = (
    "System.Management.Automation.ParameterBindingArgumentTransformationException"
)
_VALIDATION: Final = "System.Management.Automation.ParameterBindingValidationException"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a command takes.

    Attributes:
        name: the command's name.
        class_name: of its class, for FullyQualifiedErrorId.
        parameters: all of them, the common ones too.
        default_set: the parameter set when arguments do not tell.
        simple: whether arguments that are left over become ``$args``.
        script: whether it is a script's function, which transforms its arguments.
    """

    name: str
    class_name: str
    parameters: tuple[Parameter, ...]
    default_set: str
    simple: bool = False
    script: bool = False
    names: dict[str, Parameter] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        class_name: str,
        parameters: tuple[Parameter, ...],
        default_set: str,
        *,
        common: bool = True,
        confirm: bool = False,
        script: bool = False,
    ) -> Signature:
        """Return a signature, with the common parameters."""
        whole = parameters
        if common:
            taken = {one.name.lower() for one in parameters}
            more = COMMON + (CONFIRM if confirm else ())
            whole += tuple(one for one in more if one.name.lower() not in taken)
        names: dict[str, Parameter] = {}
        for one in whole:
            for word in (one.name, *one.aliases):
                names.setdefault(word.lower(), one)
        return cls(name, class_name, whole, default_set, not common, script, names)

    def find(self, word: str) -> Parameter | None:
        """Return the parameter of a name, an alias, or a beginning that fits only one.

        Raises:
            PowerShellError: it fits several.
        """
        lower = word.lower()
        exact = self.names.get(lower)
        if exact is not None:
            return exact
        near = {one.name: one for name, one in self.names.items() if name.startswith(lower)}
        if len(near) > 1:
            plain = {n: one for n, one in near.items() if one not in COMMON and one not in CONFIRM}
            near = plain if len(plain) == 1 else near
        if len(near) == 1:
            return next(iter(near.values()))
        if not near:
            return None
        names = " ".join(f"-{one}" for one in near)
        text = (
            f"Parameter cannot be processed because the parameter name '{word}' is ambiguous. "
            f"Possible matches include: {names}."
        )
        raise self.refuse(text, "AmbiguousParameter")

    def refuse(
        self,
        text: str,
        error_id: str,
        category: str = "InvalidArgument",
        exception: str = _BINDING,
    ) -> PowerShellError:
        """Return an error of binding."""
        wrong = failure(text, error_id, category, exception=exception)
        wrong.record.activity = self.name
        wrong.record.command_class = self.class_name
        return wrong


@dataclass(slots=True)
class Argument:
    """An argument of a command line; ``name`` is empty for one by position."""

    name: str
    value: Any = None
    given: bool = True
    colon: bool = False
    extent: Any = None


@dataclass(slots=True)
class Binding:
    """What was bound.

    Attributes:
        values: by parameter name.
        rest: arguments that nothing took (``$args``).
        chosen: the parameter set.
        open: names of parameter sets still possible.
    """

    values: dict[str, Any]
    rest: list[Any]
    chosen: str = ALL_SETS


def bind(
    signature: Signature,
    arguments: list[Argument],
    run: Callable[[Any, Any], Any] | None = None,
    *,
    piped: bool = False,
) -> Binding:
    """Bind a command line.

    Args:
        signature: what the command takes.
        arguments: in the order of the command line.
        run: runs a ValidateScript block with a value.
        piped: whether objects of a pipeline are to come.

    Raises:
        PowerShellError: a parameter is unknown, ambiguous, lacks its argument, or refuses it.
    """
    binding = Binding({}, [])
    positional = _bind_named(signature, arguments, binding, run)
    _choose_set(signature, binding, piped=piped)
    with _at(positional[0].extent if positional else None):
        _bind_positional(signature, [one.value for one in positional], binding, run)
    _choose_set(signature, binding, piped=piped)
    return binding


@contextmanager
def _at(extent: Any) -> Iterator[None]:
    """Put a place on errors that have none yet."""
    try:
        yield
    except PowerShellError as wrong:
        if wrong.record.extent is None:
            wrong.record.extent = extent
        raise


def _bind_named(
    signature: Signature, arguments: list[Argument], binding: Binding, run: Any
) -> list[Argument]:
    positional: list[Argument] = []
    at = 0
    while at < len(arguments):
        one = arguments[at]
        at += 1
        if not one.name:
            positional.append(one)
            continue
        following = arguments[at] if at < len(arguments) else None
        with _at(one.extent):
            at += _bind_one(signature, one, following, binding, run, positional)
    return positional


def _bind_one(  # noqa: PLR0917 - they go together everywhere
    signature: Signature,
    one: Argument,
    following: Argument | None,
    binding: Binding,
    run: Any,
    positional: list[Argument],
) -> int:
    """Bind an argument that has a name; return how many of those after it were used."""
    parameter = signature.find(one.name)
    used = 0
    if parameter is None:
        _unknown(signature, one, positional)
        return 0
    if parameter.type == "switch":
        value = truth(one.value) if one.given else True
    elif one.given:
        value = one.value
    elif following is not None and not following.name:
        value, used = following.value, 1
    else:
        raise _missing_argument(signature, parameter)
    with _at(following.extent if used and following is not None else None):
        _put(signature, parameter, value, binding, run)
    return used


def _unknown(signature: Signature, one: Argument, positional: list[Argument]) -> None:
    if not signature.simple:
        text = f"A parameter cannot be found that matches parameter name '{one.name}'."
        raise signature.refuse(text, "NamedParameterNotFound")
    positional.append(Argument("", f"-{one.name}" + (":" if one.colon else "")))
    if one.given:
        positional.append(Argument("", one.value))


def _missing_argument(signature: Signature, parameter: Parameter) -> PowerShellError:
    kind = find(parameter.type)
    name = kind.name if kind is not None else parameter.type
    text = (
        f"Missing an argument for parameter '{parameter.name}'. Specify a parameter of type "
        f"'{name}' and try again."
    )
    return signature.refuse(text, "MissingArgument")


def _put(
    signature: Signature, parameter: Parameter, value: Any, binding: Binding, run: Any
) -> None:
    if parameter.name in binding.values:
        text = (
            f"Cannot bind parameter because parameter '{parameter.name}' is specified more than "
            "once. To provide multiple values to parameters that can accept multiple values, use "
            'the array syntax. For example, "-parameter value1,value2,value3".'
        )
        raise signature.refuse(text, "ParameterAlreadyBound")
    binding.values[parameter.name] = checked(signature, parameter, value, run)


def checked(signature: Signature, parameter: Parameter, value: Any, run: Any = None) -> Any:
    """Convert and validate an argument."""
    if value is NOTHING:
        value = None
    if parameter.mandatory or parameter.not_null:
        _check_null(signature, parameter, value)
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


def _check_null(signature: Signature, parameter: Parameter, value: Any) -> None:
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
        raise signature.refuse(text, word, "InvalidData", _VALIDATION)


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
            text, "ParameterArgumentTransformationError", "InvalidData", _TRANSFORMATION
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
    raise signature.refuse(text, word, "InvalidData", _VALIDATION)


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


# Positions and parameter sets


def _possible(signature: Signature, names: set[str]) -> list[str]:
    """Return the parameter sets that all the parameters named belong to, in order."""
    every: dict[str, None] = {}
    for one in signature.parameters:
        every.update(dict.fromkeys(one.sets))
    bound = [one for one in signature.parameters if one.name in names and one.sets]
    return [chosen for chosen in every if all(chosen in one.sets for one in bound)]


def _choose_set(signature: Signature, binding: Binding, *, piped: bool) -> None:
    possible = _possible(signature, set(binding.values))
    if not possible:
        if any(one.sets for one in signature.parameters):
            text = "Parameter set cannot be resolved using the specified named parameters."
            raise signature.refuse(text, "AmbiguousParameterSet")
        return
    satisfied = [one for one in possible if _complete(signature, one, binding, piped=piped)]
    if signature.default_set in satisfied or (not satisfied and signature.default_set in possible):
        binding.chosen = signature.default_set
        return
    binding.chosen = (satisfied or possible)[0]


def _complete(signature: Signature, chosen: str, binding: Binding, *, piped: bool) -> bool:
    return all(
        one.name in binding.values or (piped and (one.pipeline or one.by_name))
        for one in signature.parameters
        if one.mandatory and one.within(chosen)
    )


def _bind_positional(
    signature: Signature, positional: list[Any], binding: Binding, run: Any
) -> None:
    waiting = list(positional)
    slots = sorted(
        (
            one
            for one in signature.parameters
            if one.position is not None and one.name not in binding.values
        ),
        key=lambda one: one.position or 0,
    )
    possible = _possible(signature, set(binding.values))
    for one in slots:
        if not waiting:
            break
        if one.remaining or one.name in binding.values:
            continue
        if not _positional_set(one, possible):
            continue
        rivals = [
            two for two in slots if two.position == one.position and _positional_set(two, possible)
        ]
        if _try_positional(signature, one, waiting[0], rivals):
            binding.values[one.name] = checked(signature, one, waiting.pop(0), run)
            possible = _possible(signature, set(binding.values))
    _bind_rest(signature, waiting, binding, run)


def _positional_set(one: Parameter, possible: list[str]) -> bool:
    return not one.sets or not possible or any(chosen in one.sets for chosen in possible)


def _try_positional(
    signature: Signature, parameter: Parameter, value: Any, rivals: list[Parameter]
) -> bool:
    """Tell whether a value goes to a parameter, when several share the place.

    Its type decides; a string, which converts to most, goes to the default set's if it can.
    """
    if len(rivals) < 2:
        return True
    rivals = sorted(rivals, key=lambda one: signature.default_set not in one.sets)
    if not isinstance(value, str):
        exact = [one for one in rivals if _fits(one, value)]
        if exact:
            return exact[0] is parameter
    able = [one for one in rivals if _converts(one, value)]
    return (able or rivals)[0] is parameter


def _fits(parameter: Parameter, value: Any) -> bool:
    kind = find(parameter.type)
    return kind is not None and kind is not OBJECT and is_of(value, kind)


def _converts(parameter: Parameter, value: Any) -> bool:
    kind = find(parameter.type)
    return kind is None or kind is OBJECT or try_convert(value, kind) is not None


def _bind_rest(signature: Signature, waiting: list[Any], binding: Binding, run: Any) -> None:
    taker = next(
        (one for one in signature.parameters if one.remaining and one.name not in binding.values),
        None,
    )
    if taker is not None:
        if waiting:
            value = waiting[0] if len(waiting) == 1 and is_list(waiting[0]) else waiting
            binding.values[taker.name] = checked(signature, taker, value, run)
        return
    if not waiting:
        return
    if not signature.simple:
        text = (
            f"A positional parameter cannot be found that accepts argument '{_shown(waiting[0])}'."
        )
        raise signature.refuse(text, "PositionalParameterNotFound")
    binding.rest = waiting


def _shown(value: Any) -> str:
    return type_of(value).name if is_list(value) else to_text(value)


# The pipeline


def require(signature: Signature, values: dict[str, Any], chosen: str, *, piped: bool) -> None:
    """Refuse a command whose mandatory parameters are not all bound.

    With ``piped``, those that the pipeline may bind are not missed yet.
    """
    lacking = [
        one.name
        for one in signature.parameters
        if one.mandatory
        and one.within(chosen)
        and one.name not in values
        and not (piped and (one.pipeline or one.by_name))
    ]
    if lacking:
        text = (
            "Cannot process command because of one or more missing mandatory parameters: "
            f"{' '.join(lacking)}."
        )
        raise signature.refuse(text, "MissingMandatoryParameter")


def takers(signature: Signature, values: dict[str, Any], chosen: str) -> list[Parameter]:
    """Return the parameters that objects of the pipeline may bind to."""
    found = [
        one
        for one in signature.parameters
        if (one.pipeline or one.by_name) and one.name not in values
    ]
    inside = [one for one in found if one.within(chosen)]
    return inside + [one for one in found if one not in inside]


def bind_item(
    signature: Signature, wanted: list[Parameter], item: Any, engine: Any, run: Any
) -> dict[str, Any]:
    """Bind an object that came down the pipeline.

    Raises:
        PowerShellError: nothing takes it.
    """
    for one in wanted:
        if one.pipeline and _takes(one, item):
            value = checked(signature, one, item, run)
            return {one.name: value, **_by_name(signature, wanted, item, engine, one, run)}
    found = _by_name(signature, wanted, item, engine, None, run)
    if found:
        return found
    for one in wanted:
        if one.pipeline:
            value = _converted(signature, one, item, run)
            if value is not NOTHING:
                return {one.name: value}
    if any(one.pipeline and one.mandatory for one in wanted) and item is None:
        first = next(one for one in wanted if one.pipeline)
        _check_null(signature, first, None)
    text = (
        "The input object cannot be bound to any parameters for the command either because the "
        "command does not take pipeline input or the input and its properties do not match any of "
        "the parameters that take pipeline input."
    )
    wrong = signature.refuse(text, "InputObjectNotBound")
    wrong.record.target = item
    raise wrong


def _takes(parameter: Parameter, item: Any) -> bool:
    kind = find(parameter.type)
    if kind is None or kind is OBJECT:
        return item is not None or parameter.null or not parameter.mandatory
    if item is None:
        return parameter.null
    if is_of(item, kind):
        return True
    element = getattr(kind, "element", None)
    return element is not None and (element is OBJECT or is_of(item, element))


def _by_name(  # noqa: PLR0917 - the state of binding
    signature: Signature,
    wanted: list[Parameter],
    item: Any,
    engine: Any,
    taken: Parameter | None,
    run: Any,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if item is None:
        return found
    for one in wanted:
        if not one.by_name or one is taken:
            continue
        for word in (one.name, *one.aliases):
            has, value = read(item, word.lower(), engine)
            if has and not (word.lower() in ("count", "length") and not is_list(item)):
                if value is not None:
                    found[one.name] = checked(signature, one, value, run)
                break
    return found


def _converted(signature: Signature, parameter: Parameter, item: Any, run: Any) -> Any:
    try:
        return checked(signature, parameter, item, run)
    except PowerShellError as wrong:
        if "Validation" in wrong.record.error_id:
            raise
        return NOTHING
