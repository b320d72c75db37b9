"""Which methods of vim25 a vCenter answers, and how: a page for the documentation.

``python -m hvsim_fakes.vcenter.coverage [file]`` writes it.
"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hvsim import modules
from hvsim.vcenter.methods import handled, handler_of
from hvsim_fakes.pages import write
from hvsim_fakes.vcenter import dispatch, registry
from hvsim_fakes.vcenter.context import local_method, local_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.vcenter.registry import Method

DEFAULT_PAGE: Final = Path("docs/coverage/vcenter.md")
NEWEST: Final = "8.0.3.0"
"""The API version the page is about: what came later is no part of it."""


class Status(StrEnum):
    """How a method is answered."""

    SIMULATED = "simulated"
    READ = "answered"
    MISSING = "not implemented"


_MEANING: Final = {
    Status.SIMULATED: "changes or asks the simulated datacentre",
    Status.READ: "answered by the service itself from what there is",
    Status.MISSING: "answers `MethodNotFound`",
}


def methods() -> list[Method]:
    """Return the methods of vim25 as of :data:`NEWEST`, sorted by owner and name."""
    version = registry.version_named(NEWEST) or ""
    found = [one for one in map(registry.method, registry.method_names()) if one is not None]
    shown = [one for one in found if registry.visible(one.since, version)]
    return sorted([*shown, registry.FETCH], key=lambda one: (one.owner, one.name))


def status_of(method: Method) -> Status:
    """Return how a method is answered, for some type of object at least."""
    owners = {name.partition(".")[0] for name in handled() | local_names()}
    types = [method.owner, *sorted(o for o in owners if registry.is_a(o, method.owner))]
    if any(local_method(name, method.name) for name in types):
        return Status.READ
    if any(handler_of(name, method.name) for name in types):
        return Status.SIMULATED
    return Status.MISSING


def page() -> str:
    """Return the whole page."""
    modules.load()
    dispatch.load()
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    listed = [(method, status_of(method)) for method in methods()]
    yield "# What a vCenter answers"
    yield ""
    yield f"Every method of vim25 up to version {NEWEST}, and how it is answered. Written by"
    yield "`python -m hvsim_fakes.vcenter.coverage`; a test holds it to the code."
    yield ""
    yield "| status | methods | meaning |"
    yield "| --- | ---: | --- |"
    for status, meaning in _MEANING.items():
        yield f"| {status} | {sum(s is status for _, s in listed)} | {meaning} |"
    owner = ""
    for method, status in listed:
        if method.owner != owner:
            owner = method.owner
            yield from ("", f"## {owner}", "", "| method | status |", "| --- | --- |")
        yield f"| `{method.name}` | {status} |"


if __name__ == "__main__":
    sys.exit(write(page, DEFAULT_PAGE))
