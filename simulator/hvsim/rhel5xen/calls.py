"""How clients reach xend: each message a journalled command on one host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from hvsim.commands import Command, command
from hvsim.errors import CommandError
from hvsim.modules import load_package
from hvsim.rhel5xen.site import Host, Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.world import World

_Handler = TypeVar("_Handler", bound="Callable[..., Any]")
_handlers: dict[str, Callable[..., Any]] = {}


def message(name: str) -> Callable[[_Handler], _Handler]:
    """Register a function of a host and the message's arguments as what xend does for it."""

    def register(handler: _Handler) -> _Handler:
        if name in _handlers:
            raise AssertionError(f"message {name!r} is registered twice")
        _handlers[name] = handler
        return handler

    return register


def call(host: Host, name: str, *args: Any) -> XendCall:
    """Return the command that sends a message to a host's xend.

    Carrying it out returns the message's value, or the operation that will give it, and raises
    :class:`hvsim.rhel5xen.errors.XendError`.
    """
    return XendCall(site=host.site.name, host=host.name, message=name, args=list(args))


@command("rhel5xen.call")
class XendCall(Command, frozen=True, kw_only=True):
    """A message to the xend of a host.

    Attributes:
        site: the product instance in the lab.
        message: as this module's registry has it (``domain.create``).
        args: its arguments, JSON-ready.
    """

    site: str
    host: str
    message: str
    args: list[Any]

    def apply(self, world: World) -> Any:
        """Carry it out; refused by xend's own errors."""
        # A site that no scenario describes brings in only what its builder needs.
        load_package("hvsim.rhel5xen")
        handler = _handlers.get(self.message)
        if handler is None:
            known = ", ".join(sorted(_handlers))
            raise CommandError(f"xend has no message {self.message!r}; there are: {known}")
        host = host_of(world, self.site, self.host)
        host.demand_xend()
        with world.log.caused_by(self.message):
            try:
                return handler(host, *self.args)
            except TypeError as error:
                # Only a command that somebody wrote by hand has the wrong arguments.
                if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                    raise CommandError(f"{self.message}: {error}") from None
                raise


def host_of(world: World, site: str, name: str) -> Host:
    """Return a host by its site's and its own name, or raise :class:`CommandError`."""
    found = world.product(site)
    if not isinstance(found, Site):
        raise CommandError(f"{site!r} has no RHEL5-Xen hosts")
    if name not in found.hosts:
        known = ", ".join(found.hosts)
        raise CommandError(f"no host called {name!r} in {site!r}; there are: {known}")
    return found.hosts[name]
