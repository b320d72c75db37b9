"""What a zone is configured as, and the changes that an editor makes to it."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Final

import msgspec

from hvsim.zones.errors import ZoneError
from hvsim.zones.schema import ALIASES, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hvsim.zones.release import Release

Value = str | list[str]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
INHERITED: Final = ("/lib", "/platform", "/sbin", "/usr")


class Resource(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One resource; ``values`` holds strings, and lists for what can be given several times."""

    kind: str
    values: dict[str, Value] = msgspec.field(default_factory=dict)

    def matches(self, wanted: Mapping[str, Value]) -> bool:
        """Tell whether it has these values."""
        return all(self.values.get(name) == value for name, value in wanted.items())

    @property
    def key(self) -> tuple[str, ...]:
        """What no other resource of its kind may have."""
        return tuple(str(self.values.get(name, "")) for name in RESOURCES[self.kind].key)


class Config(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A zone's configuration; properties that are not set are not in ``properties``."""

    properties: dict[str, str] = msgspec.field(default_factory=dict)
    resources: list[Resource] = msgspec.field(default_factory=list)

    def copy(self) -> Config:
        """Return one that can be changed by itself."""
        return deepcopy(self)

    def get(self, name: str) -> str:
        """Return a property; empty when it is not set."""
        return self.properties.get(name, "")

    @property
    def zonepath(self) -> str:
        """Directory of the zone."""
        return self.get("zonepath")

    @property
    def brand(self) -> str:
        """The zone's brand."""
        return self.get("brand")

    @property
    def exclusive(self) -> bool:
        """Whether it has an IP stack of its own."""
        return self.get("ip-type") == "exclusive"

    def of_kind(self, kind: str) -> list[Resource]:
        """Return the resources of a kind, in the order of their adding."""
        return [found for found in self.resources if found.kind == kind]

    def find(self, kind: str, wanted: Mapping[str, Value]) -> list[Resource]:
        """Return the resources of a kind that have the wanted values."""
        return [found for found in self.of_kind(kind) if found.matches(wanted)]

    def twin(self, resource: Resource, but: Resource | None = None) -> Resource | None:
        """Return another resource that has the same key."""
        for found in self.of_kind(resource.kind):
            if found is not but and found is not resource and found.key == resource.key:
                return found
        return None

    def limit(self, alias: str) -> str:
        """Return the number that an alias (``max-lwps``) stands for; empty without one."""
        for control in self.find("rctl", {"name": ALIASES[alias]}):
            for value in control.values.get("value", ()):
                found = re.search(r"limit=([^,)]+)", value)
                return found.group(1) if found else ""
        return ""

    def set_limit(self, alias: str, number: str) -> None:
        """Set what an alias stands for, in place of an earlier limit."""
        self.clear_limit(alias)
        action = "none" if alias == "cpu-shares" else "deny"
        value = f"(priv=privileged,limit={number},action={action})"
        made = Resource(kind="rctl", values={"name": ALIASES[alias], "value": [value]})
        self.resources.append(made)

    def clear_limit(self, alias: str) -> bool:
        """Drop what an alias stands for; return whether there was anything."""
        found = self.find("rctl", {"name": ALIASES[alias]})
        self.resources = [one for one in self.resources if one not in found]
        return bool(found)


def demand_name(name: str, release: Release) -> None:
    """Refuse what cannot be a zone's name."""
    taken = name == "global" or name.startswith(release.reserved)
    if taken or not _NAME.fullmatch(name):
        raise ZoneError("bogus-name", name)


def template(release: Release, name: str, zone: str, behaviours: Iterable[str]) -> Config:
    """Return what ``create -t name`` begins with; raises ZoneError for an unknown template."""
    if name not in release.templates:
        raise ZoneError("no-template", name)
    chosen = frozenset(behaviours)
    brand = _brand(release, name)
    config = Config(properties={"brand": brand, "autoboot": "false", "ip-type": "shared"})
    if name in (release.template, "SYSdefault-shared-ip") and release.zonepath:
        config.properties["zonepath"] = release.zonepath.replace("%", zone)
    if name == release.template and "create-inherits-packages" in chosen:
        config.resources += [_inherited(path) for path in INHERITED]
    if name == release.template and "create-makes-own-network" in chosen:
        config.properties["ip-type"] = "exclusive"
        link = {**RESOURCES["anet"].defaults, "linkname": "net0"}
        config.resources.append(Resource(kind="anet", values=dict(link)))
    return config


def _brand(release: Release, template_name: str) -> str:
    own = template_name.removeprefix("SUNW").removeprefix("SYS")
    return own if own in release.brands else release.brand


def _inherited(path: str) -> Resource:
    return Resource(kind="inherit-pkg-dir", values={"dir": path})
