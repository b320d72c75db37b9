"""Scenarios: TOML files that describe a lab, and how a world is built from one.

A scenario has a seed, a clock, the physical site, one table for each pool or manager of a
product, what shall go wrong and when, and how busy the guests are. See ``docs/scenarios.md``.
"""

from __future__ import annotations

import math
import re
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from hvsim import ambient, commands, modules, sections, site, tables
from hvsim.ambient import ActivitySpec
from hvsim.clock import Clock, ClockMode
from hvsim.errors import CommandError, InputError
from hvsim.inventory import Inventory, InventorySpec
from hvsim.site import Site
from hvsim.survey import Survey
from hvsim.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim.commands import Command
    from hvsim.lines import Path as Place
    from hvsim.sections import Section
    from hvsim.tables import Document

MOST_BYTES: Final = 16 * 2**20
"""The largest scenario file that is read."""
_SITE = tuple(Site.__struct_fields__)
_SIZE = re.compile(r"(\d{1,9}) ?([KMGT])iB")
_UNITS: Final = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_SIZES: Final = frozenset({"memory", "size", "disk", "bandwidth"})
"""Keys whose values may be written as sizes."""
_REFERENCES: Final = {
    "server": "server",
    "storage": "storage",
    "segment": "segment",
    "pool": "pool",
    "product": "pool",
}
"""Fields of commands that name something the scenario must have, and what."""


class ClockSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How the lab's time moves; ``scale`` is simulated seconds per second."""

    mode: ClockMode = ClockMode.STEPPED
    scale: Annotated[float, msgspec.Meta(gt=0, le=1e6)] = 1.0

    def make(self) -> Clock:
        """Return a clock that moves so."""
        return Clock(self.mode, self.scale)


class Head(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The parts of a scenario that belong to no product."""

    name: str = "lab"
    description: str = ""
    format: Literal[1] = 1
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    clock: ClockSpec = msgspec.field(default_factory=ClockSpec)
    inventory: InventorySpec = msgspec.field(default_factory=InventorySpec)
    activity: ActivitySpec | None = None
    fault: list[dict[str, Any]] = msgspec.field(default_factory=list)
    stage: list[dict[str, Any]] = msgspec.field(default_factory=list)


@dataclass(frozen=True)
class Scheduled:
    """A command that the scenario gives at simulated second ``at``."""

    at: float
    command: Command


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read and judged.

    Attributes:
        head: what belongs to no product.
        site: the described physical datacentre.
        tables: each product's tables, by section, in the order of the file.
        rules: stage rules that hold from the beginning.
        schedule: faults, in the order of the file.
        document: the data it was made from, and its file.
    """

    head: Head
    site: Site
    tables: dict[str, list[Any]]
    rules: list[Command]
    schedule: list[Scheduled]
    document: Document

    @property
    def name(self) -> str:
        """What the scenario calls itself."""
        return self.head.name

    @property
    def data(self) -> dict[str, Any]:
        """The JSON-ready data it can be made from again, with :func:`from_data`."""
        return self.document.data

    def pieces(self) -> Iterator[tuple[Section[Any], Place, Any]]:
        """Give each product's tables with their section and their place in the file."""
        known = sections.sections()
        for name, made in self.tables.items():
            for index, table in enumerate(made):
                yield known[name], (name, index), table


def load(path: Path | str) -> Scenario:
    """Read a scenario file; ``inventory.file`` in it is read as well, relative to it.

    Raises:
        InputError: one line with file and line, and what was expected there.
    """
    path = Path(path)
    return parse(_text(path), str(path), path.parent)


def parse(text: str, file: str = "scenario", folder: Path | None = None) -> Scenario:
    """Read a scenario's text; ``folder`` is where the files lie that it names."""
    document = tables.parse(text, file)
    _read_inventory(document, folder)
    return _judge(document, folder)


def from_data(data: dict[str, Any], file: str | None = None) -> Scenario:
    """Make a scenario of data as a TOML file would give it."""
    if not isinstance(data, dict):
        raise InputError("expected a table", file=file)
    return _judge(tables.Document(deepcopy(data), file))


def build(
    scenario: Scenario,
    seed: int | None = None,
    clock: Clock | None = None,
    *,
    events: Callable[[bytes], object] | None = None,
    journal: Callable[[bytes], object] | None = None,
) -> World:
    """Build the world that a scenario describes, at simulated second 0.

    Args:
        seed: instead of the scenario's own.
        clock: instead of the scenario's own.
        events: takes every line of the event log from the first on, e.g. a file's ``write``.
        journal: likewise every line of the journal.

    Raises:
        InputError: when it asks for what cannot be.
    """
    world = World(scenario.head.seed if seed is None else seed, clock or scenario.head.clock.make())
    world.origin = scenario
    world.log.sink = events
    world.journal.sink = journal
    world.log.retain = False
    inventory = Inventory(world.streams, scenario.head.inventory)
    site.build(scenario.site, world.hardware, inventory)
    _build_products(world, scenario, inventory)
    _apply_rules(world, scenario)
    world.log.retain = True
    for item in scenario.schedule:
        world.schedule(item.at, item.command)
    world.clock.start_at(0.0)
    return world


def _build_products(world: World, scenario: Scenario, inventory: Inventory) -> None:
    for number, (section, path, table) in enumerate(scenario.pieces()):
        try:
            section.build(world, table, number, inventory)
        except InputError as error:
            raise scenario.document.error(path, error.expected) from None
        if scenario.head.activity is not None:
            ambient.begin(world, section.residents(world, table), scenario.head.activity)


def _apply_rules(world: World, scenario: Scenario) -> None:
    for index, rule in enumerate(scenario.rules):
        try:
            rule.apply(world)
        except CommandError as error:
            raise scenario.document.error(("stage", index), str(error)) from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise InputError(f"cannot be read: {why}", file=path) from None
    except ValueError:
        raise InputError(f"expected a file's name, not {str(path)!r}", file=path) from None
    if len(data) > MOST_BYTES:
        raise InputError(f"expected a file of at most {MOST_BYTES // 2**20} MiB", file=path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("expected UTF-8 text", file=path, line=line) from None


def _read_inventory(document: Document, folder: Path | None) -> None:
    """Put what ``inventory.file`` holds in its place, so that the data stands for itself."""
    inventory = document.data.get("inventory")
    if not isinstance(inventory, dict) or "file" not in inventory:
        return
    place = ("inventory", "file")
    name = inventory.pop("file")
    if not isinstance(name, str):
        raise document.error(place, "file: expected a string")
    if folder is None:
        raise document.error(place, "file: expected none, since this scenario is not a file itself")
    other = tables.parse(_text(folder / name), str(folder / name))
    _measure(other.data, other)
    tables.convert(InventorySpec, other.data, other)
    document.data["inventory"] = {**other.data, **inventory}


def _judge(document: Document, folder: Path | None = None) -> Scenario:
    modules.load_for(document.data)
    _measure(document.data, document)
    known = sections.sections()
    _prepare(document, known, folder)
    parts = {*Head.__struct_fields__, *_SITE, *known}
    for key in document.data:
        if key not in parts:
            modules.load()
            parts |= sections.sections().keys()
            raise document.error((key,), tables.unknown_key(key, parts))
    data = document.data
    head = tables.convert(Head, _only(data, Head.__struct_fields__), document)
    described = tables.convert(Site, _only(data, _SITE), document)
    made = {
        name: tables.convert(list[section.table], data[name], document, (name,))  # type: ignore[name-defined]  # the section's own type
        for name, section in known.items()
        if name in data
    }
    rules, faults = _rules(head, document), _faults(head, document)
    scenario = Scenario(head, described, made, rules, faults, document)
    _examine(scenario)
    return scenario


def _prepare(document: Document, known: dict[str, Section[Any]], folder: Path | None) -> None:
    """Let products put what their tables name in files in its place."""
    for name, section in known.items():
        listed = document.data.get(name)
        if section.prepare is None or not isinstance(listed, list):
            continue
        for index, table in enumerate(listed):
            if not isinstance(table, dict):
                continue
            try:
                section.prepare(table, folder)
            except InputError as error:
                if error.file is not None:
                    raise
                raise document.error((name, index), error.expected) from None


def _examine(scenario: Scenario) -> None:
    survey = Survey(scenario.document)
    site.examine(scenario.site, survey)
    for number, (section, path, table) in enumerate(scenario.pieces()):
        section.examine(table, number, path, survey)
    for number in range(scenario.head.inventory.servers):
        survey.declare("server", f"spare{number + 1}", ("inventory", "servers"))
    for index, item in enumerate(scenario.schedule):
        for key, noun in _REFERENCES.items():
            value = getattr(item.command, key, None)
            if isinstance(value, str):
                survey.expect(noun, value, ("fault", index, key))
    survey.settle()


def _rules(head: Head, document: Document) -> list[Command]:
    found = []
    for index, fields in enumerate(head.stage):
        hold = fields.get("hold", False)
        if not isinstance(hold, bool):
            raise document.error(("stage", index, "hold"), "hold: expected true or false")
        rest = {key: value for key, value in fields.items() if key != "hold"}
        kind = "stage.hold" if hold else "stage.override"
        found.append(_command(kind, rest, document, ("stage", index)))
    return found


def _faults(head: Head, document: Document) -> list[Scheduled]:
    return [_fault(fields, document, ("fault", index)) for index, fields in enumerate(head.fault)]


def _fault(fields: dict[str, Any], document: Document, path: Place) -> Scheduled:
    for key in ("at", "kind"):
        if key not in fields:
            raise document.error(path, f"expected the key {key!r} in this table")
    at = fields["at"]
    if isinstance(at, bool) or not isinstance(at, (int, float)) or at < 0:
        raise document.error((*path, "at"), "at: expected seconds, a number of at least 0")
    rest = {key: value for key, value in fields.items() if key not in ("at", "kind")}
    return Scheduled(float(at), _command(fields["kind"], rest, document, path))


def _command(kind: Any, fields: dict[str, Any], document: Document, path: Place) -> Command:
    found = commands.named(kind) if isinstance(kind, str) else None
    if found is None:
        near = tables.nearest(str(kind), commands.kinds())
        raise document.error((*path, "kind"), f"kind: no command called {kind!r}; {near}")
    return tables.convert(found, fields, document, path)


def _only(data: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: data[key] for key in keys if key in data}


def _measure(data: Any, document: Document, path: Place = ()) -> Any:
    """Turn sizes such as ``"64 GiB"`` into bytes, in place, and refuse what cannot be saved."""
    if isinstance(data, dict):
        for key, value in data.items():
            data[key] = _measure(value, document, (*path, key))
    elif isinstance(data, list):
        data[:] = [_measure(value, document, (*path, at)) for at, value in enumerate(data)]
    elif isinstance(data, str):
        return _bytes(data, path)
    elif not _keeps(data):
        raise document.error(path, f"{_key(path)}: expected no date, infinity or giant number")
    return data


def _bytes(text: str, path: Place) -> str | int:
    size = _SIZE.fullmatch(text) if _key(path) in _SIZES else None
    return int(size.group(1)) * _UNITS[size.group(2)] if size else text


def _key(path: Place) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def _keeps(value: Any) -> bool:
    """Whether a plain value survives being saved as JSON."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and abs(value) < 2**63
