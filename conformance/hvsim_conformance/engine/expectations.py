"""The file of known failures and disabled checks, strict in both directions.

    [[known]]
    id = "MAINT-XS-2"           # a requirement, or a glob over them
    profile = "xenserver-5.5"   # optional
    reason = "the master is not recognised yet"
    issue = "https://..."       # optional

    [[disabled]]
    id = "POOL-*"
    reason = "no second host in this laboratory"

A known failure that passes is a failure of the run: the entry must go.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from hvsim_conformance import schemas
from hvsim_conformance.engine.selection import Item
from hvsim_conformance.engine.verdict import CheckResult, Verdict

_TABLE = re.compile(r"^\s*\[\[\s*(\w+)\s*\]\]")
_TOML_LINE = re.compile(r"at line (\d+)")


class ExpectationsError(ValueError):
    """A file that cannot be used; the message is `file:line: what was expected`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the file, with the line it begins on."""

    id: str
    reason: str
    line: int
    profile: str | None = None
    issue: str = ""

    def covers(self, requirement: str, name: str, profile: str) -> bool:
        """Whether the entry is about a check."""
        if self.profile not in (None, profile):
            return False
        return fnmatchcase(requirement, self.id) or fnmatchcase(name, self.id)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is known to fail, and what is not to be run."""

    known: tuple[Entry, ...] = ()
    disabled: tuple[Entry, ...] = ()

    def disabled_for(self, item: Item) -> Entry | None:
        """Return the entry that switches a check off, if there is one."""
        return _first(self.disabled, item.record.id, item.name, item.profile.id)

    def judge(self, result: CheckResult) -> CheckResult:
        """Return the result in the light of what is known, which no longer is if it passes.

        Verdicts other than pass and fail stand: an adapter that broke has not failed as expected.
        """
        entry = _first(self.known, result.requirement, result.name, result.profile)
        if entry is None:
            return result
        match result.verdict:
            case Verdict.FAIL:
                message = f"{entry.reason} ({result.message})"
                return replace(
                    result, verdict=Verdict.KNOWN_FAILURE, message=message, issue=entry.issue
                )
            case Verdict.PASS:
                message = f"unexpected pass of a known failure ({entry.reason}): remove its entry"
                return replace(result, verdict=Verdict.FAIL, message=message, unexpected_pass=True)
        return result


def read(path: Path, ids: Collection[str], profiles: Collection[str]) -> Expectations:
    """Return the file's expectations; raises ExpectationsError."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ExpectationsError(f"{path}: cannot be read: {problem}") from problem
    return parse(text, str(path), ids, profiles)


def parse(text: str, file: str, ids: Collection[str], profiles: Collection[str]) -> Expectations:
    """Return the text's expectations; raises ExpectationsError naming file and line."""
    source = _Source(text, file, ids, profiles)
    data = source.load()
    return Expectations(
        known=tuple(source.entries(data, "known")),
        disabled=tuple(source.entries(data, "disabled")),
    )


@dataclass(frozen=True, slots=True)
class _Source:
    """The text with what its entries may name, and where everything stands in it."""

    text: str
    file: str
    ids: Collection[str]
    profiles: Collection[str]

    def load(self) -> dict[str, Any]:
        try:
            data = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as problem:
            found = _TOML_LINE.search(str(problem))
            line = int(found[1]) if found else len(self.text.splitlines())
            raise self._wrong_at(line, f"TOML: {problem}") from problem
        for table in data:
            if table not in ("known", "disabled"):
                line = self._line_of_word(table)
                raise self._wrong_at(line, f"[[known]] or [[disabled]], not {table}")
        return data

    def entries(self, data: Mapping[str, Any], table: str) -> Iterable[Entry]:
        listed = data.get(table, [])
        if not isinstance(listed, list):
            line = self._line_of_word(table)
            raise self._wrong_at(line, f"[[{table}]] with two brackets")
        for number, fields in enumerate(listed):
            line = self._line_of_table(table, number)
            if wrong := self._wrong(fields):
                raise self._wrong_at(line, wrong)
            yield Entry(line=line, **fields)

    def _wrong(self, fields: object) -> str | None:
        if complaint := schemas.complaint(fields, "expectations", "entry"):
            return f"id and reason, and at most profile and issue: {complaint}"
        entry = Entry(line=0, **fields)  # type: ignore[arg-type]  # the schema has accepted them
        requirement = entry.id.partition("/")[0]
        if not any(fnmatchcase(known, requirement) for known in self.ids):
            return f"a requirement of the catalogue, not {entry.id}"
        if entry.profile is not None and entry.profile not in self.profiles:
            return f"a profile ({', '.join(self.profiles)}), not {entry.profile}"
        return None

    def _wrong_at(self, line: int, expected: str) -> ExpectationsError:
        return ExpectationsError(f"{self.file}:{line}: expected {expected}")

    def _line_of_table(self, table: str, number: int) -> int:
        lines = enumerate(self.text.splitlines(), 1)
        found = [at for at, line in lines if _heads(line, table)]
        return found[number] if number < len(found) else self._line_of_word(table)

    def _line_of_word(self, word: str) -> int:
        lines = enumerate(self.text.splitlines(), 1)
        return next((at for at, line in lines if word in line), 1)


def _first(entries: Iterable[Entry], requirement: str, name: str, profile: str) -> Entry | None:
    return next((e for e in entries if e.covers(requirement, name, profile)), None)


def _heads(line: str, table: str) -> bool:
    head = _TABLE.match(line)
    return head is not None and head[1] == table
