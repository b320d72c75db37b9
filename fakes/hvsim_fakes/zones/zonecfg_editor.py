"""One run of ``zonecfg`` on one zone: what it edits, and how each command changes that."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from hvsim.files import FileError
from hvsim.zones import config as configs
from hvsim.zones import schema
from hvsim.zones.commands import ConfigureZone, DeleteZone
from hvsim.zones.errors import ZoneError
from hvsim.zones.installing import MANIFEST
from hvsim.zones.verify import problems
from hvsim.zones.zone import GLOBAL, State
from hvsim_fakes.shell.numerals import is_number
from hvsim_fakes.zones import texts
from hvsim_fakes.zones import zonecfg_print as printing
from hvsim_fakes.zones import zonecfg_usage as usage
from hvsim_fakes.zones.zonecfg_scope import Scope
from hvsim_fakes.zones.zonecfg_words import Line, WordsError, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.zones.config import Config, Resource
    from hvsim.zones.host import ZoneHost
    from hvsim_fakes.shell.program import Process


class Input(StrEnum):
    """Where commands come from."""

    STREAM = "stream"
    """Standard input, a terminal or not: an error does not end it."""
    DASH = "dash"
    """Standard input named as a file (``-f -``): likewise, but errors tell their line."""
    LINE = "line"
    FILE = "file"


class Problem(Exception):  # noqa: N818 - the name of the thing, as it was told already
    """A command failed; its message is printed."""


class Editor:
    """One run.

    Attributes:
        config: what is edited; None for a zone that is none yet.
        changed: whether there is something to commit.
        scope: the resource that is being edited.
        over: whether ``exit`` was given.
        left: whether the run ended at once, with nothing kept.
        failed: whether any command failed.
    """

    def __init__(self, process: Process, host: ZoneHost, name: str) -> None:
        self.process = process
        self.host = host
        self.name = name
        self.input = Input.STREAM
        self.file = ""
        self.line = 0
        self.changed = False
        self.over = False
        self.left = False
        self.failed = False
        self._placed = 0
        """The line that was last told as the place of an error."""
        self.scope: Scope | None = None
        self._renamed = ""
        self.config: Config | None = self._stored()

    @property
    def prompt(self) -> str:
        """What a terminal is asked with."""
        inner = f":{self.scope.resource.kind}" if self.scope else ""
        return f"zonecfg:{self.name}{inner}> "

    def welcome(self) -> None:
        """Say at the beginning of a conversation that there is no such zone."""
        if self.config is None:
            self.process.err(f"{self.name}: {texts.NO_SUCH_ZONE}\n")
            self.process.out("Use 'create' to begin configuring a new zone.\n")

    def perform(self, text: str) -> None:
        """Carry out one command; raises Problem when it fails."""
        try:
            line = read(text)
        except WordsError as error:
            raise self.syntax_error(error.token) from None
        if line is None:
            return
        command = COMMANDS.get(line.verb)
        if command is None:
            raise self.syntax_error(_stuck_at(line.verb))
        if self.scope is None and line.verb in ("end", "cancel"):
            text = f"The {line.verb} command only makes sense in the resource scope."
            raise self.trouble(text)
        if self.scope is not None and line.verb in _GLOBAL_ONLY:
            raise self.trouble(f"The {line.verb} command only makes sense in the global scope.")
        command(self, line)

    def finish(self) -> int:
        """Keep what was changed, as at the end of every run; return the exit status."""
        if self.scope is not None and not self.over:
            raise self.trouble("Resource incomplete.")
        self.failed = self.failed or self.scope is not None
        if self.changed and self.config is not None:
            try:
                self.commit()
            except Problem:
                self.process.err("Configuration not saved.\n")
                raise
        return 0

    def trouble(self, *lines: str) -> Problem:
        """Print what went wrong, with its place in a command file; return it to be raised."""
        self.failed = True
        if self.input in (Input.FILE, Input.DASH) and self.line > self._placed:
            self._placed = self.line
            self.process.err(f"On line {self.line}{self._file}:\n")
        self.process.err("".join(f"{line}\n" for line in lines))
        return Problem(lines[-1])

    @property
    def _file(self) -> str:
        return f" of {self.file}" if self.input is Input.FILE else ""

    def syntax_error(self, token: str) -> Problem:
        """Print where a line stopped being a command; return what is to be raised."""
        self.failed = True
        counts = self.input in (Input.FILE, Input.DASH)
        place = f" on line {self.line}" if counts else ""
        self.process.err(f"syntax error{place} at '{token}'\n{usage.commands()}")
        return Problem(token)

    def misuse(self, verb: str, more: str = "") -> Problem:
        """Print how a command is used; return what is to be raised."""
        self.failed = True
        if self.input in (Input.FILE, Input.DASH):
            self.process.err(f"syntax error on line {self.line}{self._file}\n")
        self.process.err(usage.of_command(verb) + more)
        return Problem(verb)

    def leave(self, *lines: str) -> Problem:
        """Print why the run ends at once, with nothing kept; return what is to be raised."""
        self.left = True
        return self.trouble(*lines)

    def demand_config(self) -> Config:
        """Return what is edited, or fail for a zone that does not exist."""
        if self.config is None:
            problem = self.trouble(f"{self.name}: {texts.NO_SUCH_ZONE}")
            if self.input in (Input.STREAM, Input.DASH):
                self.process.out("Use 'create' to begin configuring a new zone.\n")
            raise problem
        return self.config

    def demand_rights(self) -> None:
        """Fail for somebody who may not change configurations."""
        if not self.process.account.privileged:
            raise self.trouble(f"{self.name}: Permission denied")

    def state(self) -> State | None:
        """Return the zone's state; None when it is not kept yet."""
        with self.process.world.access():
            zone = self.host.zones.get(self.name)
            if zone is None:
                return State.RUNNING if self.name == GLOBAL else None
            return zone.state

    def demand_not_installed(self, what: str) -> None:
        """Fail for what an installed zone does not let be done."""
        if self.state() not in (None, State.CONFIGURED):
            raise self.trouble(f"Zone {self.name} already installed; {what} not allowed.")

    def verify(self, *, saving: bool = False) -> None:
        """Fail with all that is wrong with the configuration, and the first thing's general name.

        ``saving`` tells as well that nothing is kept for that.
        """
        wrong = list(problems(self.demand_config()))
        lines = [texts.CONFIG_MESSAGES[one.code].format(*one.params) for one in wrong]
        general = wrong[0].params[-1] if wrong else "Insufficient specification"
        if self.scope is not None:
            lines.append("resource specification incomplete")
        if lines and saving:
            lines.append(f"Zone {self.name} failed to verify")
        if lines:
            raise self.trouble(*lines, f"{self.name}: {general}")

    def commit(self) -> None:
        """Verify and keep the configuration."""
        config = self.demand_config()
        self.demand_rights()
        self.verify(saving=True)
        try:
            self.process.execute(
                ConfigureZone(
                    host=self.host.name, zone=self.name, config=config.copy(), name=self._renamed
                )
            )
        except ZoneError as error:
            raise self._refused(error) from None
        self.name, self._renamed = self._renamed or self.name, ""
        self.changed = False

    def _refused(self, error: ZoneError) -> Problem:
        if error.code == "no-such-zone":
            return self.trouble(f"{self.name}: {texts.NO_SUCH_ZONE}")
        if error.code == "fixed":
            text = f"Zone {self.name} already installed; set {error.params[0]} not allowed."
            return self.trouble(text)
        if error.code == "bogus-name":
            return self.trouble(f"{error.params[0]}: {texts.BOGUS_NAME}")
        if error.code == "zone-exists":
            return self.trouble(f"Zone {error.params[0]} already exists.")
        return self.trouble(f"{self.name}: {texts.message(error)}")

    def _stored(self) -> Config | None:
        with self.process.world.access():
            zone = self.host.zones.get(self.name)
            if zone is not None:
                return zone.config.copy()
        if self.name == GLOBAL:
            brand = self.host.release.global_brand
            return configs.Config(properties={"zonepath": "/", "brand": brand, "autoboot": "true"})
        return None

    # The commands

    def create(self, line: Line) -> None:
        """Begin a configuration anew."""
        self.demand_rights()
        self.demand_not_installed("create")
        if self.config is not None:
            self._overwrite("-F" in line.words)
        release, name = self.host.release, self.host.release.template
        words = iter(line.words)
        detached = ""
        for word in words:
            match word:
                case "-b":
                    name = release.blank
                case "-t":
                    name = next(words, "")
                case "-a":
                    name, detached = release.blank, next(words, "")
        self.config = self._begun(name, detached)
        self.changed = True
        if self.host.profile == "solaris-11" and "-b" not in line.words and not detached:
            kind = "system default template" if name == release.template else "template"
            self.process.out(f"create: Using {kind} '{name}'\n")

    def _begun(self, template: str, detached: str) -> Config:
        if detached and not self.process.files.exists(f"{detached}/{MANIFEST}"):
            raise self.trouble("invalid path to detached zone")
        try:
            with self.process.world.access():
                chosen = list(self.host.behaviours)
            begun = configs.template(self.host.release, template, self.name, chosen)
        except ZoneError as error:
            raise self.trouble(f"{error.params[0]}: {texts.NO_SUCH_ZONE}") from None
        if detached:
            begun.properties["zonepath"] = detached
        return begun

    def _overwrite(self, force: bool) -> None:
        if force:
            self.process.out(f"Zone {self.name} already exists; overwriting.\n")
            return
        if not self._may_ask:
            raise self.leave(
                "Zone exists, input not from terminal and -F not specified:",
                "create command ignored, exiting.",
            )
        asked = f"Zone {self.name} already exists; create anyway (y/[n])? "
        if not self._agreed(asked):
            raise Problem("create")

    @property
    def _may_ask(self) -> bool:
        return self.process.stdin.is_tty and self.input is not Input.FILE

    def _agreed(self, question: str) -> bool:
        return (self.process.prompt(question) or "").strip().lower() in ("y", "yes")

    def delete(self, line: Line) -> None:
        """Forget the zone."""
        self.demand_rights()
        force = "-F" in line.words
        if not force:
            self.demand_config()
            self._confirm_delete()
        try:
            self.process.execute(DeleteZone(host=self.host.name, zone=self.name, force=force))
        except ZoneError as error:
            raise self._undeletable(error, force) from None
        finally:
            self.changed = False
        self.config = None

    def _undeletable(self, error: ZoneError, force: bool) -> Problem:
        if error.code != "delete-state":
            return self._refused(error)
        if force:
            return self.trouble(f"{self.name}: {texts.BAD_STATE}")
        wanted = State.CONFIGURED
        return self.trouble(
            f"Zone {self.name} not in {wanted} state; delete not allowed.  Use -F to force delete."
        )

    def _confirm_delete(self) -> None:
        if not self._may_ask:
            raise self.leave(
                "Input not from terminal and -F not specified:", "delete command ignored, exiting."
            )
        asked = f"Are you sure you want to delete zone {self.name} (y/[n])? "
        if not self._agreed(asked):
            raise Problem("delete")

    def add(self, line: Line) -> None:
        """Begin a resource, or add to a property of the one that is edited."""
        self.demand_rights()
        if self.scope is not None:
            self.scope.add(self, line)
            return
        kind = line.words[0] if len(line.words) == 1 else ""
        if kind not in self.host.release.resources:
            raise self.misuse("add")
        config = self.demand_config()
        if kind == "inherit-pkg-dir":
            self.demand_not_installed(f"add {kind}")
        if schema.RESOURCES[kind].single and config.of_kind(kind):
            related = " or a related resource control" if kind == "capped-memory" else ""
            raise self.trouble(f"The {kind} resource{related} already exists.")
        fresh = configs.Resource(kind=kind, values=dict(schema.RESOURCES[kind].defaults))
        self.scope = Scope(fresh)

    def select(self, line: Line) -> None:
        """Edit a resource that there is."""
        found = self.matching(line)
        if len(found) > 1:
            raise self.trouble(f"select {line.words[0]}: Insufficient specification")
        copied = configs.Resource(kind=found[0].kind, values=dict(found[0].values))
        self.scope = Scope(copied, found[0])

    def matching(self, line: Line) -> list[Resource]:
        """Return the resources that a command names; fails when there is none."""
        kind = next((word for word in line.words if not word.startswith("-")), "")
        if kind not in self.host.release.resources:
            release = self.host.release
            raise self.misuse(
                line.verb, f"\n{usage.resource_types(release)}{usage.properties(release)}"
            )
        found = self.demand_config().find(kind, dict(line.pairs))
        if not found:
            why = "No such resource with that id" if line.pairs else "No such entry"
            raise self.trouble(f"{line.verb} {kind}: {why}")
        return found

    def remove(self, line: Line) -> None:
        """Remove resources, or a value of a property."""
        self.demand_rights()
        if self.scope is not None:
            self.scope.remove(self, line)
            return
        config = self.demand_config()
        if line.words and line.words[0] in schema.ALIASES:
            self.clear(line)
            return
        found = self.matching(line)
        if found[0].kind == "inherit-pkg-dir":
            self.demand_not_installed(f"remove {found[0].kind}")
        if len(found) > 1 and "-F" not in line.words:
            self._confirm_remove(found[0].kind)
        config.resources = [one for one in config.resources if one not in found]
        self.changed = True

    def _confirm_remove(self, kind: str) -> None:
        """Ask whether all resources of a kind are to go."""
        if self.input not in (Input.STREAM, Input.DASH):
            raise self.trouble(
                "There are multiple instances of this resource.  Either qualify the resource to",
                "remove a single instance or use the -F option to remove all instances.",
            )
        if not self._may_ask:
            raise self.trouble("Resource incomplete.")
        if not self._agreed(f"Are you sure you want to remove ALL '{kind}' resources (y/[n])? "):
            raise Problem("remove")

    def set(self, line: Line) -> None:
        """Set properties."""
        self.demand_rights()
        if not line.pairs:
            raise self.misuse("set", f"\n{usage.properties(self.host.release)}")
        config = self.demand_config()
        for name, value in line.pairs:
            if self.scope is not None:
                self.scope.set(self, name, value)
            else:
                self._set(config, name, value)

    def _set(self, config: Config, name: str, value: str | list[str]) -> None:
        if name not in schema.PROPERTIES:
            raise self.misuse("set", f"\n{usage.properties(self.host.release)}")
        if not isinstance(value, str):
            raise self.trouble("A simple value was expected here.")
        if name in schema.ALIASES:
            self._set_limit(config, name, value)
        elif name not in self.host.release.properties:
            raise self.trouble("Cannot set a resource-specific property from the global scope.")
        elif name == "zonename":
            self._set_name(value)
        else:
            self._judge(config, name, value)
            config.properties[name] = value.rstrip("/") if name == "zonepath" else value
        self.changed = True

    def _set_limit(self, config: Config, name: str, value: str) -> None:
        if name == "max-shm-memory" and not _SCALED.fullmatch(value):
            raise self.trouble(
                "A non-negative number with a required scale suffix (K, M, G or T) was expected",
                "here.",
            )
        if name != "max-shm-memory" and (not is_number(value) or int(value) < 1):
            raise self.trouble(f"{name} property is out of range.")
        config.set_limit(name, value)

    def _set_name(self, value: str) -> None:
        if value == self.name:
            return
        self.demand_not_installed("set zonename")
        try:
            demand = configs.demand_name
            demand(value, self.host.release)
        except ZoneError:
            problem = self.trouble(f"{value}: {texts.BOGUS_NAME}")
            self.process.err(usage.NAME)
            raise problem from None
        self._renamed = value

    def _judge(self, config: Config, name: str, value: str) -> None:
        """Fail for a value that a property cannot have."""
        if name in schema.FIXED_ONCE_INSTALLED and config.get(name) != value:
            self.demand_not_installed(f"set {name}")
        if name == "zonepath" and not value.startswith("/"):
            raise self.trouble(f"{value} is not an absolute path.")
        if name == "zonepath" and not value.strip("/"):
            raise self.trouble("/ is not allowed as a zonepath.")
        if name == "zonepath" and len(value) > 1_023:
            raise self.trouble(f"{name}: Argument list too long")
        if name in schema.CHOICES and value not in schema.CHOICES[name]:
            choices = " or ".join(f"'{choice}'" for choice in schema.CHOICES[name])
            raise self.trouble(f"{name} value must be {choices}.")
        if name == "brand" and value not in self.host.release.brands:
            raise self.trouble(f"{value}: unknown brand.", f"{self.name}: Invalid argument")

    def clear(self, line: Line) -> None:
        """Let a property have no value."""
        self.demand_rights()
        name = line.words[0] if len(line.words) == 1 else ""
        if name not in schema.PROPERTIES:
            raise self.misuse("clear", f"\n{usage.properties(self.host.release)}")
        config = self.demand_config()
        if self.scope is not None:
            self.scope.clear(self, name)
            return
        if name in schema.ALIASES:
            if not config.clear_limit(name):
                raise self.trouble(f"clear {name}: No such entry")
        elif name not in self.host.release.properties:
            raise self.trouble(f"{name}: No such property type")
        elif name in ("zonename", *schema.REQUIRED):
            raise self.trouble(f"{name}: {texts.CLEAR_DISALLOWED}")
        else:
            config.properties[name] = {"autoboot": "false", "ip-type": "shared"}.get(name, "")
        self.changed = True

    def info(self, line: Line) -> None:
        """Print the configuration, or a part of it."""
        config = self.demand_config()
        release = self.host.release
        if self.scope is not None:
            self.process.out(printing.resource(self.scope.resource, config, release))
        elif not line.words:
            self.process.out(printing.info(self.name, config, release))
        elif line.words[0] in release.properties:
            self.process.out(printing.property_line(line.words[0], self.name, config) + "\n")
        elif line.words[0] in schema.ALIASES:
            wanted = f"[{line.words[0]}:"
            found = [one for one in printing.alias_lines(config) if one.startswith(wanted)]
            self.process.out("".join(f"{one}\n" for one in found))
        else:
            self._info_resources(config, line)

    def _info_resources(self, config: Config, line: Line) -> None:
        kind = line.words[0]
        if kind not in self.host.release.resources:
            release = self.host.release
            raise self.misuse(
                "info", f"\n{usage.resource_types(release)}{usage.properties(release)}"
            )
        found = config.find(kind, dict(line.pairs))
        if not found and line.pairs:
            self.process.out(f"No such {kind} resource.\n")
        text = (printing.resource(one, config, self.host.release) for one in found)
        self.process.out("".join(text))

    def export(self, line: Line) -> None:
        """Print the commands that make the configuration again."""
        text = printing.export(self.demand_config(), self.host.release)
        if line.words[:1] == ["-f"] and len(line.words) == 2:
            try:
                self.process.files.write(line.words[1], text)
            except FileError as error:
                raise self.trouble(f"opening file {line.words[1]}: {error.reason}") from None
        else:
            self.process.out(text)

    def end(self, _: Line) -> None:
        """Take the edited resource into the configuration."""
        config, scope = self.demand_config(), self.scope
        if scope is None:
            return
        scope.demand_complete(self, config)
        if scope.origin is None:
            config.resources.append(scope.resource)
        else:
            place = next(n for n, one in enumerate(config.resources) if one is scope.origin)
            config.resources[place] = scope.resource
        self.scope, self.changed = None, True

    def cancel(self, _: Line) -> None:
        """Drop the edited resource."""
        self.scope = None

    def exit(self, line: Line) -> None:
        """End the run; in the middle of a resource that has to be meant."""
        if self.scope is None or "-F" in line.words:
            self.over = True
        elif not self._may_ask:
            raise self.leave(
                "Resource incomplete, input not from terminal and -F not specified:",
                "exit command ignored, but exiting anyway.",
            )
        else:
            self.over = self._agreed("Resource incomplete; really quit (y/[n])? ")

    def revert(self, _: Line) -> None:
        """Go back to what is kept."""
        self.config, self.changed, self._renamed = self._stored(), False, ""
        self.demand_config()

    def run_verify(self, _: Line) -> None:
        """Say what is wrong with the configuration."""
        self.verify()

    def run_commit(self, _: Line) -> None:
        """Keep the configuration."""
        self.commit()

    def help(self, _: Line) -> None:
        """Tell how the commands are used."""
        self.process.out(usage.commands())


def _stuck_at(verb: str) -> str:
    """Return where the reading of a first word stops that is no command.

    At its first letter; or, when it begins with a command's name, behind that.
    """
    known = max((name for name in COMMANDS if verb.startswith(name)), key=len, default="")
    return verb[len(known) :] if known else verb[:1]


_SCALED: Final = re.compile(r"[0-9]+[KMGT]", re.IGNORECASE)
_GLOBAL_ONLY: Final = frozenset({"create", "delete", "select", "commit", "revert"})
COMMANDS: Final[dict[str, Callable[[Editor, Line], None]]] = {
    "add": Editor.add,
    "cancel": Editor.cancel,
    "clear": Editor.clear,
    "commit": Editor.run_commit,
    "create": Editor.create,
    "delete": Editor.delete,
    "end": Editor.end,
    "exit": Editor.exit,
    "export": Editor.export,
    "help": Editor.help,
    "info": Editor.info,
    "remove": Editor.remove,
    "revert": Editor.revert,
    "select": Editor.select,
    "set": Editor.set,
    "verify": Editor.run_verify,
}
