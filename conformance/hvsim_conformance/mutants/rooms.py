"""Makes mutants out of the reference manager's part for physical servers, with one rule broken."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from hvsim_conformance.adapters.model import Product
from hvsim_conformance.mutants.registry import mutant
from hvsim_conformance.reference import ReferenceManager
from hvsim_conformance.reference.hardware.backups import Backups
from hvsim_conformance.reference.hardware.room import ServerRoom
from hvsim_conformance.reference.hardware.spares import Spares

Part = TypeVar("Part", bound=type[Spares] | type[Backups])


def broken_hardware(
    name: str, *, breaks: str, product: Product | None = None
) -> Callable[[Part], Part]:
    """Register the reference manager with the decorated part; its docstring says what is wrong.

    Args:
        name: the mutant's id.
        breaks: the requirement that it breaks.
        product: whose hosts it is wrong about, where others have the requirement too.
    """

    def register(part: Part) -> Part:
        description = (inspect.getdoc(part) or "").partition("\n")[0]
        kind = "spares_kind" if issubclass(part, Spares) else "backups_kind"
        room = type(part.__name__, (ServerRoom,), {kind: part})
        members: dict[str, Any] = {"room_kind": room}
        manager = type(part.__name__, (ReferenceManager,), members)
        mutant(name, breaks=breaks, description=description, product=product)(manager)
        return part

    return register
