"""Which operations of the vSphere Automation API a vCenter carries out: a documentation page.

``python -m hvsim_fakes.vcenter.rest.coverage [file]`` writes it.
"""

from __future__ import annotations

import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hvsim_fakes.vcenter.rest.operations import Operation, all_operations, load

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_PAGE: Final = Path("docs/coverage/vcenter-rest.md")
_INTRODUCTION: Final = """\
# What a vCenter answers by REST

Services of the vSphere Automation API. Each operation is reached three ways: under `/api` (as
since 7.0 U2), under `/rest` (since 6.5; values wrapped in `value`), and by JSON-RPC at `/api` with
its canonical name, as the SDKs do. Written by `python -m hvsim_fakes.vcenter.rest.coverage`; a test
holds it to the code. Profile `vsphere-4` has none of it.

What is not listed answers `not_found` over HTTP and `operation_not_found` by JSON-RPC.

- Logins are by user and password; SAML tokens are refused.
- `vmw-task=true` (and `$task` by JSON-RPC) works for `clone` and `relocate`; other operations of
  this API last until what they began has ended.
- Floppy drives, serial and parallel ports, storage policies and backings by existing disks are
  refused with `unsupported` in what a machine or device is made from.
- `com.vmware.vcenter.cluster.modules` is internal to vCenter and no part of the SDK: it is as
  govmomi knows it, and DRS does not heed it.
- Identifiers of messages are the product's where public records show them (authentication, power,
  missing machines, guests, tagging objects that are not found); others follow their pattern.
"""


def known() -> dict[str, list[str]]:
    """Return the operations of the API by service, as of version 9.1."""
    folder = resources.files("hvsim_fakes.vcenter.rest")
    lines = folder.joinpath("known_operations.txt").read_text("utf-8").splitlines()
    found = (line.split() for line in lines if not line.startswith("#"))
    return {service: names for service, *names in found}


def page() -> str:
    """Return the whole page."""
    load()
    return _INTRODUCTION + "\n" + "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    listed, there = known(), all_operations()
    done = {(one.service, one.name) for one in there}
    public = sum(1 for service, name in done if name in listed.get(service, ()))
    total = sum(len(names) for names in listed.values())
    yield f"{public} of {total} operations of version 9.1 are carried out."
    for service in sorted({service for service, _ in done}):
        yield from (
            "",
            f"## {service}",
            "",
            "| operation | `/api` | `/rest` |",
            "| --- | --- | --- |",
        )
        yield from (_line(one) for one in there if one.service == service)
        missing = [name for name in listed.get(service, ()) if (service, name) not in done]
        if missing:
            yield from ("", f"Not implemented: {', '.join(f'`{name}`' for name in missing)}.")
    yield from ("", "## Services that are not there", "")
    for service in sorted(set(listed) - {service for service, _ in done}):
        yield f"- {service}: {', '.join(listed[service])}"


def _line(operation: Operation) -> str:
    route = operation.route
    if route is None:
        return f"| `{operation.name}` | | |"
    action = f"?action={route.action}" if route.action else ""
    new = f"`{route.method} {route.path}{action}`"
    if route.old_path is None:
        return f"| `{operation.name}` | {new} | |"
    sign = "~" if route.old_path.startswith("/com/vmware/") else ""
    action = f"?{sign}action={route.old_action}" if route.old_action else ""
    return f"| `{operation.name}` | {new} | `{route.method} {route.old_path}{action}` |"


def main(arguments: list[str]) -> int:
    """Write the page to the file named, or to its place in the repository."""
    target = Path(arguments[0]) if arguments else DEFAULT_PAGE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
