"""Cmdlets about modules that scripts bring along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim_fakes.powershell.cmdlet import Body, Call, Parameter
from hvsim_fakes.powershell.cmdlets.tables import CORE
from hvsim_fakes.powershell.engine.module import KINDS, exported, load, publish
from hvsim_fakes.powershell.engine.scope import ModuleScope
from hvsim_fakes.powershell.errors import failure
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import Version

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.scope import Scope


class ScriptModule:
    """System.Management.Automation.PSModuleInfo of a module that is a script."""

    ps_type = NetType(
        "System.Management.Automation.PSModuleInfo",
        OBJECT,
        properties=[
            Property("ModuleType", lambda _: "Script"),
            Property("Version", lambda _: Version(0, 0)),
            Property("Name", lambda one: one.name),
            Property("ExportedCommands", lambda one: exported(one.scope)),
        ],
        text=lambda one: one.name,
    )

    def __init__(self, name: str, scope: ModuleScope) -> None:
        self.name = name
        self.scope = scope


def found(call: Call, name: str) -> ModuleScope | None:
    """Return a module that the session has, or the one of a script file; None without either."""
    engine = call.engine
    scope: ModuleScope | None = engine.modules.get(name)
    if scope is not None and not call.on("Force"):
        return scope
    block = engine.library.script(engine, name)
    if block is None:
        return scope
    scope = load(call.engine_frame, name, block, call.get("ArgumentList") or [])
    engine.modules[name] = scope
    return scope


@CORE.cmdlet(
    "Export-ModuleMember",
    *(
        Parameter(name, "string[]", position=at)
        for name, at in (("Function", 0), ("Cmdlet", None), ("Variable", None), ("Alias", None))
    ),
)
def export_module_member(call: Call) -> Body:
    """Say what of a module others see; what was said before stays."""
    scope: Scope = call.engine_frame.scope.top
    if not isinstance(scope, ModuleScope):
        raise failure(
            "The Export-ModuleMember cmdlet can only be called from inside a module.",
            "Modules_CanOnlyExecuteExportModuleMemberInsideAModule",
            "PermissionDenied",
            exception="System.InvalidOperationException",
        )
    scope.exports = scope.exports or {}
    for kind in KINDS:
        scope.exports.setdefault(kind, []).extend(to_text(one) for one in call.get(kind) or ())
    yield from ()


@CORE.cmdlet(
    "New-Module",
    Parameter("Name", "string", position=0, sets=("Name",)),
    Parameter("ScriptBlock", "scriptblock", position=0, mandatory=True),
    Parameter("ArgumentList", "object[]"),
)
def new_module(call: Call) -> Body:
    """Make a module of a script block, and import it."""
    engine = call.engine
    name = to_text(call.get("Name") or f"__DynamicModule_{len(engine.modules)}")
    scope = load(call.engine_frame, name, call.get("ScriptBlock"), call.get("ArgumentList") or [])
    engine.modules[name] = scope
    publish(scope, call.engine_frame.scope.top)
    yield ScriptModule(name, scope)
