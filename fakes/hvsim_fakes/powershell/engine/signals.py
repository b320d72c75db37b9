"""What ends a loop, a function or a script early. None of them is an error."""

from __future__ import annotations

from typing import Any


class Signal(BaseException):
    """Not an ``Exception``, so that no handler of errors takes it for one."""


class BreakSignal(Signal):
    """``break``, to the loop of a label perhaps."""

    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(label)


class ContinueSignal(Signal):
    """``continue``, to the loop of a label perhaps."""

    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(label)


class ReturnSignal(Signal):
    """``return``; its value has been written already."""


class ExitSignal(Signal):
    """``exit``: ends the script; nothing catches it. Shims raise it too, with what they leave."""

    def __init__(self, code: int, value: Any = None) -> None:
        self.code = code
        self.value = value
        super().__init__(code)


class StopUpstream(Signal):
    """A command needs no more input: those before it in the pipeline are stopped."""

    def __init__(self, owner: Any) -> None:
        self.owner = owner
        super().__init__()
