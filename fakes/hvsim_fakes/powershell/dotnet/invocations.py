"""``$PSCmdlet`` and ``$MyInvocation``: a running function as its own body sees it."""

from __future__ import annotations

from typing import Any, Final

from hvsim_fakes.powershell.engine.invocation import Invocation
from hvsim_fakes.powershell.errors import ErrorRecord, PowerShellError
from hvsim_fakes.powershell.objects.fault import argument
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetObject, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import Dictionary, Hashtable

_COMMAND: Final = register(
    NetType(
        "System.Management.Automation.CommandInfo",
        OBJECT,
        properties=[
            Property("Name", lambda call: call.name, type="System.String"),
            Property("Path", lambda _: None),
            Property("Definition", lambda call: call.engine.text),
            Property("ModuleName", lambda _: ""),
        ],
        text=lambda call: call.name,
    )
)


def _record(given: Any) -> ErrorRecord:
    if not isinstance(given, ErrorRecord):
        raise argument("Value cannot be null.\r\nParameter name: errorRecord")
    return given


def _throw(call: Invocation, given: Any) -> None:
    wrong = PowerShellError(_record(given))
    call.terminated(wrong)
    wrong.ends_function = True
    raise wrong


def _should(call: Invocation, target: str, action: str = "") -> bool:
    return call.should_process(to_text(target), to_text(action))


def _bound(call: Invocation) -> Dictionary:
    return Dictionary(call.bound.items(), Hashtable.ps_type)


register(Invocation.ps_type).extend(
    properties=[
        Property("ParameterSetName", lambda call: call.parameter_set or "__AllParameterSets"),
        Property("MyInvocation", lambda call: call),
        Property("MyCommand", lambda call: NetObject(_COMMAND, call)),
        Property("BoundParameters", _bound),
        Property("InvocationName", lambda call: call.invoked),
        Property("ScriptName", lambda _: ""),
        Property("PSCommandPath", lambda _: ""),
        Property("PSScriptRoot", lambda _: ""),
        Property("ScriptLineNumber", lambda call: call.extent.line if call.extent else 0),
        Property("OffsetInLine", lambda call: call.extent.column if call.extent else 0),
        Property("Line", lambda call: call.extent.text if call.extent else ""),
        Property("ExpectingInput", lambda call: call.piped),
    ],
    methods=[
        method("WriteError", lambda call, given: call.error(_record(given)), "record:object"),
        method("WriteWarning", lambda call, text: call.warning(text), "text:string"),
        method("WriteVerbose", lambda call, text: call.verbose(text), "text:string"),
        method("WriteDebug", lambda call, text: call.debug(text), "text:string"),
        method(
            "WriteObject",
            lambda call, value, *_: call.engine.write(1, value),
            "value:object",
            "?enumerate:bool",
        ),
        method("ThrowTerminatingError", _throw, "record:object"),
        method("ShouldProcess", _should, "target:string", "?action:string"),
        method(
            "ShouldContinue", lambda _call, _query, _caption: True, "query:string", "caption:string"
        ),
    ],
)
