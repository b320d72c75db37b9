"""A running body: its scope and the engine it runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hvsim_fakes.powershell.engine.engine import Engine
    from hvsim_fakes.powershell.engine.scope import Scope
    from hvsim_fakes.powershell.language.extent import Extent
    from hvsim_fakes.powershell.limits import Budget


class Frame:
    """What compiled code is given.

    Attributes:
        engine: the engine.
        budget: its limits.
        scope: where variables are.
        command: name of the function that runs, for messages.
        invocation: of the cmdlet or advanced function, ``$PSCmdlet``.
        extent: where that function was called.
    """

    __slots__ = ("budget", "command", "engine", "extent", "invocation", "scope")

    def __init__(
        self, engine: Engine, scope: Scope, command: str = "", invocation: Any = None
    ) -> None:
        self.engine = engine
        self.budget: Budget = engine.budget
        self.scope = scope
        self.command = command
        self.invocation = invocation
        self.extent: Extent | None = None
