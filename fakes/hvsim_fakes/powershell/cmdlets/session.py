"""Cmdlets about the session: variables, commands, modules, invoking and measuring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Cmdlet, Parameter, Stages, Table
from hvsim_fakes.powershell.cmdlets.objects import CORE, UTILITY
from hvsim_fakes.powershell.dotnet.enumerations import COMMAND_TYPES
from hvsim_fakes.powershell.dotnet.system import CULTURE, WINDOWS
from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.engine.bodies import Function
from hvsim_fakes.powershell.engine.engine import VERSION
from hvsim_fakes.powershell.errors import failure, record
from hvsim_fakes.powershell.format.views import Column, TableView
from hvsim_fakes.powershell.format.views import register as register_view
from hvsim_fakes.powershell.objects.moments import TICKS, TimeSpan
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, Property
from hvsim_fakes.powershell.objects.patterns import has_wildcard, like
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import (
    NOTHING,
    Hashtable,
    PSObject,
    Version,
    collapsed,
    elements,
    is_list,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.powershell.engine.scope import Scope

MANAGEMENT: Final = Table(
    "Microsoft.PowerShell.Management", "Microsoft.PowerShell.Commands", "3.1.0.0"
)
_NAMES: Final = Parameter("Name", "string[]", position=0, pipeline=True, by_name=True)
_SCOPE: Final = Parameter("Scope", "string")


# Variables


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
    frame: Any = call
    scope: Scope = frame.frame.scope
    given = to_text(call.get("Scope")).lower()
    if given in ("global", "script"):
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
        for name in call.get("Name"):
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


# Aliases


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
                f"The alias is not allowed, because an alias with the name '{name}' already exists.",
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
            yield _alias_info(alias, target)
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


def _alias_info(alias: str, target: str) -> PSObject:
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


# Commands


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
register(Function.ps_type).extend(
    properties=[
        Property("CommandType", lambda _: COMMAND_TYPES["Function"]),
        Property("Name", lambda one: one.name),
        Property("Version", lambda _: ""),
        Property("Source", lambda _: ""),
        Property("ScriptBlock", lambda one: one.body),
        Property("Definition", lambda one: one.body.text),
    ],
    text=lambda one: one.name,
)
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
    frame: Any = call
    for one in call.get("Name") or ("*",):
        pattern = to_text(one)
        found = False
        for info in _commands(call, frame.frame.scope, pattern):
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
            yield _alias_info(pattern, target)
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


# Modules


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
    frame: Any = call
    for one in call.get("Name"):
        name = to_text(one)
        table = _find_module(call, name)
        if table is not None:
            if call.on("PassThru"):
                yield _module(table)
            continue
        block = call.engine.library.script(call.engine, name)
        if block is not None:
            call.engine.call_block(block, [], frame=frame.frame)
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
    "Export-ModuleMember",
    *(
        Parameter(name, "string[]", position=at)
        for name, at in (("Function", 0), ("Cmdlet", None), ("Variable", None), ("Alias", None))
    ),
)
def export_module_member(_: Call) -> Body:
    """Functions of a module run in the session here, so that all are seen."""
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


# Invoking


@CORE.cmdlet(
    "Invoke-Command",
    Parameter(
        "ScriptBlock",
        "scriptblock",
        position=0,
        mandatory=True,
        aliases=("Command",),
        sets=("InProcess", "Computer", "Session"),
    ),
    Parameter("ComputerName", "string[]", aliases=("Cn",), sets=("Computer",)),
    Parameter("Session", "object", sets=("Session",)),
    Parameter("Credential", "object"),
    Parameter("Authentication", "object"),
    Parameter("ArgumentList", "object[]", aliases=("Args",)),
    Parameter("InputObject", "object", pipeline=True),
    Parameter("NoNewScope", "switch"),
    Parameter("AsJob", "switch"),
    Parameter("JobName", "string"),
    Parameter("HideComputerName", "switch"),
    Parameter("ThrottleLimit", "int"),
    Parameter("UseSSL", "switch"),
    Parameter("Port", "int"),
    Parameter("SessionOption", "object"),
    Parameter("ConfigurationName", "string"),
    default_set="InProcess",
    aliases=("icm",),
)
class InvokeCommand(Stages):
    """Runs a script block here; other computers cannot be reached from a simulated host."""

    def __init__(self) -> None:
        self.items: list[Any] = []

    def process(self, call: Call) -> Body:
        """Take input."""
        if call.item is not NOTHING:
            self.items.append(call.item)
        yield from ()

    def end(self, call: Call) -> Body:
        """Run the block."""
        for one in call.get("ComputerName") or ():
            name = to_text(one).lower().partition(".")[0]
            if name not in ("localhost", "", call.host.computer.lower(), "127"):
                self._unreachable(call, to_text(one))
                return
        arguments = call.get("ArgumentList")
        given = elements(arguments) if is_list(arguments) else []
        frame: Any = call
        yield from call.engine.call_block(
            call.get("ScriptBlock"),
            given,
            frame=frame.frame,
            inside=call.on("NoNewScope"),
            item=collapsed(self.items) if self.items else None,
        )

    @staticmethod
    def _unreachable(call: Call, name: str) -> None:
        call.error(
            record(
                f"[{name}] Connecting to remote server {name} failed with the following error "
                "message : WinRM cannot process the request. The computer cannot be reached. For "
                "more information, see the about_Remote_Troubleshooting Help topic.",
                "NetworkPathNotFound,PSSessionStateBroken",
                "OpenError",
                name,
                "System.Management.Automation.Remoting.PSRemotingTransportException",
            )
        )


@UTILITY.cmdlet(
    "Invoke-Expression",
    Parameter("Command", "string", position=0, mandatory=True, pipeline=True),
    aliases=("iex",),
)
def invoke_expression(call: Call) -> Body:
    """Run a text as a script, in the caller's scope."""
    frame: Any = call
    block = call.engine.library.parse_block(to_text(call.get("Command")))
    yield from call.engine.call_block(block, [], frame=frame.frame)


@UTILITY.cmdlet(
    "Measure-Command",
    Parameter("Expression", "scriptblock", position=0, mandatory=True),
    Parameter("InputObject", "object", pipeline=True),
)
def measure_command(call: Call) -> Body:
    """Tell how long a script block takes, in simulated time."""
    frame: Any = call
    begin = call.host.now()
    call.engine.run_block(call.get("Expression"), [], lambda _: None, frame=frame.frame)
    yield TimeSpan(round((call.host.now() - begin) * TICKS))


# The host itself


@UTILITY.cmdlet("Get-Host")
def get_host(call: Call) -> Body:
    """Give the host program."""
    yield call.engine.scope.get("host")


@UTILITY.cmdlet("Get-Culture")
def get_culture(_: Call) -> Body:
    """Give the culture: en-US."""
    yield CULTURE


@UTILITY.cmdlet("Get-UICulture")
def get_ui_culture(_: Call) -> Body:
    """Give the culture of texts: en-US."""
    yield CULTURE


@CORE.cmdlet(
    "Set-StrictMode",
    Parameter("Version", "object", mandatory=True, sets=("Version",), aliases=("v",)),
    Parameter("Off", "switch", mandatory=True, sets=("Off",)),
    default_set="Version",
)
def set_strict_mode(call: Call) -> Body:
    """Make reading a variable that is not set an error, or not."""
    call.engine.strict = not call.on("Off")
    yield from ()


_POLICY: Final = Table("Microsoft.PowerShell.Security", "Microsoft.PowerShell.Commands")


@UTILITY.cmdlet(
    "Get-ExecutionPolicy", Parameter("Scope", "string", position=0), Parameter("List", "switch")
)
def get_execution_policy(_: Call) -> Body:
    """Give the policy, which lets all scripts run."""
    from hvsim_fakes.powershell.objects.registry import find  # noqa: PLC0415 - once

    kind: Any = find("Microsoft.PowerShell.ExecutionPolicy")
    yield kind["RemoteSigned"]


@UTILITY.cmdlet(
    "Set-ExecutionPolicy",
    Parameter("ExecutionPolicy", "string", position=0),
    Parameter("Scope", "string", position=1),
    Parameter("Force", "switch"),
    confirm=True,
)
def set_execution_policy(_: Call) -> Body:
    """Take a policy; all scripts run anyway."""
    yield from ()


@UTILITY.cmdlet(
    "Read-Host",
    Parameter("Prompt", "object", position=0, remaining=True),
    Parameter("AsSecureString", "switch"),
)
def read_host(call: Call) -> Body:
    """Nobody is there to be asked."""
    del call
    raise failure(
        "Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not "
        "available.",
        "InvalidOperation",
        "InvalidOperation",
        exception="System.Management.Automation.PSInvalidOperationException",
    )
    yield


_SERVICE: Final = NetType(
    "System.ServiceProcess.ServiceController",
    OBJECT,
    properties={"Name": lambda one: one, "Status": lambda _: "Running"},
)


@MANAGEMENT.cmdlet("Get-Location", aliases=("gl", "pwd"))
def get_location(call: Call) -> Body:
    """Give the current directory."""
    yield PSObject(
        [("Path", call.engine.scope.get("pwd"))], "System.Management.Automation.PathInfo"
    )


@MANAGEMENT.cmdlet(
    "Set-Location",
    Parameter("Path", "string", position=0, aliases=("PSPath",)),
    Parameter("PassThru", "switch"),
    aliases=("cd", "chdir", "sl"),
)
def set_location(call: Call) -> Body:
    """Change the current directory, for those who ask; paths stay absolute."""
    from hvsim_fakes.powershell.cmdlets.files import missing  # noqa: PLC0415 - its sibling

    path = to_text(call.get("Path"))
    if not call.host.drive.is_directory(path):
        raise missing(path)
    call.engine.scope.variables["pwd"] = path
    yield from ()


# Programs that scripts call


@MANAGEMENT.cmdlet("hostname.exe", aliases=("hostname",))
def hostname(call: Call) -> Body:
    """Give the computer's name."""
    call.engine.last_exit_code = 0
    yield call.host.computer


@MANAGEMENT.cmdlet("whoami.exe", aliases=("whoami",))
def whoami(call: Call) -> Body:
    """Give the user's name."""
    call.engine.last_exit_code = 0
    yield call.host.user.lower()


# What a session begins with


_UI: Final = NetType(
    "System.Management.Automation.Host.PSHostUserInterface",
    OBJECT,
    properties={"RawUI": lambda _: NetObject(_RAW)},
)
_RAW: Final = NetType(
    "System.Management.Automation.Host.PSHostRawUserInterface",
    OBJECT,
    properties=[
        Property(
            "BufferSize",
            lambda _: PSObject([("Width", 80), ("Height", 300)]),
            lambda _one, _new: None,
        ),
        Property(
            "WindowSize",
            lambda _: PSObject([("Width", 80), ("Height", 25)]),
            lambda _one, _new: None,
        ),
        Property("WindowTitle", lambda _: "", lambda _one, _new: None),
        Property("ForegroundColor", lambda _: "Gray", lambda _one, _new: None),
        Property("BackgroundColor", lambda _: "Black", lambda _one, _new: None),
    ],
)
_HOST: Final = NetType(
    "System.Management.Automation.Internal.Host.InternalHost",
    OBJECT,
    properties={
        "Name": lambda name: name,
        "Version": lambda _: VERSION,
        "UI": lambda _: NetObject(_UI),
        "CurrentCulture": lambda _: CULTURE,
        "CurrentUICulture": lambda _: CULTURE,
    },
)


def preset(engine: Any) -> dict[str, Any]:
    """Return the variables that a session begins with."""
    user = engine.host.user.rpartition("\\")[2]
    home = f"C:\\Users\\{user}"
    version = Hashtable(
        [
            ("PSVersion", VERSION),
            ("PSEdition", "Desktop"),
            ("PSCompatibleVersions", [Version(major, 0) for major in (1, 2, 3, 4, 5)] + [VERSION]),
            ("BuildVersion", Version(WINDOWS.major, 0, WINDOWS.build, 316)),
            ("CLRVersion", Version(4, 0, 30319, 42000)),
            ("WSManStackVersion", Version(3, 0)),
            ("PSRemotingProtocolVersion", Version(2, 3)),
            ("SerializationVersion", Version(1, 1, 0, 1)),
        ]
    )
    return {
        "psversiontable": version,
        "pshome": "C:\\Windows\\System32\\WindowsPowerShell\\v1.0",
        "home": home,
        "pwd": f"{home}\\Documents",
        "pid": 4120,
        "psculture": "en-US",
        "psuiculture": "en-US",
        "shellid": "Microsoft.PowerShell",
        "psscriptroot": "",
        "pscommandpath": "",
        "host": NetObject(_HOST, "ConsoleHost"),
        "executioncontext": PSObject(),
        "args": [],
        "input": [],
        "profile": f"{home}\\Documents\\WindowsPowerShell\\Microsoft.PowerShell_profile.ps1",
    }


_ = (ScriptBlock, _POLICY, _SERVICE)
