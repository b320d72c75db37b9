"""Script blocks as values, and the code they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.powershell.cmdlet import Parameter
    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.engine.scope import Scope
    from hvsim_fakes.powershell.engine.signature import Signature
    from hvsim_fakes.powershell.language.extent import Extent
    from hvsim_fakes.powershell.language.syntax import ScriptBlock as Tree


@dataclass(slots=True)
class Code:
    """A compiled body.

    Attributes:
        parameters: what it takes.
        defaults: makes a parameter's default value, by name in lower case.
        begin, process, end: its blocks.
        advanced: whether it has the common parameters (``[CmdletBinding()]``).
        default_set: its default parameter set.
        confirm: whether it has -WhatIf and -Confirm.
        named: whether it has named blocks.
        signatures: what it takes, by the name it is called by; made at first use.
    """

    parameters: tuple[Parameter, ...]
    defaults: dict[str, Callable[[Frame], Any]]
    begin: Callable[[Frame, Callable[[Any], None]], None] | None
    process: Callable[[Frame, Callable[[Any], None]], None] | None
    end: Callable[[Frame, Callable[[Any], None]], None] | None
    advanced: bool
    default_set: str
    confirm: bool
    named: bool
    signatures: dict[str, Signature] = field(default_factory=dict)


class ScriptBlock:
    """System.Management.Automation.ScriptBlock."""

    __slots__ = ("_code", "captured", "home", "name", "tree")
    ps_type: NetType = NetType("System.Management.Automation.ScriptBlock", OBJECT)

    def __init__(self, tree: Tree, name: str = "", captured: dict[str, Any] | None = None) -> None:
        self.tree = tree
        self.name = name
        self.captured = captured
        self.home: Scope | None = None
        """Top of the session state that it was made in; None for that of who calls it."""
        self._code: Code | None = None

    @property
    def block(self) -> ScriptBlock:
        """Itself: by this, members know a script block from other values."""
        return self

    @property
    def code(self) -> Code:
        """The compiled body, made at first use."""
        if self._code is None:
            from hvsim_fakes.powershell.engine.bodies import compiled  # noqa: PLC0415 - the modules need each other

            self._code = compiled(self.tree)
        return self._code

    @property
    def plain(self) -> bool:
        """Whether it has no parameters, no named blocks, and remembers no variables."""
        code = self.code
        return not (code.parameters or code.named or self.captured)

    @property
    def extent(self) -> Extent:
        """Where it stands."""
        return self.tree.extent

    @property
    def text(self) -> str:
        """Its text, without the braces."""
        return self.tree.extent.text

    def bound(self, scope: Scope) -> ScriptBlock:
        """Return a copy that remembers the variables of a scope (GetNewClosure)."""
        found = ScriptBlock(self.tree, self.name, dict(scope.variables))
        found._code = self._code
        found.home = self.home
        return found

    def written_in(self, home: Scope | None) -> ScriptBlock:
        """Return the same block as one of the session state with the top ``home``."""
        found = ScriptBlock(self.tree, self.name, self.captured)
        found._code = self._code
        found.home = home
        return found
