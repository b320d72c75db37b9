"""Cmdlets about commands and modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.cmdlet import Body, Call, Cmdlet, Parameter, Table
from hvsim_fakes.powershell.cmdlets import modules
from hvsim_fakes.powershell.cmdlets.tables import CORE
from hvsim_fakes.powershell.cmdlets.variables import alias_info
from hvsim_fakes.powershell.dotnet.enumerations import COMMAND_TYPES
from hvsim_fakes.powershell.engine.engine import VERSION
from hvsim_fakes.powershell.engine.module import publish
from hvsim_fakes.powershell.errors import record
from hvsim_fakes.powershell.format.views import Column, TableView
from hvsim_fakes.powershell.format.views import register as register_view
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    Hashtable,
    PSObject,
    Version,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.powershell.engine.scope import Scope


class CommandInfo:
    """System.Management.Automation.CmdletInfo; ``& $it`` calls it."""

    ps_type = NetType(
        "System.Management.Automation.CmdletInfo",
        OBJECT,
        properties=[
            Property("CommandType", lambda _: COMMAND_TYPES["Cmdlet"]),
            Property("Name", lambda one: one.cmdlet.name),
            Property("Version", lambda _: ""),
            Property("Source", lambda one: one.cmdlet.module),
            Property("ModuleName", lambda one: one.cmdlet.module),
            Property("Module", lambda one: one.cmdlet.module),
            Property("Verb", lambda one: one.cmdlet.name.partition("-")[0]),
            Property("Noun", lambda one: one.cmdlet.name.partition("-")[2]),
            Property("Definition", lambda one: one.cmdlet.name),
            Property(
                "Parameters", lambda one: Hashtable((p.name, p.type) for p in one.cmdlet.parameters)
            ),
        ],
        text=lambda one: one.cmdlet.name,
    )

    def __init__(self, cmdlet: Cmdlet) -> None:
        self.cmdlet = cmdlet


register(CommandInfo.ps_type)


for _kind in ("CmdletInfo", "FunctionInfo", "AliasInfo"):
    register_view(
        f"System.Management.Automation.{_kind}",
        TableView(
            (
                Column("CommandType", 15),
                Column("Name", 50),
                Column("Version", 10),
                Column("Source", 0),
            )
        ),
    )


@CORE.cmdlet(
    "Get-Command",
    Parameter("Name", "string[]", position=0, pipeline=True, by_name=True),
    Parameter("Verb", "string[]", by_name=True),
    Parameter("Noun", "string[]", by_name=True),
    Parameter("Module", "string[]", by_name=True, aliases=("PSSnapin",)),
    Parameter("CommandType", "System.Management.Automation.CommandTypes", aliases=("Type",)),
    Parameter("TotalCount", "int"),
    Parameter("All", "switch"),
    Parameter("Syntax", "switch"),
    Parameter("ListImported", "switch"),
    aliases=("gcm",),
)
def get_command(call: Call) -> Body:
    """Give commands."""
    for one in call.get("Name") or ("*",):
        pattern = to_text(one)
        found = False
        for info in _commands(call, call.engine_frame.scope, pattern):
            found = True
            yield info
        if not found and not has_wildcard(pattern):
            call.error(
                record(
                    f"The term '{pattern}' is not recognized as the name of a cmdlet, function, "
                    "script file, or operable program. Check the spelling of the name, or if a "
                    "path was included, verify that the path is correct and try again.",
                    "CommandNotFoundException",
                    "ObjectNotFound",
                    pattern,
                    "System.Management.Automation.CommandNotFoundException",
                )
            )


def _commands(call: Call, scope: Scope, pattern: str) -> Iterator[Any]:
    engine = call.engine
    kinds = call.get("CommandType")
    wanted = kinds.number if kinds is not None else 511
    if wanted & 1 and not has_wildcard(pattern):
        target = scope.alias(pattern.lower()) or engine.library.alias(pattern.lower())
        if target:
            yield alias_info(pattern, target)
    at: Scope | None = scope
    while at is not None and wanted & 2:
        for name, function in at.functions.items():
            if like(name, pattern) and not call.given("Module"):
                yield function
        at = at.parent
    if wanted & 8:
        for one in engine.library.cmdlets():
            if like(one.name, pattern) and _chosen(call, one):
                yield CommandInfo(one)


def _chosen(call: Call, one: Cmdlet) -> bool:
    verb, _, noun = one.name.partition("-")
    parts = (("Verb", verb), ("Noun", noun), ("Module", one.module))
    return all(
        not call.given(name) or any(like(text, to_text(p)) for p in call.get(name))
        for name, text in parts
    )


def _module(table: Table) -> PSObject:
    names = [one.name for one in table]
    return PSObject(
        [
            ("ModuleType", "Binary"),
            ("Version", Version(*_version(table.version))),
            ("Name", table.module),
            ("ExportedCommands", names),
        ],
        "System.Management.Automation.PSModuleInfo",
    )


def _version(text: str) -> list[int]:
    return [int(one) for one in text.split(".")] + ([0] if "." not in text else [])


register_view(
    "System.Management.Automation.PSModuleInfo",
    TableView(
        (
            Column("ModuleType", 10),
            Column("Version", 10),
            Column("Name", 35),
            Column("ExportedCommands", 0),
        )
    ),
)


@CORE.cmdlet(
    "Import-Module",
    Parameter("Name", "string[]", position=0, mandatory=True, pipeline=True),
    Parameter("Force", "switch"),
    Parameter("Global", "switch"),
    Parameter("PassThru", "switch"),
    Parameter("DisableNameChecking", "switch"),
    Parameter("Scope", "string"),
    Parameter("Prefix", "string"),
    Parameter("Function", "string[]"),
    Parameter("Cmdlet", "string[]"),
    Parameter("Variable", "string[]"),
    Parameter("Alias", "string[]"),
    Parameter("AsCustomObject", "switch"),
    Parameter("MinimumVersion", "version", aliases=("Version",)),
    Parameter("RequiredVersion", "version"),
    Parameter("ArgumentList", "object[]"),
    Parameter("NoClobber", "switch"),
    aliases=("ipmo",),
)
def import_module(call: Call) -> Body:
    """Import modules: those of the host, or a script file of its drive."""
    for one in call.get("Name"):
        name = to_text(one)
        table = _find_module(call, name)
        if table is not None:
            if call.on("PassThru"):
                yield _module(table)
            continue
        scope = modules.found(call, name)
        if scope is not None:
            publish(scope, call.engine_frame.scope.top)
            if call.on("PassThru"):
                yield modules.ScriptModule(name, scope)
            continue
        call.error(
            record(
                f"The specified module '{name}' was not loaded because no valid module file was "
                "found in any module directory.",
                "Modules_ModuleNotFound",
                "ResourceUnavailable",
                name,
                "System.IO.FileNotFoundException",
            )
        )


def _find_module(call: Call, name: str) -> Table | None:
    plain = name.replace("/", "\\").rpartition("\\")[2].lower().removesuffix(".psd1")
    for table in call.engine.library.tables:
        if isinstance(table, Table) and like(table.module, plain):
            return table
    return None


@CORE.cmdlet(
    "Get-Module",
    Parameter("Name", "string[]", position=0, pipeline=True),
    Parameter("ListAvailable", "switch"),
    Parameter("All", "switch"),
    Parameter("Refresh", "switch"),
    aliases=("gmo",),
)
def get_module(call: Call) -> Body:
    """Give modules."""
    patterns = [to_text(one) for one in call.get("Name") or ("*",)]
    for table in call.engine.library.tables:
        if any(like(table.module, one) for one in patterns):
            yield _module(table)
    for name, scope in call.engine.modules.items():
        if any(like(name, one) for one in patterns):
            yield modules.ScriptModule(name, scope)


@CORE.cmdlet(
    "Remove-Module",
    Parameter("Name", "string[]", position=0, pipeline=True),
    Parameter("Force", "switch"),
    aliases=("rmo",),
)
def remove_module(_: Call) -> Body:
    """Modules stay: the host's cmdlets are always there."""
    yield from ()


@CORE.cmdlet(
    "Add-PSSnapin",
    Parameter("Name", "string[]", position=0, mandatory=True),
    Parameter("PassThru", "switch"),
    aliases=("asnp",),
)
def add_snapin(call: Call) -> Body:
    """Add a snap-in: the older form of a module."""
    for one in call.get("Name"):
        name = to_text(one)
        if not any(
            like(table.module, f"*{name.rpartition('.')[2]}*") or like(table.namespace, f"*{name}*")
            for table in call.engine.library.tables
        ):
            call.error(
                record(
                    "No snap-ins have been registered for Windows PowerShell version 5.",
                    "AddPSSnapInRead",
                    "InvalidArgument",
                    name,
                    "System.Management.Automation.PSArgumentException",
                )
            )
    yield from ()


@CORE.cmdlet(
    "Get-PSSnapin", Parameter("Name", "string[]", position=0), Parameter("Registered", "switch")
)
def get_snapin(call: Call) -> Body:
    """Give snap-ins, of which only the core is loaded."""
    if any(like("Microsoft.PowerShell.Core", to_text(one)) for one in call.get("Name") or ("*",)):
        yield PSObject(
            [("Name", "Microsoft.PowerShell.Core"), ("PSVersion", VERSION), ("Description", "")],
            "System.Management.Automation.PSSnapInInfo",
        )
