"""Templates: guests to make guests of, and the disks a new guest is given.

Sources: xapi's ``xapi_templates`` (the XML under ``disks`` in ``VM.other_config``) and
``xapi_vm_helpers``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError, fromstring

from hvsim.errors import Refusal
from hvsim.operations import Stage
from hvsim.xenserver.dates import stamp
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.life import rules, underway
from hvsim.xenserver.life.protection import is_protected
from hvsim.xenserver.messages import message
from hvsim.xenserver.model import NULL_REF
from hvsim.xenserver.storage import backend, sr_rules, vbd, vdi

if TYPE_CHECKING:
    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.life.guests import Work
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

DISK_SECONDS: Final = 1.0
"""How long each disk of a new guest takes to be made."""
_TYPES: Final = frozenset({"system", "user", "ephemeral", "suspend", "crashdump"})
_LONGEST: Final = 100_000
"""Characters of a description of disks; longer ones are taken for broken."""


@dataclass(frozen=True, slots=True)
class DiskWish:
    """A disk that a template asks for; ``sr`` is a repository's UUID, sizes are bytes."""

    device: str
    size: int
    sr: str
    bootable: bool
    type: str


@message("VM.set_is_a_template")
def set_is_a_template(call: Call, vm: str, value: bool) -> None:
    """Make a halted guest a template, or a template a guest.

    Raises:
        XenError: what the guest's state forbids; ``VM_IS_PROTECTED`` while HA would start it.
    """
    row = call.db.row("VM", vm)
    if value:
        rules.check(call, vm, "make_into_template")
        if call.pool.has("ha-refuses-template") and is_protected(call.pool, vm):
            raise XenError("VM_IS_PROTECTED", vm)
        if call.db.exists("VM_metrics", row["metrics"]):
            call.db.remove("VM_metrics", row["metrics"])
        call.db.change(
            "VM", vm, is_a_template=True, metrics=NULL_REF, groups=[], ha_always_run=False
        )
    else:
        _install(call.pool, vm)
    rules.refresh(call.pool, vm)


@message("VM.provision")
def provision(call: Call, vm: str) -> Operation:
    """Make a guest of a template: give it the disks that ``other_config`` asks for.

    Raises:
        XenError: ``PROVISION_ONLY_ALLOWED_ON_TEMPLATE``; later ``UUID_INVALID`` ["sr", ...] of a
            repository that is not there, and what the storage refuses with. Disks made so far go.
    """

    def prepare(_work: Work) -> Steps:
        wishes = read_disks(call.db.row("VM", vm)["other_config"].get("disks", ""))
        return _provisioning(call, vm, wishes)

    return underway.run(call, vm, "provision", prepare)


def read_disks(text: str) -> list[DiskWish]:
    """Return the disks that a template's XML asks for; none for no text.

    Raises:
        XenError: ``INTERNAL_ERROR`` for what is no such XML, as the product does.
    """
    if not text:
        return []
    if len(text) > _LONGEST or "<!" in text:
        raise XenError("INTERNAL_ERROR", "Xapi_templates.Parse_failure")
    try:
        root = fromstring(text)  # noqa: S314 - documents with declarations were turned away above
        wishes = [_wish(disk.attrib) for disk in root]
    except (ParseError, KeyError, ValueError):
        raise XenError("INTERNAL_ERROR", "Xapi_templates.Parse_failure") from None
    if root.tag != "provision":
        raise XenError("INTERNAL_ERROR", "Xapi_templates.Parse_failure")
    return wishes


def _wish(given: dict[str, str]) -> DiskWish:
    kind = given.get("type", "system")
    return DiskWish(
        device=given["device"],
        size=int(given["size"]),
        sr=given["sr"],
        bootable=given["bootable"] == "true",
        type=kind if kind in _TYPES else "system",
    )


def _provisioning(call: Call, vm: str, wishes: list[DiskWish]) -> Steps:
    _install(call.pool, vm)
    made: list[str] = []
    try:
        for number, wish in enumerate(wishes, start=1):
            yield Stage("disk", DISK_SECONDS, 0.1 + 0.8 * number / len(wishes))
            made.append(_make_disk(call.pool, vm, wish))
        yield Stage("install", 0.1, 0.95)
    except Refusal:
        for ref in made:
            vdi.drop(call.pool, ref)
        raise
    other = call.db.row("VM", vm)["other_config"]
    kept = {key: text for key, text in other.items() if key not in ("disks", "postinstall")}
    call.db.change("VM", vm, other_config=kept)


def _make_disk(pool: Pool, vm: str, wish: DiskWish) -> str:
    try:
        sr = pool.db.by_uuid("SR", wish.sr)
    except XenError:
        raise XenError("UUID_INVALID", "sr", wish.sr) from None
    sr_rules.check(pool, sr, "vdi_create")
    backend.carrier(pool, sr)
    disk = vdi.add(
        pool,
        sr,
        {
            # The product names the disk after its device.
            "name_label": wish.device,
            "name_description": "Created by template provisioner",
            "virtual_size": wish.size,
            "type": wish.type,
            "sm_config": {"vmhint": pool.db.row("VM", vm)["uuid"]},
        },
    )
    device = {
        "VM": vm,
        "VDI": disk,
        "userdevice": wish.device,
        "bootable": wish.bootable,
        "mode": "RW",
        "type": "Disk",
        "unpluggable": wish.type != "system",
        "empty": False,
        "other_config": {"owner": ""},
    }
    vbd.add(pool, device)
    return disk


def _install(pool: Pool, vm: str) -> None:
    """Turn a template into a guest, new as of now."""
    metrics = pool.db.row("VM", vm)["metrics"]
    if not pool.db.exists("VM_metrics", metrics):
        metrics = pool.db.add("VM_metrics", {})
    pool.db.change("VM_metrics", metrics, install_time=stamp(pool.world))
    pool.db.change("VM", vm, is_a_template=False, is_default_template=False, metrics=metrics)
