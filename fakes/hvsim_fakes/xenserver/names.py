"""From a method's name on the wire to the message it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hvsim.xenserver.errors import XenError

if TYPE_CHECKING:
    from hvsim.xenserver.model import MessageModel, Model
    from hvsim_fakes.xenserver.values import RpcValue

_PREFIXES = ("Async.", "InternalAsync.")


@dataclass(frozen=True, slots=True)
class Named:
    """A method's name without its prefix, whether that asked for a task, and its message."""

    name: str
    is_async: bool
    message: MessageModel | None


class Names:
    """The method names of one profile."""

    def __init__(self, model: Model) -> None:
        self._messages: dict[str, MessageModel] = dict(model.messages)
        self._prefixes: tuple[str, ...] = _PREFIXES[:1]
        if model.profile != "xenserver-5.5":
            self._prefixes = _PREFIXES
            # The current release also takes VM_start for VM.start.
            for message in model.messages.values():
                self._messages.setdefault(f"{message.cls}_{message.verb}", message)
        self.listed = [*model.messages]
        """What ``system.listMethods`` answers."""

    def find(self, method: str) -> Named:
        """Return what a method's name means."""
        for prefix in self._prefixes:
            if method.startswith(prefix):
                name = method.removeprefix(prefix)
                return Named(name, True, self._messages.get(name))
        return Named(method, False, self._messages.get(method))


def check_arity(name: str, message: MessageModel, params: list[RpcValue]) -> None:
    """Raise ``MESSAGE_PARAMETER_COUNT_MISMATCH`` unless the number of parameters fits.

    Source: xapi's dispatcher. Both counts leave the session out. Parameters with a default may
    be left off at the end; more than the declared ones are ignored where any has a default.
    """
    session = 1 if message.session else 0
    received = len(params) - session
    optional = len(message.params) > message.required
    if received < message.required or (received > message.required and not optional):
        raise XenError(
            "MESSAGE_PARAMETER_COUNT_MISMATCH", name, str(message.required), str(received)
        )
