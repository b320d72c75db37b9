"""Operations in progress on an object, and what is allowed on it meanwhile.

A row's ``current_operations`` names the tasks that work on it; its ``allowed_operations`` follow
at once. The classes around a guest (VDI, VBD, VIF, SR) register how theirs are worked out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from hvsim.xenserver import task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hvsim.operations import Operation, Steps
    from hvsim.xenserver.database import Row
    from hvsim.xenserver.messages import Call
    from hvsim.xenserver.pool import Pool

Mark: TypeAlias = tuple[str, str, str]
"""Class, reference and operation, as in ``("VDI", ref, "copy")``."""
Allowed: TypeAlias = "Callable[[Pool, str], list[str]]"

_allowed: dict[str, Allowed] = {}
_shared: dict[tuple[str, ...], list[str]] = {}


def allows(cls: str) -> Callable[[Allowed], Allowed]:
    """Register how the allowed operations of a class are worked out."""

    def register(function: Allowed) -> Allowed:
        _allowed[cls] = function
        return function

    return register


def refresh(pool: Pool, cls: str, ref: str) -> None:
    """Bring a row's ``allowed_operations`` up to date, if the row is still there."""
    find = _allowed.get(cls)
    if find is None or not pool.db.exists(cls, ref):
        return
    now = find(pool, ref)
    if now != pool.db.row(cls, ref)["allowed_operations"]:
        # Ten thousand guests share a handful of different lists.
        pool.db.change(cls, ref, allowed_operations=_shared.setdefault(tuple(now), now))


def refresh_device(pool: Pool, vbd: str) -> None:
    """Bring what a block device and its disk allow up to date."""
    if pool.db.exists("VBD", vbd):
        refresh(pool, "VBD", vbd)
        refresh(pool, "VDI", pool.db.row("VBD", vbd)["VDI"])


def refresh_devices(pool: Pool, vm: str) -> None:
    """Bring what a guest's devices allow up to date: it depends on the guest's state."""
    row = pool.db.row("VM", vm)
    for vbd in row["VBDs"]:
        refresh_device(pool, vbd)
    for vif in row["VIFs"]:
        refresh(pool, "VIF", vif)


def busy_with(row: Row, apart_from: tuple[str, ...] = ()) -> tuple[str, str] | None:
    """Return (operation, task) of the first thing in progress on a row, or None."""
    for ref, operation in row["current_operations"].items():
        if operation not in apart_from:
            return operation, ref
    return None


def begin(call: Call, cls: str, ref: str, operation: str) -> None:
    """Note that the call's task works on a row."""
    doing = {**call.db.row(cls, ref)["current_operations"], task.of(call): operation}
    call.db.change(cls, ref, current_operations=doing)
    _refresh_around(call.pool, cls, ref)


def end(call: Call, cls: str, ref: str) -> None:
    """Note that the call's task is done with a row, if the row is still there."""
    if not call.db.exists(cls, ref):
        return
    doing = call.db.row(cls, ref)["current_operations"]
    left = {key: operation for key, operation in doing.items() if key != call.task}
    call.db.change(cls, ref, current_operations=left)
    _refresh_around(call.pool, cls, ref)


def run(
    call: Call,
    subject: tuple[str, str],
    marks: Sequence[Mark],
    steps: Steps,
    undo: Callable[[], None] | None = None,
) -> Operation:
    """Start an operation that marks rows until it ends.

    Args:
        subject: class and reference of what it is done to.
        marks: what is in progress meanwhile.
        undo: called when it fails or is cancelled, before the marks go.
    """
    for mark in marks:
        begin(call, *mark)
    operation = task.start(call, f"{call.pool.path}/{subject[0]}/{subject[1]}", steps)

    # Not a "finally" in the steps: an operation cancelled before its first step never enters it.
    def settle(ended: Operation) -> None:
        if ended.error is not None and undo is not None:
            undo()
        for cls, ref, _ in marks:
            end(call, cls, ref)

    operation.on_done.insert(0, settle)
    return operation


def _refresh_around(pool: Pool, cls: str, ref: str) -> None:
    """Bring a row up to date, and what its being worked on tells others."""
    if cls == "VBD":
        refresh_device(pool, ref)
        return
    refresh(pool, cls, ref)
    if cls == "VDI":
        for vbd in pool.db.row(cls, ref)["VBDs"]:
            refresh(pool, "VBD", vbd)
    if cls == "VM":
        refresh_devices(pool, ref)
