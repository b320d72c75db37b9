"""The command that changes tags and modules of clusters: a journal brings them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.vcenter import tagging, tagging_module
from hvsim.vcenter.server import VCenter

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.world import World

Change = Literal[
    "create_category",
    "update_category",
    "delete_category",
    "create_tag",
    "update_tag",
    "delete_tag",
    "attach",
    "detach",
    "add_user",
    "remove_user",
    "create_module",
    "delete_module",
    "add_members",
    "remove_members",
]
_CHANGES: Final[dict[str, Callable[..., Any]]] = {
    "create_category": tagging.create_category,
    "update_category": tagging.update_category,
    "delete_category": tagging.delete_category,
    "create_tag": tagging.create_tag,
    "update_tag": tagging.update_tag,
    "delete_tag": tagging.delete_tag,
    "attach": tagging.attach,
    "detach": tagging.detach,
    "add_user": tagging.add_user,
    "remove_user": tagging.remove_user,
    "create_module": tagging_module.create_module,
    "delete_module": tagging_module.delete_module,
    "add_members": tagging_module.add_members,
    "remove_members": tagging_module.remove_members,
}


@command("vcenter.tagging")
class TaggingChange(Command, frozen=True, kw_only=True):
    """A change of tags, of what they are attached to, or of modules of clusters.

    Attributes:
        vcenter: name of the vCenter.
        change: what is done: a function of :mod:`hvsim.vcenter.tagging` or
            :mod:`hvsim.vcenter.tagging_module`.
        args: its arguments by name.
        user: who does it.
    """

    vcenter: str
    change: Change
    args: dict[str, Any] = msgspec.field(default_factory=dict)
    user: str = ""

    def apply(self, world: World) -> Any:
        """Carry it out; return the identifier of what was made."""
        vcenter = world.product(self.vcenter)
        if not isinstance(vcenter, VCenter):
            raise CommandError(f"{self.vcenter!r} is no vCenter")
        with world.log.caused_by(f"tagging.{self.change}"):
            return self._carry_out(vcenter)

    def _carry_out(self, vcenter: VCenter) -> Any:
        try:
            return _CHANGES[self.change](vcenter, **self.args)
        except (KeyError, TypeError):
            raise CommandError(
                f"vcenter.tagging: the arguments of {self.change} are wrong"
            ) from None
