"""``com.vmware.cis.tagging``: categories, tags and what they are attached to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from hvsim.vcenter import tagging
from hvsim.vcenter.tagging import TaggingRefusal
from hvsim_fakes.vcenter.rest import errors, operations
from hvsim_fakes.vcenter.rest.call import READ, VIEW
from hvsim_fakes.vcenter.rest.operations import Fields, Route
from hvsim_fakes.vcenter.rest.structures import DynamicID, LocalizableMessage, Structure

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.vcenter.values import Ref
    from hvsim_fakes.vcenter.rest.call import Call

_ROOT: Final = "com.vmware.cis.tagging"
CATEGORY, TAG = f"{_ROOT}.category", f"{_ROOT}.tag"
ASSOCIATION: Final = f"{_ROOT}.tag_association"
_CREATE_CATEGORY: Final = "InventoryService.Tagging.CreateCategory"
_EDIT_CATEGORY: Final = "InventoryService.Tagging.EditCategory"
_DELETE_CATEGORY: Final = "InventoryService.Tagging.DeleteCategory"
_CREATE_TAG: Final = "InventoryService.Tagging.CreateTag"
_EDIT_TAG: Final = "InventoryService.Tagging.EditTag"
_DELETE_TAG: Final = "InventoryService.Tagging.DeleteTag"
_ATTACH: Final = "InventoryService.Tagging.AttachTag"
_USE_CATEGORY: Final = "InventoryService.Tagging.ModifyUsedByForCategory"
_USE_TAG: Final = "InventoryService.Tagging.ModifyUsedByForTag"
Cardinality = Literal["SINGLE", "MULTIPLE"]
_Item = TypeVar("_Item")


class CategoryCreateSpec(Structure):
    """What a category is made from."""

    vapi = "com.vmware.cis.tagging.category.create_spec"
    name: str
    description: str
    cardinality: Cardinality
    associable_types: list[str]
    category_id: str | None = None


class CategoryUpdateSpec(Structure):
    """What is to change of a category."""

    vapi = "com.vmware.cis.tagging.category.update_spec"
    name: str | None = None
    description: str | None = None
    cardinality: Cardinality | None = None
    associable_types: list[str] | None = None


class CategoryModel(Structure):
    """A category."""

    vapi = "com.vmware.cis.tagging.category_model"
    id: str
    name: str
    description: str
    cardinality: Cardinality
    associable_types: list[str]
    used_by: list[str]


class TagCreateSpec(Structure):
    """What a tag is made from."""

    vapi = "com.vmware.cis.tagging.tag.create_spec"
    name: str
    description: str
    category_id: str
    tag_id: str | None = None


class TagUpdateSpec(Structure):
    """What is to change of a tag."""

    vapi = "com.vmware.cis.tagging.tag.update_spec"
    name: str | None = None
    description: str | None = None


class TagModel(Structure):
    """A tag."""

    vapi = "com.vmware.cis.tagging.tag_model"
    id: str
    category_id: str
    name: str
    description: str
    used_by: list[str]


class BatchResult(Structure):
    """What came of a change of several."""

    vapi = "com.vmware.cis.tagging.tag_association.batch_result"
    success: bool
    error_messages: list[LocalizableMessage]


class TagToObjects(Structure):
    """A tag with the objects it is attached to."""

    vapi = "com.vmware.cis.tagging.tag_association.tag_to_objects"
    tag_id: str
    object_ids: list[DynamicID]


class ObjectToTags(Structure):
    """An object with the tags attached to it."""

    vapi = "com.vmware.cis.tagging.tag_association.object_to_tags"
    object_id: DynamicID
    tag_ids: list[str]


operation = partial(operations.operation, is_global=True)
"""Tags lie in nothing: privileges to work with them are held on everything."""


def _route(
    method: str, part: str, *, one: str = "", action: str = "", body: str = "", status: int = 200
) -> Route:
    """Return a route of a tagging service; ``one`` names the parameter in its path."""
    old = f"/com/vmware/cis/tagging/{part}"
    return Route(
        method,
        f"/cis/tagging/{part}/{{{one}}}" if one else f"/cis/tagging/{part}",
        action=action,
        old_path=f"{old}/id:{{{one}}}" if one else old,
        old_action=action,
        body=body,
        status=status,
    )


_CATEGORY_ID: Final[Fields] = {"category_id": str}
_TAG_ID: Final[Fields] = {"tag_id": str}
_USER: Final[Fields] = {"used_by_entity": str}


@operation(
    f"{CATEGORY}.create",
    _route("POST", "category", body="create_spec", status=201),
    takes={"create_spec": CategoryCreateSpec},
    privilege=_CREATE_CATEGORY,
    is_write=True,
)
def create_category(call: Call, create_spec: CategoryCreateSpec) -> str:
    """Make a category; return its identifier."""
    made: str = call.tag("create_category", spec=_given(create_spec))
    return made


@operation(f"{CATEGORY}.get", _route("GET", "category", one="category_id"), takes=_CATEGORY_ID)
def get_category(call: Call, category_id: str) -> CategoryModel:
    """Return a category."""
    found = call.vcenter.tagging.category(category_id)
    return CategoryModel(
        id=found.id,
        name=found.name,
        description=found.description,
        cardinality="SINGLE" if found.cardinality == tagging.SINGLE else "MULTIPLE",
        associable_types=list(found.types),
        used_by=list(found.used_by),
    )


@operation(
    f"{CATEGORY}.update",
    _route("PATCH", "category", one="category_id", body="update_spec"),
    takes=_CATEGORY_ID | {"update_spec": CategoryUpdateSpec},
    privilege=_EDIT_CATEGORY,
    is_write=True,
)
def update_category(call: Call, category_id: str, update_spec: CategoryUpdateSpec) -> None:
    """Change a category."""
    call.tag("update_category", identifier=category_id, spec=_given(update_spec))


@operation(
    f"{CATEGORY}.delete",
    _route("DELETE", "category", one="category_id"),
    takes=_CATEGORY_ID,
    privilege=_DELETE_CATEGORY,
    is_write=True,
)
def delete_category(call: Call, category_id: str) -> None:
    """Take a category away, with its tags."""
    call.tag("delete_category", identifier=category_id)


@operation(f"{CATEGORY}.list", _route("GET", "category"))
def list_categories(call: Call) -> list[str]:
    """Return the identifiers of all categories."""
    return list(call.vcenter.tagging.categories)


@operation(
    f"{CATEGORY}.list_used_categories",
    _route("POST", "category", action="list-used-categories"),
    takes=_USER,
)
def list_used_categories(call: Call, used_by_entity: str) -> list[str]:
    """Return the categories that something says it uses."""
    known = call.vcenter.tagging.categories.values()
    return [one.id for one in known if used_by_entity in one.used_by]


@operation(
    f"{CATEGORY}.add_to_used_by",
    _route("POST", "category", one="category_id", action="add-to-used-by"),
    takes=_CATEGORY_ID | _USER,
    privilege=_USE_CATEGORY,
    is_write=True,
)
def use_category(call: Call, category_id: str, used_by_entity: str) -> None:
    """Note that something uses a category."""
    call.vcenter.tagging.category(category_id)
    call.tag("add_user", identifier=category_id, entity=used_by_entity)


@operation(
    f"{CATEGORY}.remove_from_used_by",
    _route("POST", "category", one="category_id", action="remove-from-used-by"),
    takes=_CATEGORY_ID | _USER,
    privilege=_USE_CATEGORY,
    is_write=True,
)
def leave_category(call: Call, category_id: str, used_by_entity: str) -> None:
    """Note that something uses a category no more."""
    call.vcenter.tagging.category(category_id)
    call.tag("remove_user", identifier=category_id, entity=used_by_entity)


@operation(
    f"{CATEGORY}.revoke_propagating_permissions",
    _route("POST", "category", one="category_id", action="revoke-propagating-permissions"),
    takes=_CATEGORY_ID,
    privilege=_EDIT_CATEGORY,
)
def revoke_on_category(call: Call, category_id: str) -> None:
    """Take permissions given on a category away: there are none, but the category must be there."""
    call.vcenter.tagging.category(category_id)


@operation(
    f"{TAG}.create",
    _route("POST", "tag", body="create_spec", status=201),
    takes={"create_spec": TagCreateSpec},
    privilege=_CREATE_TAG,
    is_write=True,
)
def create_tag(call: Call, create_spec: TagCreateSpec) -> str:
    """Make a tag; return its identifier."""
    made: str = call.tag("create_tag", spec=_given(create_spec))
    return made


@operation(f"{TAG}.get", _route("GET", "tag", one="tag_id"), takes=_TAG_ID)
def get_tag(call: Call, tag_id: str) -> TagModel:
    """Return a tag."""
    found = call.vcenter.tagging.tag(tag_id)
    return TagModel(
        id=found.id,
        category_id=found.category,
        name=found.name,
        description=found.description,
        used_by=list(found.used_by),
    )


@operation(
    f"{TAG}.update",
    _route("PATCH", "tag", one="tag_id", body="update_spec"),
    takes=_TAG_ID | {"update_spec": TagUpdateSpec},
    privilege=_EDIT_TAG,
    is_write=True,
)
def update_tag(call: Call, tag_id: str, update_spec: TagUpdateSpec) -> None:
    """Change a tag."""
    call.tag("update_tag", identifier=tag_id, spec=_given(update_spec))


@operation(
    f"{TAG}.delete",
    _route("DELETE", "tag", one="tag_id"),
    takes=_TAG_ID,
    privilege=_DELETE_TAG,
    is_write=True,
)
def delete_tag(call: Call, tag_id: str) -> None:
    """Take a tag away."""
    call.tag("delete_tag", identifier=tag_id)


@operation(f"{TAG}.list", _route("GET", "tag"))
def list_tags(call: Call) -> list[str]:
    """Return the identifiers of all tags."""
    return list(call.vcenter.tagging.tags)


@operation(f"{TAG}.list_used_tags", _route("POST", "tag", action="list-used-tags"), takes=_USER)
def list_used_tags(call: Call, used_by_entity: str) -> list[str]:
    """Return the tags that something says it uses."""
    known = call.vcenter.tagging.tags.values()
    return [one.id for one in known if used_by_entity in one.used_by]


@operation(
    f"{TAG}.list_tags_for_category",
    Route(
        "POST",
        "/cis/tagging/tag",
        action="list-tags-for-category",
        old_path="/com/vmware/cis/tagging/tag/id:{category_id}",
        old_action="list-tags-for-category",
    ),
    takes=_CATEGORY_ID,
)
def list_tags_for_category(call: Call, category_id: str) -> list[str]:
    """Return the tags of a category."""
    found = call.vcenter.tagging.category(category_id)
    return [tag.id for tag in call.vcenter.tagging.tags_in(found.id)]


@operation(
    f"{TAG}.add_to_used_by",
    _route("POST", "tag", one="tag_id", action="add-to-used-by"),
    takes=_TAG_ID | _USER,
    privilege=_USE_TAG,
    is_write=True,
)
def use_tag(call: Call, tag_id: str, used_by_entity: str) -> None:
    """Note that something uses a tag."""
    call.vcenter.tagging.tag(tag_id)
    call.tag("add_user", identifier=tag_id, entity=used_by_entity)


@operation(
    f"{TAG}.remove_from_used_by",
    _route("POST", "tag", one="tag_id", action="remove-from-used-by"),
    takes=_TAG_ID | _USER,
    privilege=_USE_TAG,
    is_write=True,
)
def leave_tag(call: Call, tag_id: str, used_by_entity: str) -> None:
    """Note that something uses a tag no more."""
    call.vcenter.tagging.tag(tag_id)
    call.tag("remove_user", identifier=tag_id, entity=used_by_entity)


@operation(
    f"{TAG}.revoke_propagating_permissions",
    _route("POST", "tag", one="tag_id", action="revoke-propagating-permissions"),
    takes=_TAG_ID,
    privilege=_EDIT_TAG,
)
def revoke_on_tag(call: Call, tag_id: str) -> None:
    """Take permissions given on a tag away: there are none, but the tag must be there."""
    call.vcenter.tagging.tag(tag_id)


def _association(action: str, *, one: str = "") -> Route:
    return _route("POST", "tag-association", one=one, action=action)


_OBJECT: Final[Fields] = {"object_id": DynamicID}
_OBJECTS: Final[Fields] = {"object_ids": list[DynamicID]}
_TAGS: Final[Fields] = {"tag_ids": list[str]}


@operation(
    f"{ASSOCIATION}.attach",
    _association("attach", one="tag_id"),
    takes=_TAG_ID | _OBJECT,
    privilege=_ATTACH,
    is_write=True,
)
def attach(call: Call, tag_id: str, object_id: DynamicID) -> None:
    """Attach a tag to an object."""
    call.vcenter.tagging.tag(tag_id)
    _require(call, object_id)
    call.tag("attach", identifier=tag_id, kind=object_id.type, moid=object_id.id)


@operation(
    f"{ASSOCIATION}.detach",
    _association("detach", one="tag_id"),
    takes=_TAG_ID | _OBJECT,
    privilege=_ATTACH,
    is_write=True,
)
def detach(call: Call, tag_id: str, object_id: DynamicID) -> None:
    """Detach a tag from an object."""
    call.vcenter.tagging.tag(tag_id)
    _require(call, object_id)
    call.tag("detach", identifier=tag_id, kind=object_id.type, moid=object_id.id)


@operation(
    f"{ASSOCIATION}.attach_multiple_tags_to_object",
    _association("attach-multiple-tags-to-object"),
    takes=_OBJECT | _TAGS,
    privilege=_ATTACH,
    is_write=True,
)
def attach_tags(call: Call, object_id: DynamicID, tag_ids: list[str]) -> BatchResult:
    """Attach several tags to an object; one that cannot be hinders no other."""
    _require(call, object_id)
    return _batch(tag_ids, lambda tag_id: attach(call, tag_id, object_id))


@operation(
    f"{ASSOCIATION}.detach_multiple_tags_from_object",
    _association("detach-multiple-tags-from-object"),
    takes=_OBJECT | _TAGS,
    privilege=_ATTACH,
    is_write=True,
)
def detach_tags(call: Call, object_id: DynamicID, tag_ids: list[str]) -> BatchResult:
    """Detach several tags from an object."""
    _require(call, object_id)
    return _batch(tag_ids, lambda tag_id: detach(call, tag_id, object_id))


@operation(
    f"{ASSOCIATION}.attach_tag_to_multiple_objects",
    _association("attach-tag-to-multiple-objects", one="tag_id"),
    takes=_TAG_ID | _OBJECTS,
    privilege=_ATTACH,
    is_write=True,
)
def attach_to_objects(call: Call, tag_id: str, object_ids: list[DynamicID]) -> BatchResult:
    """Attach a tag to several objects."""
    call.vcenter.tagging.tag(tag_id)
    return _batch(object_ids, lambda object_id: attach(call, tag_id, object_id))


@operation(
    f"{ASSOCIATION}.detach_tag_from_multiple_objects",
    _association("detach-tag-from-multiple-objects", one="tag_id"),
    takes=_TAG_ID | _OBJECTS,
    privilege=_ATTACH,
    is_write=True,
)
def detach_from_objects(call: Call, tag_id: str, object_ids: list[DynamicID]) -> BatchResult:
    """Detach a tag from several objects."""
    call.vcenter.tagging.tag(tag_id)
    return _batch(object_ids, lambda object_id: detach(call, tag_id, object_id))


@operation(
    f"{ASSOCIATION}.list_attached_objects",
    _association("list-attached-objects", one="tag_id"),
    takes=_TAG_ID,
)
def list_attached_objects(call: Call, tag_id: str) -> list[DynamicID]:
    """Return the objects that a tag is attached to."""
    return _objects(call, call.vcenter.tagging.tag(tag_id))


@operation(
    f"{ASSOCIATION}.list_attached_objects_on_tags",
    _association("list-attached-objects-on-tags"),
    takes=_TAGS,
)
def list_attached_objects_on_tags(call: Call, tag_ids: list[str]) -> list[TagToObjects]:
    """Return the same for several tags; those that are not there are left out."""
    known = call.vcenter.tagging.tags
    return [
        TagToObjects(tag_id=tag_id, object_ids=_objects(call, known[tag_id]))
        for tag_id in tag_ids
        if tag_id in known
    ]


@operation(f"{ASSOCIATION}.list_attached_tags", _association("list-attached-tags"), takes=_OBJECT)
def list_attached_tags(call: Call, object_id: DynamicID) -> list[str]:
    """Return the tags attached to an object."""
    return [tag.id for tag in call.vcenter.tagging.tags_on(_require(call, object_id))]


@operation(
    f"{ASSOCIATION}.list_attached_tags_on_objects",
    _association("list-attached-tags-on-objects"),
    takes=_OBJECTS,
)
def list_attached_tags_on_objects(call: Call, object_ids: list[DynamicID]) -> list[ObjectToTags]:
    """Return the same for several objects; those that are not there are left out."""
    found = []
    for object_id in object_ids:
        ref = tagging.find(call.vcenter, object_id.type, object_id.id)
        if ref is not None and call.may(READ, ref):
            tags = [tag.id for tag in call.vcenter.tagging.tags_on(ref)]
            found.append(ObjectToTags(object_id=object_id, tag_ids=tags))
    return found


@operation(
    f"{ASSOCIATION}.list_attachable_tags", _association("list-attachable-tags"), takes=_OBJECT
)
def list_attachable_tags(call: Call, object_id: DynamicID) -> list[str]:
    """Return the tags that may be attached to an object and are not yet."""
    ref, known = _require(call, object_id), call.vcenter.tagging
    return [
        tag.id for tag in known.tags.values() if ref not in tag.objects and known.eligible(tag, ref)
    ]


def _given(spec: Structure) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in spec.__struct_fields__}


def _require(call: Call, object_id: DynamicID) -> Ref:
    """Return the object that a client names; nobody has a privilege on what is not there."""
    found = tagging.find(call.vcenter, object_id.type, object_id.id)
    if found is None:
        raise errors.unauthorized()
    call.demand(READ, found)
    return found


def _objects(call: Call, tag: tagging.Tag) -> list[DynamicID]:
    """Return the objects that a tag is attached to, as far as the caller sees them."""
    found = tagging.objects_of(call.vcenter, tag)
    return [DynamicID(type=ref.type, id=ref.moid) for ref in found if call.may(VIEW, ref)]


def _batch(items: list[_Item], change: Callable[[_Item], None]) -> BatchResult:
    """Change several; what is refused is told, and hinders no other."""
    told = []
    for item in items:
        try:
            change(item)
        except TaggingRefusal as refusal:
            told.append(errors.message(refusal.code, refusal.text, *refusal.arguments))
        except errors.VapiError as error:
            told += error.messages
    return BatchResult(success=not told, error_messages=told)
