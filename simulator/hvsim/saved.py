"""Saved labs: one file from which a lab is built again and brought to where it was.

The file is lines of JSON: first what the lab is, then its journal. See
``docs/decisions/saved-labs-replay.md`` for why it holds commands and not the state.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import orjson

import hvsim
from hvsim import journal, scenario
from hvsim.clock import Clock
from hvsim.errors import HvsimError, InputError
from hvsim.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hvsim.journal import Entry
    from hvsim.world import World

FORMAT: Final = 1
SUFFIX: Final = ".hvlab"


class Head(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The first line of the file.

    Attributes:
        hvsim_lab: the format's number.
        version: the hvsim that saved the lab; ``faker`` the library that its names came from.
        scenario: the scenario's data, and ``seed`` the world's.
        time: simulated seconds at which it was saved.
        generation: events up to then; ``digest`` the hash over them.
        commands: lines that follow.
    """

    hvsim_lab: int
    version: str
    faker: str
    seed: int
    time: Annotated[float, msgspec.Meta(ge=0)]
    generation: int
    digest: str
    commands: Annotated[int, msgspec.Meta(ge=0)]
    scenario: dict[str, Any]


@dataclass(frozen=True)
class SavedLab:
    """A saved lab that was read.

    Attributes:
        head: what it is; ``scenario`` judged anew.
        entries: its journal.
        file: where it came from, for messages.
    """

    head: Head
    scenario: Scenario
    entries: list[Entry]
    file: str


class Mismatch(HvsimError):  # noqa: N818 - a finding, as `Refusal` is an answer
    """A lab that was built again is not what was saved."""


def save(world: World) -> bytes:
    """Return a lab as the content of a file.

    Raises:
        InputError: when the world was not built from a scenario.
    """
    with world.access():
        origin = world.origin
        if not isinstance(origin, Scenario):
            raise InputError("expected a lab built from a scenario; this one cannot be saved")
        entries = list(world.journal.entries)
        head = Head(
            hvsim_lab=FORMAT,
            version=hvsim.__version__,
            faker=version("faker"),
            seed=world.seed,
            time=world.now,
            generation=world.log.generation,
            digest=world.log.digest,
            commands=len(entries),
            scenario=origin.data,
        )
    first = orjson.dumps(msgspec.to_builtins(head), option=orjson.OPT_APPEND_NEWLINE)
    return first + b"".join(entry.line() for entry in entries)


def write(world: World, path: Path | str) -> None:
    """Save a lab to a file, which is either written whole or left as it was.

    Raises:
        InputError: when it cannot be written.
    """
    path = Path(path)
    content = save(world)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        why = (error.strerror or "unwritable").lower()
        raise InputError(f"cannot be written: {why}", file=path) from None


def read(path: Path | str) -> SavedLab:
    """Read a saved lab from a file. Raises :class:`InputError` with file and line."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise InputError(f"cannot be read: {why}", file=path) from None
    return parse(content, str(path))


def parse(content: bytes, file: str = "saved lab") -> SavedLab:
    """Read a saved lab.

    Raises:
        InputError: with the file, the line and what was expected there.
    """
    first, *lines = content.split(b"\n")
    head = _head(first, file)
    entries = _entries(lines, file)
    if len(entries) != head.commands:
        sentence = f"expected {head.commands} commands, not {len(entries)}: the file is cut short"
        raise InputError(sentence, file=file, line=len(lines) + 1)
    try:
        judged = scenario.from_data(head.scenario)
    except InputError as error:
        raise InputError(f"scenario: {error.expected}", file=file, line=1) from None
    return SavedLab(head, judged, entries, file)


def restore(
    saved: SavedLab, clock: Clock | None = None, *, until: float | None = None, check: bool = True
) -> World:
    """Build a saved lab again and replay its journal.

    Args:
        clock: how time moves afterwards; the scenario's own clock if not given.
        until: simulated seconds at which to stop, before the lab's last moment.
        check: compare the event log with the saved digest, unless ``until`` cuts it short.

    Raises:
        Mismatch: when the event log came out differently.
    """
    end = saved.head.time if until is None else until
    world = _rebuild(saved.scenario, saved.head.seed, saved.entries, end, clock)
    if check and end == saved.head.time:
        verify(saved, world)
    return world


def verify(saved: SavedLab, world: World) -> None:
    """Judge whether a world is the saved lab, by its event log. Raises :class:`Mismatch`."""
    head = saved.head
    if (world.log.generation, world.log.digest) == (head.generation, head.digest):
        return
    sentence = (
        f"{saved.file}: the replay gave {world.log.generation} events with digest "
        f"{world.log.digest}, the saved lab had {head.generation} with {head.digest}"
    )
    if (head.version, head.faker) != (hvsim.__version__, version("faker")):
        sentence += (
            f"; it was saved by hvsim {head.version} with Faker {head.faker}, "
            f"this is {hvsim.__version__} with {version('faker')}"
        )
    raise Mismatch(sentence)


def rewind(world: World, to: float, clock: Clock | None = None) -> World:
    """Return the lab as it was at simulated second ``to``, as a new world.

    Commands of that very moment are included. The world itself is left alone.

    Raises:
        InputError: when ``to`` is not between 0 and now, or the lab is not from a scenario.
    """
    with world.access():
        origin, entries, now = world.origin, list(world.journal.entries), world.now
    if not isinstance(origin, Scenario):
        raise InputError("expected a lab built from a scenario; this one cannot be rewound")
    if not 0 <= to <= now:
        raise InputError(f"expected a time between 0 and {now:g} seconds, not {to:g}")
    return _rebuild(origin, world.seed, entries, to, clock)


def _rebuild(
    origin: Scenario, seed: int, entries: Sequence[Entry], until: float, clock: Clock | None
) -> World:
    """Replay on a clock that stands still, then let time move from ``until`` on."""
    world = scenario.build(origin, seed, Clock())
    world.replay((entry for entry in entries if entry.time <= until), until)
    world.clock = clock or origin.head.clock.make()
    world.clock.start_at(world.now)
    return world


def _head(line: bytes, file: str) -> Head:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise InputError("expected a saved lab, lines of JSON", file=file, line=1) from None
    if not isinstance(data, dict) or "hvsim_lab" not in data:
        raise InputError(
            "expected a saved lab with 'hvsim_lab' in its first line", file=file, line=1
        )
    if data["hvsim_lab"] != FORMAT:
        sentence = f"expected a saved lab of format {FORMAT}, not {data['hvsim_lab']!r}"
        raise InputError(sentence, file=file, line=1)
    try:
        return msgspec.convert(data, Head)
    except msgspec.ValidationError as error:
        raise InputError(f"saved lab: {error}", file=file, line=1) from None


def _entries(lines: list[bytes], file: str) -> list[Entry]:
    entries = journal.parse([b"", *lines], file)
    for number, (before, after) in enumerate(pairwise(entries), 3):
        if after.time < before.time:
            raise InputError("expected commands in the order of time", file=file, line=number)
    return entries
