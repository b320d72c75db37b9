"""Judges a world after whatever was done to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fuzz.oracle import FindingError, no_python
from hvsim import journal
from hvsim.xenserver.accounts import role
from hvsim.xenserver.model import NULL_REF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.world import World
    from hvsim.xenserver.model import Type
    from hvsim.xenserver.pool import Pool

DANGLING: Final[dict[tuple[str, str], str]] = {
    ("task", "session"): "tasks outlive the session that began them",
    ("task", "resident_on"): "and the host that it was done on",
    ("task", "subtask_of"): "a task may outlive the one it is part of",
    ("VM", "snapshot_of"): "a snapshot stays when its guest goes, and its field as it was",
    ("VDI", "snapshot_of"): "likewise",
    ("session", "this_user"): "never set",
    **{
        ("VM", name): "VM.create takes a record as it is, and nothing demands the row"
        for name in ("appliance", "protection_policy", "snapshot_schedule", "suspend_VDI")
    },
    **{
        (cls, "blobs"): "blob.destroy takes a blob from guests only"
        for cls in ("SR", "VDI", "host", "network", "pool")
    },
}
"""Reference fields that the product leaves as they are when their row goes, and why. Fields that
clients may set take any text, so they are not looked at."""


def problems(pool: Pool) -> list[str]:
    """Return what is wrong with a pool's rows and its world's log."""
    with pool.world.access():
        return [*_rows(pool), *_mirrors(pool), *_crashes(pool.world), *_stuck(pool)]


def replayed(pool: Pool, build: Callable[[], Pool]) -> None:
    """Raise :class:`FindingError` unless the journal, read from its lines, gives the same log."""
    world = pool.world
    with world.access():
        lines = [entry.line() for entry in world.journal.entries]
        until, told = world.now, (world.log.generation, world.log.digest)
    again = build().world
    again.replay(journal.parse(lines), until)
    found = (again.log.generation, again.log.digest)
    if found != told:
        raise FindingError(f"replay gave {found} instead of {told}: {_difference(world, again)}")


def _difference(world: World, again: World) -> str:
    theirs = {event.generation: event for event in again.log.since(0)}
    for event in world.log.since(0):
        other = theirs.get(event.generation)
        if other is not None and other.line() != event.line():
            return f"{event.line()!r} became {other.line()!r}"
    return "one log is longer"


def _rows(pool: Pool) -> Iterator[str]:
    for cls, rows in pool.db.tables.items():
        fields = pool.model.classes[cls].fields
        for ref, row in rows.items():
            if set(row) != set(fields):
                yield f"{cls} {ref} has other fields than the model: {set(row) ^ set(fields)}"
            for name, value in row.items():
                yield from _value(pool, f"{cls}.{name} of {ref}", fields[name].type, value)
                if not (fields[name].writable or (cls, name) in DANGLING):
                    yield from _reference(pool, f"{cls}.{name} of {ref}", fields[name].type, value)


def _value(pool: Pool, what: str, kind: Type, value: Any) -> Iterator[str]:
    wanted = _PYTHON.get(kind.kind)
    if wanted is not None and type(value) is not wanted:
        yield f"{what} is no {kind.kind}: {value!r}"
    elif kind.kind == "enum" and value not in pool.model.enums.get(kind.enum or "", (value,)):
        yield f"{what} is none of {kind.enum}: {value!r}"
    elif kind.kind == "set" and kind.of is not None:
        for item in value:
            yield from _value(pool, what, kind.of, item)
    elif kind.kind == "map" and kind.value is not None:
        for item in value.values():
            yield from _value(pool, what, kind.value, item)
    elif isinstance(value, str):
        try:
            no_python(value)
        except FindingError as finding:
            yield f"{what}: {finding}"


_PYTHON: Final[dict[str, type]] = {
    "string": str,
    "ref": str,
    "datetime": str,
    "int": int,
    "float": float,
    "bool": bool,
    "set": list,
    "map": dict,
}


def _reference(pool: Pool, what: str, kind: Type, value: Any) -> Iterator[str]:
    if kind.kind == "ref":
        # Roles are the release's own and no part of the database.
        table = role.of(pool.model).rows if kind.cls == "role" else pool.db.tables.get(kind.cls)
        if value not in ("", NULL_REF) and table is not None and value not in table:
            yield f"{what} points to no {kind.cls}: {value}"
    elif kind.kind == "set" and kind.of is not None:
        for item in value:
            yield from _reference(pool, what, kind.of, item)
        if len(set(map(str, value))) != len(value) and kind.of.kind == "ref":
            yield f"{what} names one twice: {value}"
    elif kind.kind == "map" and kind.key is not None and kind.value is not None:
        for key, item in value.items():
            yield from _reference(pool, what, kind.key, key)
            yield from _reference(pool, what, kind.value, item)


def _mirrors(pool: Pool) -> Iterator[str]:
    for cls, one, target, many in pool.model.relations:
        kinds = [pool.model.classes[c].fields[f].type.kind for c, f in ((cls, one), (target, many))]
        if kinds != ["ref", "set"] or cls not in pool.db.tables or target not in pool.db.tables:
            continue
        expected: dict[str, set[str]] = {ref: set() for ref in pool.db.tables[target]}
        for ref, row in pool.db.tables[cls].items():
            expected.get(row[one], set()).add(ref)
        for ref, row in pool.db.tables[target].items():
            if set(row[many]) != expected[ref]:
                yield (
                    f"{target}.{many} of {ref} does not mirror {cls}.{one}: "
                    f"{sorted(row[many])} instead of {sorted(expected[ref])}"
                )


def _crashes(world: World) -> Iterator[str]:
    for event in world.log.since(0):
        if event.kind == "crash" and event.subject == "simulator":
            yield f"a fault of the simulator: {event.after} caused by {event.cause}"


def _stuck(pool: Pool) -> Iterator[str]:
    """Tell of operations that never end, and of marks that operations left behind."""
    running = pool.world.operations.running
    yield from (f"{op.id} still does {op.stage!r}" for op in running.values() if op.foreground)
    busy = {op.subject.rpartition("/")[2] for op in running.values()}
    for cls, rows in pool.db.tables.items():
        # A client's own task, once destroyed while pending, waits for an end it never has.
        for ref, row in rows.items() if cls != "task" else ():
            if row.get("current_operations") and ref not in busy:
                yield f"{cls} {ref} still bears the marks {row['current_operations']}"
