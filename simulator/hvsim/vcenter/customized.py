"""Customizations that wait for a guest's boot, and what vCenter tells of them then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hvsim.vcenter import event

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Ref

PENDING: Final = "config.tools.pendingCustomization"
"""Where a machine shows that one waits."""


def booted(vcenter: VCenter, vm: Ref) -> None:
    """Note that a guest boots: what waits for that is carried out in it."""
    if not vcenter.store.value(vm, PENDING):
        return
    vcenter.store.change(vm, PENDING, None)
    name = vcenter.store.value(vm, "name")
    more: dict[str, Any] = {"logLocation": ""}
    for kind, text in (
        ("CustomizationStartedEvent", f"Started customization of VM {name}"),
        ("CustomizationSucceeded", f"Customization of VM {name} succeeded"),
    ):
        event.post(vcenter, kind, vm, text, **more)
