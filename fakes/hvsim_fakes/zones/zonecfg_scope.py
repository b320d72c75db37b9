"""The resource that a run of ``zonecfg`` is editing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hvsim.zones.schema import PROPERTIES, RESOURCES
from hvsim_fakes.zones import texts
from hvsim_fakes.zones import zonecfg_usage as usage

if TYPE_CHECKING:
    from hvsim.zones.config import Config, Resource
    from hvsim_fakes.zones.zonecfg_editor import Editor
    from hvsim_fakes.zones.zonecfg_words import Line

_CLEARABLE = {
    "fs": ("raw",),
    "net": ("defrouter", "allowed-address"),
    "anet": ("allowed-address", "defrouter", "lower-link", "link-protection", "mac-address"),
    "dedicated-cpu": ("importance",),
    "capped-memory": ("physical", "swap", "locked"),
}
"""Properties that a resource can be without once they were set."""
_SCALED = re.compile(r"[0-9]+(\.[0-9]+)?[KMGT]", re.IGNORECASE)
_SHARE = re.compile(r"[0-9]*\.?[0-9]{1,2}|[0-9]+\.?")
_CPU_JUDGES = {
    "ncpus": re.compile(r"[1-9][0-9]{0,5}(-[1-9][0-9]{0,5})?"),
    "importance": re.compile(r"[0-9]{1,9}"),
}
_UPPER = frozenset({"physical", "swap", "locked"})
"""Properties of capped-memory, whose units are letters in upper case."""


def _judged(judges: dict[str, re.Pattern[str]], name: str, value: str) -> bool:
    return name not in judges or judges[name].fullmatch(value) is not None


class Scope:
    """A resource, and the one it is in place of (None: a new one)."""

    def __init__(self, resource: Resource, origin: Resource | None = None) -> None:
        self.resource = resource
        self.origin = origin

    def set(self, editor: Editor, name: str, value: str | list[str]) -> None:
        """Give a property a value; a list replaces what was added."""
        kind = RESOURCES[self.resource.kind]
        if name not in PROPERTIES:
            raise editor.misuse("set", f"\n{usage.properties(editor.host.release)}")
        if name not in kind.properties:
            raise editor.trouble(f"{name}: No such property type")
        if name in kind.lists:
            self.resource.values[name] = [value] if isinstance(value, str) else list(value)
        elif isinstance(value, str) and value:
            upper = self.resource.kind == "capped-memory" and name in _UPPER
            self._judge(editor, name, value)
            self.resource.values[name] = value.upper() if upper else value
        else:
            raise editor.trouble("A simple value was expected here.")

    def _judge(self, editor: Editor, name: str, value: str) -> None:
        """Fail for a value that a property cannot have."""
        kind = self.resource.kind
        if kind == "dedicated-cpu" and not _judged(_CPU_JUDGES, name, value):
            raise editor.trouble(f"{name} property is out of range.")
        if kind == "capped-cpu" and not _SHARE.fullmatch(value):
            raise editor.trouble(f"{name} property is out of range.")
        if kind == "capped-memory" and not _SCALED.fullmatch(value):
            least, gap = ("non-negative", "\n") if name == "locked" else ("positive", " ")
            expected = f"A {least} number with a required scale suffix (K, M, G or T) was"
            raise editor.trouble(f"{expected} expected{gap}here.")

    def add(self, editor: Editor, line: Line) -> None:
        """Add values to a property that can have several."""
        name, values = self._named(editor, line)
        current = self.resource.values.get(name, [])
        self.resource.values[name] = [*current, *values]

    def remove(self, editor: Editor, line: Line) -> None:
        """Take values from a property that can have several."""
        name, values = self._named(editor, line)
        current = list(self.resource.values.get(name, []))
        for value in values:
            if value not in current:
                raise editor.trouble(f"{name}: No such property value")
            current.remove(value)
        self.resource.values[name] = current

    def clear(self, editor: Editor, name: str) -> None:
        """Let a property have no value."""
        kind = RESOURCES[self.resource.kind]
        if name not in kind.properties or name not in _CLEARABLE.get(self.resource.kind, ()):
            raise editor.trouble(f"{name}: {texts.CLEAR_DISALLOWED}")
        self.resource.values.pop(name, None)

    def demand_complete(self, editor: Editor, config: Config) -> None:
        """Fail when a property is missing, or another resource is the same."""
        kind = RESOURCES[self.resource.kind]
        lines = [line for name in kind.required for line in self._wrong(name)]
        if lines:
            raise editor.trouble(*lines)
        if not kind.required and not any(self.resource.values.values()):
            raise editor.trouble(
                "No property was specified.  One of physical, swap or locked is required."
            )
        twin = config.twin(self.resource, self.origin)
        if twin is not None:
            raise editor.trouble(self._twin_text(kind.key))

    def _wrong(self, name: str) -> list[str]:
        """Return what is wrong with a property that has to be there."""
        value = self.resource.values.get(name)
        if not value:
            none = name == "value" and self.resource.kind == "rctl"
            return ["no value specified" if none else f"{name} not specified"]
        if name == "dir" and not str(value).startswith("/"):
            return [f"dir {value} is not an absolute path."]
        return []

    def _twin_text(self, key: tuple[str, ...]) -> str:
        known = [(name, self.resource.values.get(name, "")) for name in key]
        named = ", and ".join(f"{name} '{value}'" for name, value in known if value)
        article = "An" if self.resource.kind[0] in "aeiou" else "A"
        return f"{article} {self.resource.kind} resource with the {named} already exists."

    def _named(self, editor: Editor, line: Line) -> tuple[str, list[str]]:
        """Return the property that an ``add`` or ``remove`` is about, and the values."""
        kind = RESOURCES[self.resource.kind]
        name, *rest = line.words or [""]
        if name not in kind.lists:
            release = editor.host.release
            more = f"\n{usage.resource_types(release)}{usage.properties(release)}"
            raise editor.misuse(line.verb, more)
        values = list(rest)
        for loose in line.loose:
            values += [loose] if isinstance(loose, str) else loose
        if not values:
            raise editor.misuse(line.verb)
        return name, values
