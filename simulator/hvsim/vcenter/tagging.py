"""Tags: categories, the tags in them, and the objects that each is attached to.

vSphere Automation API, ``com.vmware.cis.tagging``: a category says which types of object its tags
may go on, and whether an object may have one of them or several. Tags are no managed objects, so
vim25 shows nothing of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hvsim.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hvsim.vcenter.server import VCenter
    from hvsim.vcenter.values import Ref

SINGLE, MULTIPLE = "SINGLE", "MULTIPLE"
CATEGORY, TAG = "Category", "Tag"
_NAMESPACE: Final = "urn:vim25:"
"""Clients write the types of objects with it or without."""
_IDENTIFIER: Final = re.compile(r"urn:vmomi:InventoryService(Category|Tag):[^:\s]+:GLOBAL")


class TaggingRefusal(Refusal):
    """What the tagging service refuses with.

    Args:
        error: the standard error of the vSphere Automation API (``already_exists``).
        code: the identifier of its message.
        text: the message, with ``%s`` where ``arguments`` go.
    """

    def __init__(self, error: str, code: str, text: str, *arguments: str) -> None:
        self.error = error
        self.code = code
        self.text = text
        self.arguments = arguments
        super().__init__(f"{error}: {text % arguments}")


def missing(identifier: str) -> TaggingRefusal:
    """Return the refusal of a tag or category that is not there."""
    text = "Tagging object %s not found"
    return TaggingRefusal("not_found", "cis.tagging.objectNotFound.error", text, identifier)


def taken(name: str) -> TaggingRefusal:
    """Return the refusal of a name or identifier that something has already."""
    text = "An object named %s exists already"
    return TaggingRefusal("already_exists", "cis.tagging.duplicateName.error", text, name)


def invalid(text: str, *arguments: str) -> TaggingRefusal:
    """Return the refusal of an argument."""
    return TaggingRefusal("invalid_argument", "cis.tagging.invalidArgument.error", text, *arguments)


def denied(text: str, *arguments: str) -> TaggingRefusal:
    """Return the refusal of what a user may not do."""
    return TaggingRefusal("unauthorized", "cis.tagging.accessDenied.error", text, *arguments)


@dataclass(slots=True)
class Category:
    """A category of tags.

    Attributes:
        cardinality: ``SINGLE`` when an object may have one tag of it, else ``MULTIPLE``.
        types: the types of object its tags go on; none means every type.
        used_by: what says that it uses it.
    """

    id: str
    name: str
    description: str
    cardinality: str
    types: list[str]
    used_by: list[str] = field(default_factory=list)

    def takes(self, kind: str) -> bool:
        """Whether its tags go on objects of a type."""
        return not self.types or kind in {name.removeprefix(_NAMESPACE) for name in self.types}


@dataclass(slots=True)
class Tag:
    """A tag; ``objects`` are those it is attached to, in the order they came."""

    id: str
    category: str
    name: str
    description: str
    used_by: list[str] = field(default_factory=list)
    objects: dict[Ref, None] = field(default_factory=dict)


@dataclass(slots=True)
class Module:
    """A set of machines of a cluster; ``members`` are identifiers, in the order they came."""

    id: str
    cluster: str
    members: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Tagging:
    """Categories, tags and modules of clusters of a vCenter, by identifier, oldest first."""

    categories: dict[str, Category] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    modules: dict[str, Module] = field(default_factory=dict)

    def category(self, identifier: str) -> Category:
        """Return a category, or raise ``not_found``."""
        found = self.categories.get(identifier)
        if found is None:
            raise missing(identifier)
        return found

    def tag(self, identifier: str) -> Tag:
        """Return a tag, or raise ``not_found``."""
        found = self.tags.get(identifier)
        if found is None:
            raise missing(identifier)
        return found

    def tags_in(self, category: str) -> list[Tag]:
        """Return the tags of a category."""
        return [tag for tag in self.tags.values() if tag.category == category]

    def tags_on(self, ref: Ref) -> list[Tag]:
        """Return the tags attached to an object."""
        return [tag for tag in self.tags.values() if ref in tag.objects]

    def eligible(self, tag: Tag, ref: Ref) -> bool:
        """Whether a tag may be attached to an object as it is tagged now."""
        category = self.categories[tag.category]
        if not category.takes(ref.type):
            return False
        others = [
            one for one in self.tags_on(ref) if one.category == tag.category and one is not tag
        ]
        return category.cardinality == MULTIPLE or not others


def find(vcenter: VCenter, kind: str, identifier: str) -> Ref | None:
    """Return the managed object that a client names by its type and identifier, or None.

    An identifier may carry that of the vCenter (``vm-21:<instance UUID>``).
    """
    moid = identifier.partition(":")[0]
    found = vcenter.store.objects.get(moid)
    if found is None or found.type != kind.removeprefix(_NAMESPACE):
        return None
    return found.ref


def objects_of(vcenter: VCenter, tag: Tag) -> list[Ref]:
    """Return the objects that a tag is attached to and that are still there."""
    return [ref for ref in tag.objects if vcenter.store.exists(ref)]


def create_category(vcenter: VCenter, spec: dict[str, Any]) -> str:
    """Make a category; return its identifier.

    Args:
        spec: ``name``, ``description``, ``cardinality``, ``associable_types`` and, if the client
            chooses it, ``category_id``.
    """
    tagging = vcenter.tagging
    name = _named(spec["name"])
    if any(known.name == name for known in tagging.categories.values()):
        raise taken(name)
    made = Category(
        id=_identifier(vcenter, CATEGORY, spec.get("category_id"), tagging.categories),
        name=name,
        description=spec["description"],
        cardinality=spec["cardinality"],
        types=_unique(spec["associable_types"]),
    )
    tagging.categories[made.id] = made
    _note(vcenter, "add", f"category/{made.id}", None, {"name": name})
    return made.id


def update_category(vcenter: VCenter, identifier: str, spec: dict[str, Any]) -> None:
    """Change what ``spec`` sets of a category; it may only become wider."""
    category = vcenter.tagging.category(identifier)
    name = _renamed(category, spec, vcenter.tagging.categories.values())
    wider = spec.get("cardinality") or category.cardinality
    if category.cardinality == MULTIPLE and wider == SINGLE:
        raise invalid("The cardinality of category %s cannot be reduced", identifier)
    types = category.types
    if spec.get("associable_types") is not None:
        types = _widened(category, _unique(spec["associable_types"]))
    before = _category_facts(category)
    category.name, category.cardinality, category.types = name, wider, types
    if spec.get("description") is not None:
        category.description = spec["description"]
    _note(vcenter, "mod", f"category/{identifier}", before, _category_facts(category))


def _widened(category: Category, types: list[str]) -> list[str]:
    narrower = [kind for kind in category.types if kind not in types]
    if types and (narrower or not category.types):
        raise invalid("The associable types of category %s cannot be reduced", category.id)
    return types


def _category_facts(category: Category) -> dict[str, Any]:
    return {
        "name": category.name,
        "description": category.description,
        "cardinality": category.cardinality,
        "associable_types": list(category.types),
    }


def delete_category(vcenter: VCenter, identifier: str) -> None:
    """Take a category away, with its tags."""
    category = vcenter.tagging.category(identifier)
    for tag in vcenter.tagging.tags_in(identifier):
        delete_tag(vcenter, tag.id)
    del vcenter.tagging.categories[identifier]
    _note(vcenter, "del", f"category/{identifier}", {"name": category.name}, None)


def create_tag(vcenter: VCenter, spec: dict[str, Any]) -> str:
    """Make a tag; return its identifier.

    Args:
        spec: ``name``, ``description``, ``category_id`` and, if the client chooses it, ``tag_id``.
    """
    tagging = vcenter.tagging
    category = tagging.category(spec["category_id"])
    name = _named(spec["name"])
    if any(known.name == name for known in tagging.tags_in(category.id)):
        raise taken(name)
    identifier = _identifier(vcenter, TAG, spec.get("tag_id"), tagging.tags)
    tagging.tags[identifier] = Tag(identifier, category.id, name, spec["description"])
    _note(vcenter, "add", f"tag/{identifier}", None, {"name": name, "category": category.id})
    return identifier


def update_tag(vcenter: VCenter, identifier: str, spec: dict[str, Any]) -> None:
    """Change what ``spec`` sets of a tag."""
    tag = vcenter.tagging.tag(identifier)
    name = _renamed(tag, spec, vcenter.tagging.tags_in(tag.category))
    before = {"name": tag.name, "description": tag.description}
    tag.name = name
    if spec.get("description") is not None:
        tag.description = spec["description"]
    after = {"name": tag.name, "description": tag.description}
    _note(vcenter, "mod", f"tag/{identifier}", before, after)


def delete_tag(vcenter: VCenter, identifier: str) -> None:
    """Take a tag away, also from the objects it is attached to."""
    tag = vcenter.tagging.tag(identifier)
    del vcenter.tagging.tags[identifier]
    _note(vcenter, "del", f"tag/{identifier}", {"name": tag.name}, None)


def attach(vcenter: VCenter, identifier: str, kind: str, moid: str) -> None:
    """Attach a tag to an object; one that has it already is left as it is."""
    tag, ref = vcenter.tagging.tag(identifier), _object(vcenter, kind, moid)
    if ref in tag.objects:
        return
    if not vcenter.tagging.eligible(tag, ref):
        raise invalid("Tag %s is not eligible to be attached to object %s", identifier, str(ref))
    tag.objects[ref] = None
    _note(vcenter, "mod", f"tag/{identifier}", None, {"attached": str(ref)})


def detach(vcenter: VCenter, identifier: str, kind: str, moid: str) -> None:
    """Detach a tag from an object; one that has it not is left as it is."""
    tag, ref = vcenter.tagging.tag(identifier), _object(vcenter, kind, moid)
    if ref in tag.objects:
        del tag.objects[ref]
        _note(vcenter, "mod", f"tag/{identifier}", {"attached": str(ref)}, None)


def add_user(vcenter: VCenter, identifier: str, entity: str) -> None:
    """Note that something uses a tag or category."""
    found = _anything(vcenter, identifier)
    if entity not in found.used_by:
        found.used_by.append(entity)
        _note(vcenter, "mod", f"tagging/{identifier}", None, {"used_by": entity})


def remove_user(vcenter: VCenter, identifier: str, entity: str) -> None:
    """Note that something uses a tag or category no more."""
    found = _anything(vcenter, identifier)
    if entity in found.used_by:
        found.used_by.remove(entity)
        _note(vcenter, "mod", f"tagging/{identifier}", {"used_by": entity}, None)


def _anything(vcenter: VCenter, identifier: str) -> Category | Tag:
    tagging = vcenter.tagging
    return tagging.categories.get(identifier) or tagging.tag(identifier)


def _object(vcenter: VCenter, kind: str, moid: str) -> Ref:
    """Return an object to tag; nobody has a privilege on one that is not there."""
    found = find(vcenter, kind, moid)
    if found is None:
        raise denied("No permission to tag object %s", f"{kind}:{moid}")
    return found


def _named(name: str) -> str:
    if not name or len(name) > 256:
        raise invalid("The name %s is not valid", repr(name))
    return name


def _renamed(known: Category | Tag, spec: dict[str, Any], all_of: Iterable[Category | Tag]) -> str:
    """Return the name that something has after an update."""
    if spec.get("name") is None or spec["name"] == known.name:
        return known.name
    name = _named(spec["name"])
    if any(other.name == name for other in all_of):
        raise taken(name)
    return name


def _identifier(
    vcenter: VCenter, kind: str, wanted: str | None, there: dict[str, Category] | dict[str, Tag]
) -> str:
    """Return the identifier of a new tag or category: the one that is wanted, or the next."""
    if not wanted:
        made = vcenter.world.streams.uuid(f"{vcenter.path}/tagging/{kind}")
        return f"urn:vmomi:InventoryService{kind}:{made}:GLOBAL"
    found = _IDENTIFIER.fullmatch(wanted)
    if found is None or found[1] != kind:
        raise invalid("The identifier %s is not valid", wanted)
    if wanted in there:
        raise taken(wanted)
    return wanted


def _unique(types: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(types))


def _note(vcenter: VCenter, kind: str, subject: str, before: Any, after: Any) -> None:
    path = vcenter.path
    vcenter.world.log.append(kind, f"{path}/{subject}", before, after, (f"{path}/tagging",))
