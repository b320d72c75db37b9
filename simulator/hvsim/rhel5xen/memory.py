"""A host's memory: what Domain-0 has, and gives up for guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.rhel5xen.errors import XendError
from hvsim.rhel5xen.site import DOM0_LEAST

if TYPE_CHECKING:
    from hvsim.rhel5xen.site import Host


def make_room(host: Host, memory: int) -> None:
    """Take from Domain-0 what memory (MiB) is missing; refused when it has not got it."""
    missing = memory - host.free
    dom0 = host.domains[0]
    if missing <= 0:
        return
    left = dom0.memory - missing
    if left < DOM0_LEAST:
        least, need = DOM0_LEAST * 1024, memory * 1024
        could = (host.free + dom0.memory - DOM0_LEAST) * 1024
        raise XendError(
            f"I need {need} KiB, but dom0_min_mem is {least} and shrinking to {least} KiB"
            f" would leave only {could} KiB free."
        )
    host.change(dom0, memory=left)
