"""The commands of a session: tables of cmdlets, aliases, modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine.block import ScriptBlock
from hvsim_fakes.powershell.engine.signature import Signature
from hvsim_fakes.powershell.errors import PowerShellError, failure
from hvsim_fakes.powershell.host import DriveError
from hvsim_fakes.powershell.language.mistake import ParseError
from hvsim_fakes.powershell.language.parser import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hvsim_fakes.powershell.cmdlet import Cmdlet, Table
    from hvsim_fakes.powershell.engine.engine import Engine


class Library:
    """Cmdlets by name; shared by all sessions of the same tables.

    Args:
        tables: later ones win.
        preset: variables that a session begins with.
        to_file: writes objects to a file as text (``>``).
    """

    def __init__(
        self,
        tables: Iterable[Table],
        preset: Callable[[Any], dict[str, Any]] | None = None,
        to_file: Callable[..., None] | None = None,
    ) -> None:
        self.tables = tuple(tables)
        self.preset = preset
        self._to_file = to_file
        self._cmdlets: dict[str, Cmdlet] = {}
        self._aliases: dict[str, str] = {}
        self._signatures: dict[str, Signature] = {}
        for table in self.tables:
            self._cmdlets.update(table.cmdlets)
            self._aliases.update(table.aliases)

    def cmdlet(self, lower: str) -> Cmdlet | None:
        """Return the cmdlet of a name in lower case."""
        return self._cmdlets.get(lower)

    def alias(self, lower: str) -> str | None:
        """Return what an alias stands for."""
        return self._aliases.get(lower)

    def cmdlets(self) -> list[Cmdlet]:
        """Return all cmdlets, by name."""
        return [self._cmdlets[name] for name in sorted(self._cmdlets)]

    def aliases(self) -> list[tuple[str, str]]:
        """Return all aliases and what they stand for."""
        return sorted(self._aliases.items())

    def signature(self, cmdlet: Cmdlet) -> Signature:
        """Return what a cmdlet takes."""
        found = self._signatures.get(cmdlet.name)
        if found is None:
            found = Signature.of(
                cmdlet.name,
                cmdlet.class_name,
                cmdlet.parameters,
                cmdlet.default_set,
                confirm=cmdlet.confirm,
            )
            self._signatures[cmdlet.name] = found
        return found

    def script(self, engine: Engine, name: str) -> ScriptBlock | None:
        """Return the script file of a name, None if there is none."""
        lower = name.lower()
        if not lower.endswith((".ps1", ".psm1")) or not ("\\" in name or "/" in name):
            return None
        try:
            raw = engine.host.drive.read(name)
        except DriveError:
            return None
        return self.parse_block(decoded(raw), name)

    def parse_block(self, text: str, file: str = "") -> ScriptBlock:
        """Return a script block of a text.

        Raises:
            PowerShellError: it is none.
        """
        try:
            return ScriptBlock(parse(text, file))
        except ParseError as wrong:
            raise parse_failure(wrong) from None

    def write_text(self, engine: Engine, path: str, values: list[Any], *, append: bool) -> None:
        """Write objects to a file as text."""
        if self._to_file is not None:
            self._to_file(engine, path, values, append=append)


def decoded(raw: bytes) -> str:
    """Return the text of a script file, by its mark."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    return raw.decode("utf-8-sig", "replace")


def parse_failure(wrong: ParseError) -> PowerShellError:
    """Return the error that a text makes which is no script."""
    found = failure(
        wrong.message,
        wrong.error_id,
        "ParserError",
        exception="System.Management.Automation.ParseException",
    )
    found.record.extent = wrong.extent
    found.record.reason = "ParentContainsErrorRecordException"
    found.ends_script = True
    return found
