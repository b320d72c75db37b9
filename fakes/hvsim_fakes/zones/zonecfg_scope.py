"""The resource that a run of ``zonecfg`` is editing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.zones.schema import RESOURCES

if TYPE_CHECKING:
    from hvsim.zones.config import Config, Resource
    from hvsim_fakes.zones.zonecfg_editor import Editor
    from hvsim_fakes.zones.zonecfg_words import Line

_UPPER = frozenset({"physical", "swap", "locked"})
"""Properties of capped-memory, whose units are letters in upper case."""


class Scope:
    """A resource, and the one it is in place of (None: a new one)."""

    def __init__(self, resource: Resource, origin: Resource | None = None) -> None:
        self.resource = resource
        self.origin = origin

    def set(self, editor: Editor, name: str, value: str | list[str]) -> None:
        """Give a property a value; a list replaces what was added."""
        kind = RESOURCES[self.resource.kind]
        if name not in kind.properties:
            raise editor.trouble(f"syntax error near '{name}'")
        if name in kind.lists:
            self.resource.values[name] = [value] if isinstance(value, str) else list(value)
        elif isinstance(value, str) and value:
            upper = self.resource.kind == "capped-memory" and name in _UPPER
            self.resource.values[name] = value.upper() if upper else value
        else:
            raise editor.trouble(f"{name}: Invalid argument")

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
        if name not in kind.properties:
            raise editor.trouble(f"syntax error near '{name or 'clear'}'")
        if name in kind.required:
            raise editor.trouble(f"{name}: required property cannot be cleared")
        self.resource.values.pop(name, None)

    def demand_complete(self, editor: Editor, config: Config) -> None:
        """Fail when a property is missing, or another resource is the same."""
        kind = RESOURCES[self.resource.kind]
        lines = [line for name in self._required(config) for line in self._wrong(name)]
        if lines:
            raise editor.trouble(*lines)
        if not kind.required and not any(self.resource.values.values()):
            raise editor.trouble("resource specification incomplete")
        twin = config.twin(self.resource, self.origin)
        if twin is not None:
            raise editor.trouble(self._twin_text(kind.key))

    def _wrong(self, name: str) -> list[str]:
        """Return what is wrong with a property that has to be there."""
        value = self.resource.values.get(name)
        if not value:
            return [f"{name} not specified"]
        if name == "dir" and not str(value).startswith("/"):
            return [f"dir {value} is not an absolute path."]
        return []

    def _required(self, config: Config) -> tuple[str, ...]:
        required = RESOURCES[self.resource.kind].required
        needs_address = self.resource.kind == "net" and not config.exclusive
        return ("address", *required) if needs_address else required

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
            raise editor.trouble(f"syntax error near '{name or line.verb}'")
        values = list(rest)
        for loose in line.loose:
            values += [loose] if isinstance(loose, str) else loose
        if not values:
            raise editor.trouble(f"{name}: Invalid argument")
        return name, values
