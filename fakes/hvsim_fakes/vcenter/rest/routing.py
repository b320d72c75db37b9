"""Which operation a URL is: the paths of ``/api`` and of ``/rest``."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import parse_qsl

from hvsim_fakes.vcenter.rest.operations import Operation, all_operations, load

API, REST = "/api", "/rest"
_CANONICAL: Final = "/com/vmware/"
"""Below ``/rest``, paths made of a service's canonical name."""
ACTIONS: Final = ("action", "~action")
_CONTROLS: Final = frozenset({*ACTIONS, "vmw-task"})
"""Names in a query that are no parameters."""


@dataclass(slots=True)
class _Node:
    """A step of the paths: what follows it, and what ends there by method and action."""

    steps: dict[str, _Node] = field(default_factory=dict)
    variable: _Node | None = None
    prefix: str = ""
    """What stands before the variable's value (``id:``)."""
    ends: dict[tuple[str, str], tuple[Operation, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """The operation that a request is for.

    Attributes:
        variables: parameters that its path gives.
        query: what its query gives, in order, without what chose the operation.
        as_task: whether a task is asked for instead of the operation's end.
    """

    operation: Operation
    variables: dict[str, str]
    query: list[tuple[str, str]]
    as_task: bool
    is_old: bool


@dataclass(frozen=True, slots=True)
class Unroutable:
    """A request that is for no operation; ``methods`` are those of its path, if there are any."""

    methods: tuple[str, ...]


def find(method: str, path: str, query: str) -> Target | Unroutable:
    """Return what a request below ``/api`` or ``/rest`` is for."""
    root = REST if path.startswith(REST) else API
    pairs = parse_qsl(query, keep_blank_values=True)
    action = next((value for name, value in pairs if name in ACTIONS), "")
    node, values = _walk(_tree(root), path.removeprefix(root))
    found = node.ends.get((method, action)) if node is not None else None
    if found is None:
        return Unroutable(tuple(sorted({one for one, _ in node.ends})) if node else ())
    operation, names = found
    return Target(
        operation,
        dict(zip(names, values, strict=True)),
        [pair for pair in pairs if pair[0] not in _CONTROLS],
        ("vmw-task", "true") in pairs,
        root == REST,
    )


def _walk(node: _Node | None, path: str) -> tuple[_Node | None, list[str]]:
    values: list[str] = []
    for step in path.strip("/").split("/"):
        if node is None:
            break
        following = node.steps.get(step)
        if following is None and node.variable is not None and step.startswith(node.prefix):
            values.append(step.removeprefix(node.prefix))
            following = node.variable
        node = following
    return node, values


@cache
def _tree(root: str) -> _Node:
    load()
    tree = _Node()
    for operation in all_operations():
        if operation.route is not None:
            for method, path, action in _addresses(root, operation):
                _plant(tree, method, path, action, operation)
    return tree


def _addresses(root: str, operation: Operation) -> list[tuple[str, str, str]]:
    route = operation.route
    if route is None:
        return []
    if root == API:
        return [(route.method, route.path, route.action)]
    if route.old_path is None:
        return []
    found = [(route.method, route.old_path, route.old_action)]
    if route.old_path.startswith(_CANONICAL):
        found.append(("POST", route.old_path, operation.name.replace("_", "-")))
    return list(dict.fromkeys(found))


def _plant(tree: _Node, method: str, path: str, action: str, operation: Operation) -> None:
    node, names = tree, []
    for step in path.strip("/").split("/"):
        prefix, brace, name = step.partition("{")
        if not brace:
            node = node.steps.setdefault(step, _Node())
            continue
        names.append(name.removesuffix("}"))
        node.prefix = prefix
        node.variable = node.variable or _Node()
        node = node.variable
    if (method, action) in node.ends:
        raise AssertionError(f"{method} {path} {action} is two operations")
    node.ends[method, action] = (operation, tuple(names))
