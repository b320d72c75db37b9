"""Parameter binding: which argument belongs to which parameter, and whether it fits."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.cmdlet import ALL_SETS, Parameter
from hvsim_fakes.powershell.engine.validation import check_null, checked
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.objects.convert import truth, try_convert
from hvsim_fakes.powershell.objects.members import read
from hvsim_fakes.powershell.objects.nettype import OBJECT
from hvsim_fakes.powershell.objects.registry import find, is_of, type_of
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, is_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim_fakes.powershell.engine.signature import (
        Signature,
    )


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


def _possible(signature: Signature, names: set[str]) -> list[str]:
    """Return the parameter sets that all the parameters named belong to, in order."""
    if not signature.sets:
        return []
    bound = [one for one in signature.parameters if one.name in names and one.sets]
    return [chosen for chosen in signature.sets if all(chosen in one.sets for one in bound)]


def _choose_set(signature: Signature, binding: Binding, *, piped: bool) -> None:
    possible = _possible(signature, set(binding.values))
    if not possible:
        if signature.sets:
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
        if one.needed(chosen)
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


def require(signature: Signature, values: dict[str, Any], chosen: str, *, piped: bool) -> None:
    """Refuse a command whose mandatory parameters are not all bound.

    With ``piped``, those that the pipeline may bind are not missed yet.
    """
    lacking = [
        one.name
        for one in signature.parameters
        if one.needed(chosen)
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
        check_null(signature, first, None)
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
