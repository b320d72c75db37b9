"""``PropertyCollector``: properties of chosen objects, all at once or page by page."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from hvsim.vcenter.faults import bad_argument
from hvsim_fakes.vcenter import paths, rows
from hvsim_fakes.vcenter.context import Context, Written, local
from hvsim_fakes.vcenter.selection import Question, select
from hvsim_fakes.vcenter.views import ContainerView
from hvsim_fakes.vcenter.writer import writer_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim.vcenter.values import Data, Ref
    from hvsim_fakes.vcenter.selection import Plan

_VIEWS: Final = frozenset({"ContainerView", "ManagedObjectView", "View"})


@local("PropertyCollector.RetrieveProperties")
def retrieve(context: Context, this: Ref, specSet: list[Data]) -> Written:
    """Return what is asked about the chosen objects, in one piece."""
    found = _contents(context, specSet)
    return Written(*(b"<returnval>%b</returnval>" % rows.content(row) for row in found))


@local("PropertyCollector.RetrievePropertiesEx")
def retrieve_ex(
    context: Context,
    this: Ref,
    specSet: list[Data],
    options: Data | None = None,
) -> Written:
    """Return what is asked about the chosen objects, in pages of ``options.maxObjects``."""
    most = options["maxObjects"] if options is not None else None
    if most is not None and most <= 0:
        raise bad_argument("options.maxObjects")
    return _page(context, this, _contents(context, specSet), most)


@local("PropertyCollector.ContinueRetrievePropertiesEx")
def continue_retrieving(context: Context, this: Ref, token: str) -> Written:
    """Return the next page."""
    rest, most = _take(context, this, token)
    return _page(context, this, rest, most)


@local("PropertyCollector.CancelRetrievePropertiesEx")
def cancel_retrieving(context: Context, this: Ref, token: str) -> None:
    """Let go of the pages not asked for yet."""
    _take(context, this, token)


@local("ManagedObject.Fetch")
def fetch(context: Context, this: Ref, prop: str) -> Written:
    """Return one property of an object."""
    seen = context.scope.get(this)
    path = paths.path(seen.ref.type, prop)
    needed = rows.privilege_of(seen.ref.type, path.property)
    if needed:
        context.scope.demand(needed, seen.ref)
    value = context.scope.value(seen, path)
    writer = writer_for(context.version)
    return Written(writer.typed("returnval", value, path.field).encode(errors="replace"))


def _contents(context: Context, specs: list[Data]) -> list[bytes]:
    if len(specs) == 1:
        view = _plain_view(context, specs[0])
        if view is not None:
            return _of_view(context, specs[0], view)
    return _of_all(context, specs)


def _plain_view(context: Context, spec: Data) -> list[Ref] | None:
    """Return the objects of a container view if a specification is about just those."""
    starts: list[Data] = spec["objectSet"] or []
    start = starts[0] if len(starts) == 1 else None
    chosen: list[Data] = (start["selectSet"] or []) if start is not None else []
    if start is None or not start["skip"] or len(chosen) != 1:
        return None
    only = chosen[0]
    if only["path"] != "view" or only["type"] not in _VIEWS or only["selectSet"] or only["skip"]:
        return None
    view = context.session.objects.get(start["obj"].moid)
    return view.members(context.scope) if isinstance(view, ContainerView) else None


def _of_view(context: Context, spec: Data, refs: list[Ref]) -> list[bytes]:
    """Return what is asked about a view's objects; most of it was written before."""
    question = Question(spec["propSet"] or [], context.version)
    scope, rows, modified = context.scope, context.rows, context.vcenter.store.modified
    contents: list[bytes] = []
    for plan, group in _by_plan(question, refs):
        kept = rows.kept(scope, plan)
        for ref in group:
            known = kept.get(ref.moid)
            if known is not None and known[0] == modified.get(ref.moid):
                contents.append(known[1])
                continue
            seen = scope.find(ref)
            if seen is not None:
                contents.append(rows.row(scope, seen, plan, context.version))
    return contents


def _by_plan(question: Question, refs: list[Ref]) -> Iterator[tuple[Plan, Iterator[Ref]]]:
    """Give runs of objects of one type with what is asked about them."""
    for type_name, group in groupby(refs, key=attrgetter("type")):
        plan = question.plan(type_name)
        if plan is not None:
            yield plan, group


def _of_all(context: Context, specs: list[Data]) -> list[bytes]:
    contents: list[bytes] = []
    written: set[str] = set()
    for spec in specs:
        question = Question(spec["propSet"] or [], context.version)
        selected = select(context.scope, spec)
        several = len(specs) > 1
        for moid, seen in selected.objects.items():
            plan = question.plan(seen.ref.type)
            if plan is None or (several and moid in written):
                continue
            if several:
                written.add(moid)
            contents.append(context.rows.row(context.scope, seen, plan, context.version))
    return contents


def _page(context: Context, this: Ref, contents: list[bytes], most: int | None) -> Written:
    if not contents:
        return Written()
    token = b""
    if most is not None and len(contents) > most:
        contents, rest = contents[:most], contents[most:]
        key = f"{this.moid}/{most}/{context.session.number()}"
        context.session.pages[key] = rest
        token = f"<token>{key}</token>".encode()
    return Written(b"<returnval>", token, *contents, b"</returnval>")


def _take(context: Context, this: Ref, token: str) -> tuple[list[bytes], int]:
    rest = context.session.pages.pop(token, None)
    owner, _, number = token.rpartition("/")[0].rpartition("/")
    if rest is None or owner != this.moid:
        raise bad_argument("token")
    return rest, int(number)
