"""Script blocks and functions compiled: their parameters and blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.cmdlet import ALL_SETS, Parameter
from hvsim_fakes.powershell.engine.block import Code, ScriptBlock
from hvsim_fakes.powershell.engine.expressions import expression
from hvsim_fakes.powershell.engine.statements import block
from hvsim_fakes.powershell.language import syntax
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import elements, is_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.powershell.language.syntax import Node


@dataclass(slots=True)
class Function:
    """A function: a name for a script block."""

    name: str
    body: ScriptBlock
    is_filter: bool = False
    ps_type = NetType("System.Management.Automation.FunctionInfo", OBJECT)


def define(node: syntax.Function) -> Function:
    """Return the function that a definition makes."""
    return Function(node.name, ScriptBlock(node.block, node.name), node.is_filter)


def compiled(tree: syntax.ScriptBlock) -> Code:
    """Compile a body."""
    parameters = _parameters(tree)
    binding = next((one for one in tree.attributes if one.name.lower() == "cmdletbinding"), None)
    facts = _named(binding)
    advanced = binding is not None or any(
        one.name.lower() == "parameter" for given in tree.parameters for one in given.attributes
    )
    return Code(
        parameters,
        {
            given.name.lower(): expression(given.default)
            for given in tree.parameters
            if given.default is not None
        },
        block(tree.begin) if tree.begin is not None else None,
        block(tree.process) if tree.process is not None else None,
        block(tree.end) if tree.end is not None else None,
        advanced,
        to_text(facts.get("defaultparametersetname", ALL_SETS)),
        bool(facts.get("supportsshouldprocess")),
        tree.named,
    )


def _named(attribute: syntax.Attribute | None) -> dict[str, Any]:
    if attribute is None:
        return {}
    return {
        name.lower(): True if value is None else constant(value) for name, value in attribute.named
    }


def constant(node: Node) -> Any:  # noqa: PLR0911 - a case a line
    """Return the value of a constant expression: the arguments of attributes are no more."""
    if isinstance(node, syntax.Literal):
        return node.value
    if isinstance(node, syntax.Variable):
        return {"true": True, "false": False}.get(node.name.lower())
    if isinstance(node, syntax.ArrayLiteral):
        return [constant(one) for one in node.items]
    if isinstance(node, syntax.ArrayExpression | syntax.SubExpression):
        return [constant(one) for one in node.body.statements]
    if isinstance(node, syntax.Pipeline) and isinstance(node.elements[0], syntax.CommandExpression):
        return constant(node.elements[0].expression)
    if isinstance(node, syntax.Paren):
        return constant(node.inner)
    if isinstance(node, syntax.ScriptBlockExpression):
        return ScriptBlock(node.block)
    if isinstance(node, syntax.Unary) and node.operator == "-":
        found = constant(node.operand)
        return -found if isinstance(found, int | float) else None
    return None


def _parameters(tree: syntax.ScriptBlock) -> tuple[Parameter, ...]:
    placed = any("position" in _named(one) for given in tree.parameters for one in given.attributes)
    binding = next((one for one in tree.attributes if one.name.lower() == "cmdletbinding"), None)
    positional = _named(binding).get("positionalbinding", True) is not False
    found = []
    at = 0
    for given in tree.parameters:
        implied = None
        if not placed and positional and given.type_name.lower() not in _SWITCHES:
            implied, at = at, at + 1
        found.append(_parameter(given, implied))
    return tuple(found)


_SWITCHES = ("switch", "system.management.automation.switchparameter", "switchparameter")


def _parameter(given: syntax.ParameterDefinition, position: int | None) -> Parameter:
    facts: dict[str, Any] = {"position": position}
    sets: list[str] = []
    for attribute in given.attributes:
        name = attribute.name.lower()
        if name == "parameter":
            _parameter_facts(_named(attribute), facts, sets)
        elif name in _VALIDATIONS:
            _VALIDATIONS[name](attribute, facts)
    kind = given.type_name or "object"
    kind = "switch" if kind.lower() in _SWITCHES else kind
    return Parameter(given.name, kind, sets=tuple(sets), **facts)


def _parameter_facts(named: dict[str, Any], facts: dict[str, Any], sets: list[str]) -> None:
    if "position" in named:
        facts["position"] = int(named["position"])
    for mark, fact in (
        ("mandatory", "mandatory"),
        ("valuefrompipeline", "pipeline"),
        ("valuefrompipelinebypropertyname", "by_name"),
        ("valuefromremainingarguments", "remaining"),
    ):
        if named.get(mark):
            facts[fact] = True
    if "parametersetname" in named:
        sets.append(to_text(named["parametersetname"]))


def _texts(attribute: syntax.Attribute) -> tuple[str, ...]:
    found: list[str] = []
    for one in attribute.positional:
        value = constant(one)
        found += [to_text(part) for part in (elements(value) if is_list(value) else [value])]
    return tuple(found)


def _values(attribute: syntax.Attribute) -> list[Any]:
    return [constant(one) for one in attribute.positional]


def _range(attribute: syntax.Attribute, facts: dict[str, Any]) -> None:
    values = [*_values(attribute), None, None]
    facts["least"], facts["most"] = values[0], values[1]


def _pair(name: str) -> Callable[[syntax.Attribute, dict[str, Any]], None]:
    def put(attribute: syntax.Attribute, facts: dict[str, Any]) -> None:
        values = _values(attribute)
        if len(values) == 2:
            facts[name] = (int(values[0]), int(values[1]))

    return put


def _flag(*names: str) -> Callable[[syntax.Attribute, dict[str, Any]], None]:
    def put(_: syntax.Attribute, facts: dict[str, Any]) -> None:
        facts.update(dict.fromkeys(names, True))

    return put


def _put(name: str, value: Callable[[syntax.Attribute], Any]) -> Callable[..., None]:
    def put(attribute: syntax.Attribute, facts: dict[str, Any]) -> None:
        facts[name] = value(attribute)

    return put


_VALIDATIONS: dict[str, Callable[[syntax.Attribute, dict[str, Any]], None]] = {
    "alias": _put("aliases", _texts),
    "validateset": _put("values", _texts),
    "validaterange": _range,
    "validatepattern": _put("pattern", lambda one: (_texts(one) or ("",))[0]),
    "validatecount": _pair("count"),
    "validatelength": _pair("length"),
    "validatescript": _put("check", lambda one: (_values(one) or [None])[0]),
    "validatenotnull": _flag("not_null"),
    "validatenotnullorempty": _flag("not_null", "not_empty"),
    "allownull": _flag("null"),
    "allowemptystring": _flag("empty"),
    "allowemptycollection": _flag("empty"),
}
