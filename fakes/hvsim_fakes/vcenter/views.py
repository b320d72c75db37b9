"""Views: lists of objects that a session keeps, chosen by hand or by where they lie."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from hvsim.vcenter.faults import bad_argument
from hvsim_fakes.vcenter import registry
from hvsim_fakes.vcenter.context import Context, local
from hvsim_fakes.vcenter.inventory import inventory_of

if TYPE_CHECKING:
    from hvsim.vcenter.values import Ref
    from hvsim_fakes.vcenter.scope import Scope

_CONTAINERS = ("Folder", "Datacenter", "ComputeResource", "ResourcePool", "HostSystem")


@dataclass(slots=True)
class ContainerView:
    """What lies in a container, whatever it is at the moment."""

    ref: Ref
    container: Ref
    types: tuple[str, ...]
    recursive: bool

    def properties(self, scope: Scope) -> dict[str, Any]:
        """See :class:`~hvsim_fakes.vcenter.scope.Local`."""
        return {
            "container": self.container,
            "type": list(self.types),
            "recursive": self.recursive,
            "view": self.members(scope),
        }

    def members(self, scope: Scope) -> list[Ref]:
        """Return what now lies in the container. Under the world's lock."""
        tree = inventory_of(scope.vcenter.store)
        found = tree.members(self.container, self.types, recursive=self.recursive)
        return found if scope.plain else [ref for ref in found if scope.sees(ref)]


@dataclass(slots=True)
class ListView:
    """Objects chosen one by one; an inventory view has whole levels of the inventory opened."""

    ref: Ref
    refs: dict[Ref, None] = field(default_factory=dict)

    def properties(self, scope: Scope) -> dict[str, Any]:
        """See :class:`~hvsim_fakes.vcenter.scope.Local`."""
        return {"view": [ref for ref in self.refs if scope.find(ref) is not None]}

    def put(self, scope: Scope, refs: list[Ref]) -> list[Ref]:
        """Take objects in; return those that are not there."""
        unresolved = [ref for ref in refs if scope.find(ref) is None]
        gone = set(unresolved)
        self.refs |= {ref: None for ref in refs if ref not in gone}
        return unresolved


@local("ViewManager.CreateContainerView")
def create_container_view(
    context: Context,
    this: Ref,
    container: Ref,
    recursive: bool,
    type: list[str] | None = None,
) -> Ref:
    """Create a view of what lies in a container."""
    found = context.scope.get(container)
    if not any(registry.is_a(found.ref.type, wanted) for wanted in _CONTAINERS):
        raise bad_argument("container")
    types = tuple(type or ())
    for name in types:
        if registry.shape(name) is None:
            raise bad_argument("type")
    ref = context.session.new_ref("ContainerView")
    return context.session.add(ContainerView(ref, found.ref, types, recursive))


@local("ViewManager.CreateListView", "ViewManager.CreateListViewFromView")
def create_list_view(
    context: Context,
    this: Ref,
    obj: list[Ref] | None = None,
    view: Ref | None = None,
) -> Ref:
    """Create a list of objects, or of those in another view."""
    made = ListView(context.session.new_ref("ListView"))
    if view is not None:
        obj = context.scope.get(view).properties["view"]
    made.put(context.scope, obj or [])
    return context.session.add(made)


@local("ViewManager.CreateInventoryView")
def create_inventory_view(context: Context, this: Ref) -> Ref:
    """Create a view of the inventory, at first of its root alone."""
    made = ListView(context.session.new_ref("InventoryView"))
    root: Ref = context.vcenter.store.value("ServiceInstance", "content.rootFolder")
    made.put(context.scope, [root])
    return context.session.add(made)


@local("InventoryView.OpenInventoryViewFolder")
def open_folder(context: Context, this: Ref, entity: list[Ref]) -> list[Ref]:
    """Take in what lies directly in entities; return those that are not there."""
    view = _list(context, this)
    tree = inventory_of(context.vcenter.store)
    unresolved = view.put(context.scope, entity)
    for ref in entity:
        if ref not in unresolved:
            view.put(context.scope, tree.children(ref))
    return unresolved


@local("InventoryView.CloseInventoryViewFolder")
def close_folder(context: Context, this: Ref, entity: list[Ref]) -> list[Ref]:
    """Leave out what lies in entities, at any depth; return those that are not there."""
    view = _list(context, this)
    tree = inventory_of(context.vcenter.store)
    for ref in entity:
        for inner in tree.members(ref, (), recursive=True):
            view.refs.pop(inner, None)
    return [ref for ref in entity if context.scope.find(ref) is None]


@local("ListView.ModifyListView")
def modify_list_view(
    context: Context, this: Ref, add: list[Ref] | None = None, remove: list[Ref] | None = None
) -> list[Ref]:
    """Take objects out and in; return those that are not there."""
    view = _list(context, this)
    for ref in remove or ():
        view.refs.pop(ref, None)
    return view.put(context.scope, add or [])


@local("ListView.ResetListView", "ListView.ResetListViewFromView")
def reset_list_view(
    context: Context, this: Ref, obj: list[Ref] | None = None, view: Ref | None = None
) -> list[Ref] | None:
    """Begin a list anew; return the objects that are not there."""
    found = _list(context, this)
    if view is not None:
        obj = context.scope.get(view).properties["view"]
    found.refs = {}
    unresolved = found.put(context.scope, obj or [])
    return unresolved if view is None else None


@local("View.DestroyView", "ListView.DestroyView", "ContainerView.DestroyView")
@local("InventoryView.DestroyView")
def destroy_view(context: Context, this: Ref) -> None:
    """Let go of a view."""
    context.scope.local(this)
    context.session.views += 1
    del context.session.objects[this.moid]


def _list(context: Context, this: Ref) -> ListView:
    """Return a list that is about to change; who waits looks again."""
    context.session.views += 1
    context.world.log.wake((f"{context.vcenter.path}/session/{context.session.key}",))
    return cast("ListView", context.scope.local(this))
