"""``ServiceInstance``: what a client asks first; nothing of it changes the world."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.vcenter.values import now
from hvsim_fakes.vcenter.context import Context, local

if TYPE_CHECKING:
    from datetime import datetime

    from hvsim.vcenter.values import Data, Ref


@local("ServiceInstance.RetrieveServiceContent")
def content(context: Context, this: Ref) -> Data:
    """Return the managers that there are."""
    found: Data = context.vcenter.store.value(this, "content")
    return found


@local("ServiceInstance.CurrentTime")
def current_time(context: Context, this: Ref) -> datetime:
    """Return the lab's date."""
    return now(context.world)
