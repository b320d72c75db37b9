"""What each action of WS-Management does ([MS-WSMV] 3.1.4)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hvsim_fakes.winrm import faults, names, soap
from hvsim_fakes.winrm.faults import WsmanFault
from hvsim_fakes.winrm.shell import Facts, identifier
from hvsim_fakes.winrm.winrs import WinRsShell

if TYPE_CHECKING:
    from xml.etree import ElementTree as ET

    from hvsim_fakes.winrm.accounts import Account
    from hvsim_fakes.winrm.machine import Machine
    from hvsim_fakes.winrm.outlet import Taken
    from hvsim_fakes.winrm.shell import Shell
    from hvsim_fakes.winrm.shells import Shells
    from hvsim_fakes.winrm.soap import Message

_ENVELOPE_ROOM: Final = 2048
"""Bytes of an answer's envelope around the output that it brings."""
_LARGEST: Final = 512_000


@dataclass(slots=True)
class Request:
    """One request of somebody who has logged in.

    Attributes:
        gone: asked now and then; true when the client is no longer there.
    """

    machine: Machine
    shells: Shells
    message: Message
    account: Account
    client_ip: str
    gone: Callable[[], bool]

    @property
    def body(self) -> ET.Element:
        """What the body holds; raises WsmanFault when that is nothing."""
        if self.message.body is None:
            raise WsmanFault(faults.SCHEMA)
        return self.message.body

    def shell(self) -> Shell:
        """Return the shell that is meant; raises WsmanFault when there is none."""
        found = self.shells.find(self.message.shell_id, self.account)
        if self.message.resource != found.facts.resource:
            raise WsmanFault(faults.UNKNOWN_SHELL)
        return found

    def element(self, name: str) -> ET.Element:
        """Return the body's element, which has to be the one of a name; raises WsmanFault."""
        if self.body.tag != _rsp(name):
            raise WsmanFault(faults.SCHEMA)
        return self.body


Action = Callable[[Request], str]
"""Gives the content of the answer's body."""


def _rsp(name: str) -> str:
    return f"{{{names.SHELL}}}{name}"


def create(request: Request) -> str:
    """Open a shell."""
    resource = request.message.resource
    body = request.element("Shell")
    facts = _facts(request, body)
    if resource == names.WINRS:
        shell = request.shells.open(
            facts.shell_id, request.account, lambda: WinRsShell(request.machine, facts)
        )
    else:
        shell = _runspace(request, facts, body)
    return (
        "<x:ResourceCreated><a:Address>http://localhost/wsman</a:Address><a:ReferenceParameters>"
        f"<w:ResourceURI>{soap.text(resource)}</w:ResourceURI><w:SelectorSet>"
        f'<w:Selector Name="ShellId">{facts.shell_id}</w:Selector></w:SelectorSet>'
        f"</a:ReferenceParameters></x:ResourceCreated>{described(shell)}"
    )


def _runspace(request: Request, facts: Facts, body: ET.Element) -> Shell:
    # The protocol's library is not wanted before a client speaks it.
    from hvsim_fakes.winrm.runspaces import RunspaceShell  # noqa: PLC0415 - see above

    content = body.findtext(f"{{{names.POWERSHELL}}}creationXml") or ""
    return request.shells.open(
        facts.shell_id,
        request.account,
        lambda: RunspaceShell(request.machine, facts, decoded(content)),
    )


def _facts(request: Request, body: ET.Element) -> Facts:
    message, settings = request.message, request.machine.settings
    environment = {
        item.get("Name", ""): item.text or ""
        for item in body.iterfind(f"{_rsp('Environment')}/{_rsp('Variable')}")
    }
    idle = body.findtext(_rsp("IdleTimeOut"))
    facts = Facts(
        shell_id=identifier(request.machine, body.get("ShellId", ""), faults.INVALID_SHELL_ID),
        resource=message.resource,
        account=request.account,
        client_ip=request.client_ip,
        idle_timeout=settings.idle_timeout if idle is None else soap.duration(idle.strip()),
        session_id=message.session_id,
        environment={name: value for name, value in environment.items() if name},
        directory=(body.findtext(_rsp("WorkingDirectory")) or "").strip(),
        options=message.options,
    )
    facts.name = body.findtext(_rsp("Name"), body.get("Name", ""))
    facts.input_streams = body.findtext(_rsp("InputStreams"), facts.input_streams)
    facts.output_streams = body.findtext(_rsp("OutputStreams"), facts.output_streams)
    if not 0 < facts.idle_timeout <= settings.longest_idle_timeout:
        raise WsmanFault(faults.IDLE_TIMEOUT)
    return facts


def described(shell: Shell) -> str:
    """Write a shell as the answers to Create, Get and Enumerate show it."""
    facts, now = shell.facts, shell.machine.world.clock.now()
    name = facts.name and f"<rsp:Name>{soap.text(facts.name)}</rsp:Name>"
    return (
        f"<rsp:Shell><rsp:ShellId>{facts.shell_id}</rsp:ShellId>{name}"
        f"<rsp:ResourceUri>{soap.text(facts.resource)}</rsp:ResourceUri>"
        f"<rsp:Owner>{soap.text(facts.account.qualified)}</rsp:Owner>"
        f"<rsp:ClientIP>{soap.text(facts.client_ip)}</rsp:ClientIP>"
        f"<rsp:IdleTimeOut>PT{facts.idle_timeout:.3f}S</rsp:IdleTimeOut>"
        f"<rsp:InputStreams>{soap.text(facts.input_streams)}</rsp:InputStreams>"
        f"<rsp:OutputStreams>{soap.text(facts.output_streams)}</rsp:OutputStreams>"
        f"<rsp:State>{'Connected' if shell.connected else 'Disconnected'}</rsp:State>"
        f"<rsp:ShellRunTime>{_time(now - shell.created)}</rsp:ShellRunTime>"
        f"<rsp:ShellInactivity>{_time(now - shell.used)}</rsp:ShellInactivity></rsp:Shell>"
    )


def _time(seconds: float) -> str:
    whole = int(max(0.0, seconds))
    days, rest = divmod(whole, 86_400)
    return f"P{days}DT{rest // 3600}H{rest // 60 % 60}M{rest % 60}S"


def command(request: Request) -> str:
    """Start a command."""
    shell = _connected(request)
    line = request.element("CommandLine")
    words = [item.text or "" for item in line.iterfind(_rsp("Arguments"))]
    started = shell.start(line.get("CommandId", ""), line.findtext(_rsp("Command")) or "", words)
    return (
        "<rsp:CommandResponse>"
        f"<rsp:CommandId>{started.command_id}</rsp:CommandId></rsp:CommandResponse>"
    )


def _connected(request: Request) -> Shell:
    shell = request.shell()
    if not shell.connected:
        raise WsmanFault(faults.DISCONNECTED)
    return shell


def send(request: Request) -> str:
    """Give input to a command, or to the shell."""
    shell = _connected(request)
    for stream in request.element("Send").iterfind(_rsp("Stream")):
        data, name = decoded(stream.text or ""), stream.get("Name", "")
        end = stream.get("End", "").lower() in ("true", "1")
        command_id = stream.get("CommandId", "")
        if command_id:
            shell.command(command_id).send(name, data, end=end)
        else:
            shell.send(name, data, end=end)
    return "<rsp:SendResponse/>"


def signal(request: Request) -> str:
    """Interrupt or end a command."""
    shell = _connected(request)
    element = request.element("Signal")
    code = (element.findtext(_rsp("Code")) or "").strip()
    command_id = element.get("CommandId", "")
    if command_id and not (shell.forgets and command_id.upper() not in shell.commands):
        shell.command(command_id).signal(code)
    return "<rsp:SignalResponse/>"


def receive(request: Request) -> str:
    """Fetch output, waiting for some."""
    shell = _connected(request)
    wanted = request.element("Receive").find(_rsp("DesiredStream"))
    if wanted is None:
        raise WsmanFault(faults.SCHEMA)
    command_id = wanted.get("CommandId", "").upper()
    outlet = shell.command(command_id).outlet if command_id else shell.outlet
    if outlet is None:
        raise WsmanFault(faults.UNKNOWN_COMMAND)
    streams = frozenset((wanted.text or "").split())
    room = (min(request.message.limit, _LARGEST) - _ENVELOPE_ROOM) * 3 // 4
    taken = outlet.take(room, request.message.timeout, request.gone, streams)
    if taken.timed_out:
        raise WsmanFault(faults.TIMED_OUT)
    if taken.broken:
        raise WsmanFault(faults.ABORTED if shell.connected else faults.STREAM_DISCONNECTED)
    if taken.done and command_id and shell.forgets:
        shell.drop(command_id)
    return _received(command_id, taken)


def _received(command_id: str, taken: Taken) -> str:
    of = f' CommandId="{command_id}"' if command_id else ""
    parts = [
        f'<rsp:Stream Name="{stream}"{of}>{base64.b64encode(data).decode()}</rsp:Stream>'
        for stream, data in taken.chunks
    ]
    if command_id and taken.done:
        parts += [f'<rsp:Stream Name="{s}"{of} End="true"/>' for s in ("stdout", "stderr")]
        parts.append(
            f'<rsp:CommandState{of} State="{names.STATES}Done">'
            f"<rsp:ExitCode>{taken.exit_code}</rsp:ExitCode></rsp:CommandState>"
        )
    elif command_id:
        parts.append(f'<rsp:CommandState{of} State="{names.STATES}Running"/>')
    return f"<rsp:ReceiveResponse>{''.join(parts)}</rsp:ReceiveResponse>"


def delete(request: Request) -> str:
    """Close a shell."""
    request.shells.delete(request.shell())
    return ""


def get(request: Request) -> str:
    """Show a shell or the configuration."""
    resource = request.message.resource
    if resource == names.CONFIG or resource.startswith(f"{names.CONFIG}/"):
        return configuration(request.machine)
    if resource == names.SHELL:
        return described(request.shells.find(request.message.shell_id, request.account))
    return described(request.shell())


def configuration(machine: Machine) -> str:
    """Write what ``winrm get winrm/config`` shows."""
    settings = machine.settings
    basic, credssp = str(settings.basic).lower(), str(settings.credssp).lower()
    return (
        f'<cfg:Config xmlns:cfg="{names.CONFIG}" xml:lang="en-US">'
        f"<cfg:MaxEnvelopeSizekb>{settings.max_envelope}</cfg:MaxEnvelopeSizekb>"
        f"<cfg:MaxTimeoutms>{settings.max_timeout * 1000:.0f}</cfg:MaxTimeoutms>"
        "<cfg:MaxBatchItems>32000</cfg:MaxBatchItems>"
        "<cfg:Service>"
        "<cfg:MaxConcurrentOperationsPerUser>"
        f"{settings.max_operations_per_user}</cfg:MaxConcurrentOperationsPerUser>"
        "<cfg:AllowUnencrypted>true</cfg:AllowUnencrypted><cfg:Auth>"
        f"<cfg:Basic>{basic}</cfg:Basic><cfg:Kerberos>false</cfg:Kerberos>"
        f"<cfg:Negotiate>true</cfg:Negotiate><cfg:CredSSP>{credssp}</cfg:CredSSP>"
        "<cfg:CbtHardeningLevel>Relaxed</cfg:CbtHardeningLevel></cfg:Auth></cfg:Service>"
        "<cfg:Winrs><cfg:AllowRemoteShellAccess>true</cfg:AllowRemoteShellAccess>"
        f"<cfg:IdleTimeout>{settings.idle_timeout * 1000:.0f}</cfg:IdleTimeout>"
        f"<cfg:MaxProcessesPerShell>{settings.max_processes_per_shell}</cfg:MaxProcessesPerShell>"
        f"<cfg:MaxShellsPerUser>{settings.max_shells_per_user}</cfg:MaxShellsPerUser>"
        "</cfg:Winrs></cfg:Config>"
    )


def enumerate_(request: Request) -> str:
    """List shells, or the commands of one."""
    match request.message.resource:
        case names.SHELL:
            items = "".join(map(described, request.shells.owned(request.account)))
        case names.COMMANDS:
            items = _commands(request)
        case _:
            raise WsmanFault(faults.ACTION_NOT_SUPPORTED)
    return (
        "<n:EnumerateResponse><n:EnumerationContext/>"
        f"<w:Items>{items}</w:Items><w:EndOfSequence/></n:EnumerateResponse>"
    )


def _commands(request: Request) -> str:
    wanted = request.body.find(f"{{{names.WSMAN}}}Filter")
    if wanted is None:
        raise WsmanFault(faults.FILTER_EXPECTED)
    selectors = {
        item.get("Name", "").lower(): item.text or ""
        for item in wanted.iter(f"{{{names.WSMAN}}}Selector")
    }
    if wanted.get("Dialect") != names.SELECTOR_FILTER or "shellid" not in selectors:
        raise WsmanFault(faults.BAD_FILTER)
    shell = request.shells.find(selectors["shellid"], request.account)
    state = "Connected" if shell.connected else "Disconnected"
    return "".join(
        f"<rsp:Command><rsp:ShellId>{shell.facts.shell_id}</rsp:ShellId>"
        f"<rsp:CommandId>{one.command_id}</rsp:CommandId><rsp:State>{state}</rsp:State>"
        f"<rsp:CommandLine>{soap.text(one.line)}</rsp:CommandLine></rsp:Command>"
        for one in list(shell.commands.values())
    )


def disconnect(request: Request) -> str:
    """Let go of a shell, whose commands go on."""
    _connected(request).disconnect()
    return "<rsp:DisconnectResponse/>"


def reconnect(request: Request) -> str:
    """Take a shell again that the same client has let go of."""
    shell = request.shell()
    if shell.connected:
        raise WsmanFault(faults.NOT_DISCONNECTED)
    if shell.facts.session_id != request.message.session_id:
        raise WsmanFault(faults.OTHER_CLIENT)
    shell.reconnect()
    return "<rsp:ReconnectResponse/>"


def connect(request: Request) -> str:
    """Take a shell, or a command of it, that another client of the same user has let go of."""
    shell = request.shell()
    element = request.element("Connect")
    if element.get("CommandId"):
        shell.command(element.get("CommandId", ""))
        return "<rsp:ConnectResponse/>"
    if shell.connected:
        raise WsmanFault(faults.OTHER_CLIENT)
    content = element.findtext(f"{{{names.POWERSHELL}}}connectXml") or ""
    answer = shell.connect(content)
    shell.facts.session_id = request.message.session_id
    told = answer and (
        f'<connectResponseXml xmlns="{names.POWERSHELL}">{answer}</connectResponseXml>'
    )
    return f"<rsp:ConnectResponse>{told}</rsp:ConnectResponse>"


def decoded(value: str) -> bytes:
    """Return what base64 text stands for; raises WsmanFault for what is none."""
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise WsmanFault(faults.SCHEMA, "The content is not base64.") from None


ACTIONS: Final[dict[str, Action]] = {
    f"{names.TRANSFER}/Create": create,
    f"{names.TRANSFER}/Delete": delete,
    f"{names.TRANSFER}/Get": get,
    f"{names.ENUMERATION}/Enumerate": enumerate_,
    f"{names.SHELL}/Command": command,
    f"{names.SHELL}/Receive": receive,
    f"{names.SHELL}/Send": send,
    f"{names.SHELL}/Signal": signal,
    f"{names.SHELL}/Connect": connect,
    f"{names.SHELL}/Disconnect": disconnect,
    f"{names.SHELL}/Reconnect": reconnect,
}
_BARE: Final = frozenset({names.SHELL, names.COMMANDS, names.CONFIG, names.WINRS})


def perform(request: Request) -> str:
    """Carry out a request; returns the content of the answer's body.

    Raises:
        WsmanFault: what it is answered with instead.
    """
    message = request.message
    if not known(message.resource):
        raise WsmanFault(
            faults.UNKNOWN_RESOURCE,
            f"The resource URI {message.resource} is not in the WS-Management catalog.",
        )
    action = ACTIONS.get(message.action)
    if action is None:
        raise WsmanFault(faults.ACTION_NOT_SUPPORTED)
    if action is create and message.resource in _BARE - {names.WINRS}:
        raise WsmanFault(faults.ACTION_NOT_SUPPORTED)
    return action(request)


def known(resource: str) -> bool:
    """Tell whether a resource is there at all."""
    if resource.startswith(names.POWERSHELL_PREFIX):
        return resource.removeprefix(names.POWERSHELL_PREFIX) in names.CONFIGURATIONS
    return resource in _BARE or resource.startswith(f"{names.CONFIG}/")
