"""Cmdlets about the session: invoking, measuring, the host, and what it begins with."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter, Stages
from hvsim_fakes.powershell.cmdlets.drive import missing
from hvsim_fakes.powershell.cmdlets.tables import CORE, MANAGEMENT, UTILITY
from hvsim_fakes.powershell.dotnet.enumerations import COMMAND_TYPES
from hvsim_fakes.powershell.dotnet.system import CULTURE, WINDOWS
from hvsim_fakes.powershell.engine.bodies import Function
from hvsim_fakes.powershell.engine.engine import VERSION
from hvsim_fakes.powershell.errors import failure, record
from hvsim_fakes.powershell.objects.moments import TICKS, TimeSpan
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, Property
from hvsim_fakes.powershell.objects.registry import find, register
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
        yield from call.engine.call_block(
            call.get("ScriptBlock"),
            given,
            frame=call.engine_frame,
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
    block = call.engine.library.parse_block(to_text(call.get("Command")))
    yield from call.engine.call_block(block, [], frame=call.engine_frame)


@UTILITY.cmdlet(
    "Measure-Command",
    Parameter("Expression", "scriptblock", position=0, mandatory=True),
    Parameter("InputObject", "object", pipeline=True),
)
def measure_command(call: Call) -> Body:
    """Tell how long a script block takes, in simulated time."""
    begin = call.host.now()
    call.engine.run_block(call.get("Expression"), [], lambda _: None, frame=call.engine_frame)
    yield TimeSpan(round((call.host.now() - begin) * TICKS))


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


@UTILITY.cmdlet(
    "Get-ExecutionPolicy", Parameter("Scope", "string", position=0), Parameter("List", "switch")
)
def get_execution_policy(_: Call) -> Body:
    """Give the policy, which lets all scripts run."""
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
    path = to_text(call.get("Path"))
    if not call.host.drive.is_directory(path):
        raise missing(path)
    call.engine.scope.variables["pwd"] = path
    yield from ()


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


_UI: Final = NetType(
    "System.Management.Automation.Host.PSHostUserInterface",
    OBJECT,
    properties={"RawUI": lambda _: NetObject(_RAW)},
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
