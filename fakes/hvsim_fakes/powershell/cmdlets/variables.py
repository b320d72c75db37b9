"""Cmdlets about variables and aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.tables import UTILITY
from hvsim_fakes.powershell.dotnet.enumerations import COMMAND_TYPES
from hvsim_fakes.powershell.errors import record
from hvsim_fakes.powershell.format.views import Column, TableView
from hvsim_fakes.powershell.format.views import register as register_view
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    PSObject,
)

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.scope import Scope


_NAMES: Final = Parameter("Name", "string[]", position=0, pipeline=True, by_name=True)


_SCOPE: Final = Parameter("Scope", "string")


class PSVariable:
    """System.Management.Automation.PSVariable."""

    ps_type = NetType(
        "System.Management.Automation.PSVariable",
        OBJECT,
        properties=[
            Property("Name", lambda one: one.name),
            Property(
                "Value",
                lambda one: one.scope.get(one.name.lower()),
                lambda one, new: one.scope.set(one.name.lower(), new),
            ),
            Property("Description", lambda _: ""),
            Property("Options", lambda _: "None"),
            Property("Visibility", lambda _: "Public"),
        ],
    )

    def __init__(self, name: str, scope: Scope) -> None:
        self.name = name
        self.scope = scope


register(PSVariable.ps_type)


register_view(
    "System.Management.Automation.PSVariable", TableView((Column("Name", 30), Column("Value", 0)))
)


def _scope(call: Call) -> Scope:
    """Return the scope that -Scope names: a word, or how many callers up."""
    scope: Scope = call.engine_frame.scope
    given = to_text(call.get("Scope")).lower()
    if given == "global":
        return scope.session
    if given == "script":
        return scope.top
    if given.isdecimal():
        for _ in range(min(int(given), 1000)):
            scope = scope.parent or scope
    return scope


def _visible(scope: Scope) -> dict[str, Any]:
    found: dict[str, Any] = {}
    at: Scope | None = scope
    while at is not None:
        for name, value in at.variables.items():
            found.setdefault(name, value)
        at = at.parent
    return found


def _absent(call: Call, name: str, what: str) -> None:
    call.error(
        record(
            f"Cannot find a {what} with the name '{name}'.",
            f"{what.capitalize()}NotFound",
            "ObjectNotFound",
            name,
            "System.Management.Automation.ItemNotFoundException",
        )
    )


@UTILITY.cmdlet(
    "Get-Variable",
    _NAMES,
    Parameter("ValueOnly", "switch"),
    _SCOPE,
    Parameter("Include", "string[]"),
    Parameter("Exclude", "string[]"),
    aliases=("gv",),
)
def get_variable(call: Call) -> Body:
    """Give variables, or their values."""
    scope = _scope(call)
    variables = _visible(scope)
    for one in call.get("Name") or ("*",):
        pattern = to_text(one)
        names = [name for name in sorted(variables) if like(name, pattern)]
        if not names and not has_wildcard(pattern):
            _absent(call, pattern, "variable")
        for name in names:
            shown = pattern if name == pattern.lower() else name
            yield variables[name] if call.on("ValueOnly") else PSVariable(shown, scope)


@UTILITY.cmdlet(
    "Set-Variable",
    Parameter("Name", "string[]", position=0, mandatory=True, by_name=True),
    Parameter("Value", "object", position=1, pipeline=True, by_name=True),
    _SCOPE,
    Parameter("Option", "string"),
    Parameter("Description", "string"),
    Parameter("Force", "switch"),
    Parameter("PassThru", "switch"),
    Parameter("Visibility", "string"),
    aliases=("sv", "set"),
    confirm=True,
)
class SetVariable(Stages):
    """Sets variables to the value given, or to all that came down the pipeline."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take a value."""
        self.values.append(call.get("Value"))
        yield from ()

    def end(self, call: Call) -> Body:
        """Set the variables."""
        value = self.values[0] if len(self.values) == 1 else self.values or None
        scope = _scope(call)
        for name in call.get("Name") or ():
            scope.set(to_text(name).lower(), value)
            if call.on("PassThru"):
                yield PSVariable(to_text(name), scope)


@UTILITY.cmdlet(
    "New-Variable",
    Parameter("Name", "string", position=0, mandatory=True, by_name=True),
    Parameter("Value", "object", position=1, pipeline=True, by_name=True),
    _SCOPE,
    Parameter("Option", "string"),
    Parameter("Description", "string"),
    Parameter("Force", "switch"),
    Parameter("PassThru", "switch"),
    Parameter("Visibility", "string"),
    aliases=("nv",),
    confirm=True,
)
def new_variable(call: Call) -> Body:
    """Make a variable."""
    name, scope = to_text(call.get("Name")), _scope(call)
    if name.lower() in scope.variables and not call.on("Force"):
        call.error(
            record(
                f"A variable with name '{name}' already exists.",
                "NewVariableError",
                "ResourceExists",
                name,
                "System.Management.Automation.SessionStateException",
            )
        )
        return
    scope.set(name.lower(), call.get("Value"))
    if call.on("PassThru"):
        yield PSVariable(name, scope)


@UTILITY.cmdlet(
    "Remove-Variable",
    Parameter("Name", "string[]", position=0, mandatory=True, by_name=True),
    _SCOPE,
    Parameter("Force", "switch"),
    aliases=("rv",),
    confirm=True,
)
def remove_variable(call: Call) -> Body:
    """Remove variables."""
    for one in call.get("Name"):
        pattern = to_text(one)
        scope = _scope(call)
        names = [name for name in scope.variables if like(name, pattern)]
        if not names and not has_wildcard(pattern):
            _absent(call, pattern, "variable")
        for name in names:
            del scope.variables[name]
    yield from ()


@UTILITY.cmdlet(
    "Clear-Variable",
    Parameter("Name", "string[]", position=0, mandatory=True),
    _SCOPE,
    Parameter("Force", "switch"),
    aliases=("clv",),
    confirm=True,
)
def clear_variable(call: Call) -> Body:
    """Set variables to nothing."""
    for one in call.get("Name"):
        _scope(call).set(to_text(one).lower(), None)
    yield from ()


@UTILITY.cmdlet(
    "Set-Alias",
    Parameter("Name", "string", position=0, mandatory=True, by_name=True),
    Parameter("Value", "string", position=1, mandatory=True, by_name=True),
    _SCOPE,
    Parameter("Description", "string"),
    Parameter("Option", "string"),
    Parameter("Force", "switch"),
    Parameter("PassThru", "switch"),
    aliases=("sal",),
    confirm=True,
)
def set_alias(call: Call) -> Body:
    """Give a command another name."""
    scope = _scope(call)
    scope.aliases[to_text(call.get("Name")).lower()] = to_text(call.get("Value"))
    yield from ()


@UTILITY.cmdlet(
    "New-Alias",
    Parameter("Name", "string", position=0, mandatory=True),
    Parameter("Value", "string", position=1, mandatory=True),
    _SCOPE,
    Parameter("Force", "switch"),
    Parameter("Description", "string"),
    Parameter("Option", "string"),
    aliases=("nal",),
)
def new_alias(call: Call) -> Body:
    """Give a command another name, unless that is taken."""
    name = to_text(call.get("Name"))
    engine = call.engine
    if not call.on("Force") and (
        _scope(call).alias(name.lower()) or engine.library.alias(name.lower())
    ):
        call.error(
            record(
                "The alias is not allowed, because an alias with the name "
                f"'{name}' already exists.",
                "AliasAlreadyExists",
                "ResourceExists",
                name,
                "System.Management.Automation.SessionStateException",
            )
        )
        return
    _scope(call).aliases[name.lower()] = to_text(call.get("Value"))
    yield from ()


@UTILITY.cmdlet("Get-Alias", _NAMES, Parameter("Definition", "string[]"), aliases=("gal",))
def get_alias(call: Call) -> Body:
    """Give aliases."""
    names = [to_text(one) for one in call.get("Name") or ("*",)]
    targets = [to_text(one).lower() for one in call.get("Definition") or ()]
    found = False
    for alias, target in call.engine.library.aliases():
        if any(like(alias, one) for one in names) and (not targets or target.lower() in targets):
            found = True
            yield alias_info(alias, target)
    if not found and not has_wildcard(names[0]):
        call.error(
            record(
                "This command cannot find a matching alias because an alias with the name "
                f"'{names[0]}' does not exist.",
                "ItemNotFoundException",
                "ObjectNotFound",
                names[0],
                "System.Management.Automation.ItemNotFoundException",
            )
        )


def alias_info(alias: str, target: str) -> PSObject:
    """Return what Get-Alias gives of an alias."""
    return PSObject(
        [
            ("CommandType", COMMAND_TYPES["Alias"]),
            ("Name", alias),
            ("DisplayName", f"{alias} -> {target}"),
            ("Definition", target),
            ("ResolvedCommandName", target),
            ("Version", ""),
            ("Source", ""),
        ],
        "System.Management.Automation.AliasInfo",
    )
