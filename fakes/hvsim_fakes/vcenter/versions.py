"""What a vCenter serves to a plain GET: the versions of its API, and a front page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim_fakes.server import Response
from hvsim_fakes.vcenter import wsdl
from hvsim_fakes.vcenter.registry import NAMESPACE, version_named
from hvsim_fakes.vcenter.writer import escape

if TYPE_CHECKING:
    from hvsim.vcenter.server import VCenter

_OFFERED: Final = {
    "8.0.3.0": ("8.0.3.0", "8.0.2.0", "8.0.1.0", "8.0.0.0", "7.0", "6.7", "6.5", "6.0", "5.5"),
    "4.1": ("4.1", "4.0", "2.5u2", "2.5"),
}
"""By the newest version of an API, it and those it is compatible with."""


def versions(vcenter: VCenter) -> bytes:
    """Return ``vimServiceVersions.xml``."""
    offered = _OFFERED[vcenter.api_version]
    newest = vcenter.choices.api_version
    prior = [number for number in offered if number != newest]
    older = "".join(f"    <version>{number}</version>\n" for number in prior)
    return (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<namespaces version="1.0">\n <namespace>\n'
        f"  <name>{NAMESPACE}</name>\n  <version>{newest}</version>\n"
        f"  <priorVersions>\n{older}  </priorVersions>\n </namespace>\n</namespaces>\n"
    ).encode()


def page(path: str, vcenter: VCenter) -> Response:
    """Return what a vCenter serves at a path to anybody."""
    if path == "/sdk/vimServiceVersions.xml":
        return Response(200, [("Content-Type", "text/xml")], versions(vcenter))
    if path.startswith("/sdk/"):
        version = str(version_named(vcenter.api_version))
        found = wsdl.document(path.removeprefix("/sdk/"), version)
        if found is not None:
            return Response(200, [("Content-Type", "text/xml")], found)
    if path == "/":
        title = escape(vcenter.store.value("ServiceInstance", "content.about.fullName"))
        body = f"<!DOCTYPE html><html><head><title>{title}</title></head><body></body></html>\n"
        return Response(200, [("Content-Type", "text/html; charset=utf-8")], body.encode())
    return Response(404, [("Content-Type", "text/plain")], b"404 Not Found\n")
