"""Modules that scripts bring along: a session state each, and what of it others see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim_fakes.powershell.engine.frame import Frame
from hvsim_fakes.powershell.engine.scope import ModuleScope
from hvsim_fakes.powershell.objects.patterns import like

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.block import ScriptBlock
    from hvsim_fakes.powershell.engine.scope import Scope

KINDS: Final = ("Function", "Cmdlet", "Variable", "Alias")
_UNSAID: Final = {"Function": ["*"], "Alias": ["*"]}
"""What a module exports that does not say (about_Modules): no variables."""


def load(frame: Frame, name: str, body: ScriptBlock, arguments: list[Any]) -> ModuleScope:
    """Run a module's text in a session state of its own; return its scope.

    What it writes is dropped, as the product does.
    """
    engine = frame.engine
    scope = ModuleScope(frame.scope.session)
    inner = Frame(engine, scope, name)
    engine.call_block(body.written_in(None), arguments, frame=inner)
    return scope


def publish(scope: ModuleScope, to: Scope) -> None:
    """Put what a module exports into another session state."""
    to.functions.update(_chosen(scope, scope.functions, "Function"))
    to.aliases.update(_chosen(scope, scope.aliases, "Alias"))
    to.variables.update(_chosen(scope, scope.variables, "Variable"))


def exported(scope: ModuleScope) -> list[str]:
    """Return the names of the functions that a module exports."""
    return [one.name for one in _chosen(scope, scope.functions, "Function").values()]


def _chosen(scope: ModuleScope, named: dict[str, Any], kind: str) -> dict[str, Any]:
    patterns = (_UNSAID if scope.exports is None else scope.exports).get(kind, [])
    return {
        name: value for name, value in named.items() if any(like(name, one) for one in patterns)
    }
